//! Packs of lessons from a repository: opaque bytes, which travel the same way as a system.
//!
//! | file | holds |
//! |---|---|
//! | `offer` | [`PackOffer`]: what a pack is made of |
//! | `choose` | [`choose()`]: of all that is offered, the pack that is next for this school (pure) |
//! | `turns` | [`PackTurns`]: which step of which source is next, and when (pure) |
//! | `look` | the offer of the pack that is next, from a source |
//!
//! What is fetched and made of it is [`install::pack`](crate::install::pack)'s; what becomes of the file is the library's, which this crate does not know.
//!
//! ```text
//!   targets.json ──► packs/ID/VERSION/pack.json ──► seal, crown, blocks, frames, patches ──► a file ──► the library
//! ```

mod choose;
mod look;
mod offer;
mod turns;

pub use choose::{Choice, HeldBack, PackRelease, School, choose, offered};
pub use look::{PackLook, look};
pub use offer::{PackOffer, PackOfferError};
pub use turns::{PackAction, PackFetched, PackTurns};

use crate::ledger::{ATTEMPTS_AT_MOST, Attempts, Ledger, Wanted};

/// The pack is in the library.
pub fn note_taken(ledger: &mut Ledger, taken: &Wanted, school: &School) {
    let record = ledger.packs.entry(taken.name.clone()).or_default();
    record.version = taken.version;
    // What is said of a newer one that failed stays.
    let of_another = |failed: &Attempts| failed.bundle != taken.bundle;
    record.failed = record.failed.take().filter(of_another);
    ledger.pack = ledger.pack.take().filter(|wanted| wanted != taken);
    ledger
        .packs
        .retain(|id, _| school.wants(id) || *id == taken.name);
}

/// It came whole and did not become a pack. Whether it is left alone for good.
pub fn note_failed(ledger: &mut Ledger, failed: &Wanted) -> bool {
    let record = ledger.packs.entry(failed.name.clone()).or_default();
    let before = record.failed.as_ref();
    let before = before.filter(|attempts| attempts.bundle == failed.bundle);
    let count = before
        .map_or(0, |attempts| attempts.count)
        .saturating_add(1);
    record.failed = Some(Attempts {
        bundle: failed.bundle.clone(),
        count,
    });
    let given_up = count >= ATTEMPTS_AT_MOST;
    if given_up {
        ledger.pack = ledger.pack.take().filter(|wanted| wanted != failed);
    }
    given_up
}
