//! The network's dnsmasq.

use super::places::{Places, write};
use crate::error::{BoardError, chain};
use crate::radio::child::{Child, Program};
use crate::radio::dnsmasq::config;
use crate::radio::dnsmasq::kept::{Kept, told_unkept};
use crate::radio::dnsmasq::leases::Leases;
use crate::radio::hostapd::said;
use crate::radio::network::Bridge;
use crate::radio::{Daemon, NetPlan};
use std::ffi::OsString;
use std::net::{Ipv4Addr, UdpSocket};
use std::time::Duration;

/// For that it gets to end.
pub(super) const TO_END: Duration = Duration::from_millis(1000);

/// A question for the root's addresses: twelve bytes of header (RFC 1035, 4.1.1), no name, type A, class IN.
const QUESTION: [u8; 17] = [0x53, 0x42, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1];

#[derive(Debug)]
pub(super) struct Names {
    child: Option<Child>,
    /// As it was started with.
    text: String,
    kept: Kept,
    /// What was wrong with the list of leases when it started; told once.
    notice: Option<String>,
    /// Why it could not be started.
    failed: Option<String>,
}

impl Names {
    pub(super) fn new(places: &Places) -> Self {
        Self {
            child: None,
            text: String::new(),
            kept: Kept::new(places.leases(), places.kept_leases()),
            notice: None,
            failed: None,
        }
    }

    /// Serves `net`: started anew where that differs, or where it has ended. `true` where it was started.
    pub(super) fn serve(
        &mut self,
        net: &NetPlan,
        places: &Places,
        bridge: &Bridge,
    ) -> Result<bool, BoardError> {
        let leases = places.leases();
        let wanted = config::text(
            net,
            config::Places {
                bridge: bridge.name(),
                leases: &leases,
                six: bridge.six(),
            },
        )?;
        if wanted == self.text && self.runs() {
            return Ok(false);
        }
        self.end(None);
        let started = self.start(wanted, places);
        self.failed = started.as_ref().err().map(|error| chain(error));
        started.map(|()| true)
    }

    fn start(&mut self, wanted: String, places: &Places) -> Result<(), BoardError> {
        let notice = self.kept.restore()?;
        self.notice = notice.or(self.notice.take());
        write(&places.names(), &wanted)?;
        let mut file = OsString::from("--conf-file=");
        file.push(places.names());
        let program = Program::found("dnsmasq", vec!["--keep-in-foreground".into(), file]);
        self.child = Some(Child::start(program, |_| true)?);
        self.text = wanted;
        Ok(())
    }

    /// Ends it and keeps its leases.
    pub(super) fn end(&mut self, now: Option<Duration>) {
        if let Some(mut child) = self.child.take() {
            child.end(TO_END);
            // It failed while it ran, and was told then.
            let _ = self.kept.keep(&self.kept.now(), now);
        }
        self.text.clear();
    }

    pub(super) fn ask_to_end(&self) {
        if let Some(child) = &self.child {
            child.ask_to_end();
        }
    }

    /// How it is: whether it answers a question at the box's own address.
    pub(super) fn look(&mut self, own: Ipv4Addr, patience: Duration) -> Daemon {
        if !self.runs() {
            return Daemon::Gone;
        }
        if answers(own, patience) {
            Daemon::Answers
        } else {
            Daemon::Silent
        }
    }

    /// Begins with no lease, where the kept ones were taken away (see [`Kept`]): devices ask anew within half of their lease, and get the
    /// same addresses or others.
    pub(super) fn forget_where_asked(&mut self, places: &Places) -> Result<(), BoardError> {
        if !self.kept.is_taken_away() {
            return Ok(());
        }
        let served = self.child.take().map(|mut child| child.end(TO_END));
        self.kept.forget()?;
        let text = std::mem::take(&mut self.text);
        match served {
            Some(()) => self.start(text, places),
            None => Ok(()),
        }
    }

    /// The leases that hold, kept where that is due; and what is wrong, in lines.
    pub(super) fn leases(&mut self, now: Duration, trouble: &mut Vec<String>) -> Leases {
        let leases = self.kept.now();
        trouble.extend(self.notice.take());
        if self.child.is_some()
            && let Err(error) = self.kept.keep(&leases, Some(now))
        {
            trouble.push(told_unkept(&error));
        }
        leases
    }

    /// Why it does not run.
    pub(super) fn cause(&self) -> String {
        if let Some(failed) = &self.failed {
            return failed.clone();
        }
        let words = self.child.as_ref().map(Child::words).unwrap_or_default();
        let cause = said::cause(&words).unwrap_or("it said nothing");
        format!("dnsmasq has ended: {cause}")
    }

    fn runs(&mut self) -> bool {
        self.child
            .as_mut()
            .is_some_and(|child| child.ended().is_none())
    }
}

fn answers(own: Ipv4Addr, patience: Duration) -> bool {
    let asked = || {
        let socket = UdpSocket::bind((own, 0))?;
        socket.set_read_timeout(Some(patience))?;
        socket.connect((own, 53))?;
        socket.send(&QUESTION)?;
        let mut answer = [0; 512];
        socket.recv(&mut answer).map(|length| {
            let [a, b, flags, ..] = answer;
            length >= 12 && [a, b] == [QUESTION[0], QUESTION[1]] && flags & 0x80 != 0
        })
    };
    asked().is_ok_and(|answered: bool| answered)
}
