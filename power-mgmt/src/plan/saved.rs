//! What was learned, as bytes worth keeping over a power cut.
//!
//! ```text
//! 4 "SBPL"   1 version
//! 4 × 8 position, offset from UTC, panel: of another site it is refused
//! envelope · days · skill · noon · latitude (where none was given) · the day so far
//! week · warmth, as it was at midnight, of the season · noise of the gauge · the film booked
//! 4 CRC-32 of all before                                      (little endian throughout)
//! ```
//! Neighbours that are alike are counted instead of repeated. The charge is not kept: the gauge says
//! it anew. Solutions are not kept either: from the same numbers the same plan is solved again.

use super::ledger::Ledger;
use super::timetable::Timetable;
use super::{Planner, film};
use crate::bytes::{Reader, Writer};
use crate::forecast::{SLOTS, Site, SolarForecast};
use crate::gauge::{SavedError, crc32};
use alloc::vec::Vec;

const MAGIC: &[u8; 4] = b"SBPL";
const VERSION: u8 = 1;
/// Allowed temperatures, as they are learned, °C.
const CELSIUS: core::ops::RangeInclusive<f64> = -60.0..=90.0;

impl Planner {
    /// What was learned, as bytes worth keeping over a power cut, 3 to 8 kB, once a day; `None` before
    /// the first advice. A booked film is in them, the charge is not.
    #[must_use]
    pub fn save(&self) -> Option<Vec<u8>> {
        self.last?;
        let mut to = Writer::default();
        to.raw(MAGIC);
        to.raw(&[VERSION]);
        for number in key(&self.site) {
            to.number(number);
        }
        self.forecast.save(&mut to);
        self.timetable.save(&mut to);
        for warmth in [&self.warmth, &self.warm_today] {
            to.flag(warmth.is_some());
            to.runs(warmth.iter().flatten().map(|celsius| Some(*celsius)));
        }
        to.whole(self.warm_day.unwrap_or(i64::MAX));
        to.maybe(self.season_c);
        self.ledger.save(&mut to);
        film::save(self.film.as_ref(), &mut to);
        let mut bytes = to.into_bytes();
        let sum = crc32(&bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        Some(bytes)
    }

    /// Begins with what was learned before. Before the first [`advise`](Self::advise).
    ///
    /// # Errors
    /// What is wrong with the bytes; the planner then knows what it knew before.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), SavedError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(SavedError::NotAPlan)?;
        let (&version, _) = rest.split_first().ok_or(SavedError::NotAPlan)?;
        if version != VERSION {
            return Err(SavedError::OtherVersion(version));
        }
        let (body, sum) = bytes.split_last_chunk::<4>().ok_or(SavedError::NotAPlan)?;
        if crc32(body) != u32::from_le_bytes(*sum) {
            return Err(SavedError::Damaged);
        }
        let mut from = Reader::new(body.get(MAGIC.len() + 1..).unwrap_or_default());
        for number in key(&self.site) {
            let saved = from.number(f64::MIN..=f64::MAX);
            let saved = saved.ok_or(SavedError::Damaged)?;
            if (saved - number).abs() > 1e-6 {
                return Err(SavedError::OtherSite);
            }
        }
        let learned = Learned::read(&self.site, &mut from).filter(|_| from.is_empty());
        self.take(learned.ok_or(SavedError::Damaged)?);
        Ok(())
    }

    fn take(&mut self, learned: Learned) {
        self.forecast = learned.forecast;
        self.timetable = learned.timetable;
        self.ledger = learned.ledger;
        [self.warmth, self.warm_today] = learned.warmth;
        self.warm_day = learned.day;
        self.season_c = learned.season_c;
        self.film = learned.film;
        self.solved = None;
        self.values = None;
    }
}

/// All that is kept.
struct Learned {
    forecast: SolarForecast,
    timetable: Timetable,
    warmth: [Option<[f64; SLOTS]>; 2],
    day: Option<i64>,
    season_c: Option<f64>,
    ledger: Ledger,
    film: Option<film::Film>,
}

impl Learned {
    fn read(site: &Site, from: &mut Reader<'_>) -> Option<Self> {
        let forecast = SolarForecast::restore(*site, from)?;
        let timetable = Timetable::restore(from)?;
        let mut warmth = [None; 2];
        for warmth in &mut warmth {
            if from.flag()? {
                *warmth = Some(from.array(CELSIUS)?);
            }
        }
        let day = from.whole(i64::MIN..=i64::MAX)?;
        let season_c = from.maybe(CELSIUS)?;
        let mut ledger = Ledger::new(site.battery().get());
        ledger.restore(from)?;
        Some(Self {
            forecast,
            timetable,
            warmth,
            day: Some(day).filter(|day| *day != i64::MAX),
            season_c,
            ledger,
            film: film::restore(from)?,
        })
    }
}

fn key(site: &Site) -> [f64; 4] {
    [
        site.latitude(),
        site.longitude(),
        site.utc_offset_hours(),
        site.panel().get(),
    ]
}
