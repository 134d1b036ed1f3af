//! The system in the page of the box's state: which one runs, which one is coming, how far it is. For teachers first. Pure.

use crate::status::plain::{LINE, NAME, plain};
use crate::status::{Coming, Update};
use crate::web::texts::{Value, Words};

/// What is told of the system.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct System {
    /// Name of the running one; empty where nobody knows.
    pub(crate) release: String,
    /// The slot that it runs from.
    pub(crate) slot: String,
    /// What a trial, a way back or a restart means for the school.
    pub(crate) state: Option<String>,
    /// The one that is coming.
    pub(crate) coming: Option<Arrival>,
    /// What the last look for a newer one said, in English; empty before the first.
    pub(crate) last_look: String,
}

/// A system on its way.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// Its name.
    pub(crate) release: String,
    /// What happens, and what it means.
    pub(crate) sentences: Vec<String>,
    /// What is done of the step, thousandths: drawn as a bar, said in the sentences.
    pub(crate) done: Option<u64>,
    /// How fast it comes: measured, with its unit.
    pub(crate) speed: Option<String>,
    /// Where it comes from.
    pub(crate) from: String,
    /// What it waits for, in English; empty while it goes on.
    pub(crate) waits_for: String,
}

/// What is under way and has no end in sight is not promised.
const HOURS_AT_MOST: u64 = 48;

impl System {
    pub(crate) fn of(update: &Update, words: &Words<'_>) -> Self {
        Self {
            release: plain(&update.release, NAME),
            slot: update.slot.to_string(),
            state: state(&update.state).map(|key| words.text(key)),
            coming: update
                .coming
                .as_ref()
                .map(|coming| arrival(coming, words, &SAID)),
            last_look: plain(&update.last_look, LINE),
        }
    }

    /// There is more for the table below the bar.
    pub(crate) fn has_details(&self) -> bool {
        let coming = self.coming.as_ref();
        !self.last_look.is_empty()
            || coming.is_some_and(|coming| {
                coming.speed.is_some() || !coming.from.is_empty() || !coming.waits_for.is_empty()
            })
    }
}

fn state(state: &str) -> Option<&'static str> {
    match state {
        "trial" => Some("system-trial"),
        "fell_back" => Some("system-fell-back"),
        "restart_needed" => Some("system-restart-needed"),
        // What is out of order stands among what needs a look.
        _ => None,
    }
}

/// How what is coming is told of.
pub(super) struct Said {
    /// The text of what was here already.
    pub(super) here: &'static str,
    /// What happens now, given whether it waits and whether its size is known: a text, and whether it tells numbers.
    pub(super) doing: fn(&Coming, bool, bool) -> (&'static str, bool),
}

const SAID: Said = Said {
    here: "system-here",
    doing,
};

pub(super) fn arrival(coming: &Coming, words: &Words<'_>, said: &Said) -> Arrival {
    let fetching = coming.doing == "fetching";
    let here = (coming.reused_bytes > 0 && fetching).then(|| {
        let here = Value::Ready(megabytes(coming.reused_bytes, words));
        words.say(said.here, &[("here", here)])
    });
    let left = (fetching && coming.waits_for.is_none()).then(|| left(coming, words));
    let keeps = fetching.then(|| words.text("system-resumes"));
    let sentences = [
        Some(happens(coming, words, said)),
        here,
        left.flatten(),
        keeps,
    ];
    Arrival {
        release: plain(&coming.release, NAME),
        sentences: sentences.into_iter().flatten().collect(),
        done: done(coming),
        speed: (fetching && coming.bytes_per_s > 0 && coming.waits_for.is_none())
            .then(|| speed(coming.bytes_per_s, words)),
        from: plain(&coming.from, LINE),
        waits_for: plain(coming.waits_for.as_deref().unwrap_or_default(), LINE),
    }
}

fn happens(coming: &Coming, words: &Words<'_>, said: &Said) -> String {
    let known = coming.of_bytes > 0;
    let numbers = [
        (
            "done",
            Value::Ready(megabytes(coming.done_bytes.min(coming.of_bytes), words)),
        ),
        ("all", Value::Ready(megabytes(coming.of_bytes, words))),
    ];
    match (said.doing)(coming, coming.waits_for.is_some(), known) {
        (key, true) => words.say(key, &numbers),
        (key, false) => words.text(key),
    }
}

/// A step that a later system calls otherwise is told as that it comes.
fn doing(coming: &Coming, waits: bool, known: bool) -> (&'static str, bool) {
    match coming.doing.as_str() {
        "fetching" if waits && known => ("system-waits-of", true),
        "fetching" if waits => ("system-waits", false),
        "fetching" if known => ("system-fetching-of", true),
        "fetching" => ("system-fetching", false),
        "surveying" => ("system-surveying", false),
        "writing" if known => ("system-writing-of", true),
        "writing" => ("system-writing", false),
        "checking" => ("system-checking", false),
        "staged" => ("system-staged", false),
        "restart" => ("system-restart", false),
        _ => ("system-comes", false),
    }
}

/// How long the rest takes at this speed, rounded up: minutes in fives from ten on, then hours.
fn left(coming: &Coming, words: &Words<'_>) -> Option<String> {
    let rest = coming.of_bytes.checked_sub(coming.done_bytes)?;
    let minutes = rest.checked_div(coming.bytes_per_s)?.div_ceil(60).max(1);
    let (key, name, count) = match minutes {
        ..=10 => ("system-minutes-left", "minutes", minutes),
        11..=120 => ("system-minutes-left", "minutes", minutes.div_ceil(5) * 5),
        _ => ("system-hours-left", "hours", minutes.div_ceil(60)),
    };
    (coming.of_bytes > 0 && minutes.div_ceil(60) <= HOURS_AT_MOST)
        .then(|| words.say(key, &[(name, Value::Count(count))]))
}

/// Of a step that has an end in sight; what is ready needs no bar.
fn done(coming: &Coming) -> Option<u64> {
    if matches!(coming.doing.as_str(), "staged" | "restart") {
        return None;
    }
    let thousandths = u128::from(coming.done_bytes) * 1000;
    let share = thousandths.checked_div(u128::from(coming.of_bytes))?;
    u64::try_from(share.min(1000)).ok()
}

/// Without its unit: one decimal below a hundred, whole above.
fn megabytes(bytes: u64, words: &Words<'_>) -> String {
    #[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
    let value = bytes as f64 / 1e6;
    words.decimal(value, usize::from(bytes < 99_950_000))
}

fn speed(bytes_per_s: u64, words: &Words<'_>) -> String {
    if bytes_per_s < 1_000_000 {
        return format!("{} kB/s", bytes_per_s.div_ceil(1_000));
    }
    format!("{} MB/s", megabytes(bytes_per_s, words))
}

#[cfg(test)]
mod tests;
