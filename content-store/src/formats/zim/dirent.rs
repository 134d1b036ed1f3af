//! One directory entry.

use super::ZimError;
use super::header::{u16_at, u32_at};

/// Longest path and longest title taken, bytes; longer ones make the entry damaged.
const TEXT_MAX: usize = 2048;
/// A dirent never needs more bytes than this to be read.
pub(crate) const DIRENT_MAX: usize = 16 + 2 * (TEXT_MAX + 1);

const MIME_REDIRECT: u16 = 0xffff;
const MIME_LINK_TARGET: u16 = 0xfffe;
const MIME_DELETED: u16 = 0xfffd;

/// What a directory entry leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// A blob of a cluster; `mime` is a place in the archive's list.
    Blob { mime: u16, cluster: u32, blob: u32 },
    /// Another entry, by its place in the path list.
    Redirect(u32),
    /// Nothing (old formats' link targets and deleted entries).
    Nothing,
}

/// A directory entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dirent {
    pub(crate) namespace: u8,
    pub(crate) path: String,
    /// Empty when it is the same as the path.
    pub(crate) title: String,
    pub(crate) target: Target,
}

impl Dirent {
    /// `bytes` begin at the entry and reach as far as the archive (or [`DIRENT_MAX`]); `place` is for the message.
    pub(crate) fn parse(bytes: &[u8], place: u32) -> Result<Self, ZimError> {
        let broken = |what: &str| ZimError::broken(format!("entry {place} {what}"));
        if bytes.len() < 12 {
            return Err(broken("lies outside the file"));
        }
        let mime = u16_at(bytes, 0);
        let (target, text_at) = match mime {
            MIME_REDIRECT => (Target::Redirect(u32_at(bytes, 8)), 12),
            MIME_LINK_TARGET | MIME_DELETED => (Target::Nothing, 8),
            mime if bytes.len() >= 16 => (
                Target::Blob {
                    mime,
                    cluster: u32_at(bytes, 8),
                    blob: u32_at(bytes, 12),
                },
                16,
            ),
            _ => return Err(broken("lies outside the file")),
        };
        let mut texts = bytes[text_at..].splitn(3, |&b| b == 0);
        let (Some(path), Some(title), Some(_)) = (texts.next(), texts.next(), texts.next()) else {
            return Err(broken("has no end to its path or title"));
        };
        if path.len() > TEXT_MAX || title.len() > TEXT_MAX {
            return Err(broken("has an overlong path or title"));
        }
        let text = |bytes: &[u8], what| match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err(broken(what)),
        };
        Ok(Self {
            namespace: bytes[3],
            path: text(path, "has a path that is no UTF-8")?,
            title: text(title, "has a title that is no UTF-8")?,
            target,
        })
    }
}
