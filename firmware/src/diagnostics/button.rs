//! The button table: the only place that gives a press a meaning.
//!
//! | held for | and let go | then |
//! |---|---|---|
//! | under 1 s | the whole panel shines for half a minute; a network that is silent for the night wakes for an hour | |
//! | 1 to 3 s | nothing: too long for a tap, too short for a wish | |
//! | 3 to 8 s | the box switches off | |
//! | 8 to 15 s | storage is armed: four lights count down | a tap while they do: storage |
//! | 15 to 30 s | erasing is armed: four lights count down | a press of 3 to 8 s while they do: everyone is forgotten |
//! | over 30 s | nothing: something leans on the button | |
//!
//! While it is held, the lights tell what letting go would do: one for off, two for storage, three for erasing.
//! Storage is refused while learners are at work. A second press of any other length disarms.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

/// How long a press was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Length {
    /// Under 1 s.
    Tap,
    /// 1 to 3 s.
    Undecided,
    /// 3 to 8 s.
    Held,
    /// 8 to 15 s.
    Long,
    /// 15 to 30 s.
    VeryLong,
    /// Over 30 s.
    Stuck,
}

impl Length {
    /// Of every length.
    pub const ALL: [Self; 6] = [
        Self::Tap,
        Self::Undecided,
        Self::Held,
        Self::Long,
        Self::VeryLong,
        Self::Stuck,
    ];

    /// Of a press of `held`.
    #[must_use]
    pub fn of(held: Duration) -> Self {
        match held.as_millis() {
            0..1_000 => Self::Tap,
            1_000..3_000 => Self::Undecided,
            3_000..8_000 => Self::Held,
            8_000..15_000 => Self::Long,
            15_000..30_000 => Self::VeryLong,
            _ => Self::Stuck,
        }
    }
}

/// What waits for its second press.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Armed {
    /// Warehouse storage.
    Storage,
    /// Forgetting everyone.
    Erase,
}

/// What a press means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// Nothing (and whatever was armed is disarmed).
    Nothing,
    /// Somebody is there: the whole panel shines for a while, and the network wakes.
    Attention,
    /// Switch off.
    SwitchOff,
    /// Count down, and wait for the second press.
    Arm(Armed),
    /// The second press came: do it.
    Confirm(Armed),
    /// Storage was asked for while learners are at work.
    Refuse,
}

impl fmt::Display for Meaning {
    /// As in events, in words that are kept: a press that armed the erasing is another than the one that confirmed it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Nothing => "nothing",
            Self::Attention => "attention",
            Self::SwitchOff => "switch_off",
            Self::Arm(Armed::Storage) => "arm_storage",
            Self::Arm(Armed::Erase) => "arm_erase",
            Self::Confirm(Armed::Storage) => "confirm_storage",
            Self::Confirm(Armed::Erase) => "confirm_erase",
            Self::Refuse => "refuse",
        })
    }
}

/// The table: what is armed × length of the press × learners at work.
#[must_use]
pub fn meaning(armed: Option<Armed>, length: Length, learners_at_work: bool) -> Meaning {
    match (armed, length) {
        (Some(Armed::Storage), Length::Tap) if learners_at_work => Meaning::Refuse,
        (Some(Armed::Storage), Length::Tap) => Meaning::Confirm(Armed::Storage),
        (Some(Armed::Erase), Length::Held) => Meaning::Confirm(Armed::Erase),
        (Some(_), _) => Meaning::Nothing,
        (None, Length::Tap) => Meaning::Attention,
        (None, Length::Held) => Meaning::SwitchOff,
        (None, Length::Long) if learners_at_work => Meaning::Refuse,
        (None, Length::Long) => Meaning::Arm(Armed::Storage),
        (None, Length::VeryLong) => Meaning::Arm(Armed::Erase),
        (None, Length::Undecided | Length::Stuck) => Meaning::Nothing,
    }
}

/// What the panel shows of the button's doings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hint {
    /// Held: letting go now would do what so many lights (1 to 3) stand for.
    Released(u8),
    /// Armed: so many lights (0 to 4) are left to press again.
    Countdown(u8),
    /// Not now.
    Refused,
}

/// From arming to disarming: four lights, 2.5 s each.
pub const COUNTDOWN: Duration = Duration::from_secs(10);
/// How long [`Meaning::Attention`] lasts.
pub const ATTENTION: Duration = Duration::from_secs(30);
/// How long a refusal is shown.
const REFUSAL: Duration = Duration::from_secs(3);

/// Follows the button's level.
///
/// Call [`handle_level`](Self::handle_level) some ten times a second with time since boot that never runs back, then
/// drain [`poll_meaning`](Self::poll_meaning); [`hint`](Self::hint) at any time.
#[derive(Debug, Default)]
pub struct ButtonMachine {
    pressed_at: Option<Duration>,
    armed: Option<(Armed, Duration)>,
    /// A press that began while something was armed belongs to it, though it may end after the countdown.
    armed_when_pressed: Option<Armed>,
    refused_until: Option<Duration>,
    told: VecDeque<Meaning>,
}

impl ButtonMachine {
    /// The level of the button at `now`.
    pub fn handle_level(&mut self, pressed: bool, learners_at_work: bool, now: Duration) {
        match (pressed, self.pressed_at) {
            (true, None) => {
                self.armed_when_pressed = self.armed_at(now);
                self.pressed_at = Some(now);
                self.armed = None;
            }
            (false, Some(since)) => {
                self.pressed_at = None;
                let length = Length::of(now.saturating_sub(since));
                let armed = self.armed_when_pressed.take();
                self.act(meaning(armed, length, learners_at_work), now);
            }
            (true, Some(_)) | (false, None) => {}
        }
    }

    fn act(&mut self, meaning: Meaning, now: Duration) {
        match meaning {
            Meaning::Arm(what) => self.armed = Some((what, now)),
            Meaning::Refuse => self.refused_until = Some(now + REFUSAL),
            Meaning::Nothing | Meaning::Attention | Meaning::SwitchOff | Meaning::Confirm(_) => {}
        }
        if meaning != Meaning::Nothing {
            self.told.push_back(meaning);
        }
    }

    fn armed_at(&self, now: Duration) -> Option<Armed> {
        self.armed
            .filter(|(_, since)| now.saturating_sub(*since) < COUNTDOWN)
            .map(|(what, _)| what)
    }

    /// The next meaning that was not yet taken.
    pub fn poll_meaning(&mut self) -> Option<Meaning> {
        self.told.pop_front()
    }

    /// What the panel shall show of it.
    #[must_use]
    pub fn hint(&self, now: Duration) -> Option<Hint> {
        if let Some(since) = self.pressed_at {
            return match (
                self.armed_when_pressed,
                Length::of(now.saturating_sub(since)),
            ) {
                (None, Length::Held) => Some(Hint::Released(1)),
                (None, Length::Long) => Some(Hint::Released(2)),
                (None, Length::VeryLong) => Some(Hint::Released(3)),
                (Some(Armed::Erase), Length::Held) => Some(Hint::Released(3)),
                (Some(_), _) | (None, Length::Tap | Length::Undecided | Length::Stuck) => None,
            };
        }
        if self.refused_until.is_some_and(|until| now < until) {
            return Some(Hint::Refused);
        }
        let (_, since) = self.armed.filter(|_| self.armed_at(now).is_some())?;
        let quarter = COUNTDOWN / 4;
        let gone = now.saturating_sub(since).as_millis() / quarter.as_millis();
        Some(Hint::Countdown(4 - u8::try_from(gone).unwrap_or(4).min(4)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_whole_table() {
        let mut table = String::new();
        for armed in [None, Some(Armed::Storage), Some(Armed::Erase)] {
            for length in Length::ALL {
                for at_work in [false, true] {
                    let told = meaning(armed, length, at_work);
                    table.push_str(&format!(
                        "armed {armed:?}, {length:?}, learners at work {at_work} -> {told:?}\n"
                    ));
                }
            }
        }
        insta::assert_snapshot!(table);
    }

    fn press(machine: &mut ButtonMachine, now: &mut u64, held_ms: u64) -> Vec<Meaning> {
        machine.handle_level(true, false, Duration::from_millis(*now));
        *now += held_ms;
        machine.handle_level(false, false, Duration::from_millis(*now));
        std::iter::from_fn(|| machine.poll_meaning()).collect()
    }

    #[test]
    fn storage_takes_a_long_press_and_a_tap_within_the_countdown() {
        let (mut machine, mut now) = (ButtonMachine::default(), 1_000);
        assert_eq!(
            press(&mut machine, &mut now, 10_000),
            [Meaning::Arm(Armed::Storage)]
        );
        assert_eq!(
            machine.hint(Duration::from_millis(now)),
            Some(Hint::Countdown(4))
        );
        now += 9_000;
        assert_eq!(
            machine.hint(Duration::from_millis(now)),
            Some(Hint::Countdown(1))
        );
        assert_eq!(
            press(&mut machine, &mut now, 200),
            [Meaning::Confirm(Armed::Storage)]
        );
    }

    #[test]
    fn after_the_countdown_a_tap_is_only_a_tap() {
        let (mut machine, mut now) = (ButtonMachine::default(), 1_000);
        press(&mut machine, &mut now, 10_000);
        now += 10_000;
        assert_eq!(machine.hint(Duration::from_millis(now)), None);
        assert_eq!(press(&mut machine, &mut now, 200), [Meaning::Attention]);
    }

    proptest! {
        /// Whatever is pressed, nothing grave is done without its arming within the countdown before.
        #[test]
        fn random_presses_confirm_only_what_was_armed(
            presses in proptest::collection::vec((0_u64..20_000, 50_u64..40_000, any::<bool>()), 1..40),
        ) {
            let mut machine = ButtonMachine::default();
            let mut now = 0;
            let mut armed: Option<(Armed, u64)> = None;
            for (wait, held, at_work) in presses {
                now += wait;
                let began = now;
                machine.handle_level(true, at_work, Duration::from_millis(now));
                now += held;
                machine.handle_level(false, at_work, Duration::from_millis(now));
                let told: Vec<Meaning> = std::iter::from_fn(|| machine.poll_meaning()).collect();
                prop_assert!(told.len() <= 1);
                if let Some(Meaning::Confirm(what)) = told.first() {
                    let (was, since) = armed.unwrap_or((Armed::Erase, u64::MAX));
                    prop_assert_eq!(was, *what);
                    prop_assert!(began - since < 10_000);
                    prop_assert!(!(at_work && *what == Armed::Storage));
                }
                armed = match told.first() {
                    Some(Meaning::Arm(what)) => Some((*what, now)),
                    _ => None,
                };
            }
        }
    }
}
