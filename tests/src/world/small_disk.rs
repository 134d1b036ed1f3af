//! A disk so small that it can be filled.

use crate::need::{self, Met};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file system of a few megabytes in memory, mounted for as long as this lives.
#[derive(Debug)]
pub struct SmallDisk {
    dir: tempfile::TempDir,
}

impl SmallDisk {
    /// Mounts one of `mib` MiB; needs root.
    #[must_use]
    pub fn mount(test: &str, mib: u32) -> Met<Self> {
        need::root(test)?;
        let mount = need::program(test, "mount", "mount")?;
        let dir = tempfile::Builder::new()
            .prefix("school-box-disk-")
            .tempdir()
            .expect("a temporary folder");
        let options = format!("size={mib}m,mode=0700");
        let done = Command::new(mount)
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(dir.path())
            .status();
        if !done.is_ok_and(|status| status.success()) {
            return need::skip(
                test,
                "this machine mounts no tmpfs",
                "run the tests where root may mount",
            );
        }
        Some(Self { dir })
    }

    /// As [`SmallDisk::mount`], with ext4 on it: what is written to it counts as written.
    #[must_use]
    pub fn ext4(test: &str, mib: u64) -> Met<Self> {
        need::root(test)?;
        let mkfs = need::program(test, "mkfs.ext4", "e2fsprogs")?;
        let mount = need::program(test, "mount", "mount")?;
        let dir = tempfile::Builder::new()
            .prefix("school-box-disk-")
            .tempdir()
            .expect("a temporary folder");
        // Gone with its name as soon as it is mounted, and for good with the mount.
        let image = tempfile::NamedTempFile::new().expect("an image");
        image.as_file().set_len(mib << 20).expect("a sparse image");
        let made = Command::new(mkfs)
            .args(["-q", "-F", "-m", "0"])
            .arg(image.path())
            .status();
        let mounted = Command::new(mount)
            .args(["-o", "loop"])
            .args([image.path(), dir.path()])
            .status();
        let both = [made, mounted].map(|done| done.is_ok_and(|status| status.success()));
        if both != [true, true] {
            return need::skip(
                test,
                "this machine mounts no image",
                "run the tests where root may mount loop devices",
            );
        }
        Some(Self { dir })
    }

    /// Where it is mounted.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Writes zeros until nothing fits any more; answers the file that takes all the room.
    #[must_use]
    pub fn fill(&self) -> PathBuf {
        let path = self.path().join("ballast");
        let mut ballast = File::create(&path).expect("a file on the small disk");
        let mut bytes = None;
        // What was removed before is free only once the journal says so.
        loop {
            for block in [1 << 20, 4096] {
                while ballast.write_all(&vec![0; block]).is_ok() {}
            }
            let _ = ballast.sync_all();
            let now = ballast.metadata().ok().map(|found| found.len());
            if now == bytes {
                return path;
            }
            bytes = now;
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a box that a failing test left behind still holds files on it.
        let _ = Command::new("umount")
            .arg("--lazy")
            .arg(self.dir.path())
            .status();
    }
}
