//! What a suite needs and this machine may lack. A lack is never silent: it is said on standard error, written to
//! `tests/output/skipped.txt` (which `make test` prints at its end), and with `SCHOOL_BOX_TESTS_STRICT=1` it fails.

use std::fs;
use std::path::{Path, PathBuf};

/// What is left when a need is met; `None` means that the caller has to return: the test counts as skipped.
pub type Met<T> = Option<T>;

/// Where suites leave what people should look at: screenshots, the list of skips.
#[must_use]
pub fn output_dir() -> PathBuf {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("output");
    fs::create_dir_all(&dir).expect("tests/output can be made");
    dir
}

/// Says that `test` is skipped, in the way of the whole house, for a caller that returns on `None`.
pub fn skip<T>(test: &str, lack: &str, remedy: &str) -> Met<T> {
    crate::skip::skip(test, lack, remedy);
    None
}

/// A program on the `PATH`, of the Debian package `package`.
#[must_use]
pub fn program(test: &str, name: &str, package: &str) -> Met<PathBuf> {
    match find_program(name) {
        Some(path) => Some(path),
        None => skip(
            test,
            &format!("no {name}"),
            &format!("apt-get install {package}"),
        ),
    }
}

/// Root, for what only root may do.
#[must_use]
pub fn root(test: &str) -> Met<()> {
    if nix::unistd::geteuid().is_root() {
        Some(())
    } else {
        skip(test, "needs root", "run the tests as root")
    }
}

/// The first executable called `name` on the `PATH`.
#[must_use]
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/sbin")])
        .map(|dir| dir.join(name))
        .find(|candidate| candidate.is_file())
}
