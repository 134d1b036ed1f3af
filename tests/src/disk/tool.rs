//! Runs a system tool; its error is what the tool itself said.

use anyhow::{Context as _, Result, bail};
use std::ffi::OsStr;
use std::process::Command;

/// Where the tools of an administrator live; not always in a user's `PATH`.
const SYSTEM_PATHS: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A command that finds `losetup` and its like whatever `PATH` says.
pub(super) fn command(program: &str) -> Command {
    let mut command = Command::new(located(program).unwrap_or_else(|| program.to_owned()));
    command.env("PATH", SYSTEM_PATHS).env("LC_ALL", "C");
    command
}

/// The full path of `program`, if this machine has it.
fn located(program: &str) -> Option<String> {
    SYSTEM_PATHS
        .split(':')
        .map(|folder| format!("{folder}/{program}"))
        .find(|path| std::path::Path::new(path).is_file())
}

/// Runs to the end; answers the standard output, trimmed.
///
/// # Errors
/// When the tool cannot be started or fails, with what it said.
pub fn run<A: AsRef<OsStr>>(program: &str, args: impl IntoIterator<Item = A>) -> Result<String> {
    let args: Vec<_> = args
        .into_iter()
        .map(|arg| arg.as_ref().to_owned())
        .collect();
    let output = command(program)
        .args(&args)
        .output()
        .with_context(|| format!("{program} does not start"))?;
    if !output.status.success() {
        bail!(
            "{program} {args:?}: {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
