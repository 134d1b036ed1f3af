//! What is wrong with the air: a line each that says what, on what, and what to do. Pure; no address of a device but a rival's.

use super::channel;
use super::ladder::Ladder;
use super::mind::{Mind, WORLD};
use crate::config::air::Lock;
use board_support::radio::AirSigns;

/// The risk of an open network, in one sentence.
pub(super) const OPEN: &str =
    "the network is open: anybody near can join, and can read what learners send and see";

impl Mind {
    /// What is wrong with the air: a line each.
    pub(super) fn trouble(&self) -> Vec<String> {
        let mut lines = self.settings.trouble.clone();
        lines.extend(self.follow_trouble.clone());
        lines.extend(self.survey.trouble.clone());
        if self.survey.radios_at.is_some() {
            let with_cable = !self.settings.wanted.cables.is_empty();
            let of_choice = self.survey.choice.trouble.iter();
            lines.extend(
                of_choice
                    .filter(|_| !(with_cable && self.survey.radios.is_empty()))
                    .cloned(),
            );
        }
        lines.extend(self.other_rules());
        lines.extend(channel::namesake(
            &self.settings.name,
            &self.survey.all_heard(),
            &self.survey.radios,
        ));
        if let Some((_, error)) = &self.serve_failed {
            lines.push(format!(
                "the network cannot be set up as it should: {error}"
            ));
        }
        if self.silent_since.is_some() {
            lines.push("the radio's driver does not answer: the box tries again".to_owned());
        }
        if let Some(signs) = &self.signs {
            lines.extend(self.of_signs(signs));
        }
        lines
    }

    fn of_signs(&self, signs: &AirSigns) -> Vec<String> {
        let mut lines = Vec::new();
        for cell in &signs.cells {
            let Some(ill) = self.ladders.get(&cell.interface).and_then(Ladder::ill) else {
                continue;
            };
            let why = cell
                .trouble
                .as_ref()
                .map_or_else(String::new, |why| format!(" ({why})"));
            lines.push(format!(
                "radio {} is not well: {}{why}; the box heals it",
                cell.interface,
                ill.words()
            ));
        }
        lines.extend(signs.rival.map(|rival| {
            format!("another device, {rival}, gives out addresses on the network too: switch that off in it, or pull its cable")
        }));
        lines.extend(signs.trouble.iter().cloned());
        lines
    }

    /// Some radios keep to rules of their own, whatever is asked.
    fn other_rules(&self) -> Option<String> {
        let asked = self
            .settings
            .wanted
            .country
            .filter(|_| self.follow_trouble.is_none())?;
        let other = self.survey.radios.iter().find(|radio| {
            radio.access_point && radio.country.is_some_and(|country| country.0 != asked)
        })?;
        let [asked, its] = [asked, other.country.map_or(WORLD.0, |country| country.0)]
            .map(|c| String::from_utf8_lossy(&c).into_owned());
        Some(format!(
            "radio {} keeps to the rules of {its}, not to those of {asked} (air.country): it serves on what both leave it; use another adapter",
            other.interface
        ))
    }

    /// What people should know though nothing is wrong.
    pub(super) fn notice(&self) -> Option<&'static str> {
        (self.settings.wanted.lock == Lock::Open).then_some(OPEN)
    }
}
