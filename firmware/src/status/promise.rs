//! How long lessons are sure to go on: one rule for the first page and the light panel. Pure.
//!
//! | the plan of the day | the gauge's band | promise |
//! |---|---|---|
//! | known | narrow | until the plan's first `off`, or until its low end reaches the reserve; all day if neither happens |
//! | known | wide | at least so long |
//! | unknown | narrow | as long as the low end of the band lasts at the present draw |
//! | unknown | wide | at least so long |
//!
//! Where the plan switches the box off now (which may wait for people) and the box knows its battery, it is said to go to sleep. A promise of a wide band that is not worth planning with is told as what it is: the box still gets to know its battery. When the
//! forecast has been wrong the plan's sun is promised to nobody: then the battery alone has to last.

use super::Status;
use super::day::DayPlan;
use power_mgmt::policy::RESERVE_PERCENT;

/// What may be promised. Minutes are counted from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// Lessons go on for so long, and the box knows its battery.
    Sure(u64),
    /// Lessons go on for so long or longer: the box does not know its battery well.
    AtLeast(u64),
    /// The plan carries the lessons through the whole of the time it covers.
    AllDay,
    /// The box knows its battery too little to promise anything.
    Learning,
    /// It is about to switch off.
    Ending,
    /// Nobody can say.
    Unknown,
}

/// A promise below this is not worth being told as one by a box that does not know its battery, minutes.
const WORTH_TELLING: u64 = 15;
/// A plan that covers less than this says nothing of the whole day, minutes.
const A_DAY: u64 = 12 * 60;
/// The low end of the band is this share of the estimate or more, both above the reserve: the battery is known …
const KNOWN_SHARE: f64 = 0.75;
/// … and so it is when they are this near, percent points: near the reserve every share is small.
const KNOWN_POINTS: f64 = 5.0;

impl Status {
    /// What may be promised of the lessons.
    #[must_use]
    pub fn promise(&self) -> Promise {
        if self.power.state.is_power_off() {
            return Promise::Ending;
        }
        if self.battery.on_mains {
            return Promise::AllDay;
        }
        let known = self.battery_is_known();
        let low = self.power.minutes_left_band.map(|[low, _]| low);
        let planned = self.power.plan.as_ref().and_then(|plan| planned(plan, low));
        let minutes = match planned {
            Some(Planned::Through) if known => return Promise::AllDay,
            Some(Planned::Sleep) if known => return Promise::Ending,
            Some(Planned::Sleep) => 0,
            Some(Planned::Through) => A_DAY,
            Some(Planned::Until(minutes)) => minutes,
            None => match low {
                Some(low) => low,
                None => return Promise::Unknown,
            },
        };
        match known {
            true => Promise::Sure(minutes),
            false if minutes >= WORTH_TELLING => Promise::AtLeast(minutes),
            false
                if self
                    .power
                    .minutes_left
                    .is_some_and(|most| most < WORTH_TELLING) =>
            {
                Promise::Sure(minutes)
            }
            false => Promise::Learning,
        }
    }

    /// The gauge's band is narrow enough that its middle and its low end tell the same day.
    #[must_use]
    pub fn battery_is_known(&self) -> bool {
        let (Some(charge), Some([low, _])) = (
            self.battery.charge_percent,
            self.battery.charge_band_percent,
        ) else {
            return false;
        };
        charge - low <= KNOWN_POINTS
            || low - RESERVE_PERCENT >= KNOWN_SHARE * (charge - RESERVE_PERCENT)
    }
}

enum Planned {
    Sleep,
    Until(u64),
    Through,
}

/// What the plan promises; `low` is what the low end of the band lasts at the present draw.
fn planned(plan: &DayPlan, low: Option<u64>) -> Option<Planned> {
    if plan.covers_min == 0 {
        return None;
    }
    let sleeps = plan
        .blocks
        .first()
        .is_some_and(|now| now.state.is_power_off());
    if sleeps && plan.teaches_min == Some(0) {
        return Some(Planned::Sleep);
    }
    let sun_is_promised = plan.reason != "thresholds";
    match (plan.teaches_min, low) {
        _ if !sun_is_promised => {
            low.map(|low| Planned::Until(plan.teaches_min.unwrap_or(low).min(low)))
        }
        (Some(minutes), _) => Some(Planned::Until(minutes)),
        (None, _) if plan.covers_min >= A_DAY => Some(Planned::Through),
        (None, low) => Some(Planned::Until(plan.covers_min.max(low.unwrap_or(0)))),
    }
}

#[cfg(test)]
mod tests;
