//! What the planner has learned survives a power cut, and nothing else is believed.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod school;

use power_mgmt::units::Watts;
use power_mgmt::{Film, LocalTime, Planner, PowerState, SavedError, Site, SiteInput};
use proptest::prelude::*;
use school::{PANEL_W, School, seen, site, sun};

fn learned(days: i64, hour: i64) -> School {
    let mut school = School::new(Planner::new(site(15.5)), 0.5);
    school.days(days, |index| {
        [0.9, 0.3, 0.7][usize::try_from((index / 144) % 3).unwrap()]
    });
    school.until(hour, 0.6);
    school
}

/// Both see the same gap, in which the box was off; then they must agree to the letter.
fn agree(mut stayed: School, gap: i64) {
    let bytes = stayed.planner.save().unwrap();
    assert!(bytes.len() < 9_000, "{} bytes", bytes.len());
    let mut restored = Planner::new(site(15.5));
    restored.restore(&bytes).unwrap();
    stayed.index += gap;
    for index in stayed.index..stayed.index + 2 * 144 {
        let mut now = seen(index, stayed.share(), PANEL_W * sun(index - 1) * 0.5);
        if index == stayed.index {
            now.ran = Some(PowerState::Minimal);
        }
        let (a, b) = (stayed.planner.advise(&now), restored.advise(&now));
        assert_eq!(
            (a.state, a.reason, a.charge_tablets),
            (b.state, b.reason, b.charge_tablets),
            "{index}"
        );
        assert_eq!(stayed.planner.next_day(), restored.next_day(), "{index}");
    }
}

#[test]
fn a_restored_planner_plans_as_if_it_had_never_stopped() {
    for (days, hour, gap) in [(1, 3, 2), (8, 11, 3), (30, 0, 1000), (12, 20, 80)] {
        agree(learned(days, hour), gap);
    }
}

/// A panel far larger than its label has days of a clearness that no day has.
#[test]
fn what_was_learned_of_a_doubled_panel_comes_back_too() {
    let mut school = School::new(Planner::new(site(15.5)), 0.5);
    for sky in [0.2, 3.0, 3.0, 0.0, 3.0] {
        school.days(3, |_| sky);
        let bytes = school.planner.save().unwrap();
        assert_eq!(Planner::new(site(15.5)).restore(&bytes), Ok(()));
    }
}

#[test]
fn a_booked_film_outlives_the_night() {
    let mut school = learned(9, 7);
    school.energy_wh = 200.0;
    school.step(0.9);
    let start = LocalTime::new(20_000 + school.index.div_euclid(144), 14 * 60).unwrap();
    let film = Film {
        start,
        minutes: 45,
        projector: Watts::new(30.0).unwrap(),
    };
    school.planner.book(film);
    let mut next = Planner::new(site(15.5));
    next.restore(&school.planner.save().unwrap()).unwrap();
    assert_eq!(next.booked(), Some(film));
}

#[test]
fn what_is_damaged_or_of_another_site_is_refused() {
    assert_eq!(Planner::new(site(15.5)).save(), None, "nothing was learned");
    let bytes = learned(5, 9).planner.save().unwrap();
    let read = |bytes: &[u8], site: Site| Planner::new(site).restore(bytes);
    let here = site(15.5);
    assert_eq!(read(&bytes, here), Ok(()));
    for at in (0..bytes.len()).step_by(11) {
        let mut rotten = bytes.clone();
        rotten[at] ^= 0x10;
        assert!(read(&rotten, here).is_err(), "{at}");
        assert!(read(&bytes[..at], here).is_err(), "{at}");
    }
    let mut newer = bytes.clone();
    newer[4] = 200;
    assert_eq!(read(&newer, here), Err(SavedError::OtherVersion(200)));
    assert_eq!(read(b"", here), Err(SavedError::NotAPlan));
    assert_eq!(read(&bytes, site(16.0)), Err(SavedError::OtherSite));
    let panel = SiteInput {
        latitude: 15.5,
        longitude: 32.5,
        utc_offset_hours: 2.0,
        panel_w: 60.0,
        battery_wh: 205.0,
        weekend: [4, 5],
    };
    assert_eq!(
        read(&bytes, Site::new(panel).unwrap()),
        Err(SavedError::OtherSite)
    );
    // A battery may be changed: nothing that is kept depends on it.
    let battery = SiteInput {
        panel_w: PANEL_W,
        battery_wh: 90.0,
        ..panel
    };
    assert_eq!(read(&bytes, Site::new(battery).unwrap()), Ok(()));
}

/// CRC-32 of IEEE 802.3, so that the random bytes below get past the checksum.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever stands in them, with a checksum that fits: bytes are refused, or a plan comes of them.
    #[test]
    fn bytes_with_a_good_checksum_never_break_it(
        edits in prop::collection::vec((0usize..6_000, any::<u8>()), 0..6), cut in 0usize..400, more in 0usize..3,
    ) {
        let mut bytes = learned(2, 9).planner.save().unwrap();
        bytes.truncate(bytes.len() - 4 - cut.saturating_sub(300));
        for (at, byte) in edits {
            let at = 37 + at % (bytes.len() - 37);
            bytes[at] = byte;
        }
        bytes.resize(bytes.len() + more, 0);
        let sum = crc32(&bytes);
        bytes.extend(sum.to_le_bytes());
        let mut planner = Planner::new(site(15.5));
        if planner.restore(&bytes).is_ok() {
            for index in 450..460 {
                planner.advise(&seen(index, 0.5, 3.0));
            }
            prop_assert_eq!(planner.next_day().len(), 144);
        }
    }
}
