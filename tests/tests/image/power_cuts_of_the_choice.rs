//! No power cut while the boot choice is written leaves a disk that does not boot.
//!
//! Everything that writes the choice does so on a disk that keeps a block log: U-Boot spending tries, the supervisor confirming, `update
//! rollback`, and the shell programs that retire a damaged slot. Every moment of each log is then cut with what was not flushed lost, torn
//! between sectors, or there in another order. Each state must hold the choice before or the choice after, whole, and `boot-select` must pick
//! its slot; some of the states, and a table of stranger ones, are booted under the real U-Boot, which must do the same to the byte.
//!
//! The control is [`careless_writers_are_found_out`]: one that writes over the newest copy, and one that writes both without a flush.

mod loader;
mod medium;
mod strange;

use board_support::boot_control::env_file::EnvFile;
use board_support::boot_control::uboot::{self, SECOND_COPY};
use loader::{Loader, Model};
use medium::{COPY, Copies, Medium, Step, full_copy_of, noise};
use ota::{BootChoice, Slot};
use std::collections::BTreeSet;
use system_tests::disk::{Recording, Seed};
use system_tests::vm::{BOOT, Bench, Card, Inside, Launch, Made, Mark};

/// Of the states of one log that differ, so many are started from.
const STARTED: usize = 240;
/// Of these, one in so many by U-Boot, too.
const BOOTED: usize = 15;

const fn settled(first: Slot, spare: bool) -> BootChoice {
    BootChoice::Settled { first, spare }
}

const fn trial(on: Slot, tries_left: u8) -> BootChoice {
    BootChoice::Trial { on, tries_left }
}

/// What a log came to: how many states were looked at, those that differ, and what was wrong.
#[derive(Default)]
struct Survey {
    states: usize,
    distinct: BTreeSet<Copies>,
    wrong: Vec<String>,
    passed: Vec<BootChoice>,
}

/// Cuts at every moment of `medium`.
fn survey(medium: &Medium, seed: u64) -> Survey {
    let model = Model::new();
    let load = |copies: &Copies| {
        model.hold(copies);
        EnvFile::at(model.path()).load().map(|(_, choice)| choice)
    };
    let mut survey = Survey::default();
    for moment in medium.moments(Seed(seed)) {
        let ends = [load(&moment.before), load(&moment.after)];
        let ends: Vec<BootChoice> = ends.into_iter().flatten().collect();
        for choice in &ends {
            if survey.passed.last() != Some(choice) {
                survey.passed.push(*choice);
            }
        }
        survey.states += moment.states.len();
        for copies in BTreeSet::from_iter(moment.states) {
            match load(&copies) {
                Ok(choice) if ends.contains(&choice) => {}
                Ok(other) => survey.wrong.push(format!("{other:?}, not one of {ends:?}")),
                Err(damage) => survey.wrong.push(damage.to_string()),
            }
            survey.distinct.insert(copies);
        }
    }
    survey
}

impl Survey {
    /// Every state is the choice before or after, and the choices were these.
    fn insist_on(&self, choices: &[BootChoice]) {
        assert!(self.wrong.is_empty(), "{:?}", self.wrong);
        assert_eq!(self.passed, choices);
    }

    /// Each state picks the slot of its choice; `boot-select` and U-Boot agree.
    fn start(&self, made: &Made, name: &str) {
        let (model, mut loader) = (Model::new(), Loader::of(made, name));
        let every = self.distinct.len().div_ceil(STARTED);
        for (number, copies) in self.distinct.iter().step_by(every).enumerate() {
            model.hold(copies);
            let (_, choice) = EnvFile::at(model.path()).load().unwrap();
            let start = model.start(copies);
            assert_eq!(start.slot, choice.boot().0, "{choice:?}");
            if number % BOOTED == 0 {
                assert!(
                    loader.start(copies) == start,
                    "U-Boot does other than {choice:?}"
                );
            }
        }
        eprintln!(
            "{} states, {} of them differ; {:?} of CPU in U-Boot",
            self.states,
            self.distinct.len(),
            loader.cpu
        );
    }
}

/// Writes the choice that these variables mean. The older copy is one that the card has lost, and the newer one is full: each sector of what
/// is written over them counts.
fn choose(card: &Card, text: &[u8]) {
    card.write("boot-env", 0, &noise(Seed(5), COPY));
    card.write("boot-env", SECOND_COPY, &full_copy_of(text));
}

fn medium(card: &Card, recording: &Recording) -> Medium {
    let part = card.part("boot-env");
    Medium::of(recording, part.start, part.len, SECOND_COPY)
}

/// Resets in a row, each early in the kernel of a slot on trial.
#[test]
fn while_u_boot_spends_tries() {
    let Some(made) = Made::found("image::power_cuts_of_the_choice::tries") else {
        return;
    };
    let card = Card::fresh(&made);
    card.fill(Slot::B);
    let resets = "#!/bin/sh\nmount -t proc proc /proc\necho b >/proc/sysrq-trigger\nsleep 60\n";
    card.lay_over(Slot::B, &Inside::nothing().init(resets));
    choose(&card, b"gen=2\0order=B A\0tries=3\0");
    let mut vm = Launch::of(&card, "power-cuts-of-the-choice-tries")
        .logged()
        .boot();
    vm.wait_for_serial(Mark::default(), "school-box: slot A boots", BOOT);
    assert_eq!(vm.serial().count("school-box: slot B boots on trial"), 3);
    eprintln!("{:?} of CPU", vm.cpu_time());
    let survey = survey(&medium(&card, &vm.pull_the_plug()).through(), 1);
    survey.insist_on(&[3, 2, 1, 0].map(|left| trial(Slot::B, left)));
    survey.start(&made, "tries");
}

/// The box confirms its slot, a person goes back to the other, and what the rescue runs goes back once more.
#[test]
fn while_the_running_box_changes_it() {
    let Some(made) = Made::found("image::power_cuts_of_the_choice::running") else {
        return;
    };
    let card = Card::fresh(&made);
    card.fill(Slot::B);
    card.lay_over(Slot::B, &Inside::bench());
    choose(&card, b"gen=2\0order=B A\0tries=3\0");
    let bench = Bench::new();
    let mut vm = Launch::of(&card, "power-cuts-of-the-choice-running")
        .with_bench(&bench)
        .logged()
        .boot();
    let confirmed = settled(Slot::B, true);
    vm.wait("the confirmation", BOOT, |_| {
        // In the middle of a write neither copy may be sound to us.
        let env = card.boot_environment();
        let copies = env.chunks(COPY).filter_map(|copy| uboot::decode(copy).ok());
        let newest = copies.max_by_key(|(generation, _)| *generation);
        (newest.map(|(_, choice)| choice) == Some(confirmed)).then_some(())
    });
    let said = vm.shell("school-box update rollback --data /data --json");
    assert!(said.contains("restart_needed"), "{said}");
    vm.shell("LOADER=uboot; . /usr/libexec/school-box/boot-choice; choice_retire B");
    eprintln!("{:?} of CPU", vm.cpu_time());
    let survey = survey(&medium(&card, &vm.pull_the_plug()), 2);
    survey.insist_on(&[
        trial(Slot::B, 3),
        trial(Slot::B, 2),
        confirmed,
        settled(Slot::A, true),
        settled(Slot::B, false),
    ]);
    survey.start(&made, "running");
}

/// The initramfs finds that its slot is damaged and leaves it for the spare.
#[test]
fn while_the_initramfs_leaves_a_damaged_slot() {
    let Some(made) = Made::found("image::power_cuts_of_the_choice::damaged") else {
        return;
    };
    let card = Card::fresh(&made);
    card.fill(Slot::B);
    choose(&card, b"gen=2\0order=A B\0");
    // The superblock of its file system.
    card.flip("root-a", 1024);
    let mut vm = Launch::of(&card, "power-cuts-of-the-choice-damaged")
        .logged()
        .boot();
    vm.wait_for_serial(Mark::default(), "school-box: slot B boots", BOOT);
    eprintln!("{:?} of CPU", vm.cpu_time());
    let survey = survey(&medium(&card, &vm.pull_the_plug()), 3);
    survey.insist_on(&[settled(Slot::A, true), settled(Slot::B, false)]);
    survey.start(&made, "damaged");
}

/// The control: what a writer must not do is seen.
#[test]
fn careless_writers_are_found_out() {
    let (old, new) = (settled(Slot::A, true), settled(Slot::B, false));
    let copy = |at, generation, choice| Step::Write {
        at,
        bytes: uboot::encode(generation, choice),
        forced: false,
    };
    let base = [
        full_copy_of(b"gen=4\0order=B A\0tries=0\0"),
        full_copy_of(b"gen=5\0order=A B\0"),
    ]
    .concat();
    let written = |steps: &[Step]| Medium {
        base: base.clone(),
        steps: steps.to_vec(),
    };

    let good = survey(&written(&[copy(0, 6, new), Step::Flush]), 4);
    good.insist_on(&[old, new]);
    let in_place = survey(&written(&[copy(COPY, 6, new), Step::Flush]), 4);
    assert!(in_place.wrong.iter().any(|wrong| wrong.contains("Trial")));
    let both = [copy(0, 6, new), copy(COPY, 7, new), Step::Flush];
    let both = survey(&written(&both), 4);
    assert!(both.wrong.iter().any(|wrong| wrong.contains("checksum")));
}
