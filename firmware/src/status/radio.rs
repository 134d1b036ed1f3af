//! The access point, as people and programs see it.

use crate::services::access_point::{AirReport, AirState, CellReport};
use board_support::radio::{Band, Rung};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// The access point.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Radio {
    /// `off` (no radio configured, permitted or able) or `on`.
    pub state: RadioState,
    /// Clients on the air.
    pub clients: u16,
    /// Why it is off on purpose: `switched_off`, `power`, `night`; `None` where it is on, or should be.
    #[serde(default)]
    pub silent: Option<String>,
    /// It should be on the air and is not.
    #[serde(default)]
    pub broken: bool,
    /// The network's name; empty where there is none.
    #[serde(default)]
    pub network: String,
    /// Anybody can join it.
    #[serde(default)]
    pub open: bool,
    /// What serves.
    #[serde(default)]
    pub cells: Vec<Cell>,
    /// Clients at most.
    #[serde(default)]
    pub client_limit: u16,
    /// Clients that were turned away for want of a seat.
    #[serde(default)]
    pub refused: u64,
    /// Clients that wait for a seat.
    #[serde(default)]
    pub waiting: u16,
    /// Addresses that are lent.
    #[serde(default)]
    pub leases: u64,
    /// Another device on the network that gives out addresses.
    #[serde(default)]
    pub rival_dhcp: Option<Ipv4Addr>,
    /// What is wrong: a line each; they stand in `degraded` too.
    #[serde(default)]
    pub trouble: Vec<String>,
    /// What people should know though nothing is wrong.
    #[serde(default)]
    pub notice: Option<String>,
    /// How often a radio's device was reset since the box started.
    #[serde(default)]
    pub resets: u64,
}

/// Whether the box is on the air.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RadioState {
    /// Silent.
    #[default]
    Off,
    /// Serving an access point.
    On,
}

/// One radio's part of the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// The radio.
    pub interface: String,
    /// `2.4` or `5`.
    pub band_ghz: String,
    /// Its channel.
    pub channel: u8,
    /// Transmit power, dBm.
    pub dbm: u8,
    /// It serves.
    pub on_air: bool,
    /// Clients on it.
    pub clients: u16,
    /// Clients at most.
    pub client_limit: u16,
    /// The highest rung of the healing ladder that was climbed for it lately: `reload`, `restart_daemon`, `interface_down_up`, `reset_device`.
    pub rung: Option<String>,
}

impl Radio {
    /// What the access point's report says.
    #[must_use]
    pub fn of(report: &AirReport) -> Self {
        Self {
            state: match report.state {
                AirState::OnAir => RadioState::On,
                AirState::Off | AirState::Starting | AirState::Silent(_) | AirState::Broken => {
                    RadioState::Off
                }
            },
            silent: match report.state {
                AirState::Off => Some("switched_off".to_owned()),
                AirState::Silent(why) => Some(why.as_str().to_owned()),
                AirState::OnAir | AirState::Starting | AirState::Broken => None,
            },
            broken: report.state == AirState::Broken,
            clients: report.clients(),
            network: report.network.clone(),
            open: report.open,
            cells: report.cells.iter().map(Cell::of).collect(),
            client_limit: report.client_limit(),
            refused: report.refused,
            waiting: report.waiting,
            leases: report.leases,
            rival_dhcp: report.rival,
            trouble: report.trouble.clone(),
            notice: report.notice.clone(),
            resets: report.resets,
        }
    }
}

impl Cell {
    fn of(report: &CellReport) -> Self {
        Self {
            interface: report.interface.clone(),
            band_ghz: match report.band {
                Band::Two => "2.4",
                Band::Five => "5",
            }
            .to_owned(),
            channel: report.channel,
            dbm: report.dbm,
            on_air: report.on_air,
            clients: report.clients,
            client_limit: report.client_limit,
            rung: report.rung.map(Rung::as_str).map(str::to_owned),
        }
    }
}
