//! Who has a seat when the radio is full. Pure: time is an argument.
//!
//! Of the seats on the air some are reserved for the tablets of the kit. Guests may have all others, and as long as tablets are missing a
//! few guests more may wait in their seats: they have joined, and get a page that tells their place. When a tablet comes, the guest who
//! waits last is put off. So:
//!
//! * a tablet of the kit finds a free seat as long as reserved ones are free: half of those that wait for tablets are never given away;
//! * guests are taken in as they came; a seat falls free when a guest leaves, has been idle for [`IDLE`], or has had it for a lesson
//!   ([`TURN`]) while somebody waits: then it goes to who waits longest, and who had it waits last;
//! * when the free seats are all reserved, the air is closed to guests ([`Admission::only`]), and one who waits for no seat any more gets
//!   none of the radio's either.
//!
//! Without reserved seats nobody waits: who joins has a seat, and the radio itself turns away who comes then.

use board_support::radio::{Mac, Station};
use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;
use std::time::Duration;

/// A guest who has sent nothing for so long gives way to one who waits.
pub(super) const IDLE: Duration = Duration::from_secs(5 * 60);
/// A lesson: so long a guest keeps a seat that somebody else waits for.
pub(super) const TURN: Duration = Duration::from_secs(45 * 60);
/// A guest who is out of the radio's sight for so long has left: a phone in a pocket sleeps for some seconds.
const GONE_AFTER: Duration = Duration::from_secs(30);
/// Guests who wait at most.
const WAITING_MOST: usize = 4;

/// A guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Guest {
    /// Since when they have a seat; `None`: they wait.
    seated: Option<Duration>,
    /// Their place among those who wait: they came, or lost their seat, as so-manieth.
    ticket: u64,
    /// When the radio last saw them.
    seen: Duration,
}

/// Seats, and who has them.
#[derive(Debug, Clone, Default)]
pub(super) struct Admission {
    kit: HashSet<Mac>,
    reserved: usize,
    guests: BTreeMap<Mac, Guest>,
    tickets: u64,
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Seating {
    /// Who alone may be on the air; `None`: whoever comes.
    pub(super) only: Option<Vec<Mac>>,
    /// The place of each address that waits, from 1.
    pub(super) waiting: BTreeMap<IpAddr, u16>,
}

impl Admission {
    /// Seats of which `reserved` are for `kit`.
    pub(super) fn new(kit: impl IntoIterator<Item = Mac>, reserved: u16) -> Self {
        Self {
            kit: kit.into_iter().collect(),
            reserved: usize::from(reserved),
            ..Self::default()
        }
    }

    /// A look at all who are there, on a radio, or several, with so many seats together.
    pub(super) fn handle_stations(
        &mut self,
        stations: &[&Station],
        seats: usize,
        now: Duration,
    ) -> Seating {
        let tablets = stations
            .iter()
            .filter(|one| self.kit.contains(&one.mac))
            .count();
        let reserved = self.reserved.min(seats);
        let missing = reserved.saturating_sub(tablets);
        let for_guests = seats.saturating_sub(reserved.max(tablets));
        self.note(stations, now);
        self.free_idle(stations, for_guests, now);
        self.seat(for_guests, now);
        let most_waiting = WAITING_MOST.min(missing / 2);
        self.put_off(most_waiting);
        let room = for_guests + most_waiting;
        Seating {
            only: (self.reserved > 0 && self.guests.len() >= room).then(|| self.only()),
            waiting: self.waiting(stations),
        }
    }

    /// Guests who came, and those who have left.
    fn note(&mut self, stations: &[&Station], now: Duration) {
        for station in stations.iter().filter(|one| !self.kit.contains(&one.mac)) {
            let ticket = self.tickets;
            let guest = self.guests.entry(station.mac).or_insert_with(|| {
                self.tickets += 1;
                Guest {
                    seated: None,
                    ticket,
                    seen: now,
                }
            });
            guest.seen = now;
        }
        self.guests
            .retain(|_, guest| now.saturating_sub(guest.seen) < GONE_AFTER);
    }

    /// While somebody waits, seats of the idle and of those who have had a whole turn fall free, and so do those that tablets have taken.
    fn free_idle(&mut self, stations: &[&Station], for_guests: usize, now: Duration) {
        let idle: HashSet<Mac> = stations
            .iter()
            .filter(|station| station.idle >= IDLE)
            .map(|station| station.mac)
            .collect();
        let mut over = self.seated_count().saturating_sub(for_guests);
        let mut wanted = self.guests.len().saturating_sub(self.seated_count());
        let mut seated: Vec<(Mac, Duration)> = self
            .guests
            .iter()
            .filter_map(|(mac, guest)| Some((*mac, guest.seated?)))
            .collect();
        // The idle first, then who has had a seat longest.
        seated.sort_by_key(|(mac, since)| (!idle.contains(mac), *since, *mac));
        for (mac, since) in seated {
            let gives_way = idle.contains(&mac) || now.saturating_sub(since) >= TURN;
            if over > 0 || (wanted > 0 && gives_way) {
                over = over.saturating_sub(1);
                wanted = wanted.saturating_sub(1);
                self.unseat(mac);
            }
        }
    }

    fn unseat(&mut self, mac: Mac) {
        let ticket = self.tickets;
        if let Some(guest) = self.guests.get_mut(&mac) {
            self.tickets += 1;
            (guest.seated, guest.ticket) = (None, ticket);
        }
    }

    fn seat(&mut self, for_guests: usize, now: Duration) {
        let free = for_guests.saturating_sub(self.seated_count());
        for mac in self.queue().into_iter().take(free) {
            if let Some(guest) = self.guests.get_mut(&mac) {
                guest.seated = Some(now);
            }
        }
    }

    /// Those who wait beyond the room for it are forgotten: they come anew when there is room.
    fn put_off(&mut self, most_waiting: usize) {
        if self.reserved == 0 {
            return;
        }
        for mac in self.queue().into_iter().skip(most_waiting) {
            self.guests.remove(&mac);
        }
    }

    fn seated_count(&self) -> usize {
        self.guests
            .values()
            .filter(|guest| guest.seated.is_some())
            .count()
    }

    /// Who waits, the first first.
    fn queue(&self) -> Vec<Mac> {
        let waiting = self
            .guests
            .iter()
            .filter(|(_, guest)| guest.seated.is_none());
        let mut queue: Vec<(u64, Mac)> = waiting.map(|(mac, guest)| (guest.ticket, *mac)).collect();
        queue.sort_unstable();
        queue.into_iter().map(|(_, mac)| mac).collect()
    }

    fn only(&self) -> Vec<Mac> {
        let mut only: Vec<Mac> = self.kit.iter().chain(self.guests.keys()).copied().collect();
        only.sort_unstable();
        only
    }

    fn waiting(&self, stations: &[&Station]) -> BTreeMap<IpAddr, u16> {
        let mut waiting = BTreeMap::new();
        let mut place = 0;
        for mac in self.queue() {
            // Who is out of sight for a moment keeps their place, and is not counted.
            let mut there = stations
                .iter()
                .filter(|station| station.mac == mac)
                .peekable();
            place += u16::from(there.peek().is_some());
            for address in there.flat_map(|station| &station.addresses) {
                waiting.insert(address.to_canonical(), place);
            }
        }
        waiting
    }
}

#[cfg(test)]
mod tests;
