//! The lights in a terminal, frame by frame: plain ASCII, letters and no colour.

use super::{Seen, Sight};

/// Between two frames, ms: half of a flash.
pub const FRAME_MS: u64 = 100;

/// The lights at `ms` after they were first shown, such as `[B] [ ] [L] [H]`. A letter shines, a blank is dark, a dash says nothing here.
#[must_use]
pub fn frame(sight: Sight, ms: u64) -> String {
    let lamps = sight.iter().zip(["B", "W", "L", "H"]);
    let lamps = lamps.map(|(seen, letter)| match (seen.tells(), seen.is_lit(ms)) {
        (false, _) => "[-]".to_owned(),
        (true, true) => format!("[{letter}]"),
        (true, false) => "[ ]".to_owned(),
    });
    lamps.collect::<Vec<_>>().join(" ")
}

/// What a light does, in a word for programs and technicians: `off`, `on`, `slow`, `quick`, `blink2`, as the simulated board's `panel` has it;
/// `on|slow`, `off|on` and `any` for what a row of the table leaves open.
#[must_use]
pub fn word(seen: Seen) -> String {
    match seen {
        Seen::Dark => "off".to_owned(),
        Seen::Steady => "on".to_owned(),
        Seen::Slow => "slow".to_owned(),
        Seen::Quick => "quick".to_owned(),
        Seen::Flashes(flashes) => format!("blink{flashes}"),
        Seen::Calm => "on|slow".to_owned(),
        Seen::Still => "off|on".to_owned(),
        Seen::Free => "any".to_owned(),
    }
}

/// What is seen of the lights that the line `battery=amber:slow wifi=on lessons=off help=blink2` tells; `None` where it is no such line.
#[must_use]
pub fn sight_of(line: &str) -> Option<Sight> {
    let mut words = line.split(' ');
    let mut light = |name: &str| {
        let told = words.next()?.strip_prefix(name)?.strip_prefix('=')?;
        match told.rsplit(':').next()? {
            "off" => Some(Seen::Dark),
            "on" | "green" | "amber" | "red" => Some(Seen::Steady),
            "slow" => Some(Seen::Slow),
            "quick" => Some(Seen::Quick),
            told => {
                let flashes: u8 = told.strip_prefix("blink")?.parse().ok()?;
                (1..=4).contains(&flashes).then_some(Seen::Flashes(flashes))
            }
        }
    };
    Some([
        light("battery")?,
        light("wifi")?,
        light("lessons")?,
        light("help")?,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::ROWS;

    /// Every state for as long as its longest rhythm, a frame in a line.
    #[test]
    fn every_state_frame_by_frame() {
        let mut all = String::new();
        for row in &ROWS {
            for sight in row.sights {
                all += &format!("{}: {}\n", row.name, sight.map(word).join(" "));
                for ms in (0..2_600).step_by(200) {
                    all += &format!("  {:>4} ms  {}\n", ms, frame(*sight, ms));
                }
            }
        }
        assert!(all.is_ascii());
        insta::assert_snapshot!(all);
    }

    #[test]
    fn a_line_of_lights_is_read_and_nonsense_is_not() {
        use Seen::{Dark, Flashes, Quick, Slow, Steady};
        for (line, sight) in [
            (
                "battery=green wifi=on lessons=off help=blink2",
                Some([Steady, Steady, Dark, Flashes(2)]),
            ),
            (
                "battery=amber:slow wifi=quick lessons=quick help=off",
                Some([Slow, Quick, Quick, Dark]),
            ),
            ("battery=green wifi=on lessons=off", None),
            ("battery=green wifi=on lessons=off help=blink9", None),
            ("battery=mauve wifi=on lessons=off help=off", None),
            ("", None),
        ] {
            assert_eq!(sight_of(line), sight, "{line}");
        }
    }
}
