//! What system runs: the words of its os-release.

use crate::board::BoardChoice;
use crate::boot_control::sim::booted;
use crate::files::read_bytes;
use ota::{Ledger, Slot};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Where every Linux says what it is.
const OS_RELEASE: &str = "/etc/os-release";
/// How the kinds of our boards begin.
const OURS: &str = "school-box-";
/// The kind of every simulated board.
const SIMULATED: &str = "school-box-sim";
/// A name is shown on pages of one line.
const NAME_CHARS: usize = 64;
/// A ledger is some lines of JSON.
const LEDGER_AT_MOST: u64 = 256 * 1024;

/// The running system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Release {
    /// The kind of board that it is made for: `IMAGE_ID`, such as `school-box-rpi`; `school-box-sim` on a simulated board. Empty: no system of ours.
    pub board: String,
    /// Its number: `IMAGE_VERSION`; 0 where nobody says.
    pub version: u64,
    /// For people: `VERSION`.
    pub name: String,
}

impl Release {
    /// Of the system that this machine runs, or that a simulated board plays. `data` is as for [`crate::Board::open`].
    ///
    /// A simulated board's system is told by `DIR/slots/a.release` or `b.release`, lines of `version=12` and `name=2026.11`; without the file it
    /// is what an update put into the slot, as the ledger in `data` says, else 0.
    #[must_use]
    pub fn of(choice: &BoardChoice, data: &Path) -> Self {
        match choice {
            BoardChoice::Sim => Self::simulated(&data.join("sim"), data),
            BoardChoice::SimDir(dir) => Self::simulated(dir, data),
            BoardChoice::Auto => Self::in_os_release(&text(Path::new(OS_RELEASE))),
        }
    }

    fn in_os_release(text: &str) -> Self {
        let board = value(text, "IMAGE_ID");
        if !board.starts_with(OURS) {
            return Self::default();
        }
        Self {
            board,
            version: value(text, "IMAGE_VERSION").parse().unwrap_or(0),
            name: value(text, "VERSION"),
        }
    }

    fn simulated(dir: &Path, data: &Path) -> Self {
        let slot = booted(dir).unwrap_or(Slot::A);
        let told = dir.join("slots").join(match slot {
            Slot::A => "a.release",
            Slot::B => "b.release",
        });
        let (version, name) = if told.exists() {
            let text = text(&told);
            let version = value(&text, "version").parse().unwrap_or(0);
            (version, value(&text, "name"))
        } else {
            installed_in(slot, data).unwrap_or_default()
        };
        Self {
            board: SIMULATED.to_owned(),
            version,
            name,
        }
    }
}

/// What the ledger says an update put into `slot`.
fn installed_in(slot: Slot, data: &Path) -> Option<(u64, String)> {
    let mut bytes = Vec::new();
    let ledger = File::open(data.join("updates/ledger.json")).ok()?;
    ledger.take(LEDGER_AT_MOST).read_to_end(&mut bytes).ok()?;
    let ledger: Ledger = serde_json::from_slice(&bytes).ok()?;
    let wanted = ledger.in_slot(slot)?;
    Some((wanted.version, cleaned(&wanted.name)))
}

fn text(path: &Path) -> String {
    let bytes = read_bytes(path).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What stands behind `KEY=`, the last of them as a shell would have it, without quotes; empty where there is none.
fn value(text: &str, key: &str) -> String {
    let found = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='))
        .next_back()
        .unwrap_or_default();
    let bare = ['"', '\'']
        .iter()
        .find_map(|quote| found.strip_prefix(*quote)?.strip_suffix(*quote));
    cleaned(bare.unwrap_or(found))
}

/// Words for a page: short, and none that steer a terminal.
fn cleaned(text: &str) -> String {
    let shown = text.chars().filter(|c| !c.is_control());
    shown.take(NAME_CHARS).collect::<String>().trim().to_owned()
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

    fn release(board: &str, version: u64, name: &str) -> Release {
        Release {
            board: board.to_owned(),
            version,
            name: name.to_owned(),
        }
    }

    #[test]
    fn a_system_of_ours_says_so_in_its_os_release() {
        let ours = "ID=school-box\nVERSION=\"2026.11 (Rainy)\"\nIMAGE_ID=school-box-rpi\nIMAGE_VERSION=12\n";
        for (text, told) in [
            (ours, release("school-box-rpi", 12, "2026.11 (Rainy)")),
            (
                "IMAGE_ID='school-box-rpi'\n  IMAGE_VERSION=\"7\"",
                release("school-box-rpi", 7, ""),
            ),
            (
                "IMAGE_ID=school-box-rpi\nIMAGE_VERSION=twelve\n",
                release("school-box-rpi", 0, ""),
            ),
            (
                "IMAGE_ID=school-box-rpi\nIMAGE_VERSION=3\nIMAGE_VERSION=4\nX_IMAGE_VERSION=9\n",
                release("school-box-rpi", 4, ""),
            ),
        ] {
            assert_eq!(Release::in_os_release(text), told, "{text}");
        }
    }

    #[test]
    fn any_other_system_is_none_of_ours() {
        for text in [
            "",
            "ID=debian\nVERSION=\"12 (bookworm)\"\n",
            "IMAGE_ID=other\nIMAGE_VERSION=12\nVERSION=3\n",
        ] {
            assert_eq!(Release::in_os_release(text), Release::default(), "{text}");
        }
    }

    #[test]
    fn a_simulated_board_plays_what_its_file_says_else_what_was_installed() {
        let dir = tempfile::tempdir().unwrap();
        let (sim, data) = (dir.path().join("sim"), dir.path());
        fs::create_dir_all(sim.join("slots")).unwrap();
        fs::create_dir_all(data.join("updates")).unwrap();
        let of = || Release::of(&BoardChoice::Sim, data);
        assert_eq!(of(), release(SIMULATED, 0, ""));

        let wanted = |version| {
            format!(r#"{{"version": {version}, "name": "2026.{version}", "bundle": "00"}}"#)
        };
        let ledger = format!(r#"{{"a": {}, "b": {}}}"#, wanted(11), wanted(12));
        fs::write(data.join("updates/ledger.json"), ledger).unwrap();
        assert_eq!(of(), release(SIMULATED, 11, "2026.11"));
        fs::write(sim.join("slots/booted"), "B").unwrap();
        assert_eq!(of(), release(SIMULATED, 12, "2026.12"));

        fs::write(sim.join("slots/b.release"), "version=20\nname=the next\n").unwrap();
        assert_eq!(of(), release(SIMULATED, 20, "the next"));
        assert_eq!(Release::of(&BoardChoice::SimDir(sim), data), of());
    }

    #[test]
    fn a_ledger_that_is_none_says_nothing() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("updates")).unwrap();
        fs::write(dir.path().join("updates/ledger.json"), "{\"a\": 3").unwrap();
        let told = Release::of(&BoardChoice::Sim, dir.path());
        assert_eq!(told, release(SIMULATED, 0, ""));
    }

    #[test]
    fn names_are_short_and_steer_nothing() {
        let text = format!(
            "IMAGE_ID=school-box-x\nVERSION=\u{1b}[2J{}\n",
            "é".repeat(500)
        );
        let told = Release::in_os_release(&text).name;
        assert!(
            told.chars().count() <= NAME_CHARS && !told.contains('\u{1b}'),
            "{told}"
        );
    }
}
