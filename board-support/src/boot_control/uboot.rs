//! The boot choice in U-Boot's redundant environment: two copies in a raw partition that the boot script reads and writes too.
//!
//! ```text
//! offset 0                   copy 0: 16 KiB
//! offset 4 MiB               copy 1: 16 KiB, in another erase block of a card (at 16 KiB where the place is too small for that)
//!
//! a copy:  4 bytes           CRC32 of the rest, little endian
//!          gen=7\0           counts the changes, lower-case hexadecimal, for so U-Boot's `setexpr` counts; wraps
//!          order=B A\0       the slots that may boot, the one to take first; a retired slot is left out
//!          tries=3\0         boots left to the first on its trial; left out when nothing is on trial
//!          \0 …              zeros to the end
//! ```
//!
//! This is what `env export -c -s 0x4000` writes and `env import -c` takes. There is no flag byte: of two sound copies the one with the
//! higher `gen` holds. A change is written over the *other* one only, so a cut write leaves the choice before it.

use super::env_text::{choice, words};
use super::sectors::{Disk, LARGEST, Sectors};
use ota::{BootChoice, BootControl, BootError, BootFlags, Slot};
use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// Bytes of one copy.
pub const COPY_BYTES: usize = LARGEST;
/// Where the second copy begins on a place that has room for it.
pub const SECOND_COPY: u64 = 4 << 20;

/// One copy that holds this choice.
#[must_use]
pub fn encode(generation: u32, choice: BootChoice) -> Vec<u8> {
    let (order, tries) = words(choice);
    let mut text = format!("gen={generation:x}\0order={order}\0");
    if !tries.is_empty() {
        let _ = write!(text, "tries={tries}\0");
    }
    let mut copy = vec![0; COPY_BYTES];
    copy[4..4 + text.len()].copy_from_slice(text.as_bytes());
    let sum = crc32fast::hash(&copy[4..]);
    copy[..4].copy_from_slice(&sum.to_le_bytes());
    copy
}

/// The count of changes and the choice that one copy holds. Variables of other names are passed over.
///
/// # Errors
/// What is wrong with it, for a person.
pub fn decode(copy: &[u8]) -> Result<(u32, BootChoice), &'static str> {
    let (sum, data) = copy.split_first_chunk::<4>().ok_or("it is too short")?;
    if copy.len() != COPY_BYTES || crc32fast::hash(data) != u32::from_le_bytes(*sum) {
        return Err("its checksum is wrong");
    }
    let (mut generation, mut order, mut tries) = (None, "", "");
    for variable in data.split(|byte| *byte == 0) {
        if variable.is_empty() {
            break;
        }
        let text = std::str::from_utf8(variable).map_err(|_| "it is no text")?;
        match text.split_once('=') {
            Some(("gen", value)) => generation = u32::from_str_radix(value, 16).ok(),
            Some(("order", value)) => order = value,
            Some(("tries", value)) => tries = value,
            Some(_) | None => {}
        }
    }
    let generation = generation.ok_or("its `gen` is no number")?;
    Ok((generation, choice(order, tries)?))
}

/// The two copies on a place.
#[derive(Debug)]
pub(super) struct RedundantEnv<S> {
    disk: S,
}

/// The newest sound copy, and where the next change goes.
struct Found {
    stored: Result<(u32, BootChoice), String>,
    older: u64,
}

impl<S: Sectors> RedundantEnv<S> {
    pub(super) const fn on(disk: S) -> Self {
        Self { disk }
    }

    fn look(&self) -> io::Result<Found> {
        let second = second_copy(self.disk.size()?)?;
        let mut told = Vec::new();
        for offset in [0, second] {
            let mut copy = vec![0; COPY_BYTES];
            // A sector that cannot be read any more is a damaged copy; a place that cannot be read at all fails above.
            let copy = match self.disk.read(offset, &mut copy) {
                Ok(()) => decode(&copy).map_err(str::to_owned),
                Err(error) => Err(error.to_string()),
            };
            told.push(copy);
        }
        let [first, second_told] = <[_; 2]>::try_from(told).map_err(|_| io::ErrorKind::Other)?;
        Ok(match (first, second_told) {
            (Ok(a), Ok(b)) if is_newer(b.0, a.0) => Found {
                stored: Ok(b),
                older: 0,
            },
            (Ok(a), Ok(_) | Err(_)) => Found {
                stored: Ok(a),
                older: second,
            },
            (Err(_), Ok(b)) => Found {
                stored: Ok(b),
                older: 0,
            },
            (Err(a), Err(b)) => Found {
                stored: Err(format!("its first copy: {a}; its second copy: {b}")),
                older: 0,
            },
        })
    }

    pub(super) fn load(&self) -> Result<(u32, BootChoice), BootError> {
        let place = || self.disk.place();
        let found = self.look().map_err(|source| BootError::Read {
            place: place(),
            source,
        })?;
        found.stored.map_err(|why| BootError::Damaged {
            place: place(),
            why,
        })
    }

    pub(super) fn store(&mut self, choice: BootChoice) -> Result<(), BootError> {
        let place = self.disk.place();
        let found = self.look().map_err(|source| BootError::Read {
            place: place.clone(),
            source,
        })?;
        let generation = match found.stored {
            Ok((_, stored)) if stored == choice => return Ok(()),
            Ok((generation, _)) => generation.wrapping_add(1),
            Err(_) => 1,
        };
        self.write(found.older, &encode(generation, choice))
            .map_err(|source| BootError::Write { place, source })
    }

    fn write(&mut self, offset: u64, copy: &[u8]) -> io::Result<()> {
        self.disk.write(offset, copy)?;
        let mut back = vec![0; copy.len()];
        self.disk.read(offset, &mut back)?;
        if back == copy {
            Ok(())
        } else {
            Err(io::Error::other(
                "what was read back is not what was written",
            ))
        }
    }
}

/// `gen` wraps: the one less than half the numbers ahead is newer.
const fn is_newer(this: u32, than: u32) -> bool {
    let ahead = this.wrapping_sub(than);
    ahead != 0 && ahead < 1 << 31
}

fn second_copy(size: u64) -> io::Result<u64> {
    let copy = COPY_BYTES as u64;
    if size >= SECOND_COPY + copy {
        Ok(SECOND_COPY)
    } else if size >= 2 * copy {
        Ok(copy)
    } else {
        Err(io::Error::other("it has no room for two copies of 16 KiB"))
    }
}

/// The boot choice that U-Boot's script and this box share.
#[derive(Debug)]
pub struct UBootControl {
    env: RedundantEnv<Disk>,
    booted: Slot,
}

impl UBootControl {
    /// On the partition at `device`; `booted` is the running slot.
    #[must_use]
    pub fn at(device: &Path, booted: Slot) -> Self {
        Self {
            env: RedundantEnv::on(Disk::at(device)),
            booted,
        }
    }
}

impl BootControl for UBootControl {
    fn booted(&self) -> Slot {
        self.booted
    }

    fn load(&self) -> Result<BootFlags, BootError> {
        let (_, choice) = self.env.load()?;
        Ok(BootFlags::new(self.booted, choice))
    }

    fn commit(&mut self, flags: &BootFlags) -> Result<(), BootError> {
        self.env.store(flags.choice())
    }
}

#[cfg(test)]
mod tests;
