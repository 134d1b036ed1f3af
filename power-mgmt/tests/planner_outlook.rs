//! The next 24 hours, films, tablets: what the planner says of the time to come, and keeps.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod school;

use power_mgmt::units::Watts;
use power_mgmt::{Film, FilmAnswer, LocalTime, PlanReason, Planner, PowerState};
use school::{CAPACITY_WH, PANEL_W, School, draw_w, seen, site, sun};

fn learned(share: f64, sky: f64) -> School {
    let mut school = School::new(Planner::new(site(15.5)), share);
    school.days(9, |_| sky);
    school.energy_wh = share * CAPACITY_WH;
    school
}

fn at(school: &School, hour: u16, minute: u16) -> LocalTime {
    LocalTime::new(20_000 + school.index.div_euclid(144), 60 * hour + minute).unwrap()
}

#[test]
fn the_next_day_goes_over_midnight_and_holds_what_comes() {
    let mut school = learned(0.6, 0.7);
    school.until(15, 0.7);
    school.step(0.7);
    let ahead = school.planner.next_day();
    assert_eq!(ahead.len(), 144);
    assert_eq!(ahead[0].from, at(&school, 15, 0));
    assert_eq!(ahead[54].from, at(&school, 24 - 24, 0).max(ahead[54].from));
    assert_eq!(
        (ahead[54].from.minute(), ahead[143].from.minute()),
        (0, 14 * 60 + 50)
    );
    let tomorrow: f64 = ahead[54..].iter().map(|a| a.panel.get() / 6.0).sum();
    assert!(tomorrow > 40.0, "{tomorrow} Wh");
    // The day that comes is like those before it: it stays within the band, and near the middle.
    for (index, ahead) in ahead.iter().enumerate() {
        let (low, high) = (ahead.band.0.fraction(), ahead.band.1.fraction());
        let share = school.share();
        assert!(low <= ahead.charge.fraction() && ahead.charge.fraction() <= high);
        assert!(
            (low - 0.01..=high + 0.01).contains(&share),
            "{index}: {share} in {low}..{high}"
        );
        assert!((share - ahead.charge.fraction()).abs() < 0.1, "{index}");
        school.step(0.7);
    }
    assert!(ahead[143].band.1.fraction() - ahead[143].band.0.fraction() > 0.1);
}

#[test]
fn the_next_day_changes_when_the_advice_says() {
    let mut school = learned(0.6, 0.7);
    let mut told = 0;
    for _ in 0..144 {
        let advice = school.step(0.7);
        let ahead = school.planner.next_day();
        assert_eq!(ahead[0].state, advice.state);
        let Some(until) = advice.until else { continue };
        let change = ahead.iter().find(|ahead| ahead.state != advice.state);
        assert_eq!(change.map(|ahead| ahead.from), Some(until), "{advice}");
        told += 1;
    }
    assert!(told > 50, "told {told} times of 144");
}

#[test]
fn a_box_that_sleeps_is_woken_for_lessons() {
    let mut school = learned(0.5, 0.8);
    school.until(22, 0.8);
    let advice = school.step(0.8);
    assert_eq!(advice.state, PowerState::Off);
    let wakes = school.planner.wakes_at().unwrap();
    assert_eq!((wakes.day(), wakes.minute()), (advice.at.day() + 1, 7 * 60));
    school.until(10, 0.8);
    assert!(school.step(0.8).state > PowerState::Off);
    assert_eq!(school.planner.wakes_at(), None);
}

#[test]
fn an_empty_box_is_woken_when_the_sun_has_paid_for_a_start() {
    let mut school = School::new(Planner::new(site(15.5)), 0.5);
    school.days(6, |index| if (index / 144) % 2 == 0 { 0.8 } else { 0.4 });
    // A day unheard, in which the battery was emptied.
    school.index += 144 + 12;
    school.energy_wh = 0.102 * CAPACITY_WH;
    assert_eq!(school.step(0.0).reason, PlanReason::Reserve);
    let today = at(&school, 0, 0).day();
    let wakes = school.planner.wakes_at().unwrap();
    assert_eq!(wakes.day(), today);
    assert!((7..=12).contains(&(wakes.minute() / 60)), "{wakes:?}");
    // The sun that was expected comes: about then the start is paid for, and not long before.
    let mut started = None;
    while started.is_none() {
        let advice = school.step(0.6);
        started = (advice.state > PowerState::Off).then_some(advice.at);
    }
    let late = i64::from(started.unwrap().minute()) - i64::from(wakes.minute());
    assert!((-60..=30).contains(&late), "{late} min");
}

#[test]
fn a_box_without_any_sun_is_woken_within_a_day() {
    let mut planner = Planner::new(site(75.0));
    // Midwinter: no sun at all, and nothing but the reserve.
    for index in 0..300 {
        planner.advise(&seen(index - 200 + 351 * 144 - 30 * 144, 0.1, 0.0));
        let wakes = planner.wakes_at().unwrap();
        let slept = planner.next_day()[0].from;
        let minutes = 1440 * (wakes.day() - slept.day()) + i64::from(wakes.minute())
            - i64::from(slept.minute());
        assert!((10..=1440).contains(&minutes), "{minutes}");
    }
}

#[test]
fn a_film_is_shown_from_a_full_battery_and_not_from_the_reserve() {
    let answer = |soc: f64, minutes: u16| {
        let mut planner = Planner::new(site(15.5));
        // Friday, without lessons after the film.
        let friday = (0..7)
            .find(|d| LocalTime::new(20_000 + d, 0).unwrap().weekday() == 4)
            .unwrap();
        planner.advise(&seen(friday * 144 + 84, soc, 0.0));
        let start = LocalTime::new(20_000 + friday, 14 * 60).unwrap();
        planner.can_show(start, minutes, Watts::new(60.0).unwrap())
    };
    assert_eq!(answer(1.0, 90), FilmAnswer::Yes);
    assert_eq!(answer(0.11, 90), FilmAnswer::No);
    assert!(matches!(answer(0.45, 240), FilmAnswer::Until(_)));
    assert_eq!(answer(1.0, 2_000), FilmAnswer::NotToday);
}

fn film(start: LocalTime, minutes: u16) -> Film {
    Film {
        start,
        minutes,
        projector: Watts::new(40.0).unwrap(),
    }
}

#[test]
fn a_booked_film_is_shown_and_an_unbooked_one_is_not_missed() {
    let day = |book: bool| {
        let mut school = learned(0.5, 0.5);
        school.until(7, 0.5);
        school.step(0.5);
        if book {
            let answer = school.planner.book(film(at(&school, 18, 0), 90));
            assert_eq!(answer, FilmAnswer::Yes);
            assert!(school.planner.booked().is_some());
        }
        let mut full = 0;
        let mut shares = Vec::new();
        let mut said = Vec::new();
        while school.index.rem_euclid(144) != 20 * 6 {
            let advice = school.step(0.35);
            let slot = (school.index - 1).rem_euclid(144);
            if (108..117).contains(&slot) {
                full += i64::from(advice.state == PowerState::Full);
                school.energy_wh -= if book { 40.0 / 6.0 } else { 0.0 };
            }
            if slot == 107 {
                shares.push(school.share());
            }
            said.push(advice.to_string());
        }
        assert_eq!(school.planner.booked(), None, "it is over");
        (full, shares[0], said.join("\n"))
    };
    let (booked, kept, said) = day(true);
    let (unbooked, without, _) = day(false);
    assert_eq!(booked, 9);
    assert!(unbooked < 9, "{unbooked}");
    assert!(kept > without + 0.05, "{kept} {without}");
    assert!(said.contains("so that the film can be shown"), "{said}");
    assert!(said.contains("for the film that was booked"), "{said}");
}

#[test]
fn what_is_no_film_is_refused_and_leaves_the_booking() {
    let mut school = learned(1.0, 0.8);
    school.until(10, 0.8);
    school.energy_wh = CAPACITY_WH;
    school.step(0.8);
    let good = film(at(&school, 14, 0), 60);
    assert_eq!(school.planner.book(good), FilmAnswer::Yes);
    for (hour, minutes) in [(9, 60), (14, 0), (14, 241), (14, u16::MAX), (23, 90)] {
        let bad = film(at(&school, hour, 0), minutes);
        assert_eq!(
            school.planner.book(bad),
            FilmAnswer::NotToday,
            "{hour} {minutes}"
        );
    }
    let tomorrow = LocalTime::new(good.start.day() + 1, 600).unwrap();
    assert_eq!(
        school.planner.book(film(tomorrow, 60)),
        FilmAnswer::NotToday
    );
    assert_eq!(school.planner.booked(), Some(good));
    school.planner.unbook();
    assert_eq!(school.planner.booked(), None);
}

#[test]
fn a_second_film_counts_the_first() {
    let mut school = learned(0.75, 0.3);
    school.until(10, 0.3);
    school.energy_wh = 0.75 * CAPACITY_WH;
    school.step(0.3);
    let second =
        |planner: &Planner| planner.can_show(at(&school, 16, 0), 90, Watts::new(40.0).unwrap());
    assert_eq!(second(&school.planner), FilmAnswer::Yes);
    let mut booked = school.planner.clone();
    assert_eq!(booked.book(film(at(&school, 13, 0), 90)), FilmAnswer::Yes);
    assert_ne!(second(&booked), FilmAnswer::Yes);
}

#[test]
fn tablets_charge_from_surplus_sun_and_never_from_the_lessons() {
    let hours = |share: f64, sky: f64| {
        let mut school = learned(share, sky);
        // A day unheard, after which the gauge is believed.
        school.index += 144;
        school.extra_w = 20.0;
        let mut slots = 0;
        for _ in 0..5 * 144 {
            let advice = school.step(sky);
            if advice.charge_tablets {
                assert!(advice.state > PowerState::Off);
                slots += 1;
            }
            assert!(advice.state == PowerState::Off || school.share() > 0.10);
        }
        slots / 6
    };
    assert!(hours(1.0, 1.0) >= 3, "{}", hours(1.0, 1.0));
    assert_eq!(hours(0.3, 0.2), 0);
}

#[test]
fn tablets_cost_the_lessons_nothing() {
    let served = |extra_w: f64| {
        let mut school = learned(0.6, 1.0);
        school.extra_w = extra_w;
        let (mut worth, mut charged) = (0.0, 0.0);
        for day in 0..28i64 {
            let sky = [1.0, 0.9, 0.2, 1.0, 0.15, 0.1, 0.8][usize::try_from(day % 7).unwrap()];
            for _ in 0..144 {
                let lesson = school.sees().worth.get();
                let advice = school.step(sky);
                let utility = match advice.state {
                    PowerState::Full => 1.0,
                    PowerState::Eco => 0.85,
                    PowerState::Minimal => 0.5,
                    PowerState::Off | PowerState::Storage => 0.0,
                };
                worth += lesson * utility / 6.0;
                charged += f64::from(u8::from(advice.charge_tablets)) * extra_w / 6.0;
            }
        }
        (worth, charged)
    };
    let ((without, _), (with, charged)) = (served(0.0), served(20.0));
    assert!(charged > 60.0, "{charged} Wh");
    assert!(with > 0.98 * without, "{with} of {without}");
}

#[test]
fn a_full_box_lets_the_tablets_have_what_the_sun_would_waste() {
    let mut planner = Planner::new(site(15.5));
    // The first day of a box: nothing is known, but the battery is full and the sun shines.
    let mut told = false;
    for index in 0..84 {
        let advice = planner.advise(&seen(index, 1.0, PANEL_W * sun(index - 1)));
        let surplus = PANEL_W * sun(index) > 2.0 * draw_w(advice.state);
        told |= advice.charge_tablets && surplus;
    }
    assert!(told);
}
