//! Which file of the data partition stands where, and which packs it is of: what a wrong byte on a card belongs to.
//!
//! Made once with the data partition, and kept beside the manifest under the name of that partition's hash: `MANIFEST.maps/<hash>.json`. A card cannot tell
//! it of itself: what is damaged may be its own file system.

use super::bytes::ReadAt;
use super::e2fs::{self, Run, Tool};
use super::hashing;
use crate::depot::manifest::PackLine;
use content_store::disk::write_aside;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The format of a map that this program writes.
const FORMAT: u32 = 1;
/// Digits of the hash in a map's name: enough to tell a manifest's partitions apart.
const DIGITS: usize = 16;

/// The files of a data partition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct DataMap {
    /// [`FORMAT`].
    format: u32,
    /// SHA-256 of the partition's blocks in use, as the manifest has it, hexadecimal.
    data: String,
    /// In the order in which they stand there; none is empty.
    files: Vec<Placed>,
}

/// A file of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Placed {
    /// From `/` on.
    path: String,
    /// Ids of the packs that it is of; none: it is of no pack.
    packs: Vec<String>,
    /// SHA-256 of its blocks, hexadecimal.
    sha256: String,
    /// Where they stand, bytes from the file system's first, in the file's own order.
    runs: Vec<Run>,
}

/// A file that is looked for: its path in the file system, and its packs.
pub(super) type Owned = BTreeMap<String, Vec<String>>;

impl DataMap {
    /// Of these files in the file system `image`, whose blocks in use have the hash `data`. `orders`: a file for `debugfs`.
    pub(super) fn of(
        image: &Path,
        data: &str,
        files: Owned,
        (debugfs, orders): (&Tool, &Path),
        tell: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, String> {
        let paths: Vec<String> = files.keys().cloned().collect();
        let runs = e2fs::runs(debugfs, image, &paths, orders)?;
        let place = |((path, packs), runs)| Placed {
            path,
            packs,
            sha256: String::new(),
            runs,
        };
        let placed = files.into_iter().zip(runs).map(place);
        let mut files: Vec<Placed> = placed.filter(|file| !file.runs.is_empty()).collect();
        // As they stand on the card, so that a look at all of them goes from its begin to its end.
        files.sort_by_key(|file| file.runs.first().copied());
        let unread = |error| format!("{} cannot be read ({error})", image.display());
        let disk = fs::File::open(image).map_err(unread)?;
        let of_each: Vec<&[Run]> = files.iter().map(|file| &file.runs[..]).collect();
        let hashes = hashing::each(&disk, &of_each, tell).map_err(unread)?;
        for (file, hash) in files.iter_mut().zip(hashes) {
            file.sha256 = hash;
        }
        Ok(Self {
            format: FORMAT,
            data: data.to_owned(),
            files,
        })
    }

    /// As it is kept.
    pub(super) fn text(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads one.
    ///
    /// # Errors
    /// One line: it is not there, or is none of `data`.
    pub(super) fn read(path: &Path, data: &str) -> Result<Self, String> {
        let unread =
            |why: &dyn std::fmt::Display| format!("{} cannot be read ({why})", path.display());
        let text = fs::read(path).map_err(|error| unread(&error))?;
        let map: Self = serde_json::from_slice(&text).map_err(|error| unread(&error))?;
        match map.format == FORMAT && map.data == data {
            true => Ok(map),
            false => Err(unread(&"it is of another partition, or of another program")),
        }
    }

    /// Keeps it beside a manifest, whose lines name its partition.
    pub(super) fn keep(&self, manifest: &Path) -> Result<(), String> {
        let path = beside(manifest, &self.data);
        if Self::read(&path, &self.data).is_ok_and(|known| known == *self) {
            return Ok(());
        }
        let kept = fs::create_dir_all(path.parent().unwrap_or(Path::new(".")));
        let kept = kept.and_then(|()| write_aside(&path, &self.text()));
        kept.map_err(|error| {
            format!(
                "{} cannot be written ({error}): give a manifest in a folder with room",
                path.display()
            )
        })
    }

    /// The files whose blocks are others on a card, where the partition begins at `at`.
    pub(super) fn differing(
        &self,
        card: &(dyn ReadAt + Sync),
        at: u64,
        tell: &mut dyn FnMut(u64, u64),
    ) -> io::Result<Vec<&Placed>> {
        let there = |file: &Placed| -> Vec<Run> {
            let there = |(begin, bytes): &Run| (at.saturating_add(*begin), *bytes);
            file.runs.iter().map(there).collect()
        };
        let runs: Vec<Vec<Run>> = self.files.iter().map(there).collect();
        let runs: Vec<&[Run]> = runs.iter().map(Vec::as_slice).collect();
        let found = hashing::each(card, &runs, tell)?;
        let pairs = self.files.iter().zip(found);
        Ok(pairs
            .filter(|(file, found)| file.sha256 != *found)
            .map(|(file, _)| file)
            .collect())
    }
}

/// Where the map of a partition lies beside a manifest.
pub(super) fn beside(manifest: &Path, data: &str) -> PathBuf {
    let name = data.get(..DIGITS).unwrap_or(data);
    manifest
        .with_extension("maps")
        .join(name)
        .with_extension("json")
}

/// A line for each pack that has a file among `files`, with the first of them, and for each other file.
pub(super) fn told(files: &[&Placed], packs: &[PackLine]) -> Vec<String> {
    let mut of_packs: BTreeMap<&str, Vec<&Placed>> = BTreeMap::new();
    let mut lines = Vec::new();
    for file in files {
        match file.packs.is_empty() {
            true => lines.push(format!("{} differs from what was written", file.path)),
            false => {
                for pack in &file.packs {
                    of_packs.entry(pack).or_default().push(file);
                }
            }
        }
    }
    let of_packs = of_packs.into_iter().map(|(id, files)| {
        let title = packs.iter().find(|pack| pack.id == id);
        let title = title.map_or("", |pack| &pack.title);
        let first = files.first().map_or("", |file| &file.path);
        let more = match files.len() {
            1 => String::new(),
            all => format!(" and {} more", all - 1),
        };
        format!("the pack {id} ({title}) differs from what was written: {first}{more}")
    });
    of_packs.chain(lines).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn placed(path: &str, packs: &[&str], runs: &[Run]) -> Placed {
        Placed {
            path: path.to_owned(),
            packs: packs.iter().map(|id| (*id).to_owned()).collect(),
            sha256: String::new(),
            runs: runs.to_vec(),
        }
    }

    /// A map of three files, and the disk that it is of, which begins at 4096.
    fn map() -> (DataMap, Vec<u8>) {
        let disk: Vec<u8> = (0..40_960_u32).map(|n| (n % 249) as u8).collect();
        let mut files = vec![
            placed("/library/blobs/aa/aa01", &["stars", "water"], &[(0, 4096)]),
            placed(
                "/library/blobs/bb/bb02",
                &["water"],
                &[(16_384, 4096), (4096, 4096)],
            ),
            placed("/config.toml", &[], &[(24_576, 4096)]),
        ];
        for file in &mut files {
            let there: Vec<Run> = file.runs.iter().map(|run| (run.0 + 4096, run.1)).collect();
            let hashes = hashing::each(&disk, &[&there], &mut |_, _| {}).unwrap();
            file.sha256 = hashes.into_iter().next().unwrap();
        }
        let map = DataMap {
            format: FORMAT,
            data: "ab".repeat(32),
            files,
        };
        (map, disk)
    }

    #[test]
    fn a_wrong_byte_is_told_with_the_packs_whose_it_is() {
        let packs = ["stars", "water"].map(|id| PackLine {
            id: id.to_owned(),
            title: format!("All of {id}"),
            language: String::new(),
            version: String::new(),
            bytes: 1,
        });
        let told_of = |places: &[usize]| {
            let (map, mut disk) = map();
            places.iter().for_each(|place| disk[4096 + place] ^= 1);
            let differing = map.differing(&disk, 4096, &mut |_, _| {}).unwrap();
            told(&differing, &packs)
        };
        assert_eq!(
            told_of(&[8000]),
            ["the pack water (All of water) differs from what was written: /library/blobs/bb/bb02"]
        );
        assert_eq!(
            told_of(&[0, 16_384, 24_600]),
            [
                "the pack stars (All of stars) differs from what was written: /library/blobs/aa/aa01",
                "the pack water (All of water) differs from what was written: /library/blobs/aa/aa01 and 1 more",
                "/config.toml differs from what was written",
            ]
        );
        // Control: as it was, and a byte of no file.
        assert_eq!(told_of(&[]), [""; 0]);
        assert_eq!(told_of(&[12_000]), [""; 0]);
    }

    #[test]
    fn a_map_is_kept_once_and_one_of_another_partition_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let manifest = dir.path().join("islands.cards.jsonl");
        let (map, _) = map();
        map.keep(&manifest).unwrap();
        map.keep(&manifest).unwrap();
        let path = dir.path().join("islands.cards.maps/abababababababab.json");
        assert_eq!(beside(&manifest, &map.data), path);
        assert_eq!(DataMap::read(&path, &map.data).unwrap(), map);
        let other = DataMap::read(&path, &"cd".repeat(32)).unwrap_err();
        assert!(other.contains("of another partition"), "{other}");
        // What rotted is made anew.
        fs::write(&path, "{").unwrap();
        assert!(DataMap::read(&path, &map.data).is_err());
        map.keep(&manifest).unwrap();
        assert_eq!(DataMap::read(&path, &map.data).unwrap(), map);
    }
}
