//! Random batches, repeats, conflicts, references and voids, against a map.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a test's verdict"
)]

mod records_rig;

use content_store::records::{Format, Query, Records, RecordsError, parse_uuid};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use records_rig::{VOIDED, about, authority, id, now, open, statement, value, verb};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tempfile::TempDir;
use uuid::Uuid;

const IDS: u8 = 6;
const VERBS: u32 = 3;

#[derive(Debug, Clone, PartialEq)]
enum What {
    Did(u32),
    About(u32, u8),
    Voids(u8),
}

#[derive(Debug, Clone)]
struct Sent {
    id: u8,
    what: What,
    /// Seconds; the sender's timestamp.
    at: Option<u8>,
}

#[derive(Debug, Clone)]
enum Step {
    Batch(Vec<Sent>),
    Reopen,
}

#[derive(Debug, Clone)]
struct Kept {
    what: What,
    happened: Timestamp,
    order: usize,
}

fn at(seconds: u8) -> Timestamp {
    Timestamp::from_second(i64::from(seconds)).unwrap()
}

fn sent() -> impl Strategy<Value = Sent> {
    let what = prop_oneof![
        4 => (0..VERBS).prop_map(What::Did),
        2 => (0..VERBS, 0..IDS).prop_map(|(verb, target)| What::About(verb, target)),
        1 => (0..IDS).prop_map(What::Voids),
    ];
    (0..IDS, what, proptest::option::of(0..2_u8)).prop_map(|(id, what, at)| Sent { id, what, at })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => proptest::collection::vec(sent(), 1..4).prop_map(Step::Batch),
        1 => Just(Step::Reopen),
    ]
}

fn json_of(sent: &Sent) -> Value {
    let mut value = match sent.what {
        What::Did(verb) => value(verb),
        What::About(number, target) => about(&verb(number), id(target.into())),
        What::Voids(target) => about(VOIDED, id(target.into())),
    };
    value["id"] = json!(id(sent.id.into()).to_string());
    if let Some(seconds) = sent.at {
        value["timestamp"] = json!(at(seconds).to_string());
    }
    value
}

/// The batch taken in whole, or `false` and nothing changed.
fn apply(model: &mut BTreeMap<u8, Kept>, batch: &[Sent], now: Timestamp) -> bool {
    let mut after = model.clone();
    for sent in batch {
        let order = after.len();
        match after.get(&sent.id) {
            None => {
                let happened = sent.at.map_or(now, at);
                after.insert(
                    sent.id,
                    Kept {
                        what: sent.what.clone(),
                        happened,
                        order,
                    },
                );
            }
            Some(kept) => {
                let same_time = sent.at.is_none_or(|seconds| at(seconds) == kept.happened);
                if kept.what != sent.what || !same_time {
                    return false;
                }
            }
        }
    }
    *model = after;
    true
}

fn is_voided(model: &BTreeMap<u8, Kept>, id: u8) -> bool {
    let voids = |kept: &Kept| kept.what == What::Voids(id);
    !matches!(model[&id].what, What::Voids(_)) && model.values().any(voids)
}

/// Whether a statement or one along its references has the verb.
fn matches_verb(model: &BTreeMap<u8, Kept>, start: u8, verb: u32) -> bool {
    let (mut seen, mut next) = (BTreeSet::new(), Some(start));
    while let Some(id) = next.filter(|id| seen.insert(*id)) {
        next = match model.get(&id).map(|kept| &kept.what) {
            Some(What::Did(found) | What::About(found, _)) if *found == verb => return true,
            Some(What::About(_, target) | What::Voids(target)) => Some(*target),
            Some(What::Did(_)) | None => None,
        };
    }
    false
}

fn all_pages(records: &Records, mut query: Query) -> Vec<Uuid> {
    let mut all = Vec::new();
    loop {
        let page = records.query(&query).unwrap();
        for json in &page.statements {
            let value: Value = serde_json::from_str(json).unwrap();
            all.push(parse_uuid(value["id"].as_str().unwrap()).unwrap());
        }
        match page.more {
            Some(cursor) => query.cursor = Some(cursor),
            None => return all,
        }
    }
}

fn agree(records: &Records, model: &BTreeMap<u8, Kept>) {
    assert_eq!(records.count().unwrap(), model.len() as u64);
    for number in 0..IDS {
        let uuid = id(number.into());
        let plain = records.statement(uuid, &Format::Exact).unwrap().is_some();
        let voided = records
            .voided_statement(uuid, &Format::Exact)
            .unwrap()
            .is_some();
        let there = model.contains_key(&number);
        let void = there && is_voided(model, number);
        assert_eq!(
            (plain, voided),
            (there && !void, void),
            "statement {number}"
        );
    }
    for wanted in [None, Some(0), Some(1), Some(2)] {
        for ascending in [false, true] {
            let mut expected: Vec<(usize, Uuid)> = model
                .iter()
                .filter(|(number, _)| !is_voided(model, **number))
                .filter(|(number, _)| wanted.is_none_or(|verb| matches_verb(model, **number, verb)))
                .map(|(number, kept)| (kept.order, id((*number).into())))
                .collect();
            expected.sort();
            if !ascending {
                expected.reverse();
            }
            let expected: Vec<Uuid> = expected.into_iter().map(|(_, uuid)| uuid).collect();
            let query = Query {
                verb: wanted.map(verb),
                ascending,
                limit: 2,
                ..Query::default()
            };
            assert_eq!(
                all_pages(records, query),
                expected,
                "verb {wanted:?}, ascending {ascending}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_store_agrees_with_a_map(steps in proptest::collection::vec(step(), 1..14)) {
        let data = TempDir::new().unwrap();
        let mut records = open(data.path());
        let by = authority(&records);
        let mut model = BTreeMap::new();
        for (number, step) in steps.iter().enumerate() {
            match step {
                Step::Reopen => {
                    records.close();
                    records = open(data.path());
                }
                Step::Batch(batch) => {
                    let clock = now() + SignedDuration::from_secs(number as i64);
                    let result = records.store(batch.iter().map(|sent| statement(json_of(sent))).collect(), &by, clock);
                    let taken = apply(&mut model, batch, clock);
                    match result {
                        Ok(ids) => {
                            prop_assert!(taken, "step {number} should conflict");
                            let expected: Vec<Uuid> = batch.iter().map(|sent| id(sent.id.into())).collect();
                            prop_assert_eq!(ids, expected);
                        }
                        Err(RecordsError::Conflict { .. }) => prop_assert!(!taken, "step {number} should be taken"),
                        Err(other) => panic!("step {number}: {other}"),
                    }
                }
            }
            agree(&records, &model);
        }
    }
}
