//! One computer.

use super::said;
use crate::vm::Said;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// Makes the inside, says so, and waits for its end.
const INSIDE: &str = include_str!("inside");

/// A computer: processes started with [`Machine::command`] run in it. Dropped, it and they are gone.
#[derive(Debug)]
pub struct Machine {
    holder: Child,
}

impl Machine {
    /// One that nothing is plugged into.
    pub(super) fn on() -> Result<Self, String> {
        let mut holder = Command::new("setpriv")
            .args(
                "--pdeathsig KILL unshare --net --mount --pid --fork --kill-child sh -c".split(' '),
            )
            .arg(INSIDE)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("no namespaces: {error}"))?;
        let out = holder.stdout.take().ok_or("no output")?;
        let mut line = String::new();
        let read = BufReader::new(out).read_line(&mut line);
        let machine = Self { holder };
        match read {
            Ok(_) if line == "ready\n" => Ok(machine),
            _ => Err(format!("no namespaces: `{}`", line.trim())),
        }
    }

    /// Its number among this machine's processes, for the namespaces.
    pub(super) fn id(&self) -> u32 {
        self.holder.id()
    }

    /// A program to be run in it. Its standard input is nothing; one that is to outlive the call must not keep the caller's outputs.
    #[must_use]
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command
            .args(["--target", &self.id().to_string()])
            .args(["--net", "--mount"])
            // The holder itself stays outside its processes' numbers.
            .arg(format!("--pid=/proc/{}/ns/pid_for_children", self.id()))
            .arg("--")
            .arg(program)
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .stdin(Stdio::null());
        command
    }

    /// Runs a script in it, as root, to its end.
    pub fn shell(&self, script: &str) -> Said {
        let mut command = self.command("sh");
        command.args(["-c", script]);
        said(command)
    }

    /// The same with its network alone.
    pub(super) fn net_only(&self, script: &str) -> Said {
        let mut command = Command::new("nsenter");
        command
            .args([
                "--target",
                &self.id().to_string(),
                "--net",
                "--",
                "sh",
                "-c",
            ])
            .arg(script)
            .stdin(Stdio::null());
        said(command)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
