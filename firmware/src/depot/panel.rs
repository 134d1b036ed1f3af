//! `depot panel`: the card of the lights and the playbooks, printed with the kit.

use super::Failure;
use super::tell::say;
use crate::panel::command::Panel;

pub(super) fn run(panel: Panel) -> Result<(), Failure> {
    Ok(panel.run(&say)?)
}
