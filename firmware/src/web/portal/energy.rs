//! What the box's state comes to in words and in the drawing. Pure: a [`Status`] in, facts rounded for people out.
//!
//! The facts are coarse on purpose: pages made from equal facts are equal, and forty readers share one of them.

use crate::status::Status;
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
    },
    /// The battery is full.
    Full,
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
    /// What the box saves.
    pub(crate) saving: Saving,
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
            percent,
            saving: saving(status.power.state),
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
            Feed::Full => words.text("energy-full"),
            Feed::Giving(teach) => teach.told("energy-teach", words),
        }
    }

    /// What stands below it: what to do, the charge, and when it will be full.
    pub(crate) fn details(&self, words: &Words<'_>) -> Vec<String> {
        let percent = self.percent.map(|percent| {
            let key = if self.feed == Feed::Silent {
                "energy-percent-about"
            } else {
                "energy-percent"
            };
            words.say(key, &[("percent", Value::Count(percent.into()))])
        });
        let full = match &self.feed {
            Feed::Filling {
                full: Teach::Unknown,
                ..
            } => None,
            Feed::Filling { full, .. } => Some(full.told("energy-filled", words)),
            Feed::Mains | Feed::Unread | Feed::Silent | Feed::Full | Feed::Giving(_) => None,
        };
        let go_on = (self.feed == Feed::Silent).then(|| words.text("energy-silent-do"));
        go_on.into_iter().chain(percent).chain(full).collect()
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
            Self::HardlyAny => words.text(&format!("{stem}-soon")),
            Self::Unknown => words.text(&format!("{stem}-unknown")),
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
    match battery.status {
        ChargeStatus::Full => Feed::Full,
        ChargeStatus::Charging => Feed::Filling {
            sun: battery.solar_w.is_none_or(|watts| watts >= 0.5),
            full: status
                .power
                .minutes_to_full
                .map_or(Teach::Unknown, |minutes| Teach::until(minutes, now)),
        },
        ChargeStatus::Discharging | ChargeStatus::Idle | ChargeStatus::Unknown => {
            let minutes_left = status.power.minutes_left;
            Feed::Giving(minutes_left.map_or(Teach::Unknown, |minutes| Teach::until(minutes, now)))
        }
    }
}

fn saving(state: PowerState) -> Saving {
    match state {
        PowerState::Full => Saving::None,
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
