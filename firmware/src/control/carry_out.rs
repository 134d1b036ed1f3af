//! What the requests do to the stores; the same whether a box runs or not.

use super::{Answer, NO_BOX, Request};
use crate::clock::Clock;
use crate::slots::{Slots, UpdateWish};
use crate::stores::Stores;
use crate::telemetry::chain;
use board_support::{BoardChoice, boot_control};
use std::path::Path;

/// Does what `request` asks of the stores; blocks.
///
/// # Errors
/// One line for the person: what could not be done, on what, and why.
pub fn carry_out(
    stores: &Stores,
    request: &Request,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Answer, String> {
    let library = stores.library();
    let lost = |error| stores.library_error(&error);
    match request {
        Request::Status => Err(NO_BOX.to_owned()),
        Request::ImportTerms => Ok(Answer::ImportTerms {
            keep_free: stores.keep_free(),
        }),
        Request::Adopt { staged } => library.adopt(staged).map(Answer::Pack).map_err(lost),
        Request::LibraryList => Ok(Answer::Packs(library.packs().to_vec())),
        Request::LibraryVerify => library.verify(progress).map(Answer::Verified).map_err(lost),
        Request::LibraryRemove { id } => library.remove(id).map(Answer::Pack).map_err(lost),
        Request::Update { wish, board } => update(*wish, board, stores.data()),
        Request::Credential { name } => stores
            .records()
            .make_credential(name, Clock::of_the_desk().wall())
            .map(Answer::Credential)
            .map_err(|error| chain(&error)),
    }
}

/// What a person asks of the slots of `board`, whose box does not run.
pub(super) fn update(wish: UpdateWish, board: &BoardChoice, data: &Path) -> Result<Answer, String> {
    let boot = boot_control::open(board, data).map_err(|error| chain(&error))?;
    let update = Slots::look(boot, data).wish(wish)?;
    Ok(Answer::Update(Box::new(update)))
}
