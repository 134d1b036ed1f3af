use super::*;
use proptest::prelude::*;

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn mac(number: u8) -> Mac {
    Mac([2, 0, 0, 0, 0, number])
}

fn address(number: u8) -> IpAddr {
    IpAddr::from([10, 48, 0, number])
}

fn station(number: u8, idle: u64) -> Station {
    Station {
        mac: mac(number),
        dbm: None,
        kbit_s: None,
        idle: s(idle),
        addresses: vec![address(number)],
    }
}

fn look(admission: &mut Admission, there: &[u8], seats: usize, now: u64) -> Seating {
    let stations: Vec<Station> = there.iter().map(|number| station(*number, 0)).collect();
    admission.handle_stations(&stations.iter().collect::<Vec<_>>(), seats, s(now))
}

fn places(seating: &Seating) -> Vec<(u8, u16)> {
    let last = |address: &IpAddr| match address {
        IpAddr::V4(four) => four.octets()[3],
        IpAddr::V6(_) => 0,
    };
    seating
        .waiting
        .iter()
        .map(|(address, place)| (last(address), *place))
        .collect()
}

/// Tablets are 1 to 9, guests 100 and more.
fn school(reserved: u16) -> Admission {
    Admission::new((1..10).map(mac), reserved)
}

#[test]
fn without_reserved_seats_nobody_waits_and_nobody_is_kept_out() {
    let mut admission = school(0);
    let all: Vec<u8> = (100..110).collect();
    assert_eq!(look(&mut admission, &all, 10, 0), Seating::default());
}

#[test]
fn guests_wait_in_the_seats_of_tablets_that_are_not_there() {
    let mut admission = school(4);
    // Ten seats, four reserved: six guests sit, two may wait, the eighth closes the air.
    let six: Vec<u8> = (100..106).collect();
    let seating = look(&mut admission, &six, 10, 0);
    assert_eq!((places(&seating), &seating.only), (vec![], &None));
    let eight: Vec<u8> = (100..108).collect();
    let seating = look(&mut admission, &eight, 10, 1);
    assert_eq!(places(&seating), [(106, 1), (107, 2)]);
    let only = seating.only.unwrap_or_default();
    assert_eq!(only.len(), 9 + 8, "tablets and whoever is there");
    // A tablet comes: the last of those who wait is put off.
    let mut with_tablet = eight.clone();
    with_tablet.push(1);
    let seating = look(&mut admission, &with_tablet, 10, 2);
    assert_eq!(places(&seating), [(106, 1)]);
    assert!(!seating.only.unwrap_or_default().contains(&mac(107)));
    // All tablets are there: nobody waits any more.
    let mut full = six.clone();
    full.extend([1, 2, 3, 4, 106]);
    let seating = look(&mut admission, &full, 10, 3);
    assert_eq!(places(&seating), []);
    assert!(!seating.only.unwrap_or_default().contains(&mac(106)));
}

#[test]
fn a_seat_goes_to_who_waits_longest() {
    let mut admission = school(4);
    let eight: Vec<u8> = (100..108).collect();
    look(&mut admission, &eight, 10, 0);
    // 103 leaves.
    let without: Vec<u8> = eight.iter().copied().filter(|one| *one != 103).collect();
    assert_eq!(
        places(&look(&mut admission, &without, 10, 10)),
        [(106, 1), (107, 2)],
        "a pocket"
    );
    assert_eq!(places(&look(&mut admission, &without, 10, 40)), [(107, 1)]);
    // 100 sleeps for five minutes; 104 for one.
    let stations: Vec<Station> = without
        .iter()
        .map(|number| {
            station(
                *number,
                match number {
                    100 => 300,
                    104 => 60,
                    _ => 0,
                },
            )
        })
        .collect();
    let seating = admission.handle_stations(&stations.iter().collect::<Vec<_>>(), 10, s(60));
    assert_eq!(places(&seating), [(100, 1)], "and waits last");
}

#[test]
fn after_a_lesson_a_seat_is_given_to_who_waits_and_only_then() {
    let mut admission = school(4);
    let six: Vec<u8> = (100..106).collect();
    let lesson = TURN.as_secs();
    look(&mut admission, &six, 10, 0);
    assert_eq!(places(&look(&mut admission, &six, 10, 2 * lesson)), []);
    let seven: Vec<u8> = (100..107).collect();
    let seating = look(&mut admission, &seven, 10, 2 * lesson + 1);
    assert_eq!(
        places(&seating),
        [(100, 1)],
        "the newcomer has the seat of the first"
    );
}

#[test]
fn more_tablets_than_reserved_seats_take_those_of_guests() {
    let mut admission = school(2);
    let mut there: Vec<u8> = (100..104).collect();
    look(&mut admission, &there, 6, 0);
    there.extend([1, 2, 3]);
    let seating = look(&mut admission, &there[1..], 6, 1);
    let only = seating.only.unwrap_or_default();
    let guests = only.iter().filter(|one| one.0[5] >= 100).count();
    assert_eq!(guests, 3, "six seats, three tablets");
}

/// A radio with so many seats, that takes in whom it is told to take in.
struct Radio {
    seats: usize,
    there: Vec<u8>,
    only: Option<Vec<Mac>>,
}

impl Radio {
    fn join(&mut self, number: u8) -> bool {
        let may = self
            .only
            .as_ref()
            .is_none_or(|only| only.contains(&mac(number)));
        let joins = may && self.there.len() < self.seats && !self.there.contains(&number);
        if joins {
            self.there.push(number);
        }
        joins || self.there.contains(&number)
    }

    fn follow(&mut self, seating: Seating) {
        if let Some(only) = &seating.only {
            self.there.retain(|number| only.contains(&mac(*number)));
        }
        self.only = seating.only;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whoever comes and goes: a tablet is never refused while a reserved seat is free, and guests never have more than is theirs.
    #[test]
    fn a_tablet_always_finds_its_seat(
        seats in 1_usize..40, reserved in 0_u16..10,
        moves in proptest::collection::vec((1_u8..60, any::<bool>(), 1_u64..120), 1..300),
    ) {
        let mut admission = school(reserved);
        let mut radio = Radio { seats, there: Vec::new(), only: None };
        let mut now = 0;
        for (who, comes, passed) in moves {
            now += passed;
            let tablets = radio.there.iter().filter(|one| **one < 10).count();
            let left = usize::from(reserved).min(seats) > tablets;
            if !comes {
                radio.there.retain(|one| *one != who);
            } else {
                let joined = radio.join(who);
                prop_assert!(who >= 10 || !left || joined, "tablet {who} was refused at {:?}", radio.there);
            }
            let there = radio.there.clone();
            let seating = look(&mut admission, &there, seats, now);
            let mut known: Vec<u16> = seating.waiting.values().copied().collect();
            known.sort_unstable();
            prop_assert_eq!(known.clone(), (1..=u16::try_from(known.len()).unwrap_or(0)).collect::<Vec<_>>(), "places are 1, 2, 3 …");
            radio.follow(seating);
        }
    }

    /// Nobody who waits, and stays, waits for more lessons than there are guests before them.
    #[test]
    fn nobody_starves(guests in 1_u8..12, seats in 3_usize..8) {
        let mut admission = school(2);
        let all: Vec<u8> = (100..100 + guests).collect();
        let mut radio = Radio { seats, there: Vec::new(), only: None };
        let mut had: HashSet<u8> = HashSet::new();
        let mut lasted: BTreeMap<u8, u64> = BTreeMap::new();
        for minute in 0..45 * 40 {
            for guest in &all {
                radio.join(*guest);
            }
            let there = radio.there.clone();
            let seating = look(&mut admission, &there, seats, minute * 60);
            for guest in &there {
                match seating.waiting.contains_key(&address(*guest)) {
                    true => *lasted.entry(*guest).or_default() += 1,
                    false => { had.insert(*guest); lasted.insert(*guest, 0); }
                }
                prop_assert!(lasted.get(guest).copied().unwrap_or(0) <= 46 * u64::from(guests), "{guest} starves");
            }
            radio.follow(seating);
        }
        prop_assert!(radio.there.iter().all(|guest| had.contains(guest)));
    }
}
