//! What hostapd says on its way: its events, which stand in its output as they go to whoever attached to its control socket, and what it
//! complains of.
//!
//! The output is read and not the socket: hostapd lets go of an attached reader whose queue of ten was full, the output waits.

use crate::radio::Mac;
use std::collections::BTreeSet;

/// Devices whose refusal is remembered, so that one that asks again and again counts once.
const REMEMBERED: usize = 512;

/// Something that happened, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// Beacons are sent.
    Enabled,
    /// No more.
    Disabled,
    /// The interface was taken down below it.
    InterfaceDisabled,
    /// And up.
    InterfaceEnabled,
    /// A device is in.
    Joined(Mac),
    /// And out.
    Left(Mac),
    /// The kernel listens for radar before it sends.
    ListensForRadar,
    /// Radar was heard: the channel is left.
    Radar,
    /// A device was refused because all seats are taken, or because it is not among those that alone are taken in.
    Refused(Mac),
    /// The same, where hostapd does not say whom. With radios whose firmware has no word in it the line before tells the device.
    NoRoom,
}

/// What the line tells; `None` for most.
pub(crate) fn event(line: &str) -> Option<Event> {
    if let Some(reply) = line.strip_prefix("authentication reply: STA=") {
        // 17: WLAN_STATUS_AP_UNABLE_TO_HANDLE_NEW_STA.
        let full = reply.split(' ').any(|word| word == "resp=17");
        return mac(reply).filter(|_| full).map(Event::Refused);
    }
    if line.starts_with("no more room for new STAs") {
        return Some(Event::NoRoom);
    }
    // `wlan0: AP-ENABLED `: whose it is, then what.
    let (_, message) = line.split_once(": ")?;
    if let Some(who) = message
        .strip_suffix(" due to ACL reject")
        .and_then(|text| text.rsplit(' ').next())
    {
        return mac(who).map(Event::Refused);
    }
    let (word, rest) = message.split_once(' ').unwrap_or((message, ""));
    match word {
        "AP-ENABLED" => Some(Event::Enabled),
        "AP-DISABLED" => Some(Event::Disabled),
        "INTERFACE-DISABLED" => Some(Event::InterfaceDisabled),
        "INTERFACE-ENABLED" => Some(Event::InterfaceEnabled),
        "AP-STA-CONNECTED" => mac(rest).map(Event::Joined),
        "AP-STA-DISCONNECTED" => mac(rest).map(Event::Left),
        "AP-REJECTED-MAX-STA" => mac(rest).map(Event::Refused),
        "DFS-CAC-START" => Some(Event::ListensForRadar),
        "DFS-RADAR-DETECTED" => Some(Event::Radar),
        _ => None,
    }
}

/// The line says that something did not work.
pub(crate) fn complains(line: &str) -> bool {
    const WORDS: [&str; 10] = [
        "fail",
        "error",
        "could not",
        "cannot",
        "unable",
        "invalid",
        "unknown",
        "not supported",
        "not allowed",
        "denied",
    ];
    let line = line.to_ascii_lowercase();
    WORDS.iter().any(|word| line.contains(word))
}

/// The line that names the cause, of all that complain: what came first leads to the others.
pub(crate) fn cause(words: &[String]) -> Option<&str> {
    words
        .iter()
        .find(|line| complains(line))
        .or(words.last())
        .map(String::as_str)
}

/// Who was refused.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    devices: BTreeSet<Mac>,
    /// Forgotten ones, and those that hostapd did not name.
    others: u64,
    /// One was refused, and who it was may come.
    nameless: bool,
}

impl Refusals {
    /// Counts what is a refusal.
    pub(crate) fn take(&mut self, event: Event) {
        match event {
            Event::NoRoom => {
                self.others += u64::from(self.nameless);
                self.nameless = true;
            }
            Event::Refused(mac) => {
                self.nameless = false;
                if self.devices.insert(mac) && self.devices.len() > REMEMBERED {
                    self.devices.pop_first();
                    self.others += 1;
                }
            }
            Event::Enabled
            | Event::Disabled
            | Event::InterfaceDisabled
            | Event::InterfaceEnabled
            | Event::Joined(_)
            | Event::Left(_)
            | Event::ListensForRadar
            | Event::Radar => {}
        }
    }

    /// How many devices.
    pub(crate) fn count(&self) -> u64 {
        self.devices.len() as u64 + self.others + u64::from(self.nameless)
    }
}

/// The address at the beginning of a text.
pub(crate) fn mac(text: &str) -> Option<Mac> {
    let mut bytes = [0; 6];
    let mut parts = text.get(..17)?.split(':');
    for byte in &mut bytes {
        let part = parts.next().filter(|part| part.len() == 2)?;
        *byte = u8::from_str_radix(part, 16).ok()?;
    }
    Some(Mac(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ONE: Mac = Mac([2, 0, 0, 0, 0, 0x0a]);

    #[test]
    fn events_of_hostapd_2_10_and_2_11() {
        let table = [
            ("wlan0: AP-ENABLED ", Some(Event::Enabled)),
            ("wlan0: AP-DISABLED ", Some(Event::Disabled)),
            ("wlan0: INTERFACE-DISABLED ", Some(Event::InterfaceDisabled)),
            ("wlan0: INTERFACE-ENABLED ", Some(Event::InterfaceEnabled)),
            (
                "wlan0: AP-STA-CONNECTED 02:00:00:00:00:0a",
                Some(Event::Joined(ONE)),
            ),
            (
                "wlan0: AP-STA-CONNECTED 02:00:00:00:00:0a auth_alg=open",
                Some(Event::Joined(ONE)),
            ),
            (
                "wlan0: AP-STA-DISCONNECTED 02:00:00:00:00:0a",
                Some(Event::Left(ONE)),
            ),
            (
                "wlan0: AP-REJECTED-MAX-STA 02:00:00:00:00:0A",
                Some(Event::Refused(ONE)),
            ),
            (
                "wlan0: Ignore Authentication frame from 02:00:00:00:00:0a due to ACL reject",
                Some(Event::Refused(ONE)),
            ),
            (
                "authentication reply: STA=02:00:00:00:00:0a auth_alg=0 auth_transaction=2 resp=17 (IE len=0) (dbg=handle-auth)",
                Some(Event::Refused(ONE)),
            ),
            (
                "authentication reply: STA=02:00:00:00:00:0a auth_alg=0 auth_transaction=2 resp=0 (IE len=0) (dbg=handle-auth)",
                None,
            ),
            ("no more room for new STAs (30/30)", Some(Event::NoRoom)),
            (
                "wlan0: DFS-CAC-START freq=5500 chan=100 sec_chan=0, width=0, seg0=0, seg1=0, cac_time=60s",
                Some(Event::ListensForRadar),
            ),
            (
                "wlan0: DFS-RADAR-DETECTED freq=5500 ht_enabled=1 chan_offset=0 chan_width=1 cf1=5500 cf2=0",
                Some(Event::Radar),
            ),
            ("wlan0: interface state UNINITIALIZED->COUNTRY_UPDATE", None),
            ("wlan0: AP-STA-CONNECTED nobody", None),
            ("AP-ENABLED", None),
            ("", None),
        ];
        for (line, meant) in table {
            assert_eq!(event(line), meant, "{line}");
        }
    }

    #[test]
    fn a_device_that_asks_again_counts_once() {
        let mut refusals = Refusals::default();
        let full = |mac: Mac| [Event::NoRoom, Event::Refused(mac)];
        for event in [full(ONE), full(ONE), full(Mac([2; 6]))].concat() {
            refusals.take(event);
        }
        assert_eq!(refusals.count(), 2);
        // A radio whose firmware answers by itself: hostapd names nobody.
        refusals.take(Event::NoRoom);
        refusals.take(Event::NoRoom);
        assert_eq!(refusals.count(), 4);
    }

    #[test]
    fn many_devices_take_a_bounded_memory_and_are_all_counted() {
        let mut refusals = Refusals::default();
        for n in 0..2000u16 {
            let [high, low] = n.to_be_bytes();
            refusals.take(Event::Refused(Mac([2, 0, 0, 0, high, low])));
        }
        assert_eq!(refusals.count(), 2000);
        assert_eq!(refusals.devices.len(), REMEMBERED);
    }

    #[test]
    fn the_cause_is_the_first_complaint() {
        let words = |lines: &[&str]| lines.iter().map(|&l| l.to_owned()).collect::<Vec<_>>();
        let said = words(&[
            "wlan0: interface state UNINITIALIZED->COUNTRY_UPDATE",
            "Channel 13 (primary) not allowed for AP mode",
            "wlan0: IEEE 802.11 Configured channel (13) or frequency (2472) not found from the channel list",
            "Interface initialization failed",
        ]);
        assert_eq!(
            cause(&said),
            Some("Channel 13 (primary) not allowed for AP mode")
        );
        assert_eq!(cause(&words(&["one", "two"])), Some("two"));
        assert_eq!(cause(&[]), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_line_is_too_odd(line in ".*") {
            let _ = (event(&line), complains(&line), mac(&line));
        }

        #[test]
        fn an_address_is_read_as_it_is_written(bytes: [u8; 6]) {
            prop_assert_eq!(mac(&Mac(bytes).to_string()), Some(Mac(bytes)));
        }
    }
}
