//! Crash images: what a disk may hold after the power went.

use super::cut::{Cut, Keep, Seed};
use super::log::{Entry, Log, Op};
use super::lying::Position;
use super::recording::Recording;
use anyhow::{Context as _, Result, ensure};
use nix::errno::Errno;
use nix::unistd::{Whence, lseek};
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// A disk may tear a write between two of these, never within one. Bytes.
const SECTOR: u64 = 512;
/// The middle of ext4's superblock (bytes 1024 to 2048), which it writes in place: torn there, its checksum is wrong,
/// the kernel does not mount it and `e2fsck -p` does not mend it. What is tested here stands on ext4: this one place
/// is not torn.
const SUPERBLOCK_MIDDLE: u64 = 1536;
const CHUNK: u64 = 1 << 20;

/// Makes crash images of one recording. Cuts are cheapest in the order of time: what was flushed is applied
/// once and kept.
#[derive(Debug)]
pub struct Replayer<'a> {
    recording: &'a Recording,
    /// All that is on the disk for good after the first `taken` entries…
    durable: PathBuf,
    taken: usize,
    /// …and those of them that are not.
    pending: Vec<Entry>,
}

impl<'a> Replayer<'a> {
    /// Starts with the disk as it was made.
    ///
    /// # Errors
    /// When its image cannot be copied.
    pub fn new(recording: &'a Recording) -> Result<Self> {
        let durable = recording.scratch().join("durable.img");
        copy_sparse(&recording.base(), &durable)?;
        Ok(Self {
            recording,
            durable,
            taken: 0,
            pending: Vec::new(),
        })
    }

    /// Writes to `to` the disk that `cut` leaves behind.
    ///
    /// # Errors
    /// When the cut lies outside of the recording, or a file cannot be written.
    pub fn image(&mut self, cut: Cut, to: &Path) -> Result<()> {
        self.advance(cut.at)?;
        copy_sparse(&self.durable, to)?;
        self.end_with(cut.keep, to)
    }

    /// Makes `to` the disk that `cut` leaves behind, of the recording's own first image: quicker for one that is cut once.
    ///
    /// # Errors
    /// As [`Replayer::image`], and where `to` lies on another file system.
    pub fn once(recording: &'a Recording, cut: Cut, to: &Path) -> Result<()> {
        fs::rename(recording.base(), to).context("no place for a crash image")?;
        let mut replayer = Self {
            recording,
            durable: to.to_owned(),
            taken: 0,
            pending: Vec::new(),
        };
        replayer.advance(cut.at)?;
        replayer.end_with(cut.keep, to)
    }

    /// What is left of that which was never flushed.
    fn end_with(&self, keep: Keep, to: &Path) -> Result<()> {
        let image = OpenOptions::new()
            .write(true)
            .open(to)
            .context("no crash image")?;
        let mut fate = match keep {
            Keep::Nothing | Keep::Everything => Seed(0),
            Keep::Some(seed) | Keep::Torn(seed) => seed,
        };
        for entry in &self.pending {
            apply(self.recording.log(), &image, kept(*entry, keep, &mut fate))?;
        }
        Ok(())
    }

    fn advance(&mut self, at: Position) -> Result<()> {
        let at = usize::try_from(at.0).context("a position beyond memory")?;
        let entries = self.recording.log().entries();
        ensure!(
            at <= entries.len(),
            "a cut at {at} in a log of {} entries",
            entries.len()
        );
        if at < self.taken {
            *self = Self::new(self.recording)?;
        }
        let durable = OpenOptions::new()
            .write(true)
            .open(&self.durable)
            .context("no image of what was flushed")?;
        for entry in &entries[self.taken..at] {
            if entry.flush {
                for written in self.pending.drain(..) {
                    apply(self.recording.log(), &durable, written.op)?;
                }
            }
            self.pending.push(*entry);
        }
        self.taken = at;
        Ok(())
    }
}

/// What is left of `entry`.
fn kept(entry: Entry, keep: Keep, fate: &mut Seed) -> Op {
    if entry.fua {
        return entry.op;
    }
    match keep {
        Keep::Nothing => Op::Empty,
        Keep::Everything => entry.op,
        Keep::Some(_) if fate.below(2) == 0 => Op::Empty,
        Keep::Some(_) => entry.op,
        Keep::Torn(_) => match (fate.below(3), entry.op) {
            (0, _) => Op::Empty,
            (1, Op::Write { offset, len, data }) if len > SECTOR => {
                let kept = SECTOR * (1 + fate.below(len / SECTOR - 1));
                let kept = if offset + kept == SUPERBLOCK_MIDDLE {
                    kept + SECTOR
                } else {
                    kept
                };
                Op::Write {
                    offset,
                    len: kept,
                    data,
                }
            }
            (_, op) => op,
        },
    }
}

fn apply(log: &Log, image: &File, op: Op) -> Result<()> {
    match op {
        Op::Empty => Ok(()),
        Op::Write { offset, len, data } => chunked(len, |done, size| {
            let mut buf = vec![0; size];
            log.read_data(data + done, &mut buf)?;
            image
                .write_all_at(&buf, offset + done)
                .context("the crash image cannot be written")
        }),
        Op::Discard { offset, len } => chunked(len, |done, size| {
            image
                .write_all_at(&vec![0; size], offset + done)
                .context("the crash image cannot be written")
        }),
    }
}

fn chunked(len: u64, mut each: impl FnMut(u64, usize) -> Result<()>) -> Result<()> {
    let mut done = 0;
    while done < len {
        let size = CHUNK.min(len - done);
        each(
            done,
            usize::try_from(size).context("a chunk beyond memory")?,
        )?;
        done += size;
    }
    Ok(())
}

/// Copies a file, its holes left as holes.
pub(crate) fn copy_sparse(from: &Path, to: &Path) -> Result<()> {
    let _ = fs::remove_file(to);
    let (source, target) = (File::open(from), File::create_new(to));
    let (source, target) = (
        source.context("no image to copy")?,
        target.context("no place for an image")?,
    );
    let len = source.metadata().context("no length of an image")?.len();
    target.set_len(len).context("no room for an image")?;
    let mut at = 0;
    while let Some(start) = seek(&source, at, Whence::SeekData)? {
        let end = seek(&source, start, Whence::SeekHole)?.unwrap_or(len);
        chunked(end - start, |done, size| {
            let mut buf = vec![0; size];
            source
                .read_exact_at(&mut buf, start + done)
                .context("an image cannot be read")?;
            target
                .write_all_at(&buf, start + done)
                .context("an image cannot be written")
        })?;
        at = end;
    }
    Ok(())
}

/// The next data or hole of `file`; `None` after its last.
fn seek(file: &File, from: u64, whence: Whence) -> Result<Option<u64>> {
    match lseek(
        file,
        i64::try_from(from).context("an image too large")?,
        whence,
    ) {
        Ok(found) => Ok(u64::try_from(found).ok()),
        Err(Errno::ENXIO) => Ok(None),
        Err(error) => Err(error).context("no sparse files here"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITE: Entry = Entry {
        flush: false,
        fua: false,
        op: Op::Write {
            offset: 4096,
            len: 4096,
            data: 0,
        },
    };

    #[test]
    fn what_is_forced_is_always_kept() {
        let forced = Entry { fua: true, ..WRITE };
        for keep in [Keep::Nothing, Keep::Some(Seed(1)), Keep::Torn(Seed(1))] {
            assert!((0..50).all(|number| kept(forced, keep, &mut Seed(number)) == WRITE.op));
        }
    }

    #[test]
    fn a_torn_write_keeps_its_first_whole_sectors() {
        let mut fate = Seed(7);
        let left: Vec<_> = (0..300)
            .map(|_| kept(WRITE, Keep::Torn(fate), &mut fate))
            .collect();
        assert!(left.contains(&Op::Empty) && left.contains(&WRITE.op));
        for sectors in 1..8 {
            assert!(
                left.contains(&Op::Write {
                    offset: 4096,
                    len: sectors * SECTOR,
                    data: 0
                }),
                "{sectors} sectors"
            );
        }
    }

    #[test]
    fn the_superblock_is_not_torn() {
        let first = Entry {
            op: Op::Write {
                offset: 0,
                len: 4096,
                data: 0,
            },
            ..WRITE
        };
        let mut fate = Seed(7);
        let torn = (0..300).map(|_| kept(first, Keep::Torn(fate), &mut fate));
        let ends = torn.filter_map(|op| {
            if let Op::Write { len, .. } = op {
                Some(len / SECTOR)
            } else {
                None
            }
        });
        assert_eq!(
            ends.collect::<std::collections::BTreeSet<_>>(),
            [1, 2, 4, 5, 6, 7, 8].into()
        );
    }
}
