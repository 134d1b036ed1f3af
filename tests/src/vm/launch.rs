//! Starting a virtual machine.

use super::bench::Bench;
use super::card::Card;
use super::machine::Vm;
use super::serial::{Keys, Serial};
use super::usb::UsbPort;
use crate::disk::{copy_sparse, empty_log};
use crate::need::output_dir;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// One boot of a card. Until it is told otherwise: no bench, no watchdog, no USB, no block log.
#[derive(Debug)]
pub struct Launch<'a> {
    name: String,
    card: &'a Card,
    bench: Option<&'a Bench>,
    watchdog: bool,
    logged: bool,
    usb: bool,
    typed_at: bool,
}

impl<'a> Launch<'a> {
    /// `name` is that of the serial line's log, `tests/output/image/NAME.txt`: give every boot one of its own.
    #[must_use]
    pub fn of(card: &'a Card, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            card,
            bench: None,
            watchdog: false,
            logged: false,
            usb: false,
            typed_at: false,
        }
    }

    /// With the folder that both sides see; the slot needs [`super::Inside::bench`] laid over.
    #[must_use]
    pub const fn with_bench(mut self, bench: &'a Bench) -> Self {
        self.bench = Some(bench);
        self
    }

    /// With the hardware watchdog, an i6300esb that resets the machine. A starved host may set it off, too.
    #[must_use]
    pub const fn with_watchdog(mut self) -> Self {
        self.watchdog = true;
        self
    }

    /// On a disk that remembers every write and flush, for [`Vm::pull_the_plug`].
    #[must_use]
    pub const fn logged(mut self) -> Self {
        self.logged = true;
        self
    }

    /// With somebody at the serial line, for [`Vm::type_in`].
    #[must_use]
    pub const fn typed_at(mut self) -> Self {
        self.typed_at = true;
        self
    }

    /// With a USB port, for [`Vm::plug`].
    #[must_use]
    pub const fn with_usb(mut self) -> Self {
        self.usb = true;
        self
    }

    /// Switches the machine on.
    #[must_use]
    pub fn boot(self) -> Vm<'a> {
        let folder = output_dir().join("image");
        std::fs::create_dir_all(&folder).expect("tests/output/image can be made");
        let serial = folder.join(format!("{}.txt", self.name));
        let log = self.logged.then(|| self.block_log());
        let port = free_port();
        let usb = self.usb.then(UsbPort::new);
        let keys = self.typed_at.then(Keys::new);
        // Should this process be killed, the machine does not outlive it.
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL", "qemu-system-aarch64"])
            .args("-M virt -cpu cortex-a53 -m 1024 -accel tcg -display none -nodefaults -monitor none".split(' '))
            .args(serial_line(&serial, keys.as_ref()))
            .args(self.flash())
            .args(self.disk(log.as_ref()))
            .arg("-netdev")
            .arg(format!("user,id=net,hostfwd=tcp:127.0.0.1:{port}-:80"))
            .args(["-device", "virtio-net-pci,netdev=net,romfile="])
            .args(self.extras())
            .args(usb.iter().flat_map(UsbPort::arguments))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::from(
                File::create(folder.join(format!("{}.qemu", self.name))).expect("a log of QEMU's own"),
            ));
        // Made before QEMU does, so that a reader finds it.
        File::create(&serial).expect("a log of the serial line");
        let child = command.spawn().expect("QEMU starts");
        Vm::running(
            child,
            Serial::in_file(serial),
            SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            self.bench,
            log,
            usb,
            keys,
        )
    }

    /// A folder as the replay of a recording wants it: the card as it is now, and the log to come.
    fn block_log(&self) -> TempDir {
        let dir = tempfile::tempdir_in(self.card.folder()).expect("a folder for the block log");
        copy_sparse(&self.card.path(), &dir.path().join("base.img")).expect("a copy of the card");
        std::fs::write(dir.path().join("blocks.log"), empty_log()).expect("a block log");
        dir
    }

    fn flash(&self) -> Vec<String> {
        let flash = |name: &str, mode: &str| {
            let path: PathBuf = self.card.made().part(name);
            format!("if=pflash,format=raw,{mode}=on,file={}", path.display())
        };
        vec![
            "-drive".to_owned(),
            flash("flash0.img", "readonly"),
            "-drive".to_owned(),
            flash("flash1.img", "snapshot"),
        ]
    }

    fn disk(&self, log: Option<&TempDir>) -> Vec<String> {
        let card = self.card.path().display().to_string();
        let mut nodes = vec![
            format!("driver=file,node-name=card-file,filename={card},cache.direct=off"),
            "driver=raw,node-name=card,file=card-file".to_owned(),
        ];
        let mut device = "virtio-blk-pci,drive=card".to_owned();
        if let Some(log) = log {
            let log = log.path().join("blocks.log").display().to_string();
            nodes.push(format!("driver=file,node-name=log,filename={log}"));
            // The log's count of entries is then right after every single write: it is our clock.
            nodes.push("driver=blklogwrites,node-name=logged,file=card,log=log,log-sector-size=512,log-super-update-interval=1".to_owned());
            "virtio-blk-pci,drive=logged,write-cache=on,logical_block_size=512"
                .clone_into(&mut device);
        }
        let mut arguments: Vec<String> = nodes
            .into_iter()
            .flat_map(|node| ["-blockdev".to_owned(), node])
            .collect();
        arguments.extend(["-device".to_owned(), device]);
        arguments
    }

    fn extras(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        if let Some(bench) = self.bench {
            let path = bench.path().display();
            arguments.push("-fsdev".to_owned());
            arguments.push(format!("local,id=bench,path={path},security_model=none"));
            arguments.push("-device".to_owned());
            arguments.push("virtio-9p-pci,fsdev=bench,mount_tag=bench".to_owned());
        }
        if self.watchdog {
            arguments
                .extend(["-device", "i6300esb", "-action", "watchdog=reset"].map(str::to_owned));
        }
        arguments
    }
}

/// All that is said goes to the file, whether somebody is at the line or not.
fn serial_line(log: &Path, keys: Option<&Keys>) -> Vec<String> {
    let log = log.display();
    let Some(keys) = keys else {
        return vec!["-serial".to_owned(), format!("file:{log}")];
    };
    let socket = keys.path().display().to_string();
    let line = format!("socket,id=line,path={socket},server=on,wait=off,logfile={log}");
    ["-chardev", &line, "-serial", "chardev:line"]
        .map(str::to_owned)
        .to_vec()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("a free port").port()
}
