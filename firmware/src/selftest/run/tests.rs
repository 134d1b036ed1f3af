use super::*;
use crate::selftest::facts::Alarm;
use crate::selftest::outcome::Verdict;

/// A board with lights and a button alone; `levels` are what the button's level is at each look, the last of them from then on.
struct Panel {
    lights: Result<(), String>,
    levels: Result<Vec<bool>, String>,
    looks: usize,
    button: Pressed,
}

impl Bench for Panel {
    fn power(&mut self) -> Power {
        Power::OnMains
    }

    fn lights(&mut self, _: Lights) -> Result<(), String> {
        self.lights.clone()
    }

    fn button(&mut self) -> Result<Pressed, String> {
        let levels = self.levels.as_ref().map_err(Clone::clone)?;
        let last = levels.len().saturating_sub(1);
        let down = levels.get(self.looks.min(last)).copied();
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
    let panel = panel(Ok(()), Ok(levels.to_vec()));
    let (parts, asked) = tried_on(panel, unattended);
    (verdict_on(PartName::Button, &parts), asked)
}

fn panel(lights: Result<(), String>, levels: Result<Vec<bool>, String>) -> Panel {
    Panel {
        lights,
        levels,
        looks: 0,
        button: Pressed {
            times: 0,
            down: true,
        },
    }
}

fn verdict_on(part: PartName, parts: &[Tried]) -> Verdict {
    let found = parts.iter().find(|tried| tried.part == part);
    found.map_or(Verdict::Ok, |tried| tried.verdict.clone())
}

/// What was found on it, and what was asked of the person.
fn tried_on(mut panel: Panel, unattended: bool) -> (Vec<Tried>, Vec<String>) {
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
    let mut asked = Vec::new();
    let mut told = |said| {
        if let Said::Ask(text) = said {
            asked.push(text);
        }
    };
    let mut test = Test {
        bench: &mut panel,
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
    (test.parts, asked)
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

/// Somebody stands there: the reason is the part that does not work, and never that nobody was to be asked.
#[test]
fn lights_that_stay_dark_and_a_button_that_is_not_read_are_the_reason_themselves() {
    let broken = || "GPIO 5".to_owned();
    let why = |part, panel, unattended| {
        let (parts, _) = tried_on(panel, unattended);
        match verdict_on(part, &parts) {
            Verdict::NotTried { why } => why,
            verdict @ (Verdict::Ok | Verdict::Failed { .. }) => format!("{verdict:?}"),
        }
    };
    let dark = || panel(Err(broken()), Ok(vec![false]));
    assert_eq!(
        why(PartName::Button, dark(), false),
        "nobody could be asked: the lights could not be driven"
    );
    let mute = || panel(Ok(()), Err(broken()));
    assert_eq!(
        why(PartName::Panel, mute(), false),
        "nobody could answer: the button could not be read"
    );
    // The controls: nobody takes part.
    for (part, panel) in [(PartName::Button, dark()), (PartName::Panel, mute())] {
        assert_eq!(why(part, panel, true), "nobody was asked (--unattended)");
    }
}
