//! Search over every pack, as a page and as data.

use super::{Frame, Reader, rendered};
use crate::web::origin::link_path;
use crate::web::texts::Value;
use askama::Template;
use content_store::library::Hit;
use serde::Serialize;

/// Results on one page.
pub(crate) const HITS: usize = 20;
/// Pages of results that can be leafed through: nobody finds anything behind them.
const MAX_PAGE: usize = 50;
/// Characters of a query that count.
const MAX_QUERY: usize = 200;

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    /// As typed, without blanks around it; perhaps empty.
    pub(crate) text: String,
    /// From 0.
    pub(crate) page: usize,
}

impl Query {
    /// From the address of the search page.
    pub(crate) fn read(uri: &http::Uri) -> Self {
        let typed = crate::web::route::query_value(uri, "q").unwrap_or_default();
        let text = typed
            .trim()
            .chars()
            .filter(|c| !c.is_control())
            .take(MAX_QUERY)
            .collect();
        Self {
            text,
            page: page_number(uri),
        }
    }

    /// Hits to pass over.
    pub(crate) fn offset(&self) -> usize {
        self.page * HITS
    }
}

/// The page asked for by `page=`, from 0.
pub(crate) fn page_number(uri: &http::Uri) -> usize {
    let asked =
        crate::web::route::query_value(uri, "page").and_then(|text| text.parse::<usize>().ok());
    asked.unwrap_or(0).min(MAX_PAGE)
}

/// A result as a page or program sees it.
#[derive(Debug, Serialize)]
pub(crate) struct Found {
    pack: String,
    title: String,
    url: String,
    summary: String,
    #[serde(skip)]
    pack_title: String,
}

#[derive(Debug, Serialize)]
struct Results<'a> {
    query: &'a str,
    hits: &'a [Found],
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage<'a> {
    frame: Frame<'a>,
    hits: Vec<Found>,
    title: String,
    /// The sentence above the results.
    told: String,
    /// Links to the pages around this one, up to their number.
    leaf: String,
    before: Option<usize>,
    after: Option<usize>,
}

/// Gives each hit its link.
pub(crate) fn linked(reader: &Reader<'_>, hits: Vec<Hit>) -> Vec<Found> {
    let link = |hit: Hit| Found {
        url: reader.origin.pack(hit.pack.as_str()) + &link_path(&hit.path),
        pack: hit.pack.into(),
        title: hit.title,
        summary: hit.summary,
        pack_title: hit.pack_title,
    };
    hits.into_iter().map(link).collect()
}

/// As data.
pub(crate) fn json(query: &Query, hits: &[Found]) -> String {
    // Strings and lists of strings always serialise.
    serde_json::to_string(&Results {
        query: &query.text,
        hits,
    })
    .unwrap_or_default()
}

/// As a page. `more` says that there are hits behind these.
pub(crate) fn html(reader: &Reader<'_>, query: &Query, hits: Vec<Found>, more: bool) -> String {
    let words = &reader.words;
    let told = match (query.text.is_empty(), hits.len() as u64) {
        (true, _) => words.text("search-ask"),
        (false, 0) => words.text("search-nothing"),
        (false, _) if more || query.page > 0 => words.text("search-best"),
        (false, found) => words.say("search-found", &[("count", Value::Count(found))]),
    };
    let leaf = format!(
        "/search?q={}&",
        percent_encoding::utf8_percent_encode(&query.text, percent_encoding::NON_ALPHANUMERIC)
    );
    let mut frame = Frame::new(reader, leaf.trim_end_matches('&'));
    frame.query.clone_from(&query.text);
    rendered(&SearchPage {
        title: words.text("search-title"),
        told,
        hits,
        before: query.page.checked_sub(1),
        after: (more && query.page < MAX_PAGE).then_some(query.page + 1),
        leaf,
        frame,
    })
}
