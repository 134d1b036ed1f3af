//! The line mode on standard input and output: a command a line from a script, its answer before the next is read.

use super::ask::ask;
use super::line::{self, Reply};
use super::look::Place;
use super::output::ascii;
use super::seen::Seen;
use crate::clock::Clock;
use crate::telemetry::say;
use std::io::{self, BufRead, Read};

/// Answers every line of `input` until its end.
///
/// # Errors
/// When it cannot be read.
pub fn serve(place: &Place, input: &mut impl BufRead) -> io::Result<()> {
    while let Some(command) = next_line(input)? {
        let seen = look(place);
        match command.as_deref() {
            None => tell(&line::too_long(&seen)),
            Some(command) => match line::reply(command, &seen) {
                Reply::Nothing | Reply::Screen => {}
                Reply::Say(value) => tell(&value),
                Reply::Do(action) => {
                    if seen.program.status().is_some() {
                        crate::telemetry::warn(&action.press());
                    }
                    let outcome = ask(&place.data, action, &mut |said| {
                        crate::telemetry::warn(&said);
                    });
                    tell(&line::done(action, &outcome, &look(place)));
                }
                Reply::Bundle => {
                    let made = place.bundle(seen.program.status());
                    tell(&line::bundle(&made, &seen));
                }
                Reply::Quit => return Ok(()),
            },
        }
    }
    Ok(())
}

fn look(place: &Place) -> Seen {
    let mut seen = Seen::default();
    seen.take(place.program());
    seen.take(place.disk());
    seen.now = Clock::of_the_desk().since_boot();
    seen
}

fn tell(value: &serde_json::Value) {
    say(&ascii(&value.to_string()));
}

/// `None` at the end; a line that is too long, or no text, is read over and is `Some(None)`.
fn next_line(input: &mut impl BufRead) -> io::Result<Option<Option<String>>> {
    let most = line::LONGEST as u64 + 2;
    let mut bytes = Vec::new();
    if input.by_ref().take(most).read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    if bytes.len() as u64 == most && bytes.last() != Some(&b'\n') {
        while input.fill_buf()?.iter().all(|byte| *byte != b'\n') {
            let there = input.fill_buf()?.len();
            if there == 0 {
                break;
            }
            input.consume(there);
        }
        let end = input.fill_buf()?.iter().position(|byte| *byte == b'\n');
        input.consume(end.map_or(0, |end| end + 1));
        return Ok(Some(None));
    }
    Ok(Some(String::from_utf8(bytes).ok()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_command_and_a_flood_is_one_bad_line() {
        let flood = "x".repeat(300_000);
        let text = format!("help\n\n{flood}\nbox\n{flood}");
        let mut input = io::BufReader::with_capacity(4096, text.as_bytes());
        let lines: Vec<Option<String>> =
            std::iter::from_fn(|| next_line(&mut input).unwrap()).collect();
        let line = |text: &str| Some(text.to_owned());
        assert_eq!(
            lines,
            [line("help\n"), line("\n"), None, line("box\n"), None]
        );
        let noise = [0xff, 0xfe, b'\n', b'q'];
        let mut input = &noise[..];
        assert_eq!(next_line(&mut input).unwrap(), Some(None));
        assert_eq!(next_line(&mut input).unwrap(), Some(line("q")));
        assert_eq!(next_line(&mut input).unwrap(), None);
    }
}
