//! The line of the radio. The state first: the line ends at the terminal's edge.

use crate::status::{Radio, RadioState};
use std::fmt::Write;

pub(super) fn line(radio: &Radio) -> String {
    let mut text = match (radio.state, radio.silent.as_deref()) {
        (RadioState::On, _) => format!("on, {} of {} clients", radio.clients, radio.client_limit),
        (RadioState::Off, _) if radio.broken => "NOT ON THE AIR".to_owned(),
        (RadioState::Off, Some("night")) => "silent for the night: tap the button".to_owned(),
        (RadioState::Off, Some("power")) => "silent to save".to_owned(),
        (RadioState::Off, _) => "off".to_owned(),
    };
    if !radio.network.is_empty() {
        let _ = write!(text, ", {}", radio.network);
    }
    if radio.open {
        text.push_str(" (OPEN)");
    }
    for cell in &radio.cells {
        let _ = write!(
            text,
            ", {} ch {} {} dBm",
            cell.interface, cell.channel, cell.dbm
        );
    }
    text
}

/// What was done lately to heal it; `None` where nothing was.
pub(super) fn healing(radio: &Radio) -> Option<String> {
    let done: Vec<String> = radio
        .cells
        .iter()
        .filter_map(|cell| Some(format!("{} after {}", cell.interface, cell.rung.as_ref()?)))
        .collect();
    (!done.is_empty()).then(|| format!("Healing   {}", done.join(", ")))
}
