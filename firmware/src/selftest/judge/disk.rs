//! Speed and wear of the storage, records, library.

use super::bytes;
use crate::selftest::facts::{LibraryFacts, RecordsFacts, StorageFacts, WearFacts};
use crate::selftest::outcome::{PartName, Tried, Verdict, Wear};

/// A slower card makes a class wait for a film, MB/s written and read.
const SLOW_MB_S: (f64, f64) = (2.0, 4.0);
/// A record is kept in one of them; a class of forty makes two a second.
const SLOW_COMMITS_S: f64 = 2.0;

/// On a box there is nobody to type a verb: what has to be typed is typed at the desk.
const MAKE_ROOM: &str =
    "take lessons off it at the desk (`school-box library remove`), or take a larger card";

/// How fast it is, and whether there is room.
pub(in crate::selftest) fn storage(facts: &StorageFacts) -> Tried {
    let tried = |verdict, measured| Tried::new(PartName::Storage, verdict, measured);
    let free = format!("{} free", bytes(facts.free));
    if facts.in_memory {
        let verdict = Verdict::failed(
            "the data lies in memory: nothing of it outlives a restart",
            "see that the card or disk is in, and start again",
        );
        return tried(verdict, free);
    }
    let (write, read, commits) = match &facts.speed {
        Ok(speed) => *speed,
        Err(why) => {
            let remedy = if facts.free < facts.keep_free.saturating_add(64 << 20) {
                MAKE_ROOM
            } else {
                "change the card or disk"
            };
            let verdict = Verdict::failed(format!("its speed cannot be measured ({why})"), remedy);
            return tried(verdict, free);
        }
    };
    let measured = format!(
        "{} MB/s written, {} MB/s read, {} commits/s, {free}",
        rate(write),
        rate(read),
        rate(commits)
    );
    let verdict = if facts.free < facts.keep_free {
        Verdict::failed(
            format!(
                "the disk is full: {} should stay free",
                bytes(facts.keep_free)
            ),
            MAKE_ROOM,
        )
    } else if write < SLOW_MB_S.0 || read < SLOW_MB_S.1 || commits < SLOW_COMMITS_S {
        Verdict::failed(
            format!(
                "too slow: {write:.1} MB/s written, {read:.1} MB/s read, {commits:.1} commits/s; {}, {} and {SLOW_COMMITS_S} are the least",
                SLOW_MB_S.0, SLOW_MB_S.1
            ),
            "change the card: take an industrial one",
        )
    } else {
        Verdict::Ok
    };
    tried(verdict, measured)
}

/// To two digits at least.
fn rate(rate: f64) -> String {
    match rate {
        ..9.95 => format!("{rate:.1}"),
        _ => format!("{rate:.0}"),
    }
}

/// The wear that the registers tell.
pub(in crate::selftest) fn wear(facts: &WearFacts) -> (Tried, Option<Wear>) {
    let tried = |verdict, measured| Tried::new(PartName::Wear, verdict, measured);
    let Some(told) = facts else {
        let verdict = Verdict::not_tried("the data does not lie on a device of this machine");
        return (tried(verdict, String::new()), None);
    };
    let device = [told.device.as_str(), &told.kind, &told.name, &told.firmware];
    let device: Vec<&str> = device.into_iter().filter(|word| !word.is_empty()).collect();
    let device = device.join(" ");
    let Some(wear) = Wear::of(told) else {
        let verdict = Verdict::not_tried("the card does not tell its wear");
        return (tried(verdict, device), None);
    };
    let used = match wear.life_used_tenths {
        tenths @ ..=10 => format!("at most {} % of its life used", u16::from(tenths) * 10),
        _ => "more than its whole life used".to_owned(),
    };
    let spare = match wear.pre_eol {
        0 => "",
        1 => ", spare blocks normal",
        2 => ", four fifths of the spare blocks used",
        _ => ", nine tenths of the spare blocks used",
    };
    let verdict = if wear.is_worn() {
        Verdict::failed(
            "the storage is worn out",
            "write a new card with `depot card write`, and change it before it fails",
        )
    } else {
        Verdict::Ok
    };
    (
        tried(verdict, format!("{device}: {used}{spare}")),
        Some(wear),
    )
}

/// The learners' records.
pub(in crate::selftest) fn records(facts: &RecordsFacts) -> Tried {
    let tried = |verdict, measured| Tried::new(PartName::Records, verdict, measured);
    let write = match &facts.write {
        Ok(took) => took,
        Err(why) => {
            let verdict = Verdict::failed(
                format!("nothing can be kept ({why})"),
                "free the disk or change the card; what was kept is not lost",
            );
            return tried(verdict, String::new());
        }
    };
    let count = match &facts.count {
        Ok(count) => count,
        Err(why) => {
            let verdict = Verdict::failed(
                format!("they cannot be read ({why})"),
                "start the box again; else call a technician",
            );
            return tried(verdict, String::new());
        }
    };
    let measured = format!("{count} kept, a write takes {} ms", write.as_millis());
    match facts.faults.first() {
        None => tried(Verdict::Ok, measured),
        Some(fault) => tried(
            Verdict::failed(
                fault.clone(),
                "send support the bundle: a stick with a folder school-box-report is given it",
            ),
            measured,
        ),
    }
}

/// The lessons.
pub(in crate::selftest) fn library(facts: &LibraryFacts) -> Tried {
    let tried = |verdict, measured| Tried::new(PartName::Library, verdict, measured);
    let checked = match &facts.checked {
        Ok(checked) => checked,
        Err(why) => {
            let verdict = Verdict::failed(
                format!("it cannot be read ({why})"),
                "start the box again; else import the packs again",
            );
            return tried(verdict, String::new());
        }
    };
    let report = &checked.report;
    if report.packs == 0 && checked.whole {
        let verdict = Verdict::failed(
            "there are no lessons",
            "write the card anew at the desk (`depot card write`), or take lessons in there (`school-box import`)",
        );
        return tried(verdict, String::new());
    }
    let (read, of) = (bytes(report.bytes), bytes(checked.total_bytes));
    let measured = if checked.whole {
        format!("{} packs, every blob checked, {read}", report.packs)
    } else {
        format!(
            "{} packs, {} blobs of all parts checked, {read} of {of}",
            report.packs, report.blobs
        )
    };
    let verdict = match report.faults.as_slice() {
        [] => Verdict::Ok,
        [fault, rest @ ..] => {
            let more = match rest.len() {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            Verdict::failed(
                format!("{fault}{more}"),
                "take the pack in anew at the desk (`school-box import`), or write the card anew (`depot card write`)",
            )
        }
    };
    tried(verdict, measured)
}

#[cfg(test)]
mod tests {
    use super::*;
    use board_support::storage::Registers;
    use content_store::library::{Sampled, VerifyReport};
    use std::collections::BTreeSet;
    use std::time::Duration;

    #[test]
    fn speed() {
        let facts = |speed, free: u64| StorageFacts {
            speed,
            free,
            keep_free: 64 << 20,
            in_memory: false,
        };
        let mut table = String::new();
        for facts in [
            facts(Ok((40.2, 80.0, 120.0)), 20 << 30),
            facts(Ok((1.9, 80.0, 120.0)), 20 << 30),
            facts(Ok((40.0, 3.9, 120.0)), 20 << 30),
            facts(Ok((40.0, 80.0, 1.9)), 20 << 30),
            facts(Ok((40.0, 80.0, 120.0)), 1 << 20),
            facts(Err("cannot write X: No space left on device".to_owned()), 0),
            facts(
                Err("cannot sync X: Input/output error".to_owned()),
                20 << 30,
            ),
            StorageFacts {
                in_memory: true,
                ..facts(Ok((400.0, 800.0, 9e5)), 1 << 30)
            },
        ] {
            let told = storage(&facts);
            table += &format!("{} | {:?}\n", told.measured, told.verdict);
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn wear_of_every_kind_of_card() {
        let mut table = String::new();
        let of = |life_time, pre_eol| {
            Some(Registers {
                device: "mmcblk0".to_owned(),
                kind: "MMC".to_owned(),
                name: "DG4064".to_owned(),
                firmware: "0x11".to_owned(),
                maker: "0x45".to_owned(),
                life_time,
                pre_eol,
            })
        };
        for facts in [
            None,
            of(None, None),
            of(Some([1, 2]), Some(1)),
            of(Some([9, 1]), None),
            of(Some([1, 10]), Some(1)),
            of(Some([11, 11]), Some(3)),
            of(Some([1, 1]), Some(2)),
        ] {
            let (told, wear) = wear(&facts);
            table += &format!("{} | {:?} | {wear:?}\n", told.measured, told.verdict);
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn records_and_library() {
        let mut table = String::new();
        let ms = |ms| Ok(Duration::from_millis(ms));
        for facts in [
            RecordsFacts {
                write: ms(12),
                count: Ok(1402),
                faults: Vec::new(),
            },
            RecordsFacts {
                write: Err("disk I/O error".to_owned()),
                count: Ok(3),
                faults: Vec::new(),
            },
            RecordsFacts {
                write: ms(12),
                count: Err("malformed".to_owned()),
                faults: Vec::new(),
            },
            RecordsFacts {
                write: ms(12),
                count: Ok(0),
                faults: vec!["they were damaged and set aside".to_owned()],
            },
        ] {
            let told = records(&facts);
            table += &format!("{} | {:?}\n", told.measured, told.verdict);
        }
        let sampled = |packs, blobs, faults: &[&str], whole| LibraryFacts {
            checked: Ok(Sampled {
                report: VerifyReport {
                    packs,
                    blobs,
                    bytes: blobs * 1_000_000,
                    faults: faults.iter().map(ToString::to_string).collect(),
                },
                damaged: BTreeSet::new(),
                total_bytes: 5_000_000_000,
                whole,
                next: 0,
            }),
        };
        for facts in [
            sampled(3, 5000, &[], true),
            sampled(3, 900, &[], false),
            sampled(3, 900, &["pack a: blob 12: missing"], false),
            sampled(
                3,
                5000,
                &[
                    "pack a: blob 12: missing",
                    "pack b: blob 34: its bytes have changed",
                ],
                true,
            ),
            sampled(0, 0, &[], true),
            LibraryFacts {
                checked: Err("the catalogue is damaged".to_owned()),
            },
        ] {
            let told = library(&facts);
            table += &format!("{} | {:?}\n", told.measured, told.verdict);
        }
        insta::assert_snapshot!(table);
    }
}
