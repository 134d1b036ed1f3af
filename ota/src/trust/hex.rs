//! Hexadecimal, as metadata writes signatures, keys and hashes.

/// Lower-case digits of `bytes`.
pub(crate) fn of(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 0xf)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(*byte)])
        .collect()
}

/// The bytes of an even number of lower-case digits; `None` for anything else: one value has one spelling.
pub(crate) fn parse(text: &str) -> Option<Vec<u8>> {
    let nibble = |digit: u8| {
        let digit = char::from(digit);
        digit.to_digit(16).filter(|_| !digit.is_ascii_uppercase())
    };
    let pair = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(nibble(*high)? << 4 | nibble(*low)?).ok(),
        _ => None,
    };
    text.as_bytes().chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        assert_eq!(of(&[0, 0x1f, 0xff]), "001fff");
        assert_eq!(parse("001fff"), Some(vec![0, 0x1f, 0xff]));
        for bad in ["0", "0g", "+1", "é", "0F"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
