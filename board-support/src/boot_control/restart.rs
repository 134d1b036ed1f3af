//! How whoever restarts the machine learns which way: one word in `/run/school-box/next`, which the service manager's helper carries out
//! once the supervisor has ended. The box itself may not restart the machine.

use ota::{BootError, Restart};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// The file; its folder is the service's own and goes with it.
pub(super) const NEXT: &str = "/run/school-box/next";

/// `reboot`, or `try`: with the firmware's one-time flag. Lost in a power cut, which costs nothing: the boot is then an ordinary one.
pub(super) fn ask(next: &Path, restart: Restart) -> Result<(), BootError> {
    let word = match restart {
        Restart::ByTheLoader => "reboot\n",
        Restart::IntoTrial => "try\n",
    };
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(next)
        .and_then(|mut file| file.write_all(word.as_bytes()))
        .map_err(|source| BootError::Write {
            place: next.display().to_string(),
            source,
        })
}
