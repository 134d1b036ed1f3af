//! The records are told when no older system can come back to them: what only such a system needed goes at their next opening.

use super::Work;
use crate::clock::Clock;
use crate::telemetry::chain;
use content_store::records::Records;
use jiff::Timestamp;
use ota::{BootFlags, Ledger, StateStore as _};

impl Work {
    /// After a confirmation, at a settled start, and when the spare slot was retired. The same again writes nothing.
    pub(super) fn tell_of_older(&mut self) {
        let flags = self.parts.slots.lock().boot_flags();
        let Ok(flags) = flags else { return };
        let (ledger, version) = (self.ledger.load(), self.parts.release.version);
        let now = Clock::of_the_desk().wall();
        tell(self.parts.stores.records(), &flags, &ledger, version, now);
    }
}

/// Records that are out of this system's reach are a newer one's to tidy.
fn tell(records: &Records, flags: &BootFlags, ledger: &Ledger, version: u64, now: Timestamp) {
    if records.is_shut().is_some() || !ledger.older_are_gone(flags, version) {
        return;
    }
    if let Err(error) = records.older_programs_are_gone(now) {
        tracing::warn!(problem = chain(&error), "records.older_not_noted");
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use board_support::key_store::FileKeys;
    use content_store::records::{Durability, RecordsError, RecordsOptions};
    use content_store::schema::{Contract, Schema};
    use ota::{BootChoice, Slot, Wanted};
    use std::path::Path;
    use std::sync::Arc;

    /// What a next release adds, and takes away once nobody needs it.
    const GROWS: &str = "ALTER TABLE statements ADD COLUMN lesson TEXT NOT NULL DEFAULT ''";
    const SHRINKS: &str = "CREATE TABLE taken_away (one INTEGER) STRICT";

    fn next() -> Schema {
        let before = Records::schema();
        let expand = [before.expand, &[GROWS]].concat();
        let needs = i64::try_from(expand.len()).unwrap();
        let contract = Contract {
            needs,
            sql: SHRINKS,
        };
        Schema {
            expand: Box::leak(expand.into_boxed_slice()),
            contract: Box::leak([before.contract, &[contract]].concat().into_boxed_slice()),
            ..before
        }
    }

    fn open(data: &Path, schema: &Schema) -> Result<Records, RecordsError> {
        let options = RecordsOptions {
            durability: Durability::Full,
            reserve_bytes: 0,
            traces: Vec::new(),
            finishing: Vec::new(),
        };
        let keys = Arc::new(FileKeys::in_data(data));
        Records::open_as(data, options, keys, schema)
    }

    /// 13 runs in B, confirmed; A holds 12.
    fn thirteen(spare: bool) -> (BootFlags, Ledger) {
        let choice = BootChoice::Settled {
            first: Slot::B,
            spare,
        };
        let release = |version| {
            Some(Wanted {
                version,
                name: String::new(),
                bundle: String::new(),
            })
        };
        let ledger = Ledger {
            a: release(12),
            b: release(13),
            ..Ledger::default()
        };
        (BootFlags::new(Slot::B, choice), ledger)
    }

    #[test]
    fn a_way_back_still_opens_its_records_and_is_shut_when_there_is_none() {
        let data = tempfile::tempdir().unwrap();
        let now = Timestamp::UNIX_EPOCH;
        open(data.path(), &Records::schema()).unwrap().close();
        // Confirmed, and opened again and again while 12 can be gone back to.
        for _ in 0..3 {
            let records = open(data.path(), &next()).unwrap();
            let (flags, ledger) = thirteen(true);
            tell(&records, &flags, &ledger, 13, now);
            records.close();
        }
        // Back to 12.
        open(data.path(), &Records::schema()).unwrap().close();
        // Forth, and the next update retires the slot of 12.
        let records = open(data.path(), &next()).unwrap();
        let (flags, ledger) = thirteen(false);
        tell(&records, &flags, &ledger, 13, now);
        records.close();
        open(data.path(), &next()).unwrap().close();
        let shut = open(data.path(), &Records::schema());
        assert!(
            matches!(shut, Err(RecordsError::TooNew { .. })),
            "what only 12 needed is gone"
        );
    }
}
