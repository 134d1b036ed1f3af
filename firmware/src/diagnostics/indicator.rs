//! The light panel: a pure function from the state of the box to its lights. What they mean stands in one table, [`crate::panel`], which the
//! tests hold this to for every input.
//!
//! | light | steady | slow | quick | flashes | off |
//! |---|---|---|---|---|---|
//! | battery | green: full service | amber: saving, and hours are sure | red: little is left | | nothing is known of it |
//! | Wi-Fi | on the air | | a self-test has ended | | not on the air, or hidden to save |
//! | lessons | the library can be opened | | a self-test has ended | | it cannot, or hidden to save |
//! | help | the box does not make progress | | the self-test failed | once: something is not as set up; twice: the disk; three times: the battery sensor; four times: the radio | all is well |
//!
//! The battery light follows the power state, and the promise where there is one: red half an hour before the plan's first `off`,
//! whatever the state; amber in a minimal night that the plan carries through. A box that wakes in the warehouse to check itself
//! shows the battery and help lights alone.
//!
//! A box that switches off is dark, but for a help light that has something to say. A self-test that has passed is told only while no help is
//! needed: what it found well says nothing of what has failed since, nor of what it does not try.

use super::button::Hint;
use crate::panel::{Cause, Seen, Sight, State};
use crate::status::Promise;
use board_support::panel::{BatteryColour, Lights, Rhythm};
use power_mgmt::PowerState;

/// What the lights are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shown {
    /// The power state in force.
    pub power: PowerState,
    /// How long lessons are sure to go on.
    pub lasts: Lasts,
    /// The box was woken in the warehouse to look itself over.
    pub storage_check: bool,
    /// The plan lets the whole panel shine, or a person has just pressed the button.
    pub whole_panel: bool,
    /// The access point is on the air.
    pub radio: bool,
    /// There is at least one pack, and it can be opened.
    pub lessons: bool,
    /// What help is needed, the gravest.
    pub trouble: Trouble,
    /// A self-test has just ended. One that failed hides what else the panel would say, but for the battery; one that passed hides no trouble.
    pub tested: Option<Tested>,
    /// What the button says just now; hides all else.
    pub hint: Option<Hint>,
}

/// How long lessons are sure to go on, as far as a light can tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lasts {
    /// Less than half an hour.
    Soon,
    /// Nobody knows, or something between.
    Between,
    /// Three hours or longer.
    Hours,
}

/// About to end, minutes.
const SOON: u64 = 30;
/// Enough for half a school day, minutes.
const HOURS: u64 = 180;

impl Lasts {
    /// Of what is promised. A box that does not know its battery raises no alarm by it.
    #[must_use]
    pub const fn of(promise: Promise) -> Self {
        match promise {
            Promise::Ending | Promise::Sure(0..SOON) => Self::Soon,
            Promise::AllDay | Promise::Sure(HOURS..) | Promise::AtLeast(HOURS..) => Self::Hours,
            Promise::Sure(_) | Promise::AtLeast(_) | Promise::Learning | Promise::Unknown => {
                Self::Between
            }
        }
    }
}

/// What help the box needs; a later one is graver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Trouble {
    /// None.
    None,
    /// Something is not as set up (configuration, a part of the board, a restarted service).
    Degraded,
    /// The box should be on the air, and is not.
    Radio,
    /// The disk is full or missing, or the records or the library cannot be used.
    Storage,
    /// The battery sensor is silent.
    Sensor,
    /// The box does not make progress.
    Failing,
}

/// How a self-test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tested {
    /// Every part is well.
    Passed,
    /// A part is not.
    Failed,
}

/// The lights that tell `shown`.
#[must_use]
pub fn lights(shown: &Shown) -> Lights {
    if let Some(hint) = shown.hint {
        return of_hint(hint);
    }
    if let Some(tested) = told_test(shown) {
        return Lights {
            battery: battery(shown),
            wifi: Rhythm::Quick,
            lessons: Rhythm::Quick,
            help: match tested {
                Tested::Passed => Rhythm::Off,
                Tested::Failed => Rhythm::Quick,
            },
        };
    }
    let whole_panel = shown.whole_panel && !shown.power.is_power_off();
    Lights {
        battery: battery(shown),
        wifi: steady(shown.radio && whole_panel),
        lessons: steady(shown.lessons && whole_panel),
        help: match shown.trouble {
            Trouble::None => Rhythm::Off,
            Trouble::Degraded => Rhythm::Blink(1),
            Trouble::Radio => Rhythm::Blink(4),
            Trouble::Storage => Rhythm::Blink(2),
            Trouble::Sensor => Rhythm::Blink(3),
            Trouble::Failing => Rhythm::Steady,
        },
    }
}

/// The end of a self-test, where the panel tells it.
fn told_test(shown: &Shown) -> Option<Tested> {
    let tested = shown.tested.filter(|_| !shown.power.is_power_off())?;
    (tested == Tested::Failed || shown.trouble == Trouble::None).then_some(tested)
}

fn battery(shown: &Shown) -> Option<(BatteryColour, Rhythm)> {
    if shown.trouble == Trouble::Sensor {
        return None;
    }
    Some(match charge(shown)? {
        Charge::Plenty => (BatteryColour::Green, Rhythm::Steady),
        Charge::Spared => (BatteryColour::Amber, Rhythm::Slow),
        Charge::Little => (BatteryColour::Red, Rhythm::Quick),
    })
}

enum Charge {
    Plenty,
    Spared,
    Little,
}

/// `None` where the box is off.
fn charge(shown: &Shown) -> Option<Charge> {
    Some(match (shown.power, shown.lasts) {
        (PowerState::Off | PowerState::Storage, _) => return None,
        (PowerState::Full | PowerState::Eco | PowerState::Minimal, Lasts::Soon) => Charge::Little,
        // A check is not planned, so nothing is promised of it; it ends by itself.
        (PowerState::Minimal, Lasts::Between) if !shown.storage_check => Charge::Little,
        (PowerState::Eco | PowerState::Minimal, Lasts::Between | Lasts::Hours) => Charge::Spared,
        (PowerState::Full, Lasts::Between | Lasts::Hours) => Charge::Plenty,
    })
}

/// The one cause of what the panel shows, in the table's words; `None` while the button speaks.
#[must_use]
pub fn cause(shown: &Shown) -> Option<Cause> {
    if shown.hint.is_some() {
        return None;
    }
    Some(match (told_test(shown), shown.trouble) {
        (Some(Tested::Passed), _) => Cause::TestPassed,
        (Some(Tested::Failed), _) => Cause::TestFailed,
        (None, Trouble::Degraded) => Cause::Degraded,
        (None, Trouble::Radio) => Cause::Radio,
        (None, Trouble::Storage) => Cause::Disk,
        (None, Trouble::Sensor) => Cause::Sensor,
        (None, Trouble::Failing) => Cause::NoProgress,
        (None, Trouble::None) => calm(shown),
    })
}

/// The cause where no help is needed.
fn calm(shown: &Shown) -> Cause {
    let (radio, lessons) = (
        shown.whole_panel && shown.radio,
        shown.whole_panel && shown.lessons,
    );
    match (charge(shown), shown.power) {
        (None, PowerState::Storage) => Cause::Storage,
        (None, _) => Cause::Off,
        (Some(Charge::Little), _) if shown.lasts == Lasts::Soon => Cause::Soon,
        (Some(Charge::Little), _) => Cause::Minimal,
        (Some(_), _) if radio && !lessons => Cause::NoLessons,
        (Some(_), _) if lessons && !radio => Cause::NetworkSilent,
        (Some(Charge::Plenty), _) if !radio => Cause::NetworkSilent,
        (Some(Charge::Plenty), _) => Cause::Full,
        (Some(Charge::Spared), _) if shown.storage_check => Cause::StorageCheck,
        (Some(Charge::Spared), PowerState::Minimal) => Cause::SureNight,
        (Some(Charge::Spared), _) => Cause::Eco,
    }
}

/// The state that a person reads from `lights`, whatever the colours; `None` where no row of the table has them.
#[must_use]
pub fn read(lights: &Lights) -> Option<State> {
    State::of(sight(lights))
}

/// What is seen of each light.
#[must_use]
pub fn sight(lights: &Lights) -> Sight {
    let battery = lights.battery.map_or(Rhythm::Off, |(_, rhythm)| rhythm);
    [battery, lights.wifi, lights.lessons, lights.help].map(|rhythm| match rhythm {
        Rhythm::Off => Seen::Dark,
        Rhythm::Steady => Seen::Steady,
        Rhythm::Slow => Seen::Slow,
        Rhythm::Quick => Seen::Quick,
        Rhythm::Blink(flashes) => Seen::Flashes(flashes),
    })
}

/// A row of lights that goes out from the right: place tells it, not colour.
fn of_hint(hint: Hint) -> Lights {
    let lit = match hint {
        Hint::Released(lights) | Hint::Countdown(lights) => lights,
        Hint::Refused => {
            return Lights {
                battery: None,
                wifi: Rhythm::Off,
                lessons: Rhythm::Off,
                help: Rhythm::Steady,
            };
        }
    };
    Lights {
        battery: (lit >= 1).then_some((BatteryColour::Amber, Rhythm::Steady)),
        wifi: steady(lit >= 2),
        lessons: steady(lit >= 3),
        help: steady(lit >= 4),
    }
}

fn steady(on: bool) -> Rhythm {
    if on { Rhythm::Steady } else { Rhythm::Off }
}

#[cfg(test)]
mod tests;
