//! What the solver is given: the days ahead.

use super::film::Showing;
use super::load_model::CHARGE_EFFICIENCY;
use super::value::{DayAhead, Grid, Row, Values};
use super::{Planner, RESERVE};
use crate::forecast::SLOTS;
use alloc::vec::Vec;

/// Days solved in slots of ten minutes.
const NEAR_DAYS: i64 = 7;
/// Days after them solved in hours, against the season.
const FAR_DAYS: i64 = 60;
/// Slots of an hour.
const HOUR: usize = 6;

impl Planner {
    /// Once a day, and when a film is booked or dropped.
    pub(super) fn solve(&mut self, today: i64) {
        // As it was at midnight: solved again, today's plan is the same.
        if self.warm_day != Some(today) {
            (self.warm_today, self.warm_day) = (self.warmth, Some(today));
            self.learn_season();
        }
        self.solved = Some(today);
        let capacity = self.site.battery().get();
        self.runway_wh = self.runway(today);
        let floor = RESERVE * capacity + self.runway_wh;
        let grid = Grid::new(floor.min(0.9 * capacity), capacity);
        let end = self.distant(today, &grid);
        let near = [self.ahead(today, 0), self.ahead(today, 1)];
        let later: Vec<DayAhead> = (2..NEAR_DAYS)
            .map(|ahead| self.ahead(today, ahead))
            .collect();
        let matrix = self.forecast.matrix();
        self.values = Some(Values::solve(grid, end, near, &later, matrix));
    }

    /// Worth at the end of the near days.
    fn distant(&self, today: i64, grid: &Grid) -> Row {
        let mut row = grid.distant_end();
        for ahead in (NEAR_DAYS..NEAR_DAYS + FAR_DAYS).rev() {
            let matrix = self.forecast.matrix_ahead(ahead as f64);
            let day = self.ahead(today, ahead);
            grid.day(&mut row, &day, Some(&matrix), HOUR, |_| ());
        }
        row
    }

    fn ahead(&self, today: i64, ahead: i64) -> DayAhead {
        // How far the temperature may wander until then, K.
        let sd = 1.5 + 0.5 * ahead.min(10) as f64;
        let film = (self.film.as_ref()).and_then(|film| Showing::on(film, today + ahead));
        let mut worth = *self.timetable.day(today + ahead);
        if let Some(film) = &film {
            worth[film.slots.clone()].fill(1.0);
        }
        DayAhead {
            clear_w: self.forecast.clear_day(today + ahead),
            worth,
            charge: self
                .warm_today
                .map_or([CHARGE_EFFICIENCY; SLOTS], |warmth| {
                    // The logistic curve stands for the normal distribution.
                    warmth.map(|t| CHARGE_EFFICIENCY / (1.0 + libm::exp(-1.7 * t / sd)))
                }),
            film,
        }
    }
}
