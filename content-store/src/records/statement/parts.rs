//! What statements and SubStatements share: result, context, attachments, timestamp (xAPI 1.0.3 Data, 2.4.5 to 2.4.11).

use super::actor;
use super::check::{Checked, Fields, boolean, each, fail, formatted, number, text};
use super::format::{is_duration, is_hex, is_iri, is_language_tag, is_media_type, parse_timestamp};
use super::object::{self, extensions, iri, language_map};
use serde_json::Value;

const CONTEXT: [&str; 9] = [
    "registration",
    "instructor",
    "team",
    "contextActivities",
    "revision",
    "platform",
    "language",
    "statement",
    "extensions",
];
pub(super) const CONTEXT_LISTS: [&str; 4] = ["parent", "grouping", "category", "other"];
const ATTACHMENT: [&str; 7] = [
    "usageType",
    "display",
    "description",
    "contentType",
    "length",
    "sha2",
    "fileUrl",
];

/// `holder` is the statement or SubStatement whose `fields` these are.
pub(super) fn common(fields: &Fields<'_>, holder: &Value) -> Checked {
    let of_activity = holder.get("object").is_some_and(object::is_activity);
    fields.optional("result", result)?;
    fields.optional("context", |v| context(v, of_activity))?;
    fields.optional("timestamp", timestamp)?;
    fields.optional("attachments", |v| each(v, attachment))
}

pub(super) fn timestamp(value: &Value) -> Checked {
    formatted(
        value,
        "a date and time as 2026-03-01T08:30:00Z (RFC 3339, with a zone that is not -00:00)",
        |t| parse_timestamp(t).is_some(),
    )
}

fn result(value: &Value) -> Checked {
    let known = [
        "score",
        "success",
        "completion",
        "response",
        "duration",
        "extensions",
    ];
    let fields = Fields::of(value, "a result", &known)?;
    fields.optional("score", score)?;
    fields.optional("success", boolean)?;
    fields.optional("completion", boolean)?;
    fields.optional("response", text)?;
    fields.optional("duration", |v| {
        formatted(v, "a duration as PT1H30M or P2W (ISO 8601)", is_duration)
    })?;
    fields.optional("extensions", extensions)
}

fn score(value: &Value) -> Checked {
    let fields = Fields::of(value, "a score", &["scaled", "raw", "min", "max"])?;
    for key in ["raw", "min", "max"] {
        fields.optional(key, |v| number(v).map(|_| ()))?;
    }
    fields.optional("scaled", |v| {
        if (-1.0..=1.0).contains(&number(v)?) {
            Ok(())
        } else {
            fail("must be from -1 to 1")
        }
    })?;
    let (min, max) = (fields.number("min"), fields.number("max"));
    if let (Some(min), Some(max)) = (min, max)
        && min >= max
    {
        return fail("min must be below max");
    }
    if let Some(raw) = fields.number("raw")
        && (min.is_some_and(|min| raw < min) || max.is_some_and(|max| raw > max))
    {
        return fail("must be from min to max").map_err(|fault| fault.under_key("raw"));
    }
    Ok(())
}

fn context(value: &Value, of_activity: bool) -> Checked {
    let fields = Fields::of(value, "a context", &CONTEXT)?;
    fields.optional("registration", object::uuid)?;
    fields.optional("instructor", actor::actor)?;
    fields.optional("team", actor::group)?;
    fields.optional("contextActivities", context_activities)?;
    for key in ["revision", "platform"] {
        fields.optional(key, |v| {
            if of_activity {
                text(v)
            } else {
                fail("is allowed only when the object is an Activity")
            }
        })?;
    }
    fields.optional("language", |v| {
        formatted(v, "a language tag (RFC 5646)", is_language_tag)
    })?;
    fields.optional("statement", object::statement_ref)?;
    fields.optional("extensions", extensions)
}

/// Each list may be one Activity, as xAPI 0.95 had it; the store keeps arrays.
fn context_activities(value: &Value) -> Checked {
    let fields = Fields::of(value, "contextActivities", &CONTEXT_LISTS)?;
    for list in CONTEXT_LISTS {
        fields.optional(list, |v| {
            if v.is_array() {
                each(v, object::activity)
            } else {
                object::activity(v)
            }
        })?;
    }
    Ok(())
}

fn attachment(value: &Value) -> Checked {
    let fields = Fields::of(value, "an attachment", &ATTACHMENT)?;
    fields.required("usageType", iri)?;
    fields.required("display", language_map)?;
    fields.optional("description", language_map)?;
    fields.required("contentType", |v| {
        formatted(v, "a media type", is_media_type)
    })?;
    fields.required("length", |v| {
        if v.is_u64() || v.as_f64().is_some_and(|n| n >= 0.0 && n.fract() == 0.0) {
            Ok(())
        } else {
            fail("must be a whole number of bytes, not negative")
        }
    })?;
    fields.required("sha2", |v| {
        formatted(v, "a SHA-2 hash in hexadecimal", |t| {
            [56, 64, 96, 128].iter().any(|digits| is_hex(t, *digits))
        })
    })?;
    fields.optional("fileUrl", |v| formatted(v, "an IRL with a scheme", is_iri))?;
    if fields.has("fileUrl") {
        Ok(())
    } else {
        fail("is required: this box keeps no attached files, only where they are")
            .map_err(|fault| fault.under_key("fileUrl"))
    }
}
