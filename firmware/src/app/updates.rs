//! What the update service begins with: the running system, the slots, what is remembered.

use crate::config::Config;
use crate::services::Part;
use crate::slots::Slots;
use crate::stores::Stores;
use crate::telemetry::chain;
use crate::updates::{Known, WorkParts, box_id};
use board_support::BoardChoice;
use board_support::release::Release;

/// See the fields.
pub(super) struct Updates {
    /// `None` on a board with one system.
    pub(super) work: Option<WorkParts>,
    pub(super) known: Known,
    /// Empty where it can be neither read nor kept.
    pub(super) box_id: String,
}

impl Updates {
    /// Reads small files. What cannot be read or kept costs no start: it is said when an update is taken.
    pub(super) fn open(
        stores: &Stores,
        config: &Config,
        board: &BoardChoice,
        slots: &Part<Slots>,
    ) -> Self {
        let data = stores.data();
        let disks = board_support::slots::open(board, data);
        let has_slots = disks.as_ref().is_ok_and(Option::is_some);
        if let Err(error) = &disks {
            tracing::error!(problem = chain(error), "ota.no_slots");
        }
        let work = has_slots.then(|| WorkParts {
            data: data.to_owned(),
            board: board.clone(),
            keep_free: stores.keep_free(),
            slots: slots.clone(),
            release: Release::of(board, data),
            config: config.updates.clone(),
            stores: stores.clone(),
        });
        let id = work.as_ref().map(|_| box_id(data)).transpose();
        if let Err(error) = &id {
            tracing::warn!(problem = chain(error), "ota.no_box_id");
        }
        Self {
            known: Known::on(data),
            box_id: id.ok().flatten().unwrap_or_default(),
            work,
        }
    }
}
