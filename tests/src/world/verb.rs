//! A verb of the command line, run to its end.

use super::binary::school_box;
use std::ffi::OsStr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a verb may take before the test is failed.
const LIMIT: Duration = Duration::from_secs(120);

/// What a verb said and how it ended.
#[derive(Debug)]
pub struct Outcome {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What programs read.
    pub stdout: String,
    /// What people read.
    pub stderr: String,
}

/// Runs `school-box` with `arguments`.
pub(super) fn run(arguments: &[&OsStr]) -> Outcome {
    let mut command = Command::new(school_box());
    command
        .args(arguments)
        .stdin(Stdio::null())
        .env_remove("NOTIFY_SOCKET")
        .env_remove("RUST_LOG");
    Outcome::of(command)
}

impl Outcome {
    /// Runs any command to its end.
    pub fn of(mut command: Command) -> Self {
        let files = tempfile::tempdir().expect("a temporary folder");
        let out = files.path().join("stdout");
        let err = files.path().join("stderr");
        command
            .stdout(std::fs::File::create(&out).expect("a file"))
            .stderr(std::fs::File::create(&err).expect("a file"));
        let shown = format!("{command:?}");
        let mut child = command.spawn().expect("school-box starts");
        let end = Instant::now() + LIMIT;
        let status = loop {
            if let Some(status) = child.try_wait().expect("state of a child") {
                break status;
            }
            if Instant::now() > end {
                let _ = child.kill();
                panic!("{shown} did not end within {} s", LIMIT.as_secs());
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        let read =
            |path| String::from_utf8_lossy(&std::fs::read(path).expect("a file")).into_owned();
        Self {
            code: status.code(),
            stdout: read(&out),
            stderr: read(&err),
        }
    }

    /// Insists on exit code 0.
    pub fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "it should have worked: {self:#?}");
        self
    }

    /// Insists on exit code `code` and on one clear line on standard error (beside the progress, which is indented);
    /// answers that line.
    pub fn refused(&self, code: i32) -> &str {
        assert_eq!(self.code, Some(code), "exit code: {self:#?}");
        let lines: Vec<&str> = self
            .stderr
            .lines()
            .filter(|line| !line.starts_with("  "))
            .collect();
        assert_eq!(lines.len(), 1, "one line says what is wrong: {self:#?}");
        assert!(
            !lines[0].contains("panicked"),
            "a panic is no answer: {self:#?}"
        );
        lines[0]
    }

    /// Standard output as JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {self:#?}"))
    }
}
