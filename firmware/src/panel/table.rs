//! The table of the light panel's states: twelve, in the order of the card.
//!
//! A state is told by place and rhythm. Colour only repeats it: no two states differ by the colour of the battery light alone.
//! The help light speaks before all others; where it is dark the battery light does; the two in the middle come last.

/// A state of the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Everything works.
    Well,
    /// The box saves energy; lessons go on.
    Saving,
    /// Little is left in the battery.
    Low,
    /// One of the two lights in the middle is dark: the network sleeps, or there are no lessons.
    Resting,
    /// Off, asleep until its alarm, or in storage.
    Asleep,
    /// Something is not as it was set up.
    Look,
    /// The disk.
    Disk,
    /// The battery sensor.
    Sensor,
    /// The radio.
    Radio,
    /// The box does not make progress.
    Stuck,
    /// The self-test found every part well.
    Passed,
    /// The self-test found a part that is not well.
    Failed,
}

/// What is seen of one light.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Seen {
    /// Dark.
    Dark,
    /// Lit without a break.
    Steady,
    /// Lit for long, dark for a moment.
    Slow,
    /// Flashes without a pause.
    Quick,
    /// So many flashes, then a pause; 1 to 4.
    Flashes(u8),
    /// Lit, steady or slow.
    Calm,
    /// Dark or steady: it says nothing here.
    Still,
    /// Anything: it says nothing here.
    Free,
}

impl Seen {
    /// Whether a light that is seen as `exact` (one of the first five) fits.
    #[must_use]
    pub fn fits(self, exact: Self) -> bool {
        match self {
            Self::Free => true,
            Self::Calm => matches!(exact, Self::Steady | Self::Slow),
            Self::Still => matches!(exact, Self::Dark | Self::Steady),
            Self::Dark | Self::Steady | Self::Slow | Self::Quick | Self::Flashes(_) => {
                self == exact
            }
        }
    }
}

/// What is seen of the battery, Wi-Fi, lessons and help lights, in this order.
pub type Sight = [Seen; 4];

/// Who can act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// Nobody has to.
    Nobody,
    /// Whoever stands before the box.
    Anyone,
    /// The teacher, and a technician by telephone.
    Teacher,
    /// A technician.
    Technician,
}

impl Who {
    /// The key of the words for it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Nobody => "panel-who-nobody",
            Self::Anyone => "panel-who-anyone",
            Self::Teacher => "panel-who-teacher",
            Self::Technician => "panel-who-technician",
        }
    }

    /// A word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Anyone => "anyone",
            Self::Teacher => "teacher",
            Self::Technician => "technician",
        }
    }
}

/// A row of the table. Words are keys of the box's texts.
#[derive(Debug)]
pub struct Row {
    /// The state.
    pub state: State,
    /// Its name for programs, and on the command line.
    pub name: &'static str,
    /// What may be seen: the first is what the card draws.
    pub sights: &'static [Sight],
    /// What causes it.
    pub causes: &'static [Cause],
    /// Who can act.
    pub who: Who,
    /// What is seen, in words: "red help light, twice".
    pub seen: &'static str,
    /// What it means.
    pub means: &'static str,
    /// What to do, a step each.
    pub steps: &'static [&'static str],
    /// When to call, and what to say.
    pub call: &'static str,
}

use super::cause::Cause::{self, self as C};
use Seen::{Calm, Dark, Flashes, Free, Quick, Slow, Steady, Still};

/// The table. Every panel that is not the button's fits exactly one row.
pub const ROWS: [Row; 12] = [
    Row {
        state: State::Well,
        name: "well",
        sights: &[[Steady, Steady, Steady, Dark]],
        causes: &[C::Full],
        who: Who::Nobody,
        seen: "panel-well",
        means: "panel-well-means",
        steps: &["panel-well-a", "panel-well-b"],
        call: "panel-well-call",
    },
    Row {
        state: State::Saving,
        name: "saving",
        sights: &[[Slow, Steady, Steady, Dark], [Slow, Dark, Dark, Dark]],
        causes: &[C::Eco, C::SureNight, C::StorageCheck],
        who: Who::Anyone,
        seen: "panel-saving",
        means: "panel-saving-means",
        steps: &["panel-saving-a", "panel-saving-b", "panel-saving-c"],
        call: "panel-saving-call",
    },
    Row {
        state: State::Low,
        name: "low",
        sights: &[[Quick, Still, Still, Dark]],
        causes: &[C::Soon, C::Minimal],
        who: Who::Anyone,
        seen: "panel-low",
        means: "panel-low-means",
        steps: &["panel-low-a", "panel-low-b", "panel-low-c", "panel-low-d"],
        call: "panel-low-call",
    },
    Row {
        state: State::Resting,
        name: "resting",
        sights: &[
            [Calm, Dark, Steady, Dark],
            [Calm, Steady, Dark, Dark],
            [Steady, Dark, Dark, Dark],
        ],
        causes: &[C::NetworkSilent, C::NoLessons],
        who: Who::Anyone,
        seen: "panel-resting",
        means: "panel-resting-means",
        steps: &["panel-resting-a", "panel-resting-b", "panel-resting-c"],
        call: "panel-resting-call",
    },
    Row {
        state: State::Asleep,
        name: "asleep",
        sights: &[[Dark, Dark, Dark, Dark]],
        causes: &[C::Off, C::Storage],
        who: Who::Anyone,
        seen: "panel-asleep",
        means: "panel-asleep-means",
        steps: &[
            "panel-asleep-a",
            "panel-asleep-b",
            "panel-asleep-c",
            "panel-asleep-d",
        ],
        call: "panel-asleep-call",
    },
    Row {
        state: State::Look,
        name: "look",
        sights: &[[Free, Still, Still, Flashes(1)]],
        causes: &[C::Degraded],
        who: Who::Teacher,
        seen: "panel-look",
        means: "panel-look-means",
        steps: &["panel-look-a", "panel-look-b", "panel-look-c"],
        call: "panel-look-call",
    },
    Row {
        state: State::Disk,
        name: "disk",
        sights: &[[Free, Still, Still, Flashes(2)]],
        causes: &[C::Disk],
        who: Who::Teacher,
        seen: "panel-disk",
        means: "panel-disk-means",
        steps: &[
            "panel-disk-a",
            "panel-disk-b",
            "panel-disk-c",
            "panel-disk-d",
        ],
        call: "panel-disk-call",
    },
    Row {
        state: State::Sensor,
        name: "sensor",
        sights: &[[Dark, Still, Still, Flashes(3)]],
        causes: &[C::Sensor],
        who: Who::Technician,
        seen: "panel-sensor",
        means: "panel-sensor-means",
        steps: &["panel-sensor-a", "panel-sensor-b", "panel-sensor-c"],
        call: "panel-sensor-call",
    },
    Row {
        state: State::Radio,
        name: "radio",
        sights: &[[Free, Still, Still, Flashes(4)]],
        causes: &[C::Radio],
        who: Who::Teacher,
        seen: "panel-radio",
        means: "panel-radio-means",
        steps: &["panel-radio-a", "panel-radio-b", "panel-radio-c"],
        call: "panel-radio-call",
    },
    Row {
        state: State::Stuck,
        name: "stuck",
        sights: &[[Free, Still, Still, Steady]],
        causes: &[C::NoProgress],
        who: Who::Teacher,
        seen: "panel-stuck",
        means: "panel-stuck-means",
        steps: &["panel-stuck-a", "panel-stuck-b", "panel-stuck-c"],
        call: "panel-stuck-call",
    },
    Row {
        state: State::Passed,
        name: "test-passed",
        sights: &[[Free, Quick, Quick, Dark]],
        causes: &[C::TestPassed],
        who: Who::Nobody,
        seen: "panel-passed",
        means: "panel-passed-means",
        steps: &["panel-passed-a", "panel-passed-b"],
        call: "panel-passed-call",
    },
    Row {
        state: State::Failed,
        name: "test-failed",
        sights: &[[Free, Quick, Quick, Quick]],
        causes: &[C::TestFailed],
        who: Who::Technician,
        seen: "panel-failed",
        means: "panel-failed-means",
        steps: &["panel-failed-a", "panel-failed-b", "panel-failed-c"],
        call: "panel-failed-call",
    },
];

impl State {
    /// Its row.
    #[must_use]
    pub const fn row(self) -> &'static Row {
        let [
            well,
            saving,
            low,
            resting,
            asleep,
            look,
            disk,
            sensor,
            radio,
            stuck,
            passed,
            failed,
        ] = &ROWS;
        match self {
            Self::Well => well,
            Self::Saving => saving,
            Self::Low => low,
            Self::Resting => resting,
            Self::Asleep => asleep,
            Self::Look => look,
            Self::Disk => disk,
            Self::Sensor => sensor,
            Self::Radio => radio,
            Self::Stuck => stuck,
            Self::Passed => passed,
            Self::Failed => failed,
        }
    }

    /// Of a panel whose lights are seen as `exact` (each one of the first five of [`Seen`]); `None` where no row has it: the button's lights.
    #[must_use]
    pub fn of(exact: Sight) -> Option<Self> {
        let fits = |sight: &Sight| sight.iter().zip(exact).all(|(seen, one)| seen.fits(one));
        let row = ROWS.iter().find(|row| row.sights.iter().any(fits))?;
        Some(row.state)
    }

    /// By its name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        ROWS.iter()
            .find(|row| row.name == name)
            .map(|row| row.state)
    }
}

#[cfg(test)]
mod tests;
