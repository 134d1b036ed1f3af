//! Verdicts: measured facts in; ok, not tried, or what is wrong and what to do. Pure.
//!
//! | file | judges |
//! |---|---|
//! | `energy` | battery and charger |
//! | `hands` | lights, button, sockets: what people take part in |
//! | `air` | the radios |
//! | `disk` | speed, wear, records, library |
//! | `system` | clock, alarm, slots, watchdog |

mod air;
pub(super) mod disk;
mod energy;
mod hands;
mod system;

pub(super) use air::radio;
pub(super) use disk::{library, records, storage, wear};
pub(super) use energy::{Load, charger, gauge};
pub(super) use hands::{button, panel, usb};
pub(super) use system::{alarm, clock, slot, watchdog};

/// Bytes as people count them.
pub(super) fn bytes(count: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
    let count = count as f64;
    match count {
        ..1e6 => format!("{:.0} kB", (count / 1e3).ceil()),
        ..1e9 => format!("{:.0} MB", count / 1e6),
        _ => format!("{:.1} GB", count / 1e9),
    }
}
