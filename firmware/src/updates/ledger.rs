//! The ledger on disk. Garbled is empty: see [`ota::ledger`].

use super::folder::{self, Folder};
use content_store::disk;
use ota::{Ledger, StateStore};
use std::io;
use std::path::PathBuf;

/// No ledger is larger, bytes.
const LARGEST: u64 = 256 * 1024;

/// `DATA/updates/ledger.json`.
#[derive(Debug)]
pub struct DiskLedger {
    path: PathBuf,
    told: bool,
}

impl DiskLedger {
    /// In the folder of the updates.
    #[must_use]
    pub fn in_folder(folder: &Folder) -> Self {
        Self {
            path: folder.ledger(),
            told: false,
        }
    }

    fn read(&self) -> io::Result<Option<Ledger>> {
        let bytes = folder::read(&self.path, LARGEST)?;
        let ledger = bytes
            .map(|bytes| serde_json::from_slice(&bytes))
            .transpose();
        Ok(ledger?)
    }
}

impl StateStore for DiskLedger {
    fn load(&mut self) -> Ledger {
        self.read()
            .map(Option::unwrap_or_default)
            .unwrap_or_else(|error| {
                if !self.told {
                    tracing::warn!(file = %self.path.display(), %error, "ota.ledger_unreadable");
                    self.told = true;
                }
                Ledger::default()
            })
    }

    /// The same again writes nothing.
    fn save(&mut self, ledger: &Ledger) -> io::Result<()> {
        if matches!(self.read(), Ok(Some(known)) if known == *ledger) {
            return Ok(());
        }
        disk::write_aside(&self.path, &serde_json::to_vec(ledger)?)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn garbled_is_empty_and_a_later_systems_words_are_kept() {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::in_data(data.path());
        folder.make().unwrap();
        let mut store = DiskLedger::in_folder(&folder);
        assert_eq!(store.load(), Ledger::default());
        std::fs::write(&store.path, r#"{"floor": 7, "moon": "full"}"#).unwrap();
        let mut ledger = store.load();
        assert_eq!(ledger.floor, 7);
        ledger.floor = 8;
        store.save(&ledger).unwrap();
        let text = std::fs::read_to_string(&store.path).unwrap();
        assert!(text.contains("moon") && text.contains('8'), "{text}");
        let written = |path: &PathBuf| path.metadata().unwrap().modified().unwrap();
        let before = written(&store.path);
        store.save(&ledger).unwrap();
        assert_eq!(
            written(&store.path),
            before,
            "the same again writes nothing"
        );
        std::fs::write(&store.path, r#"{"floor": "#).unwrap();
        assert_eq!(store.load(), Ledger::default());
        store.save(&ledger).unwrap();
        assert_eq!(store.load(), ledger);
    }
}
