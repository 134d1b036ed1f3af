//! What the requests do to the stores; the same whether a box runs or not.

use super::{Answer, Request};
use crate::clock::Clock;
use crate::stores::Stores;
use crate::telemetry::chain;

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
        Request::Status => {
            Err("no box is running on this data; start one with `school-box run`".to_owned())
        }
        Request::ImportTerms => Ok(Answer::ImportTerms {
            keep_free: stores.keep_free(),
        }),
        Request::Adopt { staged } => library.adopt(staged).map(Answer::Pack).map_err(lost),
        Request::LibraryList => Ok(Answer::Packs(library.packs().to_vec())),
        Request::LibraryVerify => library.verify(progress).map(Answer::Verified).map_err(lost),
        Request::LibraryRemove { id } => library.remove(id).map(Answer::Pack).map_err(lost),
        Request::Credential { name } => stores
            .records()
            .make_credential(name, Clock::of_the_desk().wall())
            .map(Answer::Credential)
            .map_err(|error| chain(&error)),
    }
}
