//! What stands on top of every page: the most important thing that needs help, else how the box is. Pure.

use super::seen::{Program, Seen};
use crate::diagnostics::page;
use crate::panel::State;
use crate::status::Status;

/// Begins the line, as a prompt would: it says whose line this is.
const BOX: &str = "School box: ";

/// The line, in so many columns.
#[must_use]
pub(super) fn line(seen: &Seen, columns: usize) -> String {
    match &seen.program {
        Program::Unknown => format!("{BOX}looking ..."),
        Program::Runs(status, _) => match needs(status) {
            Some(need) => help(need, status.degraded.len(), columns),
            None => page::headline(status),
        },
        Program::Silent(_) => format!("{BOX}ITS PROGRAM DOES NOT ANSWER"),
        Program::Gone(_) => format!("{BOX}ITS PROGRAM IS NOT RUNNING"),
    }
}

/// The same where there is hardly any room.
#[must_use]
pub(super) fn in_brief(seen: &Seen, columns: usize) -> String {
    match &seen.program {
        Program::Unknown => "looking ...".to_owned(),
        Program::Silent(_) => "PROGRAM HANGS".to_owned(),
        Program::Gone(_) => "PROGRAM NOT RUNNING".to_owned(),
        Program::Runs(status, _) => match needs(status) {
            Some(need) => {
                let need = need.strip_prefix("the ").unwrap_or(need);
                let head = "HELP: ";
                format!("{head}{}", cut(need, columns.saturating_sub(head.len())))
            }
            None => charge(status),
        },
    }
}

/// The need that the help light tells of, where it can be told from the others; else the first on the page of the box.
fn needs(status: &Status) -> Option<&str> {
    let all = &status.degraded;
    let panel = status.panel.as_ref();
    let shown = panel.and_then(|panel| State::named(panel.state.as_deref()?));
    let told = if shown == Some(State::Stuck) {
        all.last()
    } else if status.battery.stale {
        all.iter().find(|need| need.contains("battery sensor"))
    } else if shown == Some(State::Radio) {
        all.iter().find(|need| status.radio.trouble.contains(need))
    } else {
        None
    };
    told.or(all.first()).map(String::as_str)
}

/// What is cut off stands whole on the page of the box.
fn help(need: &str, count: usize, columns: usize) -> String {
    let head = match count {
        1 => format!("{BOX}HELP: "),
        more => format!("{BOX}HELP (1 of {more}): "),
    };
    let room = columns.saturating_sub(head.len());
    if need.chars().count() <= room {
        return format!("{head}{need}");
    }
    let dots = " ...";
    format!("{head}{}{dots}", cut(need, room.saturating_sub(dots.len())))
}

/// As many whole words as there is room for; of a word that is longer than that, its beginning.
fn cut(text: &str, room: usize) -> &str {
    let Some((end, next)) = text.char_indices().nth(room) else {
        return text;
    };
    let fits = &text[..end];
    let whole = match fits.rfind(' ') {
        Some(gap) if next != ' ' => &fits[..gap],
        Some(_) | None => fits,
    };
    whole.trim_end_matches([' ', ':', ';', ','])
}

fn charge(status: &Status) -> String {
    let state = status.power.state;
    match status.battery.charge_percent {
        _ if status.battery.on_mains => format!("mains {state}"),
        Some(charge) => format!("{charge:.0} % {state}"),
        None => format!("? {state}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::Panel;
    use crate::status::sample::{sample, silent};

    const DISK: &str = "the disk is full: take lessons off it, or put in a larger card, and see that the records are carried out";

    fn lines(status: Status) -> [String; 2] {
        let seen = Seen {
            program: Program::Runs(Box::new(status), Vec::new()),
            ..Seen::default()
        };
        [line(&seen, 80), in_brief(&seen, 20)]
    }

    #[test]
    fn what_needs_help_stands_before_how_full_the_battery_is() {
        assert_eq!(
            lines(sample()),
            ["School box: power state full, 62 % left", "62 % full"],
            "the control"
        );
        let mut status = silent();
        assert_eq!(
            lines(status.clone()),
            [
                "School box: HELP: the battery sensor is silent: see that its plug is in",
                "HELP: battery sensor",
            ]
        );
        // The light says three flashes, whatever else there is.
        status.degraded.insert(0, DISK.to_owned());
        assert_eq!(
            lines(status.clone()),
            [
                "School box: HELP (1 of 2): the battery sensor is silent: see that its plug is in",
                "HELP: battery sensor",
            ]
        );
        status.battery.stale = false;
        assert_eq!(
            lines(status),
            [
                "School box: HELP (1 of 2): the disk is full: take lessons off it, or put in ...",
                "HELP: disk is full",
            ]
        );
    }

    #[test]
    fn the_line_tells_what_the_light_does() {
        let mut status = sample();
        status.degraded = ["one", "the radio wlan0 is not on the air", "a part hangs"]
            .map(str::to_owned)
            .to_vec();
        status.radio.trouble = vec![status.degraded[1].clone()];
        for (state, need) in [
            ("look", "one"),
            ("radio", "the radio wlan0 is not on the air"),
            ("stuck", "a part hangs"),
        ] {
            status.panel = Some(Panel {
                lights: String::new(),
                state: Some(state.to_owned()),
            });
            let [line, _] = lines(status.clone());
            assert_eq!(line, format!("School box: HELP (1 of 3): {need}"));
        }
    }

    #[test]
    fn words_are_cut_whole_and_a_long_one_somewhere() {
        for (text, room, left) in [
            ("the disk is full", 16, "the disk is full"),
            ("the disk is full", 15, "the disk is"),
            ("the disk: is full", 9, "the disk"),
            ("the disk: is full", 12, "the disk: is"),
            ("диск полон", 7, "диск"),
            ("unbreakable", 5, "unbre"),
            ("", 5, ""),
            ("x", 0, ""),
        ] {
            assert_eq!(cut(text, room), left, "{text} in {room}");
        }
    }
}
