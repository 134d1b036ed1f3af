//! A terminal line that a console owns: a board's UART, a USB gadget's, a terminal at a desk. Raw, and never waited for.
//!
//! Control characters are bytes like all others: none of them sends a signal. XOFF (Ctrl-S) holds the output back, as slow terminals want it;
//! any byte lets it go on. A line gets its modes back when it is let go.

use crate::BoardError;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{
    self, BaudRate, ControlFlags, FlowArg, InputFlags, LocalFlags, OutputFlags, SetArg, Termios,
};
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An open terminal line.
#[derive(Debug)]
pub struct Terminal {
    path: PathBuf,
    file: File,
    before: Termios,
}

impl Terminal {
    /// Opens the line at `path` at 115,200 baud, 8N1, raw, without waiting for a carrier.
    ///
    /// # Errors
    /// [`BoardError::Read`] where it cannot be opened, or is no terminal.
    pub fn open(path: &Path) -> Result<Self, BoardError> {
        let open = || {
            let flags = OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
            OpenOptions::new()
                .write(true)
                .read(true)
                .custom_flags(flags.bits())
                .open(path)
        };
        let opened = open().and_then(|file| Self::of(path.to_owned(), file));
        opened.map_err(|source| BoardError::Read {
            path: path.to_owned(),
            source,
        })
    }

    /// The terminal at this process's standard input: opened anew by its name, or as it was handed over where that is not permitted.
    ///
    /// # Errors
    /// [`BoardError::Read`] where it is no terminal.
    pub fn of_stdin() -> Result<Self, BoardError> {
        let stdin = io::stdin();
        let refused = |source| BoardError::Read {
            path: PathBuf::from("standard input"),
            source,
        };
        let path = nix::unistd::ttyname(stdin.as_fd()).map_err(|errno| refused(errno.into()))?;
        if let Ok(line) = Self::open(&path) {
            return Ok(line);
        }
        let handed = stdin.as_fd().try_clone_to_owned().map_err(refused)?;
        Self::handed(path, File::from(handed)).map_err(refused)
    }

    fn handed(path: PathBuf, file: File) -> io::Result<Self> {
        let flags = OFlag::from_bits_retain(fcntl(&file, FcntlArg::F_GETFL)?);
        fcntl(&file, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
        Self::of(path, file)
    }

    fn of(path: PathBuf, file: File) -> io::Result<Self> {
        let before = termios::tcgetattr(&file)?;
        let mut modes = before.clone();
        termios::cfmakeraw(&mut modes);
        // What others say on the line (the kernel, the first process) begins its lines at the left.
        modes.output_flags |= OutputFlags::OPOST | OutputFlags::ONLCR;
        modes.input_flags |= InputFlags::IXON | InputFlags::IXANY;
        modes.local_flags &= !LocalFlags::ISIG;
        modes.control_flags |= ControlFlags::CLOCAL | ControlFlags::CREAD;
        modes.control_flags &= !(ControlFlags::CRTSCTS | ControlFlags::CSTOPB);
        termios::cfsetspeed(&mut modes, BaudRate::B115200)?;
        termios::tcsetattr(&file, SetArg::TCSANOW, &modes)?;
        Ok(Self { path, file, before })
    }

    /// Its name.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the terminal says of its size, columns and rows; `None` on a serial line, which says nothing.
    #[must_use]
    pub fn size(&self) -> Option<(u16, u16)> {
        let (columns, rows) = terminal_size::terminal_size_of(&self.file)?;
        (columns.0 > 0 && rows.0 > 0).then_some((columns.0, rows.0))
    }

    /// Waits until something can be read, or, with `writing`, written; no longer than `up_to`.
    ///
    /// # Errors
    /// The line cannot be waited for.
    pub fn wait(&self, writing: bool, up_to: Duration) -> io::Result<()> {
        let mut events = PollFlags::POLLIN;
        events.set(PollFlags::POLLOUT, writing);
        let mut asked = [PollFd::new(self.file.as_fd(), events)];
        let up_to = PollTimeout::try_from(up_to).unwrap_or(PollTimeout::MAX);
        match poll(&mut asked, up_to) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Bytes that are there, at most as many as `bytes` takes; 0 where there are none.
    ///
    /// # Errors
    /// The line is gone: its end, or the carrier of it, is lost.
    pub fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self.file.read(bytes) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Err(error) if is_later(&error) => Ok(0),
            read => read,
        }
    }

    /// Bytes that the line took of `bytes`; 0 while it is full.
    ///
    /// # Errors
    /// As of [`Terminal::read`].
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.file.write(bytes) {
            Err(error) if is_later(&error) => Ok(0),
            written => written,
        }
    }

    /// Lets output go on that an XOFF holds back: it may have been noise.
    pub fn go_on(&self) {
        // Linux lets go on what a call has stopped, not what a letter has: so it is stopped by a call first.
        let _ = termios::tcflow(&self.file, FlowArg::TCOOFF);
        let _ = termios::tcflow(&self.file, FlowArg::TCOON);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = termios::tcsetattr(&self.file, SetArg::TCSANOW, &self.before);
    }
}

fn is_later(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use nix::pty::{OpenptyResult, Winsize, openpty};

    fn pair(size: Option<(u16, u16)>) -> (File, OpenptyResult, Terminal) {
        let size = size.map(|(ws_col, ws_row)| Winsize {
            ws_row,
            ws_col,
            ws_xpixel: 0,
            ws_ypixel: 0,
        });
        let pty = openpty(size.as_ref(), None).unwrap();
        let path = nix::unistd::ttyname(&pty.slave).unwrap();
        let line = Terminal::open(&path).unwrap();
        (File::from(pty.master.try_clone().unwrap()), pty, line)
    }

    #[test]
    fn bytes_pass_as_they_are_and_nobody_waits() {
        let (mut far, _pty, mut line) = pair(None);
        let mut bytes = [0; 64];
        assert_eq!(line.read(&mut bytes).unwrap(), 0, "nothing, at once");
        assert_eq!(line.size(), None, "a serial line says nothing of its size");

        far.write_all(b"\x03\x1a\x1c\x04\r\0\xff").unwrap();
        line.wait(false, Duration::from_secs(10)).unwrap();
        let read = line.read(&mut bytes).unwrap();
        assert_eq!(
            &bytes[..read],
            b"\x03\x1a\x1c\x04\r\0\xff",
            "no signal, no end, no line discipline"
        );

        // Nobody reads at the far end: writing comes back all the same.
        while line.write(&[b'x'; 1000]).unwrap() > 0 {}
        line.wait(true, Duration::from_millis(1)).unwrap();
    }

    #[test]
    fn a_terminal_says_its_size_and_gets_its_modes_back() {
        let (_far, pty, line) = pair(Some((20, 5)));
        assert_eq!(line.size(), Some((20, 5)));
        let raw = termios::tcgetattr(&pty.slave).unwrap();
        assert!(!raw.local_flags.contains(LocalFlags::ECHO));
        drop(line);
        let after = termios::tcgetattr(&pty.slave).unwrap();
        assert!(
            after
                .local_flags
                .contains(LocalFlags::ECHO | LocalFlags::ISIG)
        );
    }

    #[test]
    fn what_was_held_back_goes_on() {
        let (mut far, _pty, mut line) = pair(None);
        far.write_all(b"\x13").unwrap();
        // It takes the kernel a moment to hear it; nothing piles up meanwhile.
        while line.write(b"x").unwrap() > 0 {
            far.read_exact(&mut [0]).unwrap();
        }
        line.go_on();
        assert_eq!(line.write(b"x").unwrap(), 1);
    }

    #[test]
    fn the_end_of_a_line_is_an_error_and_so_is_no_line() {
        let (far, pty, mut line) = pair(None);
        drop((far, pty));
        assert!(line.read(&mut [0; 8]).is_err());
        assert!(Terminal::open(Path::new("/dev/null")).is_err());
        assert!(Terminal::open(Path::new("/nonexistent/tty")).is_err());
    }
}
