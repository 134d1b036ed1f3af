//! A file as a mounted ext4, taken down again in any case.

use super::tool;
use anyhow::{Context as _, Result, bail};
use nix::sys::stat::{Mode, SFlag, makedev, mknod};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a program that was just stopped may keep its files open.
const BUSY: Duration = Duration::from_secs(10);

/// A loop device.
#[derive(Debug)]
struct LoopDevice {
    path: String,
}

impl LoopDevice {
    fn attach(file: &Path) -> Result<Self> {
        make_node(&tool::run("losetup", ["--find"])?)?;
        let file = file.as_os_str();
        // Between two of these calls another test may take the device: losetup itself then looks for the next.
        let path = tool::run("losetup", ["--find".as_ref(), "--show".as_ref(), file])?;
        Ok(Self { path })
    }
}

impl Drop for LoopDevice {
    fn drop(&mut self) {
        // What is still mounted keeps it until it goes.
        let _ = tool::run("losetup", ["--detach", &self.path]);
    }
}

/// Where `/dev` is not kept by the kernel, a free loop device may have no node yet.
fn make_node(device: &str) -> Result<()> {
    if Path::new(device).exists() {
        return Ok(());
    }
    let number = device
        .strip_prefix("/dev/loop")
        .and_then(|digits| digits.parse().ok());
    let number: u64 = number.with_context(|| format!("{device} is no loop device"))?;
    let mode = Mode::S_IRUSR | Mode::S_IWUSR;
    mknod(device, SFlag::S_IFBLK, mode, makedev(7, number))
        .with_context(|| format!("no node {device}"))
}

/// An ext4 image, mounted read-write: mounting it recovers its journal, as a box does at start.
#[derive(Debug)]
pub struct MountedImage {
    folder: PathBuf,
    mounted: bool,
    device: Option<LoopDevice>,
}

impl MountedImage {
    /// Mounts the file `image` at `folder`, which is made if it is missing.
    ///
    /// # Errors
    /// When there is no loop device, or the file system is too damaged to be mounted.
    pub fn mount(image: &Path, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("no folder {}", folder.display()))?;
        let device = LoopDevice::attach(image)?;
        let place = folder.as_os_str();
        tool::run(
            "mount",
            ["-t".as_ref(), "ext4".as_ref(), device.path.as_ref(), place],
        )?;
        Ok(Self {
            folder: folder.to_owned(),
            mounted: true,
            device: Some(device),
        })
    }

    /// Where its files are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Unmounts; what was written goes to the image.
    ///
    /// # Errors
    /// When a file of it is still open after ten seconds: the program under test leaks it.
    pub fn unmount(mut self) -> Result<()> {
        let deadline = Instant::now() + BUSY;
        while let Err(error) = tool::run("umount", [&self.folder]) {
            if Instant::now() > deadline || !error.to_string().contains("busy") {
                bail!(error);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.mounted = false;
        self.device = None;
        Ok(())
    }
}

impl Drop for MountedImage {
    fn drop(&mut self) {
        if self.mounted {
            let _ = tool::run("umount", ["--lazy".as_ref(), self.folder.as_os_str()]);
        }
    }
}
