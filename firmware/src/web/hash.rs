//! SHA-256 as tags and content security policies write it.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// The hash of `bytes`.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The first 16 bytes as hex: enough to tell versions of a page apart.
pub(crate) fn hex(hash: &[u8; 32]) -> String {
    hash.iter()
        .take(16)
        .fold(String::with_capacity(32), |mut text, byte| {
            // Writing into a `String` cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// As a source of a content security policy: `'sha256-…'`.
pub(crate) fn policy_source(text: &str) -> String {
    format!(
        "'sha256-{}'",
        BASE64_STANDARD.encode(sha256(text.as_bytes()))
    )
}
