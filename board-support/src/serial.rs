//! The technician's page as a simulated board shows it: plain ASCII. On a real board's line the console draws ([`crate::terminal`]).

use crate::BoardError;
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

/// What the technician's line shows: ASCII, at most 80x24.
pub trait SerialPage: Send {
    /// Shows `page`, lines ended by `\n`. What no terminal can show is replaced, what does not fit is cut.
    ///
    /// # Errors
    /// [`BoardError::Write`].
    fn show(&mut self, page: &str) -> Result<(), BoardError>;
}

const COLUMNS: usize = 80;
const ROWS: usize = 24;

/// The page as a VT100 can show it: printable ASCII, 24 lines of 80, nothing at a line's end, each line ended by `\n`.
#[must_use]
pub(crate) fn plain(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    for line in page.lines().take(ROWS) {
        let shown = |c: char| {
            if c == ' ' || c.is_ascii_graphic() {
                c
            } else if c == '\t' {
                ' '
            } else {
                '?'
            }
        };
        let line: String = line.chars().take(COLUMNS).map(shown).collect();
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Whether there is a line at `path`; who shows something on it is `school-box console`, a process of its own.
///
/// # Errors
/// [`BoardError::Read`] where there is none.
pub(crate) fn look_for(path: &Path) -> Result<(), BoardError> {
    let found = std::fs::metadata(path).and_then(|node| {
        let is_device = node.file_type().is_char_device();
        is_device
            .then_some(())
            .ok_or_else(|| io::Error::other("it is no terminal line"))
    });
    found.map_err(|source| BoardError::Read {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_no_terminal_shows_is_replaced_and_the_rest_cut() {
        assert_eq!(plain("a\x1b[2Jb\té°\r\nc  \n"), "a?[2Jb ??\nc\n");
        let long = plain(&format!("{}\n", "x".repeat(200)).repeat(30));
        assert_eq!(long.lines().count(), 24);
        assert!(long.lines().all(|line| line.len() == 80));
        assert_eq!(plain(""), "");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_page_is_plain(page: String) {
            let shown = plain(&page);
            prop_assert!(shown.bytes().all(|b| b == b'\n' || (0x20..0x7f).contains(&b)));
            prop_assert!(shown.lines().count() <= 24);
            prop_assert_eq!(plain(&shown), shown);
        }
    }

    #[test]
    fn a_line_that_is_none_is_told() {
        assert!(look_for(Path::new("/dev/null")).is_ok());
        for none in ["/nonexistent/tty", "/etc/hostname", "/"] {
            assert!(look_for(Path::new(none)).is_err(), "{none}");
        }
    }
}
