//! Whether a box would take what a repository offers, and whether every byte of it is right.
//!
//! | file | holds |
//! |---|---|
//! | `chain` | the metadata: as a box believes it, and every file of it by itself |
//! | `files` | every file of the targets, referred to or not |
//! | `rebuild` | frames unpacked, patches applied |

mod chain;
mod files;
mod rebuild;

use super::duty::Duty;
use super::place;
use super::published::Published;
use super::trouble::Trouble;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is looked at.
pub(super) struct Asked<'a> {
    pub(super) repo: &'a Path,
    /// What a box was given; `None`: the repository's own first root.
    pub(super) root: Option<Vec<u8>>,
    pub(super) now: Timestamp,
    /// Frames are unpacked and patches applied, too.
    pub(super) rebuild: bool,
}

/// What was found.
#[derive(Debug, Default, Serialize)]
pub(super) struct Findings {
    /// A line for each; none: it is good.
    pub(super) faults: Vec<String>,
    /// Version and expiry of each role's newest file.
    pub(super) metadata: BTreeMap<Duty, Current>,
    pub(super) releases: Vec<Release>,
    pub(super) packs: Vec<Pack>,
    /// Something is drafted, and waits for signatures.
    pub(super) draft_waits: bool,
    pub(super) checked: Checked,
}

#[derive(Debug, Serialize)]
pub(super) struct Current {
    pub(super) version: u64,
    pub(super) expires: Timestamp,
}

/// A system on offer.
#[derive(Debug, Serialize)]
pub(super) struct Release {
    pub(super) board: String,
    pub(super) version: u64,
    pub(super) name: String,
    /// Of a hundred boxes so many.
    pub(super) rollout_percent: u64,
    pub(super) parts: Vec<Sizes>,
}

/// A pack on offer.
#[derive(Debug, Serialize)]
pub(super) struct Pack {
    pub(super) id: String,
    pub(super) version: u64,
    pub(super) file: String,
    pub(super) sizes: Sizes,
}

/// What a payload costs, bytes.
#[derive(Debug, Serialize)]
pub(super) struct Sizes {
    pub(super) part: String,
    pub(super) bytes: u64,
    pub(super) frames_bytes: u64,
    pub(super) patches: Vec<Patch>,
}

#[derive(Debug, Serialize)]
pub(super) struct Patch {
    pub(super) from_version: u64,
    pub(super) bytes: u64,
}

/// How much was looked at.
#[derive(Debug, Default, Serialize)]
pub(super) struct Checked {
    pub(super) files: u64,
    pub(super) bytes: u64,
    /// Payloads that were made of their frames.
    pub(super) from_frames: u64,
    /// Payloads that were made by a patch.
    pub(super) from_patches: u64,
    /// Patches whose image is not at hand.
    pub(super) patches_without_image: u64,
}

/// Looks at everything.
pub(super) fn check(asked: &Asked<'_>) -> Result<Findings, Trouble> {
    let mut findings = Findings {
        draft_waits: asked.repo.join(place::DRAFT).is_file(),
        ..Findings::default()
    };
    chain::check(asked, &mut findings)?;
    // What follows goes by the newest metadata, believed or not, so that one fault does not hide another.
    match Published::read(asked.repo) {
        Ok(published) => {
            let offers = files::check(asked.repo, &published, &mut findings)?;
            if asked.rebuild {
                let images = place::images_of(asked.repo);
                for offer in &offers {
                    rebuild::check(asked.repo, images.as_deref(), offer, &mut findings)?;
                }
            }
        }
        Err(trouble) => findings.faults.push(one_line(&trouble)),
    }
    findings.faults.dedup();
    Ok(findings)
}

fn one_line(trouble: &Trouble) -> String {
    match std::error::Error::source(trouble) {
        Some(cause) => format!("{trouble}: {cause}"),
        None => trouble.to_string(),
    }
}

/// The images of an offer's versions in the desk.
fn image(images: Option<&Path>, folder: &str, version: u64, name: &str) -> Option<PathBuf> {
    let line = folder.rsplit_once('/')?.0;
    Some(images?.join(line).join(version.to_string()).join(name))
}
