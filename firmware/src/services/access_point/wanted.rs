//! What shall be on the air, of what is configured, chosen and wished. Pure.

use super::channel::Placed;
use super::mind::{Mind, WORLD};
use super::schedule::Wish;
use crate::config::air::Lock;
use board_support::radio::{AirPlan, CellPlan, Country, NetPlan, RadioFacts, Security};

impl Mind {
    pub(super) fn plan(&self) -> AirPlan {
        let wanted = &self.settings.wanted;
        let cells = match self.wish {
            Wish::Silent(_) => Vec::new(),
            Wish::On { dbm, beacon_tu } => self.cells(dbm, beacon_tu),
        };
        AirPlan {
            cells,
            net: NetPlan {
                address: wanted.address.0,
                prefix: wanted.address.1,
                host: self.settings.host.clone(),
                lease: wanted.lease,
                // No box holds a certificate for its name.
                portal_api: None,
                cables: wanted.cables.clone(),
            },
        }
    }

    fn cells(&self, dbm: u8, beacon_tu: u16) -> Vec<CellPlan> {
        let cell = |placed: &Placed| {
            let radio = self
                .survey
                .radios
                .iter()
                .find(|radio| radio.interface == placed.interface)?;
            Some(CellPlan {
                interface: placed.interface.clone(),
                name: self.settings.name.clone(),
                security: self.security(radio),
                country: self.country(radio),
                channel: placed.channel,
                dbm: dbm.min(placed.channel.dbm_at_most),
                beacon_tu,
                clients_at_most: seats(radio),
                only: self.seating.only.clone(),
            })
        };
        self.survey.choice.placed.iter().filter_map(cell).collect()
    }

    fn security(&self, radio: &RadioFacts) -> Security {
        let phrase = || self.settings.phrase.clone();
        match self.settings.wanted.lock {
            Lock::Open => Security::Open,
            Lock::Wpa3 if radio.wpa3 => Security::Wpa3AndWpa2(phrase()),
            Lock::Wpa2 | Lock::Wpa3 => Security::Wpa2(phrase()),
        }
    }

    /// Whose rules hold on this radio: those asked for, if they were taken.
    fn country(&self, radio: &RadioFacts) -> Country {
        let asked = self.settings.wanted.country.map(Country);
        let taken = asked.filter(|_| self.follow_trouble.is_none());
        taken.or(radio.country).unwrap_or(WORLD)
    }
}

/// One below what the radio bears: firmware that reaches its limit halts.
fn seats(radio: &RadioFacts) -> u16 {
    radio.clients_at_most.saturating_sub(1).max(1)
}
