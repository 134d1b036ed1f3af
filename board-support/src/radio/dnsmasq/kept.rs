//! The leases over restarts of the machine. dnsmasq empties its file and writes it anew, at every lease: a power cut leaves half of it, and a flash
//! wears. So it writes into memory, and who has what is kept beside the data, written aside and exchanged, when that changed.
//!
//! The kept list is also the word that leases may be known at all: it is there, empty perhaps, before dnsmasq starts, and whoever forgets everyone
//! takes it away. Where it is gone, no list of dnsmasq's is believed, and none is written back: neither one that dnsmasq wrote since, nor one that was
//! just being kept.
//!
//! | the kept list is taken away | then |
//! |---|---|
//! | while the network runs | dnsmasq is started anew without its list, at the next look |
//! | while the list is being kept | there is nothing to exchange: what was written aside is removed |
//! | while no box runs, or the network is silent | what dnsmasq left is not believed at the next start |

use super::leases::Leases;
use crate::error::{BoardError, chain};
use crate::files::{read_at_most, replace_durably, replace_standing, write_error};
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
    /// The kept list was there: if it is not, everyone is forgotten.
    stood: bool,
}

impl Kept {
    /// `running` is dnsmasq's own, `kept` outlives the machine's restart.
    pub(crate) fn new(running: PathBuf, kept: PathBuf) -> Self {
        Self {
            running,
            kept,
            written: None,
            at: None,
            stood: false,
        }
    }

    /// Before dnsmasq starts: what it will read is whole. The running list goes before the kept one, where both are there. A damaged list costs its
    /// damaged lines, which are told.
    ///
    /// # Errors
    /// [`BoardError::Write`] where the running list cannot be written.
    pub(crate) fn restore(&mut self) -> Result<Option<String>, BoardError> {
        let (leases, lost) = match self.believed() {
            Ok(leases) => (leases, None),
            Err(error) => (Leases::default(), Some(error.to_string())),
        };
        replace_durably(&self.running, leases.text().as_bytes())
            .map_err(|source| write_error(&self.running, source))?;
        let damaged =
            (leases.damaged > 0).then(|| format!("{} lines were damaged", leases.damaged));
        let notice = lost.or(damaged).map(|what| {
            format!("the list of leases: {what}; the other devices keep their addresses, those get one anew")
        });
        let begun = self.begin();
        Ok(notice.or(begun.err().map(|error| told_unkept(&error))))
    }

    fn believed(&self) -> Result<Leases, BoardError> {
        if !self.kept.exists() {
            return Ok(Leases::default());
        }
        match self.read(&self.running)? {
            Some(running) => Ok(running),
            None => Ok(self.read(&self.kept)?.unwrap_or_default()),
        }
    }

    /// From now on the kept list is there.
    fn begin(&mut self) -> Result<(), BoardError> {
        self.stood = self.kept.exists();
        if !self.stood {
            replace_durably(&self.kept, b"").map_err(|source| write_error(&self.kept, source))?;
            self.stood = true;
        }
        Ok(())
    }

    /// The leases that hold now; none while there is no list.
    pub(crate) fn now(&self) -> Leases {
        self.read(&self.running).ok().flatten().unwrap_or_default()
    }

    /// Keeps them, when somebody came or went and the last time is a minute ago; at the end (`now` is `None`) at once. Writes nothing where the
    /// kept list was taken away.
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
        if !self.stood {
            self.begin()?;
        }
        let stands = replace_standing(&self.kept, leases.text().as_bytes())
            .map_err(|source| write_error(&self.kept, source))?;
        if stands {
            self.written = Some(holders);
            self.at = now;
        }
        Ok(())
    }

    /// The kept list was taken away: everyone is forgotten.
    pub(crate) fn is_taken_away(&self) -> bool {
        self.stood && !self.kept.exists()
    }

    /// Forgets who has what, dnsmasq having ended.
    ///
    /// # Errors
    /// [`BoardError::Write`] where its list cannot be removed.
    pub(crate) fn forget(&mut self) -> Result<(), BoardError> {
        self.written = None;
        self.at = None;
        self.stood = false;
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

/// What is wrong where leases are not kept, and what comes of it.
pub(crate) fn told_unkept(error: &BoardError) -> String {
    format!(
        "{}: after a restart devices may get other addresses; look at the card",
        chain(error)
    )
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

    /// As whoever forgets everyone does.
    fn forget_everyone(kept: &Kept) {
        fs::remove_file(&kept.kept).unwrap();
    }

    /// What is known after the next look, and after the end.
    fn known_after(kept: &mut Kept, now: Duration) -> (usize, String) {
        if kept.is_taken_away() {
            kept.forget().unwrap();
            kept.restore().unwrap();
        }
        let leases = kept.now();
        kept.keep(&leases, Some(now)).unwrap();
        kept.keep(&leases, None).unwrap();
        let text = fs::read_to_string(&kept.kept).unwrap();
        (leases.all.len(), text)
    }

    #[test]
    fn a_list_that_was_taken_away_is_forgotten_and_not_written_back() {
        for lease_is_kept in [true, false] {
            let (_folder, mut kept) = kept();
            kept.restore().unwrap();
            assert!(!kept.is_taken_away(), "nobody was forgotten yet");
            fs::write(&kept.running, ONE).unwrap();
            // Somebody who joined just now is not kept yet, and forgotten all the same.
            if lease_is_kept {
                kept.keep(&kept.now(), Some(Duration::ZERO)).unwrap();
            }
            assert!(!kept.is_taken_away());
            forget_everyone(&kept);
            let at = Duration::from_secs(61);
            assert_eq!(known_after(&mut kept, at), (0, String::new()));
            // Who joins then is kept as ever.
            fs::write(&kept.running, TWO).unwrap();
            let at = Duration::from_secs(122);
            assert_eq!(known_after(&mut kept, at), (1, TWO.to_owned()));
        }
    }

    #[test]
    fn everyone_gone_and_one_come_within_the_minute_is_forgotten() {
        let (_folder, mut kept) = kept();
        kept.restore().unwrap();
        for (second, text) in [(0, ONE), (61, "")] {
            fs::write(&kept.running, text).unwrap();
            let at = Some(Duration::from_secs(second));
            kept.keep(&kept.now(), at).unwrap();
        }
        fs::write(&kept.running, TWO).unwrap();
        let at = Duration::from_secs(70);
        kept.keep(&kept.now(), Some(at)).unwrap();
        forget_everyone(&kept);
        assert_eq!(known_after(&mut kept, at), (0, String::new()));
    }

    #[test]
    fn a_list_that_is_just_being_kept_is_not_brought_back() {
        let (folder, mut kept) = kept();
        kept.restore().unwrap();
        fs::write(&kept.running, ONE).unwrap();
        let leases = kept.now();
        forget_everyone(&kept);
        kept.keep(&leases, Some(Duration::ZERO)).unwrap();
        assert!(!kept.kept.exists() && kept.is_taken_away());
        let left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left, ["running"], "nothing written aside either");
    }

    #[test]
    fn what_dnsmasq_left_behind_is_not_believed_after_everyone_was_forgotten() {
        let (folder, mut kept) = kept();
        kept.restore().unwrap();
        fs::write(&kept.running, ONE).unwrap();
        kept.keep(&kept.now(), Some(Duration::ZERO)).unwrap();
        let path = |name| folder.path().join(name);
        // The process fell; the control: nobody was forgotten.
        let mut again = Kept::new(path("running"), path("kept"));
        again.restore().unwrap();
        assert_eq!(again.now().all.len(), 1);
        forget_everyone(&kept);
        let mut again = Kept::new(path("running"), path("kept"));
        again.restore().unwrap();
        assert_eq!(again.now().all.len(), 0);
    }

    #[test]
    fn a_disk_that_keeps_no_list_is_told_and_no_reason_to_forget() {
        let (folder, mut kept) = kept();
        kept.kept = folder.path().join("none/kept");
        let told = kept.restore().unwrap().unwrap();
        assert!(told.contains("look at the card"), "{told}");
        fs::write(&kept.running, ONE).unwrap();
        assert!(kept.keep(&kept.now(), Some(Duration::ZERO)).is_err());
        assert!(!kept.is_taken_away(), "dnsmasq is not started anew");
        fs::create_dir(folder.path().join("none")).unwrap();
        kept.keep(&kept.now(), Some(Duration::ZERO)).unwrap();
        assert_eq!(fs::read_to_string(&kept.kept).unwrap(), ONE);
    }

    #[test]
    fn it_is_written_when_somebody_came_and_once_a_minute_at_most() {
        let (_folder, mut kept) = kept();
        let text = |kept: &Kept| fs::read_to_string(&kept.kept).unwrap_or_default();
        kept.restore().unwrap();
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
