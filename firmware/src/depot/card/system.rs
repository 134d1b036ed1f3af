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

/// Looks at `image`, or remembers what was seen of it in the folder `desk`.
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
    let state = format!(
        "{} {} {} {}",
        fs::canonicalize(path).unwrap_or_default().display(),
        found.len(),
        found.mtime(),
        found.mtime_nsec()
    );
    let memory = desk.join("image.json");
    let known = fs::read(&memory)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Seen>(&bytes).ok());
    let seen = match known.filter(|known| known.state == state) {
        Some(known) => as_it_was(path, &file, found.len(), known, tell)?,
        None => {
            let seen = see(&file, found.len(), &table, state, tell)
                .map_err(|error| unread(path, &error))?;
            let text = serde_json::to_vec_pretty(&seen).unwrap_or_default();
            let kept = fs::create_dir_all(desk).and_then(|()| write_aside(&memory, &text));
            kept.map_err(|error| {
                format!(
                    "{} cannot be written ({error}): give a folder with room with --desk",
                    memory.display()
                )
            })?;
            seen
        }
    };
    match &image.sha256 {
        Some(expected) if *expected != seen.sha256 => Err(format!(
            "{} has the SHA-256 {}, the profile says {expected}: get the image again, or mend image.sha256",
            path.display(),
            seen.sha256
        )),
        Some(_) | None => Ok((file, table, seen)),
    }
}

/// The same bytes as when it was looked at.
fn as_it_was(
    path: &Path,
    file: &File,
    bytes: u64,
    known: Seen,
    tell: &mut dyn FnMut(&str, u64, u64),
) -> Result<Seen, String> {
    let mut told = |done, total| tell("checking the image", done, total);
    let found = hashing::sha256(file, &[(0, bytes)], None, &mut told);
    match found.map_err(|error| unread(path, &error))? == known.sha256 {
        true => Ok(known),
        false => Err(format!(
            "the image {} at this desk is not what it was, and nobody wrote to it: the desk's disk may be failing; get the image again",
            path.display()
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
