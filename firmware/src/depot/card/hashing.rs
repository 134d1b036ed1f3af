//! Hashes of places on a card or in a file: one thread reads ahead while another one hashes.

use super::bytes::{self, ReadAt};
use super::device::Buffer;
use crate::hex::hex;
use sha2::{Digest as _, Sha256};
use std::io;
use std::sync::mpsc;
use std::thread;

/// Bytes that are read at once.
const STEP: u64 = 4 << 20;
/// Buffers on their way.
const BUFFERS: usize = 3;

/// Bytes that count as others, wherever they are read: where they begin, and what they are.
pub(super) type Instead<'a> = (u64, &'a [u8]);

/// SHA-256 of these runs (begin and length, bytes) one after the other, hexadecimal; tells bytes done, of all.
pub(super) fn sha256(
    disk: &(dyn ReadAt + Sync),
    runs: &[(u64, u64)],
    instead: Option<Instead<'_>>,
    tell: &mut dyn FnMut(u64, u64),
) -> io::Result<String> {
    let total: u64 = runs.iter().map(|(_, bytes)| bytes).sum();
    let (mut hash, mut done) = (Sha256::new(), 0);
    ahead(disk, runs, &mut |at, part| {
        if let Some((place, bytes)) = instead {
            replace(part, at, place, bytes);
        }
        hash.update(&*part);
        done += part.len() as u64;
        tell(done, total);
        true
    })?;
    Ok(hex(&hash.finalize()))
}

/// SHA-256 of each file, hexadecimal, in their order; a file is its runs one after the other, none of them empty. Tells bytes done, of all.
pub(super) fn each(
    disk: &(dyn ReadAt + Sync),
    files: &[&[(u64, u64)]],
    tell: &mut dyn FnMut(u64, u64),
) -> io::Result<Vec<String>> {
    let runs = files.concat();
    let length = |runs: &&[(u64, u64)]| runs.iter().map(|(_, bytes)| bytes).sum::<u64>();
    let total: u64 = files.iter().map(length).sum();
    let (mut hashes, mut hash, mut of_it, mut done) = (Vec::new(), Sha256::new(), 0, 0);
    ahead(disk, &runs, &mut |_, part| {
        hash.update(&*part);
        of_it += part.len() as u64;
        done += part.len() as u64;
        tell(done, total);
        // No part is of two runs, and no run of two files.
        if files.get(hashes.len()).map(length) == Some(of_it) {
            hashes.push(hex(&hash.finalize_reset()));
            of_it = 0;
        }
        true
    })?;
    Ok(hashes)
}

/// Whether these runs hold nothing but zeros.
pub(super) fn blank(disk: &(dyn ReadAt + Sync), runs: &[(u64, u64)]) -> io::Result<bool> {
    let mut all = true;
    ahead(disk, runs, &mut |_, part| {
        all &= bytes::blank(part);
        all
    })?;
    Ok(all)
}

/// Hands every part of the runs over in order, until it has seen enough.
fn ahead(
    disk: &(dyn ReadAt + Sync),
    runs: &[(u64, u64)],
    take: &mut dyn FnMut(u64, &mut [u8]) -> bool,
) -> io::Result<()> {
    let (empty, fill) = mpsc::sync_channel::<Buffer>(BUFFERS);
    let (filled, next) = mpsc::sync_channel::<io::Result<(u64, usize, Buffer)>>(BUFFERS);
    // Whoever ends first lets go of its ends, which ends the other.
    thread::scope(move |scope| {
        scope.spawn(move || read(disk, runs, &fill, &filled));
        for _ in 0..BUFFERS {
            let _ = empty.send(Buffer::new(len(STEP)));
        }
        for part in next {
            let (at, bytes, mut buffer) = part?;
            if !take(at, buffer.part(bytes)) {
                break;
            }
            let _ = empty.send(buffer);
        }
        Ok(())
    })
}

type Filled = mpsc::SyncSender<io::Result<(u64, usize, Buffer)>>;

/// The reader: ends when all is read, or nobody waits any more.
fn read(
    disk: &(dyn ReadAt + Sync),
    runs: &[(u64, u64)],
    fill: &mpsc::Receiver<Buffer>,
    filled: &Filled,
) {
    for (begin, bytes) in runs {
        let mut done = 0;
        while done < *bytes {
            let part = len(STEP.min(bytes - done));
            let Ok(mut buffer) = fill.recv() else { return };
            let read = disk.read_at(begin + done, buffer.part(part));
            let failed = read.is_err();
            if filled
                .send(read.map(|()| (begin + done, part, buffer)))
                .is_err()
                || failed
            {
                return;
            }
            done += part as u64;
        }
    }
}

/// What of `bytes`, which begin at `place`, falls into `part`, which begins at `at`.
fn replace(part: &mut [u8], at: u64, place: u64, bytes: &[u8]) {
    let from = usize::try_from(place.saturating_sub(at)).unwrap_or(usize::MAX);
    let skipped = usize::try_from(at.saturating_sub(place)).unwrap_or(usize::MAX);
    let to = part.get_mut(from..).unwrap_or_default();
    let with = bytes.get(skipped..).unwrap_or_default();
    to.iter_mut().zip(with).for_each(|(to, byte)| *to = *byte);
}

fn len(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    impl ReadAt for Vec<u8> {
        fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
            let from = len(at);
            let part = self.get(from..from + buffer.len());
            buffer.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
            Ok(())
        }
    }

    #[test]
    fn runs_are_hashed_as_one_and_a_part_counts_as_another() {
        let disk: Vec<u8> = (0..9_000_000_u32).map(|n| (n % 251) as u8).collect();
        let mut told = Vec::new();
        let found = sha256(
            &disk,
            &[(5, 5_000_000), (6_000_000, 10)],
            Some((4, b"xyz")),
            &mut |done, total| told.push((done, total)),
        )
        .unwrap();
        let mut expected = disk[5..5_000_005].to_vec();
        expected[..2].copy_from_slice(b"yz");
        expected.extend(&disk[6_000_000..6_000_010]);
        assert_eq!(found, hex(&Sha256::digest(&expected)));
        assert_eq!(told.last(), Some(&(5_000_010, 5_000_010)));
        assert!(sha256(&disk, &[(8_999_999, 2)], None, &mut |_, _| {}).is_err());
    }

    #[test]
    fn each_file_has_its_own_hash() {
        let disk: Vec<u8> = (0..9_000_000_u32).map(|n| (n % 251) as u8).collect();
        let (one, other) = ([(8_000_000, 3), (5, 4_500_000)], [(7, 1)]);
        let found = each(&disk, &[&one, &other], &mut |_, _| {}).unwrap();
        let expected = [&disk[8_000_000..8_000_003], &disk[5..4_500_005]].concat();
        assert_eq!(
            found,
            [
                hex(&Sha256::digest(&expected)),
                hex(&Sha256::digest(&disk[7..8]))
            ]
        );
        assert_eq!(each(&disk, &[], &mut |_, _| {}).unwrap(), [""; 0]);
    }

    #[test]
    fn one_byte_is_not_blank() {
        let mut disk = vec![0; 10 << 20];
        assert!(blank(&disk, &[(0, 10 << 20)]).unwrap());
        disk[(9 << 20) + 7] = 1;
        assert!(!blank(&disk, &[(0, 10 << 20)]).unwrap());
        assert!(blank(&disk, &[(0, 9 << 20)]).unwrap());
    }
}
