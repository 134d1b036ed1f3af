//! The image of the system: looked at once, remembered by its length and time of change, and read through each time: it may have rotted since.

use super::hashing;
use super::profile::Image;
use super::table::{TABLE, Table};
use crate::depot::manifest::Part;
use content_store::disk::write_aside;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// What is in the image.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Seen {
    /// Where it lies, its length and time of change: what was seen holds for that alone.
    state: String,
    /// SHA-256 of the file, hexadecimal.
    pub(super) sha256: String,
    /// Numbers of the partitions that are all zeros.
    pub(super) blank: Vec<u8>,
    /// Everything else, the partition table first.
    pub(super) parts: Vec<Part>,
}

/// Looks at `image`, or remembers what was seen of it in the folder `desk`. What is not the image that the profile asks for is not remembered.
///
/// # Errors
/// One line.
pub(super) fn look(
    image: &Image,
    desk: &Path,
    tell: &mut dyn FnMut(&str, u64, u64),
) -> Result<(File, Table, Seen), String> {
    let path = &image.file;
    let file = File::open(path).map_err(|error| unread(path, &error))?;
    let found = file.metadata().map_err(|error| unread(path, &error))?;
    let table = Table::read(&file).map_err(|problem| {
        format!(
            "{} is no image of a school box: {problem}; name the .wic or .img file, unpacked",
            path.display()
        )
    })?;
    let state = state(path, &found);
    let memory = desk.join("image.json");
    let known = fs::read(&memory)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Seen>(&bytes).ok());
    let known = match known.filter(|known| known.state == state) {
        Some(known) => as_it_was(image, &file, found.len(), known, tell)?,
        None => None,
    };
    let seen = match known {
        Some(known) => as_asked(image, known)?,
        None => {
            let seen = see(&file, found.len(), &table, state, tell);
            let seen = as_asked(image, seen.map_err(|error| unread(path, &error))?)?;
            remember(&seen, desk, &memory)?;
            seen
        }
    };
    Ok((file, table, seen))
}

fn state(path: &Path, found: &fs::Metadata) -> String {
    format!(
        "{} {} {} {}",
        fs::canonicalize(path).unwrap_or_default().display(),
        found.len(),
        found.mtime(),
        found.mtime_nsec()
    )
}

/// The image that the profile asks for, if it asks for one.
fn as_asked(image: &Image, seen: Seen) -> Result<Seen, String> {
    match &image.sha256 {
        Some(expected) if *expected != seen.sha256 => Err(format!(
            "{} has the SHA-256 {}, the profile says {expected}: get the image again, or mend image.sha256",
            image.file.display(),
            seen.sha256
        )),
        Some(_) | None => Ok(seen),
    }
}

fn remember(seen: &Seen, desk: &Path, memory: &Path) -> Result<(), String> {
    let text = serde_json::to_vec_pretty(seen).unwrap_or_default();
    let kept = fs::create_dir_all(desk).and_then(|()| write_aside(memory, &text));
    kept.map_err(|error| {
        format!(
            "{} cannot be written ({error}): give a folder with room with --desk",
            memory.display()
        )
    })
}

/// The same bytes as when it was looked at. `None`: other ones, and they are what the profile asks for. A copy that keeps the time of its original replaced a bad
/// one (`curl -R`, `cp -p`), and has to be looked at itself.
fn as_it_was(
    image: &Image,
    file: &File,
    bytes: u64,
    known: Seen,
    tell: &mut dyn FnMut(&str, u64, u64),
) -> Result<Option<Seen>, String> {
    let mut told = |done, total| tell("checking the image", done, total);
    let found = hashing::sha256(file, &[(0, bytes)], None, &mut told);
    let found = found.map_err(|error| unread(&image.file, &error))?;
    if found == known.sha256 {
        return Ok(Some(known));
    }
    match image.sha256.as_ref() == Some(&found) {
        true => Ok(None),
        false => Err(format!(
            "the image {} at this desk is not what it was, and nobody wrote to it: the desk's disk may be failing; get the image again",
            image.file.display()
        )),
    }
}

fn see(
    file: &File,
    bytes: u64,
    table: &Table,
    state: String,
    tell: &mut dyn FnMut(&str, u64, u64),
) -> io::Result<Seen> {
    let mut told = |done, total| tell("looking at the image", done, total);
    let sha256 = hashing::sha256(file, &[(0, bytes)], None, &mut told)?;
    let mut places = vec![("partition table".to_owned(), 0, TABLE)];
    let links = table.links.iter().map(|link| link / TABLE * TABLE);
    places.extend(links.map(|link| ("partition table".to_owned(), link, TABLE)));
    places.dedup();
    let mut blank = Vec::new();
    for partition in &table.system {
        match hashing::blank(file, &[(partition.at, partition.bytes)])? {
            true => blank.push(partition.number),
            false => places.push((
                format!("partition {}", partition.number),
                partition.at,
                partition.bytes,
            )),
        }
    }
    let mut parts = Vec::new();
    for (name, at, bytes) in places {
        let sha256 = hashing::sha256(file, &[(at, bytes)], None, &mut |_, _| {})?;
        parts.push(Part {
            name,
            at,
            bytes,
            sha256,
        });
    }
    Ok(Seen {
        state,
        sha256,
        blank,
        parts,
    })
}

fn unread(path: &Path, error: &io::Error) -> String {
    format!("the image {} cannot be read ({error})", path.display())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use sha2::{Digest as _, Sha256};
    use std::time::{Duration, SystemTime};

    const MIB: usize = 1 << 20;

    /// An image with a data partition alone, and `byte` behind its table.
    fn image(byte: u8) -> Vec<u8> {
        let mut image = vec![0; 2 * MIB];
        let sector = |mib: usize| u32::try_from(mib * MIB / 512).unwrap().to_le_bytes();
        for (at, kind) in [(0, 0x0f), (MIB, 0x83)] {
            image[at + 446 + 4] = kind;
            image[at + 446 + 8..at + 446 + 12].copy_from_slice(&sector(1));
            image[at + 510..at + 512].copy_from_slice(&[0x55, 0xaa]);
        }
        image[4096] = byte;
        image
    }

    /// A desk with an image that is fetched as `curl -R` does: each copy has its original's time of change.
    struct Fetched {
        dir: tempfile::TempDir,
    }

    impl Fetched {
        fn new(byte: u8) -> Self {
            let fetched = Self {
                dir: tempfile::tempdir().unwrap(),
            };
            fetched.again(byte);
            fetched
        }

        fn again(&self, byte: u8) {
            let path = self.dir.path().join("system.img");
            fs::write(&path, image(byte)).unwrap();
            let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000);
            let file = File::options().write(true).open(&path).unwrap();
            file.set_modified(then).unwrap();
        }

        fn look(&self, sha256: Option<String>) -> Result<String, String> {
            let image = Image {
                file: self.dir.path().join("system.img"),
                version: "2026.11".to_owned(),
                sha256,
            };
            let looked = look(&image, &self.desk(), &mut |_, _, _| {});
            looked.map(|(_, _, seen)| seen.sha256)
        }

        fn desk(&self) -> std::path::PathBuf {
            self.dir.path().join("desk")
        }
    }

    fn asked() -> String {
        crate::hex::hex(&Sha256::digest(image(7)))
    }

    #[test]
    fn a_bad_download_is_not_remembered_and_the_good_one_is_taken() {
        let fetched = Fetched::new(8);
        let refused = fetched.look(Some(asked())).unwrap_err();
        assert!(
            refused.contains("get the image again, or mend"),
            "{refused}"
        );
        assert!(!fetched.desk().join("image.json").exists());
        fetched.again(7);
        assert_eq!(fetched.look(Some(asked())), Ok(asked()));
        assert!(fetched.desk().join("image.json").exists());
    }

    #[test]
    fn what_was_remembered_of_a_bad_download_gives_way_to_what_the_profile_asks_for() {
        // The profile had no hash yet.
        let fetched = Fetched::new(8);
        let bad = fetched.look(None).unwrap();
        let refused = fetched.look(Some(asked())).unwrap_err();
        assert!(
            refused.contains(&format!("has the SHA-256 {bad}")),
            "{refused}"
        );
        fetched.again(7);
        assert_eq!(fetched.look(Some(asked())), Ok(asked()));
        // It is remembered from now on: what is not it has rotted, whatever else it was before.
        fetched.again(8);
        let refused = fetched.look(Some(asked())).unwrap_err();
        assert!(refused.contains("nobody wrote to it"), "{refused}");
        // Control: nothing vouches for another one where the profile asks for none.
        fetched.again(9);
        let refused = fetched.look(None).unwrap_err();
        assert!(refused.contains("nobody wrote to it"), "{refused}");
    }
}
