//! The page of the records: how many wait for receipts, how they are carried, how the box is handed over. Numbers alone. Pure.

use super::pages::without_program;
use super::seen::Seen;
use crate::control::counted;
use crate::diagnostics::page;
use crate::erase::handover::WORDS_WITHOUT_RECEIPTS;
use crate::outgoing::{StickOut, StickTold};
use crate::status::RecordsState;

/// How it is done, for who has nothing but the box and this line.
const HOW: [&str; 6] = [
    "To carry them    a stick (FAT or exFAT) with a folder `school-box-records`:",
    "                 receipts in it are taken in, what waits goes into it, sealed.",
    "                 The page of the box's state says when it may be pulled out.",
    "To hand over     once nothing waits: h, the words, then the box's button.",
    "                 Everyone is forgotten, the network gets another name and key;",
    "                 lessons and settings stay. What waits holds it up.",
];

/// The lines of the page.
#[must_use]
pub(super) fn lines(seen: &Seen) -> Vec<String> {
    let mut lines = without_program(seen);
    match seen.program.status() {
        Some(status) => {
            lines.push(waiting(&status.records));
            lines.push(format!("Records   {}", page::records(status)));
            lines.extend(way_out(&status.records));
        }
        None => {
            lines.push("It alone knows what waits; nothing of it is lost meanwhile.".to_owned())
        }
    }
    lines.push(String::new());
    lines.extend(HOW.map(str::to_owned));
    lines
}

/// Why the box cannot be handed over yet, a line; `None`: nothing waits, or nobody can say from here.
#[must_use]
pub(super) fn held_up(seen: &Seen) -> Option<String> {
    let waiting = seen.program.status()?.records.waiting;
    let waiting = waiting.filter(|count| *count > 0)?;
    let are = if waiting == 1 { "is" } else { "are" };
    Some(format!(
        "Not yet: {} {are} not known to have arrived at the programme; carry them there, take its receipts in, and hand over then. \
         In an emergency the words \"{WORDS_WITHOUT_RECEIPTS}\" in the line mode give them up.",
        counted(waiting, "statement")
    ))
}

fn waiting(records: &RecordsState) -> String {
    let waiting = match records.waiting {
        Some(0) => "nothing: all is known to have arrived at the programme".to_owned(),
        Some(1) => "1 is not known to have arrived at the programme".to_owned(),
        Some(count) => format!("{count} are not known to have arrived at the programme"),
        None => "not known: the records cannot be read; see to the card".to_owned(),
    };
    format!("Waiting   {waiting}")
}

/// For whom they are sealed, and what became of the last stick.
fn way_out(records: &RecordsState) -> Vec<String> {
    let sealed = match records.sealed_for.as_str() {
        "none" => "for nobody: put the programme's key into config.toml",
        "demo" => "for the demo programme: ANYONE CAN OPEN THEM",
        programme => programme,
    };
    let stick = records
        .last_stick
        .map(|told| format!("Stick     {}", last(told)));
    [format!("Sealed    {sealed}")]
        .into_iter()
        .chain(stick)
        .collect()
}

fn last(told: StickTold) -> String {
    let out = match told.out {
        StickOut::Carried {
            statements,
            bundles,
        } => {
            let are = if statements == 1 { "is" } else { "are" };
            let (statements, bundles) =
                (counted(statements, "statement"), counted(bundles, "bundle"));
            format!("{statements} in {bundles} {are} on it")
        }
        StickOut::Nothing => "there was nothing to carry".to_owned(),
        StickOut::NoKey => "nothing could be sealed: no programme's key".to_owned(),
        StickOut::Locked => "it cannot be written to (is its switch on LOCK?)".to_owned(),
        StickOut::Full => "it is full: make room on it, or take another".to_owned(),
        StickOut::Failing => "it was pulled out, or is failing: take another".to_owned(),
        StickOut::BoxFailed => "THE BOX could not, the stick is good: see page 5 (Disk)".to_owned(),
        StickOut::Busy => "another export was writing onto it: plug it in again".to_owned(),
    };
    match (told.receipts, told.refused) {
        (0, 0) => out,
        (receipts, 0) => format!("{out}; {} in", counted(receipts, "receipt")),
        (receipts, refused) => {
            let receipts = counted(receipts, "receipt");
            format!("{out}; {receipts} in, {refused} REFUSED")
        }
    }
}
