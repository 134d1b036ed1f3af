//! The leases over restarts of the machine. dnsmasq empties its file and writes it anew, at every lease: a power cut leaves half of it, and a flash
//! wears. So it writes into memory, and who has what is kept beside the data, written aside and renamed, when that changed.

use super::leases::Leases;
use crate::error::BoardError;
use crate::files::{read_at_most, replace_durably, write_error};
use crate::radio::Mac;
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A class that comes in is written once, not thirty times.
const BETWEEN_WRITES: Duration = Duration::from_secs(60);
/// Leases that are read at most: as many as dnsmasq gives.
const MOST: usize = 8192;
/// Bytes that are read at most.
const MOST_BYTES: u64 = MOST as u64 * 128;

/// The two files.
#[derive(Debug)]
pub(crate) struct Kept {
    running: PathBuf,
    kept: PathBuf,
    written: Option<BTreeSet<(Mac, Ipv4Addr)>>,
    at: Option<Duration>,
}

impl Kept {
    /// `running` is dnsmasq's own, `kept` outlives the machine's restart.
    pub(crate) fn new(running: PathBuf, kept: PathBuf) -> Self {
        Self {
            running,
            kept,
            written: None,
            at: None,
        }
    }

    /// Before dnsmasq starts: what it will read is whole. The running list goes before the kept one, where there is one. A damaged list costs its damaged
    /// lines, which are told.
    ///
    /// # Errors
    /// [`BoardError::Write`] where the running list cannot be written.
    pub(crate) fn restore(&mut self) -> Result<Option<String>, BoardError> {
        let (leases, lost) = match self.read(&self.running) {
            Ok(Some(leases)) => (leases, None),
            Ok(None) => match self.read(&self.kept) {
                Ok(leases) => (leases.unwrap_or_default(), None),
                Err(error) => (Leases::default(), Some(error.to_string())),
            },
            Err(error) => (Leases::default(), Some(error.to_string())),
        };
        replace_durably(&self.running, leases.text().as_bytes())
            .map_err(|source| write_error(&self.running, source))?;
        let damaged =
            (leases.damaged > 0).then(|| format!("{} lines were damaged", leases.damaged));
        Ok(lost.or(damaged).map(|what| {
            format!("the list of leases: {what}; the other devices keep their addresses, those get one anew")
        }))
    }

    /// The leases that hold now; none while there is no list.
    pub(crate) fn now(&self) -> Leases {
        self.read(&self.running).ok().flatten().unwrap_or_default()
    }

    /// Keeps them, when somebody came or went and the last time is a minute ago; at the end (`now` is `None`) at once.
    ///
    /// # Errors
    /// [`BoardError::Write`]; it is tried again the next time.
    pub(crate) fn keep(
        &mut self,
        leases: &Leases,
        now: Option<Duration>,
    ) -> Result<(), BoardError> {
        let holders = leases.holders();
        if self.written.is_none() {
            let kept = self.read(&self.kept).ok().flatten();
            self.written = Some(kept.unwrap_or_default().holders());
        }
        let waits = match (now, self.at) {
            (Some(now), Some(at)) => now.saturating_sub(at) < BETWEEN_WRITES,
            _ => false,
        };
        if waits || self.written.as_ref() == Some(&holders) {
            return Ok(());
        }
        replace_durably(&self.kept, leases.text().as_bytes())
            .map_err(|source| write_error(&self.kept, source))?;
        self.written = Some(holders);
        self.at = now;
        Ok(())
    }

    /// The kept list was taken away while the network ran: everyone is forgotten.
    pub(crate) fn is_taken_away(&self) -> bool {
        let written = self.written.as_ref();
        written.is_some_and(|holders| !holders.is_empty()) && !self.kept.exists()
    }

    /// Forgets who has what, dnsmasq having ended.
    ///
    /// # Errors
    /// [`BoardError::Write`] where its list cannot be removed.
    pub(crate) fn forget(&mut self) -> Result<(), BoardError> {
        self.written = None;
        self.at = None;
        match std::fs::remove_file(&self.running) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(write_error(&self.running, error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn read(&self, path: &Path) -> Result<Option<Leases>, BoardError> {
        match read_at_most(path, MOST_BYTES) {
            Ok(bytes) => Ok(Some(Leases::read(&String::from_utf8_lossy(&bytes), MOST))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(BoardError::Read {
                path: path.to_owned(),
                source,
            }),
        }
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly and writes its own files"
)]
mod tests {
    use super::*;
    use std::fs;

    const ONE: &str = "43200 02:00:00:00:00:01 10.73.0.16 * *\n";
    const TWO: &str = "43200 02:00:00:00:00:02 10.73.0.17 * *\n";

    fn kept() -> (tempfile::TempDir, Kept) {
        let folder = tempfile::tempdir().unwrap();
        let path = |name| folder.path().join(name);
        let kept = Kept::new(path("running"), path("kept"));
        (folder, kept)
    }

    #[test]
    fn a_machine_that_starts_anew_has_the_leases_of_before() {
        let (folder, mut kept) = kept();
        assert_eq!(kept.restore().unwrap(), None);
        fs::write(&kept.running, ONE).unwrap();
        kept.keep(&kept.now(), Some(Duration::ZERO)).unwrap();
        fs::remove_file(&kept.running).unwrap();
        let path = |name| folder.path().join(name);
        let mut again = Kept::new(path("running"), path("kept"));
        assert_eq!(again.restore().unwrap(), None);
        assert_eq!(fs::read_to_string(&again.running).unwrap(), ONE);
        // dnsmasq alone was started anew: its own list is the newer one.
        fs::write(&again.running, format!("{ONE}{TWO}")).unwrap();
        again.restore().unwrap();
        assert_eq!(again.now().all.len(), 2);
    }

    #[test]
    fn a_list_that_was_taken_away_is_forgotten_and_not_written_back() {
        let (_folder, mut kept) = kept();
        fs::write(&kept.running, ONE).unwrap();
        assert!(!kept.is_taken_away(), "there was none yet");
        kept.keep(&kept.now(), Some(Duration::ZERO)).unwrap();
        assert!(!kept.is_taken_away());
        fs::remove_file(&kept.kept).unwrap();
        assert!(kept.is_taken_away());
        kept.forget().unwrap();
        kept.restore().unwrap();
        assert_eq!(kept.now().all.len(), 0);
        assert!(!kept.is_taken_away());
        kept.keep(&kept.now(), None).unwrap();
        assert!(!kept.kept.exists(), "nobody, so nothing is kept");
    }

    #[test]
    fn it_is_written_when_somebody_came_and_once_a_minute_at_most() {
        let (_folder, mut kept) = kept();
        let text = |kept: &Kept| fs::read_to_string(&kept.kept).unwrap_or_default();
        fs::write(&kept.running, ONE).unwrap();
        kept.keep(&kept.now(), Some(Duration::from_secs(5)))
            .unwrap();
        assert_eq!(text(&kept), ONE);
        fs::write(&kept.running, format!("{ONE}{TWO}")).unwrap();
        kept.keep(&kept.now(), Some(Duration::from_secs(64)))
            .unwrap();
        assert_eq!(text(&kept), ONE, "not yet");
        kept.keep(&kept.now(), Some(Duration::from_secs(65)))
            .unwrap();
        assert_eq!(text(&kept), format!("{ONE}{TWO}"));
        // A lease that was renewed is no reason to write.
        fs::write(&kept.running, format!("50000{}{TWO}", &ONE[5..])).unwrap();
        kept.keep(&kept.now(), Some(Duration::from_secs(999)))
            .unwrap();
        assert_eq!(text(&kept), format!("{ONE}{TWO}"));
        fs::write(&kept.running, TWO).unwrap();
        kept.keep(&kept.now(), None).unwrap();
        assert_eq!(text(&kept), TWO, "at the end at once");
    }

    #[test]
    fn a_damaged_list_is_told_and_stops_nothing() {
        let (_folder, mut kept) = kept();
        fs::write(&kept.kept, format!("{ONE}\0\0\0\0\0\0\n{TWO}43200 02:0")).unwrap();
        let told = kept.restore().unwrap().unwrap();
        assert!(told.contains("2 lines were damaged"), "{told}");
        assert_eq!(
            fs::read_to_string(&kept.running).unwrap(),
            format!("{ONE}{TWO}")
        );
        // Nothing of it is left over.
        fs::remove_file(&kept.running).unwrap();
        fs::remove_file(&kept.kept).unwrap();
        fs::create_dir(&kept.kept).unwrap();
        let told = kept.restore().unwrap().unwrap();
        assert!(told.contains("cannot read"), "{told}");
        assert_eq!(fs::read_to_string(&kept.running).unwrap(), "");
    }
}
