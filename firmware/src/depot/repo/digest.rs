//! Hashes of files, and their spelling.

use super::trouble::Trouble;
use crate::hex::hex;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// The bytes of an even number of digits.
pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let byte = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).ok()?;
        let digits = pair.len() == 2 && pair.iter().all(u8::is_ascii_hexdigit);
        digits.then(|| u8::from_str_radix(text, 16).ok())?
    };
    text.as_bytes().chunks(2).map(byte).collect()
}

/// SHA-256 in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Length and SHA-256 of a file.
pub(super) fn of_file(path: &Path) -> Result<(u64, String), Trouble> {
    let mut file = File::open(path).map_err(Trouble::disk("read", path))?;
    let (mut digest, mut bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 18];
    loop {
        let count = file
            .read(&mut buffer)
            .map_err(Trouble::disk("read", path))?;
        let Some(read) = buffer.get(..count).filter(|read| !read.is_empty()) else {
            return Ok((bytes, hex(&digest.finalize())));
        };
        digest.update(read);
        bytes += count as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        assert_eq!(hex(&[0, 0x1f, 0xff]), "001fff");
        assert_eq!(from_hex("001fFF"), Some(vec![0, 0x1f, 0xff]));
        for bad in ["0", "0g", "+1", "é"] {
            assert_eq!(from_hex(bad), None, "{bad}");
        }
        assert!(sha256(b"").starts_with("e3b0c442"));
    }
}
