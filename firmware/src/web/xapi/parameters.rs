//! The query string of `GET statements`, checked as strictly as the same values inside a statement.

use super::alternate::encode;
use super::refusal::Refusal;
use content_store::records::{
    AgentFilter, Cursor, Format, Query, is_iri, parse_timestamp, parse_uuid,
};
use jiff::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What a GET asks for.
#[derive(Debug)]
pub(super) enum Wanted {
    /// One statement, among the voided or the others.
    One {
        id: Uuid,
        voided: bool,
        format: Format,
    },
    /// A page of statements; the text is the query without the cursor, for the next page.
    Many { query: Box<Query>, again: String },
}

/// A GET's parameters.
#[derive(Debug)]
pub(super) struct Get {
    pub(super) wanted: Wanted,
    /// The answer as multipart/mixed, where attachments would be.
    pub(super) attachments: bool,
}

/// Splits `a=b&c=d` and takes the escapes out. A `+` is a space, as forms have it.
pub(super) fn decode_form(text: &str) -> Result<Vec<(String, String)>, Refusal> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(key)?, decode(value)?))
        })
        .collect()
}

fn decode(text: &str) -> Result<String, Refusal> {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced)
        .decode_utf8()
        .map(Into::into)
        .map_err(|_| Refusal::Parameter("a parameter is not UTF-8".to_owned()))
}

/// The `statementId` of a PUT, its one parameter.
pub(super) fn put(query: &str) -> Result<Uuid, Refusal> {
    let mut left = Left::of(query)?;
    let id = left.with("statementId", uuid)?;
    left.nothing_else()?;
    id.ok_or_else(|| Refusal::Parameter("statementId is required".to_owned()))
}

/// A POST has none.
pub(super) fn none(query: &str) -> Result<(), Refusal> {
    Left::of(query)?.nothing_else()
}

/// `languages` are the tags of Accept-Language, most wanted first.
pub(super) fn get(query: &str, languages: Vec<String>) -> Result<Get, Refusal> {
    let mut left = Left::of(query)?;
    let id = left.with("statementId", uuid)?;
    let voided_id = left.with("voidedStatementId", uuid)?;
    let attachments = left.with("attachments", boolean)?.unwrap_or(false);
    let format = left
        .with("format", |text| format(text, languages))?
        .unwrap_or_default();
    let wanted = match (id, voided_id) {
        (Some(_), Some(_)) => {
            return Err(Refusal::Parameter(
                "statementId and voidedStatementId exclude each other".to_owned(),
            ));
        }
        (Some(id), None) => Wanted::One {
            id,
            voided: false,
            format,
        },
        (None, Some(id)) => Wanted::One {
            id,
            voided: true,
            format,
        },
        (None, None) => many(&mut left, query, format)?,
    };
    // A single statement takes no filter: what is left is refused.
    left.nothing_else()?;
    Ok(Get {
        wanted,
        attachments,
    })
}

fn many(left: &mut Left, text: &str, format: Format) -> Result<Wanted, Refusal> {
    let query = Query {
        agent: left.with("agent", |text| {
            AgentFilter::parse(text).map_err(|e| e.to_string())
        })?,
        verb: left.with("verb", iri)?,
        activity: left.with("activity", iri)?,
        registration: left.with("registration", uuid)?,
        related_agents: left.with("related_agents", boolean)?.unwrap_or(false),
        related_activities: left.with("related_activities", boolean)?.unwrap_or(false),
        since: left.with("since", timestamp)?,
        until: left.with("until", timestamp)?,
        limit: left.with("limit", limit)?.unwrap_or(0),
        ascending: left.with("ascending", boolean)?.unwrap_or(false),
        format,
        cursor: left.with("cursor", cursor)?,
    };
    let again = decode_form(text)?
        .into_iter()
        .filter(|(key, _)| key != "cursor")
        .map(|(key, value)| format!("{}={}&", encode_key(&key), encode(&value)))
        .collect();
    Ok(Wanted::Many {
        query: Box::new(query),
        again,
    })
}

/// Names of parameters are letters and underscores, which need no escape.
fn encode_key(key: &str) -> String {
    key.split('_').map(encode).collect::<Vec<_>>().join("_")
}

/// The parameters nobody has read yet.
struct Left(BTreeMap<String, String>);

impl Left {
    fn of(query: &str) -> Result<Self, Refusal> {
        let mut left = BTreeMap::new();
        for (key, value) in decode_form(query)? {
            if left.contains_key(&key) {
                return Err(Refusal::Parameter(format!("{key} stands twice")));
            }
            left.insert(key, value);
        }
        Ok(Self(left))
    }

    fn with<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Refusal> {
        self.0
            .remove(key)
            .map(|text| read(&text).map_err(|rule| Refusal::Parameter(format!("{key}: {rule}"))))
            .transpose()
    }

    fn nothing_else(&self) -> Result<(), Refusal> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(key) => {
                let short: String = key.chars().take(80).collect();
                Err(Refusal::Parameter(format!(
                    "{short:?} is no parameter here"
                )))
            }
        }
    }
}

fn uuid(text: &str) -> Result<Uuid, String> {
    parse_uuid(text).ok_or_else(|| "must be a UUID in its standard form".to_owned())
}

fn boolean(text: &str) -> Result<bool, String> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("must be true or false".to_owned()),
    }
}

fn iri(text: &str) -> Result<String, String> {
    if is_iri(text) {
        Ok(text.to_owned())
    } else {
        Err("must be an IRI with a scheme".to_owned())
    }
}

fn timestamp(text: &str) -> Result<Timestamp, String> {
    // A "+" of a zone that was not escaped arrives as a space.
    parse_timestamp(&text.replace(' ', "+"))
        .ok_or_else(|| "must be a date and time with a zone (RFC 3339)".to_owned())
}

fn limit(text: &str) -> Result<usize, String> {
    text.parse()
        .map_err(|_| "must be a whole number, 0 or more".to_owned())
}

fn cursor(text: &str) -> Result<Cursor, String> {
    text.parse()
        .map_err(|_| "must be taken from \"more\" as it is".to_owned())
}

fn format(text: &str, languages: Vec<String>) -> Result<Format, String> {
    match text {
        "exact" => Ok(Format::Exact),
        "ids" => Ok(Format::Ids),
        "canonical" => Ok(Format::Canonical(languages)),
        _ => Err("must be ids, exact or canonical".to_owned()),
    }
}

/// The tags of an Accept-Language header, most wanted first; those with `q=0` are left out.
pub(super) fn languages(header: &str) -> Vec<String> {
    let mut weighed: Vec<(f32, String)> = header
        .split(',')
        .filter_map(|range| {
            let (tag, weight) = range.split_once(";q=").unwrap_or((range, "1"));
            let weight = weight.trim().parse().ok()?;
            (weight > 0.0).then(|| (weight, tag.trim().to_owned()))
        })
        .collect();
    // Stable: equal weights keep the header's order.
    weighed.sort_by(|a, b| b.0.total_cmp(&a.0));
    weighed.into_iter().map(|(_, tag)| tag).collect()
}
