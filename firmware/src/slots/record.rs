//! `DATA/update.json`: the record that both slots read and write.

use content_store::disk;
use ota::UpdateRecord;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// No record is larger, bytes.
const LARGEST: u64 = 16 * 1024;

/// The file of the record.
pub(super) struct RecordFile {
    path: PathBuf,
}

impl RecordFile {
    pub(super) fn in_folder(data: &Path) -> Self {
        Self {
            path: data.join("update.json"),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A record that is missing or garbled is an empty one: it holds words, and no boot depends on it.
    pub(super) fn load(&self) -> UpdateRecord {
        let mut text = String::new();
        File::open(&self.path)
            .and_then(|file| file.take(LARGEST).read_to_string(&mut text))
            .ok()
            .and_then(|_| serde_json::from_str(&text).ok())
            .unwrap_or_default()
    }

    /// Aside, sync, rename, sync the folder. The same again writes nothing.
    pub(super) fn save(&self, record: &UpdateRecord) -> io::Result<()> {
        if self.load() == *record {
            return Ok(());
        }
        disk::write_aside(&self.path, &serde_json::to_vec(record)?)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use ota::Slot;

    #[test]
    fn what_a_later_system_wrote_outlives_the_words_of_this_one() {
        let data = tempfile::tempdir().unwrap();
        let file = RecordFile::in_folder(data.path());
        std::fs::write(file.path(), br#"{"leaving":"b","weather":{"rain":3}}"#).unwrap();
        let found = file.load();
        assert_eq!(found.leaving, Some(Slot::B));
        file.save(&found.emptied()).unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap();
        let kept: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(kept["weather"]["rain"], 3, "{text}");
        assert!(kept["leaving"].is_null(), "{text}");
    }
}
