//! Parcels on the data disk: files that only grow.

use super::folder::{self, Folder};
use crate::hex::hex;
use content_store::disk;
use ota::Parcels;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Of a file at a time while it is hashed or copied.
const STEP: usize = 64 * 1024;
const LONGEST_NAME: usize = 200;
/// A copy that was cut.
const ASIDE: &str = "aside.new";

/// `DATA/updates/parcels`.
#[derive(Debug)]
pub struct DiskParcels {
    folder: PathBuf,
    keep_free: u64,
    growing: Option<Growing>,
    /// Whole and right, and not changed since.
    right: BTreeSet<String>,
}

/// The parcel that was appended to last.
#[derive(Debug)]
struct Growing {
    name: String,
    file: File,
    /// Its name is not durable yet.
    new: bool,
}

impl DiskParcels {
    /// In the folder of the updates, which is there; `keep_free` bytes of the disk are left to others.
    #[must_use]
    pub fn in_folder(folder: &Folder, keep_free: u64) -> Self {
        Self {
            folder: folder.parcels(),
            keep_free,
            growing: None,
            right: BTreeSet::new(),
        }
    }

    /// Those of packs.
    #[must_use]
    pub fn of_packs(folder: &Folder, keep_free: u64) -> Self {
        Self {
            folder: folder.pack_parcels(),
            ..Self::in_folder(folder, keep_free)
        }
    }

    fn path(&self, name: &str) -> io::Result<PathBuf> {
        let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
        if name.is_empty()
            || name.len() > LONGEST_NAME
            || name.starts_with('.')
            || !name.bytes().all(allowed)
        {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("`{}` is no name of a parcel", name.escape_debug()),
            ));
        }
        Ok(self.folder.join(name))
    }

    fn growing(&mut self, name: &str) -> io::Result<&mut Growing> {
        let path = self.path(name)?;
        let growing = match self.growing.take().filter(|growing| growing.name == name) {
            Some(growing) => growing,
            None => {
                let new = !path.exists();
                let file = OpenOptions::new().create(true).append(true).open(&path)?;
                Growing {
                    name: name.to_owned(),
                    file,
                    new,
                }
            }
        };
        Ok(self.growing.insert(growing))
    }

    /// Removes what lies on the shelf for other boxes, too.
    pub(super) fn remove_linked(&mut self) -> io::Result<()> {
        self.growing = None;
        self.right.clear();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.metadata()?.nlink() > 1 {
                fs::remove_file(&path)?;
            }
        }
        folder::sync(&self.folder)
    }

    /// The parcel with these bytes, looked for by their hash alone: no name is believed.
    ///
    /// # Errors
    /// The disk.
    pub(super) fn find(
        &self,
        bytes: Option<u64>,
        sha256: &str,
        most: u64,
    ) -> io::Result<Option<PathBuf>> {
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let length = path.metadata()?.len();
            let fits = length <= most && bytes.is_none_or(|bytes| bytes == length);
            if fits && hash_of(&path)? == sha256 {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }
}

fn hash_of(path: &Path) -> io::Result<String> {
    let (mut file, mut hash, mut step) = (File::open(path)?, Sha256::new(), vec![0; STEP]);
    loop {
        match file.read(&mut step)? {
            0 => return Ok(hex(&hash.finalize())),
            read => hash.update(&step[..read]),
        }
    }
}

impl Parcels for DiskParcels {
    fn room(&mut self) -> io::Result<u64> {
        Ok(disk::room(&self.folder)?
            .free
            .saturating_sub(self.keep_free))
    }

    fn length(&mut self, name: &str) -> io::Result<u64> {
        match self.path(name)?.metadata() {
            Ok(there) => Ok(there.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.right.remove(name);
        self.growing(name)?.file.write_all(bytes)
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        let growing = self.growing(name)?;
        let (synced, new) = (growing.file.sync_data(), growing.new);
        if synced.is_err() {
            // What this handle knows of its pages is not to be believed any more.
            self.growing = None;
        }
        synced?;
        if new {
            folder::sync(&self.folder)?;
            if let Some(growing) = &mut self.growing {
                growing.new = false;
            }
        }
        Ok(())
    }

    fn read(&mut self, name: &str, at: u64, into: &mut [u8]) -> io::Result<()> {
        File::open(self.path(name)?)?.read_exact_at(into, at)
    }

    fn truncate(&mut self, name: &str, length: u64) -> io::Result<()> {
        self.growing = None;
        self.right.remove(name);
        let path = self.path(name)?;
        let file = OpenOptions::new().read(true).write(true).open(&path)?;
        if file.metadata()?.nlink() < 2 {
            file.set_len(length)?;
            return file.sync_all();
        }
        // It is on the shelf for other boxes too, and stays there as it is.
        let aside = self.folder.join(ASIDE);
        let mut copy = File::create(&aside)?;
        io::copy(&mut file.take(length), &mut copy)?;
        copy.sync_all()?;
        fs::rename(&aside, &path)?;
        folder::sync(&self.folder)
    }

    fn remember_right(&mut self, name: &str, right: bool) {
        if right {
            self.right.insert(name.to_owned());
        } else {
            self.right.remove(name);
        }
    }

    fn is_remembered_right(&self, name: &str) -> bool {
        self.right.contains(name)
    }

    fn keep_only(&mut self, names: &[&str]) -> io::Result<()> {
        self.right.retain(|name| names.contains(&name.as_str()));
        let mut removed = false;
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if !names.iter().any(|name| entry.file_name() == *name) {
                fs::remove_file(entry.path())?;
                removed = true;
            }
        }
        if !removed {
            return Ok(());
        }
        self.growing = None;
        folder::sync(&self.folder)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn parcels() -> (tempfile::TempDir, DiskParcels) {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::in_data(data.path());
        folder.make().unwrap();
        (data, DiskParcels::in_folder(&folder, 1000))
    }

    #[test]
    fn a_parcel_grows_is_cut_and_goes() {
        let (_data, mut parcels) = parcels();
        assert_eq!(parcels.length("one").unwrap(), 0);
        parcels.append("one", b"abc").unwrap();
        parcels.append("two", b"x").unwrap();
        parcels.append("one", b"def").unwrap();
        parcels.sync("one").unwrap();
        let mut read = [0; 4];
        parcels.read("one", 2, &mut read).unwrap();
        assert_eq!((&read, parcels.length("one").unwrap()), (b"cdef", 6));
        assert!(parcels.read("one", 3, &mut read).is_err(), "beyond its end");
        parcels.truncate("one", 2).unwrap();
        parcels.append("one", b"XY").unwrap();
        parcels.read("one", 0, &mut read).unwrap();
        assert_eq!(&read, b"abXY");
        parcels.keep_only(&["two"]).unwrap();
        assert_eq!(
            (
                parcels.length("one").unwrap(),
                parcels.length("two").unwrap()
            ),
            (0, 1)
        );
        // A name that was removed is a new file, not the old handle.
        parcels.append("one", b"!").unwrap();
        parcels.sync("one").unwrap();
        assert_eq!(parcels.length("one").unwrap(), 1);
    }

    #[test]
    fn a_name_leads_nowhere_else() {
        let (_data, mut parcels) = parcels();
        for name in [
            "",
            "../x",
            "a/b",
            ".hidden",
            "..",
            "Capital",
            "a\0b",
            &"x".repeat(300),
        ] {
            assert!(parcels.append(name, b"x").is_err(), "{name:?}");
        }
        parcels.append("root.crown-1", b"x").unwrap();
    }

    #[test]
    fn what_other_boxes_are_given_is_not_cut_with_it() {
        let (data, mut parcels) = parcels();
        parcels.append("one", b"abcdef").unwrap();
        let shelf = data.path().join("shelf");
        fs::hard_link(parcels.path("one").unwrap(), &shelf).unwrap();
        parcels.truncate("one", 3).unwrap();
        assert_eq!(parcels.length("one").unwrap(), 3);
        assert_eq!(fs::read(shelf).unwrap(), b"abcdef");
    }

    #[test]
    fn a_parcel_is_found_by_what_it_holds() {
        let (_data, mut parcels) = parcels();
        parcels.append("one", b"abc").unwrap();
        let hash = hex(&Sha256::digest(b"abc"));
        assert!(parcels.find(Some(3), &hash, 100).unwrap().is_some());
        assert!(parcels.find(None, &hash, 100).unwrap().is_some());
        assert!(parcels.find(Some(4), &hash, 100).unwrap().is_none());
        assert!(parcels.find(None, &hash, 2).unwrap().is_none());
        assert!(
            parcels
                .find(Some(3), &hex(&Sha256::digest(b"abd")), 100)
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn the_room_is_what_others_do_not_need() {
        let (data, mut parcels) = parcels();
        let free = disk::room(data.path()).unwrap().free;
        assert!(parcels.room().unwrap() <= free);
        parcels.keep_free = u64::MAX;
        assert_eq!(parcels.room().unwrap(), 0);
    }
}
