//! Where the air's files are.

use crate::error::BoardError;
use crate::files::{make_private_folder, read_bytes, replace_durably, write_error};
use std::io;
use std::path::{Path, PathBuf};

/// Bytes of chance in what a box's network is made of.
const SECRET_BYTES: usize = 16;

/// Two folders: one that goes with the machine's restart, one that stays.
#[derive(Debug, Clone)]
pub(super) struct Places {
    run: PathBuf,
    data: PathBuf,
}

impl Places {
    pub(super) const fn new(run: PathBuf, data: PathBuf) -> Self {
        Self { run, data }
    }

    /// Makes the folders, for nobody else to look into: a configuration holds the pass phrase.
    pub(super) fn made(&self) -> Result<(), BoardError> {
        for folder in [&self.run, &self.data] {
            make_private_folder(folder).map_err(|source| write_error(folder, source))?;
        }
        Ok(())
    }

    /// hostapd's control sockets, by interface.
    pub(super) fn control(&self) -> PathBuf {
        self.run.join("hostapd")
    }

    pub(super) fn cell(&self, interface: &str) -> PathBuf {
        self.run.join(format!("{interface}.conf"))
    }

    pub(super) fn accept(&self, interface: &str) -> PathBuf {
        self.run.join(format!("{interface}.accept"))
    }

    pub(super) fn names(&self) -> PathBuf {
        self.run.join("dnsmasq.conf")
    }

    /// As dnsmasq writes them.
    pub(super) fn leases(&self) -> PathBuf {
        self.run.join("leases")
    }

    /// As they outlive the machine's restart.
    pub(super) fn kept_leases(&self) -> PathBuf {
        self.data.join("leases")
    }

    /// What this box's bridge is made of; made when it is first needed.
    pub(super) fn secret(&self) -> Result<Vec<u8>, BoardError> {
        let path = self.data.join("secret");
        if let Ok(secret) = read_bytes(&path)
            && secret.len() == SECRET_BYTES
        {
            return Ok(secret);
        }
        let mut secret = vec![0; SECRET_BYTES];
        getrandom::fill(&mut secret).map_err(|error| BoardError::Read {
            path: PathBuf::from("/dev/urandom"),
            source: io::Error::other(error),
        })?;
        replace_durably(&path, &secret).map_err(|source| write_error(&path, source))?;
        Ok(secret)
    }
}

/// Writes what a daemon is about to read; it is made anew at every start of the machine.
pub(super) fn write(path: &Path, text: &str) -> Result<(), BoardError> {
    replace_durably(path, text.as_bytes()).map_err(|source| write_error(path, source))
}
