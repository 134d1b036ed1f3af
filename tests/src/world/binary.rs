//! Finds the binary under test, and refuses one that is older than its sources.

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
    static BINARY: LazyLock<PathBuf> = LazyLock::new(find);
    &BINARY
}

/// Whether the binary under test was built for speed: what a benchmark insists on.
#[must_use]
pub fn is_release() -> bool {
    school_box()
        .components()
        .any(|part| part.as_os_str() == "release")
}

fn find() -> PathBuf {
    if let Some(given) = std::env::var_os("SCHOOL_BOX") {
        let given = PathBuf::from(given);
        assert!(
            given.is_file(),
            "SCHOOL_BOX={}: no such file",
            given.display()
        );
        return given.canonicalize().expect("path of SCHOOL_BOX");
    }
    let me = std::env::current_exe().expect("path of this test");
    let profile_dir = me
        .ancestors()
        .find(|dir| {
            dir.file_name()
                .is_some_and(|name| name == "debug" || name == "release")
        })
        .expect("a test runs from target/PROFILE");
    let binary = profile_dir.join("school-box");
    let release = if profile_dir.ends_with("release") {
        " --release"
    } else {
        ""
    };
    assert!(
        binary.is_file(),
        "no school-box in {}: run `cargo build -p firmware{release}` first",
        profile_dir.display()
    );
    if let Some(newer) = newer_source(&binary) {
        panic!("school-box is older than {newer}: run `cargo build -p firmware{release}` first");
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
