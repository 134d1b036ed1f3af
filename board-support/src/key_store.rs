//! The key of the learners' records, in two small files that are only ever written in place.
//!
//! A block, of which the first 81 bytes count (whole numbers with the highest byte first):
//!
//! ```text
//!  0   8  16  17              49                81
//!  ├───┼───┼───┼───────────────┼─────────────────┤
//!  name gen is  the key, or     SHA-256 of what
//!               random bytes    stands before it
//! ```
//!
//! The sound block with the highest generation (`gen`) holds; the other follows it. Writing in place, not aside: on a disk that maps
//! its blocks as it likes that is the most a program can do to have the old bytes overwritten, and a copy aside would be one more to
//! overwrite. A cut in the middle tears one block at most, and the other stands.
//!
//! | cut while | there is afterwards |
//! |---|---|
//! | the first block of the first key is written | nothing, and nothing was sealed yet |
//! | the second is written | the key; the second is mended |
//! | the first block is made to say `destroyed` | the key, or `destroyed` |
//! | the second is | `destroyed`: the second is overwritten before anybody is told so |

use crate::files::make_private_folder;
use content_store::records::{KEY_BYTES, KeyFound, KeyStore, RecordsKey};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The folder in the data folder.
const FOLDER: &str = "keys";
const NAMES: [&str; 2] = ["records-a", "records-b"];
/// A whole block of any disk, so that nothing beside it is read and written back.
const BLOCK: usize = 4096;
const MAGIC: &[u8; 8] = b"sbox-key";
const IS: usize = 16;
const KEY: usize = 17;
const CHECK: usize = KEY + KEY_BYTES;
const END: usize = CHECK + 32;

/// The key in `DATA/keys`.
#[derive(Debug, Clone)]
pub struct FileKeys {
    folder: PathBuf,
}

/// A sound block.
#[derive(Clone, PartialEq, Eq)]
struct Entry {
    generation: u64,
    /// `None`: it was destroyed.
    key: Option<RecordsKey>,
}

/// What a file holds.
enum Block {
    Sound(Entry),
    Damaged,
    Missing,
    Unreadable(io::Error),
}

impl Block {
    const fn sound(&self) -> Option<&Entry> {
        match self {
            Self::Sound(entry) => Some(entry),
            Self::Damaged | Self::Missing | Self::Unreadable(_) => None,
        }
    }
}

impl FileKeys {
    /// Of the box on `data`. Makes nothing.
    #[must_use]
    pub fn in_data(data: &Path) -> Self {
        Self {
            folder: data.join(FOLDER),
        }
    }

    /// A copy that does not say what holds: it could not be written when the key was found, and if the other is damaged too, the key is lost. `None`
    /// where both agree, or no key is kept.
    #[must_use]
    pub fn stale_copy(&self) -> Option<PathBuf> {
        let (holds, blocks) = self.look();
        let holds = holds?;
        let stale = blocks
            .iter()
            .position(|block| block.sound() != Some(&holds))?;
        self.paths().into_iter().nth(stale)
    }

    fn paths(&self) -> [PathBuf; 2] {
        NAMES.map(|name| self.folder.join(name))
    }

    /// The entry that holds, and what both files are.
    fn look(&self) -> (Option<Entry>, [Block; 2]) {
        let blocks = self.paths().map(|path| read(&path));
        let sound = blocks.iter().filter_map(Block::sound);
        let holds = sound.max_by_key(|entry| entry.generation).cloned();
        (holds, blocks)
    }

    fn write(&self, entry: &Entry, place: usize) -> io::Result<()> {
        let block = entry.block()?;
        let path = &self.paths()[place];
        let begins = !path.exists();
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)?;
        file.write_all_at(&block, 0)?;
        file.sync_all()?;
        if begins {
            File::open(&self.folder)?.sync_all()?;
        }
        Ok(())
    }

    fn aside(&self) -> [PathBuf; 2] {
        NAMES.map(|name| self.folder.join(format!("{name}.refused")))
    }

    /// What was damaged stays for a technician: with it, what it sealed may be had back.
    fn set_aside(&self) {
        for (path, aside) in self.paths().iter().zip(self.aside()) {
            let _ = fs::rename(path, aside);
        }
    }

    fn overwrite_aside(&self) -> io::Result<()> {
        for path in self.aside().iter().filter(|path| path.exists()) {
            let mut noise = [0; BLOCK];
            getrandom::fill(&mut noise).map_err(io::Error::other)?;
            let file = OpenOptions::new().write(true).open(path)?;
            file.write_all_at(&noise, 0)?;
            file.sync_all()?;
            fs::remove_file(path)?;
        }
        Ok(())
    }
}

impl KeyStore for FileKeys {
    fn find(&self) -> io::Result<KeyFound> {
        let (holds, blocks) = self.look();
        if let Some(entry) = holds {
            for (place, block) in blocks.iter().enumerate() {
                let follows = block.sound() == Some(&entry);
                match (&entry.key, block) {
                    _ if follows => {}
                    // A copy that cannot be read may not be writable either: the other one does.
                    (Some(_), Block::Unreadable(_)) => {}
                    // One that cannot be written is told by `stale_copy`; the key is there all the same.
                    (Some(_), _) => {
                        let _ = self.write(&entry, place);
                    }
                    // Nobody is told that a key is destroyed while a copy of it may be left.
                    (None, _) => self.write(&entry, place)?,
                }
            }
            if entry.key.is_none() {
                self.overwrite_aside()?;
            }
            return Ok(entry.key.map_or(KeyFound::Destroyed, KeyFound::Key));
        }
        match blocks {
            [Block::Missing, Block::Missing] => Ok(KeyFound::None),
            [Block::Unreadable(error), _] | [_, Block::Unreadable(error)] => Err(error),
            _ => Ok(KeyFound::Damaged),
        }
    }

    fn keep(&self, key: &RecordsKey) -> io::Result<()> {
        make_private_folder(&self.folder)?;
        let (holds, blocks) = self.look();
        let damaged = blocks.iter().any(|block| matches!(block, Block::Damaged));
        if holds.is_none() && damaged {
            self.set_aside();
        }
        let entry = Entry {
            generation: holds.map_or(0, |entry| entry.generation) + 1,
            key: Some(key.clone()),
        };
        (0..NAMES.len()).try_for_each(|place| self.write(&entry, place))
    }

    fn destroy(&self) -> io::Result<()> {
        make_private_folder(&self.folder)?;
        let (holds, _) = self.look();
        let entry = Entry {
            generation: holds.map_or(0, |entry| entry.generation) + 1,
            key: None,
        };
        (0..NAMES.len()).try_for_each(|place| self.write(&entry, place))?;
        self.overwrite_aside()
    }
}

impl Entry {
    /// Random where there is no key.
    fn block(&self) -> io::Result<[u8; BLOCK]> {
        let mut block = [0; BLOCK];
        getrandom::fill(&mut block[KEY..]).map_err(io::Error::other)?;
        block[..MAGIC.len()].copy_from_slice(MAGIC);
        block[MAGIC.len()..IS].copy_from_slice(&self.generation.to_be_bytes());
        block[IS] = u8::from(self.key.is_some());
        if let Some(key) = &self.key {
            block[KEY..CHECK].copy_from_slice(key.bytes());
        }
        let check: [u8; 32] = Sha256::digest(&block[..CHECK]).into();
        block[CHECK..END].copy_from_slice(&check);
        Ok(block)
    }

    fn parse(block: &[u8]) -> Option<Self> {
        let entry = block.get(..END)?;
        let check: [u8; 32] = Sha256::digest(&entry[..CHECK]).into();
        let generation = entry[MAGIC.len()..IS].try_into().ok()?;
        let key: [u8; KEY_BYTES] = entry[KEY..CHECK].try_into().ok()?;
        let sound = entry.starts_with(MAGIC) && entry[CHECK..] == check && entry[IS] <= 1;
        sound.then(|| Self {
            generation: u64::from_be_bytes(generation),
            key: (entry[IS] == 1).then(|| RecordsKey::from_bytes(key)),
        })
    }
}

fn read(path: &Path) -> Block {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(BLOCK as u64).read_to_end(&mut bytes));
    match read {
        Err(error) if error.kind() == ErrorKind::NotFound => Block::Missing,
        Err(error) => Block::Unreadable(error),
        Ok(_) => Entry::parse(&bytes).map_or(Block::Damaged, Block::Sound),
    }
}

#[cfg(test)]
mod tests;
