#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use super::carry::{CarryError, carry};
use super::receipts::take_in;
use super::stick::Errand;
use crate::cli::Failure;
use crate::clock::Clock;
use crate::config::{Config, Programme};
use crate::control::{Answer, Line, Request, carry_out};
use crate::outgoing::StickOut;
use crate::sealed::bundle;
use crate::sealed::key::ProgrammeSecret;
use crate::sealed::receipt::Receipt;
use crate::stores::Stores;
use content_store::records::Statement;
use serde_json::json;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A box with three statements, and the programme that it seals to.
struct School {
    folder: TempDir,
    stores: Stores,
    programme: ProgrammeSecret,
}

impl School {
    fn new() -> Self {
        let programme = ProgrammeSecret::draw().unwrap();
        let key = programme.public().unwrap();
        Self::sealing_to(programme, Programme::Own(key))
    }

    fn sealing_to(programme: ProgrammeSecret, sealed_for: Programme) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            programme: sealed_for,
            ..Config::default()
        };
        let stores = Stores::open(&folder.path().join("data"), &config).unwrap();
        let (records, now) = (stores.records(), Clock::of_the_desk().wall());
        let tool = records.make_credential("quiz", now).unwrap();
        let by = records
            .check_credential(&tool.username, &tool.password)
            .unwrap();
        let one = |number: u32| {
            let value = json!({
                "id": format!("00000000-0000-4000-8000-{number:012}"),
                "actor": {"account": {"homePage": "http://school.internal", "name": "Amihan"}},
                "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
                "object": {"id": "http://school.internal/lesson"},
            });
            Statement::from_value(value).unwrap()
        };
        let batch = (1..=3).map(one).collect();
        records.store(batch, &by, now).unwrap();
        Self {
            folder,
            stores,
            programme,
        }
    }

    /// As a box that does not run is asked; but of its state it knows for whom it seals.
    fn ask(&self, request: &Request) -> Result<Answer, Failure> {
        if matches!(request, Request::Status) {
            let mut status = crate::status::sample::sample();
            if *self.stores.programme() == Programme::None {
                status.records.sealed_for = "none".to_owned();
            }
            return Ok(Answer::Status(Box::new(status)));
        }
        carry_out(&self.stores, request, &mut |_: &Line| {}).map_err(Failure::NotDone)
    }

    fn folder(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir_all(&path).unwrap();
        path
    }

    /// The programme's receipt for a bundle: the desk opens it whole before.
    fn receipt(&self, bundle: &Path) -> String {
        let mut input = BufReader::new(File::open(bundle).unwrap());
        let opened = bundle::open(&mut input, &self.programme, &mut |_| Ok(()));
        let (head, contents) = opened.unwrap();
        assert_eq!(contents.statements, 3);
        serde_json::to_string(&Receipt::sign(&head, &contents, &self.programme).unwrap()).unwrap()
    }

    fn in_the_data(&self) -> usize {
        fs::read_dir(self.stores.data().join("out")).map_or(0, Iterator::count)
    }
}

impl Drop for School {
    fn drop(&mut self) {
        self.stores.records().close();
    }
}

fn bundles(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .filter(|path| path.extension().is_some_and(|ending| ending == "sealed"))
        .collect()
}

#[test]
fn two_who_ask_for_a_bundle_at_once_are_given_two_whole_ones() {
    let school = School::new();
    school.ask(&Request::Outgoing).unwrap();
    let sealed = || match school.ask(&Request::Seal { number: 1 }) {
        Ok(Answer::Sealed(path)) => path,
        other => panic!("{other:?}"),
    };
    let (one, other) = (sealed(), sealed());
    assert_ne!(one, other);
    let let_go = |sealed: &Path| {
        school.ask(&Request::LetGo {
            sealed: sealed.to_owned(),
        })
    };
    let_go(&one).unwrap();
    assert!(!one.exists());
    school.receipt(&other);
    let_go(&other).unwrap();
    assert_eq!(school.in_the_data(), 0);
}

#[test]
fn two_who_carry_to_one_folder_do_so_one_after_the_other() {
    let school = School::new();
    let stick = school.folder("stick");
    let held = File::open(&stick).unwrap();
    held.lock().unwrap();
    let refused = carry(&stick, &mut |request| school.ask(request));
    assert!(matches!(refused, Err(CarryError::Busy(_))));
    assert!(bundles(&stick).is_empty());
    drop(held);
    // The control: nobody holds it any more.
    carry(&stick, &mut |request| school.ask(request)).unwrap();
    school.receipt(&bundles(&stick)[0]);
    assert_eq!(school.in_the_data(), 0);
}

#[test]
fn what_the_box_could_not_and_what_another_was_at_is_not_told_of_the_stick() {
    let school = School::new();
    let stick = school.folder("stick");
    // Of a card that fails: what was sealed opens, and cannot be read.
    let sealed = school.folder("unreadable");
    let unreadable = Errand::on(&stick, &mut |request| {
        if matches!(request, Request::Seal { .. }) {
            let sealed = sealed.clone();
            return Ok(Answer::Sealed(sealed));
        }
        school.ask(request)
    });
    let unreadable = unreadable.unwrap();
    assert_eq!(unreadable.told.out, StickOut::BoxFailed);
    let Some(Failure::NotDone(line)) = unreadable.failures.last() else {
        panic!("{:?}", unreadable.failures);
    };
    assert!(
        line.contains("unreadable cannot be read") && line.contains("card"),
        "{line}"
    );
    assert_eq!(fs::read_dir(&stick).unwrap().count(), 0, "nothing half");
    // Its disk is full.
    let unsealed = Errand::on(&stick, &mut |request| {
        if matches!(request, Request::Seal { .. }) {
            return Err(Failure::NotDone("bundle 1 cannot be sealed".to_owned()));
        }
        school.ask(request)
    });
    assert_eq!(unsealed.unwrap().told.out, StickOut::BoxFailed);
    let held = File::open(&stick).unwrap();
    held.lock().unwrap();
    let errand = || Errand::on(&stick, &mut |request| school.ask(request)).unwrap();
    assert_eq!(errand().told.out, StickOut::Busy);
    drop(held);
    // The control: none of it was the stick's fault.
    assert!(matches!(errand().told.out, StickOut::Carried { .. }));
}

#[test]
fn a_bad_receipt_is_told_by_its_name_and_keeps_no_other_out() {
    let school = School::new();
    let stick = school.folder("stick");
    carry(&stick, &mut |request| school.ask(request)).unwrap();
    let good = school.receipt(&bundles(&stick)[0]);
    fs::write(stick.join("0-noise.receipt"), [0xff, 0, 7]).unwrap();
    fs::create_dir(stick.join("1-folder.receipt")).unwrap();
    let forged = good.replace("\"statements\":3", "\"statements\":4");
    fs::write(stick.join("2-forged.receipt"), forged).unwrap();
    fs::write(stick.join("3-good.receipt"), &good).unwrap();
    let taken = take_in(&stick, &mut |request| school.ask(request)).unwrap();
    assert_eq!((taken.taken, taken.refused), (1, 3));
    let Err(Failure::NotDone(line)) = taken.or_refused() else {
        panic!("three were refused");
    };
    for name in ["0-noise.receipt", "1-folder.receipt", "2-forged.receipt"] {
        assert!(line.contains(name), "{name}: {line}");
    }
    assert!(!line.contains("3-good") && !line.contains('\n'), "{line}");
    assert_eq!(school.stores.records().outstanding().unwrap(), 0);
    // Of hundreds a few are named.
    for number in 0..200 {
        fs::write(stick.join(format!("4-{number}.receipt")), "x").unwrap();
    }
    let taken = take_in(&stick, &mut |request| school.ask(request)).unwrap();
    let Err(Failure::NotDone(line)) = taken.or_refused() else {
        panic!("{taken:?}");
    };
    assert!(
        line.ends_with("; and 198 more") && line.len() < 2000,
        "{line}"
    );
}

#[test]
fn a_folder_without_receipts_is_told_to_who_brings_some_and_holds_up_no_stick() {
    let school = School::new();
    let folder = school.folder("folder");
    let take = || take_in(&folder, &mut |request| school.ask(request)).unwrap();
    let Err(Failure::NotDone(line)) = take().or_none(&folder) else {
        panic!("there is none");
    };
    let begins = format!("no receipt of the programme in {}: ", folder.display());
    assert!(line.starts_with(&begins) && !line.contains('\n'), "{line}");
    let errand = Errand::on(&folder, &mut |request| school.ask(request)).unwrap();
    assert!(errand.failures.is_empty(), "{:?}", errand.failures);
    // The controls: one that is taken in, and is known from then on.
    let receipt = school.receipt(&bundles(&folder)[0]);
    fs::write(folder.join("a.receipt"), receipt).unwrap();
    for told in [
        "1 receipt taken in, 0 were known, 0 are for other boxes",
        "0 receipts taken in, 1 was known, 0 are for other boxes",
    ] {
        let taken = take();
        taken.or_none(&folder).unwrap();
        assert_eq!(taken.line(), told);
    }
}

#[test]
fn one_bundle_is_told_as_one() {
    let school = School::new();
    let stick = school.folder("stick");
    let first = || {
        let carried = carry(&stick, &mut |request| school.ask(request));
        carried.unwrap().lines(&stick).remove(0)
    };
    let there = stick.display();
    for when in ["written now", "which lay there before"] {
        let told = format!("3 statements in 1 sealed bundle are in {there}, {when}");
        assert_eq!(first(), told);
    }
    let receipt = school.receipt(&bundles(&stick)[0]);
    fs::write(stick.join("a.receipt"), receipt).unwrap();
    take_in(&stick, &mut |request| school.ask(request)).unwrap();
    let told = "there is nothing to carry: the programme has acknowledged all 3 statements";
    assert_eq!(first(), told);
}

#[test]
fn a_stick_goes_both_ways_and_what_became_of_it_is_told() {
    let school = School::new();
    let stick = school.folder("stick");
    let errand = || Errand::on(&stick, &mut |request| school.ask(request)).unwrap();
    let first = errand();
    let carried = StickOut::Carried {
        statements: 3,
        bundles: 1,
    };
    assert_eq!((first.told.out, first.failures.len()), (carried, 0));
    let receipt = school.receipt(&bundles(&stick)[0]);
    fs::write(stick.join("a.receipt"), "noise").unwrap();
    fs::write(stick.join("b.receipt"), receipt).unwrap();
    let second = errand();
    assert_eq!(second.told.out, StickOut::Nothing);
    assert_eq!((second.told.receipts, second.told.refused), (1, 1));
    assert_eq!(second.failures.len(), 1);

    // Without a key: one line, however many receipts there are.
    let nobody = School::sealing_to(ProgrammeSecret::draw().unwrap(), Programme::None);
    let none = Errand::on(&stick, &mut |request| nobody.ask(request)).unwrap();
    assert_eq!((none.told.out, none.told.refused), (StickOut::NoKey, 0));
    assert_eq!(none.failures.len(), 1);
    assert_eq!(nobody.stores.records().outstanding().unwrap(), 3);

    // Not there any more: pulled out.
    fs::remove_dir_all(&stick).unwrap();
    fs::write(&stick, "no folder").unwrap();
    let other = School::new();
    let gone = Errand::on(&stick, &mut |request| other.ask(request)).unwrap();
    assert_eq!(gone.told.out, StickOut::Failing);
    assert_eq!(other.stores.records().outstanding().unwrap(), 3);
    assert_eq!(other.in_the_data(), 0);
}
