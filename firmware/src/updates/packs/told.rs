//! What people and programs are told of a pack on its way: pure.

use super::super::told::line as line_of;
use crate::status::Coming;
use ota::Wanted;
use ota::install::{Doing, Progress};

/// Of the pack that was begun, if there is one. `progress` and `from` are those of the work on it, while there is any; `rate` in bytes a second.
#[must_use]
pub fn coming(
    pack: Option<&Wanted>,
    progress: Option<Progress>,
    from: &str,
    rate: u64,
    lack: Option<&str>,
) -> Option<Coming> {
    let pack = pack?;
    let at_work = progress.is_some() || !from.is_empty();
    let waits = lack.unwrap_or("a source to come near");
    let doing = match progress.map(|progress| progress.doing) {
        Some(Doing::Surveying) => "surveying",
        Some(Doing::Writing) => "building",
        Some(Doing::Checking) => "importing",
        Some(Doing::Fetching) | None => "fetching",
    };
    let progress = progress.unwrap_or_default();
    Some(Coming {
        release: pack.name.clone(),
        version: pack.version,
        doing: doing.to_owned(),
        from: from.to_owned(),
        done_bytes: progress.done,
        of_bytes: progress.of,
        bytes_per_s: rate,
        reused_bytes: progress.reused,
        waits_for: (!at_work).then(|| waits.to_owned()),
    })
}

/// A line for a person.
#[must_use]
pub fn line(coming: &Coming) -> String {
    let named = |doing: &str| Coming {
        doing: doing.to_owned(),
        ..coming.clone()
    };
    match coming.doing.as_str() {
        "surveying" => {
            let (id, version) = (&coming.release, coming.version);
            format!("pack: looking through the older version of {id} for version {version}")
        }
        "importing" => format!("pack: {}", line_of(&named("taking in"))),
        doing => format!("pack: {}", line_of(&named(doing))),
    }
}

/// A pack for people.
#[must_use]
pub fn named(pack: &Wanted) -> String {
    format!("pack {} version {}", pack.name, pack.version)
}
