//! Lights and button while a self-test wants them: the lights show what it asks for, and a press means nothing but that somebody pressed.

use crate::diagnostics::indicator::{Tested, Trouble};
use crate::selftest::{Lights, Outcome, Pressed, Seen, Wanted, lights_of};
use crate::telemetry::chain;
use board_support::BoardError;
use board_support::panel::Lights as Panel;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Both ends of the talk with a self-test.
#[derive(Clone)]
pub struct TrialLine {
    /// What it wants.
    pub wanted: watch::Receiver<Wanted>,
    /// What it is told; lives share it.
    pub seen: Arc<watch::Sender<Seen>>,
    /// How the last one ended.
    pub ended: watch::Receiver<Option<Outcome>>,
}

/// The lights tell the result for so long, or until the button is pressed, or until a new trouble has more to say.
const TOLD_FOR: Duration = Duration::from_secs(5 * 60);

/// A test that has ended.
#[derive(Debug, Clone, Copy)]
struct Ended {
    tested: Tested,
    /// It is told until then.
    until: Duration,
    /// The gravest trouble that has lasted since it ended: what made it fail may be this.
    trouble: Trouble,
}

/// One life's share of it.
pub(super) struct Trial {
    line: TrialLine,
    pressed: bool,
    /// The press with which a test ended is not the box's: until it is let go.
    held: bool,
    /// What the lights tell of a test that has ended.
    tested: Option<Ended>,
}

impl Trial {
    pub(super) fn new(mut line: TrialLine) -> Self {
        // The result of a test of yesterday is not news.
        line.ended.mark_unchanged();
        Self {
            line,
            pressed: false,
            held: false,
            tested: None,
        }
    }

    /// What the lights tell of a test that has just ended, while the box is in this trouble. Of one that failed they tell until a trouble comes
    /// that was not there when it ended; one that passed is told by the lights only where there is none.
    pub(super) fn tested(&mut self, now: Duration, trouble: Trouble) -> Option<Tested> {
        if self.line.ended.has_changed().unwrap_or(false) {
            let ended = self.line.ended.borrow_and_update();
            self.tested = ended.as_ref().map(|outcome| Ended {
                tested: match outcome.ready {
                    true => Tested::Passed,
                    false => Tested::Failed,
                },
                until: now + TOLD_FOR,
                trouble,
            });
        }
        let ended = self.tested.as_mut()?;
        let rose = trouble > ended.trouble && ended.tested == Tested::Failed;
        // What mends and comes back is new.
        ended.trouble = ended.trouble.min(trouble);
        let told = ended.tested;
        if rose || now >= ended.until {
            self.tested = None;
            return None;
        }
        Some(told)
    }

    /// The button was pressed: whoever did has seen it.
    pub(super) fn forget(&mut self) {
        self.tested = None;
    }

    fn is_on(&self) -> bool {
        self.line.wanted.borrow().lights != Lights::AsEver
    }

    /// What the button says; `true` where that is the test's alone.
    pub(super) fn hear(&mut self, pressed: Option<&Result<bool, BoardError>>) -> bool {
        let on = self.is_on();
        let level = match pressed {
            Some(Ok(level)) => *level,
            Some(Err(error)) => {
                self.tell(|seen| seen.button = Err(chain(error)));
                return on;
            }
            None => return on,
        };
        let begins = level && !self.pressed;
        self.pressed = level;
        self.held = level && (on || self.held);
        self.tell(|seen| {
            let before = seen.button.as_ref().map_or(0, |button| button.times);
            seen.button = Ok(Pressed {
                times: before + u32::from(begins && on),
                down: level,
            });
        });
        on || self.held
    }

    /// The lights that it wants; `None`: those of the box.
    pub(super) fn lights(&self) -> Option<Panel> {
        lights_of(self.line.wanted.borrow().lights)
    }

    /// The lights show what they are to show, or cannot.
    pub(super) fn shown(&self, wanted: Wanted, told: Result<(), String>) {
        self.tell(|seen| {
            seen.answers = wanted.number;
            seen.lights = told;
        });
    }

    /// The wish that is not answered yet.
    pub(super) fn unanswered(&self) -> Option<Wanted> {
        let wanted = *self.line.wanted.borrow();
        (self.line.seen.borrow().answers != wanted.number).then_some(wanted)
    }

    fn tell(&self, change: impl FnOnce(&mut Seen)) {
        self.line.seen.send_if_modified(|seen| {
            let before = seen.clone();
            change(seen);
            *seen != before
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::selftest::outcome::FORM;

    fn outcome(ready: bool) -> Outcome {
        Outcome {
            form: FORM,
            verdict: String::new(),
            ready,
            serial: String::new(),
            board: String::new(),
            firmware: String::new(),
            system: String::new(),
            system_version: 0,
            at: None,
            took_s: 1,
            unattended: true,
            charge_percent: None,
            capacity_wh: None,
            wear: None,
            parts: Vec::new(),
        }
    }

    #[test]
    fn the_lights_tell_a_result_until_somebody_has_seen_it() {
        let (ends, ended) = watch::channel(Some(outcome(true)));
        let mut trial = Trial::new(TrialLine {
            wanted: watch::channel(Wanted::default()).1,
            seen: Arc::new(watch::channel(Seen::default()).0),
            ended,
        });
        let at = Duration::from_secs;
        let mut tested = |second, forgets: bool| {
            if forgets {
                trial.forget();
            }
            trial.tested(at(second), Trouble::None)
        };
        assert_eq!(tested(1, false), None, "of yesterday");
        ends.send_replace(Some(outcome(false)));
        assert_eq!(tested(10, false), Some(Tested::Failed));
        assert_eq!(tested(309, false), Some(Tested::Failed));
        assert_eq!(tested(310, false), None);
        ends.send_replace(Some(outcome(true)));
        assert_eq!(tested(400, false), Some(Tested::Passed));
        assert_eq!(tested(401, true), None);
    }

    #[test]
    fn a_failed_test_gives_way_to_a_trouble_that_came_after_it_and_to_no_older_one() {
        let (ends, ended) = watch::channel(None);
        let mut trial = Trial::new(TrialLine {
            wanted: watch::channel(Wanted::default()).1,
            seen: Arc::new(watch::channel(Seen::default()).0),
            ended,
        });
        let mut second = 0;
        let mut told = |troubles: &[Trouble], ready| {
            ends.send_replace(Some(outcome(ready)));
            let seen = troubles.iter().map(|trouble| {
                second += 1;
                trial.tested(Duration::from_secs(second), *trouble)
            });
            seen.collect::<Vec<_>>()
        };
        let failed = Some(Tested::Failed);
        let (none, radio, sensor) = (Trouble::None, Trouble::Radio, Trouble::Sensor);
        assert_eq!(
            told(&[sensor, sensor, radio, radio], false),
            [failed; 4],
            "the test's own trouble, and it mends"
        );
        assert_eq!(told(&[none, radio, none], false), [failed, None, None]);
        assert_eq!(told(&[radio, sensor], false), [failed, None], "graver");
        assert_eq!(
            told(&[sensor, none, sensor], false),
            [failed, failed, None],
            "it came back"
        );
        // Of one that passed the lights see to it: it is told again where the trouble was short.
        assert_eq!(told(&[none, sensor, none], true), [Some(Tested::Passed); 3]);
    }

    #[test]
    fn a_press_in_a_test_is_counted_and_means_nothing_else() {
        let (wants, wanted) = watch::channel(Wanted::default());
        let (seen, sees) = watch::channel(Seen::default());
        let mut trial = Trial::new(TrialLine {
            wanted,
            seen: Arc::new(seen),
            ended: watch::channel(None).1,
        });
        let level = |trial: &mut Trial, pressed| trial.hear(Some(&Ok(pressed)));
        assert!(!level(&mut trial, true), "the box's own");
        assert!(!level(&mut trial, false));
        let times = || sees.borrow().button.clone().map(|button| button.times);
        assert_eq!(times(), Ok(0));
        wants.send_replace(Wanted {
            number: 1,
            lights: Lights::All,
        });
        assert_eq!(trial.unanswered().map(|wanted| wanted.number), Some(1));
        trial.shown(
            Wanted {
                number: 1,
                lights: Lights::All,
            },
            Ok(()),
        );
        assert_eq!(trial.unanswered(), None);
        for pressed in [true, true, false, true] {
            assert!(level(&mut trial, pressed));
        }
        assert_eq!(times(), Ok(2));
        wants.send_replace(Wanted {
            number: 2,
            lights: Lights::AsEver,
        });
        assert!(level(&mut trial, true), "still held");
        assert!(!level(&mut trial, false));
        assert!(!level(&mut trial, true), "a new one is the box's");
    }

    #[test]
    fn a_button_that_was_down_before_is_told_as_down_and_not_as_pressed() {
        let (wants, wanted) = watch::channel(Wanted::default());
        let (seen, sees) = watch::channel(Seen::default());
        let mut trial = Trial::new(TrialLine {
            wanted,
            seen: Arc::new(seen),
            ended: watch::channel(None).1,
        });
        let mut hear = |down| {
            trial.hear(Some(&Ok(down)));
            sees.borrow().button.clone().unwrap()
        };
        hear(true);
        wants.send_replace(Wanted {
            number: 1,
            lights: Lights::All,
        });
        let told = |times, down| Pressed { times, down };
        assert_eq!(hear(true), told(0, true));
        assert_eq!(hear(false), told(0, false));
        assert_eq!(hear(true), told(1, true), "the control: a press");
    }
}
