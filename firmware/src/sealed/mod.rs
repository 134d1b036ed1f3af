//! Records on their way: sealed on the box to the programme's public key, opened at its desk, acknowledged by its signature. Compiled
//! without the box, too.
//!
//! ```text
//!   box ── bundle (sealed, key) ──► courier ──► desk ── receipt (receipt, key) ──► courier ──► box
//! ```
//!
//! A lost stick tells nobody anything: what is open in a bundle is a random number for the store, the bundle's number and which key opens it.

pub mod bundle;
pub mod key;
pub mod receipt;

/// The name that a store's bundle or receipt bears as a file: `STORE-00001.ENDING`.
#[must_use]
pub fn file_name(store: &str, number: u64, ending: &str) -> String {
    format!("{store}-{number:05}.{ending}")
}

/// Of a bundle.
pub const BUNDLE_ENDING: &str = "sealed";
/// Of a receipt.
pub const RECEIPT_ENDING: &str = "receipt";
/// Of records that were opened: a statement a line.
pub const OPENED_ENDING: &str = "jsonl";

/// Whether it is a store's name, as a UUID is written: it becomes part of a file's name.
#[must_use]
pub fn is_store(text: &str) -> bool {
    text.len() == 36
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}
