//! The same years of weather for every panel and battery that is asked about.

use super::climate::Climate;
use super::life::{Mind, Month, live};
use super::school::School;
use super::weather::{Sky, Year};
use crate::depot::tell;
use power_mgmt::forecast::SiteError;
use power_mgmt::{LocalTime, Site, SiteInput};
use serde::Serialize;
use std::sync::Mutex;
use std::thread;

/// The years are counted from here: the calendar of its weekdays.
const YEAR: i32 = 2026;

/// Panel and battery, in the order of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Kit {
    /// Label of the panel, W.
    pub(super) panel_w: f64,
    /// What the battery holds, Wh.
    pub(super) battery_wh: f64,
}

/// Where the school is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Position {
    pub(super) latitude: f64,
    pub(super) longitude: f64,
    pub(super) utc_offset_hours: f64,
}

/// Twelve months.
pub(super) type Lived = [Month; 12];

/// A school under the weather of some years.
#[derive(Debug)]
pub(super) struct Study {
    position: Position,
    school: School,
    years: Vec<Year>,
    first_day: i64,
}

impl Study {
    pub(super) fn new(
        position: Position,
        school: School,
        climate: &Climate,
        years: usize,
        seed: u64,
    ) -> Result<Self, SiteError> {
        let mut study = Self {
            position,
            school,
            years: Vec::new(),
            first_day: LocalTime::from_civil(YEAR, 1, 1, 0, 0).map_or(0, LocalTime::day),
        };
        let any = Kit {
            panel_w: 100.0,
            battery_wh: 100.0,
        };
        let site = study.site(any)?;
        let sky = Sky::new(&site, climate, study.first_day, years);
        let indices: Vec<usize> = (0..years).collect();
        study.years = at_once("weather of the years", &indices, |index| {
            sky.year(*index, seed)
        });
        Ok(study)
    }

    /// What the planner would be told.
    pub(super) fn site(&self, kit: Kit) -> Result<Site, SiteError> {
        Site::new(SiteInput {
            latitude: self.position.latitude,
            longitude: self.position.longitude,
            utc_offset_hours: self.position.utc_offset_hours,
            panel_w: kit.panel_w,
            battery_wh: kit.battery_wh,
            weekend: self.school.weekend,
        })
    }

    /// Every year with each of the kits, by thresholds.
    pub(super) fn quick(&self, kits: &[Kit]) -> Result<Vec<Vec<Lived>>, SiteError> {
        let sites: Vec<Site> = kits
            .iter()
            .map(|kit| self.site(*kit))
            .collect::<Result<_, _>>()?;
        Ok(at_once("sizes looked at", &sites, |site| {
            self.years
                .iter()
                .map(|year| self.by_thresholds(site, year))
                .collect()
        }))
    }

    /// Some years, each with a kit, by the planner.
    pub(super) fn planned(
        &self,
        what: &str,
        lives: &[(Kit, usize)],
    ) -> Result<Vec<Lived>, SiteError> {
        let lives: Vec<(Site, &Year)> = lives
            .iter()
            .filter_map(|(kit, year)| Some((*kit, self.years.get(*year)?)))
            .map(|(kit, year)| Ok((self.site(kit)?, year)))
            .collect::<Result<_, SiteError>>()?;
        Ok(at_once(what, &lives, |(site, year)| {
            let mind = Mind::planner(*site, &self.school);
            live(&self.school, site, year, mind, self.first_day)
        }))
    }

    pub(super) const fn years(&self) -> usize {
        self.years.len()
    }

    fn by_thresholds(&self, site: &Site, year: &Year) -> Lived {
        let capacity_wh = site.battery().get();
        live(
            &self.school,
            site,
            year,
            Mind::Thresholds { capacity_wh },
            self.first_day,
        )
    }
}

/// Does the jobs on all cores; the answers stand in the order of the jobs.
fn at_once<J: Sync, A: Send>(what: &str, jobs: &[J], work: impl Fn(&J) -> A + Sync) -> Vec<A> {
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(jobs.len().max(1));
    let queue = Mutex::new(jobs.iter().enumerate());
    let next = || queue.lock().ok().and_then(|mut queue| queue.next());
    let mut answers: Vec<(usize, A)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut mine = Vec::new();
                    while let Some((index, job)) = next() {
                        tell::progress(&format!("{what}: {} of {}", index + 1, jobs.len()));
                        mine.push((index, work(job)));
                    }
                    mine
                })
            })
            .collect();
        workers
            .into_iter()
            .filter_map(|worker| worker.join().ok())
            .flatten()
            .collect()
    });
    tell::progress_done();
    answers.sort_by_key(|(index, _)| *index);
    answers.into_iter().map(|(_, answer)| answer).collect()
}
