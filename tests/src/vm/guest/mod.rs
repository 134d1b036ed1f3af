//! A small x86 guest without a disk: Debian's kernel with the modules, programs and files that one test names, all in its memory.
//!
//! For what the test machine's own kernel lacks: chips on a bus (`i2c-stub`), radios (`mac80211_hwsim`), clocks. A boot costs some two seconds
//! of CPU.
//!
//! ```text
//!   Guest::found ─► module, program, packaged, file ─► boot ─► RunningGuest ─► run(script) ─► Said { text, code }
//! ```
//!
//! What the guest is made of is unpacked by `tests/image/assemble --guest`; `tests/image/pack-guest` packs its initramfs, and
//! `tests/image/guest-init` is its only program of its own.

mod running;

pub use running::{RunningGuest, Said};

use super::made::repository;
use crate::need::{Met, output_dir, program, skip};
use std::ffi::OsString;
use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Enough for some programs; thirty radios want more.
const MEMORY_MIB: u32 = 256;
/// Without the check of its timer, which a loaded host makes fail; a panic ends the machine.
const KERNEL_ARGUMENTS: &str = "console=ttyS0 loglevel=5 no_timer_check panic=-1";

/// A guest that has not been switched on.
#[derive(Debug)]
pub struct Guest {
    kernel: PathBuf,
    folder: TempDir,
    modules: String,
    programs: Vec<OsString>,
    memory_mib: u32,
}

impl Guest {
    /// With nothing but busybox; `None` means that the caller has to return: the test counts as skipped.
    #[must_use]
    pub fn found(test: &str) -> Met<Self> {
        if !cfg!(target_arch = "x86_64") {
            return skip(
                test,
                "this machine is no x86-64",
                "run it on one: guest and test share their programs",
            );
        }
        program(test, "qemu-system-x86_64", "qemu-system-x86")?;
        program(test, "python3", "python3")?;
        let made = repository().join("target/image/guest");
        if !made.join("made-of").is_file() {
            return skip(
                test,
                "no target/image/guest",
                "tests/image/assemble --guest",
            );
        }
        Some(Self {
            kernel: made.join("vmlinux"),
            folder: tempfile::tempdir().expect("a folder for what the guest gets"),
            modules: String::new(),
            programs: Vec::new(),
            memory_mib: MEMORY_MIB,
        })
    }

    /// A kernel module to load at the start, after those named before it; `options` as for modprobe, e.g. `chip_addr=0x40,0x68`. What it depends
    /// on comes with it. A script may take it out and load it again otherwise.
    #[must_use]
    pub fn module(mut self, name: &str, options: &str) -> Self {
        let line = format!("{name} {options}");
        self.modules.push_str(line.trim_end());
        self.modules.push('\n');
        self
    }

    /// A program of this machine; its libraries come with it. In the guest it stands before busybox's of the same name.
    #[must_use]
    pub fn program(mut self, path: &Path) -> Self {
        self.programs.push(path.into());
        self
    }

    /// A program of one of the packages in `tests/image/guest.list`, e.g. `i2cset`.
    #[must_use]
    pub fn packaged(mut self, name: &str) -> Self {
        self.programs.push(name.into());
        self
    }

    /// A file of one of those packages, e.g. `lib/firmware/regulatory.db-debian`.
    ///
    /// # Panics
    /// When no package has it.
    #[must_use]
    pub fn unpacked(path: &str) -> Vec<u8> {
        let path = repository().join("target/image/guest/root").join(path);
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// A file at `path`, e.g. `etc/hostapd.conf` or `usr/lib/firmware/regulatory.db`.
    #[must_use]
    pub fn file(self, path: &str, bytes: &[u8]) -> Self {
        let path = self.tree().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file for the guest");
        self
    }

    /// More memory than the usual 256 MiB.
    #[must_use]
    pub const fn memory_mib(mut self, mib: u32) -> Self {
        self.memory_mib = mib;
        self
    }

    /// Switches it on and waits until it takes scripts. `name` is that of its logs, `tests/output/image/NAME.txt` (the console) and
    /// `NAME.talk.txt` (scripts and what they said): give every boot one of its own.
    ///
    /// # Panics
    /// When it cannot be packed, a module is not taken, or it does not get so far; the end of the console is shown.
    #[must_use]
    pub fn boot(self, name: &str) -> RunningGuest {
        let initramfs = self.pack();
        let logs = output_dir().join("image");
        fs::create_dir_all(&logs).expect("tests/output/image can be made");
        let serial = logs.join(format!("{name}.txt"));
        // Made before QEMU does, so that a reader finds it.
        File::create(&serial).expect("a log of the serial line");
        let (ours, theirs) = UnixStream::pair().expect("a line to the guest");
        // Should this process be killed, the machine does not outlive it.
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL", "qemu-system-x86_64"])
            .args("-M pc -cpu max -accel tcg -display none -nodefaults -monitor none -no-reboot".split(' '))
            .args(["-m", &self.memory_mib.to_string()])
            .args(["-serial", &format!("file:{}", serial.display())])
            .args("-chardev socket,id=talk,fd=0 -device virtio-serial-pci -device virtserialport,chardev=talk,nr=1".split(' '))
            .arg("-kernel")
            .arg(&self.kernel)
            .arg("-initrd")
            .arg(&initramfs)
            .args(["-append", KERNEL_ARGUMENTS])
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::from(
                File::create(logs.join(format!("{name}.qemu"))).expect("a log of QEMU's own"),
            ));
        let child = command.spawn().expect("QEMU starts");
        // It holds the other end of the line.
        drop(command);
        let talk = File::create(logs.join(format!("{name}.talk.txt"))).expect("a log of the talk");
        RunningGuest::started(
            child,
            ours,
            super::Serial::in_file(serial),
            talk,
            self.folder,
        )
    }

    /// Packs the initramfs; where it is.
    fn pack(&self) -> PathBuf {
        let etc = self.tree().join("etc");
        fs::create_dir_all(&etc).expect("a folder");
        fs::write(etc.join("modules"), &self.modules).expect("a list of modules");
        let out = self.folder.path().join("initramfs.img");
        let said = Command::new(repository().join("tests/image/pack-guest"))
            .arg(&out)
            .arg(self.tree())
            .args(&self.programs)
            .output()
            .expect("tests/image/pack-guest runs");
        let complaint = String::from_utf8_lossy(&said.stderr);
        assert!(
            said.status.success(),
            "the guest cannot be packed: {complaint}"
        );
        out
    }

    /// What the test puts into the guest's root.
    fn tree(&self) -> PathBuf {
        self.folder.path().join("tree")
    }
}
