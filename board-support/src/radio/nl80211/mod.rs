//! nl80211, the kernel's side of Wi-Fi: what radios there are, whose rules they follow, what they hear, how loud they are.
//!
//! ```text
//!   Kernel ─► radios ─► radios.rs      wiphys, interfaces, channels  (with what drivers.rs knows better)
//!          ─► follow ─► regulatory.rs  the rules of a country, waited for
//!          ─► scan   ─► scan.rs        who else is on the air
//!          ─► stations, frames_heard ─► stations.rs
//! ```
//!
//! Every call ends: a question is waited for a second, a list two, a scan ten. That is how long an answer may take; the kernel lets its driver answer
//! before our question is sent off, so one whose firmware halted holds the caller as long as its own patience lasts (brcmfmac: 2.5 s a
//! question). Nothing here looks at names or addresses of devices but to hand them on.

mod database;
mod radios;
mod regulatory;
mod scan;
mod stations;
mod uapi;

pub use super::netlink::KernelError;

use super::netlink::{
    Answer, Attributes, Deadline, Family, Line, NLM_F_DUMP, PATIENCE, Refusal, Writer, body,
    command,
};
use super::{Country, Heard, RadioFacts, Station};
use nix::errno::Errno;
use nix::net::if_::if_nametoindex;
use std::path::PathBuf;
use std::time::Duration;
use uapi::{attribute, command as ask};

/// For a list: 31 radios took half a second in an emulated machine.
const LIST_PATIENCE: Duration = Duration::from_secs(2);

/// The kernel's Wi-Fi. Opened once: a radio that is plugged in later is found too.
#[derive(Debug)]
pub struct Kernel {
    line: Line,
    family: Option<Family>,
    sys: PathBuf,
}

impl Kernel {
    /// Opens the line to the kernel; needs no privilege.
    ///
    /// # Errors
    /// [`KernelError`] where it knows no generic netlink, or the service may not open one (`RestrictAddressFamilies`).
    pub fn open() -> Result<Self, KernelError> {
        let line = Line::open(netlink_sys::protocols::NETLINK_GENERIC)
            .map_err(|error| Refusal::Line(error).into_error("open a line of generic netlink"))?;
        Ok(Self {
            line,
            family: None,
            sys: PathBuf::from("/sys"),
        })
    }

    /// The radios that have an interface, by its name; none where no driver of one is loaded.
    ///
    /// # Errors
    /// [`KernelError`] where the kernel does not answer.
    pub fn radios(&mut self) -> Result<Vec<RadioFacts>, KernelError> {
        if self.family()?.is_none() {
            return Ok(Vec::new());
        }
        radios::radios(self)
    }

    /// Whose rules hold for radios that have none of their own; `None`: the world's least.
    ///
    /// # Errors
    /// [`KernelError`] where the kernel does not answer or has no Wi-Fi.
    pub fn country(&mut self) -> Result<Option<Country>, KernelError> {
        Ok(regulatory::holding(self)?.country())
    }

    /// Makes the kernel follow the rules of `country`, and waits until it does; at most 2 s.
    ///
    /// # Errors
    /// [`KernelError::UnknownCountry`] where the data base of rules has no such country; [`KernelError::NotFollowed`] where the kernel
    /// stays with others, as one without the data base does; [`KernelError::Refused`] without `CAP_NET_ADMIN`.
    pub fn follow(&mut self, country: Country) -> Result<(), KernelError> {
        regulatory::follow(self, country)
    }

    /// Who else is on the air; at most 10 s. An interface that is down is taken up for it.
    ///
    /// # Errors
    /// [`KernelError`] where the radio does not scan, is blocked by rfkill, or is not there.
    pub fn scan(&mut self, interface: &str) -> Result<Vec<Heard>, KernelError> {
        scan::scan(self, interface)
    }

    /// Sends with at most `dbm` dBm from now on; a driver takes its own least and most instead of what is beyond.
    ///
    /// # Errors
    /// [`KernelError`] where the driver cannot, or the radio is not there.
    pub fn set_power(&mut self, interface: &str, dbm: u8) -> Result<(), KernelError> {
        let index = index(interface)?;
        let question = self
            .question(ask::SET_WIPHY)
            .u32(attribute::IFINDEX, index)
            .u32(attribute::WIPHY_TX_POWER_SETTING, uapi::TX_POWER_LIMITED)
            .u32(attribute::WIPHY_TX_POWER_LEVEL, u32::from(dbm) * 100);
        let what = || format!("set the power of {interface} to {dbm} dBm");
        let _ = self.doing(0, &question, what)?;
        Ok(())
    }

    /// The power that it sends with, whole dBm; `None` while it sends nothing.
    ///
    /// # Errors
    /// [`KernelError`] where the radio is not there.
    pub fn power(&mut self, interface: &str) -> Result<Option<u8>, KernelError> {
        let index = index(interface)?;
        let question = self
            .question(ask::GET_INTERFACE)
            .u32(attribute::IFINDEX, index);
        let answers = self.doing(0, &question, || format!("tell of {interface}"))?;
        Ok(answers.iter().filter_map(body).find_map(|(_, told)| {
            let hundredths = told.i32(attribute::WIPHY_TX_POWER_LEVEL)?;
            u8::try_from(hundredths.div_euclid(100)).ok()
        }))
    }

    /// The devices at an access point, by their addresses, without addresses of the network.
    ///
    /// # Errors
    /// [`KernelError`] where the radio is not there.
    pub fn stations(&mut self, interface: &str) -> Result<Vec<Station>, KernelError> {
        stations::stations(self, interface)
    }

    /// A count that grows with what the radio hears: frames for the interface, and where its driver tells of that, milliseconds in which
    /// anybody's frames came in. Only that it grew means anything; it begins anew when the radio does. `None` where nothing is counted.
    ///
    /// # Errors
    /// [`KernelError`] where the radio is not there.
    pub fn frames_heard(&mut self, interface: &str) -> Result<Option<u64>, KernelError> {
        stations::frames_heard(self, interface)
    }

    /// nl80211's number and groups; asked for until it is there.
    fn family(&mut self) -> Result<Option<&Family>, KernelError> {
        if self.family.is_none() {
            let until = Deadline::within(PATIENCE);
            self.family = Family::find(&mut self.line, "nl80211", until)
                .map_err(|refusal| refusal.into_error("tell of its Wi-Fi"))?;
        }
        Ok(self.family.as_ref())
    }

    #[allow(clippy::unused_self, reason = "reads as what is asked of whom")]
    fn question(&self, ask: u8) -> Writer {
        command(ask)
    }

    /// Asks; `what` says for an error what was to be done, and on what.
    fn doing(
        &mut self,
        flags: u16,
        question: &Writer,
        what: impl Fn() -> String,
    ) -> Result<Vec<Answer>, KernelError> {
        self.asked(flags, question)?
            .map_err(|refusal| refusal.into_error(what()))
    }

    /// Asks, and leaves it to the caller what a refusal means.
    fn asked(
        &mut self,
        flags: u16,
        question: &Writer,
    ) -> Result<Result<Vec<Answer>, Refusal>, KernelError> {
        let family = self.family()?.ok_or(KernelError::NoWifi)?.id;
        let until = Deadline::within(if flags & NLM_F_DUMP == NLM_F_DUMP {
            LIST_PATIENCE
        } else {
            PATIENCE
        });
        let answered = self.line.ask(family, flags, question.bytes(), until);
        if matches!(&answered, Err(refusal) if refusal.errno() == Some(Errno::ENOENT)) {
            // The driver was taken out, and the family with it.
            self.family = None;
        }
        Ok(answered)
    }

    /// A line that hears a group of events, e.g. `scan`.
    fn listening(&mut self, group: &str) -> Result<Line, KernelError> {
        let id = self.family()?.ok_or(KernelError::NoWifi)?.group(group);
        let opened = Line::open(netlink_sys::protocols::NETLINK_GENERIC).and_then(|mut line| {
            if let Some(id) = id {
                line.join(id)?;
            }
            Ok(line)
        });
        opened
            .map_err(|error| Refusal::Line(error).into_error(format!("tell its events of {group}")))
    }
}

/// The kernel's number of an interface.
fn index(interface: &str) -> Result<u32, KernelError> {
    if_nametoindex(interface).map_err(|_| KernelError::NoInterface {
        interface: interface.to_owned(),
    })
}

#[cfg(test)]
mod tests;
