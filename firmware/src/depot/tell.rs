//! What is said to the person at the terminal.

use std::io::{self, IsTerminal, Write};

/// Says one result. A closed terminal is no reason to stop.
pub(super) fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{}", printable(text)).and_then(|()| out.flush());
}

/// Tells one line that is no result: on standard error.
pub(super) fn warn(line: &str) {
    let _ = writeln!(io::stderr().lock(), "depot: {}", printable(line));
}

/// Asks a person at a terminal, on standard error; the answer is typed behind it.
pub(super) fn question(line: &str) {
    let mut out = io::stderr().lock();
    let _ = write!(out, "depot: {}", printable(line)).and_then(|()| out.flush());
}

/// How far the work is: on standard error, and only where somebody looks on.
pub(super) fn progress(line: &str) {
    let mut out = io::stderr().lock();
    if out.is_terminal() {
        // 79 columns, so that what stood there before is covered and nothing wraps.
        let _ = write!(out, "\r{line:<79.79}").and_then(|()| out.flush());
    }
}

/// What is begun now: on standard error, where nobody looks on while it is done.
pub(super) fn step(line: &str) {
    let mut out = io::stderr().lock();
    if !out.is_terminal() {
        let _ = writeln!(out, "{}", printable(line));
    }
}

/// The work is done: the line of [`progress`] goes.
pub(super) fn progress_done() {
    let mut out = io::stderr().lock();
    if out.is_terminal() {
        let _ = write!(out, "\r{:79}\r", "").and_then(|()| out.flush());
    }
}

/// `1 card`, `2 cards`.
pub(super) fn number_of(number: usize, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {one}s"),
    }
}

/// Names of files come from strangers: none of them gives the terminal an order.
fn printable(text: &str) -> String {
    text.replace(
        |c: char| c.is_control() && !matches!(c, '\n' | '\t'),
        "\u{fffd}",
    )
}
