//! The boot choice on a Raspberry Pi: the firmware's `tryboot`, two boot areas, and `autoboot.txt` on a small FAT partition before them.
//!
//! **The one atomic change** is the overwriting of one sector in place: the data sector of `autoboot.txt`, found through the raw partition,
//! which is never mounted. Neither the folder nor the allocation table changes. Writing aside and renaming would be three writes on FAT, in no
//! promised order: the entry, and two copies of the table.
//!
//! **Who counts the tries.** The firmware's flag is for one boot and it counts nothing. So the tries stand in the same sector, and the good
//! slot does what a loader would: it spends one, and only then asks for the other slot. A trial that is cut short comes back to the good slot by
//! itself, which sees tries left, and asks again; or none, and has fallen back. A slot on trial that gives up asks for itself in the same way.
//!
//! ```text
//!   A runs, B on trial, 2 left ── spend: 1 left ── ask ── restart ──► firmware, once: B
//!        ▲                                                             │ confirmed: one sector, B for ever
//!        └───────────── firmware, ordinary boot: A ◄── reset ──────────┘
//! ```

use super::autoboot::{BYTES, decode, encode};
use super::fat::place_of_file;
use super::sectors::{Disk, Sectors};
use ota::{BootChoice, BootControl, BootError, BootFlags, Restart, Slot};
use std::io;
use std::path::Path;

/// `autoboot.txt` as a FAT folder spells it.
const FILE: [u8; 11] = *b"AUTOBOOTTXT";

/// `autoboot.txt` on its partition.
#[derive(Debug)]
struct Autoboot<S> {
    disk: S,
}

impl<S: Sectors> Autoboot<S> {
    fn read(&self) -> io::Result<(u64, [u8; BYTES])> {
        let at = place_of_file(&self.disk, &FILE, BYTES)?;
        let mut file = [0; BYTES];
        self.disk.read(at, &mut file)?;
        Ok((at, file))
    }

    fn read_error(&self, source: io::Error) -> BootError {
        BootError::Read {
            place: self.disk.place(),
            source,
        }
    }

    fn load(&self) -> Result<(u32, BootChoice), BootError> {
        let (_, file) = self.read().map_err(|source| self.read_error(source))?;
        decode(&file).map_err(|why| BootError::Damaged {
            place: self.disk.place(),
            why: why.to_owned(),
        })
    }

    fn store(&mut self, choice: BootChoice) -> Result<(), BootError> {
        let (at, file) = self.read().map_err(|source| self.read_error(source))?;
        let generation = match decode(&file) {
            Ok((_, stored)) if stored == choice => return Ok(()),
            Ok((generation, _)) => generation.wrapping_add(1),
            Err(_) => 1,
        };
        let new = encode(generation, choice);
        self.write(at, &new).map_err(|source| BootError::Write {
            place: self.disk.place(),
            source,
        })
    }

    fn write(&mut self, at: u64, file: &[u8; BYTES]) -> io::Result<()> {
        self.disk.write(at, file)?;
        let mut back = [0; BYTES];
        self.disk.read(at, &mut back)?;
        if back == *file {
            Ok(())
        } else {
            Err(io::Error::other(
                "what was read back is not what was written",
            ))
        }
    }
}

/// The boot choice that the Raspberry Pi's firmware and this box share.
#[derive(Debug)]
pub struct TrybootControl {
    autoboot: Autoboot<Disk>,
    booted: Slot,
}

impl TrybootControl {
    /// On the partition at `device`; `booted` is the running slot.
    #[must_use]
    pub fn at(device: &Path, booted: Slot) -> Self {
        Self {
            autoboot: Autoboot {
                disk: Disk::at(device),
            },
            booted,
        }
    }
}

impl BootControl for TrybootControl {
    fn booted(&self) -> Slot {
        self.booted
    }

    fn load(&self) -> Result<BootFlags, BootError> {
        let (_, choice) = self.autoboot.load()?;
        Ok(BootFlags::new(self.booted, choice))
    }

    fn commit(&mut self, flags: &BootFlags) -> Result<(), BootError> {
        self.autoboot.store(flags.choice())
    }

    fn asks_for_trials(&self) -> bool {
        true
    }

    fn prepare_restart(&mut self) -> Result<Restart, BootError> {
        let choice = self.load()?.choice();
        let (_, left) = choice.boot();
        // What spends a try is a trial.
        if left == choice {
            return Ok(Restart::ByTheLoader);
        }
        self.autoboot.store(left)?;
        Ok(Restart::IntoTrial)
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly and runs its own tools"
)]
mod tests {
    use super::super::sectors::TornDisk;
    use super::*;
    use std::io::Write;
    use std::process::Command;

    const TRIAL: BootChoice = BootChoice::Trial {
        on: Slot::B,
        tries_left: 2,
    };

    /// A FAT16 partition of one file, by hand: reserved sector, two tables of one sector, a root folder of one sector.
    fn fat(file: &[u8], size: u32) -> Vec<u8> {
        let mut disk = vec![0; 64 * 512];
        disk[11..13].copy_from_slice(&512_u16.to_le_bytes());
        disk[13] = 4;
        disk[14..16].copy_from_slice(&1_u16.to_le_bytes());
        disk[16] = 2;
        disk[17..19].copy_from_slice(&16_u16.to_le_bytes());
        disk[22..24].copy_from_slice(&1_u16.to_le_bytes());
        disk[510..512].copy_from_slice(&[0x55, 0xAA]);
        let root = 3 * 512;
        // A volume's name of the same letters is no file.
        disk[root..root + 11].copy_from_slice(&FILE);
        disk[root + 11] = 0x08;
        let entry = root + 32;
        disk[entry..entry + 11].copy_from_slice(&FILE);
        disk[entry + 11] = 0x20;
        disk[entry + 26..entry + 28].copy_from_slice(&3_u16.to_le_bytes());
        disk[entry + 28..entry + 32].copy_from_slice(&size.to_le_bytes());
        let data = (4 + 4) * 512;
        disk[data..data + file.len()].copy_from_slice(file);
        disk
    }

    fn autoboot(choice: BootChoice) -> Autoboot<TornDisk> {
        Autoboot {
            disk: TornDisk::new(fat(&encode(1, choice), 512)),
        }
    }

    #[test]
    fn a_change_is_one_write_of_one_sector() {
        let mut boot = autoboot(BootChoice::FACTORY);
        let before = boot.disk.bytes.clone();
        boot.store(BootChoice::FACTORY).unwrap();
        assert_eq!(boot.disk.writes, 0);
        boot.store(TRIAL).unwrap();
        assert_eq!((boot.disk.writes, boot.load().unwrap()), (1, (2, TRIAL)));
        let changed: Vec<usize> = (0..before.len() / 512)
            .filter(|s| before[s * 512..][..512] != boot.disk.bytes[s * 512..][..512])
            .collect();
        assert_eq!(changed, [8]);
    }

    #[test]
    fn a_damaged_file_is_told_and_written_anew() {
        let mut boot = autoboot(TRIAL);
        boot.disk.bytes[8 * 512 + 40] ^= 1;
        assert!(boot.load().unwrap_err().is_damaged());
        boot.store(BootChoice::FACTORY).unwrap();
        assert_eq!(boot.load().unwrap(), (1, BootChoice::FACTORY));
    }

    #[test]
    fn what_is_no_such_partition_is_refused_in_one_line() {
        let told = |bytes: Vec<u8>| {
            let boot = Autoboot {
                disk: TornDisk::new(bytes),
            };
            crate::error::chain(&boot.load().unwrap_err())
        };
        let file = encode(1, BootChoice::FACTORY);
        assert!(told(vec![0; 32 * 512]).contains("no FAT"));
        assert!(told(fat(&file, 97)).contains("not of 512 bytes"));
        let mut nameless = fat(&file, 512);
        nameless[3 * 512 + 32] = 0xE5;
        assert!(told(nameless).contains("has no file"));
    }

    #[test]
    fn a_restart_into_a_trial_spends_a_try_first_and_asks_then() {
        let dir = tempfile::tempdir().unwrap();
        let disk = dir.path().join("p1");
        std::fs::write(&disk, fat(&encode(1, TRIAL), 512)).unwrap();
        let mut a = TrybootControl::at(&disk, Slot::A);
        for left in [1, 0] {
            assert_eq!(a.prepare_restart().unwrap(), Restart::IntoTrial);
            let choice = a.load().unwrap().choice();
            assert_eq!(
                choice,
                BootChoice::Trial {
                    on: Slot::B,
                    tries_left: left
                }
            );
        }
        // None left: an ordinary restart, and the good slot knows that it fell back.
        assert_eq!(a.prepare_restart().unwrap(), Restart::ByTheLoader);
        assert_eq!(a.load().unwrap().fell_back_from(), Some(Slot::B));
    }

    #[test]
    fn a_try_that_cannot_be_spent_is_not_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        let mut a = TrybootControl::at(&dir.path().join("nothing"), Slot::A);
        assert!(a.prepare_restart().is_err());
    }

    /// On a file system made by Debian's own tools, read back by them.
    #[test]
    fn the_tools_of_fat_see_the_change() {
        let name = "the_tools_of_fat_see_the_change";
        let dir = tempfile::tempdir().unwrap();
        let (disk, file) = (dir.path().join("p1"), dir.path().join("autoboot.txt"));
        std::fs::write(&file, encode(1, BootChoice::FACTORY)).unwrap();
        for (bits, kib) in [("12", "2048"), ("16", "16384"), ("32", "65536")] {
            let _ = std::fs::remove_file(&disk);
            let disk_text = disk.display().to_string();
            let made = Command::new("/usr/sbin/mkfs.vfat")
                .args(["-C", "-F", bits, "-n", "AUTOBOOT", &disk_text, kib])
                .output();
            let copied = Command::new("mcopy")
                .args([
                    "-i",
                    &disk_text,
                    &file.display().to_string(),
                    "::autoboot.txt",
                ])
                .output();
            let (Ok(made), Ok(copied)) = (made, copied) else {
                let line = format!(
                    "SKIPPED: {name}: no mkfs.vfat or mcopy (apt-get install dosfstools mtools)"
                );
                assert!(std::env::var("SCHOOL_BOX_TESTS_STRICT").is_err(), "{line}");
                let _ = writeln!(io::stderr(), "{line}");
                return;
            };
            assert!(
                made.status.success() && copied.status.success(),
                "{made:?} {copied:?}"
            );
            let mut boot = TrybootControl::at(&disk, Slot::A);
            let mut flags = boot.load().unwrap();
            flags.activate(Slot::B, 3).unwrap();
            boot.commit(&flags).unwrap();
            let read = Command::new("mcopy")
                .args(["-i", &disk_text, "::autoboot.txt", "-"])
                .output()
                .unwrap();
            assert!(read.stdout == encode(2, flags.choice()), "FAT{bits}");
        }
    }
}
