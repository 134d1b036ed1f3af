//! What a bundle may say.

use super::{BUNDLE_AT_MOST, Bundle, BundleError, CHUNK, FileRef, PatchRef, Payload};
use crate::image::BLOCK;
use crate::slot::Part;
use crate::trust::hex;
use serde::Deserialize;

/// The format that is known here.
const FORMAT: u32 = 1;
/// No payload is larger: the hash tree's own limit, 64 GiB.
const PAYLOAD_AT_MOST: u64 = (1 << 24) * BLOCK as u64;
/// The kernel's dm-verity takes no longer salt, bytes.
const SALT_AT_MOST: usize = 256;
/// Ways from other releases.
const PATCHES_AT_MOST: usize = 64;
/// Characters of a board's or release's name, and of a place.
const NAME_AT_MOST: usize = 64;
const LOCATION_AT_MOST: usize = 300;
/// What a file may have beyond what it describes: heads and tables.
const HEADS: u64 = 1 << 20;

type Checked = Result<(), BundleError>;

/// What is wrong with a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// So many bytes cannot be.
    Size(u64, &'static str),
    /// What it says.
    Says(String),
}

type OfPayload = Result<(), Wrong>;

/// Only what all formats have.
#[derive(Deserialize)]
struct Kind {
    format: u32,
}

pub(super) fn parse(bytes: &[u8]) -> Result<Bundle, BundleError> {
    if bytes.len() as u64 > BUNDLE_AT_MOST {
        return Err(garbled(format!("it has {} bytes", bytes.len())));
    }
    let read = |error: serde_json::Error| garbled(short(&error.to_string()));
    let kind: Kind = serde_json::from_slice(bytes).map_err(read)?;
    if kind.format != FORMAT {
        return Err(BundleError::Format(kind.format));
    }
    let bundle: Bundle = serde_json::from_slice(bytes).map_err(read)?;
    whole(&bundle)?;
    Ok(bundle)
}

fn garbled(why: impl Into<String>) -> BundleError {
    BundleError::Garbled(why.into())
}

fn says(why: impl Into<String>) -> Wrong {
    Wrong::Says(why.into())
}

/// Words of a file that nobody vouched for, fit for one line.
pub(crate) fn short(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(120).collect()
}

fn whole(bundle: &Bundle) -> Checked {
    for (what, name) in [("board", &bundle.board), ("name", &bundle.name)] {
        let fits = (1..=NAME_AT_MOST).contains(&name.chars().count());
        if !fits || name.chars().any(char::is_control) {
            return Err(garbled(format!("its {what} is no name")));
        }
    }
    if bundle.version == 0 {
        return Err(garbled("its version is 0"));
    }
    if !bundle.parts.contains_key(&Part::Root) {
        return Err(size(Part::Root, 0, "it is missing"));
    }
    bundle
        .parts
        .iter()
        .try_for_each(|(part, payload)| of_part(*part, payload))
}

const fn size(part: Part, bytes: u64, why: &'static str) -> BundleError {
    BundleError::Size { part, bytes, why }
}

fn of_part(part: Part, payload: &Payload) -> Checked {
    match part {
        Part::Boot | Part::Root => {}
        Part::Tree => return Err(size(part, payload.seal.bytes, "a box makes it itself")),
    }
    of_payload(payload).map_err(|wrong| match wrong {
        Wrong::Size(bytes, why) => size(part, bytes, why),
        Wrong::Says(why) => garbled(format!("its {part}: {why}")),
    })
}

/// What a payload may say, whatever it is of.
pub(crate) fn of_payload(payload: &Payload) -> OfPayload {
    let bytes = payload.seal.bytes;
    if bytes == 0 {
        return Err(Wrong::Size(bytes, "it is empty"));
    }
    if bytes > PAYLOAD_AT_MOST {
        return Err(Wrong::Size(bytes, "no box has so much room"));
    }
    let salt = &payload.seal.salt;
    if salt.len() > 2 * SALT_AT_MOST || hex::parse(salt).is_none() {
        return Err(says("its salt is none"));
    }
    let blocks = payload.seal.blocks();
    let files = [
        (&payload.crown, payload.seal.pieces() * 32),
        (&payload.blocks, blocks * 32 + HEADS),
        (&payload.frames, bytes + bytes / 8 + HEADS),
    ];
    for (file, at_most) in files {
        of_file(file, at_most)?;
    }
    if payload.patches.len() > PATCHES_AT_MOST {
        return Err(says("it has too many patches"));
    }
    payload
        .patches
        .iter()
        .try_for_each(|patch| of_patch(patch, bytes))
}

fn of_patch(patch: &PatchRef, payload: u64) -> OfPayload {
    of_file(&patch.file, payload + HEADS)?;
    if !(1..=PAYLOAD_AT_MOST).contains(&patch.from_bytes) {
        return Err(Wrong::Size(patch.from_bytes, "no base of a patch is so"));
    }
    let chunks = patch.chunks.len() as u64;
    if chunks != patch.file.bytes.div_ceil(CHUNK) {
        return Err(says(format!(
            "a patch has {chunks} chunks, and {} bytes",
            patch.file.bytes
        )));
    }
    let mut hashes = patch.chunks.iter().chain([&patch.from_sha256]);
    if !hashes.all(|hash| is_sha256(hash)) {
        return Err(says("a hash in a patch is none"));
    }
    Ok(())
}

fn of_file(file: &FileRef, at_most: u64) -> OfPayload {
    if !is_location(&file.location) {
        let place = short(&file.location);
        return Err(says(format!("{place:?} is no place of a file")));
    }
    if !(1..=at_most).contains(&file.bytes) {
        return Err(Wrong::Size(
            file.bytes,
            "one of its files cannot be so large",
        ));
    }
    if !is_sha256(&file.sha256) {
        return Err(says(format!("the hash of {:?} is none", file.location)));
    }
    Ok(())
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && hex::parse(text).is_some()
}

/// A place below the targets, on every transport alike: plain names with `/` between, none of them a way up, a hidden file or a part of a URL.
pub(crate) fn is_location(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '~');
    text.len() <= LOCATION_AT_MOST
        && text
            .split('/')
            .all(|name| !name.is_empty() && !name.starts_with('.') && name.chars().all(plain))
}
