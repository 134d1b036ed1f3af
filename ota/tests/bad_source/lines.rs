//! What people are told, one line for each kind of bad source.

use super::model::bench::{Bench, Came, release, tried};
use super::model::repository::{Depot, Release, Shelf};
use ota::Part;
use std::fmt::Write as _;

/// What was tried, and what it came to.
struct Table(String);

impl Table {
    fn row(&mut self, what: &str, came: &Came) {
        let told = match came {
            Came::Refused(line) => format!("refused: {line}"),
            Came::Gone(line) => format!("gone: {line}"),
            Came::Other(line) => format!("not installed: {line}"),
            Came::Staged | Came::Nothing | Came::Incomplete => format!("{came:?}"),
        };
        writeln!(self.0, "{what}\n    {}", without_hashes(&told)).unwrap();
    }
}

/// Names of files by their hash say nothing to who reads the table.
fn without_hashes(line: &str) -> String {
    let mut plain = String::new();
    let mut digits = String::new();
    for c in line.chars().chain([' ']) {
        if c.is_ascii_hexdigit() {
            digits.push(c);
            continue;
        }
        plain.push_str(if digits.len() == 64 { "HASH" } else { &digits });
        digits.clear();
        plain.push(c);
    }
    plain.trim_end().to_owned()
}

fn file(shelf: &Shelf, end: &str) -> String {
    let mut named = shelf.targets.keys().filter(|name| name.ends_with(end));
    named.next().unwrap().clone()
}

const TARGETS: [&str; 4] = [
    ".bundle.json",
    ".root.crown",
    ".root.blocks",
    ".root.frames",
];
const METADATA: [&str; 3] = ["timestamp.json", "1.snapshot.json", "1.targets.json"];

/// Each file changed in this way.
fn each(bench: &Bench, table: &mut Table, what: &str, change: impl Fn(&mut Vec<u8>)) {
    for name in METADATA {
        let mut shelf = bench.shelf("a stick");
        change(shelf.metadata.get_mut(name).unwrap());
        let came = bench.refused(&bench.card(), &mut shelf);
        table.row(&format!("{name} {what}"), &came);
    }
    for end in TARGETS {
        let mut shelf = bench.shelf("a stick");
        let name = file(&shelf, end);
        change(shelf.targets.get_mut(&name).unwrap());
        let came = bench.refused(&bench.card(), &mut shelf);
        table.row(&format!("{end} {what}"), &came);
    }
}

fn without(bench: &Bench, table: &mut Table) {
    for name in METADATA {
        let mut shelf = bench.shelf("a stick");
        shelf.metadata.remove(name);
        table.row(
            &format!("{name} missing"),
            &bench.refused(&bench.card(), &mut shelf),
        );
    }
    for end in TARGETS {
        let mut shelf = bench.shelf("a stick");
        let name = file(&shelf, end);
        shelf.targets.remove(&name);
        table.row(
            &format!("{end} missing"),
            &bench.refused(&bench.card(), &mut shelf),
        );
    }
}

fn endless(bench: &Bench, table: &mut Table) {
    for name in METADATA {
        let mut shelf = bench.shelf("a stick");
        shelf.endless.insert(name.to_owned());
        table.row(
            &format!("{name} endless"),
            &bench.refused(&bench.card(), &mut shelf),
        );
    }
    for end in TARGETS {
        let mut shelf = bench.shelf("a stick");
        let name = file(&shelf, end);
        let signed = shelf.targets[&name].len() as u64;
        let before = shelf.targets.values().map(Vec::len).sum::<usize>() as u64;
        shelf.endless.insert(name);
        table.row(
            &format!("{end} endless"),
            &bench.refused(&bench.card(), &mut shelf),
        );
        assert!(
            shelf.gave <= before + signed,
            "no more is read than was signed for"
        );
    }
}

fn swapped(bench: &Bench, table: &mut Table) {
    for (one, other) in [(1, 2), (2, 3), (0, 1)] {
        let mut shelf = bench.shelf("a stick");
        let (one, other) = (file(&shelf, TARGETS[one]), file(&shelf, TARGETS[other]));
        let bytes = shelf.targets[&other].clone();
        let before = shelf.targets.insert(one.clone(), bytes).unwrap();
        shelf.targets.insert(other.clone(), before);
        let what = format!("{one} and {other} swapped");
        table.row(
            &without_hashes(&what),
            &bench.refused(&bench.card(), &mut shelf),
        );
    }
}

/// Metadata as they were before the box saw newer ones; and these with what another publisher put out.
fn stale_and_mixed(table: &mut Table) {
    let mut bench = Bench::new();
    let mut old = bench.shelf("a stale mirror");
    bench.depot.publish(&release(3), &[]);
    bench.depot.publish(&release(2), &[]);
    let card = bench.card();
    let mut new = bench.shelf("the depot");
    new.gone_after = Some(0);
    assert!(matches!(tried(&card, &mut new, u64::MAX), Came::Gone(_)));
    table.row(
        "older metadata than were seen",
        &tried(&card, &mut old, u64::MAX),
    );
    bench.untouched(&card);

    let mut strange = Depot::open(1);
    strange.publish(&release(3), &[]);
    let bench = Bench::new();
    let mut shelf = bench.shelf("a mixture");
    shelf.targets = strange.shelf.targets.clone();
    let came = bench.refused(&bench.card(), &mut shelf);
    table.row("the metadata of one publisher, the files of another", &came);
    let mut shelf = bench.shelf("a mixture");
    let timestamp = strange.shelf.metadata["timestamp.json"].clone();
    shelf
        .metadata
        .insert("timestamp.json".to_owned(), timestamp);
    let came = bench.refused(&bench.card(), &mut shelf);
    table.row("another publisher's timestamp", &came);
}

fn thief(table: &mut Table) {
    let mut bench = Bench::new();
    let honest = bench.depot.shelf.clone();
    bench.depot.voices = 1;
    bench.depot.publish(&release(3), &[]);
    let mut shelf = bench.shelf("a thief");
    bench.depot.shelf = honest;
    let came = bench.refused(&bench.card(), &mut shelf);
    table.row("one stolen key of two", &came);
}

/// What the publisher signed, and is no good.
fn signed(table: &mut Table, what: &str, spoil: impl Fn(&mut ota::Bundle)) {
    let mut bench = Bench::new();
    let good = bench.depot.shelf.clone();
    let mut bundle = bench.depot.bundle(&release(2), &[]);
    spoil(&mut bundle);
    let bytes = serde_json::to_vec(&bundle).unwrap();
    bench.depot.offer(&Release::path(2), bytes, None);
    let card = bench.card();
    let came = tried(&card, &mut bench.shelf("a stick"), u64::MAX);
    bench.untouched(&card);
    table.row(what, &came);
    // The next release is good again.
    bench.depot.shelf.targets.extend(good.targets);
    bench.depot.publish(&release(2), &[]);
    let came = tried(&card, &mut bench.shelf("a stick"), u64::MAX);
    assert_eq!(came, Came::Staged);
    bench.staged(&card);
}

fn signed_and_no_good(table: &mut Table) {
    const HUGE: u64 = 1 << 63;
    fn root(bundle: &mut ota::Bundle) -> &mut ota::Payload {
        bundle.parts.get_mut(&Part::Root).unwrap()
    }
    signed(table, "for another board", |b| {
        b.board = "a-toaster".to_owned()
    });
    signed(table, "of a later format", |b| b.format = 2);
    signed(table, "another version than its place", |b| b.version = 7);
    signed(table, "a root of 2^63 bytes", |b| root(b).seal.bytes = HUGE);
    signed(table, "a root of no bytes", |b| root(b).seal.bytes = 0);
    signed(table, "a root larger than the slot", |b| {
        root(b).seal.bytes = 1 << 30;
    });
    signed(table, "a crown of 2^63 bytes", |b| {
        root(b).crown.bytes = HUGE
    });
    signed(table, "an index of 2^63 bytes", |b| {
        root(b).blocks.bytes = HUGE
    });
    signed(table, "frames of 2^63 bytes", |b| {
        root(b).frames.bytes = HUGE
    });
    signed(table, "a salt of 4 kB", |b| {
        root(b).seal.salt = "ab".repeat(4096)
    });
    signed(table, "no root", |b| drop(b.parts.remove(&Part::Root)));
    signed(table, "a hash tree beside it", |b| {
        let tree = root(b).clone();
        b.parts.insert(Part::Tree, tree);
    });
    signed(table, "a file outside the repository", |b| {
        root(b).crown.location = "../../etc/shadow".to_owned();
    });
    signed(table, "a file with a line break in its name", |b| {
        root(b).crown.location = "system/\nall is well".to_owned();
    });
    signed(table, "a patch of 2^63 bytes", |b| {
        let file = ota::FileRef {
            bytes: HUGE,
            ..root(b).frames.clone()
        };
        root(b).patches.push(ota::PatchRef {
            from_version: 1,
            from_bytes: HUGE,
            from_sha256: file.sha256.clone(),
            file,
            chunks: Vec::new(),
        });
    });
}

fn half_way(bench: &Bench, table: &mut Table) {
    for (what, bytes) in [
        ("before anything", 0),
        ("in the bundle", 700),
        ("in the frames", 2200),
    ] {
        let mut shelf = bench.shelf("a stick");
        shelf.gone_after = Some(bytes);
        let came = bench.refused(&bench.card(), &mut shelf);
        assert!(matches!(came, Came::Gone(_)), "{came:?}");
        table.row(&format!("pulled out {what}"), &came);
    }
}

#[test]
fn each_is_refused_in_one_line() {
    let bench = Bench::new();
    let mut table = Table(String::new());
    each(&bench, &mut table, "with a bit flipped", |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 4;
    });
    each(&bench, &mut table, "truncated", |bytes| {
        bytes.truncate(bytes.len() / 2);
    });
    each(&bench, &mut table, "empty", Vec::clear);
    without(&bench, &mut table);
    endless(&bench, &mut table);
    swapped(&bench, &mut table);
    stale_and_mixed(&mut table);
    thief(&mut table);
    signed_and_no_good(&mut table);
    half_way(&bench, &mut table);
    insta::assert_snapshot!(table.0);
}
