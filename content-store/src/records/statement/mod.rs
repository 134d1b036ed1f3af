//! A statement that keeps the Data rules of xAPI 1.0.3, and the text of what is wrong with one that does not.
//!
//! Every property is checked: unknown ones, `null` outside extensions, wrong types and formats are refused with the
//! JSON path and the rule. Interpretations, where the specification leaves room:
//!
//! - a timestamp must have a zone (the box's own is not to be trusted);
//! - attachments are taken only with `fileUrl`: files themselves are not kept;
//! - a key twice in one object is refused;
//! - component lists are checked in their own shape, not against the interaction type: an authoring tool's needless
//!   list must not cost a learner the result.

mod actor;
mod check;
mod compare;
mod format;
mod json;
mod object;
mod parts;
mod shape;
mod terms;

pub(super) use shape::{ids_only, one_language};
pub(super) use terms::{
    Term, Terms, activity_term, agent_term, registration_term, terms, verb_term,
};

use check::{Checked, Fault, Fields, formatted};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// The largest statement, bytes of compact JSON: a long essay as a response, or a thousand choices.
pub const STATEMENT_LIMIT: usize = 64 * 1024;
/// The most statements in one request.
pub const BATCH_LIMIT: usize = 1_000;

const STATEMENT: [&str; 11] = [
    "id",
    "actor",
    "verb",
    "object",
    "result",
    "context",
    "timestamp",
    "stored",
    "authority",
    "version",
    "attachments",
];

/// Why a statement was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// The text is no JSON a store may read.
    #[error("the body is no valid JSON: {0}")]
    Json(String),
    /// A rule of the specification is broken.
    #[error("{path}: {rule}")]
    Invalid {
        /// Where, as `actor.mbox` or `[3].context.registration`.
        path: String,
        /// What the rule is.
        rule: String,
    },
    /// A statement is larger than [`STATEMENT_LIMIT`].
    #[error("{path}: the statement has {bytes} bytes; {STATEMENT_LIMIT} is the limit")]
    TooLarge {
        /// Which statement.
        path: String,
        /// Its size as compact JSON.
        bytes: usize,
    },
    /// More statements than [`BATCH_LIMIT`].
    #[error("the batch has {0} statements; {BATCH_LIMIT} is the limit")]
    TooMany(usize),
}

impl From<Fault> for StatementError {
    fn from(fault: Fault) -> Self {
        let path = if fault.path.is_empty() {
            "statement".to_owned()
        } else {
            fault.path
        };
        Self::Invalid {
            path,
            rule: fault.rule,
        }
    }
}

/// One valid statement, ready for the writer.
#[derive(Debug, Clone)]
pub struct Statement {
    value: Value,
    id: Option<Uuid>,
    timestamp: Option<Timestamp>,
    target: Option<Uuid>,
    voiding: bool,
    fingerprint: [u8; 32],
    bytes: usize,
}

impl Statement {
    /// Reads one statement.
    ///
    /// # Errors
    /// [`StatementError`] with the first broken rule.
    pub fn parse(json: &[u8]) -> Result<Self, StatementError> {
        Self::from_value(json::read(json).map_err(StatementError::Json)?)
    }

    /// Reads one statement or an array of them. `true` beside the statements when it was an array.
    ///
    /// # Errors
    /// [`StatementError`] with the first broken rule; an id that stands twice in the array is one too.
    pub fn parse_batch(json: &[u8]) -> Result<(Vec<Self>, bool), StatementError> {
        match json::read(json).map_err(StatementError::Json)? {
            Value::Array(items) => Ok((batch(items)?, true)),
            other @ (Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_)) => Ok((vec![Self::from_value(other)?], false)),
        }
    }

    /// Checks a statement that is JSON already.
    ///
    /// # Errors
    /// [`StatementError`] with the first broken rule.
    pub fn from_value(mut value: Value) -> Result<Self, StatementError> {
        check_statement(&value)?;
        normalise(&mut value);
        let bytes = value.to_string().len();
        if bytes > STATEMENT_LIMIT {
            return Err(StatementError::TooLarge {
                path: "statement".to_owned(),
                bytes,
            });
        }
        let target = uuid_at(&value, "/object/id")
            .filter(|_| text_at(&value, "/object/objectType") == Some("StatementRef"));
        Ok(Self {
            id: uuid_at(&value, "/id"),
            timestamp: text_at(&value, "/timestamp").and_then(format::parse_timestamp),
            target,
            voiding: text_at(&value, "/verb/id") == Some(object::VOIDED),
            fingerprint: value
                .as_object()
                .map(compare::fingerprint)
                .unwrap_or_default(),
            bytes,
            value,
        })
    }

    /// The id it came with; the store gives one to a statement without.
    #[must_use]
    pub fn id(&self) -> Option<Uuid> {
        self.id
    }

    /// Names the statement where its sender named it outside the JSON (`statementId` of a PUT).
    #[must_use]
    pub fn with_id(mut self, id: Uuid) -> Self {
        self.id = Some(id);
        self
    }

    /// The statement as JSON, normalised.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Bytes as compact JSON.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The statement that this one is about, when its object is a StatementRef.
    pub(super) fn target(&self) -> Option<Uuid> {
        self.target
    }

    /// Whether it voids its target.
    pub(super) fn is_voiding(&self) -> bool {
        self.voiding
    }

    /// When it happened, if the sender said so.
    pub(super) fn timestamp(&self) -> Option<Timestamp> {
        self.timestamp
    }

    /// Equal for statements that are the same as the specification compares them (timestamps apart).
    pub(super) fn fingerprint(&self) -> &[u8; 32] {
        &self.fingerprint
    }
}

/// An Agent or identified Group out of a query parameter.
///
/// # Errors
/// [`StatementError`] with the first broken rule.
pub(super) fn parse_agent(json: &str) -> Result<Value, StatementError> {
    let value = json::read(json.as_bytes()).map_err(StatementError::Json)?;
    actor::actor(&value).map_err(StatementError::from)?;
    if actor::identity(&value).is_none() {
        return Err(Fault::new("must be identified: mbox, mbox_sha1sum, openid or account").into());
    }
    Ok(value)
}

/// A timestamp as a statement may have it: RFC 3339 with a zone.
#[must_use]
pub fn parse_timestamp(text: &str) -> Option<Timestamp> {
    format::parse_timestamp(text)
}

/// Whether `text` is an IRI as a statement may have it.
#[must_use]
pub fn is_iri(text: &str) -> bool {
    format::is_iri(text)
}

/// A UUID in its standard form.
#[must_use]
pub fn parse_uuid(text: &str) -> Option<Uuid> {
    if format::is_uuid(text) {
        Uuid::parse_str(text).ok()
    } else {
        None
    }
}

fn batch(items: Vec<Value>) -> Result<Vec<Statement>, StatementError> {
    if items.len() > BATCH_LIMIT {
        return Err(StatementError::TooMany(items.len()));
    }
    let mut seen = std::collections::HashSet::new();
    let mut statements = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let statement = Statement::from_value(item).map_err(|error| at_index(error, index))?;
        if statement.id.is_some_and(|id| !seen.insert(id)) {
            let fault = Fault::new("stands twice in this batch").under_key("id");
            return Err(fault.under_index(index).into());
        }
        statements.push(statement);
    }
    Ok(statements)
}

fn at_index(error: StatementError, index: usize) -> StatementError {
    let inside = |path: String| match path.as_str() {
        "statement" => format!("[{index}]"),
        other if other.starts_with('[') => format!("[{index}]{other}"),
        other => format!("[{index}].{other}"),
    };
    match error {
        StatementError::Invalid { path, rule } => StatementError::Invalid {
            path: inside(path),
            rule,
        },
        StatementError::TooLarge { path, bytes } => StatementError::TooLarge {
            path: inside(path),
            bytes,
        },
        other @ (StatementError::Json(_) | StatementError::TooMany(_)) => other,
    }
}

fn check_statement(value: &Value) -> Checked {
    let fields = Fields::of(value, "a Statement", &STATEMENT)?;
    fields.optional("id", object::uuid)?;
    fields.required("actor", actor::actor)?;
    fields.required("verb", object::verb)?;
    fields.required("object", object::statement_object)?;
    parts::common(&fields, value)?;
    fields.optional("stored", parts::timestamp)?;
    fields.optional("authority", actor::authority)?;
    fields.optional("version", |v| {
        formatted(v, "1.0 or 1.0.x", format::is_version)
    })?;
    let voiding = text_at(value, "/verb/id") == Some(object::VOIDED);
    if voiding && text_at(value, "/object/objectType") != Some("StatementRef") {
        return check::fail("a statement that voids must have a StatementRef as its object")
            .map_err(|fault| fault.under_key("object"));
    }
    Ok(())
}

/// Arrays in `contextActivities` and lower-case ids: one form for what may be written in two.
fn normalise(value: &mut Value) {
    for context in ["/context", "/object/context"] {
        let lists = value
            .pointer_mut(context)
            .and_then(|c| c.get_mut("contextActivities"));
        let lists = lists.and_then(Value::as_object_mut);
        for list in lists.into_iter().flat_map(|all| all.values_mut()) {
            if list.is_object() {
                *list = Value::Array(vec![list.take()]);
            }
        }
    }
    if let Some(Value::String(id)) = value.get_mut("id") {
        id.make_ascii_lowercase();
    }
}

fn text_at<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str)
}

fn uuid_at(value: &Value, pointer: &str) -> Option<Uuid> {
    text_at(value, pointer).and_then(parse_uuid)
}
