//! A patch makes the payload of the base, and a garbled one makes an error.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests may fail by panic"
)]

use ota::delta::{DeltaError, ReadAt, apply_patch};
use ota::publish::patch;
use proptest::prelude::*;
use std::io;

struct Bytes<'a>(&'a [u8]);

impl ReadAt for Bytes<'_> {
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()> {
        let at = usize::try_from(at).ok();
        let end = at.and_then(|at| at.checked_add(into.len()));
        let bytes = at.zip(end).and_then(|(at, end)| self.0.get(at..end));
        into.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

const PIECE: usize = 512 << 10;

fn applied(patch: &[u8], base: &[u8]) -> Result<Vec<u8>, DeltaError> {
    let mut made = Vec::new();
    let mut shortest = PIECE;
    let length = patch.len() as u64;
    apply_patch(length, &mut Bytes(patch), &mut Bytes(base), &mut |piece| {
        assert_eq!(shortest, PIECE, "only the last piece is short");
        shortest = piece.len();
        assert!((1..=PIECE).contains(&shortest));
        made.extend_from_slice(piece);
        Ok(())
    })?;
    Ok(made)
}

/// Base and payload go there and back.
fn round_trip(base: &[u8], payload: &[u8]) -> usize {
    let patch = patch(base, payload, &mut |_| {}).unwrap();
    let made = applied(&patch, base).unwrap();
    assert!(made == payload, "{} bytes are not the payload", made.len());
    patch.len()
}

/// Bytes without order, the same for the same seed.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    (0..length).map(next).collect()
}

/// What was done to a base.
#[derive(Debug, Clone)]
enum Edit {
    Change(prop::sample::Index, u8),
    Add(prop::sample::Index, Vec<u8>),
    Remove(prop::sample::Index, usize),
    Move(prop::sample::Index, prop::sample::Index, usize),
    Words(prop::sample::Index, u32, usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Edit::Change(at, byte)),
        (at(), prop::collection::vec(any::<u8>(), 0..600))
            .prop_map(|(at, bytes)| Edit::Add(at, bytes)),
        (at(), 0_usize..3000).prop_map(|(at, length)| Edit::Remove(at, length)),
        (at(), at(), 0_usize..3000).prop_map(|(from, to, length)| Edit::Move(from, to, length)),
        (at(), any::<u32>(), 0_usize..200).prop_map(|(at, by, count)| Edit::Words(at, by, count)),
    ]
}

fn edited(mut bytes: Vec<u8>, edits: &[Edit]) -> Vec<u8> {
    for edit in edits {
        let length = bytes.len();
        match edit {
            Edit::Change(at, byte) if length > 0 => bytes[at.index(length)] = *byte,
            Edit::Change(..) => {}
            Edit::Add(at, more) => {
                let at = at.index(length + 1);
                bytes.splice(at..at, more.iter().copied());
            }
            Edit::Remove(at, count) => {
                let at = at.index(length + 1);
                bytes.drain(at..length.min(at + count));
            }
            Edit::Move(from, to, count) => {
                let from = from.index(length + 1);
                let part: Vec<u8> = bytes.drain(from..length.min(from + count)).collect();
                let to = to.index(bytes.len() + 1);
                bytes.splice(to..to, part);
            }
            Edit::Words(at, by, count) => {
                let at = at.index(length + 1) & !3;
                for word in bytes[at..].chunks_exact_mut(4).take(*count) {
                    let old = u32::from_le_bytes(word.try_into().unwrap());
                    word.copy_from_slice(&old.wrapping_add(*by).to_le_bytes());
                }
            }
        }
    }
    bytes
}

#[test]
fn the_ends_of_what_there_is() {
    let some = noise(7, 1_300_000);
    round_trip(&[], &[]);
    round_trip(&some, &[]);
    assert!(round_trip(&[], &some) > some.len());
    assert!(round_trip(&some, &some) < 200);
    for length in 1..12 {
        round_trip(&some[..length], &some[1..length]);
        round_trip(&some[1..length], &some[..length]);
    }
    // The last piece is full.
    assert!(round_trip(&some, &some[..2 * PIECE]) < 200);
}

#[test]
fn a_moved_part_costs_little() {
    let base = noise(3, 600_000);
    let payload = [&base[400_000..], &base[1..399_999]].concat();
    assert!(round_trip(&base, &payload) < 200);
    // Else everything would be new.
    assert!(round_trip(&noise(4, 600_000), &payload) > 590_000);
}

/// A kernel of functions that call one another; `shift` instructions are put in behind the middle one.
fn kernel(functions: usize, shift: usize) -> Vec<u8> {
    const CALLS: usize = 30;
    let mut words = vec![0_u32; 14];
    words.push(0x644D_5241);
    words.push(0);
    let begin = |function: usize| {
        16 + function * (CALLS + 2) + if function > functions / 2 { shift } else { 0 }
    };
    let plain = noise(9, 4 * functions * (CALLS + 2) + 4 * shift);
    let mut plain = plain
        .chunks_exact(4)
        .map(|word| u32::from_le_bytes(word.try_into().unwrap()));
    for function in 0..functions {
        words.push(0xA9BF_7BFD);
        for call in 0..CALLS {
            let target = begin((function * 31 + call * 17) % functions);
            let here = begin(function) + 1 + call;
            let distance = (target as i64 - here as i64) as u32 & 0x03FF_FFFF;
            let chance = plain.next().unwrap_or(0);
            words.push(match chance % 3 {
                0 => 0x9400_0000 | distance,
                _ => 0xF940_0000 | chance & 0xFFFF,
            });
        }
        words.push(0xD65F_03C0);
        if function == functions / 2 {
            let more = noise(5, 4 * shift);
            let more = more
                .chunks_exact(4)
                .map(|word| u32::from_le_bytes(word.try_into().unwrap()));
            words.extend(more.map(|word| 0xAA00_0000 | word & 0x001F_FFFF));
        }
    }
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

#[test]
fn branches_are_foretold() {
    let (base, payload) = (kernel(400, 0), kernel(400, 50));
    let changed = base.len() / 4;
    let foretold = round_trip(&base, &payload);
    // The same bytes, but not as a kernel: each of the thousand branches across the gap is a change.
    let as_data = |mut bytes: Vec<u8>| {
        bytes[56] = 0;
        bytes
    };
    let plain = round_trip(&as_data(base), &as_data(payload));
    assert!(foretold < 500, "{foretold} for {changed} words");
    assert!(plain > 2 * foretold, "{plain}, {foretold}");
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// A part of an ELF file: where its name is, kind, bytes, to which part it belongs.
type Part = (u32, u32, Vec<u8>, u32);

/// Code that calls two functions, its relocations, symbols, names, types.
fn parts(calls: u32) -> Vec<Part> {
    let code: Vec<u32> = vec![0x9400_0000; calls as usize];
    let call = |call: u32| words(&[call * 4, 0, 283, 1 + call % 2, 0, 0]);
    let mut types = words(&[0x0001_EB9F, 24, 0, 52, 52, 9]);
    // An integer, a structure with a part of that kind, a pointer to it.
    types.extend(words(&[1, 1 << 24, 4, 0x20]));
    types.extend(words(&[5, 4 << 24 | 1, 8, 1, 1, 0]));
    types.extend(words(&[0, 2 << 24, 2]));
    types.extend(b"\0one\0two\0");
    let symbols = words(&[0, 0, 0, 0, 0, 0, 1, 0x12, 0, 0, 4, 0, 5, 0x12, 4, 0, 4, 0]);
    vec![
        (0, 0, Vec::new(), 0),
        (9, 1, words(&code), 0),
        (15, 4, (0..calls).flat_map(call).collect(), 3),
        (9, 2, symbols, 4),
        (9, 3, b"\0one\0two\0.text\0.rela\0.BTF\0".to_vec(), 0),
        (21, 1, types, 0),
    ]
}

/// An unlinked ELF file.
fn module(calls: u32) -> Vec<u8> {
    let mut file = vec![0; 64];
    file[..6].copy_from_slice(b"\x7FELF\x02\x01");
    file[16..20].copy_from_slice(&[1, 0, 183, 0]);
    let mut table = Vec::new();
    for (name, kind, bytes, link) in parts(calls) {
        let (at, len) = (file.len() as u32, bytes.len() as u32);
        table.extend(words(&[name, kind, 0, 0, 0, 0, at, 0, len, 0]));
        table.extend(words(&[link, 0, 0, 0, 0, 0]));
        file.extend(bytes);
        file.resize(file.len().next_multiple_of(8), 0);
    }
    let at = file.len() as u64;
    file[40..48].copy_from_slice(&at.to_le_bytes());
    file[60..64].copy_from_slice(&[6, 0, 4, 0]);
    file.extend(table);
    file
}

fn small() -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let base = [kernel(40, 0), noise(1, 900)].concat();
    let payload = [kernel(40, 9), noise(1, 500), noise(2, 60)].concat();
    let patch = patch(&base, &payload, &mut |_| {}).unwrap();
    (base, payload, patch)
}

#[test]
fn every_flipped_bit_ends() {
    let (base, payload, good) = small();
    assert_eq!(applied(&good, &base).unwrap(), payload);
    let mut refused = 0;
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        // What comes out is checked by others; here it only has to end, and to be no longer than it says.
        match applied(&bad, &base) {
            Ok(made) => assert!(made.len() < 64 * payload.len(), "bit {bit}"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 64 * 8, "{refused} of {}", good.len() * 8);
}

#[test]
fn every_truncation_is_refused() {
    let (base, _, good) = small();
    for length in 0..good.len() {
        assert!(applied(&good[..length], &base).is_err(), "{length}");
    }
    let longer = [good.as_slice(), &[0]].concat();
    assert!(applied(&longer, &base).is_err());
}

#[test]
fn numbers_of_the_head_are_not_believed() {
    let (base, _, good) = small();
    for field in 1..good.len().min(80) / 8 {
        for value in [1 << 63, u64::MAX, 1 << 40, 1 << 36, 1 << 33, 1 << 31] {
            let mut bad = good.clone();
            bad[field * 8..field * 8 + 8].copy_from_slice(&u64::to_le_bytes(value));
            let mut seen = 0_u64;
            let length = bad.len() as u64;
            let made = apply_patch(length, &mut Bytes(&bad), &mut Bytes(&base), &mut |piece| {
                seen += piece.len() as u64;
                Ok(())
            });
            assert!(made.is_err() || field == 1, "field {field} {value:x}");
            assert!(seen <= 64 << 20, "field {field} {value:x}: {seen}");
        }
    }
}

#[test]
fn what_cannot_be_read_or_written_is_said() {
    let (base, _, good) = small();
    let length = good.len() as u64;
    let short = applied(&good, &base[..base.len() / 2]);
    assert!(
        matches!(
            short,
            Err(DeltaError::Read {
                what: "the running system",
                ..
            })
        ),
        "{short:?}"
    );
    let full = apply_patch(length, &mut Bytes(&good), &mut Bytes(&base), &mut |_| {
        Err(DeltaError::Write(io::ErrorKind::StorageFull.into()))
    });
    assert!(matches!(full, Err(DeltaError::Write(_))));
    let gone = applied_of(length, &good[..good.len() - 50], &base);
    assert!(
        matches!(
            gone,
            Err(DeltaError::Read {
                what: "the patch",
                ..
            } | DeltaError::Garbled { .. })
        ),
        "{gone:?}"
    );
}

fn applied_of(length: u64, patch: &[u8], base: &[u8]) -> Result<(), DeltaError> {
    apply_patch(length, &mut Bytes(patch), &mut Bytes(base), &mut |_| Ok(()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn there_and_back(seed: u64, length in 0_usize..60_000, program: bool, edits in prop::collection::vec(edit(), 0..12)) {
        let mut base = noise(seed, length);
        if program {
            base = [kernel(200, seed as usize % 40), base].concat();
        }
        let payload = edited(base.clone(), &edits);
        round_trip(&base, &payload);
    }

    #[test]
    fn garbled_programs_are_only_bytes(calls in 1_u32..300, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..30)) {
        let base = module(200);
        let mut payload = module(calls);
        for (at, byte) in changes {
            let at = at.index(payload.len());
            payload[at] = byte;
        }
        round_trip(&base, &payload);
        round_trip(&payload, &base);
    }

    #[test]
    fn any_bytes_are_refused_or_end(head in 0_usize..80, bytes in prop::collection::vec(any::<u8>(), 0..400), at: prop::sample::Index) {
        let (base, payload, good) = small();
        let mut bad = good[..head].to_vec();
        bad.extend(&bytes);
        prop_assert!(applied(&bad, &base).is_err());
        let mut bad = good;
        let at = at.index(bad.len());
        let end = bad.len().min(at + bytes.len());
        bad[at..end].copy_from_slice(&bytes[..end - at]);
        let mut made = 0;
        let length = bad.len() as u64;
        let _ = apply_patch(length, &mut Bytes(&bad), &mut Bytes(&base), &mut |piece| {
            made += piece.len();
            match made > 64 * payload.len() {
                true => Err(DeltaError::Write(io::ErrorKind::StorageFull.into())),
                false => Ok(()),
            }
        });
    }
}
