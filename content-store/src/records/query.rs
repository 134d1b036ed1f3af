//! Reading statements: the filters of the xAPI statement resource, in pages.

use super::RecordsError;
use super::moment;
use super::schema::database_error;
use super::statement::{
    StatementError, Term, activity_term, agent_term, ids_only, one_language, parse_agent,
    registration_term, verb_term,
};
use super::veil::{Place, Veil};
use jiff::Timestamp;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use serde_json::Value;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// Statements in one page at most.
pub const PAGE_LIMIT: usize = 500;
/// Bytes of one page at most (one statement is always given): what bounds a reader's memory, times as many as read slowly at once.
const PAGE_BYTES: usize = 256 * 1024;

/// How statements are given back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Format {
    /// As they were stored.
    #[default]
    Exact,
    /// Only what identifies agents, verbs and activities.
    Ids,
    /// One language in every language map of verbs and activities: the first of these tags that it has.
    Canonical(Vec<String>),
}

/// Statements of one Agent or identified Group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentFilter(Term);

impl AgentFilter {
    /// From the JSON of a query parameter.
    ///
    /// # Errors
    /// [`StatementError`] when it is no identified Agent or Group.
    pub fn parse(json: &str) -> Result<Self, StatementError> {
        let agent = parse_agent(json)?;
        agent_term(&agent).map(Self).ok_or(StatementError::Invalid {
            path: "agent".to_owned(),
            rule: "must be identified".to_owned(),
        })
    }
}

/// Where the next page goes on: the last statement of the page before. New statements do not move it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor(i64);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Cursor {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// Which statements; the default asks for all, newest first.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// As actor or object, as a member of such a Group, too.
    pub agent: Option<AgentFilter>,
    /// The verb's IRI.
    pub verb: Option<String>,
    /// The IRI of the activity that is the object.
    pub activity: Option<String>,
    /// The registration of the context.
    pub registration: Option<Uuid>,
    /// `agent` also as authority, instructor, team or inside a SubStatement.
    pub related_agents: bool,
    /// `activity` also in the context or inside a SubStatement.
    pub related_activities: bool,
    /// Stored after this.
    pub since: Option<Timestamp>,
    /// Stored at or before this.
    pub until: Option<Timestamp>,
    /// At most so many in a page; 0 and more than [`PAGE_LIMIT`] mean [`PAGE_LIMIT`].
    pub limit: usize,
    /// Oldest first.
    pub ascending: bool,
    /// How to give them back.
    pub format: Format,
    /// Go on after an earlier page of the same query.
    pub cursor: Option<Cursor>,
}

/// One page of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Each the JSON of one statement.
    pub statements: Vec<String>,
    /// Where to go on, if there is more.
    pub more: Option<Cursor>,
    /// Statements that were left out: they are not what was written any more.
    pub unreadable: usize,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its JSON.
    pub json: String,
    /// When it was stored.
    pub stored: Timestamp,
}

/// The statement `id` among the voided ones or among the others.
pub(super) fn one(
    db: &Connection,
    veil: &Veil,
    id: Uuid,
    voided: bool,
    format: &Format,
) -> Result<Option<Found>, RecordsError> {
    let body = veil.body_column();
    let sql = format!("SELECT stored, {body} FROM statements WHERE id = ?1 AND voided = ?2");
    let found: Option<(i64, Option<String>)> = db
        .prepare_cached(&sql)
        .and_then(|mut find| {
            find.query_row((veil.keyed(id.as_bytes()).as_slice(), voided), |row| {
                let stored = row.get(0)?;
                Ok((stored, veil.body(row, 1, Place::Statement(stored))?))
            })
            .optional()
        })
        .map_err(database_error("read"))?;
    found
        .map(|(stored, body)| {
            let body = body.ok_or_else(|| unreadable(stored))?;
            Ok(Found {
                json: shaped(stored, body, format)?,
                stored: moment::timestamp(stored),
            })
        })
        .transpose()
}

/// One page.
pub(super) fn page(db: &Connection, veil: &Veil, query: &Query) -> Result<Page, RecordsError> {
    let limit = match query.limit {
        0 => PAGE_LIMIT,
        wanted => wanted.min(PAGE_LIMIT),
    };
    let (sql, values) = sql(veil, query, limit + 1);
    let mut rows_of = db.prepare_cached(&sql).map_err(database_error("read"))?;
    let mut rows = rows_of
        .query(params_from_iter(values))
        .map_err(database_error("read"))?;
    let mut page = Page {
        statements: Vec::new(),
        more: None,
        unreadable: 0,
    };
    let (mut bytes, mut last) = (0, None);
    while let Some(row) = rows.next().map_err(database_error("read"))? {
        let (stored, body) = row
            .get(0)
            .and_then(|stored| Ok((stored, veil.body(row, 1, Place::Statement(stored))?)))
            .map_err(database_error("read"))?;
        bytes += body.as_ref().map_or(0, String::len);
        if page.statements.len() + page.unreadable == limit
            || (last.is_some() && bytes > PAGE_BYTES)
        {
            page.more = last.map(Cursor);
            break;
        }
        last = Some(stored);
        match body {
            Some(body) => page.statements.push(shaped(stored, body, &query.format)?),
            // One damaged row must not hide all others.
            None => page.unreadable += 1,
        }
    }
    Ok(page)
}

pub(super) fn unreadable(stored: i64) -> RecordsError {
    RecordsError::Unreadable {
        stored: moment::timestamp(stored),
    }
}

fn shaped(stored: i64, body: String, format: &Format) -> Result<String, RecordsError> {
    if *format == Format::Exact {
        return Ok(body);
    }
    let mut value: Value = serde_json::from_str(&body).map_err(|_| unreadable(stored))?;
    match format {
        Format::Exact => {}
        Format::Ids => ids_only(&mut value),
        Format::Canonical(languages) => one_language(&mut value, languages),
    }
    Ok(value.to_string())
}

/// The terms asked for, the one that finds fewest statements first: it drives the search, the others only test.
fn wanted(query: &Query) -> Vec<(Term, bool)> {
    let registration = query
        .registration
        .map(|id| registration_term(&id.to_string()));
    let agent = query.agent.as_ref().map(|agent| agent.0);
    let activity = query.activity.as_deref().map(activity_term);
    let verb = query.verb.as_deref().map(verb_term);
    [
        (registration, true),
        (agent, !query.related_agents),
        (activity, !query.related_activities),
        (verb, true),
    ]
    .into_iter()
    .filter_map(|(term, direct)| Some((term?, direct)))
    .collect()
}

fn sql(veil: &Veil, query: &Query, rows: usize) -> (String, Vec<Sql>) {
    let mut values = Vec::new();
    let mut conditions = vec!["s.voided = 0".to_owned()];
    let mut from = "statements s";
    let mut key = "s.stored";
    for (place, (term, direct)) in wanted(query).into_iter().enumerate() {
        values.push(Sql::Blob(veil.term(&term).to_vec()));
        let at = values.len();
        let only_direct = if direct { " AND t.direct = 1" } else { "" };
        if place == 0 {
            // CROSS JOIN keeps the order: terms drive, statements are looked up.
            from = "terms t CROSS JOIN statements s ON s.stored = t.stored";
            key = "t.stored";
            conditions.push(format!("t.term = ?{at}{only_direct}"));
        } else {
            let tests = "EXISTS (SELECT 1 FROM terms t WHERE t.stored = s.stored";
            conditions.push(format!("{tests} AND t.term = ?{at}{only_direct})"));
        }
    }
    let (order, beyond) = if query.ascending {
        ("ASC", ">")
    } else {
        ("DESC", "<")
    };
    let bounds = [
        (query.since.map(moment::micros), ">"),
        (query.until.map(moment::micros), "<="),
        (query.cursor.map(|cursor| cursor.0), beyond),
    ];
    for (bound, comparison) in bounds {
        if let Some(bound) = bound {
            values.push(Sql::Integer(bound));
            conditions.push(format!("{key} {comparison} ?{}", values.len()));
        }
    }
    values.push(Sql::Integer(rows as i64));
    let sql = format!(
        "SELECT s.stored, s.{} FROM {from} WHERE {} ORDER BY {key} {order} LIMIT ?{}",
        veil.body_column(),
        conditions.join(" AND "),
        values.len()
    );
    (sql, values)
}
