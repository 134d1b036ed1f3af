//! The power is cut at every write and every sync of an update, and again while the box recovers; then a model of the boot loader starts what the card
//! holds. What must hold at every start: slot A or B boots, what boots was trusted, versions never go back; and without more cuts the newest release is
//! confirmed in the end.
//!
//! | environment | says |
//! |---|---|
//! | `SCHOOL_BOX_CUT_STATES` | how many states are tried: 5,000, or what is said here |
//! | `SCHOOL_BOX_CUT_SEED` | other draws |
//! | `SCHOOL_BOX_CUT_ONLY` | only the state of this number, as a failure names it |

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and tells its figures"
)]

mod cost;
#[path = "../model/mod.rs"]
mod model;

use model::Draw;
use model::card::{Cut, Fault, Media};
use model::life::{End, every_step, live_on};
use model::repository::Release;
use model::world::World;
use std::thread;

const STATES: u64 = 5_000;
const SEED: u64 = 20_261_123;
/// Of each control: a fault shows within so many states, or the suite sees nothing.
const CONTROL_STATES: u64 = 1_500;

/// A box and the releases that it is to have, and where a cut can find it.
struct Story {
    name: &'static str,
    world: World,
    steps: Vec<Media>,
}

impl Story {
    /// Three releases whose roots have so many blocks: each changes some of the one before it.
    fn new(name: &'static str, blocks: usize, patches: bool) -> Self {
        let mut draw = Draw::new(7);
        let mut root = draw.bytes(blocks * 4096);
        let mut releases = Vec::new();
        for version in 1..=3 {
            let from = 4096 * usize::try_from(version).unwrap();
            root[from..from + 6000].copy_from_slice(&draw.bytes(6000));
            let boot = draw.bytes(5000);
            releases.push(Release::new(version, boot, root.clone()));
        }
        Self::of(name, World::new(releases, patches))
    }

    fn of(name: &'static str, world: World) -> Self {
        let steps = every_step(&world, world.first.clone());
        Self { name, world, steps }
    }

    /// With something wrong with the box.
    fn with(mut self, fault: Fault) -> Self {
        let mut first = self.world.first.clone();
        first.fault = fault;
        self.steps = every_step(&self.world, first);
        self
    }

    /// The state of this number: the first cuts go through all steps and kinds, the others are drawn.
    fn state(&self, seed: u64, number: u64) -> Result<(), String> {
        let mut draw = Draw::new(seed.wrapping_mul(0x1_0000_0001).wrapping_add(number));
        let steps = self.steps.len() as u64;
        let step = number % steps;
        let kind = Cut::ALL[usize::try_from(number / steps % 3).unwrap()];
        let mut media = self.steps[usize::try_from(step).unwrap()].clone();
        media.cut(kind, &mut draw);
        let more = draw.below(4);
        let cuts: Vec<(u64, Cut)> = (0..more)
            .map(|_| {
                // As often soon after the start as later.
                let soon = 2 << draw.below(7);
                let kind = Cut::ALL[usize::try_from(draw.below(3)).unwrap()];
                (1 + draw.below(soon), kind)
            })
            .collect();
        match live_on(media, &self.world, &cuts, &mut draw) {
            Ok(_) => Ok(()),
            Err(End::Cut) => Err("the box is off".to_owned()),
            Err(End::Broken(why)) => Err(format!(
                "{}, state {number} of seed {seed}: {kind:?} at step {step}, then {cuts:?}: {why}\n  \
                 again: SCHOOL_BOX_CUT_SEED={seed} SCHOOL_BOX_CUT_ONLY={number} cargo test -p ota --test power_cuts {}",
                self.name, self.name
            )),
        }
    }

    /// The first state that is broken.
    fn explore(&self, seed: u64, numbers: std::ops::Range<u64>) -> Result<(), String> {
        let hands = thread::available_parallelism().map_or(1, |hands| hands.get() as u64);
        thread::scope(|scope| {
            let workers: Vec<_> = (0..hands)
                .map(|hand| {
                    let numbers = numbers.clone();
                    let mine = numbers.filter(move |number| number % hands == hand);
                    scope.spawn(move || {
                        for number in mine {
                            self.state(seed, number)?;
                        }
                        Ok(())
                    })
                })
                .collect();
            workers
                .into_iter()
                .try_for_each(|worker| worker.join().unwrap())
        })
    }

    /// This share, percent, of the states.
    fn holds(&self, percent: u64) {
        let seed = said("SCHOOL_BOX_CUT_SEED").unwrap_or(SEED);
        if let Some(only) = said("SCHOOL_BOX_CUT_ONLY") {
            self.state(seed, only).unwrap_or_else(|why| panic!("{why}"));
            return;
        }
        let states = said("SCHOOL_BOX_CUT_STATES").unwrap_or(STATES) * percent / 100;
        println!(
            "{}: {states} states over {} writes and syncs, seed {seed}",
            self.name,
            self.steps.len()
        );
        self.explore(seed, 0..states)
            .unwrap_or_else(|why| panic!("{why}"));
    }

    /// The control: with this fault a state is found that is broken, and it is about what boots.
    fn shows(self, fault: Fault) {
        let why = self
            .with(fault)
            .explore(SEED, 0..CONTROL_STATES)
            .expect_err("the suite does not see this fault");
        assert!(
            why.contains("which holds no release that was trusted"),
            "{why}"
        );
        println!("found, as it should be: {why}");
    }
}

fn said(name: &str) -> Option<u64> {
    std::env::var(name)
        .ok()
        .map(|text| text.parse().expect("a number"))
}

#[test]
fn by_frames() {
    Story::new("by_frames", 12, false).holds(50);
}

#[test]
fn by_patches() {
    Story::new("by_patches", 12, true).holds(35);
}

/// A release whose trials all fail is left alone in the end, however the power is cut, and the old one stays.
#[test]
fn a_bad_release() {
    let mut draw = Draw::new(8);
    let mut release = |version| {
        let boot = draw.bytes(5000);
        Release::new(version, boot, draw.bytes(8 * 4096))
    };
    let releases = vec![release(1), release(2)];
    let mut world = World::new(releases, false);
    world.bad = Some(2);
    Story::of("a_bad_release", world).holds(10);
}

#[test]
fn in_two_pieces() {
    Story::new("in_two_pieces", 131, false).holds(5);
}

#[test]
fn without_the_sync_before_the_activation_it_fails() {
    Story::new("control", 12, false).shows(Fault::NoSync);
}

#[test]
fn with_the_activation_before_the_sync_it_fails() {
    Story::new("control", 12, false).shows(Fault::LateSync);
}
