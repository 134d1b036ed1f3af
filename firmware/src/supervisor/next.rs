//! What is asked of whoever started the box, once it has ended: to switch the machine off, or to restart it. The box may do neither itself.
//!
//! One word in `next` of the unit's runtime folder (`/run/school-box` on the image), whose helper carries it out after every stop. At a
//! desk there is no such folder, and the process just ends.

use super::{Ended, Stop};
use ota::Restart;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The file in the runtime folder. It goes with the folder when the unit has stopped.
pub const FILE: &str = "next";

/// What the machine does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is shut down in order; the kernel raises the power latch last.
    PowerOff,
    /// It restarts.
    Reboot,
    /// It restarts with the firmware's one-time flag, into the slot on trial.
    Try,
}

impl Next {
    /// What follows an end; `restart` is what the boot loader was made ready for. `None`: whoever started the box knows by its exit code.
    #[must_use]
    pub fn after(ended: &Ended, restart: Option<Restart>) -> Option<Self> {
        match (ended, restart) {
            (Ended::Cleanly(Stop::PowerOff), _) => Some(Self::PowerOff),
            (Ended::Cleanly(Stop::Restart), Some(Restart::IntoTrial)) => Some(Self::Try),
            (Ended::Cleanly(Stop::Restart), Some(Restart::ByTheLoader) | None) => {
                Some(Self::Reboot)
            }
            (Ended::Cleanly(Stop::Process) | Ended::Escalated(_), _) => None,
        }
    }

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PowerOff => "poweroff",
            Self::Reboot => "reboot",
            Self::Try => "try",
        }
    }

    /// Leaves the word in `folder`. It is lost in a power cut, which costs nothing: the start that follows finds what this one found.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn leave_in(self, folder: &Path) -> io::Result<()> {
        fs::write(folder.join(FILE), format!("{}\n", self.as_str()))
    }
}

/// The unit's runtime folder from systemd's `RUNTIME_DIRECTORY`: the first of a list that is parted by colons.
#[must_use]
pub fn runtime_folder(told: Option<OsString>) -> Option<PathBuf> {
    let told = told?.into_string().ok()?;
    let first = PathBuf::from(told.split(':').next()?);
    first.is_absolute().then_some(first)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn every_end_and_what_follows_it() {
        let fallen = Ended::Escalated("power failed too often".to_owned());
        for (ended, restart, next) in [
            (Ended::Cleanly(Stop::PowerOff), None, Some("poweroff")),
            // A battery that is empty in the middle of a trial is empty.
            (
                Ended::Cleanly(Stop::PowerOff),
                Some(Restart::IntoTrial),
                Some("poweroff"),
            ),
            (
                Ended::Cleanly(Stop::Restart),
                Some(Restart::IntoTrial),
                Some("try"),
            ),
            (
                Ended::Cleanly(Stop::Restart),
                Some(Restart::ByTheLoader),
                Some("reboot"),
            ),
            (Ended::Cleanly(Stop::Restart), None, Some("reboot")),
            (Ended::Cleanly(Stop::Process), None, None),
            (fallen, None, None),
        ] {
            let told = Next::after(&ended, restart).map(Next::as_str);
            assert_eq!(told, next, "{ended:?} {restart:?}");
        }
    }

    #[test]
    fn the_word_is_left_whole_and_replaces_an_older_one() {
        let folder = tempfile::tempdir().unwrap();
        let read = || fs::read_to_string(folder.path().join(FILE)).unwrap();
        Next::PowerOff.leave_in(folder.path()).unwrap();
        assert_eq!(read(), "poweroff\n");
        Next::Try.leave_in(folder.path()).unwrap();
        assert_eq!(read(), "try\n");
        assert!(Next::Reboot.leave_in(&folder.path().join("none")).is_err());
    }

    #[test]
    fn the_runtime_folder_is_the_first_and_absolute() {
        let folder = |text: &str| runtime_folder(Some(text.into()));
        assert_eq!(
            folder("/run/school-box"),
            Some(PathBuf::from("/run/school-box"))
        );
        assert_eq!(folder("/run/a:/run/b"), Some(PathBuf::from("/run/a")));
        assert_eq!((folder(""), folder("here")), (None, None));
        assert_eq!(runtime_folder(None), None);
    }
}
