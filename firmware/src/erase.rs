//! Everyone is forgotten: by the button, by the verb.
//!
//! The records do it (`content_store::records`, `sweep`): one synced block destroys their key, and what cannot be read any more is then
//! cleared away, with the list of devices that had an address and the key that support knows the box by. A cut after that block is finished at the next start.

pub mod handover;

use crate::clock::Clock;
use crate::stores::Stores;
use crate::telemetry::chain;
use board_support::key_store::FileKeys;
use content_store::records::KeyStore as _;
use serde::{Deserialize, Serialize};

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
    let untold = |error: &dyn std::error::Error| {
        format!("{}; start the box again, and erase once more", chain(error))
    };
    if stores.records().is_shut().is_some() {
        // A newer system's tables are not touched: without their key nobody reads them, and the next start clears them away.
        let keys = FileKeys::in_data(stores.data());
        keys.destroy().map_err(|error| untold(&error))?;
    } else {
        let forgotten = stores.records().forget_everyone(clock.wall());
        forgotten.map_err(|error| untold(&error))?;
    }
    let took = clock.since_boot().saturating_sub(began);
    Ok(Erased {
        statements,
        took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
    })
}
