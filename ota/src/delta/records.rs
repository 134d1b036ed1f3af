//! Tables of relocations in code (ELF's `Elf64_Rela`: 24 bytes, where, what, and how much): each says how far it is from the one before instead of where
//! it is, so that tables look alike.
//!
//! ```text
//!   before   0x1040 what how   0x1058 what how   0x1070 what how
//!   after    0x1040 what how     0x18 what how     0x18 what how
//! ```
//!
//! Found by their looks, since a kernel image has no table of sections; where they are is listed behind the bytes: number of 8-byte words since the end of the
//! table before, number of records.

const RECORD: usize = 24;
const WORD: usize = 8;
/// Fewer records are no table.
const TABLE: usize = 4;
/// The kinds of relocations of 64-bit ARM (`R_AARCH64_ABS64` to `R_AARCH64_IRELATIVE`).
const KINDS: std::ops::Range<u64> = 257..1100;
/// No file of ours has more symbols.
const SYMBOLS: u64 = 1 << 20;

/// A list longer than this is none: a table has at least 96 bytes, and an entry at most 10.
pub(crate) const fn list_at_most(bytes: usize) -> usize {
    bytes / 8
}

fn word(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u64::from_le_bytes(*bytes))
}

fn put(bytes: &mut [u8], at: usize, word: u64) {
    if let Some(into) = bytes.get_mut(at..at + WORD) {
        into.copy_from_slice(&word.to_le_bytes());
    }
}

fn is_record(bytes: &[u8], at: usize) -> bool {
    at + RECORD <= bytes.len()
        && word(bytes, at + WORD)
            .is_some_and(|what| KINDS.contains(&(what & 0xffff_ffff)) && what >> 32 < SYMBOLS)
}

/// Records one after the other from `at`.
fn records(bytes: &[u8], at: usize) -> usize {
    let places = (at..bytes.len()).step_by(RECORD);
    places.take_while(|at| is_record(bytes, *at)).count()
}

/// Rewrites the tables and lists them.
pub(crate) fn shorten(bytes: &mut [u8]) -> Vec<u8> {
    let mut list = Vec::new();
    let (mut at, mut end) = (0, 0);
    while at + RECORD <= bytes.len() {
        let count = records(bytes, at);
        if count < TABLE {
            at += WORD;
            continue;
        }
        number(&mut list, (at - end) / WORD);
        number(&mut list, count);
        for record in (1..count).rev().map(|record| at + record * RECORD) {
            if let (Some(before), Some(this)) = (word(bytes, record - RECORD), word(bytes, record))
            {
                put(bytes, record, this.wrapping_sub(before));
            }
        }
        at += count * RECORD;
        end = at;
    }
    list
}

/// Puts back what [`shorten`] rewrote; `None` where the list does not fit the bytes.
pub(crate) fn restore(bytes: &mut [u8], mut list: &[u8]) -> Option<()> {
    let mut at = 0_usize;
    while !list.is_empty() {
        at = at.checked_add(take(&mut list)?.checked_mul(WORD)?)?;
        let end = at.checked_add(take(&mut list)?.checked_mul(RECORD)?)?;
        let mut records = bytes.get_mut(at..end)?.chunks_exact_mut(RECORD);
        let mut before = word(records.next()?, 0)?;
        for record in records {
            before = before.wrapping_add(word(record, 0)?);
            put(record, 0, before);
        }
        at = end;
    }
    Some(())
}

fn number(out: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

fn take(list: &mut &[u8]) -> Option<usize> {
    let mut number = 0;
    for shift in (0..28).step_by(7) {
        let (byte, left) = list.split_first()?;
        *list = left;
        number |= usize::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// So many records, the first at `from`, and so far apart.
    fn table(from: u64, records: u64, apart: u64) -> Vec<u8> {
        let record = |n: u64| [from + n * apart, 7 << 32 | 0x403, n];
        let words = (0..records).flat_map(record);
        words.flat_map(u64::to_le_bytes).collect()
    }

    #[test]
    fn a_table_gets_monotonous_and_comes_back() {
        let before = [vec![1; 16], table(0x1040, 40, 24), vec![2; 9]].concat();
        let mut bytes = before.clone();
        let list = shorten(&mut bytes);
        assert_eq!(list, [2, 40]);
        assert_eq!(word(&bytes, 16), Some(0x1040));
        assert!((1..40).all(|n| word(&bytes, 16 + n * RECORD) == Some(24)));
        restore(&mut bytes, &list).unwrap();
        assert_eq!(bytes, before);
    }

    #[test]
    fn a_list_that_does_not_fit_is_refused() {
        let bytes = vec![0; 96];
        for list in [&[0x80_u8][..], &[0, 5], &[1, 4], &[0, 0], &[0], &[0xff; 12]] {
            assert!(restore(&mut bytes.clone(), list).is_none(), "{list:?}");
        }
        assert!(restore(&mut bytes.clone(), &[0, 4]).is_some());
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_it_is_comes_back(parts in prop::collection::vec(
            prop_oneof![
                prop::collection::vec(any::<u8>(), 0..100),
                (any::<u32>(), 0_u64..30, any::<u32>()).prop_map(|(from, n, apart)| table(from.into(), n, apart.into())),
            ],
            0..8,
        )) {
            let before = parts.concat();
            let mut bytes = before.clone();
            let list = shorten(&mut bytes);
            prop_assert!(list.len() <= list_at_most(bytes.len()));
            prop_assert!(restore(&mut bytes, &list).is_some());
            prop_assert_eq!(bytes, before);
        }
    }
}
