//! Finds the binaries under test, and refuses one that is older than its sources.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::SystemTime;

/// The `school-box` under test: `SCHOOL_BOX`, or the one built with the same profile as this test.
///
/// # Panics
/// When there is none, or when it is older than one of its sources: a test of yesterday's binary proves nothing.
#[must_use]
pub fn school_box() -> &'static Path {
    static BINARY: LazyLock<PathBuf> = LazyLock::new(|| find("school-box", "SCHOOL_BOX"));
    &BINARY
}

/// The `depot` under test: `DEPOT`, or the one built with the same profile as this test.
///
/// # Panics
/// As [`school_box`].
#[must_use]
pub fn depot() -> &'static Path {
    static BINARY: LazyLock<PathBuf> = LazyLock::new(|| find("depot", "DEPOT"));
    &BINARY
}

/// An example program of the workspace's crate `package`, built with the same profile as this test.
///
/// # Panics
/// As [`school_box`].
#[must_use]
pub fn example(package: &str, name: &str) -> PathBuf {
    built(
        &format!("examples/{name}"),
        &format!("cargo build -p {package} --example {name}"),
    )
}

/// Whether the binary under test was built for speed: what a benchmark insists on.
#[must_use]
pub fn is_release() -> bool {
    school_box()
        .components()
        .any(|part| part.as_os_str() == "release")
}

fn find(name: &str, variable: &str) -> PathBuf {
    if let Some(given) = std::env::var_os(variable) {
        let given = PathBuf::from(given);
        assert!(
            given.is_file(),
            "{variable}={}: no such file",
            given.display()
        );
        return given.canonicalize().expect("path of the given binary");
    }
    built(name, "cargo build -p firmware")
}

/// A program that `command` leaves at `path` in the folder of this test's profile.
fn built(path: &str, command: &str) -> PathBuf {
    let me = std::env::current_exe().expect("path of this test");
    let profile_dir = me
        .ancestors()
        .find(|dir| {
            dir.file_name()
                .is_some_and(|name| name == "debug" || name == "release")
        })
        .expect("a test runs from target/PROFILE");
    let binary = profile_dir.join(path);
    let release = if profile_dir.ends_with("release") {
        " --release"
    } else {
        ""
    };
    assert!(
        binary.is_file(),
        "no {path} in {}: run `{command}{release}` first",
        profile_dir.display()
    );
    if let Some(newer) = newer_source(&binary) {
        panic!("{path} is older than {newer}: run `{command}{release}` first");
    }
    binary
}

/// The first of the sources that cargo's dependency file lists and that is newer than the binary.
fn newer_source(binary: &Path) -> Option<String> {
    let built = modified(binary)?;
    let list = fs::read_to_string(binary.with_extension("d")).ok()?;
    let (_, sources) = list.split_once(": ")?;
    sources
        .split_ascii_whitespace()
        .find(|source| modified(Path::new(source)).is_some_and(|time| time > built))
        .map(ToOwned::to_owned)
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}
