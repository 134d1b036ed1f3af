//! dnsmasq's list of leases, a line each: `1764360000 02:00:00:00:00:01 10.73.0.16 * 01:02:00:00:00:00:01`. First when the lease ends, or, in a
//! dnsmasq that trusts no clock (our image's), how long it was given for; then whose, what, a name and the name that the device gave itself
//! for DHCP.
//!
//! dnsmasq takes what it reads word by word, so a damaged line can shift the meaning of all that come after: what it gets to read was read here
//! before.

use crate::radio::Mac;
use crate::radio::hostapd::said::mac;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::net::Ipv4Addr;

/// dnsmasq's own bound of a client's identifier: 255 bytes, as `xx:`.
const IDENTIFIER: usize = 255 * 3;

/// A device that has an address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Lease {
    /// Its own.
    pub(crate) mac: Mac,
    /// Of the network.
    pub(crate) address: Ipv4Addr,
    /// Seconds: when it ends, or how long it was given for.
    ends: u64,
    /// `*` or hexadecimal, as it stands there.
    identifier: String,
}

/// What a list holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Leases {
    /// Good lines.
    pub(crate) all: Vec<Lease>,
    /// Lines that are none.
    pub(crate) damaged: usize,
}

impl Leases {
    /// Reads at most `most` of them; of two with one address the first.
    pub(crate) fn read(text: &str, most: usize) -> Self {
        let mut leases = Self::default();
        let mut taken = BTreeSet::new();
        // The names that dnsmasq has for itself under IPv6, where it has one.
        let lines = text.lines().filter(|line| !line.starts_with("duid "));
        for line in lines.filter(|line| !line.is_empty()) {
            match lease(line) {
                Some(lease) if leases.all.len() < most && taken.insert(lease.address) => {
                    leases.all.push(lease);
                }
                _ => leases.damaged += 1,
            }
        }
        leases
    }

    /// The list as dnsmasq reads it.
    pub(crate) fn text(&self) -> String {
        self.all.iter().fold(String::new(), |mut text, lease| {
            let Lease {
                mac,
                address,
                ends,
                identifier,
            } = lease;
            // Writing into a string cannot fail.
            let _ = writeln!(text, "{ends} {mac} {address} * {identifier}");
            text
        })
    }

    /// Who has what: all that matters after a power cut.
    pub(crate) fn holders(&self) -> BTreeSet<(Mac, Ipv4Addr)> {
        self.all.iter().map(|l| (l.mac, l.address)).collect()
    }
}

fn lease(line: &str) -> Option<Lease> {
    let mut words = line.split(' ');
    let mut next = || words.next();
    let ends = next()?;
    let ends = ends.bytes().all(|b| b.is_ascii_digit()).then_some(ends)?;
    let device = next()?;
    let lease = Lease {
        ends: ends.parse().ok()?,
        mac: mac(device).filter(|_| device.len() == 17)?,
        address: next()?.parse().ok()?,
        identifier: {
            // A name, which is not kept.
            next()?;
            next().filter(|text| is_identifier(text))?.to_owned()
        },
    };
    next().is_none().then_some(lease)
}

fn is_identifier(text: &str) -> bool {
    let pairs = |text: &str| {
        text.split(':')
            .all(|pair| pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    text == "*" || (text.len() <= IDENTIFIER && pairs(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = "1764360000 02:00:00:00:00:01 10.73.0.16 * 01:02:00:00:00:00:01\n43200 aa:bb:cc:dd:ee:ff 10.73.9.200 tablet *\n";

    #[test]
    fn who_has_what_and_no_names() {
        let leases = Leases::read(GOOD, 100);
        assert_eq!(leases.damaged, 0);
        assert_eq!(leases.all[0].mac, Mac([2, 0, 0, 0, 0, 1]));
        assert_eq!(leases.all[1].address, Ipv4Addr::new(10, 73, 9, 200));
        assert_eq!(
            leases.text(),
            "1764360000 02:00:00:00:00:01 10.73.0.16 * 01:02:00:00:00:00:01\n43200 aa:bb:cc:dd:ee:ff 10.73.9.200 * *\n"
        );
    }

    #[test]
    fn damage_costs_its_own_line_and_no_other() {
        let table = [
            "",
            "\u{fffd}\u{fffd}\u{fffd}",
            "1764360000 02:00:00:00:00:01 10.73.0",
            "1764360000 02:00:00:00:00:01 10.73.0.16 *",
            "-1 02:00:00:00:00:01 10.73.0.17 * *",
            "1764360000 02:00:00:00:00:01 10.73.0.17 * * *",
            "1764360000 02:00:00:00:00:01 10.73.0.17 * 0x",
            "1764360000 02:00:00:00:00:011 10.73.0.17 * *",
            "99999999999999999999999 02:00:00:00:00:01 10.73.0.17 * *",
            // Somebody else has it already.
            "1764360000 02:00:00:00:00:09 10.73.0.16 * *",
        ];
        for bad in table {
            let leases = Leases::read(&format!("{GOOD}{bad}\n"), 100);
            assert_eq!(leases.all.len(), 2, "{bad}");
            assert_eq!(leases.damaged, usize::from(!bad.is_empty()), "{bad}");
        }
        let leases = Leases::read(&format!("{GOOD}duid 00:01:00:01\n"), 1);
        assert_eq!((leases.all.len(), leases.damaged), (1, 1));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn nothing_is_too_odd_and_what_was_read_reads_again(text in "(?s)[0-9a-f: .*\\n]{0,200}|(?s).{0,60}") {
            let leases = Leases::read(&text, 100);
            let again = Leases::read(&leases.text(), 100);
            prop_assert_eq!(again, Leases { damaged: 0, ..leases });
        }

        #[test]
        fn a_list_cut_anywhere_loses_its_end_alone(cut in 0..GOOD.len()) {
            let leases = Leases::read(&GOOD[..cut], 100);
            let whole = Leases::read(GOOD, 100);
            prop_assert!(leases.damaged <= 1);
            prop_assert!(leases.all.len() <= whole.all.len());
            for (left, right) in leases.all.iter().zip(&whole.all) {
                prop_assert_eq!((left.mac, left.address), (right.mac, right.address));
            }
        }
    }
}
