//! When the machine may be restarted for the air: at most once an hour and six times a day. Pure, and the small file that it rests on.
//!
//! The box may have no clock, and a restart begins its own anew; so it counts the time that it has run, all starts together. That runs
//! slower than the world's, never faster: six restarts in a day of running are six in a day or in longer. What a power cut takes of the
//! count makes the next restart come later, not sooner. While no restart is remembered nothing is counted and nothing written, so a box
//! that is well writes nothing to its flash.
//!
//! A file that cannot be believed counts as six restarts just now; one that cannot be written means no restart: else a box might restart
//! for ever.

use content_store::disk;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
const A_DAY: usize = 6;
/// Between two saves of the count, while a restart is remembered.
const SAVE_EVERY: Duration = Duration::from_secs(1800);
/// In `DATA/air`.
pub(super) const NAME: &str = "reboots.json";
/// No file of ours is larger, bytes.
const LARGEST: u64 = 4096;

/// What is around the wish for a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Around {
    /// How long this start has run.
    pub(super) up: Duration,
    /// Some cell serves all the same.
    pub(super) serves: bool,
    /// Learners are at work: on a cable, or on another cell.
    pub(super) at_work: bool,
    /// The system is on trial: a restart would spend one of its tries.
    pub(super) on_trial: bool,
    /// Another system is being written.
    pub(super) installing: bool,
    /// Nothing outlives a restart, its count neither.
    pub(super) in_memory: bool,
}

/// What keeps a restart of the machine from being asked for, in words that follow "the box restarts for it"; `None`: nothing.
pub(super) fn hindrance(kept: &Reboots, around: &Around) -> Option<String> {
    let wait = kept.wait(around.up);
    if around.in_memory {
        Some("only by hand: it keeps nothing".to_owned())
    } else if around.serves {
        Some("only if the other radio fails too".to_owned())
    } else if around.at_work {
        Some("when nobody is at work".to_owned())
    } else if around.on_trial {
        Some("when the new system is proven".to_owned())
    } else if around.installing {
        Some("when the new system is written".to_owned())
    } else if !wait.is_zero() {
        Some(format!("in {} min", wait.as_secs().div_ceil(60)))
    } else {
        None
    }
}

/// What is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reboots {
    /// Seconds that the box had run, in all its starts, when this was written; it begins with the first restart that is remembered.
    ran_s: u64,
    /// The restarts, each by that count, the earliest first.
    at_s: Vec<u64>,
}

impl Reboots {
    /// Of the file; a missing one is a box that never restarted for its air.
    pub(super) fn load(path: &Path) -> Self {
        let mut bytes = Vec::new();
        match File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Self::default(),
            Err(_) => Self::full(),
            Ok(_) => Self::parse(&bytes).unwrap_or_else(Self::full),
        }
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let read: Self = serde_json::from_slice(bytes).ok()?;
        let sound =
            read.at_s.is_sorted() && read.at_s.last().is_none_or(|last| *last <= read.ran_s);
        sound.then_some(read)
    }

    fn full() -> Self {
        Self {
            ran_s: 0,
            at_s: vec![0; A_DAY],
        }
    }

    /// After this start has run for `up`: what is to be kept, without what is older than a day.
    pub(super) fn at(&self, up: Duration) -> Self {
        let ran_s = self.ran_s.saturating_add(up.as_secs());
        let young = |at: &&u64| ran_s.saturating_sub(**at) < DAY.as_secs();
        let at_s: Vec<u64> = self.at_s.iter().filter(young).copied().collect();
        match at_s.is_empty() {
            true => Self::default(),
            false => Self { ran_s, at_s },
        }
    }

    /// How long it is until a restart is allowed, when this start has run for `up`; zero: now.
    pub(super) fn wait(&self, up: Duration) -> Duration {
        let now = self.at(up);
        let since =
            |at: Option<&u64>| at.map(|at| Duration::from_secs(now.ran_s.saturating_sub(*at)));
        let hour = since(now.at_s.last()).map_or(Duration::ZERO, |ago| HOUR.saturating_sub(ago));
        let sixth = now
            .at_s
            .len()
            .checked_sub(A_DAY)
            .and_then(|place| now.at_s.get(place));
        let day = since(sixth).map_or(Duration::ZERO, |ago| DAY.saturating_sub(ago));
        hour.max(day)
    }

    /// With one restart more, now.
    pub(super) fn with_one(&self, up: Duration) -> Self {
        let mut now = self.at(up);
        now.at_s.push(now.ran_s);
        now
    }

    /// Whether the count is to be saved: `saved_at` is how long this start had run at the last save.
    pub(super) fn is_due(&self, up: Duration, saved_at: Duration) -> bool {
        !self.at_s.is_empty() && up.saturating_sub(saved_at) >= SAVE_EVERY
    }

    /// Keeps it.
    ///
    /// # Errors
    /// The disk: then the machine must not be restarted.
    pub(super) fn save(&self, path: &Path) -> io::Result<()> {
        disk::write_aside(path, &serde_json::to_vec(self).map_err(io::Error::other)?)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn one_an_hour_and_six_a_day_of_running() {
        let mut kept = Reboots::default();
        let mut waits = Vec::new();
        // Each start: ten minutes of trying, then as soon as it is allowed.
        for _ in 0..8 {
            let wait = kept.wait(10 * MINUTE);
            waits.push(wait.as_secs() / 60);
            kept = kept.with_one(10 * MINUTE + wait);
        }
        assert_eq!(waits, [0, 50, 50, 50, 50, 50, 19 * 60 - 10, 50]);
    }

    #[test]
    fn it_outlives_the_restart_and_a_well_box_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        let well = Reboots::load(&path);
        assert!(!well.is_due(100 * HOUR, Duration::ZERO));
        let kept = well.with_one(20 * MINUTE);
        kept.save(&path).unwrap();
        let next = Reboots::load(&path);
        assert_eq!(next, kept);
        assert_eq!(next.wait(MINUTE), 59 * MINUTE);
        assert!(
            next.is_due(30 * MINUTE, Duration::ZERO) && !next.is_due(29 * MINUTE, Duration::ZERO)
        );
        // A day later nothing is left to remember.
        assert_eq!(next.at(24 * HOUR), Reboots::default());
    }

    #[test]
    fn what_cannot_be_believed_restarts_nothing_for_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        for text in [
            "",
            "{",
            "{\"ran_s\":1,\"at_s\":[2]}",
            "{\"ran_s\":9,\"at_s\":[5,2]}",
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(Reboots::load(&path).wait(Duration::ZERO), DAY, "{text:?}");
        }
        let nowhere = Reboots::default().save(&folder.path().join("none").join(NAME));
        assert!(nowhere.is_err());
    }

    /// Each hindrance alone keeps it from being asked for.
    #[test]
    fn one_hindrance_is_enough() {
        let free = Around {
            up: HOUR,
            serves: false,
            at_work: false,
            on_trial: false,
            installing: false,
            in_memory: false,
        };
        let none = Reboots::default();
        assert_eq!(hindrance(&none, &free), None, "the control");
        for around in [
            Around {
                serves: true,
                ..free
            },
            Around {
                at_work: true,
                ..free
            },
            Around {
                on_trial: true,
                ..free
            },
            Around {
                installing: true,
                ..free
            },
            Around {
                in_memory: true,
                ..free
            },
        ] {
            assert!(hindrance(&none, &around).is_some(), "{around:?}");
        }
        let soon = none.with_one(Duration::ZERO);
        assert_eq!(
            hindrance(
                &soon,
                &Around {
                    up: 10 * MINUTE,
                    ..free
                }
            )
            .as_deref(),
            Some("in 50 min")
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        /// However a box is cut and restarted, with what it had saved half an hour before: the bounds hold by a clock that it never sees.
        #[test]
        fn never_more_by_the_worlds_clock(starts in proptest::collection::vec((1_u64..200, any::<bool>(), 0_u64..300), 1..80)) {
            let (mut kept, mut world, mut done): (Reboots, u64, Vec<u64>) = (Reboots::default(), 0, Vec::new());
            for (up_min, wishes, off_min) in starts {
                let up = up_min * 60;
                let at = world + up;
                world = at;
                if wishes && kept.wait(Duration::from_secs(up)) == Duration::ZERO {
                    kept = kept.with_one(Duration::from_secs(up));
                    done.push(at);
                } else {
                    // Cut: what was saved last.
                    let saved = up / SAVE_EVERY.as_secs() * SAVE_EVERY.as_secs();
                    kept = kept.at(Duration::from_secs(saved));
                    world += off_min * 60;
                }
            }
            for pair in done.windows(2) {
                prop_assert!(pair[1] - pair[0] >= HOUR.as_secs());
            }
            for seven in done.windows(A_DAY + 1) {
                prop_assert!(seven[A_DAY] - seven[0] >= DAY.as_secs());
            }
        }
    }
}
