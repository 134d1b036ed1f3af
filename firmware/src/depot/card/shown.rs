//! How far each card is: on a terminal one line that is renewed, elsewhere a line for each tenth of each phase. The lines are pure.

use super::write::Phase;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

/// A rate is told once there is so much time behind it.
const SETTLED: Duration = Duration::from_secs(3);

/// One card.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    pub(super) name: String,
    phase: Phase,
    done: u64,
    total: u64,
    /// When the phase began, and how much was done then.
    began: Duration,
    before: u64,
    /// The tenth that was told last.
    told: Option<(Phase, u64)>,
    ended: bool,
}

impl Progress {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            phase: Phase::Sizing,
            done: 0,
            total: 1,
            began: Duration::ZERO,
            before: 0,
            told: None,
            ended: false,
        }
    }

    /// How it ended is told; how far it came is of no use any more.
    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    /// What its writer says, at `now`; whether another phase began.
    pub(super) fn set(&mut self, phase: Phase, done: u64, total: u64, now: Duration) -> bool {
        let begun = phase != self.phase;
        if begun {
            (self.began, self.before) = (now, done);
        }
        (self.phase, self.done, self.total) = (phase, done, total);
        begun
    }

    fn percent(&self) -> u64 {
        (self.done.saturating_mul(100))
            .checked_div(self.total)
            .unwrap_or(100)
    }

    /// Bytes in a second, since the phase began.
    fn rate(&self, now: Duration) -> Option<u64> {
        let behind = now.saturating_sub(self.began);
        let millis = u64::try_from(behind.as_millis()).ok()?;
        let done = self.done.saturating_sub(self.before);
        (behind >= SETTLED && done > 0).then(|| done.saturating_mul(1000) / millis.max(1))
    }

    /// A line: what is done, how fast, how long it will take yet. Reading back takes about as long as it took so far, and is told by itself.
    pub(super) fn line(&self, now: Duration) -> String {
        let word = match self.phase {
            Phase::Sizing => return format!("{}: is it as large as it says?", self.name),
            Phase::Clearing => "clearing what it held before",
            Phase::Looking => "looking",
            Phase::Writing => "writing",
            Phase::Comparing => "comparing",
        };
        let line = format!("{}: {word} {} %", self.name, self.percent());
        let Some(rate) = self.rate(now).filter(|rate| *rate > 0) else {
            return line;
        };
        let left = self.total.saturating_sub(self.done) / rate;
        let left = match left {
            0..=90 => format!("{left} s"),
            _ => format!("{} min", left.div_ceil(60)),
        };
        format!("{line}, {:.1} MB/s, {left} left", mega(rate))
    }

    /// The line, where another tenth is done since the last one.
    fn tenth(&mut self, now: Duration) -> Option<String> {
        let tenth = Some((self.phase, self.percent() / 10));
        if self.told == tenth || self.phase == Phase::Looking {
            return None;
        }
        self.told = tenth;
        Some(self.line(now))
    }
}

#[allow(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Shows all of them that are under way.
pub(super) fn show(cards: &mut [Progress], now: Duration) {
    let mut out = io::stderr().lock();
    if out.is_terminal() {
        let line = on_a_terminal(cards, now);
        let _ = write!(out, "\r\x1b[K{line:.79}").and_then(|()| out.flush());
        return;
    }
    for line in elsewhere(cards, now) {
        let _ = writeln!(out, "{line}");
    }
}

fn on_a_terminal(cards: &[Progress], now: Duration) -> String {
    let under_way = cards.iter().filter(|card| !card.ended);
    let lines: Vec<String> = under_way.map(|card| card.line(now)).collect();
    lines.join("  ")
}

fn elsewhere(cards: &mut [Progress], now: Duration) -> Vec<String> {
    let under_way = cards.iter_mut().filter(|card| !card.ended);
    under_way.filter_map(|card| card.tenth(now)).collect()
}

/// Nothing is under way any more.
pub(super) fn done() {
    let mut out = io::stderr().lock();
    if out.is_terminal() {
        let _ = write!(out, "\r\x1b[K").and_then(|()| out.flush());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_rate_and_time_left_once_they_are_known() {
        let second = Duration::from_secs;
        let mut card = Progress::new("sdb");
        assert_eq!(card.line(second(0)), "sdb: is it as large as it says?");
        card.set(Phase::Writing, 100_000_000, 1_000_000_000, second(10));
        assert_eq!(card.line(second(11)), "sdb: writing 10 %");
        card.set(Phase::Writing, 500_000_000, 1_000_000_000, second(20));
        assert_eq!(
            card.line(second(20)),
            "sdb: writing 50 %, 40.0 MB/s, 12 s left"
        );
        assert!(card.tenth(second(20)).is_some());
        assert_eq!(card.tenth(second(21)), None);
        card.set(Phase::Comparing, 0, 10_000_000_000, second(30));
        card.set(Phase::Comparing, 100_000_000, 10_000_000_000, second(40));
        assert_eq!(
            card.line(second(40)),
            "sdb: comparing 1 %, 10.0 MB/s, 17 min left"
        );
    }

    #[test]
    fn nothing_is_told_of_a_card_behind_its_end() {
        let now = Duration::from_secs(1);
        let mut cards = ["sdb", "sdc"].map(Progress::new);
        for card in &mut cards {
            card.set(Phase::Writing, 50, 100, now);
        }
        cards[0].end();
        assert_eq!(on_a_terminal(&cards, now), "sdc: writing 50 %");
        assert_eq!(elsewhere(&mut cards, now), ["sdc: writing 50 %"]);
    }
}
