//! Every step on every boot choice: the whole table under snapshot, and random lives of a box against the invariants.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use ota::{BootChoice, BootFlags, MAX_TRIES, Slot, SlotStatus};
use proptest::prelude::*;
use std::fmt::Write as _;

/// Every choice there is, with 0, 1 and 3 tries standing for any number.
fn choices() -> Vec<BootChoice> {
    let mut all = Vec::new();
    for slot in Slot::ALL {
        for spare in [true, false] {
            all.push(BootChoice::Settled { first: slot, spare });
        }
        for tries_left in [0, 1, 3] {
            all.push(BootChoice::Trial {
                on: slot,
                tries_left,
            });
        }
    }
    all
}

fn name(choice: BootChoice) -> String {
    match choice {
        BootChoice::Settled { first, spare: true } => format!("{first}, {} spare", first.other()),
        BootChoice::Settled {
            first,
            spare: false,
        } => format!("{first} alone"),
        BootChoice::Trial { on, tries_left } => format!("{on} on trial, {tries_left} left"),
    }
}

type Step = (
    &'static str,
    fn(&mut BootFlags) -> Result<(), ota::StepError>,
);

const STEPS: [Step; 8] = [
    ("retire A", |f| f.retire(Slot::A)),
    ("retire B", |f| f.retire(Slot::B)),
    ("activate A", |f| f.activate(Slot::A, 3)),
    ("activate B", |f| f.activate(Slot::B, 3)),
    ("activate B, 0 tries", |f| f.activate(Slot::B, 0)),
    ("activate B, 10 tries", |f| {
        f.activate(Slot::B, MAX_TRIES + 1)
    }),
    ("confirm", BootFlags::confirm),
    ("roll back", BootFlags::roll_back),
];

#[test]
fn every_step_on_every_choice() {
    let mut table = String::new();
    for booted in Slot::ALL {
        for choice in choices() {
            let (next, after) = choice.boot();
            writeln!(table, "runs {booted}; {}", name(choice)).unwrap();
            writeln!(
                table,
                "    next boot            {next}, leaves: {}",
                name(after)
            )
            .unwrap();
            for (step, apply) in STEPS {
                let mut flags = BootFlags::new(booted, choice);
                match apply(&mut flags) {
                    Ok(()) => writeln!(table, "    {step:<20} {}", name(flags.choice())).unwrap(),
                    Err(error) => {
                        assert_eq!(flags.choice(), choice, "a refused step changes nothing");
                        writeln!(table, "    {step:<20} refused: {error}").unwrap();
                    }
                }
            }
        }
    }
    insta::assert_snapshot!(table);
}

#[derive(Debug, Clone, Copy)]
enum Event {
    Step(usize),
    /// The power fails and comes back.
    Boot,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![(0..STEPS.len()).prop_map(Event::Step), Just(Event::Boot)]
}

/// Plays `events` on a box and checks the invariants after each; `spend` is the boot loader.
fn live(events: &[Event], spend: fn(BootChoice) -> (Slot, BootChoice)) -> Result<(), String> {
    let mut flags = BootFlags::new(Slot::A, BootChoice::FACTORY);
    let mut boots_on_trial = 0_u8;
    for event in events {
        match event {
            Event::Step(step) => {
                let before = flags.choice();
                if (STEPS[*step].1)(&mut flags).is_ok() && flags.choice() != before {
                    boots_on_trial = 0;
                }
            }
            Event::Boot => {
                let (slot, after) = spend(flags.choice());
                if matches!(flags.status(slot), SlotStatus::Trial { .. }) {
                    boots_on_trial += 1;
                } else if after != flags.choice() {
                    return Err("an ordinary boot wrote the environment".to_owned());
                }
                flags = BootFlags::new(slot, after);
            }
        }
        if flags.status(flags.booted().other()) == SlotStatus::Retired
            && flags.status(flags.booted()) == SlotStatus::Retired
        {
            return Err("nothing can boot".to_owned());
        }
        if flags.status(flags.choice().boot().0) == SlotStatus::Retired {
            return Err("a retired slot boots next".to_owned());
        }
        if boots_on_trial > 3 {
            return Err("more boots on trial than tries were given".to_owned());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_a_good_slot_boots(events in prop::collection::vec(event(), 0..60)) {
        live(&events, BootChoice::boot).map_err(TestCaseError::fail)?;
    }
}

/// The negative control: a loader that forgets to count is caught by the same check.
#[test]
fn a_loader_that_does_not_count_is_caught() {
    let events = [
        Event::Step(3),
        Event::Boot,
        Event::Boot,
        Event::Boot,
        Event::Boot,
    ];
    live(&events, BootChoice::boot).unwrap();
    let broken = live(&events, |choice| (choice.boot().0, choice));
    assert_eq!(
        broken.unwrap_err(),
        "more boots on trial than tries were given"
    );
}

/// The negative control for ordinary boots: a loader that counts them too.
#[test]
fn a_loader_that_counts_ordinary_boots_is_caught() {
    let broken = live(&[Event::Boot], |choice| {
        (
            choice.boot().0,
            BootChoice::Settled {
                first: Slot::A,
                spare: true,
            },
        )
    });
    assert_eq!(
        broken.unwrap_err(),
        "an ordinary boot wrote the environment"
    );
}

#[test]
fn twenty_power_cuts_in_a_row_change_nothing_on_a_settled_box() {
    let mut choice = BootChoice::Settled {
        first: Slot::B,
        spare: true,
    };
    for _ in 0..20 {
        let (slot, after) = choice.boot();
        assert_eq!((slot, after), (Slot::B, choice));
        choice = after;
    }
}

#[test]
fn a_fallen_trial_is_named_only_by_the_slot_that_took_over() {
    let failed = BootChoice::Trial {
        on: Slot::B,
        tries_left: 0,
    };
    assert_eq!(
        BootFlags::new(Slot::A, failed).fell_back_from(),
        Some(Slot::B)
    );
    assert_eq!(
        BootFlags::new(Slot::B, failed).fell_back_from(),
        None,
        "its last try runs still"
    );
    assert!(BootFlags::new(Slot::B, failed).on_trial());
    let under_way = BootChoice::Trial {
        on: Slot::B,
        tries_left: 2,
    };
    assert_eq!(
        BootFlags::new(Slot::A, under_way).fell_back_from(),
        None,
        "not started yet"
    );
}
