//! Programs whose syncs do nothing: the negative control of a power cut.

use super::tool;
use anyhow::{Context as _, Result};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Every call by which a program can ask for what it wrote to be on the disk.
const SYNCS: &str = "fsync,fdatasync,sync_file_range,syncfs,sync,msync";

/// Which syncs say that they worked and do nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lies {
    /// All of them.
    Always,
    /// Of each thread the first, the third, and so on. On ext4 the others then make the names of files durable
    /// whose content was never written.
    EverySecond,
}

fn strace(lies: Lies) -> Command {
    let mut command = tool::command("strace");
    let when = match lies {
        Lies::Always => "1+",
        Lies::EverySecond => "1+2",
    };
    // With a return value to inject, the call itself is left out.
    command.args(["-f", "-o", "/dev/null"]);
    command
        .arg(format!("--trace={SYNCS}"))
        .arg(format!("--inject={SYNCS}:retval=0:when={when}"));
    command
}

/// A command that runs `program`, whose syncs (and those of its children) lie.
#[must_use]
pub fn without_syncs(program: &Path, lies: Lies) -> Command {
    let mut command = strace(lies);
    command.args(["-qq", "--seccomp-bpf"]).arg(program);
    command
}

/// From its making until it is dropped, the syncs of a running program say that they worked and do nothing.
#[derive(Debug)]
pub struct Liar(Child);

impl Liar {
    /// Takes hold of the process `pid` and all its threads.
    ///
    /// # Errors
    /// When `strace` is not allowed to.
    pub fn beside(pid: u32) -> Result<Self> {
        let mut command = strace(Lies::Always);
        command.args(["-p", &pid.to_string()]);
        let mut child = command
            .stderr(Stdio::piped())
            .spawn()
            .context("strace does not start")?;
        let mut said = BufReader::new(child.stderr.take().context("no errors of strace")?);
        let mut line = String::new();
        let told = said.read_line(&mut line);
        let liar = Self(child);
        told.context("strace says nothing")?;
        anyhow::ensure!(
            line.contains("attached"),
            "strace took no hold of {pid}: {line}"
        );
        // It would stop, and the program with it, if nobody read what it says.
        std::thread::spawn(move || said.read_to_end(&mut Vec::new()));
        Ok(liar)
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
