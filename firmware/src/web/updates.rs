//! The box's own repository, for other boxes: what was fetched whole and believed, as it came.
//!
//! Targets carry their hash in their name: it is their tag, and they never change. Metadata is small and hashed when it is asked for. Whatever stands in the
//! folder beside them is not there for anybody: no link is followed, no folder is listed.

use super::answer::{Answer, empty};
use super::body::{CHUNK, Stored};
use super::fault::Fault;
use super::pack::{Ask, Plan, Representation, filled, plan};
use super::range::Span;
use board_support::usb::{BeneathError, open_beneath};
use http::StatusCode;
use http::header::{ACCEPT_RANGES, CACHE_CONTROL, ETAG, HeaderValue};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Boxes that are given targets at once: one, and one whose connection has just gone and is not yet known to be.
const AT_ONCE: usize = 2;
/// No file of metadata that a client would read is longer.
const MOST_OF_METADATA: u64 = 8 * 1024 * 1024;

/// The folder, and the seats of those who fetch from it.
#[derive(Debug)]
pub(super) struct Repository {
    folder: PathBuf,
    seats: Arc<Semaphore>,
}

impl Repository {
    /// In `folder`, which may not be there.
    pub(super) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            seats: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// A seat; it is free again when it is dropped.
    ///
    /// # Errors
    /// [`Fault::Busy`]: all are taken.
    pub(super) fn seat(&self) -> Result<OwnedSemaphorePermit, Fault> {
        let seats = Arc::clone(&self.seats);
        seats.try_acquire_owned().map_err(|_| Fault::Busy)
    }
}

/// What a file is, by its name. Pure.
#[derive(Debug, PartialEq, Eq)]
enum Kind<'a> {
    /// A target under this hash.
    Hashed(&'a str),
    /// Metadata of one version, for good.
    Numbered,
    /// Metadata that says what is new.
    Latest,
}

/// `None`: a target without a hash in its name is in no repository with consistent snapshots.
fn kind(file: &str) -> Option<Kind<'_>> {
    let (folder, rest) = file.split_once('/')?;
    let name = rest.rsplit_once('/').map_or(rest, |(_, name)| name);
    let (mark, _) = name.split_once('.')?;
    match folder {
        "metadata" if !mark.is_empty() && mark.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(Kind::Numbered)
        }
        "metadata" => Some(Kind::Latest),
        _ => (mark.len() == 64 && mark.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .then_some(Kind::Hashed(mark)),
    }
}

/// The answer to a request for `file`, a name that [`super::route`] has found sound. Blocks.
///
/// # Errors
/// There is no such file, a condition failed, a range lies behind the end, or the disk failed.
pub(super) fn file(repository: &Repository, file: &str, ask: &Ask) -> Result<Answer, Fault> {
    let kind = kind(file).ok_or(Fault::NoPage)?;
    let opened = open_beneath(&repository.folder, file).map_err(|error| refused(file, error))?;
    let chosen = representation(opened, &kind).map_err(|error| unreadable(file, &error))?;
    let chosen = chosen.ok_or(Fault::NoPage)?;
    match plan(ask, &chosen.etag, chosen.len) {
        Plan::Failed => Err(Fault::OtherVersion),
        Plan::Unsatisfiable => Err(Fault::BadRange(chosen.len)),
        Plan::NotModified => Ok(headed(StatusCode::NOT_MODIFIED, &kind, &chosen)),
        Plan::Whole => {
            let whole = Span {
                start: 0,
                end: chosen.len,
            };
            let answer = headed(StatusCode::OK, &kind, &chosen);
            filled(answer, mime(&kind), vec![whole], chosen, ask.head)
        }
        Plan::Parts(spans) => {
            let answer = headed(StatusCode::PARTIAL_CONTENT, &kind, &chosen);
            filled(answer, mime(&kind), spans, chosen, ask.head)
        }
    }
}

/// `None`: too long for what it is called.
fn representation(opened: File, kind: &Kind<'_>) -> io::Result<Option<Representation>> {
    let len = opened.metadata()?.len();
    let tag = match kind {
        Kind::Hashed(hash) => (*hash).to_owned(),
        Kind::Numbered | Kind::Latest if len > MOST_OF_METADATA => return Ok(None),
        Kind::Numbered | Kind::Latest => super::hash::tag(&hashed(&opened, len)?),
    };
    Ok(Some(Representation {
        content: Stored::File(Arc::new(opened)),
        len,
        etag: format!("\"{tag}\""),
        gzip: false,
    }))
}

fn hashed(file: &File, len: u64) -> io::Result<[u8; 32]> {
    let (mut hash, mut at) = (Sha256::new(), 0);
    let mut room = vec![0; CHUNK];
    while at < len {
        match file.read_at(&mut room, at)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                hash.update(room.get(..read).unwrap_or_default());
                at += read as u64;
            }
        }
    }
    Ok(hash.finalize().into())
}

fn headed(status: StatusCode, kind: &Kind<'_>, chosen: &Representation) -> Answer {
    let mut answer = empty(status);
    let headers = answer.headers_mut();
    if let Ok(etag) = HeaderValue::try_from(chosen.etag.as_str()) {
        headers.insert(ETAG, etag);
    }
    let keep = match kind {
        Kind::Hashed(_) | Kind::Numbered => "public, max-age=31536000, immutable",
        Kind::Latest => "no-cache",
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    answer
}

const fn mime(kind: &Kind<'_>) -> &'static str {
    match kind {
        Kind::Hashed(_) => "application/octet-stream",
        Kind::Numbered | Kind::Latest => "application/json",
    }
}

/// What is not there, and what is there and is no plain file, are the same to whoever asks.
fn refused(file: &str, error: BeneathError) -> Fault {
    match error {
        BeneathError::Folder(_)
        | BeneathError::Missing
        | BeneathError::Name
        | BeneathError::NotPlain(_) => Fault::NoPage,
        BeneathError::Disk(error) => unreadable(file, &error),
    }
}

fn unreadable(file: &str, error: &io::Error) -> Fault {
    tracing::error!(
        event = "web.repository_unreadable",
        file,
        error = error as &dyn std::error::Error
    );
    Fault::Internal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_it_is_called() {
        let hash = "0f".repeat(32);
        let name = format!("targets/system/b/{hash}.bundle.json");
        let short = format!("targets/{}.x", &hash[..62]);
        let folder = format!("targets/{hash}.d/x");
        for (file, wanted) in [
            (name.as_str(), Some(Kind::Hashed(&hash))),
            (&short, None),
            (&folder, None),
            ("targets/system/plain", None),
            ("metadata/1.root.json", Some(Kind::Numbered)),
            ("metadata/12.targets.json", Some(Kind::Numbered)),
            ("metadata/timestamp.json", Some(Kind::Latest)),
            ("metadata/timestamp", None),
        ] {
            assert_eq!(kind(file), wanted, "{file}");
        }
    }
}
