#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use super::*;
use crate::panel::ROWS;

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

const CALM: Shown = Shown {
    power: PowerState::Full,
    lasts: Lasts::Between,
    storage_check: false,
    whole_panel: true,
    radio: true,
    lessons: true,
    trouble: Trouble::None,
    tested: None,
    hint: None,
};
const TROUBLES: [Trouble; 6] = [
    Trouble::None,
    Trouble::Degraded,
    Trouble::Radio,
    Trouble::Storage,
    Trouble::Sensor,
    Trouble::Failing,
];
const OUTLOOKS: [Lasts; 3] = [Lasts::Soon, Lasts::Between, Lasts::Hours];
const TESTED: [Option<Tested>; 3] = [None, Some(Tested::Passed), Some(Tested::Failed)];

fn hints() -> impl Iterator<Item = Hint> {
    (0..=4)
        .map(Hint::Countdown)
        .chain((1..=3).map(Hint::Released))
        .chain([Hint::Refused])
}

/// Every input of the panel while nobody presses the button.
fn all() -> Vec<Shown> {
    let mut all = vec![CALM];
    let mut each = |choices: &dyn Fn(Shown) -> Vec<Shown>| {
        all = all.iter().flat_map(|shown| choices(*shown)).collect();
    };
    each(&|shown| PowerState::ALL.map(|power| Shown { power, ..shown }).into());
    each(&|shown| OUTLOOKS.map(|lasts| Shown { lasts, ..shown }).into());
    each(&|shown| TROUBLES.map(|trouble| Shown { trouble, ..shown }).into());
    each(&|shown| TESTED.map(|tested| Shown { tested, ..shown }).into());
    each(&|shown| [false, true].map(|radio| Shown { radio, ..shown }).into());
    each(&|shown| {
        [false, true]
            .map(|lessons| Shown { lessons, ..shown })
            .into()
    });
    each(&|shown| {
        [false, true]
            .map(|whole_panel| Shown {
                whole_panel,
                ..shown
            })
            .into()
    });
    each(&|shown| {
        [false, true]
            .map(|storage_check| Shown {
                storage_check,
                ..shown
            })
            .into()
    });
    all
}

/// Whatever the box is about, a person reads the state of its cause from the lights, in grey.
#[test]
fn every_input_is_read_back_as_the_state_of_its_cause() {
    let all = all();
    assert_eq!(all.len(), 5 * 3 * 6 * 3 * 16);
    let mut causes = Vec::new();
    for shown in all {
        let told = lights(&shown);
        let cause = cause(&shown).unwrap();
        assert_eq!(read(&told), Some(cause.state()), "{shown:?}: {told}");
        causes.push(cause);
    }
    for row in &ROWS {
        for cause in row.causes {
            assert!(causes.contains(cause), "nothing brings about {cause:?}");
        }
    }
    assert!(
        causes
            .iter()
            .all(|cause| cause.state().row().causes.contains(cause))
    );
}

/// What one sees of the battery light in grey is what its colour says.
#[test]
fn the_battery_lights_colour_says_nothing_that_its_rhythm_does_not() {
    let mut rhythms = std::collections::BTreeMap::new();
    for shown in all() {
        let Some((colour, rhythm)) = lights(&shown).battery else {
            continue;
        };
        let known = rhythms.entry(rhythm.to_string()).or_insert(colour);
        assert_eq!(*known, colour, "{shown:?}");
    }
    assert_eq!(rhythms.len(), 3);
}

/// The help light speaks before a self-test that has passed, and the battery light with it.
#[test]
fn no_trouble_is_hidden_by_a_self_test_that_has_passed() {
    for shown in all() {
        let passed = shown.tested == Some(Tested::Passed);
        if !passed || shown.trouble == Trouble::None {
            continue;
        }
        let untested = Shown {
            tested: None,
            ..shown
        };
        assert_eq!(lights(&shown), lights(&untested), "{shown:?}");
        assert_eq!(cause(&shown), cause(&untested), "{shown:?}");
        assert_ne!(lights(&shown).help, Rhythm::Off, "{shown:?}");
    }
}

/// Every power state with every trouble, every outlook, every end of a test, and every hint.
#[test]
fn the_whole_table() {
    let mut table = String::new();
    let mut row = |name: String, shown: &Shown| {
        let told = lights(shown);
        let read = read(&told).map_or("no state", |state| state.row().name);
        let cause = cause(shown).map_or("the button", Cause::as_str);
        table.push_str(&format!("{name} -> {told} ({cause}: {read})\n"));
    };
    for power in PowerState::ALL {
        for trouble in TROUBLES {
            let shown = Shown {
                power,
                trouble,
                ..CALM
            };
            row(format!("{power} {trouble:?}"), &shown);
        }
    }
    for power in PowerState::ALL {
        for lasts in OUTLOOKS {
            let shown = Shown {
                power,
                lasts,
                ..CALM
            };
            row(format!("{power}, lasts {lasts:?}"), &shown);
        }
    }
    for lasts in OUTLOOKS {
        let power = PowerState::Minimal;
        let shown = Shown {
            power,
            lasts,
            storage_check: true,
            whole_panel: false,
            ..CALM
        };
        row(format!("check in the warehouse, lasts {lasts:?}"), &shown);
    }
    for whole_panel in [true, false] {
        for (radio, lessons) in [(false, true), (true, false), (false, false)] {
            let shown = Shown {
                whole_panel,
                radio,
                lessons,
                ..CALM
            };
            row(
                format!("whole panel {whole_panel}, radio {radio}, lessons {lessons}"),
                &shown,
            );
        }
    }
    for tested in TESTED.into_iter().flatten() {
        for power in PowerState::ALL {
            let shown = Shown {
                tested: Some(tested),
                power,
                ..CALM
            };
            row(format!("{power}, self-test {tested:?}"), &shown);
        }
    }
    for tested in TESTED.into_iter().flatten() {
        for trouble in TROUBLES.into_iter().skip(1) {
            let shown = Shown {
                tested: Some(tested),
                trouble,
                ..CALM
            };
            row(format!("full {trouble:?}, self-test {tested:?}"), &shown);
        }
    }
    for hint in hints() {
        row(
            format!("{hint:?}"),
            &Shown {
                hint: Some(hint),
                ..CALM
            },
        );
    }
    insta::assert_snapshot!(table);
}
