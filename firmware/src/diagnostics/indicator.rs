//! The light panel: a pure function from the state of the box to its lights.
//!
//! | light | steady | off |
//! |---|---|---|
//! | battery | green: full service; amber: saving, and hours are sure; red: little is left | nothing is known of it |
//! | Wi-Fi | on the air | not on the air, or hidden to save |
//! | lessons | the library can be opened | it cannot, or hidden to save |
//! | help | the box does not make progress | all is well |
//!
//! The battery light follows the power state, and the promise where there is one: red half an hour before the plan's first `off`,
//! whatever the state; amber in a minimal night that the plan carries through. A box that wakes in the warehouse to check itself
//! shows the battery and help lights alone.
//!
//! The help light alone blinks: once, something is not as set up; twice, the disk; three times, the battery sensor.
//! A box that switches off is dark, but for a help light that has something to say.

use super::button::Hint;
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
    /// The plan lets the whole panel shine, or a person has just pressed the button.
    pub whole_panel: bool,
    /// The access point is on the air.
    pub radio: bool,
    /// There is at least one pack, and it can be opened.
    pub lessons: bool,
    /// What help is needed, the gravest.
    pub trouble: Trouble,
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
    /// The disk is full or missing, or the records or the library cannot be used.
    Storage,
    /// The battery sensor is silent.
    Sensor,
    /// The box does not make progress.
    Failing,
}

/// The lights that tell `shown`.
#[must_use]
pub fn lights(shown: &Shown) -> Lights {
    if let Some(hint) = shown.hint {
        return of_hint(hint);
    }
    let whole_panel = shown.whole_panel && !shown.power.is_power_off();
    Lights {
        battery: battery(shown),
        wifi: steady(shown.radio && whole_panel),
        lessons: steady(shown.lessons && whole_panel),
        help: match shown.trouble {
            Trouble::None => Rhythm::Off,
            Trouble::Degraded => Rhythm::Blink(1),
            Trouble::Storage => Rhythm::Blink(2),
            Trouble::Sensor => Rhythm::Blink(3),
            Trouble::Failing => Rhythm::Steady,
        },
    }
}

fn battery(shown: &Shown) -> Option<(BatteryColour, Rhythm)> {
    if shown.trouble == Trouble::Sensor {
        return None;
    }
    let colour = match (shown.power, shown.lasts) {
        (PowerState::Off | PowerState::Storage, _) => return None,
        (PowerState::Full | PowerState::Eco | PowerState::Minimal, Lasts::Soon)
        | (PowerState::Minimal, Lasts::Between) => BatteryColour::Red,
        (PowerState::Eco, Lasts::Between | Lasts::Hours) | (PowerState::Minimal, Lasts::Hours) => {
            BatteryColour::Amber
        }
        (PowerState::Full, Lasts::Between | Lasts::Hours) => BatteryColour::Green,
    };
    Some((colour, Rhythm::Steady))
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
mod tests {
    use super::*;

    #[test]
    fn a_promise_becomes_a_light() {
        let told = |promise| Lasts::of(promise);
        assert_eq!(told(Promise::Ending), Lasts::Soon);
        assert_eq!(told(Promise::Sure(29)), Lasts::Soon);
        assert_eq!(told(Promise::Sure(30)), Lasts::Between);
        assert_eq!(told(Promise::Sure(180)), Lasts::Hours);
        assert_eq!(told(Promise::AtLeast(20)), Lasts::Between);
        assert_eq!(told(Promise::AtLeast(200)), Lasts::Hours);
        assert_eq!(told(Promise::AllDay), Lasts::Hours);
        assert_eq!(told(Promise::Learning), Lasts::Between);
        assert_eq!(told(Promise::Unknown), Lasts::Between);
    }

    /// Every power state with every trouble, every outlook, and every hint.
    #[test]
    fn the_whole_table() {
        let mut table = String::new();
        let calm = Shown {
            power: PowerState::Full,
            lasts: Lasts::Between,
            whole_panel: true,
            radio: true,
            lessons: true,
            trouble: Trouble::None,
            hint: None,
        };
        for power in PowerState::ALL {
            for trouble in [
                Trouble::None,
                Trouble::Degraded,
                Trouble::Storage,
                Trouble::Sensor,
                Trouble::Failing,
            ] {
                let shown = Shown {
                    power,
                    trouble,
                    ..calm
                };
                table.push_str(&format!("{power} {trouble:?} -> {}\n", lights(&shown)));
            }
        }
        for power in PowerState::ALL {
            for lasts in [Lasts::Soon, Lasts::Between, Lasts::Hours] {
                let told = lights(&Shown {
                    power,
                    lasts,
                    ..calm
                });
                table.push_str(&format!("{power}, lasts {lasts:?} -> {told}\n"));
            }
        }
        for whole_panel in [true, false] {
            for (radio, lessons) in [(false, true), (true, false)] {
                let shown = Shown {
                    whole_panel,
                    radio,
                    lessons,
                    ..calm
                };
                let told = lights(&shown);
                table.push_str(&format!(
                    "whole panel {whole_panel}, radio {radio}, lessons {lessons} -> {told}\n"
                ));
            }
        }
        for hint in (0..=4)
            .map(Hint::Countdown)
            .chain((1..=3).map(Hint::Released))
            .chain([Hint::Refused])
        {
            table.push_str(&format!(
                "{hint:?} -> {}\n",
                lights(&Shown {
                    hint: Some(hint),
                    ..calm
                })
            ));
        }
        insta::assert_snapshot!(table);
    }
}
