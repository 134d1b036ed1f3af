//! A loop device: a disk of the kernel's own making.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use system_tests::need::{self, Met};

/// A block device out of a file; taken down when dropped.
pub(crate) struct Looped {
    device: PathBuf,
}

impl Looped {
    /// Of `bytes`, sparse, in `file`; needs root and a loop device.
    pub(crate) fn new(test: &str, file: &Path, bytes: u64) -> Met<Self> {
        need::root(test)?;
        let losetup = need::program(test, "losetup", "util-linux")?;
        File::create(file).unwrap().set_len(bytes).unwrap();
        let told = Command::new(losetup)
            .args(["--find", "--show"])
            .arg(file)
            .output()
            .unwrap();
        if !told.status.success() {
            return need::skip(
                test,
                "this machine gives no loop device",
                "run the tests where root has one",
            );
        }
        let device = PathBuf::from(String::from_utf8(told.stdout).unwrap().trim());
        Some(Self { device })
    }

    pub(crate) fn device(&self) -> &str {
        self.device.to_str().unwrap()
    }

    /// Nothing is written on it any more.
    pub(crate) fn discard(&self) {
        let mut command = Command::new("blkdiscard");
        let ended = command.arg("--force").arg(&self.device).status().unwrap();
        assert!(ended.success(), "{ended}");
    }

    /// The last part of its path.
    pub(crate) fn name(&self) -> &str {
        self.device.file_name().unwrap().to_str().unwrap()
    }
}

impl Drop for Looped {
    fn drop(&mut self) {
        let _ = Command::new("losetup")
            .arg("--detach")
            .arg(&self.device)
            .status();
    }
}
