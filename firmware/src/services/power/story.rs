//! The day behind and the day ahead, for pages and prints.

use power_mgmt::units::{StateOfCharge, WattHours, Watts};
use power_mgmt::{Advice, Ahead, Film, FilmAnswer, LocalTime, PowerState};
use serde::{Deserialize, Serialize};

/// What the power service knows of yesterday, today and tomorrow. Renewed every ten minutes of box time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DayStory {
    /// Local time of the last renewal; `None` before the first.
    pub at: Option<LocalTime>,
    /// The local time comes from a clock that is trusted.
    pub clock_trusted: bool,
    /// Harvested since local midnight, Wh; `None` where no panel was heard today.
    pub harvest_today: Option<WattHours>,
    /// What the rest of today is expected to give, with one standard deviation.
    pub harvest_expected: Option<(WattHours, WattHours)>,
    /// What the planner says. Followed from ten minutes after the start on; switching off may wait for people.
    pub advice: Option<Advice>,
    /// The last 24 hours, oldest first, one entry each ten minutes the box was on.
    pub lived: Vec<Lived>,
    /// The next 24 hours, one entry each ten minutes.
    pub ahead: Vec<Ahead>,
    /// The film that is booked, and whether it can be shown.
    pub film: Option<(Film, FilmAnswer)>,
    /// The box was woken in the warehouse to look itself over, and goes back within three minutes.
    pub storage_check: bool,
    /// The panel was reported to give power around the clock yesterday: nothing is learned from it.
    pub panel_doubted: bool,
    /// What the clock is ahead of the sun at this place, minutes; 0 where they agree.
    pub clock_ahead_min: i32,
}

/// Ten minutes that were lived.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Lived {
    /// When they began.
    pub from: LocalTime,
    /// The state at their end.
    pub state: PowerState,
    /// The charge at their end.
    pub charge: Option<StateOfCharge>,
    /// Mean power of the panel.
    pub panel: Option<Watts>,
}
