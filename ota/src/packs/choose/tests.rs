#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::super::{note_failed, note_taken};
use super::*;
use crate::ledger::{PackRecord, Wanted};

fn release(id: &str, version: u64, percent: u8) -> PackRelease {
    let sha256 = format!("{id}-{version}");
    PackRelease {
        id: id.to_owned(),
        version,
        percent,
        target: Target::for_tests(&format!("packs/{id}/{version}/pack.json"), &sha256),
    }
}

fn school(list: &[&str], installed: &[&str]) -> School {
    School {
        list: list.iter().map(|id| (*id).to_owned()).collect(),
        installed: installed.iter().map(|id| (*id).to_owned()).collect(),
    }
}

fn wanted(id: &str, version: u64) -> Wanted {
    Wanted {
        version,
        name: id.to_owned(),
        bundle: format!("{id}-{version}"),
    }
}

fn has(id: &str, version: u64) -> Ledger {
    let record = PackRecord {
        version,
        failed: None,
    };
    Ledger {
        packs: [(id.to_owned(), record)].into(),
        ..Ledger::default()
    }
}

/// What is taken, and what was given up before it.
fn chosen(offered: &[PackRelease], school: &School, ledger: &Ledger, held: &[&str]) -> String {
    let held = held.iter().map(|hash| (*hash).to_owned()).collect();
    match choose(offered, school, ledger, &held, "00", false) {
        Choice::Take(release) => format!("{} {}", release.id, release.version),
        Choice::Nothing { given_up } => format!("nothing, {} given up", given_up.len()),
    }
}

#[test]
fn a_place_names_one_version_of_one_pack() {
    assert_eq!(named("packs/reading/3/pack.json"), Some(("reading", 3)));
    for other in [
        "packs/reading/03/pack.json",
        "packs/reading/0/pack.json",
        "packs/Reading/3/pack.json",
        "packs//3/pack.json",
        "packs/reading/3/4/pack.json",
        "packs/reading/99999999999999999999/pack.json",
        "system/reading/3/pack.json",
        "packs/reading/3/bundle.json",
    ] {
        assert_eq!(named(other), None, "{other}");
    }
}

#[test]
fn which_pack_is_next() {
    let all = [
        release("reading", 1, 100),
        release("reading", 3, 100),
        release("reading", 4, 0),
        release("maths", 2, 100),
        release("physics", 9, 100),
    ];
    let none = Ledger::default();
    let begun = Ledger {
        pack: Some(wanted("reading", 1)),
        ..Ledger::default()
    };
    let table: [(&str, School, &Ledger, &[&str], &str); 12] = [
        (
            "nobody asked",
            school(&[], &[]),
            &none,
            &[],
            "nothing, 0 given up",
        ),
        (
            "installed, of an unknown version, not the newest",
            school(&[], &["reading"]),
            &none,
            &[],
            "nothing, 0 given up",
        ),
        (
            "the list's order",
            school(&["maths", "reading"], &["reading"]),
            &none,
            &[],
            "maths 2",
        ),
        (
            "the list before the others",
            school(&["reading"], &["maths"]),
            &none,
            &[],
            "reading 3",
        ),
        (
            "installed by hand",
            school(&[], &["maths"]),
            &none,
            &[],
            "maths 2",
        ),
        (
            "without a list by id",
            school(&[], &["physics", "maths"]),
            &none,
            &[],
            "maths 2",
        ),
        (
            "up to date",
            school(&["reading"], &["reading"]),
            &has("reading", 3),
            &[],
            "nothing, 0 given up",
        ),
        (
            "removed by hand and on the list",
            school(&["reading"], &[]),
            &has("reading", 3),
            &[],
            "reading 3",
        ),
        (
            "removed by hand",
            school(&[], &[]),
            &has("reading", 3),
            &[],
            "nothing, 0 given up",
        ),
        (
            "held back: no older one in its place",
            school(&["reading"], &[]),
            &none,
            &["reading-3"],
            "nothing, 0 given up",
        ),
        (
            "what was begun goes first",
            school(&["maths", "reading"], &[]),
            &begun,
            &[],
            "reading 1",
        ),
        (
            "but not where it cannot be had",
            school(&["maths", "reading"], &[]),
            &begun,
            &["reading-1"],
            "maths 2",
        ),
    ];
    for (what, school, ledger, held, expected) in table {
        assert_eq!(chosen(&all, &school, ledger, held), expected, "{what}");
    }
    let brought = choose(
        &all,
        &school(&["reading"], &[]),
        &none,
        &HeldBack::new(),
        "00",
        true,
    );
    assert!(
        matches!(brought, Choice::Take(release) if release.version == 4),
        "a person's"
    );
}

#[test]
fn what_failed_thrice_is_left_alone_until_there_is_another() {
    let all = [release("reading", 3, 100)];
    let school = school(&["reading"], &[]);
    let mut ledger = Ledger {
        pack: Some(wanted("reading", 3)),
        ..Ledger::default()
    };
    assert!(!note_failed(&mut ledger, &wanted("reading", 3)));
    assert!(!note_failed(&mut ledger, &wanted("reading", 3)));
    assert_eq!(
        chosen(&all, &school, &ledger, &[]),
        "reading 3",
        "twice is not thrice"
    );
    assert!(note_failed(&mut ledger, &wanted("reading", 3)));
    assert_eq!(ledger.pack, None);
    assert_eq!(chosen(&all, &school, &ledger, &[]), "nothing, 1 given up");
    let newer = [release("reading", 3, 100), release("reading", 4, 100)];
    assert_eq!(chosen(&newer, &school, &ledger, &[]), "reading 4");
    note_taken(&mut ledger, &wanted("reading", 4), &school);
    assert!(ledger.packs["reading"].failed.is_some(), "of another one");
    note_taken(&mut ledger, &wanted("reading", 3), &school);
    assert_eq!(ledger.packs["reading"].failed, None);
    note_taken(&mut ledger, &wanted("reading", 4), &school);
    assert_eq!(ledger.packs["reading"].version, 4);
}
