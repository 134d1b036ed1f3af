//! How the air goes: each daemon asked, devices of the kernel, addresses of leases and neighbours, halts of the kernel's log, rivals.

use super::LinuxAir;
use crate::boot_time::since_boot;
use crate::error::chain;
use crate::radio::kernel_log::Halt;
use crate::radio::network::Bridge;
use crate::radio::{AirSigns, CellSigns, Daemon, Mac, NetPlan, Station};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// For all questions of one look to all daemons.
const LOOK: Duration = Duration::from_millis(1200);
/// One question at the least.
const QUESTION: Duration = Duration::from_millis(100);
/// Addresses of the network by device.
type Addresses = BTreeMap<Mac, Vec<IpAddr>>;

impl LinuxAir {
    /// Asks every daemon and the kernel; at most 2 s.
    pub(super) fn look(&mut self) -> AirSigns {
        let now = since_boot();
        let mut trouble = std::mem::take(&mut self.notices);
        trouble.extend(self.halts.trouble());
        if let Err(error) = self.names.forget_where_asked(&self.places) {
            trouble.push(chain(&error));
        }
        let leases = self.names.leases(now, &mut trouble);
        let mut whose = Addresses::new();
        for lease in &leases.all {
            add(&mut whose, lease.mac, lease.address.into());
        }
        let (mut names, mut rival) = (Daemon::Gone, None);
        let share = LOOK / u32::try_from(self.cells.len() + 1).unwrap_or(u32::MAX);
        let patience = share.max(QUESTION);
        if let (Some(bridge), Some(net)) = (self.bridge.clone(), self.net.clone()) {
            self.add_missing(&bridge);
            for (ip, mac) in bridge.neighbours().unwrap_or_default() {
                add(&mut whose, mac, ip);
            }
            names = self.names.look(net.address, patience);
            rival = self.rival(&bridge, &net, now, &mut trouble);
        }
        trouble.extend(self.missing.iter().map(|(cable, why)| {
            format!("nothing is served at the cable {cable}: {why}; plug it in, or take it out of the configuration")
        }));
        if names == Daemon::Gone && self.net.is_some() {
            trouble.push(self.names.cause());
        }
        let halts = self.halts.look();
        let cells = (0..self.cells.len())
            .filter_map(|at| self.cell_signs(at, &whose, &halts, patience))
            .collect();
        AirSigns {
            cells,
            names,
            leases: leases.all.len(),
            rival,
            trouble,
        }
    }

    fn cell_signs(
        &mut self,
        at: usize,
        whose: &Addresses,
        halts: &[Halt],
        patience: Duration,
    ) -> Option<CellSigns> {
        let cell = self.cells.get_mut(at)?;
        let (daemon, status) = cell.look(&self.places, patience);
        let trouble = cell.trouble(daemon, status.as_ref());
        let mut signs = CellSigns {
            interface: cell.plan.interface.clone(),
            daemon,
            on_air: trouble.is_none(),
            stations: Vec::new(),
            frames_heard: None,
            firmware_halted: halts.iter().any(|halt| halt.concerns(&cell.radio)),
            refused: cell.refused(),
            trouble,
        };
        if signs.on_air {
            self.settle(at, &mut signs);
        }
        self.stations(at, &mut signs, whose, patience);
        Some(signs)
    }

    /// What can be set only when a cell is on the air: its power, and that its port is kept from the others.
    fn settle(&mut self, at: usize, signs: &mut CellSigns) {
        let bridge = self.bridge.clone();
        // Without it the power stays due.
        let _ = self.kernel();
        let Some(cell) = self.cells.get_mut(at) else {
            return;
        };
        let interface = &cell.plan.interface;
        if !cell.isolated
            && let Some(bridge) = bridge
        {
            match bridge.isolate(interface) {
                Ok(()) => cell.isolated = true,
                Err(error) => signs.trouble = Some(chain(&error)),
            }
        }
        if cell.power_due
            && let Some(kernel) = &mut self.kernel
        {
            cell.power_due = false;
            if let Err(error) = kernel.set_power(interface, cell.plan.dbm) {
                self.notices.push(format!(
                    "{}: it sends as loud as its driver likes",
                    chain(&error)
                ));
            }
        }
    }

    fn stations(
        &mut self,
        at: usize,
        signs: &mut CellSigns,
        whose: &Addresses,
        patience: Duration,
    ) {
        let kernel = self.kernel().ok();
        let of_kernel = kernel.and_then(|kernel| {
            signs.frames_heard = kernel.frames_heard(&signs.interface).ok().flatten();
            kernel.stations(&signs.interface).ok()
        });
        signs.stations = of_kernel.unwrap_or_else(|| {
            let listed = self
                .cells
                .get(at)
                .filter(|_| signs.daemon == Daemon::Answers);
            let all = listed.map(|cell| cell.listed(&self.places, patience));
            all.unwrap_or_default().into_iter().map(nameless).collect()
        });
        for station in &mut signs.stations {
            station.addresses = whose.get(&station.mac).cloned().unwrap_or_default();
        }
    }

    fn rival(
        &mut self,
        bridge: &Bridge,
        net: &NetPlan,
        now: Duration,
        trouble: &mut Vec<String>,
    ) -> Option<Ipv4Addr> {
        match self.rivals.look(bridge.name(), net.address, now) {
            Ok(rival) => rival,
            Err(error) => {
                trouble.push(format!("other DHCP servers cannot be looked for: {error}"));
                None
            }
        }
    }
}

fn add(whose: &mut Addresses, mac: Mac, ip: IpAddr) {
    let addresses = whose.entry(mac).or_default();
    if !addresses.contains(&ip) {
        addresses.push(ip);
    }
}

/// A device of which nothing more is known.
fn nameless(mac: Mac) -> Station {
    Station {
        mac,
        dbm: None,
        kbit_s: None,
        idle: Duration::ZERO,
        addresses: Vec::new(),
    }
}
