//! What the library says about itself: identifiers, the catalogue's lines, search results, check reports.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// The identifier of a pack: a DNS label (`[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`), for it is the pack's host name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PackId(String);

/// Longest DNS label, RFC 1035 §2.3.4.
const LABEL_MAX: usize = 63;

impl PackId {
    /// `None` when `id` is no DNS label.
    #[must_use]
    pub fn new(id: &str) -> Option<Self> {
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let sound = !id.is_empty()
            && id.len() <= LABEL_MAX
            && id.bytes().all(inner)
            && !id.starts_with('-')
            && !id.ends_with('-');
        sound.then(|| Self(id.to_owned()))
    }

    /// The label as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A label out of any name: lower case, other characters become hyphens, an ASCII-less name gets a label from its hash.
    pub(crate) fn slug(name: &str) -> Self {
        let mut slug = String::new();
        for c in name.chars().flat_map(char::to_lowercase) {
            if c.is_ascii_alphanumeric() {
                slug.push(c);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
            if slug.len() == LABEL_MAX {
                break;
            }
        }
        let slug = slug.trim_end_matches('-');
        if slug.is_empty() {
            let hash = super::hash::BlobHash::of(name.as_bytes()).to_string();
            return Self(format!("pack-{}", &hash[..8]));
        }
        Self(slug.to_owned())
    }
}

impl fmt::Display for PackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for PackId {
    type Error = String;

    fn try_from(id: String) -> Result<Self, String> {
        Self::new(&id)
            .ok_or_else(|| format!("`{id}` is no pack name: 1 to 63 of a-z, 0-9 and inner hyphens"))
    }
}

impl From<PackId> for String {
    fn from(id: PackId) -> Self {
        id.0
    }
}

/// What kind of source a pack came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PackKind {
    /// An openZIM archive, kept whole and read in place.
    Zim,
    /// A plain folder with an `index.html`, one blob per file.
    Folder,
}

impl PackKind {
    /// A word for a table: `zim`, `folder`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Zim => "zim",
            Self::Folder => "folder",
        }
    }
}

/// A line of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackSummary {
    /// Names the pack and its host.
    pub id: PackId,
    /// Where it came from.
    pub kind: PackKind,
    /// For people.
    pub title: String,
    /// One or two sentences; may be empty.
    pub description: String,
    /// BCP 47; empty when unknown.
    pub language: String,
    /// Path of its first page inside the pack, without a leading slash, e.g. `index.html` or `A/Main_Page`.
    pub home: String,
    /// Pages that search knows.
    pub pages: u64,
    /// Bytes on the disk, index included; blobs shared with another pack count in both.
    pub bytes: u64,
    /// SHA-256 (hex) that names this very version of the pack.
    pub version: String,
}

/// One search result.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hit {
    /// The pack that holds the page.
    pub pack: PackId,
    /// Its title.
    pub pack_title: String,
    /// Path inside the pack.
    pub path: String,
    /// The page's title.
    pub title: String,
    /// First words of the page; may be empty.
    pub summary: String,
}

/// What a check of every blob found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct VerifyReport {
    /// Packs looked at.
    pub packs: u64,
    /// Blobs read, indexes included; one that several packs share is read once for each.
    pub blobs: u64,
    /// Bytes read.
    pub bytes: u64,
    /// One line each: what is wrong, on what.
    pub faults: Vec<String>,
}

/// Some of the 256 parts that a library has for checks: blobs by the first byte of their hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    pub(super) first: u8,
    pub(super) count: u16,
}

impl Parts {
    /// All of them, from `first` on and round.
    #[must_use]
    pub const fn all_from(first: u8) -> Self {
        Self { first, count: 256 }
    }

    /// One.
    #[must_use]
    pub const fn one(part: u8) -> Self {
        Self {
            first: part,
            count: 1,
        }
    }
}

/// What a check of as many blobs as there was time for found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sampled {
    /// Of what was read.
    pub report: VerifyReport,
    /// Files of which something is wrong, indexes too, by their hash, 64 hex digits: each once, whichever packs share it.
    pub damaged: BTreeSet<String>,
    /// Bytes of all packs together.
    pub total_bytes: u64,
    /// Every blob of the parts was read.
    pub whole: bool,
    /// The first byte of the hashes that have their turn next.
    pub next: u8,
}

/// Limits of the library.
#[derive(Debug, Clone)]
pub struct LibraryOptions {
    /// Bytes of the disk that imports must leave free (the records' reserve).
    pub keep_free: u64,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::PackId;
    use proptest::prelude::*;

    #[test]
    fn labels() {
        for good in ["a", "wikipedia-en", "0", &"a".repeat(63)] {
            assert!(PackId::new(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "-a",
            "a-",
            "A",
            "a.b",
            "a_b",
            "é",
            "a/b",
            &"a".repeat(64),
        ] {
            assert!(PackId::new(bad).is_none(), "{bad}");
            assert!(serde_json::from_value::<PackId>(bad.into()).is_err());
        }
    }

    #[test]
    fn slugs() {
        assert_eq!(
            PackId::slug("How to use this Box!").as_str(),
            "how-to-use-this-box"
        );
        assert_eq!(
            PackId::slug("wikipedia_en.all").as_str(),
            "wikipedia-en-all"
        );
        assert!(PackId::slug("مكتبة").as_str().starts_with("pack-"));
        assert_ne!(PackId::slug("مكتبة"), PackId::slug("كتاب"));
    }

    proptest! {
        #[test]
        fn every_name_gives_a_label(name in any::<String>()) {
            let slug = PackId::slug(&name);
            prop_assert_eq!(PackId::new(slug.as_str()), Some(slug.clone()));
        }
    }
}
