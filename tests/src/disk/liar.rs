//! Programs whose syncs do nothing: the negative control of a power cut.

use super::tool;
use anyhow::{Context as _, Result};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Every call by which a program can ask for what it wrote to be on the disk.
const SYNCS: &str = "fsync,fdatasync,sync_file_range,syncfs,sync,msync";

fn strace() -> Command {
    let mut command = tool::command("strace");
    // With a return value to inject, the call itself is left out.
    command.args(["-f", "-o", "/dev/null"]);
    command.arg(format!("--trace={SYNCS}")).arg(format!("--inject={SYNCS}:retval=0"));
    command
}

/// A command that runs `program`, whose syncs (and those of its children) say that they worked and do nothing.
#[must_use]
pub fn without_syncs(program: &Path) -> Command {
    let mut command = strace();
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
        let mut command = strace();
        command.args(["-p", &pid.to_string()]);
        let mut child = command.stderr(Stdio::piped()).spawn().context("strace does not start")?;
        let mut said = BufReader::new(child.stderr.take().context("no errors of strace")?);
        let mut line = String::new();
        let told = said.read_line(&mut line);
        let liar = Self(child);
        told.context("strace says nothing")?;
        anyhow::ensure!(line.contains("attached"), "strace took no hold of {pid}: {line}");
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
