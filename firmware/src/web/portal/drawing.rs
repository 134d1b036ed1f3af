//! The sun over the roof: the charge as a picture. Numbers for the template; the lines themselves stand there.

use super::energy::{Energy, Feed};

/// What the drawing shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drawing {
    /// Where the sun stands; `None` when nothing is known of it.
    pub(crate) sun: Option<(u16, u16)>,
    /// It shines on the panel: rays.
    pub(crate) rays: bool,
    /// Cells of the battery that are full, of five; `None` when unknown.
    pub(crate) cells: Option<u8>,
    /// A cable leads to the wall.
    pub(crate) cable: bool,
    /// What the plan lets the box do in each of the hours to come, as in [`Energy::hours`]; drawn as bars at its foot.
    pub(crate) hours: Vec<u8>,
}

impl Drawing {
    /// The sun climbs from the ground (empty) to high over the roof (full).
    pub(crate) fn of(energy: &Energy) -> Self {
        let mains = energy.feed == Feed::Mains;
        let charge = if mains { Some(100) } else { energy.drawn() };
        let sun = charge.map(|percent| {
            let percent = u16::from(percent);
            (282 - percent * 9 / 10, 132 - percent * 88 / 100)
        });
        let rays = matches!(energy.feed, Feed::Full(_) | Feed::Filling { sun: true, .. });
        Self {
            sun: sun.filter(|_| !mains),
            rays,
            cells: charge.map(|percent| percent.div_ceil(20)),
            cable: mains,
            hours: energy.hours.clone(),
        }
    }

    /// Horizontal place, top and class of the bar of each hour.
    pub(crate) fn hour_places(&self) -> impl Iterator<Item = (u16, u16, &'static str)> {
        (10_u16..)
            .step_by(25)
            .zip(&self.hours)
            .map(|(x, level)| match level {
                0 => (x, 166, "h0"),
                1 => (x, 162, "h1"),
                2 => (x, 157, "h2"),
                _ => (x, 152, "h3"),
            })
    }

    /// Horizontal place and whether it is full, of each of the five cells.
    pub(crate) fn cell_places(&self) -> impl Iterator<Item = (u16, bool)> {
        let full = self.cells.unwrap_or(0);
        (0..5_u8).map(move |place| (103 + u16::from(place) * 10, place < full))
    }
}
