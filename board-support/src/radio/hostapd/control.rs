//! hostapd's control socket: a question a datagram, an answer a datagram.
//!
//! A [`Control`] is opened for one look and dropped: an answer that came too late then meets nobody who could take it for the next one.

use super::said::mac;
use crate::radio::Mac;
use std::io::{self, ErrorKind};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// hostapd's own bound of an answer.
const ANSWER_BYTES: usize = 4096;
/// Association identifiers end there, so a list is not longer.
const MOST_STATIONS: usize = 2007;

/// Of this process, so that no two sockets have one name.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// What went wrong between us and hostapd.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ControlError {
    /// There is no such socket, or nobody behind it.
    #[error("its control socket is not there")]
    Gone(#[source] io::Error),
    /// It did not answer in time.
    #[error("it does not answer")]
    Silent,
    /// It said no, or something that is no answer to that.
    #[error("to {asked} it says `{said}`")]
    Refused {
        /// What was asked, without its values.
        asked: String,
        /// What it said, shortened.
        said: String,
    },
}

/// How a cell is, as far as it matters here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Status {
    /// `ENABLED` where beacons are sent; `DFS` while the kernel listens for radar, and so on.
    pub(crate) state: String,
    /// Seconds until the channel is known to be free of radar.
    pub(crate) radar_s: Option<u32>,
    /// Its channel's number.
    pub(crate) channel: Option<u8>,
    /// Devices in it.
    pub(crate) stations: usize,
}

/// A device, as hostapd lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Its address.
    pub(crate) mac: Mac,
    /// It has shown that it knows the phrase.
    pub(crate) authorized: bool,
}

/// A connection to one hostapd.
#[derive(Debug)]
pub(crate) struct Control {
    socket: UnixDatagram,
}

impl Control {
    /// To the socket at `path`; each question waits for `patience` at the most.
    pub(crate) fn open(path: &Path, patience: Duration) -> Result<Self, ControlError> {
        let opened = || {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let name = format!("school-box-air-{}-{number}", std::process::id());
            // A name in no file system: none is left behind.
            let socket = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(name)?)?;
            socket.connect(path)?;
            socket.set_read_timeout(Some(patience))?;
            // A daemon that was stopped takes ten questions before this one waits.
            socket.set_write_timeout(Some(patience))?;
            Ok(socket)
        };
        opened()
            .map(|socket| Self { socket })
            .map_err(ControlError::Gone)
    }

    /// It is there and answers.
    pub(crate) fn ping(&self) -> Result<(), ControlError> {
        match self.ask("PING")?.trim_end() {
            "PONG" => Ok(()),
            other => Err(refused("PING", other)),
        }
    }

    /// How the cell is.
    pub(crate) fn status(&self) -> Result<Status, ControlError> {
        self.ask("STATUS").map(|text| status(&text))
    }

    /// Who is in it.
    pub(crate) fn stations(&self) -> Result<Vec<Listed>, ControlError> {
        let mut all = Vec::new();
        let mut next = station(&self.ask("STA-FIRST")?);
        while let Some(found) = next {
            if all.len() == MOST_STATIONS {
                break;
            }
            all.push(found);
            next = station(&self.ask(&format!("STA-NEXT {}", found.mac))?);
        }
        Ok(all)
    }

    /// Takes in nobody but these from now on, or whoever comes. Who is in and is none of these is sent away: hostapd asks its list of those who
    /// come, and leaves the others their seats.
    pub(crate) fn take_in(&self, only: Option<&[Mac]>) -> Result<(), ControlError> {
        // As long as everybody may come, hostapd throws nobody out for a list that is told by halves.
        self.order("SET macaddr_acl 0")?;
        let Some(only) = only else {
            return Ok(());
        };
        self.order("ACCEPT_ACL CLEAR")?;
        for mac in only {
            self.order(&format!("ACCEPT_ACL ADD_MAC {mac}"))?;
        }
        self.order("SET macaddr_acl 1")?;
        let there = self.stations()?.into_iter().map(|listed| listed.mac);
        there
            .filter(|mac| !only.contains(mac))
            .try_for_each(|mac| self.send_away(mac))
    }

    /// Sends a device away; it may come again where it is taken in.
    fn send_away(&self, mac: Mac) -> Result<(), ControlError> {
        self.order(&format!("DEAUTHENTICATE {mac}"))
    }

    /// Whom it refuses is said only at its debug level, which is chatty: wanted while seats are scarce.
    pub(crate) fn tell_refusals(&self, tell: bool) -> Result<(), ControlError> {
        self.order(if tell {
            "LOG_LEVEL DEBUG"
        } else {
            "LOG_LEVEL INFO"
        })
    }

    fn order(&self, command: &str) -> Result<(), ControlError> {
        let answer = self.ask(command)?;
        match answer.trim_end() {
            "OK" => Ok(()),
            other => Err(refused(command, other)),
        }
    }

    fn ask(&self, command: &str) -> Result<String, ControlError> {
        self.socket.send(command.as_bytes()).map_err(lost)?;
        let mut answer = [0; ANSWER_BYTES];
        let length = self.socket.recv(&mut answer).map_err(lost)?;
        let bytes = answer.get(..length).unwrap_or_default();
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }
}

fn lost(error: io::Error) -> ControlError {
    use ErrorKind::{Interrupted, TimedOut, WouldBlock};
    if matches!(error.kind(), WouldBlock | TimedOut | Interrupted) {
        ControlError::Silent
    } else {
        ControlError::Gone(error)
    }
}

/// Values stay out: they may be a device's address.
fn refused(command: &str, said: &str) -> ControlError {
    ControlError::Refused {
        asked: command.split(' ').next().unwrap_or_default().to_owned(),
        said: crate::error::shortened(&crate::radio::child::without_addresses(said.trim())),
    }
}

/// `key=value`, one a line.
fn status(text: &str) -> Status {
    let mut status = Status::default();
    for line in text.lines() {
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        match key {
            "state" => value.clone_into(&mut status.state),
            "cac_time_left_seconds" => status.radar_s = value.parse().ok(),
            "channel" => status.channel = value.parse().ok(),
            "num_sta[0]" => status.stations = value.parse().unwrap_or(0),
            _ => {}
        }
    }
    status
}

/// The first line is the address; empty or `FAIL` after the last one.
fn station(text: &str) -> Option<Listed> {
    Some(Listed {
        mac: mac(text)?,
        authorized: text
            .lines()
            .filter_map(|line| line.strip_prefix("flags="))
            .any(|flags| flags.contains("[AUTHORIZED]")),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
