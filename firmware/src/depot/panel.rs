//! `depot panel`: the card of the lights and the playbooks, printed with the kit.

use super::Failure;
use super::tell::say;
use crate::panel::command::{Panel, Refused};

pub(super) fn run(panel: Panel) -> Result<(), Failure> {
    panel.run(&say).map_err(|refused| match refused {
        Refused::NotDone(line) => Failure::NotDone(line),
        Refused::Usage(line) => Failure::Usage(line),
    })
}
