//! A command's CPU time and memory, as the kernel counts them.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

/// What a command cost.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    /// User and system, of it and its ended children, s.
    pub(crate) cpu_s: f64,
    /// The largest resident set of any of them, bytes.
    pub(crate) memory_bytes: u64,
}

/// The cheapest of so many runs counts: what others do to the machine only adds.
pub(crate) const RUNS: usize = 3;

/// Runs `program` with `arguments` under `time` (the package of that name); what it says comes back.
///
/// # Panics
/// When it fails, with what it said.
pub(crate) fn run<S: AsRef<OsStr>>(
    program: impl AsRef<OsStr>,
    arguments: impl IntoIterator<Item = S>,
) -> (Cost, String) {
    let output = Command::new("time")
        .args(["--format", "%U %S %M"])
        .arg(&program)
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .expect("the program `time`");
    let said = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{}: {said}",
        program.as_ref().display()
    );
    let stderr = String::from_utf8_lossy(&output.stderr);
    let last = stderr.trim_end().lines().last().unwrap_or_default();
    (cost(last), said)
}

/// Of a line `user system kB`.
pub(crate) fn cost(line: &str) -> Cost {
    let numbers: Vec<f64> = line
        .split_whitespace()
        .map(|number| number.parse().expect("what `time` says"))
        .collect();
    let [user, system, kilobytes] = numbers[..] else {
        panic!("`time` says {line:?}");
    };
    Cost {
        cpu_s: user + system,
        memory_bytes: (kilobytes * 1024.0) as u64,
    }
}

/// The cheapest of [`RUNS`] runs.
pub(crate) fn cheapest(mut run: impl FnMut() -> Cost) -> Cost {
    (0..RUNS)
        .map(|_| run())
        .min_by(|a, b| a.cpu_s.total_cmp(&b.cpu_s))
        .unwrap_or_default()
}
