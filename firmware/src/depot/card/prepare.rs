//! The data partition of a profile, made once at the desk: the library imported, every blob checked, made into a file system in a file.
//!
//! ```text
//! DESK/<key>/offered/    packs of a repository, while it is made
//!            data/       what the box will find under its data folder, while it is made
//!            data.ext4   the file system
//!            map.json    which file stands where
//!            facts.json  what it holds: written last, its presence means that it was whole then
//! ```
//! The key names the program, the settings and the state of every input: a profile that changed is made anew, beside the old one. What was made before is
//! read through before it is taken again: a desk's disk rots, too. Nothing in it is a box's own: name, keys and numbers are drawn by the box that starts
//! from it.

use super::e2fs::{self, Making, Tool};
use super::ext4::Used;
use super::hashing;
use super::library::{self, Shelved};
use super::map::DataMap;
use super::profile::Profile;
use crate::depot::manifest::PackLine;
use crate::depot::repo::shop::ShopPack;
use crate::depot::tell;
use crate::hex::hex;
use crate::serial;
use content_store::disk::write_aside;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Changes when the same inputs are to be made into something else.
const RECIPE: &str = "school-box card 2";
/// For what the box writes before its file system has grown to the whole card, bytes.
const SPARE: u64 = 160 << 20;
/// A file system of a multiple of this has whole groups of blocks.
const GROUP: u64 = 128 << 20;
/// Bytes of a card's file system for each of its inodes (`-i`).
const BYTES_AN_INODE: u64 = 16_384;

/// What was prepared.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Facts {
    /// SHA-256 of the blocks in use, hexadecimal.
    pub(super) sha256: String,
    /// Bytes of them.
    pub(super) bytes: u64,
    /// Where the serial number stands, bytes from the file system's first.
    pub(super) serial_at: u64,
    pub(super) packs: Vec<PackLine>,
}

/// A prepared data partition.
#[derive(Debug)]
pub(super) struct Prepared {
    /// The file system. It is this one that was looked at, whatever has its name by now.
    pub(super) file: File,
    pub(super) used: Used,
    pub(super) facts: Facts,
    pub(super) map: DataMap,
}

/// Says what is done: a word, how much, of how much.
pub(super) type Tell<'a> = &'a mut dyn FnMut(&str, u64, u64);

/// What a data partition is made of.
pub(super) struct Recipe<'a> {
    pub(super) profile: &'a Profile,
    /// What of the profile's packs a repository offers.
    pub(super) offered: &'a [ShopPack],
}

impl Prepared {
    /// By `recipe`, in the folder `desk`: what was made before is read through, and taken again if it is still what it was.
    ///
    /// # Errors
    /// One line. What is not whole stays without `facts.json` and is made anew the next time; imports go on where they stopped.
    pub(super) fn of(recipe: &Recipe<'_>, desk: &Path, tell: Tell<'_>) -> Result<Self, String> {
        let folder = desk.join(key(recipe)?);
        // Another depot may be at it: then it is waited for, and its work is taken.
        let lock = fs::create_dir_all(&folder).and_then(|()| File::create(folder.join("lock")));
        let lock = lock.map_err(|error| unwritten(&folder, &error))?;
        lock.lock().map_err(|error| unwritten(&folder, &error))?;
        let facts = folder.join("facts.json");
        if facts.exists() {
            match Self::read(&folder).and_then(|prepared| prepared.unchanged(tell)) {
                Ok(prepared) => return Ok(prepared),
                // The desk's own fault, and no card's.
                Err(why) => {
                    tell::warn(&format!(
                        "what was prepared at this desk in {} is not what it was ({why}): it is made anew; look after the desk's disk",
                        folder.display()
                    ));
                    fs::remove_file(&facts).map_err(|error| unwritten(&facts, &error))?;
                }
            }
        }
        make(recipe, &folder, tell)?;
        let failed = |why| {
            format!(
                "what was prepared in {} cannot be used: {why}",
                folder.display()
            )
        };
        Self::read(&folder).map_err(failed)
    }

    /// What is in a folder, as it says of itself.
    fn read(folder: &Path) -> Result<Self, String> {
        let json = |name: &str| {
            let path = folder.join(name);
            fs::read(&path).map_err(|error| unread(&path, &error))
        };
        let facts: Facts = serde_json::from_slice(&json("facts.json")?)
            .map_err(|error| format!("facts.json is garbled: {error}"))?;
        let map = DataMap::read(&folder.join("map.json"), &facts.sha256)?;
        let image = folder.join("data.ext4");
        let file = File::open(&image).map_err(|error| unread(&image, &error))?;
        let used = Used::read(&file, 0)
            .map_err(|problem| format!("{} is damaged: {problem}", image.display()))?;
        Ok(Self {
            file,
            used,
            facts,
            map,
        })
    }

    /// Every byte that goes onto a card is what it was when it was prepared.
    fn unchanged(self, tell: Tell<'_>) -> Result<Self, String> {
        let mut told = |done, total| tell("checking what was prepared", done, total);
        let found = hashing::sha256(&self.file, &self.used.runs, None, &mut told);
        let found = found.map_err(|error| format!("data.ext4 cannot be read: {error}"))?;
        match found == self.facts.sha256 && self.used.total() == self.facts.bytes {
            true => Ok(self),
            false => Err("bytes of data.ext4 have changed".to_owned()),
        }
    }
}

/// Names the program, the settings and the state of each input: of a file by lengths and times of change, of what is signed by its hash.
fn key(recipe: &Recipe<'_>) -> Result<String, String> {
    let profile = recipe.profile;
    let mut hash = Sha256::new();
    let program = env!("CARGO_PKG_VERSION");
    hash.update(format!("{RECIPE} {program}\n{}\n", profile.config_text));
    hash.update(profile.root.as_deref().unwrap_or_default());
    for pack in recipe.offered {
        hash.update(format!("\noffered {} {}\n", pack.id(), pack.sha256));
    }
    for pack in &profile.packs {
        let source = &pack.plan.source;
        hash.update(format!("\n{} {:?}\n", pack.plan.id, pack.sha256));
        for (path, found) in walk(source).map_err(|error| unread(source, &error))? {
            let path = path.strip_prefix(source).unwrap_or(&path);
            hash.update(format!(
                "{} {} {} {}\n",
                path.display(),
                found.len(),
                found.mtime(),
                found.mtime_nsec()
            ));
        }
    }
    Ok(hex(&hash.finalize()).chars().take(16).collect())
}

fn make(recipe: &Recipe<'_>, folder: &Path, tell: Tell<'_>) -> Result<(), String> {
    // What is missing is told before hours of copying.
    let tools = Tools {
        mke2fs: Tool::find("mke2fs")?,
        debugfs: Tool::find("debugfs")?,
        e2fsck: Tool::find("e2fsck")?,
    };
    let data = folder.join("data");
    fs::create_dir_all(&data).map_err(|error| unwritten(&data, &error))?;
    let shelved = library::filled(recipe, folder, &data, tell)?;
    let write = |name: &str, bytes: &[u8]| {
        write_aside(&data.join(name), bytes).map_err(|error| unwritten(&data.join(name), &error))
    };
    write(
        crate::config::NAME_IN_DATA,
        recipe.profile.config_text.as_bytes(),
    )?;
    if let Some(root) = &recipe.profile.root {
        write("update-root.json", root)?;
    }
    write(serial::NAME, &serial::blank())?;
    let facts = file_system(&tools, folder, &data, shelved, tell)?;
    let text = serde_json::to_vec_pretty(&facts).unwrap_or_default();
    write_aside(&folder.join("facts.json"), &text).map_err(|error| unwritten(folder, &error))?;
    // All of it is in the file system now. What cannot be removed is only in the way.
    let _ = fs::remove_dir_all(&data);
    let _ = fs::remove_dir_all(folder.join(library::OFFERED));
    let _ = fs::remove_file(folder.join("orders"));
    Ok(())
}

struct Tools {
    mke2fs: Tool,
    debugfs: Tool,
    e2fsck: Tool,
}

/// Makes `data.ext4` and `map.json` of everything in `data`.
fn file_system(
    tools: &Tools,
    folder: &Path,
    data: &Path,
    shelved: Shelved,
    tell: Tell<'_>,
) -> Result<Facts, String> {
    let paths = modes(data)?;
    // Beside the old one: another depot may be writing cards from that.
    let (image, orders) = (folder.join("data.ext4.new"), folder.join("orders"));
    tell("making the file system", 0, 1);
    let making = Making {
        folder: data,
        image: &image,
        bytes: size(data)?,
    };
    e2fs::make(&tools.mke2fs, &making)?;
    e2fs::hand_over(&tools.debugfs, &image, &paths, &orders)?;
    e2fs::check(&tools.e2fsck, &image)?;
    let serial = format!("/{}", serial::NAME);
    let serial_at = e2fs::first_block(&tools.debugfs, &image, &serial)?;
    let (sha256, bytes) = seal(&image, tell)?;
    let mut owned = shelved.files;
    let is_file = |path: &&String| data.join(path.trim_start_matches('/')).is_file();
    for path in paths.iter().filter(is_file).filter(|path| **path != serial) {
        owned.entry(path.clone()).or_default();
    }
    let mut told = |done, total| tell("noting what stands where", done, total);
    let map = DataMap::of(&image, &sha256, owned, (&tools.debugfs, &orders), &mut told)?;
    let kept = write_aside(&folder.join("map.json"), &map.text())
        .and_then(|()| fs::rename(&image, folder.join("data.ext4")));
    kept.map_err(|error| unwritten(folder, &error))?;
    Ok(Facts {
        sha256,
        bytes,
        serial_at,
        packs: shelved.packs,
    })
}

/// The hash of the blocks in use. No other block has anything in it, or a card would lack it.
fn seal(image: &Path, tell: Tell<'_>) -> Result<(String, u64), String> {
    let problem = |problem: String| format!("{}: {problem}", image.display());
    let file = File::open(image).map_err(|error| unread(image, &error))?;
    file.sync_all().map_err(|error| unwritten(image, &error))?;
    let used = Used::read(&file, 0).map_err(problem)?;
    let mut free = Vec::new();
    let mut at = 0;
    for (begin, bytes) in &used.runs {
        free.push((at, begin - at));
        at = begin + bytes;
    }
    free.push((at, used.bytes - at));
    if !hashing::blank(&file, &free).map_err(|error| unread(image, &error))? {
        return Err(problem("mke2fs put something where its bitmaps say that nothing is; use e2fsprogs 1.46 or later".to_owned()));
    }
    let mut told = |done, total| tell("hashing", done, total);
    let sha256 = hashing::sha256(&file, &used.runs, None, &mut told)
        .map_err(|error| unread(image, &error))?;
    Ok((sha256, used.total()))
}

/// Who may read what, as on a box, whatever the desk's umask says. Every path as the file system will have it.
fn modes(data: &Path) -> Result<Vec<String>, String> {
    let mut paths = Vec::new();
    for (path, found) in walk(data).map_err(|error| unread(data, &error))? {
        let below = path.strip_prefix(data).unwrap_or(&path);
        let mode = match found.is_dir() {
            true if below == Path::new("") => 0o750,
            true => 0o755,
            false => 0o644,
        };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))
            .map_err(|error| unwritten(&path, &error))?;
        if below != Path::new("") {
            paths.push(format!("/{}", below.display()));
        }
    }
    Ok(paths)
}

/// Bytes of the file system that has room for it.
fn size(data: &Path) -> Result<u64, String> {
    let all = walk(data).map_err(|error| unread(data, &error))?;
    let blocks: u64 = all
        .iter()
        .map(|(_, found)| found.len().div_ceil(super::ext4::BLOCK) + 1)
        .sum();
    // Inodes, bitmaps, extents: 1.6 % and a little.
    let bytes = blocks * super::ext4::BLOCK / 100 * 103 + SPARE;
    let inodes = all.len() as u64 * BYTES_AN_INODE / 100 * 120;
    Ok(bytes.max(inodes).next_multiple_of(GROUP))
}

/// A file or folder and everything below it, sorted; links are not followed.
fn walk(root: &Path) -> std::io::Result<Vec<(PathBuf, fs::Metadata)>> {
    let (mut all, mut ahead) = (Vec::new(), vec![root.to_owned()]);
    while let Some(path) = ahead.pop() {
        let found = path.symlink_metadata()?;
        if found.is_dir() {
            for entry in fs::read_dir(&path)? {
                ahead.push(entry?.path());
            }
        }
        all.push((path, found));
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(all)
}

pub(super) fn unread(path: &Path, error: &std::io::Error) -> String {
    format!("{} cannot be read ({error})", path.display())
}

pub(super) fn unwritten(path: &Path, error: &std::io::Error) -> String {
    format!(
        "{} cannot be written ({error}): give a folder with room with --desk",
        path.display()
    )
}
