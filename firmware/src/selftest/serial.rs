//! The number by which people know a box.

use crate::serial::{NAME, ROOM, Serial};
use board_support::BoardChoice;
use board_support::board::serial_number;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Of the box whose data is `data`: what the depot wrote on its card, else what the maker of the board numbered it; empty where neither is known.
#[must_use]
pub fn serial(choice: &BoardChoice, data: &Path) -> String {
    let mut bytes = Vec::new();
    let written = File::open(data.join(NAME))
        .and_then(|file| file.take(ROOM as u64).read_to_end(&mut bytes))
        .ok()
        .and_then(|_| Serial::in_file(&bytes));
    written
        .map(|serial| serial.as_str().to_owned())
        .or_else(|| serial_number(choice, data))
        .unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn the_depots_number_comes_before_the_makers() {
        let dir = tempfile::tempdir().unwrap();
        let board = BoardChoice::SimDir(dir.path().join("sim"));
        std::fs::create_dir(dir.path().join("sim")).unwrap();
        assert_eq!(serial(&board, dir.path()), "");
        std::fs::write(dir.path().join("sim/serial-number"), "10000000abcd\0").unwrap();
        assert_eq!(serial(&board, dir.path()), "10000000abcd");
        std::fs::write(dir.path().join(NAME), "SB-PH-0042\n").unwrap();
        assert_eq!(serial(&board, dir.path()), "SB-PH-0042");
    }
}
