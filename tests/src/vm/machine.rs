//! A virtual machine that runs.

use super::bench::Bench;
use super::serial::{Keys, Mark, Serial};
use super::usb::UsbPort;
use crate::disk::Recording;
use crate::world::http::{Answer, Connection, Request};
use crate::world::proc;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a boot to the first page may take: half a minute on a quiet machine, many times that on a loaded one.
pub const BOOT: Duration = Duration::from_secs(480);
/// Nobody may be listening yet, and QEMU takes the connection all the same.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(100);

/// A machine. Dropped, it is killed, which its disk does not notice: what the host was given is there.
#[derive(Debug)]
pub struct Vm<'a> {
    child: Child,
    serial: Serial,
    address: SocketAddr,
    bench: Option<&'a Bench>,
    log: Option<TempDir>,
    usb: Option<UsbPort>,
    keys: Option<Keys>,
}

impl<'a> Vm<'a> {
    pub(super) const fn running(
        child: Child,
        serial: Serial,
        address: SocketAddr,
        bench: Option<&'a Bench>,
        log: Option<TempDir>,
        usb: Option<UsbPort>,
        keys: Option<Keys>,
    ) -> Self {
        Self {
            child,
            serial,
            address,
            bench,
            log,
            usb,
            keys,
        }
    }

    /// What the serial line said.
    #[must_use]
    pub const fn serial(&self) -> &Serial {
        &self.serial
    }

    /// Waits until the serial line says `words` after `mark`; the place behind them.
    ///
    /// # Panics
    /// When `deadline` passes or the machine ends; the end of the log is shown.
    pub fn wait_for_serial(&mut self, mark: Mark, words: &str, deadline: Duration) -> Mark {
        let what = format!("`{words}` on the serial line");
        self.wait(&what, deadline, |vm| vm.serial.find(mark, words))
    }

    /// Types on the serial line.
    ///
    /// # Panics
    /// When nobody is at it ([`super::Launch::typed_at`]).
    pub fn type_in(&mut self, bytes: &[u8]) {
        self.keys
            .as_mut()
            .expect("somebody at the line")
            .press(bytes);
    }

    /// Waits until a terminal at the serial line shows `words`; its screen then.
    ///
    /// # Panics
    /// As [`Vm::wait_for_serial`].
    pub fn wait_for_screen(&mut self, words: &str, deadline: Duration) -> String {
        self.wait(&format!("`{words}` on the screen"), deadline, |vm| {
            let screen = vm.serial.screen();
            let one_line = screen.split_whitespace().collect::<Vec<_>>().join(" ");
            one_line.contains(words).then_some(screen)
        })
    }

    /// Waits until `probe` finds something.
    ///
    /// # Panics
    /// As [`Vm::wait_for_serial`].
    pub fn wait<T>(
        &mut self,
        what: &str,
        deadline: Duration,
        mut probe: impl FnMut(&Self) -> Option<T>,
    ) -> T {
        let end = Instant::now() + deadline;
        loop {
            if let Some(found) = probe(self) {
                return found;
            }
            let ended = self.child.try_wait().expect("the machine can be asked");
            let late = Instant::now() >= end;
            assert!(
                ended.is_none() && !late,
                "waited for {what}: {}; {}",
                ended.map_or_else(
                    || format!("{} s passed", deadline.as_secs()),
                    |status| format!("the machine ended with {status}")
                ),
                self.serial.tail()
            );
            std::thread::sleep(PAUSE);
        }
    }

    /// Waits for the first 200 from the portal.
    pub fn wait_for_page(&mut self) -> Answer {
        self.wait("the portal", BOOT, |vm| {
            vm.try_get("/").ok().filter(|answer| answer.status == 200)
        })
    }

    /// One request, one answer.
    ///
    /// # Errors
    /// When nobody answers within some seconds.
    pub fn try_get(&self, target: &str) -> io::Result<Answer> {
        Connection::patient(self.address, PATIENCE)?
            .send(&Request::get(target).host("school.internal"))
    }

    /// One request to a box that serves.
    ///
    /// # Panics
    /// When it does not answer.
    #[must_use]
    pub fn send(&self, request: &Request) -> Answer {
        Connection::open(self.address)
            .and_then(|mut box_| box_.send(request))
            .unwrap_or_else(|error| panic!("no answer: {error}; {}", self.serial.tail()))
    }

    /// The state as programs read it.
    #[must_use]
    pub fn status(&self) -> serde_json::Value {
        let ask = Request::get("/api/v1/status").host("school.internal");
        self.send(&ask).expect(200).json()
    }

    /// Where its port 80 is to be had.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Runs a script inside, as root; what it said.
    ///
    /// # Panics
    /// When it fails, or there is no shell inside.
    pub fn shell(&mut self, script: &str) -> String {
        let bench = self.bench.expect("a machine with a bench");
        bench.ask(script);
        let answer = self.wait("the shell inside", BOOT, |_| bench.answer());
        let said = answer.strip_suffix("exit 0\n");
        said.unwrap_or_else(|| panic!("{script}: {answer}"))
            .to_owned()
    }

    /// Hands a script to the shell inside, for one that may never come back from it.
    ///
    /// # Panics
    /// When there is no shell inside.
    pub fn start(&self, script: &str) {
        self.bench.expect("a machine with a bench").ask(script);
    }

    /// Plugs in a stick with the bytes of `image`. `name` is what this test calls it, no other stick's.
    ///
    /// # Panics
    /// When the machine was launched without USB.
    pub fn plug(&self, name: &str, image: &Path) {
        self.usb().plug(name, image);
    }

    /// Pulls that stick out, without a word to the system before.
    ///
    /// # Panics
    /// As [`Vm::plug`].
    pub fn unplug(&self, name: &str) {
        self.usb().unplug(name);
    }

    fn usb(&self) -> &UsbPort {
        self.usb.as_ref().expect("a machine with USB")
    }

    /// CPU time that the machine took so far.
    #[must_use]
    pub fn cpu_time(&self) -> Duration {
        proc::cpu_time(self.child.id())
    }

    /// Waits until the machine has switched itself off.
    ///
    /// # Panics
    /// When `deadline` passes.
    pub fn wait_for_end(&mut self, deadline: Duration) -> ExitStatus {
        let (child, serial) = (&mut self.child, &self.serial);
        let mut ended = || child.try_wait().expect("the machine can be asked");
        let end = Instant::now() + deadline;
        while Instant::now() < end {
            if let Some(status) = ended() {
                return status;
            }
            std::thread::sleep(PAUSE);
        }
        panic!("the machine does not switch off; {}", serial.tail());
    }

    /// Whether it is still on.
    pub fn is_on(&mut self) -> bool {
        self.child
            .try_wait()
            .expect("the machine can be asked")
            .is_none()
    }

    /// Ends the machine at once. What it had given to its disk, flushed or not, stays: for a power cut see
    /// [`Vm::pull_the_plug`].
    pub fn kill(mut self) {
        self.end();
    }

    /// Cuts the power: all that the disk took, to be replayed up to any moment.
    ///
    /// # Panics
    /// When the machine was not launched on a logged disk.
    #[must_use]
    pub fn pull_the_plug(mut self) -> Recording {
        self.end();
        let log = self.log.take().expect("a machine on a logged disk");
        Recording::read(log).expect("a block log")
    }

    /// Where the block log is being written.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn block_log(&self) -> std::path::PathBuf {
        let log = self.log.as_ref().expect("a machine on a logged disk");
        log.path().join("blocks.log")
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Vm<'_> {
    fn drop(&mut self) {
        self.end();
    }
}
