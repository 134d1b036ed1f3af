//! The four lights in a row: battery, Wi-Fi, lessons, help.

use crate::BoardError;
use crate::loads::set;
use embedded_hal::digital::OutputPin;
use std::convert::Infallible;
use std::fmt;
use std::time::Duration;

/// How long one flash is lit, and how long it is dark before the next.
pub const FLASH: Duration = Duration::from_millis(200);
/// The dark between two groups of flashes, after the last flash's own: long enough that a person can count the group.
pub const PAUSE: Duration = Duration::from_millis(1000);
/// More flashes than this nobody counts; a longer group is shown as this many.
pub const MAX_FLASHES: u8 = 4;
/// How long a slow light is lit, and how long it is dark before it is lit again: nobody takes it for a flash, and a dark of half a second
/// is seen in sunlight.
pub const SLOW: (Duration, Duration) = (Duration::from_millis(1500), Duration::from_millis(500));

/// The colours of the battery light.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BatteryColour {
    /// Enough for the day.
    Green,
    /// Sparing.
    Amber,
    /// Nearly empty.
    Red,
}

/// How a light is lit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rhythm {
    /// Dark.
    #[default]
    Off,
    /// Lit without a break.
    Steady,
    /// Lit for long, dark for a moment, and again ([`SLOW`]).
    Slow,
    /// Flashes without a pause ([`FLASH`] lit, [`FLASH`] dark): 2.5 a second, below the three a second that can bring on a seizure (WCAG 2.3.1).
    Quick,
    /// So many short flashes, then a pause; 1..=4.
    Blink(u8),
}

impl Rhythm {
    /// Lit at `phase` after it was first shown: [`FLASH`] lit, [`FLASH`] dark, so many times, then [`PAUSE`], and again.
    #[must_use]
    pub fn is_lit(self, phase: Duration) -> bool {
        match self {
            Self::Off => false,
            Self::Steady => true,
            Self::Slow => phase.as_millis() % (SLOW.0 + SLOW.1).as_millis() < SLOW.0.as_millis(),
            Self::Quick => (phase.as_millis() / FLASH.as_millis()).is_multiple_of(2),
            Self::Blink(flashes) => {
                let group = u32::from(flashes.clamp(1, MAX_FLASHES)) * 2 * FLASH;
                let into = phase.as_millis() % (group + PAUSE).as_millis();
                into < group.as_millis() && (into / FLASH.as_millis()).is_multiple_of(2)
            }
        }
    }

    const fn blinks(self) -> bool {
        match self {
            Self::Off | Self::Steady => false,
            Self::Slow | Self::Quick | Self::Blink(_) => true,
        }
    }
}

impl fmt::Display for Rhythm {
    /// `off`, `on`, `slow`, `quick`, `blink2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Steady => f.write_str("on"),
            Self::Slow => f.write_str("slow"),
            Self::Quick => f.write_str("quick"),
            Self::Blink(flashes) => write!(f, "blink{}", (*flashes).clamp(1, MAX_FLASHES)),
        }
    }
}

/// The whole panel at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Lights {
    /// Colour and rhythm; `None` is dark.
    pub battery: Option<(BatteryColour, Rhythm)>,
    /// Blue.
    pub wifi: Rhythm,
    /// White.
    pub lessons: Rhythm,
    /// Red.
    pub help: Rhythm,
}

impl Lights {
    /// Everything dark.
    pub const DARK: Self = Self {
        battery: None,
        wifi: Rhythm::Off,
        lessons: Rhythm::Off,
        help: Rhythm::Off,
    };

    /// Something changes with the phase, so that [`LightPanel::show`] has to be called again.
    #[must_use]
    pub fn blinks(&self) -> bool {
        self.battery.is_some_and(|(_, rhythm)| rhythm.blinks())
            || [self.wifi, self.lessons, self.help]
                .into_iter()
                .any(Rhythm::blinks)
    }
}

impl fmt::Display for Lights {
    /// One line, e.g. `battery=green wifi=off lessons=on help=blink2`; the battery light with its rhythm where it is not steady, as in
    /// `battery=red:quick`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.battery {
            None | Some((_, Rhythm::Off)) => f.write_str("battery=off")?,
            Some((colour, rhythm)) => {
                f.write_str(match colour {
                    BatteryColour::Green => "battery=green",
                    BatteryColour::Amber => "battery=amber",
                    BatteryColour::Red => "battery=red",
                })?;
                if rhythm.blinks() {
                    write!(f, ":{rhythm}")?;
                }
            }
        }
        write!(
            f,
            " wifi={} lessons={} help={}",
            self.wifi, self.lessons, self.help
        )
    }
}

/// Which line is lit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct LineLevels {
    /// The battery light's red.
    pub battery_red: bool,
    /// The battery light's amber.
    pub battery_amber: bool,
    /// The battery light's green.
    pub battery_green: bool,
    /// Blue.
    pub wifi: bool,
    /// White.
    pub lessons: bool,
    /// Red.
    pub help: bool,
}

/// The lines at `phase` after `lights` were first shown. At most one of the battery light's three is lit.
#[must_use]
pub fn lines_at(lights: &Lights, phase: Duration) -> LineLevels {
    let battery = lights
        .battery
        .filter(|(_, rhythm)| rhythm.is_lit(phase))
        .map(|(colour, _)| colour);
    LineLevels {
        battery_red: battery == Some(BatteryColour::Red),
        battery_amber: battery == Some(BatteryColour::Amber),
        battery_green: battery == Some(BatteryColour::Green),
        wifi: lights.wifi.is_lit(phase),
        lessons: lights.lessons.is_lit(phase),
        help: lights.help.is_lit(phase),
    }
}

/// Something that shows the lights.
pub trait LightPanel: Send {
    /// Shows `lights`; `phase` is the time since they were first shown, so that a blink goes on evenly. Call again every 100 ms while
    /// anything blinks ([`Lights::blinks`]).
    ///
    /// # Errors
    /// [`BoardError::Write`], on the simulated board only.
    fn show(&mut self, lights: &Lights, phase: Duration) -> Result<(), BoardError>;
}

/// A light on each of six lines, high when lit: battery red, amber, green, Wi-Fi, lessons, help.
pub(crate) struct LinePanel<P> {
    lines: [P; 6],
    lit: Option<LineLevels>,
}

impl<P> LinePanel<P> {
    pub(crate) const fn new(lines: [P; 6]) -> Self {
        Self { lines, lit: None }
    }
}

impl<P: OutputPin<Error = Infallible> + Send> LightPanel for LinePanel<P> {
    fn show(&mut self, lights: &Lights, phase: Duration) -> Result<(), BoardError> {
        let levels = lines_at(lights, phase);
        if self.lit == Some(levels) {
            return Ok(());
        }
        let LineLevels {
            battery_red,
            battery_amber,
            battery_green,
            wifi,
            lessons,
            help,
        } = levels;
        for (line, on) in self.lines.iter_mut().zip([
            battery_red,
            battery_amber,
            battery_green,
            wifi,
            lessons,
            help,
        ]) {
            set(line, on);
        }
        self.lit = Some(levels);
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use crate::button::{Button as _, LineButton};
    use crate::recording::Pin;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// Two rounds of a rhythm, a character each 100 ms.
    fn strip(rhythm: Rhythm) -> String {
        (0..40)
            .map(|tick| {
                if rhythm.is_lit(ms(tick * 100)) {
                    '#'
                } else {
                    '.'
                }
            })
            .collect()
    }

    const ALL: [Rhythm; 8] = [
        Rhythm::Off,
        Rhythm::Steady,
        Rhythm::Slow,
        Rhythm::Quick,
        Rhythm::Blink(1),
        Rhythm::Blink(2),
        Rhythm::Blink(3),
        Rhythm::Blink(4),
    ];

    #[test]
    fn every_rhythm_as_a_strip() {
        let told = |rhythm: Rhythm| format!("{:<7}{}", rhythm.to_string(), strip(rhythm));
        let strips: Vec<String> = ALL.into_iter().map(told).collect();
        insta::assert_snapshot!(strips.join("\n"));
    }

    #[test]
    fn a_group_too_long_or_empty_is_shown_as_one_that_can_be_counted() {
        assert_eq!(strip(Rhythm::Blink(200)), strip(Rhythm::Blink(4)));
        assert_eq!(strip(Rhythm::Blink(0)), strip(Rhythm::Blink(1)));
        assert_eq!(Rhythm::Blink(0).to_string(), "blink1");
        assert!(
            !Rhythm::Blink(4).is_lit(Duration::MAX - Duration::from_secs(1))
                || Rhythm::Steady.is_lit(Duration::MAX)
        );
    }

    #[test]
    fn the_line_of_the_panel() {
        use BatteryColour::{Amber, Green, Red};
        let table = [
            (Lights::DARK, "battery=off wifi=off lessons=off help=off"),
            (
                Lights {
                    battery: Some((Green, Rhythm::Steady)),
                    wifi: Rhythm::Steady,
                    lessons: Rhythm::Blink(1),
                    help: Rhythm::Off,
                },
                "battery=green wifi=on lessons=blink1 help=off",
            ),
            (
                Lights {
                    battery: Some((Red, Rhythm::Blink(2))),
                    help: Rhythm::Blink(3),
                    ..Lights::DARK
                },
                "battery=red:blink2 wifi=off lessons=off help=blink3",
            ),
            (
                Lights {
                    battery: Some((Amber, Rhythm::Off)),
                    ..Lights::DARK
                },
                "battery=off wifi=off lessons=off help=off",
            ),
            (
                Lights {
                    battery: Some((Amber, Rhythm::Slow)),
                    wifi: Rhythm::Quick,
                    ..Lights::DARK
                },
                "battery=amber:slow wifi=quick lessons=off help=off",
            ),
        ];
        for (lights, line) in table {
            assert_eq!(lights.to_string(), line);
        }
    }

    /// Whoever looks at a light for four seconds, from any moment on, can tell its rhythm from every other: no colour and no count of flashes in a
    /// light that never pauses is needed.
    #[test]
    fn four_seconds_tell_every_rhythm_apart() {
        let seen = |rhythm: Rhythm, from: u64| -> Vec<bool> {
            let at = |tick| rhythm.is_lit(ms((from + tick) * 100));
            (0..40).map(at).collect()
        };
        for one in ALL {
            for other in ALL.into_iter().filter(|other| *other != one) {
                for from in 0..26 {
                    assert!(
                        (0..26).all(|phase| seen(one, from) != seen(other, phase)),
                        "{one} and {other}"
                    );
                }
            }
        }
    }

    #[test]
    fn one_colour_of_the_battery_light_at_a_time() {
        for colour in [
            BatteryColour::Green,
            BatteryColour::Amber,
            BatteryColour::Red,
        ] {
            let lights = Lights {
                battery: Some((colour, Rhythm::Blink(2))),
                ..Lights::DARK
            };
            let lit = lines_at(&lights, ms(0));
            let expected = (
                colour == BatteryColour::Red,
                colour == BatteryColour::Amber,
                colour == BatteryColour::Green,
            );
            assert_eq!(
                (lit.battery_red, lit.battery_amber, lit.battery_green),
                expected
            );
            assert_eq!(lines_at(&lights, ms(200)), LineLevels::default());
        }
    }

    #[test]
    fn lines_are_written_only_when_a_level_changes() {
        let mut panel = LinePanel::new(std::array::from_fn::<Pin, 6, _>(|_| Pin::default()));
        let lights = Lights {
            help: Rhythm::Blink(1),
            ..Lights::DARK
        };
        for tick in 0..14 {
            panel.show(&lights, ms(tick * 100)).unwrap();
        }
        assert_eq!(panel.lines[5].writes, 2, "on at 0, off at 200 ms");
        panel.show(&lights, ms(1400)).unwrap();
        assert!(panel.lines[5].is_high(), "the next round");
        assert!(panel.lines[..5].iter().all(|pin| !pin.is_high()));
    }

    #[test]
    fn the_button_is_pressed_when_its_line_is_low() {
        assert!(
            LineButton(Pin {
                high: false,
                writes: 0
            })
            .is_pressed()
            .unwrap()
        );
        assert!(
            !LineButton(Pin {
                high: true,
                writes: 0
            })
            .is_pressed()
            .unwrap()
        );
    }
}
