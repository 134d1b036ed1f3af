//! A machine's USB port, over QEMU's own line: a stick is plugged in and pulled out while the machine runs.

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(60);

/// Where QEMU listens, before it does.
#[derive(Debug)]
pub(super) struct UsbPort {
    folder: TempDir,
}

impl UsbPort {
    pub(super) fn new() -> Self {
        // A socket's name is short.
        let folder = tempfile::Builder::new()
            .prefix("school-box-usb-")
            .tempdir_in("/tmp")
            .expect("a folder for a socket");
        Self { folder }
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("line")
    }

    /// For QEMU.
    pub(super) fn arguments(&self) -> Vec<String> {
        let line = format!("unix:{},server=on,wait=off", self.socket().display());
        ["-device", "qemu-xhci,id=usb", "-qmp", line.as_str()]
            .map(str::to_owned)
            .to_vec()
    }

    /// Plugs in a stick whose bytes are those of `image`.
    pub(super) fn plug(&self, name: &str, image: &Path) {
        let mut line = Line::to(&self.socket());
        let file = json!({"driver": "file", "filename": image});
        line.tell(
            "blockdev-add",
            &json!({"driver": "raw", "node-name": name, "file": file}),
        );
        let id = format!("{name}-stick");
        line.tell(
            "device_add",
            &json!({"driver": "usb-storage", "bus": "usb.0", "drive": name, "id": id, "removable": true}),
        );
    }

    /// Pulls it out.
    pub(super) fn unplug(&self, name: &str) {
        let mut line = Line::to(&self.socket());
        line.tell("device_del", &json!({"id": format!("{name}-stick")}));
        line.wait_for("DEVICE_DELETED");
        line.tell("blockdev-del", &json!({"node-name": name}));
    }
}

/// Words in JSON, one a line.
struct Line {
    read: BufReader<UnixStream>,
    events: Vec<Value>,
}

impl Line {
    fn to(socket: &Path) -> Self {
        let stream = UnixStream::connect(socket).expect("QEMU's line");
        stream.set_read_timeout(Some(PATIENCE)).expect("a deadline");
        let mut line = Self {
            read: BufReader::new(stream),
            events: Vec::new(),
        };
        let _greeting = line.hear();
        line.tell("qmp_capabilities", &json!({}));
        line
    }

    fn tell(&mut self, what: &str, arguments: &Value) {
        let words = json!({"execute": what, "arguments": arguments});
        writeln!(self.read.get_mut(), "{words}").expect("a word to QEMU");
        loop {
            let heard = self.hear();
            assert!(heard.get("error").is_none(), "{what} {arguments}: {heard}");
            if heard.get("return").is_some() {
                return;
            }
            self.events.push(heard);
        }
    }

    fn wait_for(&mut self, event: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.events.iter().any(|heard| heard["event"] == event) {
            assert!(Instant::now() < end, "no {event}: {:?}", self.events);
            let heard = self.hear();
            self.events.push(heard);
        }
    }

    fn hear(&mut self) -> Value {
        let mut text = String::new();
        self.read.read_line(&mut text).expect("a word from QEMU");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("QEMU said {text:?}: {error}"))
    }
}
