//! What the planner advises, and why, in words for a technician.

use crate::PowerState;
use crate::forecast::LocalTime;
use core::fmt;

/// What energy is kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occasion {
    /// When it begins.
    pub start: LocalTime,
    /// It begins at 17:00 or later.
    pub evening: bool,
    /// It is the film that is booked.
    pub film: bool,
}

/// Why a state is advised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanReason {
    /// The pack's own protection has cut.
    PackCut,
    /// Nothing can be started that the reserve would not pay for.
    Reserve,
    /// The forecast has been wrong: thresholds decide.
    Thresholds,
    /// Charge and sun suffice for everything.
    Plenty,
    /// The film that was booked is shown.
    Film,
    /// Energy is kept for this.
    SavesFor(Occasion),
    /// This is what the charge and the sun of the next days allow.
    Balanced,
}

impl PlanReason {
    /// The stable machine word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PackCut => "pack_cut",
            Self::Reserve => "reserve",
            Self::Thresholds => "thresholds",
            Self::Plenty => "plenty",
            Self::Film => "film",
            Self::SavesFor(_) => "saves_for",
            Self::Balanced => "balanced",
        }
    }
}

/// What the box should do in the next ten minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advice {
    /// When it was given.
    pub at: LocalTime,
    /// `Off`, `Minimal`, `Eco` or `Full`.
    pub state: PowerState,
    /// When the plan leaves this state within a day, if that much can be said under most skies.
    pub until: Option<LocalTime>,
    /// Why.
    pub reason: PlanReason,
    /// The sun gives more than the lessons need: tablets may be charged.
    pub charge_tablets: bool,
}

impl fmt::Display for Advice {
    /// "eco until 14:00 so that the evening class has light"
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.state)?;
        if let Some(until) = self.until {
            write!(
                f,
                " until {:02}:{:02}",
                until.minute() / 60,
                until.minute() % 60
            )?;
        }
        match self.reason {
            PlanReason::PackCut => f.write_str(": the battery's own protection has switched off"),
            PlanReason::Reserve => f.write_str(": only the reserve of the battery is left"),
            PlanReason::Thresholds => f.write_str(" by charge alone: the forecast has been wrong"),
            PlanReason::Plenty => f.write_str(": there is charge and sun for everything"),
            PlanReason::Film => f.write_str(" for the film that was booked"),
            PlanReason::Balanced => f.write_str(": as much as the sun of the next days allows"),
            PlanReason::SavesFor(occasion) => {
                let day = occasion.start.day() - self.at.day();
                f.write_str(match (day, occasion.evening) {
                    (_, _) if occasion.film => " so that the film can be shown",
                    (0, true) => " so that the evening class has light",
                    (0, false) => " so that today's lessons have light",
                    (1, true) => " so that tomorrow's evening class has light",
                    (1, false) => " so that tomorrow's lessons have light",
                    (_, _) => " so that the next school day has light",
                })
            }
        }
    }
}
