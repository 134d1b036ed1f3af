//! What a statement can be found by.

use super::parts::CONTEXT_LISTS;
use super::{actor, object};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A search term, hashed so that every row of the index has one small size: the first 16 bytes of SHA-256 over a
/// letter for its kind and the term. Two terms that collide by chance are not to be expected in the life of the box.
pub(in crate::records) type Term = [u8; 16];

/// `true`: found as the statement's own part; `false`: only by `related_agents` or `related_activities`.
pub(in crate::records) type Terms = BTreeMap<Term, bool>;

fn term(kind: u8, text: &str) -> Term {
    let digest = Sha256::new()
        .chain_update([kind])
        .chain_update(text)
        .finalize();
    std::array::from_fn(|at| digest[at])
}

/// The term of an Agent or identified Group; `None` for an anonymous Group.
pub(in crate::records) fn agent_term(agent: &Value) -> Option<Term> {
    actor::identity(agent).map(|identity| term(b'a', &identity))
}

pub(in crate::records) fn verb_term(id: &str) -> Term {
    term(b'v', id)
}

pub(in crate::records) fn activity_term(id: &str) -> Term {
    term(b'o', id)
}

pub(in crate::records) fn registration_term(id: &str) -> Term {
    term(b'r', &id.to_ascii_lowercase())
}

/// The terms of a validated statement (its authority, when it has one, included).
pub(in crate::records) fn terms(statement: &Value) -> Terms {
    let mut found = Terms::new();
    gather(&mut found, statement, true);
    if let Some(authority) = statement.get("authority") {
        add_agent(&mut found, authority, false);
    }
    found
}

fn gather(found: &mut Terms, statement: &Value, direct: bool) {
    if let Some(actor) = statement.get("actor") {
        add_agent(found, actor, direct);
    }
    // The verb and registration of a SubStatement are no search terms: no parameter asks for them "related".
    if direct && let Some(id) = text_at(statement, "/verb/id") {
        add(found, verb_term(id), true);
    }
    if let Some(target) = statement.get("object") {
        gather_object(found, target, direct);
    }
    let Some(context) = statement.get("context") else {
        return;
    };
    if direct && let Some(id) = text_at(context, "/registration") {
        add(found, registration_term(id), true);
    }
    for agent in ["instructor", "team"]
        .iter()
        .filter_map(|key| context.get(key))
    {
        add_agent(found, agent, false);
    }
    for list in CONTEXT_LISTS {
        let listed = context
            .get("contextActivities")
            .and_then(|all| all.get(list));
        for id in listed.and_then(Value::as_array).into_iter().flatten() {
            if let Some(id) = text_at(id, "/id") {
                add(found, activity_term(id), false);
            }
        }
    }
}

fn gather_object(found: &mut Terms, target: &Value, direct: bool) {
    match object::object_type(target) {
        None | Some("Activity") => {
            if let Some(id) = text_at(target, "/id") {
                add(found, activity_term(id), direct);
            }
        }
        Some("Agent" | "Group") => add_agent(found, target, direct),
        Some("SubStatement") => gather(found, target, false),
        Some(_) => {}
    }
}

fn add_agent(found: &mut Terms, agent: &Value, direct: bool) {
    let members = agent
        .get("member")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    for term in std::iter::once(agent).chain(members).filter_map(agent_term) {
        add(found, term, direct);
    }
}

fn add(found: &mut Terms, term: Term, direct: bool) {
    *found.entry(term).or_default() |= direct;
}

fn text_at<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str)
}
