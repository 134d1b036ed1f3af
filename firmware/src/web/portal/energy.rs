//! What the box's state comes to in words and in the drawing. Pure: a [`Status`] in, facts rounded for people out.
//!
//! The facts are coarse on purpose: pages made from equal facts are equal, and forty readers share one of them.

use crate::status::{Promise, Status};
use crate::web::texts::{Value, Words};
use jiff::Timestamp;
use power_mgmt::{ChargeStatus, PowerState};

/// How long the box can teach.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Teach {
    /// Until this local time of day, hours and minutes, today or in the coming night.
    Until(u64, u64),
    /// For whole days.
    Days(u64),
    /// For whole hours.
    Hours(u64),
    /// For minutes, a multiple of five.
    Minutes(u64),
    /// For whole hours at least: the box does not know its battery well.
    LeastHours(u64),
    /// For minutes at least, a multiple of five.
    LeastMinutes(u64),
    /// The whole day.
    AllDay,
    /// The box knows its battery too little to say.
    Learning,
    /// It goes to sleep now.
    Ending,
    /// Only minutes that nobody should plan with.
    HardlyAny,
    /// Nobody can say.
    Unknown,
}

/// What feeds the box.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Feed {
    /// It stands on mains.
    Mains,
    /// The gauge was not read yet.
    Unread,
    /// The gauge has fallen silent.
    Silent,
    /// The battery fills; whether by the sun, and how long until it is full.
    Filling {
        /// The panel gives power, or nothing says that it does not.
        sun: bool,
        /// Time until full.
        full: Teach,
        /// How long it can teach.
        teach: Teach,
    },
    /// The battery is full; how long the box can teach.
    Full(Teach),
    /// The battery gives.
    Giving(Teach),
}

/// What the box saves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Saving {
    /// Nothing.
    None,
    /// Charging of tablets.
    Some,
    /// Nearly everything.
    Much,
    /// It is about to switch off.
    Ending,
}

/// The facts of the first page.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Energy {
    /// What feeds the box.
    pub(crate) feed: Feed,
    /// Charge, whole percent.
    pub(crate) percent: Option<u8>,
    /// Where the charge lies, in steps of five percent, when the box does not know its battery well.
    pub(crate) between: Option<(u8, u8)>,
    /// What the box saves.
    pub(crate) saving: Saving,
    /// What the plan lets it do in each of the next twelve hours: 0 asleep, 1 few screens, 2 saving, 3 everything; empty without a plan.
    pub(crate) hours: Vec<u8>,
}

impl Energy {
    /// From the box's state.
    pub(crate) fn of(status: &Status) -> Self {
        let battery = &status.battery;
        let percent = battery
            .charge_percent
            .map(whole_percent)
            .filter(|_| !battery.on_mains);
        Self {
            feed: feed(status),
            between: percent.and(between(status)),
            percent,
            saving: saving(status.power.state, status.power.usb_charging),
            hours: hours(status),
        }
    }

    /// Charge for the drawing, in steps of five percent; `None` where it is not known.
    pub(crate) fn drawn(&self) -> Option<u8> {
        self.percent
            .filter(|_| self.feed != Feed::Silent)
            .map(|percent| percent / 5 * 5)
    }

    /// The first sentence of the page.
    pub(crate) fn headline(&self, words: &Words<'_>) -> String {
        match &self.feed {
            Feed::Mains => words.text("energy-mains"),
            Feed::Unread => words.text("energy-unread"),
            Feed::Silent => words.text("energy-silent"),
            Feed::Filling { sun: true, .. } => words.text("energy-sun-fills"),
            Feed::Filling { sun: false, .. } => words.text("energy-fills"),
            Feed::Full(_) => words.text("energy-full"),
            Feed::Giving(teach) => teach.told("energy-teach", words),
        }
    }

    /// What stands below it: what to do, how long it can teach, the charge, and when it will be full.
    pub(crate) fn details(&self, words: &Words<'_>) -> Vec<String> {
        let go_on = (self.feed == Feed::Silent).then(|| words.text("energy-silent-do"));
        let (teach, full) = match &self.feed {
            Feed::Filling { full, teach, .. } => (Some(teach), Some(full)),
            Feed::Full(teach) => (Some(teach), None),
            Feed::Mains | Feed::Unread | Feed::Silent | Feed::Giving(_) => (None, None),
        };
        let said = |teach: Option<&Teach>, stem: &str| {
            teach
                .filter(|teach| **teach != Teach::Unknown)
                .map(|teach| teach.told(stem, words))
        };
        go_on
            .into_iter()
            .chain(said(teach, "energy-teach"))
            .chain(self.charge(words))
            .chain(said(full, "energy-filled"))
            .collect()
    }

    fn charge(&self, words: &Words<'_>) -> Option<String> {
        let count = |percent: u8| Value::Count(percent.into());
        Some(match (self.percent?, self.between) {
            (percent, _) if self.feed == Feed::Silent => {
                words.say("energy-percent-about", &[("percent", count(percent))])
            }
            (_, Some((low, high))) => words.say(
                "energy-percent-between",
                &[("low", count(low)), ("high", count(high))],
            ),
            (percent, None) => words.say("energy-percent", &[("percent", count(percent))]),
        })
    }

    /// What the reader should mind, when the box saves energy; `forgotten` as in [`super::Reader`].
    pub(crate) fn notice(&self, words: &Words<'_>, forgotten: bool) -> Option<String> {
        match self.saving {
            Saving::None => None,
            Saving::Some => Some(words.text("saving-some")),
            Saving::Much => Some(words.text("saving-much")),
            Saving::Ending if forgotten => Some(words.text("saving-ending-forgotten")),
            Saving::Ending => Some(words.text("saving-ending")),
        }
    }
}

impl Teach {
    fn told(&self, stem: &str, words: &Words<'_>) -> String {
        let count = |form: &str, name: &str, n: u64| {
            words.say(&format!("{stem}-{form}"), &[(name, Value::Count(n))])
        };
        match self {
            Self::Until(hour, minute) => {
                let time = Value::Ready(format!("{hour:02}:{minute:02}"));
                words.say(&format!("{stem}-until"), &[("time", time)])
            }
            Self::Days(days) => count("days", "days", *days),
            Self::Hours(hours) => count("hours", "hours", *hours),
            Self::Minutes(minutes) => count("minutes", "minutes", *minutes),
            Self::LeastHours(hours) => words.say(
                "energy-teach-least-hours",
                &[("hours", Value::Count(*hours))],
            ),
            Self::LeastMinutes(minutes) => words.say(
                "energy-teach-least-minutes",
                &[("minutes", Value::Count(*minutes))],
            ),
            Self::AllDay => words.text("energy-teach-all-day"),
            Self::Learning => words.text("energy-teach-learning"),
            Self::Ending => words.text("energy-teach-ending"),
            Self::HardlyAny => words.text(&format!("{stem}-soon")),
            Self::Unknown => words.text(&format!("{stem}-unknown")),
        }
    }

    /// What is promised, in words for a time of day where that is trusted.
    fn of(promise: Promise, local_minute_of_day: Option<u64>) -> Self {
        match promise {
            Promise::Sure(minutes) => Self::until(minutes, local_minute_of_day),
            Promise::AtLeast(minutes @ 0..120) => Self::LeastMinutes(minutes / 5 * 5),
            Promise::AtLeast(minutes) => Self::LeastHours(minutes / 60),
            Promise::AllDay => Self::AllDay,
            Promise::Learning => Self::Learning,
            Promise::Ending => Self::Ending,
            Promise::Unknown => Self::Unknown,
        }
    }

    /// Rounded down, so that the box never promises too much.
    fn in_minutes(minutes: u64) -> Self {
        match minutes {
            0..5 => Self::HardlyAny,
            5..120 => Self::Minutes(minutes / 5 * 5),
            120..2880 => Self::Hours(minutes / 60),
            _ => Self::Days(minutes / 1440),
        }
    }

    /// As a time of day where that is trusted and the same time does not come twice before.
    fn until(minutes: u64, local_minute_of_day: Option<u64>) -> Self {
        match local_minute_of_day {
            Some(now) if (5..18 * 60).contains(&minutes) => {
                let end = (now + minutes) % 1440 / 5 * 5;
                Self::Until(end / 60, end % 60)
            }
            Some(_) | None => Self::in_minutes(minutes),
        }
    }
}

fn feed(status: &Status) -> Feed {
    let battery = &status.battery;
    if battery.on_mains {
        return Feed::Mains;
    }
    if battery.sample_age_s.is_none() && battery.charge_percent.is_none() && status.uptime_s < 30 {
        return Feed::Unread;
    }
    if battery.stale {
        return Feed::Silent;
    }
    let now = local_minute_of_day(status);
    let teach = Teach::of(status.promise(), now);
    match battery.status {
        ChargeStatus::Full => Feed::Full(teach),
        ChargeStatus::Charging => Feed::Filling {
            sun: battery.solar_w.is_none_or(|watts| watts >= 0.5),
            full: status
                .power
                .minutes_to_full
                .map_or(Teach::Unknown, |minutes| Teach::until(minutes, now)),
            teach,
        },
        ChargeStatus::Discharging | ChargeStatus::Idle | ChargeStatus::Unknown => {
            Feed::Giving(teach)
        }
    }
}

/// The band in steps of five percent, outwards, of a box that does not know its battery well.
fn between(status: &Status) -> Option<(u8, u8)> {
    let [low, high] = status.battery.charge_band_percent?;
    let high = whole_percent(high + 4.999) / 5 * 5;
    (!status.battery_is_known()).then_some((whole_percent(low) / 5 * 5, high))
}

/// The state in the middle of each hour to come.
fn hours(status: &Status) -> Vec<u8> {
    let plan = status.power.plan.as_ref().filter(|_| !status.battery.stale);
    let at = |minute: u64| {
        let blocks = plan.filter(|plan| minute < plan.covers_min)?.blocks.iter();
        let block = blocks.rev().find(|block| block.in_min <= minute)?;
        Some(match block.state {
            PowerState::Full => 3,
            PowerState::Eco => 2,
            PowerState::Minimal => 1,
            PowerState::Off | PowerState::Storage => 0,
        })
    };
    (0..12).map_while(|hour| at(hour * 60 + 30)).collect()
}

fn saving(state: PowerState, charges_tablets: bool) -> Saving {
    match state {
        PowerState::Full => Saving::None,
        // Lessons and tablets are served: there is nothing to mind.
        PowerState::Eco if charges_tablets => Saving::None,
        PowerState::Eco => Saving::Some,
        PowerState::Minimal => Saving::Much,
        PowerState::Off | PowerState::Storage => Saving::Ending,
    }
}

/// Minutes since local midnight, where the time is trusted.
fn local_minute_of_day(status: &Status) -> Option<u64> {
    let utc = status.time.as_deref()?.parse::<Timestamp>().ok()?;
    let minutes = utc.as_second().div_euclid(60) + i64::from(status.utc_offset_min);
    u64::try_from(minutes.rem_euclid(1440)).ok()
}

fn whole_percent(percent: f64) -> u8 {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "held between 0 and 100 just before"
    )]
    let whole = percent.clamp(0.0, 100.0).floor() as u8;
    whole
}

#[cfg(test)]
mod tests;
