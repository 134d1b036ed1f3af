use super::*;
use crate::selftest::facts::Alarm;
use crate::selftest::outcome::Verdict;

/// A board with lights and a button alone; `levels` are what the button's level is at each look, the last of them from then on.
struct Panel {
    levels: Vec<bool>,
    looks: usize,
    button: Pressed,
}

impl Bench for Panel {
    fn power(&mut self) -> Power {
        Power::OnMains
    }

    fn lights(&mut self, _: Lights) -> Result<(), String> {
        Ok(())
    }

    fn button(&mut self) -> Result<Pressed, String> {
        let last = self.levels.len().saturating_sub(1);
        let down = self.levels.get(self.looks.min(last)).copied();
        let down = down.unwrap_or_default();
        self.looks += 1;
        self.button.times += u32::from(down && !self.button.down);
        self.button.down = down;
        Ok(self.button)
    }

    fn air(&mut self) -> Air {
        Air::Idle(Vec::new())
    }

    fn clock(&mut self) -> Result<Option<u64>, String> {
        Ok(None)
    }

    fn try_alarm(&mut self) -> Alarm {
        Alarm::None
    }

    fn slots_are_busy(&mut self) -> Option<String> {
        None
    }
}

/// Verdict on the button, and what was asked of the person.
fn tried(levels: &[bool], unattended: bool) -> (Verdict, Vec<String>) {
    let clock = Clock::of_the_desk();
    let around = Around {
        data: Path::new("/nonexistent"),
        board: &BoardChoice::Sim,
        stores: Err(String::new()),
        clock: &clock,
        time_scale: 1,
        model: String::new(),
        release: Release::of(&BoardChoice::Sim, Path::new("/nonexistent")),
        keep_free: 0,
        in_memory: false,
        serial: String::new(),
    };
    let mut bench = Panel {
        levels: levels.to_vec(),
        looks: 0,
        button: Pressed {
            times: 0,
            down: true,
        },
    };
    let mut asked = Vec::new();
    let mut told = |said| {
        if let Said::Ask(text) = said {
            asked.push(text);
        }
    };
    let mut test = Test {
        bench: &mut bench,
        around: &around,
        wishes: Wishes { unattended },
        told: &mut told,
        load: Load::default(),
        told_at: Duration::ZERO,
        sampled_at: Duration::ZERO,
        person_patience: Duration::from_millis(500),
        parts: Vec::new(),
    };
    test.hands();
    let button = |tried: &&Tried| tried.part == PartName::Button;
    let verdict = test
        .parts
        .iter()
        .find(button)
        .map(|tried| tried.verdict.clone());
    (verdict.unwrap_or(Verdict::Ok), asked)
}

fn is_stuck(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Failed { what, .. } if what.contains("not let go"))
}

#[test]
fn a_button_that_hangs_is_found_and_is_no_press() {
    let (verdict, asked) = tried(&[true], false);
    assert!(is_stuck(&verdict), "{verdict:?}");
    assert!(asked.iter().any(|text| text == LET_GO), "{asked:?}");
    let (verdict, asked) = tried(&[true], true);
    assert!(is_stuck(&verdict), "nobody has to be there: {verdict:?}");
    assert_eq!(asked, [""; 0]);
}

#[test]
fn what_was_down_before_and_is_let_go_may_be_pressed() {
    for (levels, pressed) in [
        // Down before, let go, pressed when it was asked for.
        (&[true, true, false, true][..], true),
        // Pressed while the lights were shown, and never since.
        (&[false, true, false][..], false),
        // The control: never down.
        (&[false][..], false),
        (&[false, false, true][..], true),
    ] {
        let (verdict, _) = tried(levels, false);
        assert_eq!(verdict == Verdict::Ok, pressed, "{levels:?}: {verdict:?}");
        assert!(!is_stuck(&verdict), "{levels:?}: {verdict:?}");
    }
}
