//! A verb of this very program, run beside the box: what strangers made is parsed in a process of its own, with an end of its own.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::ffi::OsStr;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::process::{Child, ChildStdout, Command, Stdio};

/// This program, whatever became of its file since it was started.
const OURSELVES: &str = "/proc/self/exe";
/// Who listens is asked so often whether to go on, ms.
const EVERY_MS: u16 = 200;
/// A longer line is none of ours, bytes.
const LONGEST_LINE: usize = 64 * 1024;
/// Of what it complained about no more is read, bytes.
const LONGEST_COMPLAINT: u64 = 16 * 1024;

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerbEnd {
    /// With exit code 0.
    Done,
    /// Otherwise; what it said last on standard error.
    Failed(String),
    /// Who listened told it to stop.
    Stopped,
}

/// Runs the verb to its end. `heard` hears each line of its standard output, and nothing now and then; `false` ends it.
///
/// # Errors
/// When it cannot be started or listened to.
pub fn run<A: AsRef<OsStr>>(
    arguments: &[A],
    heard: &mut dyn FnMut(Option<&str>) -> bool,
) -> io::Result<VerbEnd> {
    #[allow(
        clippy::disallowed_methods,
        reason = "the typed file of this child: it is this program itself"
    )]
    let mut command = Command::new(OURSELVES);
    let child = command
        .args(arguments)
        // It has nothing to tell the system.
        .env_remove("NOTIFY_SOCKET")
        .env_remove("WATCHDOG_USEC")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut running = Running(child);
    let out = running.0.stdout.take();
    let mut out = out.ok_or_else(|| io::Error::other("it has no standard output"))?;
    if !listen(&mut out, heard)? {
        return Ok(VerbEnd::Stopped);
    }
    let mut complaint = Vec::new();
    if let Some(err) = running.0.stderr.take() {
        err.take(LONGEST_COMPLAINT).read_to_end(&mut complaint)?;
    }
    let status = running.0.wait()?;
    if status.success() {
        return Ok(VerbEnd::Done);
    }
    let complaint = String::from_utf8_lossy(&complaint);
    let last = complaint.lines().rev().find(|line| !line.trim().is_empty());
    Ok(VerbEnd::Failed(
        last.map_or_else(|| status.to_string(), ToOwned::to_owned),
    ))
}

/// Whoever leaves early ends it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Until it closes its output: `true`; or until it is to stop.
fn listen(out: &mut ChildStdout, heard: &mut dyn FnMut(Option<&str>) -> bool) -> io::Result<bool> {
    let (mut line, mut step) = (Vec::new(), [0; 4096]);
    loop {
        let mut waits = [PollFd::new(out.as_fd(), PollFlags::POLLIN)];
        let ready = match poll(&mut waits, PollTimeout::from(EVERY_MS)) {
            Err(nix::errno::Errno::EINTR) => 0,
            polled => polled?,
        };
        if !heard(None) {
            return Ok(false);
        }
        if ready == 0 {
            continue;
        }
        let came = match out.read(&mut step)? {
            0 => return Ok(true),
            came => step.get(..came).unwrap_or_default(),
        };
        for byte in came {
            if *byte != b'\n' {
                line.push(*byte);
            } else if !heard(Some(&String::from_utf8_lossy(&std::mem::take(&mut line)))) {
                return Ok(false);
            }
        }
        if line.len() > LONGEST_LINE {
            return Err(io::Error::other("it says a line without an end"));
        }
    }
}
