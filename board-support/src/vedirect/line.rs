//! One terminal line with a VE.Direct device at its end. Never waited for.

use super::device::Device;
use super::text::Parser;
use nix::fcntl::OFlag;
use nix::sys::termios::{self, BaudRate, ControlFlags, FlushArg, SetArg};
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

/// What is older says nothing of now: a device speaks once a second.
pub(super) const FRESH: Duration = Duration::from_secs(5);

/// More than the kernel keeps of a line; who sends without end is not listened to without end.
const MOST_AT_ONCE: usize = 16 * 1024;

/// An open line.
#[derive(Debug)]
pub(super) struct Line {
    file: File,
    parser: Parser,
    device: Device,
    /// When the last good block came.
    heard: Option<Duration>,
    /// When it was last read.
    read: Duration,
}

impl Line {
    /// 19,200 baud, 8N1, raw, without waiting for a carrier.
    pub(super) fn open(path: &Path, now: Duration) -> io::Result<Self> {
        let flags = OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(flags.bits())
            .open(path)?;
        let mut modes = termios::tcgetattr(&file)?;
        termios::cfmakeraw(&mut modes);
        modes.control_flags |= ControlFlags::CLOCAL | ControlFlags::CREAD;
        modes.control_flags &= !(ControlFlags::CRTSCTS | ControlFlags::CSTOPB);
        termios::cfsetspeed(&mut modes, BaudRate::B19200)?;
        termios::tcsetattr(&file, SetArg::TCSANOW, &modes)?;
        Ok(Self {
            file,
            parser: Parser::new(),
            device: Device::default(),
            heard: None,
            read: now,
        })
    }

    /// Takes what came since. After a pause the kernel has only the oldest of it, cut off somewhere: that is thrown away.
    ///
    /// # Errors
    /// The line is gone: the cable was pulled.
    pub(super) fn read(&mut self, now: Duration) -> io::Result<()> {
        if now.saturating_sub(self.read) > FRESH {
            termios::tcflush(&self.file, FlushArg::TCIFLUSH)?;
            self.parser = Parser::new();
        }
        self.read = now;
        let mut bytes = [0; 1024];
        let mut taken = 0;
        while taken < MOST_AT_ONCE {
            match self.file.read(&mut bytes) {
                // A pulled cable reads as the end of the file.
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(read) => {
                    taken += read;
                    self.hear(&bytes[..read], now);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn hear(&mut self, bytes: &[u8], now: Duration) {
        for byte in bytes {
            // A damaged block is no block: the next one comes in a second.
            if let Some(Ok(block)) = self.parser.push(*byte) {
                self.device.hear(block);
                self.heard = Some(now);
            }
        }
    }

    /// To wait for the next byte.
    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// The device, if it spoke a moment ago.
    pub(super) fn fresh(&self, now: Duration) -> Option<&Device> {
        let heard = self.heard?;
        (now.saturating_sub(heard) <= FRESH).then_some(&self.device)
    }
}
