//! The data partition of a profile, made once at the desk: the library imported, every blob checked, made into a file system in a file.
//!
//! ```text
//! DESK/<key>/data/       what the box will find under its data folder, while it is made
//!            data.ext4   the file system
//!            facts.json  what it holds: written last, its presence means that it is whole
//! ```
//! The key names the settings and the state of every input: a profile that changed is made anew, beside the old one. Nothing in it is a box's own: name,
//! keys and numbers are drawn by the box that starts from it.

use super::e2fs::{self, Making, Tool};
use super::ext4::Used;
use super::hashing;
use super::profile::Profile;
use crate::depot::manifest::PackLine;
use crate::depot::repo::digest::hex;
use crate::serial;
use content_store::disk::write_aside;
use content_store::formats::{self, ImportProgress};
use content_store::library::{Library, LibraryOptions};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::error::Error;
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Changes when the same inputs are to be made into something else.
const RECIPE: &str = "school-box card 1";
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
pub(super) struct Prepared {
    pub(super) image: PathBuf,
    pub(super) used: Used,
    pub(super) facts: Facts,
}

/// Says what is done: a word, how much, of how much.
pub(super) type Tell<'a> = &'a mut dyn FnMut(&str, u64, u64);

impl Prepared {
    /// Of `profile`, in the folder `desk`: what was made before is taken again.
    ///
    /// # Errors
    /// One line. What is not whole stays without `facts.json` and is made anew the next time; imports go on where they stopped.
    pub(super) fn of(profile: &Profile, desk: &Path, tell: Tell<'_>) -> Result<Self, String> {
        let folder = desk.join(key(profile)?);
        if !folder.join("facts.json").exists() {
            // Another depot may be at it: then it is waited for, and its work is taken.
            let lock = fs::create_dir_all(&folder).and_then(|()| File::create(folder.join("lock")));
            let lock = lock.map_err(|error| unwritten(&folder, &error))?;
            lock.lock().map_err(|error| unwritten(&folder, &error))?;
            if !folder.join("facts.json").exists() {
                make(profile, &folder, tell)?;
            }
        }
        let image = folder.join("data.ext4");
        let failed = |error: &dyn Error| {
            format!(
                "what was prepared in {} cannot be used ({error}): remove that folder, and it is made anew",
                folder.display()
            )
        };
        let facts = fs::read(folder.join("facts.json")).map_err(|error| failed(&error))?;
        let facts = serde_json::from_slice(&facts).map_err(|error| failed(&error))?;
        let file = File::open(&image).map_err(|error| failed(&error))?;
        let used = Used::read(&file, 0).map_err(|problem| {
            format!(
                "{} is damaged ({problem}): remove {}, and it is made anew",
                image.display(),
                folder.display()
            )
        })?;
        Ok(Self { image, used, facts })
    }
}

/// Names the settings and the state of each input, by lengths and times of change.
fn key(profile: &Profile) -> Result<String, String> {
    let mut hash = Sha256::new();
    hash.update(format!("{RECIPE}\n{}\n", profile.config_text));
    hash.update(profile.root.as_deref().unwrap_or_default());
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

fn make(profile: &Profile, folder: &Path, tell: Tell<'_>) -> Result<(), String> {
    // What is missing is told before hours of copying.
    let (mke2fs, debugfs, e2fsck) = (
        Tool::find("mke2fs")?,
        Tool::find("debugfs")?,
        Tool::find("e2fsck")?,
    );
    for pack in &profile.packs {
        check_hash(pack, tell)?;
    }
    let data = folder.join("data");
    fs::create_dir_all(&data).map_err(|error| unwritten(&data, &error))?;
    let packs = library(profile, &data, tell)?;
    let write = |name: &str, bytes: &[u8]| {
        write_aside(&data.join(name), bytes).map_err(|error| unwritten(&data.join(name), &error))
    };
    write(crate::config::NAME_IN_DATA, profile.config_text.as_bytes())?;
    if let Some(root) = &profile.root {
        write("update-root.json", root)?;
    }
    write(serial::NAME, &serial::blank())?;
    let paths = modes(&data)?;
    let image = folder.join("data.ext4");
    tell("making the file system", 0, 1);
    let making = Making {
        folder: &data,
        image: &image,
        bytes: size(&data)?,
    };
    e2fs::make(&mke2fs, &making)?;
    e2fs::hand_over(&debugfs, &image, &paths, &folder.join("orders"))?;
    e2fs::check(&e2fsck, &image)?;
    let serial_at = e2fs::first_block(&debugfs, &image, "/serial")?;
    let (sha256, bytes) = seal(&image, tell)?;
    let facts = Facts {
        sha256,
        bytes,
        serial_at,
        packs,
    };
    let text = serde_json::to_vec_pretty(&facts).unwrap_or_default();
    write_aside(&folder.join("facts.json"), &text).map_err(|error| unwritten(folder, &error))?;
    // All of it is in the file system now. What cannot be removed is only in the way.
    let _ = fs::remove_dir_all(&data);
    let _ = fs::remove_file(folder.join("orders"));
    Ok(())
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

fn check_hash(pack: &super::profile::Pack, tell: Tell<'_>) -> Result<(), String> {
    let Some(expected) = &pack.sha256 else {
        return Ok(());
    };
    let path = &pack.plan.source;
    let file = File::open(path).map_err(|error| unread(path, &error))?;
    let bytes = file.metadata().map_err(|error| unread(path, &error))?.len();
    let mut told = |done, total| tell("checking what goes in", done, total);
    let found = hashing::sha256(&file, &[(0, bytes)], None, &mut told)
        .map_err(|error| unread(path, &error))?;
    match found == *expected {
        true => Ok(()),
        false => Err(format!(
            "{} has the SHA-256 {found}, the profile says {expected}: get the file again, or mend the profile",
            path.display()
        )),
    }
}

/// Everything imported, and every blob read once more.
fn library(profile: &Profile, data: &Path, tell: Tell<'_>) -> Result<Vec<PackLine>, String> {
    let line = |error: &dyn Error| {
        let mut line = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            line = format!("{line}: {error}");
            cause = error.source();
        }
        line
    };
    // The desk's own disk is its owner's business.
    let library =
        Library::open(data, LibraryOptions { keep_free: 0 }).map_err(|error| line(&error))?;
    for pack in &profile.packs {
        let mut told = |progress: ImportProgress| {
            tell(
                &format!("{} {}", progress.phase, pack.plan.id),
                progress.done,
                progress.total,
            )
        };
        let staged =
            formats::stage(&pack.plan, data, 0, &mut told).map_err(|error| line(&error))?;
        library.adopt(&staged).map_err(|error| line(&error))?;
    }
    library.settle().map_err(|error| line(&error))?;
    let report = library
        .verify(&mut |done, total| tell("checking every file", done, total))
        .map_err(|error| line(&error))?;
    if let Some(fault) = report.faults.first() {
        return Err(format!(
            "the library that was made is not sound ({fault}): the desk's disk may be failing; remove {} and try again",
            data.display()
        ));
    }
    let mut packs: Vec<PackLine> = (library.packs().iter())
        .map(|pack| PackLine {
            id: pack.id.to_string(),
            title: pack.title.clone(),
            language: pack.language.clone(),
            version: pack.version.clone(),
            bytes: pack.bytes,
        })
        .collect();
    packs.sort_by(|a, b| a.id.cmp(&b.id));
    // Its threads end, and its journal is folded into the file.
    drop(library);
    Ok(packs)
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

fn unread(path: &Path, error: &std::io::Error) -> String {
    format!("{} cannot be read ({error})", path.display())
}

fn unwritten(path: &Path, error: &std::io::Error) -> String {
    format!(
        "{} cannot be written ({error}): give a folder with room with --desk",
        path.display()
    )
}
