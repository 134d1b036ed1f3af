//! The first 80 bytes of an archive (openZIM file format, versions 5 and 6), each number checked against the file's length.

use super::ZimError;

pub(crate) const HEADER_LEN: usize = 80;
const MAGIC: u32 = 72_173_914;
const MD5_LEN: u64 = 16;
/// "No such page" in the header's page fields.
const NO_PAGE: u32 = u32::MAX;

/// Where the tables of an archive are. Every table lies whole inside the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// Content lies in `C` and is served without its namespace (6.1 and later); otherwise `A`, `I`, … are part of the path.
    pub(crate) new_namespaces: bool,
    pub(crate) entries: u32,
    pub(crate) clusters: u32,
    /// Offset of the list of dirent offsets (u64 each), sorted by path.
    pub(crate) path_pointers: u64,
    /// Offset of the list of cluster offsets (u64 each).
    pub(crate) cluster_pointers: u64,
    pub(crate) mimes: u64,
    pub(crate) main_page: Option<u32>,
    /// Offset of the MD5 of everything before it; the end of all content.
    pub(crate) checksum: u64,
}

impl Header {
    /// `bytes` are the first [`HEADER_LEN`] (or all) of a file of `len` bytes.
    pub(crate) fn parse(bytes: &[u8], len: u64) -> Result<Self, ZimError> {
        if len == 0 {
            return Err(ZimError::Empty);
        }
        if bytes.len() < 4 || u32_at(bytes, 0) != MAGIC {
            return Err(ZimError::NotZim);
        }
        if bytes.len() < HEADER_LEN {
            return Err(ZimError::Cut {
                expected: HEADER_LEN as u64,
                actual: len,
            });
        }
        let (major, minor) = (u16_at(bytes, 4), u16_at(bytes, 6));
        if !(5..=6).contains(&major) {
            return Err(ZimError::Unsupported {
                what: format!("version {major} of the ZIM format"),
            });
        }
        let main_page = u32_at(bytes, 64);
        let header = Self {
            new_namespaces: major == 6 && minor >= 1,
            entries: u32_at(bytes, 24),
            clusters: u32_at(bytes, 28),
            path_pointers: u64_at(bytes, 32),
            cluster_pointers: u64_at(bytes, 48),
            mimes: u64_at(bytes, 56),
            main_page: (main_page != NO_PAGE).then_some(main_page),
            checksum: u64_at(bytes, 72),
        };
        header.check(len)?;
        Ok(header)
    }

    fn check(&self, len: u64) -> Result<(), ZimError> {
        let end = self
            .checksum
            .checked_add(MD5_LEN)
            .ok_or_else(|| ZimError::broken("its header places the checksum beyond any file"))?;
        if end > len {
            return Err(ZimError::Cut {
                expected: end,
                actual: len,
            });
        }
        if end < len {
            return Err(ZimError::broken(format!(
                "{} bytes follow its end",
                len - end
            )));
        }
        let inside = |name: &str, start: u64, count: u32| {
            let table_end = start.checked_add(u64::from(count) * 8);
            match table_end {
                Some(table_end) if start >= HEADER_LEN as u64 && table_end <= self.checksum => {
                    Ok(())
                }
                Some(_) | None => Err(ZimError::broken(format!(
                    "its {name} list lies outside the file"
                ))),
            }
        };
        inside("entry", self.path_pointers, self.entries)?;
        inside("cluster", self.cluster_pointers, self.clusters)?;
        inside("media type", self.mimes, 0)?;
        if self.main_page.is_some_and(|page| page >= self.entries) {
            return Err(ZimError::broken("its main page is no entry"));
        }
        Ok(())
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes
        .get(at..at + 2)
        .and_then(|b| b.try_into().ok())
        .map_or(0, u16::from_le_bytes)
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..at + 4)
        .and_then(|b| b.try_into().ok())
        .map_or(0, u32::from_le_bytes)
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes
        .get(at..at + 8)
        .and_then(|b| b.try_into().ok())
        .map_or(0, u64::from_le_bytes)
}
