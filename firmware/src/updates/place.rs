//! Where a repository is.

use crate::sources::{self, Around};
use board_support::usb::{self, FolderSource, Stick};
use ota::Source;
use std::path::PathBuf;

/// What the stick is called where people are told of it: its own label may be a name.
const STICK: &str = "the stick";

/// A place that may have a repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A configured address.
    Address(String),
    /// A stick that is plugged in.
    Stick(Stick),
    /// What a person offers: an address or a folder.
    Offered(String),
}

impl Place {
    /// Opens it. Of an address nothing is asked yet.
    ///
    /// # Errors
    /// One line for people.
    pub fn open(&self, around: &Around) -> Result<Box<dyn Source>, String> {
        match self {
            Self::Address(text) | Self::Offered(text) => sources::open_in(text, around),
            Self::Stick(stick) => usb::repository_in(&stick.folder)
                .map(|folder| Box::new(FolderSource::new(folder, STICK.to_owned())) as Box<_>)
                .ok_or_else(|| format!("{STICK} holds no repository")),
        }
    }

    /// Its name for people, as its source has it; no password is in it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Stick(_) => STICK.to_owned(),
            Self::Address(text) | Self::Offered(text) => {
                let address = text.trim().parse::<sources::Address>();
                // A folder is its own name.
                address.map_or_else(|_| text.clone(), |address| address.to_string())
            }
        }
    }

    /// Bytes that one contact may cost: those of an address are paid for, what lies on a stick is not, and what a person brought is wanted whole.
    #[must_use]
    pub const fn budget(&self, of_an_address: u64) -> u64 {
        match self {
            Self::Address(_) => of_an_address,
            Self::Stick(_) | Self::Offered(_) => u64::MAX,
        }
    }
}

/// Where a person's text leads from here: a folder becomes a whole path, for the box has a working folder of its own.
#[must_use]
pub fn from_here(text: &str) -> String {
    if text.contains("://") {
        return text.to_owned();
    }
    let path = PathBuf::from(text);
    std::path::absolute(&path)
        .unwrap_or(path)
        .display()
        .to_string()
}
