//! Questions to the kernel over netlink, each with an end in time.
//!
//! Messages and attributes are framed by `netlink-packet-core`, the socket is that of `netlink-sys`; what is asked and what an answer
//! means stands with those who ask ([`super::nl80211`], [`super::network`]).

mod attributes;
mod error;
mod frames;
mod generic;

pub(crate) use attributes::{Attributes, Writer};
pub use error::KernelError;
pub(crate) use error::Refusal;
pub(crate) use frames::Answer;
pub(crate) use generic::{Family, body, command};
pub(crate) use netlink_packet_core::{NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REPLACE};

use crate::boot_time::since_boot;
use frames::{Exchange, Progress};
use netlink_packet_core::{NLM_F_ACK, NLM_F_REQUEST};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io;
use std::os::fd::AsFd as _;
use std::time::Duration;

/// How often a list is asked for again that changed while it was told.
const TRIES: u8 = 3;
/// For a kernel that is busy with many radios; answers come within milliseconds.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// An instant after which nothing is waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline(Duration);

impl Deadline {
    pub(crate) fn within(time: Duration) -> Self {
        Self(since_boot().saturating_add(time))
    }

    /// What is left of it; `None` once it has passed.
    pub(crate) fn left(self) -> Option<Duration> {
        self.0
            .checked_sub(since_boot())
            .filter(|left| !left.is_zero())
    }
}

/// A line to one part of the kernel.
#[derive(Debug)]
pub(crate) struct Line {
    socket: netlink_sys::Socket,
    sequence: u32,
}

impl Line {
    /// `protocol` as in `netlink_sys::protocols`.
    pub(crate) fn open(protocol: isize) -> io::Result<Self> {
        let mut socket = netlink_sys::Socket::new(protocol)?;
        let _ = socket.bind_auto()?;
        socket.set_non_blocking(true)?;
        // Its reasons in words, without our own question in front of them; a kernel without that tells the number alone.
        let _ = socket
            .set_ext_ack(true)
            .and_then(|()| socket.set_cap_ack(true));
        Ok(Self {
            socket,
            sequence: 0,
        })
    }

    /// Hears what is told to a group.
    pub(crate) fn join(&mut self, group: u32) -> io::Result<()> {
        self.socket.add_membership(group)
    }

    /// Asks, and takes what is answered until the kernel says that it is done.
    pub(crate) fn ask(
        &mut self,
        kind: u16,
        flags: u16,
        payload: &[u8],
        until: Deadline,
    ) -> Result<Vec<Answer>, Refusal> {
        // A list that stays unquiet is taken as it is at last: better than none.
        let mut answers = Vec::new();
        for _ in 0..TRIES {
            let quiet;
            (answers, quiet) = self.ask_once(kind, flags, payload, until)?;
            if quiet {
                break;
            }
        }
        Ok(answers)
    }

    fn ask_once(
        &mut self,
        kind: u16,
        flags: u16,
        payload: &[u8],
        until: Deadline,
    ) -> Result<(Vec<Answer>, bool), Refusal> {
        self.sequence = self.sequence.wrapping_add(1).max(1);
        // The end of a list is told anyway.
        let ack = if flags & NLM_F_DUMP == NLM_F_DUMP {
            0
        } else {
            NLM_F_ACK
        };
        let question = frames::question(kind, flags | NLM_F_REQUEST | ack, self.sequence, payload);
        let _ = self.socket.send(&question, 0)?;
        let mut exchange = Exchange::new(self.sequence);
        loop {
            let datagram = self.datagram(until)?.ok_or(Refusal::Late)?;
            if exchange.take(&datagram)? == Progress::Done {
                return Ok(exchange.into_answers());
            }
        }
    }

    /// The next events of the groups that were joined; `None` when there is none until then.
    pub(crate) fn events(&mut self, until: Deadline) -> io::Result<Option<Vec<Answer>>> {
        Ok(self
            .datagram(until)?
            .map(|datagram| frames::events(&datagram)))
    }

    /// What the kernel says next.
    fn datagram(&mut self, until: Deadline) -> io::Result<Option<Vec<u8>>> {
        while let Some(left) = until.left() {
            let wait = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
            let mut ends = [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)];
            match poll(&mut ends, wait) {
                Err(nix::errno::Errno::EINTR) | Ok(0) => continue,
                Err(error) => return Err(error.into()),
                Ok(_) => {}
            }
            match self.socket.recv_from_full() {
                // Another program's word is none of the kernel's.
                Ok((_, from)) if from.port_number() != 0 => {}
                Ok((datagram, _)) => return Ok(Some(datagram)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}
