//! `depot repo keygen`: a key, and its public half beside it.

use super::sign::short_id;
use super::trouble::Trouble;
use crate::depot::tell;
use clap::Args;
use ota::publish::{Ed25519, Signer as _, private_pem};
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Make a key (ed25519, PKCS#8) in a file that only you can read, and its public half in FILE.pub
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  depot repo keygen root.key")]
pub(super) struct Keygen {
    /// A file that is not there yet
    file: PathBuf,
}

impl Keygen {
    pub(super) fn run(self) -> Result<(), Trouble> {
        let mut name = self.file.clone().into_os_string();
        name.push(".pub");
        let public = PathBuf::from(name);
        let (key, pkcs8) = Ed25519::generate()?;
        for path in [&self.file, &public] {
            if path.exists() {
                return Err(there(path));
            }
        }
        create(&self.file, &private_pem(&pkcs8), 0o600)?;
        create(&public, &key.public_pem(), 0o644)?;
        tell::say(&format!(
            "{} is a new key: only you can read it. Keep it, and a copy, where nobody else comes; nothing replaces it.\n{} is its public half: give it to whoever makes the repository. Its id begins with {}.",
            self.file.display(),
            public.display(),
            short_id(&key.public_key())
        ));
        Ok(())
    }
}

fn there(path: &Path) -> Trouble {
    Trouble::Refused(format!(
        "{} is there already, and a key is never written over: give another name",
        path.display()
    ))
}

/// A file that was not there.
fn create(path: &Path, text: &str, mode: u32) -> Result<(), Trouble> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(there(path)),
        file => file.map_err(Trouble::disk("write", path))?,
    };
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    written.map_err(Trouble::disk("write", path))
}
