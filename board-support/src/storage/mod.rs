//! The storage below the data: what its registers tell of its wear, and how fast it takes and gives bytes.
//!
//! Nothing is asked of a device but what the kernel shows in files: an eMMC tells its wear there, an SD card and most others do not.

mod speed;

pub use speed::{Speed, SpeedError, measure};

use crate::board::BoardChoice;
use crate::files::read_text;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Where the kernel has a folder for each block device, by its numbers.
const DEVICES: &str = "/sys/dev/block";
/// A file system may lie on a target over a target over a partition.
const LAYERS: usize = 8;

/// What the storage says of itself. Everything may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registers {
    /// The block device, e.g. `mmcblk0`.
    pub device: String,
    /// `MMC` (soldered), `SD`, or empty.
    pub kind: String,
    /// As its maker calls it.
    pub name: String,
    /// The maker's number, as the kernel writes it.
    pub maker: String,
    /// The firmware's revision, as the kernel writes it.
    pub firmware: String,
    /// Device life time estimation of the two kinds of cells (JEDEC JESD84-B51, EXT_CSD 268 and 269): 1 is up to 10 % used, 10 up to
    /// 100 %, 11 beyond; `None` where it does not tell.
    pub life_time: Option<[u8; 2]>,
    /// Pre-EOL information (EXT_CSD 267): 1 normal, 2 four fifths of the spare blocks are used, 3 nine tenths.
    pub pre_eol: Option<u8>,
}

/// Of the storage that holds `data`; `None` where no device of its own does (memory, a network). A simulated board's device is
/// the folder `DIR/storage`.
#[must_use]
pub fn registers(choice: &BoardChoice, data: &Path) -> Option<Registers> {
    match choice {
        BoardChoice::Auto => of_device(Path::new(DEVICES), data),
        BoardChoice::Sim => Some(in_folder(&data.join("sim/storage"), "simulated")),
        BoardChoice::SimDir(dir) => Some(in_folder(&dir.join("storage"), "simulated")),
    }
}

/// The most MB/s that a simulated storage takes and gives; `None`: as fast as the machine's.
#[must_use]
pub fn simulated_limit(choice: &BoardChoice, data: &Path) -> Option<f64> {
    let dir = match choice {
        BoardChoice::Auto => return None,
        BoardChoice::Sim => data.join("sim"),
        BoardChoice::SimDir(dir) => dir.clone(),
    };
    let text = read_text(&dir.join("storage/mb_s")).ok().flatten()?;
    text.parse().ok().filter(|limit: &f64| *limit > 0.0)
}

fn of_device(devices: &Path, data: &Path) -> Option<Registers> {
    let number = data.metadata().ok()?.dev();
    let (major, minor) = (nix::sys::stat::major(number), nix::sys::stat::minor(number));
    let folder = devices
        .join(format!("{major}:{minor}"))
        .canonicalize()
        .ok()?;
    let disk = disk_below(folder)?;
    let name = disk.file_name()?.to_string_lossy().into_owned();
    Some(in_folder(&disk.join("device"), &name))
}

/// The whole disk below a partition, or below a target that lies on one.
fn disk_below(mut folder: PathBuf) -> Option<PathBuf> {
    for _ in 0..LAYERS {
        if folder.join("partition").exists() {
            folder = folder.parent()?.to_owned();
            continue;
        }
        let lower = folder.join("slaves").read_dir().ok();
        let lower = lower.and_then(|mut entries| entries.next()?.ok());
        match lower {
            Some(entry) => folder = entry.path().canonicalize().ok()?,
            None => return Some(folder),
        }
    }
    None
}

fn in_folder(folder: &Path, device: &str) -> Registers {
    let text = |name: &str| -> String {
        let text = read_text(&folder.join(name)).ok().flatten();
        let text = text.unwrap_or_default();
        let shown = text.chars().filter(|c| !c.is_control());
        shown.take(32).collect()
    };
    let life = text("life_time");
    let mut life = life.split_whitespace().map(register);
    let life_time = match (life.next().flatten(), life.next().flatten()) {
        // Zero is "not defined".
        (Some(a), Some(b)) if a > 0 || b > 0 => Some([a, b]),
        _ => None,
    };
    Registers {
        device: device.to_owned(),
        kind: text("type"),
        name: text("name"),
        maker: text("manfid"),
        firmware: text("fwrev"),
        life_time,
        pre_eol: register(&text("pre_eol_info")).filter(|told| *told > 0),
    }
}

/// `0x0b`, as the kernel writes a register.
fn register(text: &str) -> Option<u8> {
    let digits = text.trim().strip_prefix("0x")?;
    u8::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly and writes its own files"
)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn registers_are_read_as_the_kernel_writes_them() {
        let dir = tempfile::tempdir().unwrap();
        let told = |life: &str, eol: &str| {
            fs::write(dir.path().join("life_time"), life).unwrap();
            fs::write(dir.path().join("pre_eol_info"), eol).unwrap();
            let told = in_folder(dir.path(), "mmcblk0");
            (told.life_time, told.pre_eol)
        };
        assert_eq!(told("0x01 0x02\n", "0x01\n"), (Some([1, 2]), Some(1)));
        assert_eq!(told("0x0b 0x00\n", "0x03\n"), (Some([11, 0]), Some(3)));
        // A card from before the registers, and garbage.
        assert_eq!(told("0x00 0x00\n", "0x00\n"), (None, None));
        assert_eq!(told("0x01", ""), (None, None));
        assert_eq!(told("worn 0x1", "1"), (None, None));
    }

    #[test]
    fn the_disk_below_targets_and_partitions_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::create_dir_all(path("mmcblk0/mmcblk0p7")).unwrap();
        fs::create_dir_all(path("mmcblk0/device")).unwrap();
        fs::write(path("mmcblk0/mmcblk0p7/partition"), "7").unwrap();
        fs::write(path("mmcblk0/device/life_time"), "0x03 0x01").unwrap();
        fs::create_dir_all(path("dm-1/slaves")).unwrap();
        symlink(path("mmcblk0/mmcblk0p7"), path("dm-1/slaves/mmcblk0p7")).unwrap();
        let number = dir.path().metadata().unwrap().dev();
        let number = format!(
            "{}:{}",
            nix::sys::stat::major(number),
            nix::sys::stat::minor(number)
        );
        fs::create_dir(path("block")).unwrap();
        symlink(path("dm-1"), path("block").join(number)).unwrap();
        let told = of_device(&path("block"), dir.path()).unwrap();
        assert_eq!(
            (told.device.as_str(), told.life_time),
            ("mmcblk0", Some([3, 1]))
        );
        // A target that lies on itself.
        fs::remove_file(path("dm-1/slaves/mmcblk0p7")).unwrap();
        symlink(path("dm-1"), path("dm-1/slaves/dm-1")).unwrap();
        assert_eq!(of_device(&path("block"), dir.path()), None);
    }

    #[test]
    fn memory_is_no_device() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(of_device(&dir.path().join("none"), dir.path()), None);
    }
}
