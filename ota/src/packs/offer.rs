//! A pack as a repository offers it.

use crate::bundle::{BUNDLE_AT_MOST, Payload, Wrong, of_payload, short};
use serde::{Deserialize, Serialize};

/// The format that is known here.
const FORMAT: u32 = 1;
const ID_AT_MOST: usize = 64;
/// Characters of a file's name.
const FILE_AT_MOST: usize = 255;

/// The file `packs/ID/VERSION/pack.json`, a target: what a pack is made of. As a [`Bundle`](crate::Bundle), it vouches for all that it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackOffer {
    /// Of this file: 1. A box refuses a number that it does not know.
    pub format: u32,
    /// The pack's id: `a-z`, `0-9`, `.`, `_`, `-`; at most 64.
    pub id: String,
    /// Its number. It only ever grows.
    pub version: u64,
    /// What the publisher's file was called, such as `reading.zip`: its ending tells the kind of pack.
    pub file: String,
    /// Its bytes, and the ways to get them.
    pub payload: Payload,
}

/// Why a file is no offer of a pack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackOfferError {
    /// It cannot be read as one.
    #[error("the offer of the pack is garbled: {0}")]
    Garbled(String),
    /// It is of a later kind than this box knows.
    #[error(
        "the offer of the pack is of format {0}, and this system knows 1: update the box first"
    )]
    Format(u32),
}

/// Only what all formats have.
#[derive(Deserialize)]
struct Kind {
    format: u32,
}

impl PackOffer {
    /// Of the file's bytes. Nothing is allocated or asked for by what it says before it was looked at.
    ///
    /// # Errors
    /// [`PackOfferError`].
    pub fn read(bytes: &[u8]) -> Result<Self, PackOfferError> {
        if bytes.len() as u64 > BUNDLE_AT_MOST {
            return Err(garbled(format!("it has {} bytes", bytes.len())));
        }
        let read = |error: serde_json::Error| garbled(short(&error.to_string()));
        let kind: Kind = serde_json::from_slice(bytes).map_err(read)?;
        if kind.format != FORMAT {
            return Err(PackOfferError::Format(kind.format));
        }
        let offer: Self = serde_json::from_slice(bytes).map_err(read)?;
        if !is_id(&offer.id) || offer.version == 0 {
            return Err(garbled("it names no version of a pack"));
        }
        let file = &offer.file;
        if file.chars().count() > FILE_AT_MOST || file.chars().any(char::is_control) {
            return Err(garbled("the name of its file is none"));
        }
        of_payload(&offer.payload).map_err(|wrong| match wrong {
            Wrong::Size(bytes, why) => garbled(format!("{bytes} bytes: {why}")),
            Wrong::Says(why) => garbled(why),
        })?;
        Ok(offer)
    }

    /// The publisher's name of the file, of which the kind and sometimes the name of a pack are told, as a name that any folder takes: plain letters only, and
    /// no way out of the folder.
    #[must_use]
    pub fn file_name(&self) -> String {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let name: String = self
            .file
            .chars()
            .map(|c| if plain(c) { c } else { '_' })
            .collect();
        match name.trim_start_matches('.') {
            "" => "pack".to_owned(),
            name => name.to_owned(),
        }
    }
}

/// As publishers may call packs.
pub(super) fn is_id(id: &str) -> bool {
    let allowed = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
    (1..=ID_AT_MOST).contains(&id.len()) && id.bytes().all(allowed)
}

fn garbled(why: impl Into<String>) -> PackOfferError {
    PackOfferError::Garbled(why.into())
}
