//! A running box.

use super::World;
use super::binary::school_box;
use super::http::{Answer, Connection, Request};
use super::wait::{DEADLINE, wait_for};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How a box is started.
#[derive(Debug)]
pub struct Launch {
    command: Command,
    log: PathBuf,
    wait_for_health: bool,
    on_air: bool,
}

impl Launch {
    pub(super) fn new(world: &World, log: &str) -> Self {
        let mut command = Command::new(school_box());
        command
            .arg("run")
            .arg("--board")
            .arg(format!("sim:{}", world.sim().dir().display()))
            .arg("--data")
            .arg(world.data())
            .args(["--listen", "127.0.0.1:0"])
            .stdin(Stdio::null());
        for inherited in [
            "NOTIFY_SOCKET",
            "RUNTIME_DIRECTORY",
            "WATCHDOG_USEC",
            "WATCHDOG_PID",
            "JOURNAL_STREAM",
            "INVOCATION_ID",
            "RUST_LOG",
        ] {
            command.env_remove(inherited);
        }
        Self {
            command,
            log: world.path(log),
            wait_for_health: true,
            on_air: false,
        }
    }

    /// With a configuration.
    #[must_use]
    pub fn config(mut self, file: &Path) -> Self {
        self.command.arg("--config").arg(file);
        self
    }

    /// With an environment variable.
    #[must_use]
    pub fn env(mut self, key: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(key, value);
        self
    }

    /// As this user and group, who have to own the data. Only root can start it so.
    #[must_use]
    pub fn owner(mut self, user: u32, group: u32) -> Self {
        self.command.uid(user).gid(group);
        self
    }

    /// On the air of the simulated board; else it is left alone.
    #[must_use]
    pub fn on_air(mut self) -> Self {
        self.on_air = true;
        self
    }

    fn command(&mut self) -> &mut Command {
        if !std::mem::replace(&mut self.on_air, true) {
            self.command.arg("--no-radio");
        }
        &mut self.command
    }

    /// Only waits for the line with the address, not for health.
    #[must_use]
    pub fn without_health(mut self) -> Self {
        self.wait_for_health = false;
        self
    }

    /// Starts the box; waits until it says its address, and until it is healthy.
    ///
    /// # Panics
    /// When it ends before that, or the deadline passes; with its log.
    #[must_use]
    pub fn start(mut self) -> RunningBox {
        let log = File::create(&self.log).expect("the log of the box");
        let command = self.command();
        command.stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().expect("school-box starts");
        let stdout = child.stdout.take().expect("its standard output");
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let unknown = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut running = RunningBox {
            child,
            address: unknown,
            log: self.log,
            ended: None,
        };
        running.address = running.wait_for_address(&lines);
        if self.wait_for_health {
            wait_for("a healthy box", DEADLINE, || {
                running.insist_that_it_lives();
                running
                    .try_send(&Request::get("/healthz"))
                    .ok()
                    .filter(|answer| answer.status == 200)
            });
        }
        running
    }

    /// Runs what should not keep running: waits for its end.
    #[must_use]
    pub fn expect_end(mut self) -> super::Outcome {
        self.command();
        super::Outcome::of(self.command)
    }
}

/// A box that was started; killed when dropped.
#[derive(Debug)]
pub struct RunningBox {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
    ended: Option<ExitStatus>,
}

/// How a box ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit status.
    pub status: ExitStatus,
    /// How long it took from the signal on.
    pub took: Duration,
}

impl RunningBox {
    fn wait_for_address(&mut self, lines: &mpsc::Receiver<String>) -> SocketAddr {
        let end = Instant::now() + DEADLINE;
        loop {
            if let Ok(line) = lines.recv_timeout(Duration::from_millis(50)) {
                return address_in(&line)
                    .unwrap_or_else(|| panic!("no address in the first line: {line}"));
            }
            self.insist_that_it_lives();
            assert!(
                Instant::now() < end,
                "the box did not say its address; its log:\n{}",
                self.log()
            );
        }
    }

    fn insist_that_it_lives(&mut self) {
        if let Some(status) = self.ended() {
            panic!("the box ended ({status}); its log:\n{}", self.log());
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of a path on it, for a browser.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.address.port())
    }

    /// The `Host` under which a pack is served.
    #[must_use]
    pub fn pack_host(&self, pack: &str) -> String {
        format!("{pack}.localhost:{}", self.address.port())
    }

    /// Its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Everything it logged.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read(&self.log)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// A connection of one's own.
    ///
    /// # Panics
    /// When the door is closed.
    #[must_use]
    pub fn connect(&self) -> Connection {
        Connection::open(self.address).expect("the box takes a connection")
    }

    /// One request on a new connection.
    ///
    /// # Errors
    /// When the box does not answer.
    pub fn try_send(&self, request: &Request) -> io::Result<Answer> {
        Connection::open(self.address)?.send(request)
    }

    /// One request on a new connection.
    ///
    /// # Panics
    /// When the box does not answer.
    #[must_use]
    pub fn send(&self, request: &Request) -> Answer {
        self.try_send(request)
            .unwrap_or_else(|error| panic!("{request:?}: {error}; its log:\n{}", self.log()))
    }

    /// One plain `GET`.
    #[must_use]
    pub fn get(&self, target: &str) -> Answer {
        self.send(&Request::get(target))
    }

    /// One plain `GET` from a pack.
    #[must_use]
    pub fn get_from(&self, pack: &str, target: &str) -> Answer {
        self.send(&Request::get(target).host(&self.pack_host(pack)))
    }

    /// `GET /api/v1/status`.
    #[must_use]
    pub fn status(&self) -> Value {
        self.get("/api/v1/status").expect(200).json()
    }

    /// Waits until the status satisfies `condition`, and answers it.
    pub fn wait_for_status(&self, what: &str, condition: impl Fn(&Value) -> bool) -> Value {
        wait_for(what, DEADLINE, || Some(self.status()).filter(&condition))
    }

    /// Waits until the log holds `words`.
    pub fn wait_for_log(&self, words: &str) {
        wait_for(
            &format!("`{words}` in the log:\n{}", self.log()),
            DEADLINE,
            || self.log().contains(words).then_some(()),
        );
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a process id"));
        kill(pid, signal).expect("a signal to the box");
    }

    /// Its exit status, once it ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().expect("state of the box");
        }
        self.ended
    }

    /// Waits for its end.
    pub fn wait_for_end(&mut self, deadline: Duration) -> Ended {
        let start = Instant::now();
        let status = wait_for("the end of the box", deadline, || self.ended());
        Ended {
            status,
            took: start.elapsed(),
        }
    }

    /// SIGTERM, and its end.
    pub fn terminate(&mut self) -> Ended {
        self.signal(Signal::SIGTERM);
        self.wait_for_end(DEADLINE)
    }

    /// SIGTERM, and insists on a clean stop with nothing that panicked.
    pub fn stop(mut self) {
        let ended = self.terminate();
        assert!(
            ended.status.success(),
            "a clean stop: {ended:?}; its log:\n{}",
            self.log()
        );
        assert!(
            !self.log().contains("panicked"),
            "nothing panicked; its log:\n{}",
            self.log()
        );
    }

    /// SIGKILL: what the page cache survives and the process does not.
    pub fn kill(mut self) {
        self.signal(Signal::SIGKILL);
        self.wait_for_end(DEADLINE);
    }
}

impl Drop for RunningBox {
    fn drop(&mut self) {
        let ended = self.ended();
        if ended.is_none() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if std::thread::panicking() {
            let ended = ended.map_or_else(|| "still ran".to_owned(), |status| status.to_string());
            eprintln!("--- log of the box, which {ended}\n{}---", self.log());
        }
    }
}

/// The address in the line that the box prints, e.g. `http://127.0.0.1:40123/`.
fn address_in(line: &str) -> Option<SocketAddr> {
    line.split(|c: char| c.is_whitespace() || c == '/')
        .find_map(|word| {
            let address: SocketAddr = word.parse().ok()?;
            Some(address)
        })
}
