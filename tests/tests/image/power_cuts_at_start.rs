//! Twenty power cuts in a row, each before the box is well, change nothing: the good slot boots again, no try is spent, the boot choice is
//! the same to the byte, and what learners wrote before is there.
//!
//! Each is a real cut: of what the disk was given since its last flush any part may be lost or torn, and the next start finds what is left.
//! The controls are [`cuts_of_a_trial_spend_its_tries`], the same cuts where tries do count, and a statement that nobody ever sent.

use crate::stored::Stored;
use ota::{BootChoice, Slot};
use std::time::Duration;
use system_tests::disk::{Cut, Keep, Position, Seed, position_in};
use system_tests::vm::{BOOT, Bench, Card, Inside, Launch, Made, Mark, Vm};
use uuid::Uuid;

const CUTS: usize = 20;
/// Said by units of the test's; the last one when the supervisor is ready.
const STAGES: [(&str, &str, &str); 3] = [
    ("data", "Before=school-box-data.service", "stage: data"),
    (
        "supervisor",
        "After=school-box-data.service\nBefore=school-box.service",
        "stage: supervisor",
    ),
    ("ready", "After=school-box.service", READY),
];
const READY: &str = "stage: ready";

/// When the power goes.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// As soon as the serial line says so.
    Said(&'static str),
    /// So many writes and flushes of the disk later.
    Later(&'static str, u64),
}

/// From the boot loader's choice to the last breath before the supervisor is ready. The disk is first written when data are mounted.
const MOMENTS: [Moment; 10] = [
    Moment::Said("school-box: slot A boots"),
    Moment::Said("school-box: slot A runs from"),
    Moment::Said("stage: data"),
    Moment::Later("stage: data", 1),
    Moment::Said("Starting kernel"),
    Moment::Later("stage: data", 4),
    Moment::Said("stage: supervisor"),
    Moment::Later("stage: supervisor", 1),
    Moment::Later("stage: supervisor", 3),
    Moment::Later("stage: supervisor", 6),
];

fn stages() -> Inside {
    STAGES
        .iter()
        .fold(Inside::bench(), |inside, (name, order, says)| {
            let unit = format!(
                "[Unit]\nDefaultDependencies=no\n{order}\n\n[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo {says} >/dev/console'\n"
            );
            inside.unit(&format!("stage-{name}.service"), &unit)
        })
}

/// So many of the last writes and flushes never came to the disk, and of the others this is kept.
type Lost = (u64, Keep);

/// A box whose power is cut again and again.
struct Browned<'a> {
    made: &'a Made,
    card: Card,
    bench: Bench,
    seed: Seed,
    cpu: Duration,
}

impl<'a> Browned<'a> {
    fn of(made: &'a Made, card: Card) -> Self {
        Self {
            made,
            card,
            bench: Bench::new(),
            seed: Seed(4),
            cpu: Duration::ZERO,
        }
    }

    /// Switches the box on, lets it live, and cuts its power.
    fn live(&mut self, name: &str, (late, keep): Lost, life: impl FnOnce(&mut Vm<'_>)) {
        let mut vm = Launch::of(&self.card, name)
            .with_bench(&self.bench)
            .logged()
            .boot();
        life(&mut vm);
        self.cpu += vm.cpu_time();
        let recording = vm.pull_the_plug();
        let at = Position(recording.end().0.saturating_sub(late));
        self.card = Card::left_by(self.made, &recording, Cut { at, keep });
    }

    /// Cuts the power at `moment`. The box was not well yet.
    fn cut(&mut self, name: &str, moment: Moment, lost: Lost) {
        self.live(name, lost, |vm| {
            let (words, more) = match moment {
                Moment::Said(words) => (words, 0),
                Moment::Later(words, more) => (words, more),
            };
            vm.wait_for_serial(Mark::default(), words, BOOT);
            let taken = |vm: &Vm<'_>| position_in(&vm.block_log()).unwrap().0;
            let until = taken(vm) + more;
            vm.wait("the disk to be written", BOOT, |vm| {
                (taken(vm) >= until).then_some(())
            });
            assert_eq!(vm.serial().count(READY), 0, "{moment:?} came too late");
        });
    }

    fn lost(&mut self, number: usize) -> Lost {
        let (late, seed) = (self.seed.below(5), Seed(self.seed.draw()));
        let keep = match number % 4 {
            0 => Keep::Nothing,
            1 => Keep::Torn(seed),
            2 => Keep::Some(seed),
            _ => Keep::Everything,
        };
        (late, keep)
    }
}

#[test]
fn twenty_in_a_row_change_nothing() {
    let Some(made) = Made::found("image::power_cuts_at_start") else {
        return;
    };
    let card = Card::fresh(&made);
    card.fill(Slot::B);
    card.lay_over(Slot::A, &stages());
    card.choose(BootChoice::Settled {
        first: Slot::A,
        spare: true,
    });
    let mut browned = Browned::of(&made, card);
    let mut stored = None;
    browned.live("power-cuts-at-start-0", (0, Keep::Nothing), |vm| {
        stored = Some(Stored::on(vm));
    });
    let stored = stored.unwrap();
    let before = browned.card.boot_environment();
    for number in 0..CUTS {
        let lost = browned.lost(number);
        let moment = MOMENTS[number % MOMENTS.len()];
        let name = format!("power-cuts-at-start-{}", number + 1);
        browned.cut(&name, moment, lost);
        assert!(
            browned.card.boot_environment() == before,
            "cut {number} at {moment:?}, {lost:?}"
        );
    }

    let mut vm = Launch::of(&browned.card, "power-cuts-at-start-end")
        .with_bench(&browned.bench)
        .boot();
    vm.wait_for_page();
    assert_eq!(vm.serial().count("school-box: slot A boots\r\n"), 1);
    let status = vm.status();
    let update = &status["update"];
    assert_eq!(
        (&update["slot"], &update["state"]),
        (&"a".into(), &"idle".into())
    );
    assert!(!status["degraded"].to_string().contains("data"), "{status}");
    assert_eq!(stored.asked(&vm, stored.id), 200);
    assert_eq!(
        stored.asked(&vm, Uuid::from_u128(0x5c_0002)),
        404,
        "the control"
    );
    assert!(browned.card.boot_environment() == before);
    eprintln!("{:?} of CPU", browned.cpu + vm.cpu_time());
}

/// The control: where tries count, the same cuts change the boot choice, and after three of them the other slot boots.
#[test]
fn cuts_of_a_trial_spend_its_tries() {
    let Some(made) = Made::found("image::power_cuts_at_start::control") else {
        return;
    };
    let card = Card::fresh(&made);
    card.choose(BootChoice::Trial {
        on: Slot::B,
        tries_left: 3,
    });
    let mut browned = Browned::of(&made, card);
    for left in [2, 1, 0] {
        let before = browned.card.boot_environment();
        let name = format!("power-cuts-of-a-trial-{left}");
        let boots = Moment::Said("school-box: slot B boots on trial");
        browned.cut(&name, boots, (0, Keep::Everything));
        assert!(browned.card.boot_environment() != before, "a try was spent");
        let on = Slot::B;
        assert_eq!(
            browned.card.choice().1,
            BootChoice::Trial {
                on,
                tries_left: left
            }
        );
    }
    let boots = Moment::Said("school-box: slot A boots");
    browned.cut("power-cuts-of-a-trial-end", boots, (0, Keep::Nothing));
    eprintln!("{:?} of CPU", browned.cpu);
}
