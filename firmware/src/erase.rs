//! Everyone is forgotten: by the button, by the verb.
//!
//! The records do it (`content_store::records`, `sweep`): one synced block destroys their key, and what cannot be read any more is then
//! cleared away, with the list of devices that had an address and the key that support knows the box by. A cut after that block is finished at the next
//! start. Records that cannot be opened, or not by this system ([`Records::shut`](content_store::records::Records::shut)), lose their key here and their
//! files then.

pub mod handover;

use crate::clock::Clock;
use crate::stores::{self, Stores};
use crate::telemetry::chain;
use board_support::key_store::FileKeys;
use content_store::records::{KeyStore as _, remove_traces};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::Duration;

/// What was forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// Statements of learners.
    pub statements: u64,
    /// Milliseconds that it took.
    pub took_ms: u64,
}

/// Forgets everyone; blocks for some synced blocks' time, however much there is.
///
/// # Errors
/// One line for the person.
pub fn everyone(stores: &Stores) -> Result<Erased, String> {
    let clock = Clock::of_the_desk();
    let began = clock.since_boot();
    let statements = stores.records().count().unwrap_or_default();
    if stores.records().is_shut().is_some() {
        // A newer system's tables are not touched: without their key nobody reads them.
        key_and_traces(stores.data())?;
    } else {
        let forgotten = stores.records().forget_everyone(clock.wall());
        forgotten.map_err(|error| untold(&error))?;
    }
    stores.begin_anew();
    Ok(Erased {
        statements,
        took_ms: since(&clock, began),
    })
}

/// Forgets everyone where no box runs and the stores in `data` cannot be opened: whatever is wrong with them must not keep what is in them. How many
/// statements that were is not known.
///
/// # Errors
/// One line for the person.
pub fn unopened(data: &Path) -> Result<Erased, String> {
    let clock = Clock::of_the_desk();
    let began = clock.since_boot();
    let _held = stores::lock(data).map_err(|error| chain(&error))?;
    key_and_traces(data)?;
    Ok(Erased {
        statements: 0,
        took_ms: since(&clock, began),
    })
}

/// The key is destroyed, and what names people beside the records is gone; the next start clears the records away.
fn key_and_traces(data: &Path) -> Result<(), String> {
    let destroyed = FileKeys::in_data(data).destroy();
    destroyed.map_err(|error| untold(&error))?;
    remove_traces(&stores::traces(data)).map_err(|error| untold(&error))
}

fn untold(error: &dyn std::error::Error) -> String {
    format!("{}; start the box again, and erase once more", chain(error))
}

fn since(clock: &Clock, began: Duration) -> u64 {
    let took = clock.since_boot().saturating_sub(began);
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
