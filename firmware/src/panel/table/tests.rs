use super::*;

/// What a light can do.
const EXACT: [Seen; 8] = [
    Dark,
    Steady,
    Slow,
    Quick,
    Flashes(1),
    Flashes(2),
    Flashes(3),
    Flashes(4),
];

#[test]
fn every_state_has_its_row_and_every_cause_its_state() {
    assert!(ROWS.len() <= 12, "nobody learns more");
    for row in &ROWS {
        assert!(std::ptr::eq(row.state.row(), row) || row.state.row().name == row.name);
        assert_eq!(State::named(row.name), Some(row.state));
        assert!(!row.causes.is_empty() && !row.steps.is_empty());
        for cause in row.causes {
            assert_eq!(cause.state(), row.state, "{cause:?}");
        }
    }
    assert_eq!(State::named("wel"), None);
}

/// No panel fits two rows. Colours do not enter, so no two rows are told apart by colour alone.
#[test]
fn no_panel_is_two_states() {
    let mut told = 0;
    for battery in EXACT {
        for wifi in EXACT {
            for lessons in EXACT {
                for help in EXACT {
                    let exact = [battery, wifi, lessons, help];
                    let fits =
                        |sight: &Sight| sight.iter().zip(exact).all(|(seen, one)| seen.fits(one));
                    let rows: Vec<&str> = (ROWS.iter())
                        .filter(|row| row.sights.iter().any(fits))
                        .map(|row| row.name)
                        .collect();
                    assert!(rows.len() <= 1, "{exact:?} is {rows:?}");
                    told += rows.len();
                }
            }
        }
    }
    assert!(told > 100, "{told}");
}

/// The whole table, for a change of it to be read.
#[test]
fn the_table() {
    let mut table = String::new();
    for row in &ROWS {
        let causes: Vec<&str> = row.causes.iter().map(|cause| cause.as_str()).collect();
        table += &format!(
            "{:<12} {:<11} by {}\n",
            row.name,
            row.who.as_str(),
            causes.join(", ")
        );
        for [battery, wifi, lessons, help] in row.sights {
            table += &format!(
                "    battery {battery:?}, wi-fi {wifi:?}, lessons {lessons:?}, help {help:?}\n"
            );
        }
    }
    insta::assert_snapshot!(table);
}
