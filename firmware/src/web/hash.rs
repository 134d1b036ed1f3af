//! SHA-256 as tags and content security policies write it.

use crate::hex::hex;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

/// The hash of `bytes`.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The first 16 bytes in digits: enough to tell versions of a page apart.
pub(crate) fn tag(hash: &[u8; 32]) -> String {
    hex(&hash[..16])
}

/// As a source of a content security policy: `'sha256-…'`.
pub(crate) fn policy_source(text: &str) -> String {
    format!(
        "'sha256-{}'",
        BASE64_STANDARD.encode(sha256(text.as_bytes()))
    )
}
