//! The air of a box: radios of the kernel, a hostapd for each cell, one dnsmasq, one bridge.
//!
//! ```text
//!   serve ─┬─ network::Bridge   box0, its addresses, cables
//!          ├─ Names             dnsmasq, its leases
//!          └─ Cell …            hostapd; power by nl80211, guests by its control socket, all else by a restart
//!   signs ─── each daemon asked, stations of the kernel, addresses of leases and neighbours, halts of the kernel's log, rivals
//!   climb ─── SIGHUP → restart → interface down and up → device reset
//! ```
//!
//! A cell that does not come up holds up no other, and without any the cables are served all the same.

mod cell;
mod names;
mod places;
mod signs;

use super::hostapd::config::is_interface;
use super::kernel_log::{Halts, handed};
use super::network::{self, BRIDGE, Bridge};
use super::nl80211::Kernel;
use super::rival::Rivals;
use super::{Air, AirPlan, AirSigns, CellPlan, Country, Heard, NetPlan, RadioFacts, Rung, reset};
use crate::boot_time::since_boot;
use crate::error::{BoardError, all, chain, shortened};
use cell::Cell;
use names::Names;
use places::Places;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// A rung takes no longer.
const CLIMB: Duration = Duration::from_secs(9);
/// Of it, for a device to come back after its reset.
const COMES_BACK: Duration = Duration::from_secs(6);

/// The air of the machine that the box runs on.
#[derive(Debug)]
pub struct LinuxAir {
    places: Places,
    kernel: Option<Kernel>,
    halts: Halts,
    bridge: Option<Bridge>,
    net: Option<NetPlan>,
    cells: Vec<Cell>,
    names: Names,
    rivals: Rivals,
    /// Cables that were not there, and why.
    missing: BTreeMap<String, String>,
    /// Told once.
    notices: Vec<String>,
}

impl LinuxAir {
    /// Nothing is touched before the first plan. `run` is a folder that goes with the machine's restart, for configurations and sockets; `data`
    /// one that stays, for leases. Both are made when they are needed; the way to `run` is at most 80 bytes long, or sockets have no place.
    #[must_use]
    pub fn new(run: PathBuf, data: PathBuf) -> Self {
        let places = Places::new(run, data);
        Self {
            names: Names::new(&places),
            places,
            kernel: None,
            halts: Halts::open(handed::kernel_log()),
            bridge: None,
            net: None,
            cells: Vec::new(),
            rivals: Rivals::default(),
            missing: BTreeMap::new(),
            notices: Vec::new(),
        }
    }

    fn kernel(&mut self) -> Result<&mut Kernel, BoardError> {
        if self.kernel.is_none() {
            self.kernel = Some(Kernel::open()?);
        }
        self.kernel
            .as_mut()
            .ok_or_else(|| unknown_cell("the kernel"))
    }

    fn bridge(&mut self) -> Result<Bridge, BoardError> {
        if let Some(bridge) = &self.bridge {
            return Ok(bridge.clone());
        }
        self.places.made()?;
        let bridge = Bridge::new(BRIDGE, &self.places.secret()?);
        Ok(self.bridge.insert(bridge).clone())
    }

    /// The bridge, its cables, its names.
    fn serve_net(&mut self, net: &NetPlan, bridge: &Bridge) -> Result<(), BoardError> {
        if let Some(odd) = net.cables.iter().find(|cable| !is_interface(cable)) {
            return Err(BoardError::BadPlan {
                what: "the cable",
                asked: shortened(odd),
                expected: "a name of a network interface",
            });
        }
        bridge.hold(net.address, net.prefix)?;
        let before = self.net.replace(net.clone());
        let gone = before.iter().flat_map(|before| &before.cables);
        for cable in gone.filter(|cable| !net.cables.contains(cable)) {
            bridge.drop_cable(cable)?;
        }
        self.missing.clear();
        for cable in &net.cables {
            self.missing.insert(cable.clone(), String::new());
        }
        self.add_missing(bridge);
        if before.as_ref().map(|before| &before.cables) != Some(&net.cables) {
            self.rivals.ask_soon();
        }
        if self.names.serve(net, &self.places, bridge)? {
            self.rivals.ask_soon();
        }
        Ok(())
    }

    /// Puts cables on the bridge that were not there the last time; a network adapter may be plugged in at any time.
    fn add_missing(&mut self, bridge: &Bridge) {
        let missing = std::mem::take(&mut self.missing);
        for (cable, _) in missing {
            let added = bridge
                .add_cable(&cable)
                .and_then(|()| bridge.isolate(&cable));
            match added {
                Ok(()) => self.rivals.ask_soon(),
                Err(error) => {
                    self.missing.insert(cable, chain(&error));
                }
            }
        }
    }

    fn serve_cell(&mut self, plan: &CellPlan, bridge: &Bridge) -> Result<(), BoardError> {
        let same = |cell: &&mut Cell| cell.plan.interface == plan.interface;
        if let Some(cell) = self.cells.iter_mut().find(same) {
            return cell.follow(plan.clone(), &self.places, bridge.name());
        }
        let mut cell = Cell::new(plan.clone(), &self.places, bridge.name())?;
        let started = cell.start(&self.places);
        // Also one that could not be started has its signs.
        self.cells.push(cell);
        started
    }

    fn cell(&mut self, interface: &str) -> Result<usize, BoardError> {
        let found = self
            .cells
            .iter()
            .position(|cell| cell.plan.interface == interface);
        found.ok_or_else(|| unknown_cell(interface))
    }

    fn rung(&mut self, at: usize, rung: Rung) -> Result<(), BoardError> {
        let until = since_boot() + CLIMB;
        let places = self.places.clone();
        let Some(cell) = self.cells.get_mut(at) else {
            return Err(unknown_cell("none"));
        };
        let interface = cell.plan.interface.clone();
        match rung {
            Rung::Reload => cell.reload(&places)?,
            Rung::RestartDaemon => cell.restart(&places)?,
            Rung::InterfaceDownUp => {
                cell.end(cell::TO_END);
                let moved = network::down_up(&interface);
                // It is started whatever came of it: the cell was on the air before, perhaps.
                cell.start(&places)?;
                moved?;
            }
            Rung::ResetDevice => {
                cell.end(cell::TO_END);
                let moved = reset::reset(&interface).map_err(BoardError::from);
                let back = network::wait_for(&interface, COMES_BACK);
                cell.start(&places)?;
                moved?;
                back?;
            }
        }
        cell.await_air(&places, until)
    }
}

impl Air for LinuxAir {
    fn radios(&mut self) -> Result<Vec<RadioFacts>, BoardError> {
        Ok(self.kernel()?.radios()?)
    }

    fn follow(&mut self, country: Country) -> Result<(), BoardError> {
        Ok(self.kernel()?.follow(country)?)
    }

    fn scan(&mut self, interface: &str) -> Result<Vec<Heard>, BoardError> {
        Ok(self.kernel()?.scan(interface)?)
    }

    fn serve(&mut self, plan: &AirPlan) -> Result<(), BoardError> {
        let bridge = self.bridge()?;
        let planned = |cell: &Cell| {
            let same = |plan: &CellPlan| plan.interface == cell.plan.interface;
            plan.cells.iter().any(same)
        };
        let (keep, mut gone) = std::mem::take(&mut self.cells)
            .into_iter()
            .partition(planned);
        self.cells = keep;
        end_all(&mut gone);
        let mut outcomes = vec![self.serve_net(&plan.net, &bridge)];
        for cell in &plan.cells {
            outcomes.push(self.serve_cell(cell, &bridge));
        }
        all(outcomes)
    }

    fn signs(&mut self) -> AirSigns {
        self.look()
    }

    fn climb(&mut self, interface: &str, rung: Rung) -> Result<(), BoardError> {
        let at = self.cell(interface)?;
        self.rung(at, rung)
    }

    fn silence(&mut self) {
        self.names.ask_to_end();
        end_all(&mut self.cells);
        self.cells.clear();
        self.names.end(None);
        self.net = None;
        self.rivals = Rivals::default();
    }
}

/// All at once: each is asked first, then waited for.
fn end_all(cells: &mut [Cell]) {
    for cell in cells.iter() {
        cell.ask_to_end();
    }
    for cell in cells.iter_mut() {
        cell.end(cell::TO_END);
    }
}

fn unknown_cell(interface: &str) -> BoardError {
    BoardError::BadPlan {
        what: "a cell on",
        asked: shortened(interface),
        expected: "a radio of the plan",
    }
}
