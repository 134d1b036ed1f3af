//! A daemon as a supervised child: started, listened to, ended in time, reaped.
//!
//! One thread a child starts it and then reads what it says. It lives as long as the [`Child`]: the kernel's word to the daemon that its
//! parent died (`PR_SET_PDEATHSIG`) follows the *thread* that started it, and callers come from threads that end.

use crate::boot_time::since_boot;
use crate::error::BoardError;
use nix::errno::Errno;
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::{Pid, getpid, getppid};
use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, PipeReader, Read};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Lines that are kept of what a daemon said last.
const LINES: usize = 20;
/// Bytes of a line that are kept; what comes after is another line.
const LINE_BYTES: u64 = 400;
/// Between two looks whether a daemon has ended.
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);
/// A killed process is gone at once, unless the kernel holds it in a driver's call.
const AFTER_KILL: Duration = Duration::from_secs(1);
/// The thread that reads has ended by then, unless somebody still holds the other end of the pipe.
const AFTER_THE_LAST_WORD: Duration = Duration::from_millis(200);

/// What is run.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// For people, e.g. `hostapd`.
    pub(crate) name: &'static str,
    /// A path, or a name on the `PATH`.
    pub(crate) path: PathBuf,
    /// Its arguments.
    pub(crate) arguments: Vec<OsString>,
}

impl Program {
    /// The daemon `name` where Debian and our image have it; elsewhere whatever the `PATH` finds.
    pub(crate) fn found(name: &'static str, arguments: Vec<OsString>) -> Self {
        let path = ["/usr/sbin", "/usr/bin"]
            .map(|folder| PathBuf::from(folder).join(name))
            .into_iter()
            .find(|path| path.is_file())
            .unwrap_or_else(|| PathBuf::from(name));
        Self {
            name,
            path,
            arguments,
        }
    }
}

/// A daemon that was started. Dropped, it is killed and reaped.
#[derive(Debug)]
pub(crate) struct Child {
    process: std::process::Child,
    ended: Option<ExitStatus>,
    words: Arc<Mutex<VecDeque<String>>>,
    /// Dropped, it lets the thread go.
    hold: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Child {
    /// Starts it, in a process group of its own, with nothing of ours open but what it says into. `heard` gets every line on a thread of the
    /// child's own, and says whether it is worth keeping as its last words.
    pub(crate) fn start(
        program: Program,
        mut heard: impl FnMut(&str) -> bool + Send + 'static,
    ) -> Result<Self, BoardError> {
        let name = program.name;
        let words = Arc::new(Mutex::new(VecDeque::new()));
        let (hold, held) = channel();
        let (report, reported) = channel();
        let kept = Arc::clone(&words);
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                let started = spawn(&program);
                let pipe = match started {
                    Ok((process, pipe)) => report.send(Ok(process)).is_ok().then_some(pipe),
                    Err(error) => {
                        let _ = report.send(Err(error));
                        None
                    }
                };
                if let Some(pipe) = pipe {
                    listen(pipe, &mut heard, &kept);
                    wait_until_let_go(&held);
                }
            })
            .map_err(|source| BoardError::Start { name, source })?;
        let process = reported
            .recv()
            .unwrap_or_else(|_| Err(io::ErrorKind::BrokenPipe.into()))
            .map_err(|source| BoardError::Start { name, source })?;
        Ok(Self {
            process,
            ended: None,
            words,
            hold: Some(hold),
            thread: Some(thread),
        })
    }

    /// What it ended with; `None` while it runs.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.process.try_wait().ok().flatten();
        }
        self.ended
    }

    /// The last lines that it found worth saying, the oldest first; no device's address is in them.
    pub(crate) fn words(&self) -> Vec<String> {
        locked(&self.words).iter().cloned().collect()
    }

    /// Asks it to read its configuration again.
    pub(crate) fn hang_up(&self) {
        self.signal(Signal::SIGHUP);
    }

    /// Asks it to end.
    pub(crate) fn ask_to_end(&self) {
        self.signal(Signal::SIGTERM);
    }

    /// Asks it to end, and kills it, with all that it started, when it has not within `patience`. It is reaped then.
    pub(crate) fn end(&mut self, patience: Duration) {
        self.ask_to_end();
        if !self.ends_within(patience) {
            self.signal(Signal::SIGKILL);
            self.ends_within(AFTER_KILL);
        }
        self.kill_what_it_left();
    }

    /// What it started and left: dnsmasq has a process for each question over TCP.
    fn kill_what_it_left(&self) {
        let _ = killpg(self.id(), Signal::SIGKILL);
    }

    fn ends_within(&mut self, patience: Duration) -> bool {
        comes_within(patience, || self.ended().is_some())
    }

    fn id(&self) -> Pid {
        Pid::from_raw(self.process.id().cast_signed())
    }

    fn signal(&self, signal: Signal) {
        // One that was reaped has no number of its own any more.
        if self.ended.is_none() {
            let _ = kill(self.id(), signal);
        }
    }
}

impl Drop for Child {
    /// Over within two seconds, whoever holds the pipe: the daemon in a driver's call, what it started and left, or one of those that made
    /// itself independent. To that one the thread is left: it ends with it.
    fn drop(&mut self) {
        if self.ended().is_none() {
            self.end(Duration::ZERO);
        }
        drop(self.hold.take());
        let heard =
            |thread: &JoinHandle<()>, patience| comes_within(patience, || thread.is_finished());
        let thread = self.thread.take();
        if let Some(thread) = thread.filter(|thread| !heard(thread, AFTER_THE_LAST_WORD)) {
            self.kill_what_it_left();
            heard(&thread, AFTER_KILL);
        }
    }
}

/// Whether it comes true within `patience`.
fn comes_within(patience: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let end = since_boot() + patience;
    while !holds() {
        let left = end.saturating_sub(since_boot());
        if left.is_zero() {
            return false;
        }
        thread::park_timeout(left.min(BETWEEN_LOOKS));
    }
    true
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where a daemon of the radio is started"
)]
fn spawn(program: &Program) -> io::Result<(std::process::Child, PipeReader)> {
    let (ours, theirs) = io::pipe()?;
    let mut command = Command::new(&program.path);
    command
        .args(&program.arguments)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(theirs.try_clone()?)
        .stderr(theirs)
        .process_group(0);
    dies_with_its_parent(&mut command);
    Ok((command.spawn()?, ours))
}

/// A daemon that outlived us would hold radio, ports and sockets against its successor.
#[allow(
    unsafe_code,
    reason = "the kernel is told between fork and exec, and std has no safe way there"
)]
fn dies_with_its_parent(command: &mut Command) {
    let parent = getpid();
    // SAFETY: the closure only makes two system calls, which are allowed between fork and exec, and allocates nothing.
    unsafe {
        command.pre_exec(move || {
            set_pdeathsig(Signal::SIGTERM)?;
            // It died before it was asked about.
            if getppid() == parent {
                Ok(())
            } else {
                Err(Errno::ESRCH.into())
            }
        });
    }
}

/// Reads until nobody can write any more.
fn listen(pipe: PipeReader, heard: &mut impl FnMut(&str) -> bool, words: &Mutex<VecDeque<String>>) {
    let mut reader = BufReader::new(pipe);
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut reader).take(LINE_BYTES).read_until(b'\n', &mut line) {
            Ok(0) => return,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
            Ok(_) => {
                let text = String::from_utf8_lossy(&line);
                let text = text.trim();
                if !text.is_empty() && heard(text) {
                    let mut words = locked(words);
                    if words.len() == LINES {
                        words.pop_front();
                    }
                    words.push_back(without_addresses(text));
                }
            }
        }
    }
}

fn wait_until_let_go(held: &Receiver<()>) {
    // Nothing is ever sent: it ends when the other side is dropped.
    let _ = held.recv();
}

fn locked<T>(words: &Mutex<T>) -> MutexGuard<'_, T> {
    words.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The text on one line, with `(a device)` in place of every hardware address.
pub(crate) fn without_addresses(text: &str) -> String {
    const ADDRESS: usize = "00:11:22:33:44:55".len();
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        if rest.get(..ADDRESS).is_some_and(is_address) {
            clean.push_str("(a device)");
            rest = &rest[ADDRESS..];
        } else {
            clean.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    clean
}

fn is_address(text: &str) -> bool {
    text.bytes().enumerate().all(|(at, byte)| {
        if at % 3 == 2 {
            byte == b':'
        } else {
            byte.is_ascii_hexdigit()
        }
    })
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly and looks at the kernel's files"
)]
mod tests;
