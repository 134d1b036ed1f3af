//! The watchdog, as the kernel shows it: it is systemd's to feed, and nobody else opens it.

use crate::board::BoardChoice;
use crate::files::read_text;
use std::path::{Path, PathBuf};

const FIRST: &str = "/sys/class/watchdog/watchdog0";

/// What is known of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watchdog {
    /// As its driver calls it; empty where the kernel does not show it.
    pub identity: String,
    /// It resets the machine so long after the last sign of life, s.
    pub timeout_s: Option<u32>,
    /// Somebody has opened it and has to feed it; `None` where the kernel does not show it.
    pub active: Option<bool>,
}

/// The watchdog of this machine, or of a simulated board (`DIR/watchdog/identity`, `timeout` and `state`); `None` where there is none.
#[must_use]
pub fn watchdog(choice: &BoardChoice, data: &Path) -> Option<Watchdog> {
    let folder = match choice {
        BoardChoice::Auto => PathBuf::from(FIRST),
        BoardChoice::Sim => data.join("sim/watchdog"),
        BoardChoice::SimDir(dir) => dir.join("watchdog"),
    };
    in_folder(&folder)
}

fn in_folder(folder: &Path) -> Option<Watchdog> {
    let text = |name: &str| read_text(&folder.join(name)).ok().flatten();
    folder.is_dir().then(|| Watchdog {
        identity: text("identity")
            .unwrap_or_default()
            .chars()
            .filter(|c| !c.is_control())
            .take(40)
            .collect(),
        timeout_s: text("timeout").and_then(|text| text.parse().ok()),
        active: text("state").map(|state| state == "active"),
    })
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly and writes its own files"
)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_shows() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(in_folder(&dir.path().join("none")), None);
        assert_eq!(in_folder(dir.path()), Some(Watchdog::default()));
        for (name, text) in [
            ("identity", "Broadcom BCM2835 Watchdog timer\n"),
            ("timeout", "15\n"),
            ("state", "active\n"),
        ] {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let told = in_folder(dir.path()).unwrap();
        assert_eq!((told.timeout_s, told.active), (Some(15), Some(true)));
        std::fs::write(dir.path().join("state"), "inactive").unwrap();
        assert_eq!(in_folder(dir.path()).unwrap().active, Some(false));
    }
}
