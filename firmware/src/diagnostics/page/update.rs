//! The system and the one that is coming, on the technician's page.

use super::bytes;
use crate::status::plain::{LINE, NAME, plain};
use crate::status::{Coming, Status, Update};
use std::fmt::Write as _;

/// Letters of a coming release's name: its numbers have to fit on the line behind it.
const RELEASE_SHOWN: usize = 16;

pub(super) fn system(status: &Status) -> String {
    let update = &status.update;
    let running = match plain(&update.release, NAME) {
        release if release.is_empty() => status.version.clone(),
        release => format!("{release} ({})", status.version),
    };
    format!("{running}, slot {}, update {}", update.slot, update.state)
}

/// The system that is coming and what it waits for, or what the last look for one said; then the same of a pack: two lines each at most.
pub(super) fn coming(update: &Update) -> Vec<String> {
    let mut lines = system_coming(update);
    match &update.coming_pack {
        Some(pack) => lines.extend(arrival("Pack", pack)),
        None if !update.last_pack.is_empty() => {
            lines.push(format!("Pack      {}", plain(&update.last_pack, LINE)));
        }
        None => {}
    }
    lines
}

fn system_coming(update: &Update) -> Vec<String> {
    let looked = plain(&update.last_look, LINE);
    let Some(coming) = &update.coming else {
        let told = (!looked.is_empty()).then(|| format!("Update    last look: {looked}"));
        return told.into_iter().collect();
    };
    arrival("Update", coming)
}

fn arrival(what: &str, coming: &Coming) -> Vec<String> {
    let mut line = format!(
        "{what:<10}{}: {}",
        plain(&coming.release, RELEASE_SHOWN),
        plain(&coming.doing, NAME)
    );
    if coming.of_bytes > 0 {
        let _ = write!(
            line,
            ", {} of {}",
            bytes(coming.done_bytes),
            bytes(coming.of_bytes)
        );
    }
    if coming.bytes_per_s > 0 {
        let _ = write!(line, ", {}/s", bytes(coming.bytes_per_s));
    }
    if coming.reused_bytes > 0 {
        let _ = write!(line, ", {} here already", bytes(coming.reused_bytes));
    }
    let second = match &coming.waits_for {
        Some(lack) => format!("          waits for {}", plain(lack, LINE)),
        None if coming.from.is_empty() => return vec![line],
        None => format!("          from {}", plain(&coming.from, LINE)),
    };
    vec![line, second]
}
