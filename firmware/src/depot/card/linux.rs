//! What Linux tells of its disks, in files: who uses one, how large it is, which one it is.

use super::facts::{Facts, Kind, UsedBy};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

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

/// `8:16`, as Linux writes it (`makedev`).
pub(super) fn numbered(device: u64) -> String {
    let major = device >> 8 & 0xfff | device >> 32 & !0xfff;
    let minor = device & 0xff | device >> 12 & !0xff;
    format!("{major}:{minor}")
}

impl Linux {
    /// `None`: it is no disk that Linux tells of.
    pub(super) fn disk(&self, number: &str) -> Option<Facts> {
        let folder = fs::canonicalize(self.sys.join("dev/block").join(number)).ok()?;
        let part = folder.join("partition").exists() || !entries(&folder.join("slaves")).is_empty();
        let kind = match part {
            true => Kind::Partition,
            false => Kind::Disk,
        };
        let sectors: u64 = word(&folder.join("size"))?.parse().ok()?;
        let numbers = self.on_it(&folder);
        let mounts = self.mounts().into_iter();
        let mounts = mounts.filter(|(number, _)| numbers.contains(number));
        let mut uses: Vec<UsedBy> = mounts.map(|(_, place)| UsedBy::Mount(place)).collect();
        let system = uses.iter().any(is_the_systems);
        uses.extend(self.swaps(&numbers));
        uses.extend(made_of(&folder));
        Some(Facts {
            kind,
            bytes: sectors * 512,
            uses,
            system,
            known: true,
            seen_as: word(&folder.join("diskseq")).and_then(|seen| seen.parse().ok()),
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
    fn mounts(&self) -> Vec<(String, PathBuf)> {
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
            Some((number, meant(place)))
        };
        text.lines().filter_map(mount).collect()
    }

    fn swaps(&self, numbers: &BTreeSet<String>) -> Vec<UsedBy> {
        let text = fs::read_to_string(self.proc.join("swaps")).unwrap_or_default();
        let swap = |line: &str| {
            let file = line.split_whitespace().next()?;
            let number = numbered(fs::metadata(file).ok()?.rdev());
            numbers.contains(&number).then_some(UsedBy::Swap)
        };
        text.lines().skip(1).filter_map(swap).collect()
    }
}

/// The running system stands there.
fn is_the_systems(used: &UsedBy) -> bool {
    let UsedBy::Mount(place) = used else {
        return false;
    };
    matches!(
        place.to_str(),
        Some(
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
    )
}

/// The disks that are made of a disk, or of its partitions.
fn made_of(folder: &Path) -> Vec<UsedBy> {
    let below = entries(folder).into_iter();
    let parts = below.filter(|entry| entry.join("partition").exists());
    let all = parts.chain([folder.to_owned()]);
    let named = |holder: PathBuf| {
        let own = holder.file_name().unwrap_or_default().to_string_lossy();
        // As people know it where it was given a name: `luks-…`, not `dm-0`.
        word(&holder.join("dm/name")).unwrap_or_else(|| own.into_owned())
    };
    let names: BTreeSet<String> = all
        .flat_map(|part| entries(&part.join("holders")))
        .map(named)
        .collect();
    names.into_iter().map(UsedBy::Disk).collect()
}

/// The place that Linux writes with blanks and the like as octal digits.
fn meant(place: &str) -> PathBuf {
    let mut parts = place.split('\\');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let digits = part.get(..3).map(|digits| u8::from_str_radix(digits, 8));
        match (digits, part.get(3..)) {
            (Some(Ok(byte)), Some(rest)) => {
                bytes.push(byte);
                bytes.extend(rest.bytes());
            }
            (Some(Ok(_) | Err(_)) | None, _) => {
                bytes.push(b'\\');
                bytes.extend(part.bytes());
            }
        }
    }
    OsString::from_vec(bytes).into()
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
        let held = linux.disk("8:16").unwrap();
        let mapped = UsedBy::Disk("dm-0".to_owned());
        assert_eq!(
            (held.uses, held.system, held.bytes),
            (vec![mapped.clone()], false, 1 << 20)
        );
        // Control: what was made of it is closed.
        fs::remove_file(linux.sys.join("devices/sdb/sdb1/holders/dm-0")).unwrap();
        assert_eq!(linux.disk("8:16").unwrap().uses.len(), 0);
        assert_eq!(linux.disk("8:17").unwrap().kind, Kind::Partition);
        assert_eq!(linux.disk("9:9"), None);

        let (_dir, linux) = system("22 1 8:17 / /media/my\\040card rw - vfat /dev/sdb1 rw\n");
        let mounted = linux.disk("8:16").unwrap();
        let place = UsedBy::Mount("/media/my card".into());
        assert_eq!(mounted.uses, [place, mapped]);
        assert!(!mounted.system);

        let (_dir, linux) = system("22 1 253:0 / / rw - ext4 /dev/mapper/root rw\n");
        let root = linux.disk("8:16").unwrap();
        assert!(root.system, "{root:?}");
    }

    #[test]
    fn another_card_in_the_same_reader_is_another_one() {
        let (_dir, linux) = system("");
        let counted = |seen: &str| {
            fs::write(linux.sys.join("devices/sdb/diskseq"), seen).unwrap();
            linux.disk("8:16").unwrap()
        };
        let before = counted("9\n");
        assert_eq!(before.seen_as, Some(9));
        // As large as the one before, of the same name and number.
        assert_ne!(counted("12\n"), before);
        assert_eq!(counted("9\n"), before, "control");
    }

    #[test]
    fn a_place_with_a_strangers_name_gives_the_terminal_no_orders() {
        let nasty = "22 1 8:17 / /media/a\\040b\\012\x1b[2Jc\\134d\\9 rw - vfat /dev/sdb1 rw\n";
        let (_dir, linux) = system(nasty);
        let uses = linux.disk("8:16").unwrap().uses;
        assert_eq!(
            uses[0].to_string(),
            "is mounted on /media/a b\u{fffd}\u{fffd}[2Jc\\d\\9"
        );
        // It is unmounted by its own name.
        assert_eq!(uses[0], UsedBy::Mount("/media/a b\n\x1b[2Jc\\d\\9".into()));
    }

    #[test]
    fn numbers_are_taken_apart_as_linux_puts_them_together() {
        assert_eq!(numbered(0x0810), "8:16");
        assert_eq!(numbered(0x0001_0310), "259:16");
    }
}
