//! What the service knows and wants: from facts, scans and signs to the next thing that is asked of the air. Pure: time is an argument.
//!
//! Machines' grammar: `handle_*` takes what came, [`Mind::poll_action`] says what to do next, until it says nothing.

use super::admission::{Admission, Seating};
use super::channel::Asked;
use super::ladder::{Ill, Ladder, Step};
use super::schedule::{self, Silence, Wish};
use super::survey::Survey;
use crate::config::air::{Air as Wanted, BandGhz};
use board_support::radio::{
    AirPlan, AirSigns, Band, CellPlan, CellSigns, Country, Heard, Mac, Permission, RadioFacts,
    Rung, Station,
};
use power_mgmt::LoadPlan;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// Between two looks at the signs.
const LOOK_EVERY: Duration = Duration::from_millis(900);
/// A plan that was not taken is tried again after so long.
const SERVE_AGAIN: Duration = Duration::from_secs(5);
/// The questions themselves have hung for so long: only a restart of the machine helps.
const HANG: Duration = Duration::from_secs(60);
/// The world's least: allowed everywhere (regulatory domain `00` of the kernel).
pub(super) const WORLD: Country = Country(*b"00");

/// What is asked of the air, or of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    Follow(Country),
    AskRadios,
    Scan(String),
    Serve(Box<AirPlan>),
    AskSigns,
    Climb {
        interface: String,
        rung: Rung,
        ill: Ill,
    },
}

/// What is so at a moment.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    /// Since boot.
    pub(super) now: Duration,
    /// The plan in force.
    pub(super) plan: LoadPlan,
    /// Minute of the local day; `None` while no clock is trusted.
    pub(super) minute: Option<u16>,
}

/// What does not change while the box runs.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) wanted: Wanted,
    /// The network's name.
    pub(super) name: String,
    /// Its key.
    pub(super) phrase: String,
    pub(super) host: String,
    /// What was wrong before the service began: a line each.
    pub(super) trouble: Vec<String>,
}

/// See the [module](self).
pub(super) struct Mind {
    pub(super) settings: Settings,
    asks_to_follow: bool,
    pub(super) follow_trouble: Option<String>,
    pub(super) survey: Survey,
    pub(super) wish: Wish,
    woken_at: Option<Duration>,
    /// What was planned last, whatever came of it.
    pub(super) served: Option<AirPlan>,
    pub(super) serve_failed: Option<(Duration, String)>,
    pub(super) ladders: HashMap<String, Ladder>,
    climbs: VecDeque<(String, Rung, Ill)>,
    pub(super) signs: Option<AirSigns>,
    signs_asked: Option<Duration>,
    pub(super) silent_since: Option<Duration>,
    reboot: Option<String>,
    admission: Admission,
    pub(super) seating: Seating,
}

impl Mind {
    pub(super) fn new(settings: Settings, now: Duration) -> Self {
        let kit: Vec<Mac> = settings.wanted.kit.iter().copied().map(Mac).collect();
        let asked = Asked {
            band: settings.wanted.band.map(|band| match band {
                BandGhz::Two => Band::Two,
                BandGhz::Five => Band::Five,
            }),
            channel: settings.wanted.channel,
        };
        Self {
            asks_to_follow: settings.wanted.country.is_some(),
            admission: Admission::new(kit, settings.wanted.reserved_seats),
            settings,
            follow_trouble: None,
            survey: Survey::new(asked, now),
            wish: Wish::Silent(Silence::Power),
            woken_at: None,
            served: None,
            serve_failed: None,
            ladders: HashMap::new(),
            climbs: VecDeque::new(),
            signs: None,
            signs_asked: None,
            silent_since: None,
            reboot: None,
            seating: Seating::default(),
        }
    }

    /// A person pressed the button.
    pub(super) fn handle_person(&mut self, now: Duration) {
        self.woken_at = Some(now);
    }

    /// The kernel knows the country, or not.
    pub(super) fn handle_followed(&mut self, followed: Result<(), String>) {
        self.follow_trouble = followed.err().map(|error| {
            let country = self.settings.wanted.country.unwrap_or(WORLD.0);
            format!(
                "air.country = {:?} is not taken ({error}): the rules that hold everywhere hold; give the country's two letters",
                String::from_utf8_lossy(&country)
            )
        });
    }

    /// What radios there are; `None`: the question hangs.
    pub(super) fn handle_radios(
        &mut self,
        radios: Option<Result<Vec<RadioFacts>, String>>,
        now: Duration,
    ) {
        let hangs = radios.is_none();
        self.survey.handle_radios(radios, now);
        if hangs {
            self.handle_hang(now);
        }
    }

    /// What a radio heard; `None`: the question hangs.
    pub(super) fn handle_heard(
        &mut self,
        interface: &str,
        heard: Option<Result<Vec<Heard>, String>>,
        now: Duration,
    ) {
        let hangs = heard.is_none();
        self.survey.handle_heard(interface, heard, now);
        if hangs {
            self.handle_hang(now);
        }
    }

    /// The plan was taken, or not.
    pub(super) fn handle_served(
        &mut self,
        plan: AirPlan,
        done: Option<Result<(), String>>,
        now: Duration,
    ) {
        self.ladders.retain(|interface, _| {
            let planned = |cell: &CellPlan| cell.interface == *interface;
            plan.cells.iter().any(planned)
        });
        match done {
            Some(Ok(())) => {
                self.serve_failed = None;
                for cell in &plan.cells {
                    let ladder = self.ladders.entry(cell.interface.clone());
                    ladder
                        .or_insert_with(|| Ladder::new(now))
                        .handle_planned(now);
                }
            }
            Some(Err(error)) => self.serve_failed = Some((now, error)),
            None => {
                self.serve_failed = Some((now, "it takes too long".to_owned()));
                self.handle_hang(now);
            }
        }
        // One part that fails holds up no other: what came on the air of it has its seats and is told.
        self.served = Some(plan);
    }

    /// A look at how it goes; `None`: the question hangs.
    pub(super) fn handle_signs(&mut self, signs: Option<AirSigns>, now: Duration) {
        self.signs_asked = Some(now);
        let Some(signs) = signs else {
            return self.handle_hang(now);
        };
        self.silent_since = None;
        for cell in &signs.cells {
            self.watch(cell, now);
        }
        if self.climbs.is_empty() && signs.cells.iter().all(is_well) {
            self.reboot = None;
        }
        self.seat(&signs, now);
        self.signs = Some(signs);
    }

    fn watch(&mut self, cell: &CellSigns, now: Duration) {
        let radar = self
            .survey
            .channel_of(&cell.interface)
            .is_some_and(|channel| channel.permission == Permission::Radar);
        // Of a plan that was not taken whole, what came on the air is healed too; what never did is told with the plan.
        if is_well(cell) && self.survey.channel_of(&cell.interface).is_some() {
            let ladder = self.ladders.entry(cell.interface.clone());
            ladder.or_insert_with(|| Ladder::new(now));
        }
        let Some(ladder) = self.ladders.get_mut(&cell.interface) else {
            return;
        };
        match ladder.handle_signs(cell, radar, now) {
            Step::Rest => {}
            Step::Climb(rung, ill) => self.climbs.push_back((cell.interface.clone(), rung, ill)),
            Step::Reboot(ill) => {
                self.reboot = Some(format!(
                    "radio {} does not heal ({})",
                    cell.interface,
                    ill.as_str()
                ));
            }
        }
    }

    fn seat(&mut self, signs: &AirSigns, now: Duration) {
        let stations: Vec<&Station> = signs.cells.iter().flat_map(|cell| &cell.stations).collect();
        if !stations.is_empty() {
            self.survey.handle_company(now);
        }
        let seats = self
            .served
            .iter()
            .flat_map(|plan| &plan.cells)
            .map(|cell| usize::from(cell.clients_at_most))
            .sum();
        self.seating = self.admission.handle_stations(&stations, seats, now);
    }

    fn handle_hang(&mut self, now: Duration) {
        let since = *self.silent_since.get_or_insert(now);
        if now.saturating_sub(since) >= HANG && self.reboot.is_none() {
            self.reboot = Some("the radio's driver hangs".to_owned());
        }
    }

    /// Why only a restart of the machine is left.
    pub(super) fn reboot_wish(&self) -> Option<&str> {
        self.reboot.as_deref()
    }

    /// Whether some cell serves as it should.
    pub(super) fn serves(&self) -> bool {
        self.silent_since.is_none()
            && self
                .signs
                .iter()
                .flat_map(|signs| &signs.cells)
                .any(is_well)
    }

    /// Nothing is known of the air yet.
    pub(super) const fn is_new(&self) -> bool {
        self.signs.is_none() && self.silent_since.is_none()
    }

    /// The questions hang just now.
    pub(super) const fn hangs(&self) -> bool {
        self.silent_since.is_some()
    }

    pub(super) fn signs_of(&self, interface: &str) -> Option<&CellSigns> {
        let cells = &self.signs.as_ref()?.cells;
        cells.iter().find(|cell| cell.interface == interface)
    }

    /// Silent on purpose, and why.
    pub(super) const fn silence(&self) -> Option<Silence> {
        match self.wish {
            Wish::Silent(why) => Some(why),
            Wish::On { .. } => None,
        }
    }

    /// The next thing to do, if there is one now.
    pub(super) fn poll_action(&mut self, moment: &Moment) -> Option<Action> {
        let now = moment.now;
        let woken = self
            .woken_at
            .is_some_and(|at| now.saturating_sub(at) < schedule::WOKEN);
        self.wish = schedule::wish(
            &moment.plan,
            self.settings.wanted.night_off,
            moment.minute,
            woken,
        );
        if std::mem::take(&mut self.asks_to_follow) {
            let country = self.settings.wanted.country.map_or(WORLD, Country);
            return Some(Action::Follow(country));
        }
        if self.survey.radios_are_due(now) {
            return Some(Action::AskRadios);
        }
        if let Some(interface) = self.survey.poll_scan(moment.minute, now) {
            return Some(Action::Scan(interface));
        }
        self.survey.choose();
        if let Some(plan) = self.plan_to_serve(now) {
            return Some(Action::Serve(Box::new(plan)));
        }
        if let Some((interface, rung, ill)) = self.climbs.pop_front() {
            return Some(Action::Climb {
                interface,
                rung,
                ill,
            });
        }
        let looks = self
            .signs_asked
            .is_none_or(|at| now.saturating_sub(at) >= LOOK_EVERY);
        looks.then_some(Action::AskSigns)
    }

    /// The wanted plan, unless it is the one that is served. One that failed is tried again after a pause.
    fn plan_to_serve(&mut self, now: Duration) -> Option<AirPlan> {
        let plan = self.plan();
        let due = match &self.serve_failed {
            Some((at, _)) => now.saturating_sub(*at) >= SERVE_AGAIN,
            None => self.served.as_ref() != Some(&plan),
        };
        due.then_some(plan)
    }
}

pub(super) fn is_well(cell: &CellSigns) -> bool {
    cell.on_air && cell.daemon == board_support::radio::Daemon::Answers && !cell.firmware_halted
}

#[cfg(test)]
mod tests;
