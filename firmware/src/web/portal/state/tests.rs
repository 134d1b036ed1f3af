#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use crate::outgoing::StickTold;
use crate::status::sample::sample;

const LANGUAGES: [&str; 5] = ["en", "fr", "es", "uk", "ar"];

fn said(languages: &Languages, tag: &str, status: &Status) -> Option<String> {
    stick(status, &languages.choose(Some(tag), ""))
}

#[test]
fn what_became_of_a_stick_is_said_in_every_language() {
    let languages = Languages::load();
    let outs = [
        StickOut::Carried {
            statements: 1_204,
            bundles: 3,
        },
        StickOut::Nothing,
        StickOut::NoKey,
        StickOut::Locked,
        StickOut::Full,
        StickOut::Failing,
        StickOut::BoxFailed,
        StickOut::Busy,
    ];
    let mut all = Vec::new();
    for tag in LANGUAGES {
        let mut status = sample();
        let mut told = |last_stick| {
            status.records.last_stick = last_stick;
            said(&languages, tag, &status).unwrap()
        };
        all.push(told(None));
        for out in outs {
            let refused = u64::from(out == StickOut::Nothing) * 2;
            all.push(told(Some(StickTold {
                out,
                receipts: 1,
                refused,
            })));
        }
    }
    let mut distinct = all.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), all.len(), "each is another sentence");
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn how_a_stick_is_made_is_said_only_where_it_would_carry_something() {
    let languages = Languages::load();
    let mut status = sample();
    assert!(said(&languages, "en", &status).is_some());
    status.records.sealed_for = "none".to_owned();
    assert_eq!(said(&languages, "en", &status), None);
    status = sample();
    for waiting in [Some(0), None] {
        status.records.waiting = waiting;
        assert_eq!(said(&languages, "en", &status), None);
    }
}
