//! Where updates come from: a web server, another box, a folder.
//!
//! ```text
//! mod.rs        a text → a source; what it needs of the box around it
//! address.rs    pure: the parts of an address, and its name for people
//! http/         HttpSource: from a name to its bytes, over redirects and the pauses of busy servers
//!   engine.rs   the runtime that drives it while a call waits
//!   contact.rs  one request and its answer, on a kept connection or a new one
//!   judge.rs    pure: an answer's head → what is made of it
//!   pace.rs     pure: how long is waited for bytes
//!   link.rs     a connection: names, TCP, TLS, HTTP/1.1
//!   body.rs     the bytes as they come
//! tls.rs        whose certificates are taken, and by which clock
//! stop.rs       the word to end whatever is waited for
//! ```
//!
//! All of it blocks, each call in bounded time, and is meant for a thread that may: it must not be called on a thread of an async runtime.

mod address;
mod http;
mod stop;
mod tls;

pub use address::{Address, AddressError};
pub use http::{HttpSource, Patience};
pub use stop::Stop;
pub use tls::{Certificates, CertificatesError};

use crate::causes::chain;
use board_support::usb::{FolderSource, repository_in};
use jiff::Timestamp;
use ota::Source;
use ota::trust::Today;
use std::path::{Path, PathBuf};

/// What a source needs of the box around it. The default knows no time, takes the public authorities' certificates and is never stopped.
#[derive(Debug, Clone)]
pub struct Around {
    /// What the clock says: by a trusted one the dates of certificates are judged, else they are not.
    pub today: Today,
    /// No earlier than this is it now: what publishers signed. A clock before it is wrong.
    pub not_before: Option<Timestamp>,
    /// Certificates that are trusted beside those of the public authorities: a PEM file.
    pub ca_file: Option<PathBuf>,
    /// Ends whatever is waited for.
    pub stop: Stop,
    /// How long is waited for what.
    pub patience: Patience,
}

impl Default for Around {
    fn default() -> Self {
        Self {
            today: Today::Unknown,
            not_before: None,
            ca_file: None,
            stop: Stop::default(),
            patience: Patience::HOUSE,
        }
    }
}

/// The source that `text` means, with nothing known of the box around it: see [`open_in`].
///
/// # Errors
/// One line for people.
pub fn open(text: &str) -> Result<Box<dyn Source>, String> {
    open_in(text, &Around::default())
}

/// The source that `text` means: `http://…` and `https://…` are a repository's address, anything else is a folder with a repository in it or in its
/// `school-box`. Of an address nothing is asked yet.
///
/// # Errors
/// One line for people: what is meant, or what the folder lacks.
pub fn open_in(text: &str, around: &Around) -> Result<Box<dyn Source>, String> {
    let text = text.trim();
    match text.split_once("://") {
        Some(_) => {
            let address: Address = text.parse().map_err(|error| chain(&error))?;
            let source = HttpSource::new(address, around).map_err(|error| chain(&error))?;
            Ok(Box::new(source))
        }
        None => Ok(Box::new(folder(Path::new(text))?)),
    }
}

fn folder(folder: &Path) -> Result<FolderSource, String> {
    let shown = folder.display();
    if !folder.is_dir() {
        return Err(format!(
            "{shown} is no folder and no address: http://…, https://… or a folder with a repository is meant"
        ));
    }
    repository_in(folder)
        .map(|repository| FolderSource::new(repository, shown.to_string()))
        .ok_or_else(|| {
            format!("{shown} holds no repository: metadata/timestamp.json is neither in it nor in its school-box")
        })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        open(text).err().unwrap_or_default()
    }

    #[test]
    fn every_text_is_a_source_or_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().display().to_string();
        for (text, line) in [
            (
                "ftp://example.org/x".to_owned(),
                "an address begins with http:// or https://, not with ftp://",
            ),
            ("http://".to_owned(), "the address names no host"),
            (
                "/no/such/folder".to_owned(),
                "/no/such/folder is no folder and no address: http://…, https://… or a folder with a repository is meant",
            ),
            (
                String::new(),
                " is no folder and no address: http://…, https://… or a folder with a repository is meant",
            ),
            (
                place.clone(),
                &*format!(
                    "{place} holds no repository: metadata/timestamp.json is neither in it nor in its school-box"
                ),
            ),
        ] {
            assert_eq!(refused(&text), line);
        }
        std::fs::create_dir_all(folder.path().join("school-box/metadata")).unwrap();
        std::fs::write(
            folder.path().join("school-box/metadata/timestamp.json"),
            "{}",
        )
        .unwrap();
        assert_eq!(open(&place).unwrap().name(), place);
        let secret = open(" https://box:secret@updates.example.org/boxes/ ").unwrap();
        assert_eq!(secret.name(), "https://updates.example.org/boxes");
    }
}
