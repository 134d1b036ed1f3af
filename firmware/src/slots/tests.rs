#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use board_support::boot_control::sim::SimBootControl;
use tempfile::TempDir;

/// A box's board and data in one folder.
struct Place(TempDir);

impl Place {
    fn new(booted: &str, env: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(place.0.path().join("slots")).unwrap();
        place.write("slots/booted", booted);
        place.write("boot.env", env);
        place
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.path().join(name), text).unwrap();
    }

    fn env(&self) -> String {
        std::fs::read_to_string(self.0.path().join("boot.env")).unwrap()
    }

    fn slots(&self) -> Slots {
        let boot = SimBootControl::open(self.0.path()).unwrap();
        Slots::look(Box::new(boot), self.0.path())
    }

    fn settled(&self) -> Slots {
        let mut slots = self.slots();
        slots.settle().unwrap();
        slots
    }
}

#[test]
fn a_trial_that_gives_up_leaves_word_for_the_slot_that_follows() {
    let place = Place::new("B", "gen=4\norder=B A\ntries=0\n");
    let mut b = place.settled();
    assert_eq!(b.proof(), Some(Proof::Trial));
    b.give_up("no page is served within 600 s");
    assert_eq!(place.env(), "gen=4\norder=B A\ntries=0\n");

    place.write("slots/booted", "A");
    let a = place.settled();
    let told = a.told();
    assert_eq!(told.state, "fell_back");
    assert_eq!(
        told.fell_back.unwrap(),
        "slot B failed its trial: no page is served within 600 s; slot A runs in its place"
    );
    assert_eq!(place.env(), "gen=5\norder=A\ntries=\n");
    // And it is still told after an ordinary restart, which writes nothing.
    assert_eq!(place.settled().told().state, "fell_back");
    assert_eq!(place.env(), "gen=5\norder=A\ntries=\n");
}

#[test]
fn looking_writes_nothing_and_a_lost_record_costs_only_words() {
    let place = Place::new("A", "gen=4\norder=B A\ntries=0\n");
    assert_eq!(place.slots().told().state, "fell_back");
    assert_eq!(place.env(), "gen=4\norder=B A\ntries=0\n");
    place.write("update.json", "{\"gave_up\": 7");
    let told = place.settled().told();
    assert!(
        told.fell_back
            .unwrap()
            .contains("did not start, hung or lost power")
    );
}

#[test]
fn a_confirmed_slot_forgets_old_failures() {
    let place = Place::new("B", "gen=4\norder=B A\ntries=1\n");
    place.write(
        "update.json",
        r#"{"fell_back": {"slot": "b", "why": "as before"}}"#,
    );
    let mut b = place.settled();
    b.confirm("the test").unwrap();
    let told = b.told();
    assert_eq!((told.state.as_str(), told.fell_back), ("idle", None));
    assert_eq!(place.env(), "gen=5\norder=B A\ntries=\n");
    assert!(
        b.confirm("again")
            .unwrap_err()
            .contains("no slot is on trial")
    );
}

#[test]
fn a_rollback_waits_for_the_restart_and_is_no_mistake_meanwhile() {
    let place = Place::new("B", "gen=4\norder=B A\ntries=1\n");
    place.settled().wish(UpdateWish::RollBack).unwrap();
    assert_eq!(place.env(), "gen=5\norder=A\ntries=\n");
    // The process is started again in the slot that was left.
    let b = place.settled();
    assert_eq!(
        (b.told().state.as_str(), b.proof()),
        ("restart_needed", None)
    );
    place.write("slots/booted", "A");
    let a = place.settled();
    assert_eq!(
        (a.told().state.as_str(), a.told().fell_back),
        ("idle", None)
    );
    // The control: without the mark, B would be taken for what the loader chose.
    place.write("slots/booted", "B");
    assert_eq!(place.settled().proof(), Some(Proof::Naming));
}

#[test]
fn a_rollback_without_a_good_slot_is_refused() {
    let place = Place::new("A", "gen=1\norder=A\ntries=\n");
    let refused = place.settled().wish(UpdateWish::RollBack).unwrap_err();
    assert!(refused.contains("slot B holds no good system"), "{refused}");
    assert_eq!(place.env(), "gen=1\norder=A\ntries=\n");
}

#[test]
fn a_damaged_choice_is_written_only_for_a_slot_that_is_well() {
    let place = Place::new("A", "gen=1\norder=Z\n");
    let mut a = place.settled();
    assert_eq!(a.told().state, "unproven");
    assert!(a.told().problem.unwrap().contains("damaged"));
    assert_eq!(place.env(), "gen=1\norder=Z\n");
    a.name_the_running_slot().unwrap();
    assert_eq!(a.told().state, "idle");
    assert_eq!(place.env(), "gen=1\norder=A\ntries=\n");
}

/// Every state in words.
#[test]
fn what_people_are_told() {
    let mut table = String::new();
    for booted in ["A", "B"] {
        for (order, tries) in [
            ("A", ""),
            ("A B", ""),
            ("B", ""),
            ("B A", "2"),
            ("B A", "0"),
            ("Z", ""),
        ] {
            let place = Place::new(booted, &format!("gen=1\norder={order}\ntries={tries}\n"));
            table.push_str(&format!(
                "{booted} runs, order `{order}`, tries `{tries}`\n"
            ));
            for line in words(&place.settled().told()) {
                table.push_str(&format!("    {line}\n"));
            }
        }
    }
    insta::assert_snapshot!(table);
}

/// A loader that counts nothing, as the Raspberry Pi's.
struct Asking(SimBootControl);

impl BootControl for Asking {
    fn booted(&self) -> Slot {
        self.0.booted()
    }

    fn load(&self) -> Result<BootFlags, BootError> {
        self.0.load()
    }

    fn commit(&mut self, flags: &BootFlags) -> Result<(), BootError> {
        self.0.commit(flags)
    }

    fn asks_for_trials(&self) -> bool {
        true
    }
}

#[test]
fn only_a_good_slot_under_a_loader_that_counts_nothing_owes_a_trial() {
    for (booted, tries, owed) in [("A", "2", true), ("A", "0", false), ("B", "2", false)] {
        let place = Place::new(booted, &format!("gen=1\norder=B A\ntries={tries}\n"));
        let boot = SimBootControl::open(place.0.path()).unwrap();
        let asking = Slots::look(Box::new(Asking(boot)), place.0.path());
        assert_eq!(asking.owes_a_trial(), owed, "{booted} {tries}");
        // The control: a loader that reads the choice by itself is not asked.
        assert!(!place.slots().owes_a_trial());
    }
}
