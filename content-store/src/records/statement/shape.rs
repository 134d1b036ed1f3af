//! How a kept statement is given back: `ids` (only what identifies) and `canonical` (one language).

use serde_json::{Map, Value};

const LANGUAGE_MAPS: [&str; 3] = ["display", "name", "description"];
const IDENTIFYING: [&str; 7] = [
    "objectType",
    "id",
    "mbox",
    "mbox_sha1sum",
    "openid",
    "account",
    "member",
];

/// Leaves the least that identifies every Agent, Group, Verb and Activity.
pub(in crate::records) fn ids_only(statement: &mut Value) {
    for key in ["actor", "authority", "verb"] {
        reduce(statement.get_mut(key));
    }
    let sub = statement
        .pointer("/object/objectType")
        .and_then(Value::as_str)
        == Some("SubStatement");
    match statement.get_mut("object") {
        Some(object) if sub => ids_only(object),
        other => reduce(other),
    }
    let Some(context) = statement.get_mut("context") else {
        return;
    };
    reduce(context.get_mut("instructor"));
    reduce(context.get_mut("team"));
    let lists = context
        .get_mut("contextActivities")
        .and_then(Value::as_object_mut);
    for list in lists.into_iter().flat_map(|all| all.values_mut()) {
        list.as_array_mut()
            .into_iter()
            .flatten()
            .for_each(|item| reduce(Some(item)));
    }
}

fn reduce(value: Option<&mut Value>) {
    let Some(map) = value.and_then(Value::as_object_mut) else {
        return;
    };
    // An identified Group is known by its identifier; only an anonymous one needs its members.
    let identified = ["mbox", "mbox_sha1sum", "openid", "account"]
        .iter()
        .any(|key| map.contains_key(*key));
    map.retain(|key, _| IDENTIFYING.contains(&key.as_str()) && !(identified && key == "member"));
    let members = map.get_mut("member").and_then(Value::as_array_mut);
    members
        .into_iter()
        .flatten()
        .for_each(|member| reduce(Some(member)));
}

/// Leaves one language in the language maps of verbs and activities: the first of `languages` (most wanted first)
/// that a map has, or else its first.
pub(in crate::records) fn one_language(statement: &mut Value, languages: &[String]) {
    narrow_in(statement.get_mut("verb"), languages);
    let sub = statement
        .pointer("/object/objectType")
        .and_then(Value::as_str)
        == Some("SubStatement");
    match statement.get_mut("object") {
        Some(object) if sub => one_language(object, languages),
        Some(object) => narrow_in(object.get_mut("definition"), languages),
        None => {}
    }
    let lists = statement
        .pointer_mut("/context/contextActivities")
        .and_then(Value::as_object_mut);
    for list in lists.into_iter().flat_map(|all| all.values_mut()) {
        for item in list.as_array_mut().into_iter().flatten() {
            narrow_in(item.get_mut("definition"), languages);
        }
    }
}

/// Narrows the maps of a Verb or of a definition with its interaction components.
fn narrow_in(value: Option<&mut Value>, languages: &[String]) {
    let Some(map) = value.and_then(Value::as_object_mut) else {
        return;
    };
    for (key, value) in map.iter_mut() {
        match value {
            Value::Object(words) if LANGUAGE_MAPS.contains(&key.as_str()) => {
                narrow(words, languages);
            }
            Value::Array(components) => {
                for component in components {
                    narrow_in(Some(component), languages);
                }
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_) => {}
        }
    }
}

fn narrow(words: &mut Map<String, Value>, languages: &[String]) {
    let chosen = languages
        .iter()
        .find_map(|wanted| words.keys().find(|tag| speaks(tag, wanted)))
        .or_else(|| words.keys().next())
        .cloned();
    words.retain(|tag, _| Some(tag) == chosen.as_ref());
}

/// RFC 4647 basic filtering: `en` takes `en-GB`; `*` takes anything.
fn speaks(tag: &str, wanted: &str) -> bool {
    wanted == "*"
        || tag.eq_ignore_ascii_case(wanted)
        || tag
            .get(..wanted.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(wanted))
            && tag.as_bytes().get(wanted.len()) == Some(&b'-')
}
