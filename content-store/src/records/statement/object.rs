//! Verbs and the kinds of object a statement may have (xAPI 1.0.3 Data, 2.4.3 and 2.4.4).

use super::actor;
use super::check::{Checked, Fields, each, fail, filled_text, formatted, object, text};
use super::format::{is_iri, is_language_tag, is_uuid};
use super::parts;
use serde_json::Value;
use std::collections::BTreeSet;

/// The one verb that the specification reserves.
pub(super) const VOIDED: &str = "http://adlnet.gov/expapi/verbs/voided";

const DEFINITION: [&str; 12] = [
    "name",
    "description",
    "type",
    "moreInfo",
    "extensions",
    "interactionType",
    "correctResponsesPattern",
    "choices",
    "scale",
    "source",
    "target",
    "steps",
];
const COMPONENT_LISTS: [&str; 5] = ["choices", "scale", "source", "target", "steps"];
const INTERACTIONS: [&str; 10] = [
    "true-false",
    "choice",
    "fill-in",
    "long-fill-in",
    "matching",
    "performance",
    "sequencing",
    "likert",
    "numeric",
    "other",
];
const SUB_STATEMENT: [&str; 8] = [
    "objectType",
    "actor",
    "verb",
    "object",
    "result",
    "context",
    "timestamp",
    "attachments",
];

pub(super) fn verb(value: &Value) -> Checked {
    let fields = Fields::of(value, "a Verb", &["id", "display"])?;
    fields.required("id", iri)?;
    fields.optional("display", language_map)
}

pub(super) fn iri(value: &Value) -> Checked {
    formatted(value, "an IRI with a scheme", is_iri)
}

pub(super) fn uuid(value: &Value) -> Checked {
    formatted(value, "a UUID in its standard form", is_uuid)
}

pub(super) fn language_map(value: &Value) -> Checked {
    object(value, "a language map")?
        .iter()
        .try_for_each(|(tag, words)| {
            if is_language_tag(tag) {
                text(words).map_err(|fault| fault.under_key(tag))
            } else {
                fail("the key must be a language tag (RFC 5646)")
                    .map_err(|fault| fault.under_key(tag))
            }
        })
}

/// Keys are IRIs; values are anything, null included.
pub(super) fn extensions(value: &Value) -> Checked {
    match object(value, "extensions")?.keys().find(|key| !is_iri(key)) {
        Some(key) => fail("the key must be an IRI with a scheme").map_err(|f| f.under_key(key)),
        None => Ok(()),
    }
}

/// What stands in `object` of a statement; an absent `objectType` means an Activity.
pub(super) fn statement_object(value: &Value) -> Checked {
    match object_type(value) {
        Some("SubStatement") => sub_statement(value),
        _ => plain_object(value),
    }
}

fn plain_object(value: &Value) -> Checked {
    match object_type(value) {
        None | Some("Activity") => activity(value),
        Some("Agent") => actor::agent(value),
        Some("Group") => actor::group(value),
        Some("StatementRef") => statement_ref(value),
        Some("SubStatement") => fail("a SubStatement may not hold a SubStatement"),
        Some(_) => fail("must be Activity, Agent, Group, StatementRef or SubStatement")
            .map_err(|fault| fault.under_key("objectType")),
    }
}

/// `objectType`; a value that is no string is left for the rules of an Activity to refuse.
pub(super) fn object_type(value: &Value) -> Option<&str> {
    value.get("objectType").and_then(Value::as_str)
}

pub(super) fn is_activity(value: &Value) -> bool {
    matches!(object_type(value), None | Some("Activity"))
}

pub(super) fn statement_ref(value: &Value) -> Checked {
    let fields = Fields::of(value, "a StatementRef", &["objectType", "id"])?;
    fields.required("objectType", |v| {
        formatted(v, "\"StatementRef\" here", |t| t == "StatementRef")
    })?;
    fields.required("id", uuid)
}

fn sub_statement(value: &Value) -> Checked {
    let fields = Fields::of(value, "a SubStatement", &SUB_STATEMENT)?;
    fields.required("actor", actor::actor)?;
    fields.required("verb", verb)?;
    fields.required("object", plain_object)?;
    parts::common(&fields, value)
}

pub(super) fn activity(value: &Value) -> Checked {
    let fields = Fields::of(value, "an Activity", &["objectType", "id", "definition"])?;
    fields.optional("objectType", |v| {
        formatted(v, "\"Activity\" here", |t| t == "Activity")
    })?;
    fields.required("id", iri)?;
    fields.optional("definition", definition)
}

fn definition(value: &Value) -> Checked {
    let fields = Fields::of(value, "an Activity definition", &DEFINITION)?;
    fields.optional("name", language_map)?;
    fields.optional("description", language_map)?;
    fields.optional("type", iri)?;
    fields.optional("moreInfo", |v| formatted(v, "an IRL with a scheme", is_iri))?;
    fields.optional("extensions", extensions)?;
    fields.optional("interactionType", |v| {
        formatted(v, "one of the ten interaction types", |t| {
            INTERACTIONS.contains(&t)
        })
    })?;
    fields.optional("correctResponsesPattern", |v| each(v, text))?;
    for list in COMPONENT_LISTS {
        fields.optional(list, components)?;
    }
    let interaction = fields.has("correctResponsesPattern")
        || COMPONENT_LISTS.iter().any(|list| fields.has(list));
    if interaction && !fields.has("interactionType") {
        return fail("is required with responses or components")
            .map_err(|fault| fault.under_key("interactionType"));
    }
    Ok(())
}

fn components(value: &Value) -> Checked {
    each(value, |item| {
        let fields = Fields::of(item, "an interaction component", &["id", "description"])?;
        fields.required("id", filled_text)?;
        fields.optional("description", language_map)
    })?;
    let mut seen = BTreeSet::new();
    let ids = value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item.get("id"));
    for id in ids.filter_map(Value::as_str) {
        if !seen.insert(id) {
            let short: String = id.chars().take(80).collect();
            return fail(format!("the component id {short:?} stands twice"));
        }
    }
    Ok(())
}
