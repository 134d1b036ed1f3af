//! A test that lacks what it needs: said on standard error, listed in `tests/output/skipped.txt` (which `make test` prints
//! at its end), and a failure where `SCHOOL_BOX_TESTS_STRICT=1`. Crates take this file in by its path: nothing may import `tests`.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

/// Says that `test` is skipped for want of `lack`; `remedy` is what a person does about it.
///
/// # Panics
/// Where `SCHOOL_BOX_TESTS_STRICT=1`, or where the list cannot be written.
#[allow(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and keeps its own list"
)]
pub(crate) fn skip(test: &str, lack: &str, remedy: &str) {
    let line = format!("SKIPPED: {test}: {lack} ({remedy})");
    let strict = std::env::var_os("SCHOOL_BOX_TESTS_STRICT").is_some_and(|value| value == "1");
    assert!(!strict, "{line}");
    // Past libtest's capture of `eprintln!`, which hides what a passing test says.
    let _ = writeln!(std::io::stderr(), "{line}");
    let output = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/output"));
    fs::create_dir_all(output).expect("tests/output can be made");
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(output.join("skipped.txt"))
        .and_then(|mut list| writeln!(list, "{line}"))
        .expect("tests/output/skipped.txt can be written");
}
