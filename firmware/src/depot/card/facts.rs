//! What this system knows of a disk that is about to be erased, and what follows from it. The facts are read from files; the judgement is pure.

use super::bytes::{ReadAt as _, blank};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// What is known of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) kind: Kind,
    /// Its size, bytes; 0 for a file that is not there yet.
    pub(super) bytes: u64,
    /// Who uses it: `is mounted on /media/card`, a line each.
    pub(super) uses: Vec<String>,
    /// The running system stands on it.
    pub(super) system: bool,
    /// This system can tell the two above.
    pub(super) known: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Disk,
    /// A part of one.
    Partition,
    /// A file; with something in it or not.
    File {
        holds: bool,
    },
    /// Neither.
    Other,
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Go,
    /// A person has to type its name: why.
    Ask(String),
    /// Whatever anybody types: why.
    Refuse(String),
}

/// Whether a target may be erased. `largest`: bytes, above which nobody expects a card.
pub(super) fn judge(facts: &Facts, largest: u64) -> Verdict {
    match facts.kind {
        _ if facts.system => {
            return Verdict::Refuse("this computer runs from it; name the card".to_owned());
        }
        Kind::Partition => {
            return Verdict::Refuse(
                "it is a part of a disk, or made of others; name the whole card, such as /dev/sdb"
                    .to_owned(),
            );
        }
        Kind::Other => {
            return Verdict::Refuse("it is neither a card nor a file".to_owned());
        }
        Kind::Disk if facts.bytes == 0 => {
            return Verdict::Refuse("there is no card in it".to_owned());
        }
        Kind::Disk | Kind::File { .. } => {}
    }
    let mut doubts = facts.uses.clone();
    if facts.bytes > largest {
        doubts.push(format!(
            "holds {} GB, more than a card of {} GB",
            facts.bytes / 1_000_000_000,
            largest / 1_000_000_000
        ));
    }
    match facts.kind {
        Kind::Disk if !facts.known => {
            doubts.push("may be in use, which this system cannot tell".to_owned());
        }
        Kind::File { holds: true } => doubts.push("is a file with something in it".to_owned()),
        Kind::Disk | Kind::Partition | Kind::File { .. } | Kind::Other => {}
    }
    match doubts.is_empty() {
        true => Verdict::Go,
        false => Verdict::Ask(doubts.join(", ")),
    }
}

/// Where Linux tells of its disks.
pub(super) struct Linux {
    /// `/sys`.
    pub(super) sys: PathBuf,
    /// `/proc`.
    pub(super) proc: PathBuf,
}

impl Default for Linux {
    fn default() -> Self {
        Self {
            sys: "/sys".into(),
            proc: "/proc".into(),
        }
    }
}

/// The facts of `path`.
pub(super) fn of(path: &Path, linux: &Linux) -> io::Result<Facts> {
    let none = |kind, bytes| Facts {
        kind,
        bytes,
        uses: Vec::new(),
        system: false,
        known: true,
    };
    let found = match path.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // A reader that is not plugged in: a file in its place would be made of memory.
            let kind = match among_devices(path) {
                true => Kind::Disk,
                false => Kind::File { holds: false },
            };
            return Ok(none(kind, 0));
        }
        found => found?,
    };
    if found.is_file() && among_devices(path) {
        return Ok(none(Kind::Other, 0));
    }
    if found.is_file() {
        let holds = holds(path, found.len())?;
        return Ok(none(Kind::File { holds }, found.len()));
    }
    let kind = found.file_type();
    if !kind.is_block_device() && !kind.is_char_device() {
        return Ok(none(Kind::Other, 0));
    }
    let number = numbered(found.rdev());
    match linux.disk(&number) {
        Some(facts) if kind.is_block_device() => Ok(facts),
        // Raw disks of macOS are character devices; `/dev/zero` is no disk, and has no size.
        _ if cfg!(target_os = "linux") && kind.is_char_device() => Ok(none(Kind::Other, 0)),
        _ => Ok(Facts {
            known: false,
            ..none(Kind::Disk, size(path)?)
        }),
    }
}

/// It names a device, or would, were it there.
fn among_devices(path: &Path) -> bool {
    let folder = path
        .parent()
        .and_then(|folder| fs::canonicalize(folder).ok());
    let dangling = path.is_symlink() && !path.exists();
    dangling
        || folder
            .is_some_and(|folder| folder.starts_with("/dev") && !folder.starts_with("/dev/shm"))
}

/// Something stands where a table or a file system would begin.
fn holds(path: &Path, bytes: u64) -> io::Result<bool> {
    let len = usize::try_from(bytes.min(1 << 20)).unwrap_or(0);
    let mut first = vec![0; len];
    fs::File::open(path)?.read_at(0, &mut first)?;
    Ok(!blank(&first))
}

fn size(path: &Path) -> io::Result<u64> {
    io::Seek::seek(&mut fs::File::open(path)?, io::SeekFrom::End(0))
}

/// `8:16`, as Linux writes it (`makedev`).
fn numbered(device: u64) -> String {
    let major = device >> 8 & 0xfff | device >> 32 & !0xfff;
    let minor = device & 0xff | device >> 12 & !0xff;
    format!("{major}:{minor}")
}

impl Linux {
    /// `None`: it is no disk that Linux tells of.
    fn disk(&self, number: &str) -> Option<Facts> {
        let folder = fs::canonicalize(self.sys.join("dev/block").join(number)).ok()?;
        let part = folder.join("partition").exists() || !entries(&folder.join("slaves")).is_empty();
        let kind = match part {
            true => Kind::Partition,
            false => Kind::Disk,
        };
        let sectors: u64 = word(&folder.join("size"))?.parse().ok()?;
        let numbers = self.on_it(&folder);
        let mounts = self.mounts();
        let mut uses: Vec<String> = (mounts.iter())
            .filter(|(number, _)| numbers.contains(number))
            .map(|(_, place)| format!("is mounted on {place}"))
            .collect();
        uses.extend(self.swaps(&numbers));
        uses.dedup();
        let system = (mounts.iter())
            .filter(|(_, place)| {
                matches!(
                    place.as_str(),
                    "/" | "/usr"
                        | "/boot"
                        | "/boot/efi"
                        | "/boot/firmware"
                        | "/efi"
                        | "/home"
                        | "/nix"
                        | "/sysroot"
                        | "/var"
                )
            })
            .any(|(number, _)| numbers.contains(number));
        Some(Facts {
            kind,
            bytes: sectors * 512,
            uses,
            system,
            known: true,
        })
    }

    /// The numbers of a disk, of its partitions, and of whatever is made out of them (mapped, joined, encrypted).
    fn on_it(&self, folder: &Path) -> BTreeSet<String> {
        let (mut numbers, mut ahead) = (BTreeSet::new(), vec![folder.to_owned()]);
        while let Some(here) = ahead.pop() {
            let Some(number) = word(&here.join("dev")) else {
                continue;
            };
            if !numbers.insert(number) {
                continue;
            }
            let below = entries(&here)
                .into_iter()
                .filter(|entry| entry.join("partition").exists());
            ahead.extend(below);
            ahead.extend(
                (entries(&here.join("holders")).into_iter())
                    .filter_map(|holder| fs::canonicalize(holder).ok()),
            );
        }
        numbers
    }

    /// Number and place of everything that is mounted (`proc_pid_mountinfo(5)`).
    fn mounts(&self) -> Vec<(String, String)> {
        let text = fs::read(self.proc.join("self/mountinfo")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let mount = |line: &str| {
            let mut words = line.split(' ').skip(2);
            let (number, place) = (words.next()?, words.nth(1)?);
            // Some file systems have a number of their own (btrfs: 0:…); what they are made of names a disk.
            let source = line.split_once(" - ")?.1.split(' ').nth(1)?;
            let disk = Some(source)
                .filter(|_| number.starts_with("0:"))
                .and_then(|file| fs::metadata(file).ok())
                .filter(|found| found.file_type().is_block_device())
                .map(|found| numbered(found.rdev()));
            let number = disk.unwrap_or_else(|| number.to_owned());
            Some((number, place.replace("\\040", " ")))
        };
        text.lines().filter_map(mount).collect()
    }

    fn swaps(&self, numbers: &BTreeSet<String>) -> Vec<String> {
        let text = fs::read_to_string(self.proc.join("swaps")).unwrap_or_default();
        let swap = |line: &str| {
            let file = line.split_whitespace().next()?;
            let number = numbered(fs::metadata(file).ok()?.rdev());
            numbers
                .contains(&number)
                .then(|| "is used as memory (swap)".to_owned())
        };
        text.lines().skip(1).filter_map(swap).collect()
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

fn word(path: &Path) -> Option<String> {
    fs::read_to_string(path)
        .ok()
        .map(|text| text.trim().to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    const GB: u64 = 1_000_000_000;

    #[test]
    fn the_whole_table() {
        let card = Facts {
            kind: Kind::Disk,
            bytes: 64 * GB,
            uses: Vec::new(),
            system: false,
            known: true,
        };
        let file = |holds| Facts {
            kind: Kind::File { holds },
            ..card.clone()
        };
        let used = |line: &str| Facts {
            uses: vec![line.to_owned()],
            ..card.clone()
        };
        let cases = [
            ("a card", card.clone()),
            ("a blank file", file(false)),
            ("a file", file(true)),
            ("mounted", used("is mounted on /media/card")),
            (
                "a large disk",
                Facts {
                    bytes: 2000 * GB,
                    ..card.clone()
                },
            ),
            (
                "large and mounted",
                Facts {
                    bytes: 2000 * GB,
                    ..used("is mounted on /srv")
                },
            ),
            (
                "not Linux",
                Facts {
                    known: false,
                    ..card.clone()
                },
            ),
            (
                "the system's",
                Facts {
                    system: true,
                    ..used("is mounted on /")
                },
            ),
            (
                "a partition",
                Facts {
                    kind: Kind::Partition,
                    ..card.clone()
                },
            ),
            (
                "an empty reader",
                Facts {
                    bytes: 0,
                    ..card.clone()
                },
            ),
            (
                "a terminal",
                Facts {
                    kind: Kind::Other,
                    ..card
                },
            ),
        ];
        let lines = cases.map(|(name, facts)| format!("{name:18} {:?}", judge(&facts, 256 * GB)));
        insta::assert_snapshot!(lines.join("\n"));
    }

    /// A disk 8:16 with a partition 8:17, which an encrypted volume 253:0 is made of.
    fn system(mountinfo: &str) -> (tempfile::TempDir, Linux) {
        let dir = tempfile::tempdir().unwrap();
        let linux = Linux {
            sys: dir.path().join("sys"),
            proc: dir.path().join("proc"),
        };
        let disk = linux.sys.join("devices/sdb");
        let (part, mapped) = (disk.join("sdb1"), linux.sys.join("devices/dm-0"));
        fs::create_dir_all(part.join("holders")).unwrap();
        fs::create_dir_all(&mapped).unwrap();
        fs::create_dir_all(linux.sys.join("dev/block")).unwrap();
        fs::create_dir_all(linux.proc.join("self")).unwrap();
        symlink(&mapped, part.join("holders/dm-0")).unwrap();
        for (folder, number) in [(&disk, "8:16"), (&part, "8:17"), (&mapped, "253:0")] {
            fs::write(folder.join("dev"), format!("{number}\n")).unwrap();
            fs::write(folder.join("size"), "2048\n").unwrap();
            symlink(folder, linux.sys.join("dev/block").join(number)).unwrap();
        }
        fs::write(part.join("partition"), "1\n").unwrap();
        fs::write(linux.proc.join("self/mountinfo"), mountinfo).unwrap();
        (dir, linux)
    }

    #[test]
    fn whoever_uses_a_disk_is_found_through_its_partitions_and_what_is_made_of_them() {
        let (_dir, linux) = system("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
        let free = linux.disk("8:16").unwrap();
        assert_eq!(
            (free.uses.len(), free.system, free.bytes),
            (0, false, 1 << 20)
        );
        assert_eq!(linux.disk("8:17").unwrap().kind, Kind::Partition);
        assert_eq!(linux.disk("9:9"), None);

        let (_dir, linux) = system("22 1 8:17 / /media/my\\040card rw - vfat /dev/sdb1 rw\n");
        let mounted = linux.disk("8:16").unwrap();
        assert_eq!(mounted.uses, ["is mounted on /media/my card"]);
        assert!(!mounted.system);

        let (_dir, linux) = system("22 1 253:0 / / rw - ext4 /dev/mapper/root rw\n");
        let root = linux.disk("8:16").unwrap();
        assert!(root.system, "{root:?}");
    }

    #[test]
    fn numbers_are_taken_apart_as_linux_puts_them_together() {
        assert_eq!(numbered(0x0810), "8:16");
        assert_eq!(numbered(0x0001_0310), "259:16");
    }
}
