//! Bytes in hexadecimal digits.

use std::fmt::Write as _;

/// Lower-case, two a byte.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let text = String::with_capacity(2 * bytes.len());
    bytes.iter().fold(text, |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lower_case_digits_a_byte() {
        assert_eq!(hex(&[0, 0x1f, 0xff]), "001fff");
        assert_eq!(hex(&[]), "");
    }
}
