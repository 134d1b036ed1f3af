//! The air as files in `DIR/radio`. What stands in each is told in the table of [`crate::sim`]; `lines` reads and writes it.

mod lines;

use crate::BoardError;
use crate::files::{Output, bad_input, read_text};
use crate::radio::{
    Air, AirPlan, AirSigns, CellPlan, CellSigns, Country, Daemon, Heard, RadioFacts, Rung, Station,
};
use lines::{cell_line, mac, net_line, radio, station};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What there is without a file `facts`.
const PLAIN_RADIO: &str = "wlan0";
/// Frames that a deaf radio hears between two looks.
const FRAMES_A_LOOK: u64 = 50;
/// Rungs that `rungs` shows.
const RUNGS_SHOWN: usize = 20;
/// Between two looks whether a hang is lifted.
const HANG_LOOK: Duration = Duration::from_millis(50);

/// The simulated radios.
pub(super) struct FileAir {
    dir: PathBuf,
    plan: Option<AirPlan>,
    country: Option<Country>,
    fault: Faulty,
    frames: u64,
    air: Output,
    rungs: Output,
    climbed: Vec<String>,
}

/// What `fault` asked for, and whether a rung has healed it.
#[derive(Default)]
struct Faulty {
    text: String,
    healed: bool,
}

/// What a cell suffers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    Silent,
    Gone,
    NoBeacons,
    Deaf,
    Halted,
    Hang,
}

impl FileAir {
    pub(super) fn new(dir: &Path) -> Self {
        let dir = dir.join("radio");
        Self {
            air: Output::new(dir.join("air")),
            rungs: Output::new(dir.join("rungs")),
            dir,
            plan: None,
            country: None,
            fault: Faulty::default(),
            frames: 0,
            climbed: Vec::new(),
        }
    }

    fn lines(&self, name: &str) -> Result<Option<Vec<String>>, BoardError> {
        let text = read_text(&self.dir.join(name))?;
        Ok(text.map(|text| {
            let lines = text.lines().map(|line| line.trim().to_owned());
            lines.filter(|line| !line.is_empty()).collect()
        }))
    }

    /// The fault in force on `interface`. A line that cannot be understood asks for none.
    fn fault_of(&mut self, interface: &str) -> Fault {
        let text = read_text(&self.dir.join("fault"))
            .ok()
            .flatten()
            .unwrap_or_default();
        if text != self.fault.text {
            self.fault = Faulty {
                text,
                healed: false,
            };
        }
        let mut words = self.fault.text.split_whitespace();
        let (word, _, only) = (words.next(), words.next(), words.next());
        if self.fault.healed || only.is_some_and(|only| only != interface) {
            return Fault::None;
        }
        match word {
            Some("silent") => Fault::Silent,
            Some("gone") => Fault::Gone,
            Some("no-beacons") => Fault::NoBeacons,
            Some("deaf") => Fault::Deaf,
            Some("halted") => Fault::Halted,
            Some("hang") => Fault::Hang,
            Some(_) | None => Fault::None,
        }
    }

    fn signs_of(&mut self, cell: &CellPlan, stations: &[(Station, Option<String>)]) -> CellSigns {
        let fault = self.fault_of(&cell.interface);
        let here = stations.iter().filter(|(station, at)| {
            let taken = cell.only.as_ref();
            taken.is_none_or(|only| only.contains(&station.mac))
                && at.as_ref().is_none_or(|at| *at == cell.interface)
        });
        let most = usize::from(cell.clients_at_most);
        let (here, heard): (Vec<_>, usize) = (here.clone().take(most).collect(), here.count());
        let on_air = matches!(fault, Fault::None | Fault::Silent | Fault::Deaf);
        CellSigns {
            interface: cell.interface.clone(),
            daemon: match fault {
                Fault::Silent => Daemon::Silent,
                Fault::Gone => Daemon::Gone,
                Fault::None | Fault::NoBeacons | Fault::Deaf | Fault::Halted | Fault::Hang => {
                    Daemon::Answers
                }
            },
            on_air,
            stations: if fault == Fault::None {
                here.into_iter()
                    .map(|(station, _)| station.clone())
                    .collect()
            } else {
                Vec::new()
            },
            frames_heard: Some(self.frames),
            firmware_halted: fault == Fault::Halted,
            refused: u64::try_from(heard.saturating_sub(most)).unwrap_or(0),
            trouble: (!on_air).then(|| format!("simulated: {}", self.fault.text)),
        }
    }

    /// What is served now; never the phrase.
    fn show(&mut self) -> Result<(), BoardError> {
        let mut text = String::new();
        if let Some(plan) = &self.plan {
            for cell in &plan.cells {
                let _ = writeln!(text, "{}", cell_line(cell));
            }
            let _ = writeln!(text, "{}", net_line(&plan.net));
        }
        self.air.put(text)
    }
}

impl Air for FileAir {
    fn radios(&mut self) -> Result<Vec<RadioFacts>, BoardError> {
        let Some(lines) = self.lines("facts")? else {
            return Ok(vec![radio(PLAIN_RADIO, 0, &BTreeMap::new(), self.country)]);
        };
        let radios = lines.iter().enumerate().map(|(place, line)| {
            let mut words = line.split_whitespace();
            let name = words.next().unwrap_or(PLAIN_RADIO);
            let options = words.map(|word| word.split_once('=').ok_or(word));
            let options: Result<BTreeMap<_, _>, _> = options.collect();
            let options = options.map_err(|word| {
                bad_input(
                    &self.dir.join("facts"),
                    word,
                    "INTERFACE and words of KEY=VALUE",
                )
            })?;
            Ok(radio(name, place, &options, self.country))
        });
        radios.collect()
    }

    fn follow(&mut self, country: Country) -> Result<(), BoardError> {
        let known = self.lines("countries")?;
        let name = String::from_utf8_lossy(&country.0).into_owned();
        if known.is_some_and(|known| !known.contains(&name)) {
            let path = self.dir.join("countries");
            return Err(bad_input(&path, &name, "a country that stands there"));
        }
        self.country = Some(country);
        Ok(())
    }

    fn scan(&mut self, _interface: &str) -> Result<Vec<Heard>, BoardError> {
        let path = self.dir.join("heard");
        let wrong = |line: &str| bad_input(&path, line, "lines of MAC MHZ DBM NAME");
        let lines = self.lines("heard")?.unwrap_or_default();
        let heard = lines.iter().map(|line| {
            let mut words = line.splitn(4, ' ');
            let mac = words.next().and_then(mac);
            let mhz = words.next().and_then(|mhz| mhz.parse().ok());
            let dbm = words.next().and_then(|dbm| dbm.parse().ok());
            match (mac, mhz, dbm) {
                (Some(mac), Some(mhz), Some(dbm)) => Ok(Heard {
                    name: words.next().unwrap_or_default().to_owned(),
                    mac,
                    mhz,
                    dbm,
                }),
                _ => Err(wrong(line)),
            }
        });
        heard.collect()
    }

    fn serve(&mut self, plan: &AirPlan) -> Result<(), BoardError> {
        self.plan = Some(plan.clone());
        self.show()
    }

    fn signs(&mut self) -> AirSigns {
        while self.fault_of("") == Fault::Hang {
            std::thread::park_timeout(HANG_LOOK);
        }
        self.frames += FRAMES_A_LOOK;
        let cells = self
            .plan
            .as_ref()
            .map_or_else(Vec::new, |plan| plan.cells.clone());
        let mut trouble = Vec::new();
        let stations = self.stations().unwrap_or_else(|error| {
            trouble.push(error.to_string());
            Vec::new()
        });
        let cells: Vec<_> = cells
            .iter()
            .map(|cell| self.signs_of(cell, &stations))
            .collect();
        AirSigns {
            leases: cells.iter().map(|cell| cell.stations.len()).sum(),
            cells,
            names: Daemon::Answers,
            rival: self
                .lines("rival")
                .ok()
                .flatten()
                .and_then(|lines| lines.first()?.parse().ok()),
            trouble,
        }
    }

    fn climb(&mut self, interface: &str, rung: Rung) -> Result<(), BoardError> {
        let fault = self.fault_of(interface);
        self.climbed.push(format!("{interface} {}", rung.as_str()));
        let skip = self.climbed.len().saturating_sub(RUNGS_SHOWN);
        let shown = self.climbed.get(skip..).unwrap_or_default().join("\n");
        self.rungs.put(format!("{shown}\n"))?;
        let heals = self.fault.text.split_whitespace().nth(1);
        let heals = heals.and_then(|word| Rung::ALL.iter().find(|rung| rung.as_str() == word));
        if fault != Fault::None && heals.is_some_and(|least| rung >= *least) {
            self.fault.healed = true;
        }
        self.show()
    }

    fn silence(&mut self) {
        self.plan = None;
        // A folder that is gone shows nothing, and so does silence.
        let _ = self.show();
    }
}

impl FileAir {
    /// Who is there, and on which cell, where the line says so.
    fn stations(&self) -> Result<Vec<(Station, Option<String>)>, BoardError> {
        let path = self.dir.join("stations");
        let lines = self.lines("stations")?.unwrap_or_default();
        let stations = lines.iter().map(|line| {
            station(line).ok_or_else(|| {
                bad_input(
                    &path,
                    line,
                    "lines of MAC DBM IDLE_S ADDRESS[,ADDRESS] [INTERFACE]",
                )
            })
        });
        stations.collect()
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly and writes its own files"
)]
mod tests;
