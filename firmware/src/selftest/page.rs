//! An outcome for people: plain ASCII, 80 columns.

use super::outcome::{Outcome, Tried, Verdict};

const WIDTH: usize = 79;
/// Where what was measured begins.
const INDENT: usize = 27;

/// The verdict first, then a line or more for each part, and when it was.
#[must_use]
pub fn page(outcome: &Outcome) -> String {
    let mut page = format!("{}\n\n", outcome.verdict);
    for tried in &outcome.parts {
        page.push_str(&part(tried));
    }
    page.push('\n');
    page.push_str(&about(outcome));
    page
}

/// The lines of one part.
#[must_use]
pub fn part(tried: &Tried) -> String {
    let head = format!("{:<15} {:<10} ", tried.part.as_str(), tried.verdict.word());
    let (first, rest) = match &tried.verdict {
        Verdict::Ok => (tried.measured.clone(), Vec::new()),
        Verdict::NotTried { why } if tried.measured.is_empty() => (why.clone(), Vec::new()),
        Verdict::NotTried { why } => (format!("{why}; {}", tried.measured), Vec::new()),
        Verdict::Failed { what, remedy } => {
            let measured = Some(tried.measured.clone()).filter(|text| !text.is_empty());
            let rest = measured.into_iter().chain([format!("-> {remedy}")]);
            (what.clone(), rest.collect())
        }
    };
    let mut lines = wrapped(&first, WIDTH - INDENT);
    lines.extend(rest.iter().flat_map(|text| wrapped(text, WIDTH - INDENT)));
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        let head = if number == 0 { head.as_str() } else { "" };
        let line = format!("{head:<INDENT$}{line}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn about(outcome: &Outcome) -> String {
    let unknown = |text: &str| if text.is_empty() { "unknown" } else { text }.to_owned();
    let at = outcome
        .at
        .as_deref()
        .unwrap_or("at a time that no clock tells");
    let minutes = format!("{} min {} s", outcome.took_s / 60, outcome.took_s % 60);
    let system = match (outcome.system.as_str(), outcome.system_version) {
        ("", 0) => "without a number".to_owned(),
        ("", version) => format!("version {version}"),
        (name, version) => format!("{name} (version {version})"),
    };
    let about = format!(
        "serial {}; {}; firmware {}, system {system}; {at}; it took {minutes}",
        unknown(&outcome.serial),
        outcome.board,
        outcome.firmware
    );
    wrapped(&about, WIDTH).join("\n") + "\n"
}

/// Lines of at most `room` columns, broken between words; a word that is longer than a line is broken, too. At least one line.
pub(crate) fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for piece in letters.chunks(room) {
            let piece: String = piece.iter().collect();
            let Some(last) = lines.last_mut() else { break };
            let gap = usize::from(!last.is_empty());
            if last.chars().count() + gap + piece.chars().count() > room {
                lines.push(piece);
            } else {
                if gap == 1 {
                    last.push(' ');
                }
                last.push_str(&piece);
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::outcome::{FORM, PartName, verdict};
    use super::*;

    #[test]
    fn a_page_of_eighty_columns() {
        let parts = vec![
            Tried::new(
                PartName::Gauge,
                Verdict::Ok,
                "13.25 V, -0.40 A, 24 C, 87 % charged of 250 Wh",
            ),
            Tried::new(
                PartName::Panel,
                Verdict::not_tried("nobody was asked (--unattended)"),
                "4 lights, driven one after the other",
            ),
            Tried::new(
                PartName::Library,
                Verdict::failed(
                    format!("pack a: blob {}: its bytes have changed", "0a".repeat(32)),
                    "import the pack again with `school-box import`",
                ),
                "3 packs, every blob checked, 5.0 GB",
            ),
            Tried::new(
                PartName::Usb,
                Verdict::not_tried("no stick is plugged in"),
                "",
            ),
        ];
        let (ready, words) = verdict(&parts);
        let outcome = Outcome {
            form: FORM,
            verdict: words,
            ready,
            serial: "SB-PH-0042".to_owned(),
            board: "Raspberry Pi 4 Model B Rev 1.5".to_owned(),
            firmware: "0.1.0".to_owned(),
            system: "2026.11".to_owned(),
            system_version: 17,
            at: Some("2026-11-29T07:14:05Z".to_owned()),
            took_s: 251,
            unattended: true,
            charge_percent: None,
            capacity_wh: None,
            wear: None,
            parts,
        };
        let page = page(&outcome);
        assert!(page.is_ascii() && page.lines().all(|line| line.len() < 80));
        insta::assert_snapshot!(page);
    }
}
