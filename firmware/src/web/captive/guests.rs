//! Which addresses have opened the portal. Pure: time is an argument.
//!
//! An address is a whole one, IPv6 too: all phones of a box share one /64, so a prefix would let the first phone speak for the class. A
//! device with two addresses opens the portal once for each. Nothing of this is on the disk or in the log, and a restart forgets it: then
//! a phone sees the portal once more.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long the portal need not be opened again: a school day and its evening, so that tomorrow begins with the portal.
pub(super) const KEPT: Duration = Duration::from_secs(12 * 3600);
/// Addresses that are known at once: four times the leases of the largest school. Some 60 kB.
pub(super) const MOST: usize = 1024;

/// Who has opened the portal; shared by all connections.
#[derive(Debug, Default)]
pub(crate) struct Guests(Mutex<Opened>);

impl Guests {
    /// `address` sees the portal at `now` (since boot), and counts as having opened it `after` that.
    pub(crate) fn opened(&self, address: IpAddr, now: Duration, after: Duration) {
        let mut opened = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        opened.open(address, now, after);
    }

    /// How long `address` may still go on; `None`: the portal first.
    pub(crate) fn left(&self, address: IpAddr, now: Duration) -> Option<Duration> {
        let opened = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        opened.left(address, now)
    }
}

/// From when each address counts.
#[derive(Debug, Default)]
pub(super) struct Opened {
    since: HashMap<IpAddr, Duration>,
}

impl Opened {
    /// Who is known is known for another [`KEPT`]; who waits to be waits no longer for looking again.
    pub(super) fn open(&mut self, address: IpAddr, now: Duration, after: Duration) {
        let address = address.to_canonical();
        let since = match self.since.get(&address) {
            Some(since) if *since > now => (*since).min(now + after),
            Some(since) if now < *since + KEPT => now,
            Some(_) | None => now + after,
        };
        if self.since.len() >= MOST && !self.since.contains_key(&address) {
            self.make_room(now);
        }
        self.since.insert(address, since);
    }

    pub(super) fn left(&self, address: IpAddr, now: Duration) -> Option<Duration> {
        let since = self.since.get(&address.to_canonical())?;
        let left = (*since + KEPT).checked_sub(now)?;
        (*since <= now && !left.is_zero()).then_some(left)
    }

    /// Those whose time is over go; were there none, the one that opened the portal longest ago.
    fn make_room(&mut self, now: Duration) {
        self.since.retain(|_, since| now < *since + KEPT);
        if self.since.len() >= MOST {
            let oldest = self.since.iter().min_by_key(|(_, since)| **since);
            if let Some(address) = oldest.map(|(address, _)| *address) {
                self.since.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);
    const NO_WAIT: Duration = Duration::ZERO;

    fn phone(number: usize) -> IpAddr {
        let [.., high, low] = number.to_be_bytes();
        IpAddr::from([10, 0, high, low])
    }

    #[test]
    fn twelve_hours_from_the_last_opening() {
        let mut opened = Opened::default();
        assert_eq!(opened.left(phone(1), HOUR), None);
        opened.open(phone(1), HOUR, NO_WAIT);
        assert_eq!(opened.left(phone(1), HOUR), Some(KEPT));
        assert_eq!(opened.left(phone(1), 12 * HOUR), Some(HOUR));
        assert_eq!(opened.left(phone(1), 13 * HOUR), None);
        opened.open(phone(1), 12 * HOUR, NO_WAIT);
        assert_eq!(opened.left(phone(1), 13 * HOUR), Some(11 * HOUR));
        assert_eq!(opened.left(phone(2), HOUR), None, "another phone");
    }

    #[test]
    fn a_page_that_must_be_read_first_counts_when_it_was() {
        let (mut opened, wait) = (Opened::default(), Duration::from_secs(30));
        opened.open(phone(1), HOUR, wait);
        assert_eq!(opened.left(phone(1), HOUR), None);
        opened.open(phone(1), HOUR + wait / 2, wait);
        assert_eq!(opened.left(phone(1), HOUR + wait), Some(KEPT));
        opened.open(phone(1), HOUR + wait, wait);
        assert_eq!(
            opened.left(phone(1), HOUR + wait),
            Some(KEPT),
            "no second wait"
        );
        opened.open(phone(2), HOUR, wait);
        opened.open(phone(2), HOUR, NO_WAIT);
        assert_eq!(
            opened.left(phone(2), HOUR),
            Some(KEPT),
            "its browser was quicker"
        );
    }

    #[test]
    fn an_address_is_the_same_in_both_notations_and_a_prefix_speaks_for_nobody() {
        let mut opened = Opened::default();
        let four = std::net::Ipv4Addr::new(10, 0, 0, 7);
        opened.open(IpAddr::from(four.to_ipv6_mapped()), HOUR, NO_WAIT);
        assert!(opened.left(IpAddr::from(four), HOUR).is_some());
        let six = |last| IpAddr::from([0xfd00, 0, 0, 1, 0, 0, 0, last]);
        opened.open(six(1), HOUR, NO_WAIT);
        assert!(opened.left(six(1), HOUR).is_some());
        assert_eq!(opened.left(six(2), HOUR), None);
    }

    #[test]
    fn a_crowd_beyond_the_bound_pushes_out_who_came_first() {
        let mut opened = Opened::default();
        for number in 0..MOST {
            opened.open(
                phone(number),
                HOUR + Duration::from_millis(number as u64),
                NO_WAIT,
            );
        }
        let now = 2 * HOUR;
        opened.open(phone(0), now, NO_WAIT);
        opened.open(phone(MOST), now, NO_WAIT);
        assert_eq!(opened.since.len(), MOST);
        let known = [0, 1, 2, MOST].map(|number| opened.left(phone(number), now).is_some());
        assert_eq!(known, [true, false, true, true]);
        // Those whose time is over go before anybody else does.
        let later = 13 * HOUR + Duration::from_secs(60);
        opened.open(phone(MOST + 1), later, NO_WAIT);
        assert_eq!(opened.since.len(), 3);
    }
}
