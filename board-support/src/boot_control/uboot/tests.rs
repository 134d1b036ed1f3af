//! The two copies: their bytes, their order, and every place where the power may be cut.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly and runs its own tools"
)]

use super::*;
use crate::boot_control::env_text::tests::any_choice;
use crate::boot_control::sectors::TornDisk;
use proptest::prelude::*;
use std::io::Write;
use std::process::{Command, Stdio};

const TRIAL: BootChoice = BootChoice::Trial {
    on: Slot::B,
    tries_left: 3,
};
const CONFIRMED: BootChoice = BootChoice::Settled {
    first: Slot::B,
    spare: true,
};

fn disk(copies: [&[u8]; 2]) -> TornDisk {
    TornDisk::new(copies.concat())
}

fn two(older: (u32, BootChoice), newer: (u32, BootChoice)) -> TornDisk {
    disk([&encode(older.0, older.1), &encode(newer.0, newer.1)])
}

#[test]
fn what_stands_in_a_copy() {
    let copy = encode(26, TRIAL);
    assert_eq!(copy.len(), COPY_BYTES);
    assert_eq!(&copy[4..32], b"gen=1a\0order=B A\0tries=3\0\0\0\0");
    assert!(copy[32..].iter().all(|byte| *byte == 0));
    assert_eq!(
        &encode(1, BootChoice::FACTORY)[4..20],
        b"gen=1\0order=A\0\0\0"
    );
}

/// Debian's `mkenvimage` makes the same bytes; so does `env export -c -s 0x4000`.
#[test]
fn a_copy_is_what_u_boots_own_tool_makes() {
    for (generation, choice, text) in [
        (26, TRIAL, "gen=1a\norder=B A\ntries=3\n"),
        (1, BootChoice::FACTORY, "gen=1\norder=A\n"),
        (u32::MAX, CONFIRMED, "gen=ffffffff\norder=B A\n"),
    ] {
        let tool = Command::new("mkenvimage")
            .args(["-s", "0x4000", "-p", "0", "-o", "-", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut tool) = tool else {
            let line = "SKIPPED: a_copy_is_what_u_boots_own_tool_makes: no mkenvimage (apt-get install u-boot-tools)";
            assert!(std::env::var("SCHOOL_BOX_TESTS_STRICT").is_err(), "{line}");
            let _ = writeln!(io::stderr(), "{line}");
            return;
        };
        tool.stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        let made = tool.wait_with_output().unwrap().stdout;
        assert!(made == encode(generation, choice), "{text}");
        assert_eq!(decode(&made), Ok((generation, choice)));
    }
}

#[test]
fn the_newer_copy_holds_also_when_the_count_wraps() {
    for (older, newer) in [(1, 2), (9, 10), (u32::MAX, 0), (u32::MAX - 1, 3)] {
        let right = two((older, TRIAL), (newer, CONFIRMED));
        let left = disk([&right.bytes[COPY_BYTES..], &right.bytes[..COPY_BYTES]]);
        for disk in [right, left] {
            let stored = RedundantEnv::on(disk).load().unwrap();
            assert_eq!(stored, (newer, CONFIRMED), "{older} {newer}");
        }
    }
}

#[test]
fn a_change_goes_over_the_older_copy_and_the_same_again_writes_nothing() {
    let mut env = RedundantEnv::on(two((6, BootChoice::FACTORY), (7, TRIAL)));
    let newer = env.disk.bytes[COPY_BYTES..].to_vec();
    env.store(TRIAL).unwrap();
    assert_eq!(env.disk.writes, 0);
    env.store(CONFIRMED).unwrap();
    assert_eq!(env.load().unwrap(), (8, CONFIRMED));
    assert_eq!(env.disk.bytes[COPY_BYTES..], newer);
    env.store(TRIAL).unwrap();
    assert_eq!(env.disk.bytes[..COPY_BYTES], encode(8, CONFIRMED));
    assert_eq!(env.disk.writes, 2);
}

#[test]
fn one_damaged_copy_is_borne_two_are_told_and_written_anew() {
    let good = encode(7, TRIAL);
    let blank = vec![0xFF; COPY_BYTES];
    for copies in [[&good, &blank], [&blank, &good]] {
        let mut env = RedundantEnv::on(disk(copies.map(Vec::as_slice)));
        assert_eq!(env.load().unwrap(), (7, TRIAL));
        env.store(CONFIRMED).unwrap();
        assert_eq!(env.load().unwrap(), (8, CONFIRMED));
    }
    let mut env = RedundantEnv::on(disk([&blank, &blank]));
    let error = env.load().unwrap_err();
    assert!(
        error.is_damaged() && error.to_string().contains("second copy"),
        "{error}"
    );
    env.store(CONFIRMED).unwrap();
    assert_eq!(env.load().unwrap(), (1, CONFIRMED));
}

#[test]
fn nonsense_under_a_true_checksum_is_damage() {
    let sealed = |text: &[u8]| {
        let mut copy = vec![0; COPY_BYTES];
        copy[4..4 + text.len()].copy_from_slice(text);
        let sum = crc32fast::hash(&copy[4..]);
        copy[..4].copy_from_slice(&sum.to_le_bytes());
        copy
    };
    let told = |text: &[u8]| decode(&sealed(text));
    assert_eq!(
        told(b"gen=7\0order=B A\0tries=3\0"),
        Ok((7, TRIAL)),
        "the control"
    );
    assert_eq!(told(b"baud=1\0gen=7\0order=B A\0tries=3\0"), Ok((7, TRIAL)));
    assert_eq!(told(b"gen=7\0order=B A\0tries=\0"), Ok((7, CONFIRMED)));
    for text in [
        &b""[..],
        b"order=B A\0",
        b"gen=x\0order=A\0",
        b"gen=100000000\0order=A\0",
        b"gen=7\0order=C\0",
        b"gen=7\0order=A\0tries=3\0",
        b"gen=7\0order=B A\0tries=10\0",
        b"gen=7\0order=B A\0tries=+3\0",
        b"gen=\xFF\0order=A\0",
    ] {
        assert!(told(text).is_err(), "{}", String::from_utf8_lossy(text));
    }
}

/// What a cut after so many bytes of the write leaves, over a copy of an earlier choice or over blank flash.
fn after_a_cut(through: usize, over_the_newer: bool, blank: bool) -> Result<BootChoice, BootError> {
    let mut disk = two((6, BootChoice::FACTORY), (7, TRIAL));
    if blank {
        disk.bytes[..COPY_BYTES].fill(0xFF);
    }
    disk.cut_after = Some(through);
    let mut env = RedundantEnv::on(disk);
    if over_the_newer {
        env.write(COPY_BYTES as u64, &encode(8, CONFIRMED))
            .unwrap_err();
    } else {
        assert!(env.store(CONFIRMED).is_err());
    }
    env.load().map(|(_, choice)| choice)
}

/// Beyond the text both writes are zeros: every length up to there, then every sector.
fn cuts() -> impl Iterator<Item = usize> {
    (0..48).chain((512..=COPY_BYTES).step_by(512))
}

#[test]
fn a_cut_anywhere_leaves_the_choice_before_or_after() {
    for through in cuts() {
        for blank in [false, true] {
            let left = after_a_cut(through, false, blank).unwrap();
            assert!(
                left == TRIAL || (left == CONFIRMED && through >= 19),
                "after {through} bytes: {left:?}"
            );
        }
    }
}

/// The control: the same cuts where the newer copy is overwritten.
#[test]
fn writing_over_the_newer_copy_is_caught_by_the_same_cuts() {
    let lost = |through: &usize| match after_a_cut(*through, true, false) {
        Ok(choice) => choice != TRIAL && choice != CONFIRMED,
        Err(_) => true,
    };
    assert!(cuts().any(|through| lost(&through)));
}

#[test]
fn a_partition_has_its_copies_four_mebibytes_apart() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(8 << 20).unwrap();
    file.write_all(&encode(3, TRIAL)).unwrap();
    let mut boot = UBootControl::at(file.path(), Slot::B);
    let mut flags = boot.load().unwrap();
    assert!(flags.on_trial());
    flags.confirm().unwrap();
    boot.commit(&flags).unwrap();
    let bytes = std::fs::read(file.path()).unwrap();
    let second = usize::try_from(SECOND_COPY).unwrap();
    assert!(bytes[second..second + COPY_BYTES] == encode(4, CONFIRMED));
    assert!(bytes[..COPY_BYTES] == encode(3, TRIAL));
}

#[test]
fn a_place_that_is_missing_or_too_small_is_named() {
    let error = UBootControl::at(Path::new("/nonexistent/boot-env"), Slot::A)
        .load()
        .unwrap_err();
    assert!(!error.is_damaged() && error.to_string().contains("boot-env"));
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut boot = UBootControl::at(file.path(), Slot::A);
    assert!(matches!(boot.load(), Err(BootError::Read { .. })));
    let flags = BootFlags::new(Slot::A, BootChoice::FACTORY);
    assert!(boot.commit(&flags).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_choice_reads_back_and_a_flipped_bit_does_not(
        generation: u32, choice in any_choice(), at in 0..COPY_BYTES, bit in 0..8
    ) {
        let mut copy = encode(generation, choice);
        prop_assert_eq!(decode(&copy), Ok((generation, choice)));
        copy[at] ^= 1_u8 << bit;
        prop_assert!(decode(&copy).is_err());
    }
}
