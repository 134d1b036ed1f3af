//! A network of its own for programs and threads.

use crate::need::{self, Met};
use nix::sched::{CloneFlags, setns};
use std::ffi::OsStr;
use std::fs::File;
use std::net::IpAddr;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A network namespace with nothing but its loopback.
#[derive(Debug)]
pub struct Namespace {
    name: String,
}

impl Namespace {
    /// A new one; `None` means that the caller has to return: the test counts as skipped.
    #[must_use]
    pub fn new(test: &str) -> Met<Self> {
        need::root(test)?;
        need::program(test, "ip", "iproute2")?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("school-box-{}-{number}", std::process::id());
        let made = Command::new("ip").args(["netns", "add", &name]).output();
        if !made.is_ok_and(|made| made.status.success()) {
            return need::skip(
                test,
                "this machine makes no network namespaces",
                "run the tests where root may",
            );
        }
        let made = Self { name };
        made.ip(&["link", "set", "lo", "up"]);
        Some(made)
    }

    /// As `ip netns` knows it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A program that will run inside.
    #[must_use]
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name]).arg(program);
        command
    }

    /// Runs a program inside to its end.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn run(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> Output {
        let mut command = self.command(program);
        command.args(arguments).output().expect("ip netns exec")
    }

    /// Runs `ip` inside, and hands back what it says.
    ///
    /// # Panics
    /// When it fails.
    pub fn ip(&self, arguments: &[&str]) -> String {
        let said = Command::new("ip")
            .args(["-n", &self.name])
            .args(arguments)
            .output()
            .expect("ip");
        assert!(
            said.status.success(),
            "ip {arguments:?}: {}",
            String::from_utf8_lossy(&said.stderr)
        );
        String::from_utf8_lossy(&said.stdout).into_owned()
    }

    /// Acts on a thread inside: its sockets, and what it starts, are of this network.
    ///
    /// # Panics
    /// As `act` does, and where the thread does not get in.
    pub fn inside<T: Send>(&self, act: impl FnOnce() -> T + Send) -> T {
        thread::scope(|scope| {
            let acts = scope.spawn(|| {
                let network = File::open(format!("/run/netns/{}", self.name)).expect("it is there");
                setns(network, CloneFlags::CLONE_NEWNET).expect("a thread may change its network");
                act()
            });
            match acts.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })
    }

    /// A cable from here, at `ours`, to `other`, at `theirs`, up at both ends.
    pub fn cable(&self, ours: &str, other: &Self, theirs: &str) {
        self.ip(&[
            "link",
            "add",
            ours,
            "type",
            "veth",
            "peer",
            "name",
            theirs,
            "netns",
            &other.name,
        ]);
        self.ip(&["link", "set", ours, "up"]);
        other.ip(&["link", "set", theirs, "up"]);
    }

    /// The addresses of an interface, those of the link alone left out.
    ///
    /// # Panics
    /// When `ip` says what cannot be meant.
    #[must_use]
    pub fn addresses(&self, interface: &str) -> Vec<IpAddr> {
        let said = self.ip(&["-o", "address", "show", "dev", interface, "scope", "global"]);
        said.lines()
            .filter(|line| !line.contains("tentative"))
            .filter_map(|line| {
                line.split_whitespace()
                    .nth(3)?
                    .split('/')
                    .next()?
                    .parse()
                    .ok()
            })
            .collect()
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // What a failing test left running inside holds the network, and would run on.
        if let Ok(said) = Command::new("ip")
            .args(["netns", "pids", &self.name])
            .output()
        {
            for id in String::from_utf8_lossy(&said.stdout).split_whitespace() {
                let _ = Command::new("kill").args(["-KILL", id]).output();
            }
        }
        let _ = Command::new("ip")
            .args(["netns", "delete", &self.name])
            .output();
    }
}
