//! What a box in the store is due, when and why, and what is left in its battery. Pure.

use super::battery::Battery;
use super::intake::OnShelf;
use super::when::{When, months_on};
use jiff::civil::Date;
use serde::Serialize;

/// A battery below may be flat by the time somebody needs it, percent: the reserve that a box never spends.
const RESERVE_PERCENT: f64 = 10.0;

/// What is asked.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    /// The day.
    pub(super) today: Date,
    /// The newest system.
    pub(super) latest: Option<String>,
    /// How far to look ahead.
    pub(super) months: u16,
    /// Months between two tests.
    pub(super) check_every: u16,
}

/// What is to be done with a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum What {
    /// Look at it: test it, mend it.
    Check,
    /// Charge it.
    Charge,
    /// Bring it the newest system.
    Update,
}

impl What {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Charge => "charge",
            Self::Update => "update",
        }
    }
}

/// One thing to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Duty {
    pub(super) what: What,
    /// Not later than this.
    pub(super) on: Date,
    pub(super) why: String,
}

/// What is told of a box.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Told {
    pub(super) serial: String,
    pub(super) profile: String,
    /// The system on it, as far as is known.
    pub(super) system: String,
    /// The day of its last test with the card that it has now.
    pub(super) tested: Option<Date>,
    /// What is left in the battery today, percent.
    pub(super) charge_today_percent: Option<f64>,
    /// And after the months that were asked for.
    pub(super) charge_then_percent: Option<f64>,
    /// What the battery holds when full, Wh.
    pub(super) capacity_wh: f64,
    /// The most urgent first.
    pub(super) duties: Vec<Duty>,
    #[serde(skip)]
    pub(super) notice: Option<String>,
}

/// What is due, and what is left.
pub(super) fn told(one: &OnShelf, rules: &Rules) -> Told {
    let result = one.result.as_ref();
    let when = result.map_or(When::Unknown, |code| When::of(code, rules.today));
    let made = when.day();
    let battery = result.and_then(|code| Battery::of(code, one, made.unwrap_or(rules.today)));
    let mut duties = checks(one, made, rules);
    duties.extend(battery.as_ref().and_then(|battery| charge(battery, rules)));
    duties.extend(update(one, made, rules));
    duties.sort_by_key(|duty| (duty.on, duty.what));
    Told {
        serial: one.serial.clone(),
        profile: one.profile.clone(),
        system: system(one, made).to_owned(),
        tested: made.filter(|_| written_since(one, made).is_none()),
        charge_today_percent: battery
            .as_ref()
            .map(|battery| battery.percent_on(rules.today)),
        charge_then_percent: battery
            .as_ref()
            .map(|battery| battery.percent_on(months_on(rules.today, rules.months))),
        capacity_wh: result
            .and_then(|code| code.capacity_wh)
            .unwrap_or(one.battery_wh),
        duties,
        notice: match when {
            When::Ahead(day) => Some(format!(
                "{}: its result is of {day}, which is to come: the clock of the box or of this desk is wrong",
                one.serial
            )),
            When::Unknown | When::On(_) => None,
        },
    }
}

/// The day on which its card was written, where that was after the test: the result is of another card, and tells of the battery alone.
fn written_since(one: &OnShelf, made: Option<Date>) -> Option<Date> {
    one.written
        .filter(|written| made.is_some_and(|made| made < *written))
}

fn checks(one: &OnShelf, made: Option<Date>, rules: &Rules) -> Vec<Duty> {
    let check = |on, why| Duty {
        what: What::Check,
        on,
        why,
    };
    let Some(code) = &one.result else {
        let on = one.written.unwrap_or(rules.today);
        return vec![check(on, "it was never tested".to_owned())];
    };
    let Some(tested) = made else {
        let why = "nobody knows when it was tested: its clock was wrong".to_owned();
        return vec![check(rules.today, why)];
    };
    if let Some(written) = written_since(one, made) {
        let why = format!("last tested on {tested}, before its card was written on {written}");
        return vec![check(written, why)];
    }
    let failed = code.failed();
    let mut duties = Vec::new();
    if !failed.is_empty() {
        let why = format!("failed on {tested}: {}", failed.join(", "));
        duties.push(check(tested, why));
    } else if code.charge_percent.is_none() {
        let why = format!("the test of {tested} did not see its battery");
        duties.push(check(tested, why));
    }
    let again = months_on(tested, rules.check_every);
    duties.push(check(again, format!("last tested on {tested}")));
    duties
}

/// The system of a box: what its test saw, or what was written since.
fn system(one: &OnShelf, made: Option<Date>) -> &str {
    let result = one.result.as_ref();
    let of_card = result.filter(|_| written_since(one, made).is_none());
    let seen = of_card.map(|code| code.system.as_str());
    seen.filter(|seen| !seen.is_empty()).unwrap_or(&one.system)
}

fn update(one: &OnShelf, made: Option<Date>, rules: &Rules) -> Option<Duty> {
    let latest = rules.latest.as_deref()?;
    let has = system(one, made);
    is_older(has, latest).then(|| Duty {
        what: What::Update,
        on: rules.today,
        why: format!("it has {has}, the newest is {latest}"),
    })
}

/// Numbers between dots are compared as numbers; of anything else only the same is as new.
fn is_older(has: &str, latest: &str) -> bool {
    let numbers = |text: &str| -> Option<Vec<u64>> {
        text.split('.').map(|number| number.parse().ok()).collect()
    };
    match (numbers(has), numbers(latest)) {
        (Some(has), Some(latest)) => has < latest,
        (_, _) => has != latest,
    }
}

/// Before the battery falls below half, from where it should not be stored on.
fn charge(battery: &Battery, rules: &Rules) -> Option<Duty> {
    let (today, then) = (
        battery.percent_on(rules.today),
        battery.percent_on(months_on(rules.today, rules.months)),
    );
    let flat = if today < RESERVE_PERCENT {
        "nearly flat: "
    } else {
        ""
    };
    let month = if rules.months == 1 { "month" } else { "months" };
    Some(Duty {
        what: What::Charge,
        on: battery.half_on()?,
        why: format!(
            "{flat}{today:.0} % left, {then:.0} % in {} {month}",
            rules.months
        ),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::selftest::code::Code;
    use crate::selftest::outcome::Wear;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn rules(today: &str) -> Rules {
        Rules {
            today: day(today),
            latest: Some("2026.11".to_owned()),
            months: 6,
            check_every: 12,
        }
    }

    fn code(at: Option<&str>) -> Code {
        Code {
            serial: "SB-1".to_owned(),
            system: "2026.11".to_owned(),
            system_version: 17,
            at: at.map(|at| at.parse::<jiff::Timestamp>().unwrap().as_second()),
            charge_percent: Some(90.0),
            capacity_wh: Some(250.0),
            letters: "O".repeat(15),
            wear: None,
        }
    }

    fn on_shelf(result: Option<Code>) -> OnShelf {
        OnShelf {
            serial: "SB-1".to_owned(),
            profile: "philippines".to_owned(),
            written: Some(day("2026-11-01")),
            system: "2026.11".to_owned(),
            battery_wh: 256.0,
            result,
        }
    }

    #[test]
    fn the_whole_table() {
        let good = || code(Some("2026-11-02T08:00:00Z"));
        let failed = Code {
            letters: "OOOOFOOOFOOOOOO".to_owned(),
            ..good()
        };
        let mains = Code {
            charge_percent: None,
            ..good()
        };
        let low = Code {
            charge_percent: Some(30.0),
            ..good()
        };
        let old = Code {
            system: "2026.9".to_owned(),
            ..good()
        };
        let worn = Code {
            letters: "OOOOOOFOOOOOOOO".to_owned(),
            wear: Some(Wear {
                life_used_tenths: 11,
                pre_eol: 1,
            }),
            ..good()
        };
        let odd = Code {
            capacity_wh: Some(0.0),
            ..good()
        };
        let mut table = String::new();
        for (name, result, today) in [
            ("never tested", None, "2026-11-29"),
            ("good, on the day", Some(good()), "2026-11-02"),
            ("good, after eight months", Some(good()), "2027-07-02"),
            ("good, after two years", Some(good()), "2028-11-02"),
            ("failed", Some(failed), "2026-11-29"),
            ("worn", Some(worn), "2026-11-29"),
            ("on mains", Some(mains), "2026-11-29"),
            ("low", Some(low.clone()), "2026-11-29"),
            ("low, after three years", Some(low), "2029-11-29"),
            ("an older system", Some(old), "2026-11-29"),
            ("no clock", Some(code(None)), "2026-11-29"),
            (
                "of the future",
                Some(code(Some("2031-01-01T00:00:00Z"))),
                "2026-11-29",
            ),
            (
                "a day ahead",
                Some(code(Some("2026-11-30T01:00:00Z"))),
                "2026-11-29",
            ),
            ("no capacity", Some(odd), "2026-11-29"),
        ] {
            let told = told(&on_shelf(result), &rules(today));
            let left = (told.charge_today_percent, told.charge_then_percent);
            table += &format!("{name}, {today}: left {left:?}, {:?}\n", told.notice);
            for duty in told.duties {
                table += &format!("    {} {} {}\n", duty.on, duty.what.as_str(), duty.why);
            }
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn a_result_from_before_the_card_was_written_tells_of_the_battery_alone() {
        let march = Code {
            system: "2026.9".to_owned(),
            letters: "OOOOFOOOOOOOOOO".to_owned(),
            ..code(Some("2026-03-10T08:00:00Z"))
        };
        let duties = |told: &Told| -> Vec<(What, String)> {
            let duties = told.duties.iter().filter(|duty| duty.what != What::Charge);
            duties
                .map(|duty| (duty.what, format!("{}: {}", duty.on, duty.why)))
                .collect()
        };
        let former = told(&on_shelf(Some(march.clone())), &rules("2026-11-29"));
        assert_eq!(
            (former.system.as_str(), former.tested),
            ("2026.11", None),
            "as the manifest has it"
        );
        let why =
            "2026-11-01: last tested on 2026-03-10, before its card was written on 2026-11-01";
        assert_eq!(duties(&former), [(What::Check, why.to_owned())]);

        // Control: of the same day it may be of the card, and speaks for all of the box.
        let written = OnShelf {
            written: Some(day("2026-03-10")),
            ..on_shelf(Some(march))
        };
        let now = told(&written, &rules("2026-11-29"));
        assert_eq!(
            (now.system.as_str(), now.tested),
            ("2026.9", Some(day("2026-03-10")))
        );
        let whats: Vec<What> = duties(&now).into_iter().map(|(what, _)| what).collect();
        assert_eq!(whats, [What::Check, What::Update, What::Check]);
        // The battery was seen on that day in either case.
        assert!(now.charge_today_percent.is_some_and(|left| left < 90.0));
        assert_eq!(
            (former.charge_today_percent, former.charge_then_percent),
            (now.charge_today_percent, now.charge_then_percent)
        );
    }

    #[test]
    fn what_is_older() {
        for (has, latest, older) in [
            ("2026.9", "2026.11", true),
            ("2026.11", "2026.11", false),
            ("2026.11.1", "2026.11", false),
            ("2027.1", "2026.11", false),
            ("17", "18", true),
            ("spring", "2026.11", true),
            ("spring", "spring", false),
            ("", "2026.11", true),
        ] {
            assert_eq!(is_older(has, latest), older, "{has} {latest}");
        }
    }
}
