//! `depot site`: what a school at a place may expect of a panel and a battery, and which are the cheapest that do.
//!
//! | file | holds |
//! |---|---|
//! | `climate` | the sky of a place, from a table of the world |
//! | `weather` | years that could be, drawn from it |
//! | `school` | lessons, tablets, films |
//! | `pack` | a battery, ten minutes at a time |
//! | `life` | a year of a school with a box: the box's own planner decides |
//! | `study` | the same years for every panel and battery |
//! | `outcome` | the usual year and the bad one |
//! | `prices`, `sizing` | the catalogue, and the cheapest in it that will do |
//! | `report`, `text`, `chart` | what was found: one value, a page, a drawing |
//! | `chance` | chance that is the same everywhere |

mod chance;
mod chart;
mod climate;
mod life;
mod outcome;
mod pack;
mod prices;
mod report;
mod school;
mod sizing;
mod study;
mod text;
mod weather;

#[cfg(test)]
mod tests;

use super::{Failure, tell};
use crate::config::timetable::Timetable;
use clap::Args;
use climate::Climate;
use outcome::Outcome;
use prices::Catalogue;
use report::{Question, Report};
use school::{School, Wishes};
use std::fs;
use std::path::{Path, PathBuf};
use study::{Kit, Position, Study};

/// What a school at a place may expect of a panel and a battery, month by month
///
/// Lives through years of weather drawn from the place's climate, with the planner that decides on the box, and looks for the cheapest panel
/// and battery that keep the lessons served. An hour counts as lost when the box is off; an hour in Minimal counts half.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Site {
    /// Where the school is: degrees north, degrees east
    #[arg(long, value_name = "LAT,LON", value_parser = latitude_longitude, allow_hyphen_values = true)]
    at: (f64, f64),
    /// What the panel's label says, 1 to 10000
    #[arg(long, value_name = "W", value_parser = Range::<1, 10_000>::parse, allow_hyphen_values = true)]
    panel: f64,
    /// What the full battery holds, 10 to 100000
    #[arg(long, value_name = "WH", value_parser = Range::<10, 100_000>::parse, allow_hyphen_values = true)]
    battery: f64,
    /// The school's week: a TOML file with the table `timetable`; without it lessons on weekdays from 7 to 17, evening class from 18 to 21
    #[arg(long, value_name = "FILE")]
    timetable: Option<PathBuf>,
    /// Tablets that are charged on each school day
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1000), allow_hyphen_values = true)]
    tablets: u32,
    /// What charging one of them takes
    #[arg(long, value_name = "WH", default_value_t = 15.0, value_parser = Range::<0, 200>::parse, allow_hyphen_values = true)]
    tablet_wh: f64,
    /// What the projector draws
    #[arg(long, value_name = "W", default_value_t = 0.0, value_parser = Range::<0, 1000>::parse, allow_hyphen_values = true)]
    projector_w: f64,
    /// Hours of film a week
    #[arg(long, value_name = "H", default_value_t = 0.0, value_parser = Range::<0, 40>::parse, allow_hyphen_values = true)]
    film_h: f64,
    /// Percent of lesson-hours that must be served in a bad year
    #[arg(long, value_name = "PERCENT", default_value_t = 99.0, value_parser = Range::<0, 100>::parse, allow_hyphen_values = true)]
    served: f64,
    /// A price list: a TOML file with currency, panels = [{ w, price }], batteries = [{ wh, price }]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["panel_price", "battery_price"])]
    prices: Option<PathBuf>,
    /// Price of a watt of panel, EUR
    #[arg(long, value_name = "PRICE", value_parser = Range::<0, 1_000_000>::parse, allow_hyphen_values = true)]
    panel_price: Option<f64>,
    /// Price of a watt-hour of battery, EUR
    #[arg(long, value_name = "PRICE", value_parser = Range::<0, 1_000_000>::parse, allow_hyphen_values = true)]
    battery_price: Option<f64>,
    /// The school's clock less UTC; by default that of the longitude, to the hour
    #[arg(long, value_name = "H", value_parser = offset, allow_hyphen_values = true)]
    utc_offset: Option<f64>,
    /// Years of weather
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=50), allow_hyphen_values = true)]
    years: u8,
    /// Another draw of the weather
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Let thresholds decide in place of the planner: a second in place of a minute, and a little worse
    #[arg(long)]
    quick: bool,
    /// Print JSON: energy in Wh, power in W, time in h, shares 0 to 1
    #[arg(long)]
    json: bool,
    /// Write a drawing of the months, to be printed
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

const HELP: &str = "The sun comes from geometry and a table of the world's clearness (NASA MERRA-2, corrected; 95 of 100 stations lie within 16 %
of a year's sun). Foretold against simulated years of others, 30 W and 205 Wh, percent of lesson-hours lost: Khartoum 0.0
and 0.1, Cox's Bazar 0.1 and 0.7, Siargao 0.1 and 1.2, Kyiv (forty days of snow a year) 11 and 20.

Example:
  depot site --at 9.85,126.05 --panel 60 --battery 256 --timetable week.toml \\
      --tablets 10 --tablet-wh 15 --projector-w 60 --film-h 1.5 --svg school.svg";

impl Site {
    pub(super) fn run(self) -> Result<(), Failure> {
        let report = self.report()?;
        if let Some(path) = &self.svg {
            write_drawing(path, &chart::svg(&report))?;
        }
        if self.json {
            let json = serde_json::to_string_pretty(&report)
                .map_err(|error| Failure::NotDone(error.to_string()))?;
            tell::say(&json);
        } else {
            tell::say(&text::page(&report));
        }
        Ok(())
    }

    fn report(&self) -> Result<Report, Failure> {
        let (latitude, longitude) = self.at;
        let position = Position {
            latitude,
            longitude,
            utc_offset_hours: self
                .utc_offset
                .unwrap_or_else(|| (longitude / 15.0).round().clamp(-12.0, 12.0)),
        };
        let catalogue = self.catalogue()?;
        let school = self.school()?;
        let climate = Climate::at(latitude, longitude)
            .map_err(|error| Failure::NotDone(error.to_string()))?;
        let asked = Question {
            position,
            kit: Kit {
                panel_w: self.panel,
                battery_wh: self.battery,
            },
            climate: &climate,
            catalogue: &catalogue,
            served: self.served / 100.0,
            years: usize::from(self.years),
            planner: !self.quick,
        };
        answer(&asked, school, self.seed).map_err(|error| Failure::Usage(error.to_string()))
    }

    fn catalogue(&self) -> Result<Catalogue, Failure> {
        match &self.prices {
            Some(path) => Catalogue::read(path).map_err(Failure::Usage),
            None => Ok(Catalogue::usual(self.panel_price, self.battery_price)),
        }
    }

    fn school(&self) -> Result<School, Failure> {
        let timetable = match &self.timetable {
            Some(path) => {
                Timetable::read(path).map_err(|error| Failure::Usage(error.to_string()))?
            }
            None => Timetable::default(),
        };
        let wishes = Wishes {
            tablets: self.tablets,
            tablet_wh: self.tablet_wh,
            projector_w: self.projector_w,
            film_h: self.film_h,
        };
        School::new(&timetable, wishes).ok_or_else(|| {
            Failure::Usage(
                "the timetable has no lesson, so none can be lost; give school_days and lessons"
                    .to_owned(),
            )
        })
    }
}

fn answer(
    asked: &Question<'_>,
    school: School,
    seed: u64,
) -> Result<Report, power_mgmt::forecast::SiteError> {
    let study = Study::new(asked.position, school, asked.climate, asked.years, seed)?;
    let lived = if asked.planner {
        let lives: Vec<(Kit, usize)> = (0..study.years()).map(|year| (asked.kit, year)).collect();
        study.planned("years of planning", &lives)?
    } else {
        study.quick(&[asked.kit])?.into_iter().flatten().collect()
    };
    let sizing = sizing::search(&study, asked.catalogue, 1.0 - asked.served, asked.planner)?;
    Ok(Report::new(asked, &Outcome::of(&lived), sizing))
}

fn write_drawing(path: &Path, drawing: &str) -> Result<(), Failure> {
    fs::write(path, drawing).map_err(|error| {
        Failure::NotDone(format!(
            "the drawing {} cannot be written ({error}); give a file in a folder of yours",
            path.display()
        ))
    })
}

/// A finite number within whole bounds.
struct Range<const LOW: i64, const HIGH: i64>;

impl<const LOW: i64, const HIGH: i64> Range<LOW, HIGH> {
    fn parse(text: &str) -> Result<f64, String> {
        within(text, LOW as f64, HIGH as f64)
    }
}

fn within(text: &str, low: f64, high: f64) -> Result<f64, String> {
    let number: Option<f64> = text.trim().parse().ok();
    number
        .filter(|number| (low..=high).contains(number))
        .ok_or_else(|| format!("allowed is {low} to {high}"))
}

fn offset(text: &str) -> Result<f64, String> {
    within(text, -14.0, 14.0)
}

fn latitude_longitude(text: &str) -> Result<(f64, f64), String> {
    let rule = "give degrees north and east, such as 9.85,126.05";
    let (latitude, longitude) = text.split_once(',').ok_or(rule)?;
    let latitude = within(latitude, -90.0, 90.0)
        .map_err(|_| format!("the latitude must be -90 to 90: {rule}"))?;
    let longitude = within(longitude, -180.0, 180.0)
        .map_err(|_| format!("the longitude must be -180 to 180: {rule}"))?;
    Ok((latitude, longitude))
}
