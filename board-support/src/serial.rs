//! The technician's line: a page of plain ASCII.

use crate::BoardError;
use crate::files::write_error;
use nix::fcntl::OFlag;
use nix::sys::termios::{self, BaudRate, ControlFlags, SetArg};
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

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

/// A terminal line that is never waited for: what it does not take is shown at the next call.
pub(crate) struct TtyPage {
    path: PathBuf,
    line: File,
    shown: Option<String>,
}

impl TtyPage {
    /// Opens the line at 115,200 baud, 8N1, raw, without waiting for a carrier.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
        let line = OpenOptions::new()
            .write(true)
            .read(true)
            .custom_flags(flags.bits())
            .open(path)?;
        let mut modes = termios::tcgetattr(&line)?;
        termios::cfmakeraw(&mut modes);
        modes.control_flags |= ControlFlags::CLOCAL;
        modes.control_flags &= !ControlFlags::CRTSCTS;
        termios::cfsetspeed(&mut modes, BaudRate::B115200)?;
        termios::tcsetattr(&line, SetArg::TCSANOW, &modes)?;
        Ok(Self {
            path: path.to_owned(),
            line,
            shown: None,
        })
    }
}

impl SerialPage for TtyPage {
    fn show(&mut self, page: &str) -> Result<(), BoardError> {
        let page = plain(page);
        if self.shown.as_ref() == Some(&page) {
            return Ok(());
        }
        self.shown = None;
        // Cursor home, clear, then the page: one write, so that a line which takes all shows no torn page.
        let bytes = format!("\x1b[H\x1b[2J{}", page.replace('\n', "\r\n"));
        match self.line.write(bytes.as_bytes()) {
            Ok(written) if written == bytes.len() => self.shown = Some(page),
            Ok(_) => {}
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(source) => return Err(write_error(&self.path, source)),
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Read as _;

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
    fn a_page_goes_out_once_and_an_unread_line_never_blocks() {
        let pty = nix::pty::openpty(None, None).unwrap();
        let path = nix::unistd::ttyname(&pty.slave).unwrap();
        let mut reader = File::from(pty.master);
        let mut page = TtyPage::open(&path).unwrap();

        page.show("battery 80 %\nradio on").unwrap();
        page.show("battery 80 %\nradio on").unwrap();
        let mut buffer = [0_u8; 256];
        let read = reader.read(&mut buffer).unwrap();
        assert_eq!(
            &buffer[..read],
            b"\x1b[H\x1b[2Jbattery 80 %\r\nradio on\r\n",
            "once, not twice"
        );

        // Nobody reads: a thousand different pages come back all the same.
        for n in 0..1000 {
            page.show(&format!("{n:0>80}\n").repeat(24)).unwrap();
        }
        assert!(
            page.shown.is_none(),
            "the line was full, so the page is not taken to be shown"
        );
    }

    #[test]
    fn a_line_that_is_none_is_refused() {
        assert!(TtyPage::open(Path::new("/dev/null")).is_err());
        assert!(TtyPage::open(Path::new("/nonexistent/tty")).is_err());
    }
}
