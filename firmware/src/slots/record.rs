//! `DATA/update.json`: the record that both slots read and write.

use ota::UpdateRecord;
use std::fs::{self, File};
use std::io::{self, Read, Write};
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
        let aside = self.path.with_extension("json.aside");
        let mut file = File::create(&aside)?;
        file.write_all(&serde_json::to_vec(record)?)?;
        file.sync_all()?;
        fs::rename(&aside, &self.path)?;
        File::open(self.path.parent().unwrap_or(Path::new(".")))?.sync_all()
    }
}
