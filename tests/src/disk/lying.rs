//! The device: an ext4 whose every write and flush is logged.

use super::log;
use super::mounted::MountedImage;
use super::recording::Recording;
use super::replay::copy_sparse;
use super::{stale, tool};
use crate::world::World;
use anyhow::{Context as _, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::sys::statvfs::statvfs;
use nix::unistd::Pid;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Images and logs are read and written many times: in memory, where there is enough of it.
const MEMORY: &str = "/dev/shm";
const MEMORY_NEEDED: u64 = 1 << 30;
/// How long the device may take to appear or to go.
const PATIENCE: Duration = Duration::from_secs(20);

/// A moment in the life of a [`LyingDisk`]: the number of writes and flushes it had taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(pub u64);

/// The moment it is now for the disk whose log stands at `log`. Another process may ask as well.
///
/// # Errors
/// When the log cannot be read.
pub fn position_in(log: &Path) -> Result<Position> {
    let file = File::open(log).with_context(|| format!("no block log {}", log.display()))?;
    Ok(Position(log::superblock(&file)?.0))
}

/// The daemon that serves the logged device; it ends with us.
#[derive(Debug)]
struct Daemon(Child);

impl Daemon {
    fn start(folder: &Path) -> Result<Self> {
        let file = |name: &str| folder.join(name).display().to_string();
        let blockdevs = [
            format!("driver=file,node-name=disk-file,filename={}", file("disk.img")),
            "driver=raw,node-name=disk,file=disk-file".to_owned(),
            format!("driver=file,node-name=log,filename={}", file("blocks.log")),
            // The log's count of entries is then right after every single write: it is our clock.
            "driver=blklogwrites,node-name=lying,file=disk,log=log,log-sector-size=512,log-super-update-interval=1"
                .to_owned(),
        ];
        let export = format!(
            "type=fuse,id=export,node-name=lying,mountpoint={},writable=on",
            file("device")
        );
        // `setpriv`: should this process be killed, the daemon does not outlive it.
        let mut command = tool::command("setpriv");
        command.args(["--pdeathsig", "TERM", "qemu-storage-daemon"]);
        command.args(blockdevs.iter().flat_map(|node| ["--blockdev", node]));
        command.args(["--export", &export, "--pidfile", &file("daemon.pid")]);
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(
                File::create(folder.join("daemon.err"))
                    .context("no file for the daemon's errors")?,
            )
            .spawn()
            .context("qemu-storage-daemon does not start")?;
        let mut daemon = Self(child);
        daemon.wait_for_export(folder)?;
        Ok(daemon)
    }

    /// The daemon writes its pid file once everything it was asked for stands.
    fn wait_for_export(&mut self, folder: &Path) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while fs::metadata(folder.join("daemon.pid")).map_or(0, |meta| meta.len()) == 0 {
            let ended = self
                .0
                .try_wait()
                .context("qemu-storage-daemon cannot be watched")?;
            if ended.is_some() || Instant::now() > deadline {
                let said = fs::read_to_string(folder.join("daemon.err")).unwrap_or_default();
                bail!(
                    "qemu-storage-daemon does not export the device ({ended:?}): {}",
                    said.trim()
                );
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(())
    }

    fn ended_by(&mut self, deadline: Instant) -> bool {
        while Instant::now() < deadline {
            if matches!(self.0.try_wait(), Ok(Some(_)) | Err(_)) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        false
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Ok(pid) = i32::try_from(self.0.id()) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        if !self.ended_by(Instant::now() + PATIENCE) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

/// A mounted ext4 on a device that logs every write and every flush.
///
/// The fields are dropped in the order in which they stand: file system, daemon, files.
#[derive(Debug)]
pub struct LyingDisk {
    mounted: MountedImage,
    daemon: Daemon,
    dir: TempDir,
}

impl LyingDisk {
    /// A fresh disk of `bytes` (a multiple of 4096; sparse), made from the thread that will use it: the daemon
    /// ends with that thread at the latest.
    ///
    /// # Errors
    /// When a tool fails; see [`super::usable`].
    pub fn new(bytes: u64) -> Result<Self> {
        let place = place();
        stale::sweep(&place);
        let prefix = format!("{}{}-", stale::PREFIX, std::process::id());
        let dir = tempfile::Builder::new()
            .prefix(&prefix)
            .tempdir_in(place)
            .context("no place for a disk")?;
        let file = |name: &str| dir.path().join(name);
        File::create(file("base.img"))
            .and_then(|image| image.set_len(bytes))
            .context("no disk image")?;
        // What is initialised lazily would be written by the kernel at times of its own.
        let options = "nodiscard,lazy_itable_init=0,lazy_journal_init=0";
        let base = file("base.img").display().to_string();
        tool::run(
            "mkfs.ext4",
            [
                "-q", "-F", "-m", "0", "-N", "4096", "-J", "size=4", "-E", options, &base,
            ],
        )?;
        copy_sparse(&file("base.img"), &file("disk.img"))?;
        for name in ["blocks.log", "device"] {
            File::create(file(name)).context("no file for the device")?;
        }
        let daemon = Daemon::start(dir.path())?;
        let mounted = MountedImage::mount(&file("device"), &file("mounted"))?;
        Ok(Self {
            mounted,
            daemon,
            dir,
        })
    }

    /// Where its files are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.mounted.folder()
    }

    /// A box whose data are on this disk, under `data`; its own files and its simulated board are not.
    ///
    /// # Errors
    /// When the folder cannot be made or linked to.
    pub fn world(&self) -> Result<World> {
        let world = World::new();
        let data = self.folder().join("data");
        fs::create_dir(&data).context("no data folder on the disk")?;
        fs::remove_dir(world.data()).context("the data folder of a new box is not empty")?;
        symlink(&data, world.data()).context("no link to the data folder")?;
        Ok(world)
    }

    /// The log, for [`position_in`].
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.dir.path().join("blocks.log")
    }

    /// The moment it is now.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn position(&self) -> Result<Position> {
        position_in(&self.log())
    }

    /// Has the kernel write out all that it holds back, as it would by itself within half a minute.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn settle(&self) -> Result<()> {
        tool::run(
            "sync",
            ["--file-system".as_ref(), self.folder().as_os_str()],
        )
        .map(drop)
    }

    /// Ends the recording now: what is written from here on never happened. Programs that use the disk must
    /// have been killed.
    ///
    /// # Errors
    /// When a file is still open, or the log cannot be read.
    pub fn pull_the_plug(self) -> Result<Recording> {
        let end = self.position()?;
        let Self {
            mounted,
            daemon,
            dir,
        } = self;
        let unmounted = mounted.unmount();
        drop(daemon);
        unmounted?;
        Recording::until(end, dir)
    }
}

fn place() -> PathBuf {
    let free = statvfs(MEMORY).map_or(0, |fs| fs.blocks_available() * fs.fragment_size());
    if free >= MEMORY_NEEDED {
        PathBuf::from(MEMORY)
    } else {
        std::env::temp_dir()
    }
}
