//! The data base of the rules of all countries, as far as to see whether a country is in it (pure).
//!
//! A kernel that is asked for a country that is in no data base says yes, and stays silently with what it had.

use crate::radio::Country;

/// wireless-regdb, db2fw.py: `RGDB`, then the version 20, big-endian; then four bytes a country, its letters first, up to zeros.
const HEAD: [u8; 8] = *b"RGDB\0\0\0\x14";

/// Whether the country is in the data base that begins so; `None` where that is no data base of this version, or is cut before its end.
pub(super) fn knows(begins: &[u8], Country(wanted): Country) -> Option<bool> {
    let mut rest = begins.strip_prefix(&HEAD)?;
    loop {
        let ([a, b, ..], after): (&[u8; 4], _) = rest.split_first_chunk()?;
        match [*a, *b] {
            [0, 0] => return Some(false),
            letters if letters == wanted => return Some(true),
            _ => rest = after,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The head of wireless-regdb 2026.05.30, cut down to three entries.
    const THREE: &[u8] = b"RGDB\0\0\0\x1400\x02\xe0AD\x02\xe6KE\x03\x7b\0\0\0\0\x01";

    #[test]
    fn a_country_is_in_it_or_not() {
        let knows = |letters: &[u8; 2]| knows(THREE, Country(*letters));
        assert_eq!(knows(b"KE"), Some(true));
        assert_eq!(knows(b"AD"), Some(true));
        assert_eq!(knows(b"XZ"), Some(false));
    }

    #[test]
    fn what_is_no_data_base_tells_nothing() {
        let cut = THREE.get(..18).unwrap_or_default();
        for bytes in [&b""[..], b"\x7fELF", b"RGDB\0\0\0\x15KE\0\0", cut] {
            assert_eq!(knows(bytes, Country(*b"KE")), None, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = knows(&bytes, Country(*b"KE"));
            let with_head = [&HEAD[..], &bytes].concat();
            let _ = knows(&with_head, Country(*b"KE"));
        }
    }
}
