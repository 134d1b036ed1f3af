//! A pack's pages: found by key, never by a path on the disk, and sent with validators, ranges and the pack's own policy.

use super::answer::{Answer, empty};
use super::body::{AnswerBody, CHUNK, Piece, Run, Stored, read_chunk};
use super::conditional::{Conditions, Verdict, range_stands};
use super::fault::Fault;
use super::films::{Films, is_film};
use super::origin::link_path;
use super::range::{Asked, Span, asked};
use content_store::library::{Entry, Lookup, Pack};
use http::StatusCode;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH,
    IF_NONE_MATCH, IF_RANGE, LOCATION, RANGE, VARY,
};
use std::collections::VecDeque;

/// All that a request says about the page it wants.
#[derive(Debug, Default)]
pub(crate) struct Ask {
    /// `HEAD`: nothing is read.
    pub(crate) head: bool,
    /// Compressed bodies are welcome.
    pub(crate) gzip: bool,
    /// What follows the `?`.
    pub(crate) query: Option<String>,
    range: Option<String>,
    if_range: Option<String>,
    conditions: Conditions,
}

impl Ask {
    /// Reads the headers that bear on a page.
    pub(crate) fn read(headers: &HeaderMap, gzip: bool, head: bool, query: Option<&str>) -> Self {
        let line = |name: &HeaderName| super::answer::joined(headers, name);
        Self {
            head,
            gzip,
            query: query.map(str::to_owned),
            range: line(&RANGE).filter(|_| !head),
            if_range: line(&IF_RANGE),
            conditions: Conditions {
                if_match: line(&IF_MATCH),
                if_none_match: line(&IF_NONE_MATCH),
            },
        }
    }
}

/// What of a representation is sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// 304.
    NotModified,
    /// 412.
    Failed,
    /// 416.
    Unsatisfiable,
    /// 200.
    Whole,
    /// 206.
    Parts(Vec<Span>),
}

/// Pure: from what is asked to what is sent of a body of `len` bytes under the strong tag `etag`.
pub(super) fn plan(ask: &Ask, etag: &str, len: u64) -> Plan {
    match ask.conditions.judge(etag) {
        Verdict::Failed => Plan::Failed,
        Verdict::NotModified => Plan::NotModified,
        Verdict::Proceed if !range_stands(ask.if_range.as_deref(), etag) => Plan::Whole,
        Verdict::Proceed => match asked(ask.range.as_deref(), len) {
            Asked::Whole => Plan::Whole,
            Asked::Unsatisfiable => Plan::Unsatisfiable,
            Asked::Parts(spans) => Plan::Parts(spans),
        },
    }
}

/// The form in which an entry is sent.
pub(super) struct Representation {
    /// Its bytes.
    pub(super) content: Stored,
    /// How many.
    pub(super) len: u64,
    /// Its strong tag, with quotes.
    pub(super) etag: String,
    /// It is compressed.
    pub(super) gzip: bool,
}

/// The compressed form where it is stored and welcome. A range is of the plain bytes, which is what players and resumed downloads
/// mean, unless the reader says by `If-Range` that it holds a piece of the compressed form.
fn representation(entry: &Entry, ask: &Ask) -> Representation {
    let gzip_tag = format!("\"{}-gz\"", entry.tag);
    let wants_gzip = ask.gzip
        && (ask.range.is_none()
            || ask
                .if_range
                .as_deref()
                .is_some_and(|tag| tag.trim() == gzip_tag));
    match &entry.gzip {
        Some((len, content)) if wants_gzip => Representation {
            content: Stored::Library(content.clone()),
            len: *len,
            etag: gzip_tag,
            gzip: true,
        },
        Some(_) | None => Representation {
            content: Stored::Library(entry.body.clone()),
            len: entry.len,
            etag: format!("\"{}\"", entry.tag),
            gzip: false,
        },
    }
}

/// Looks `path` up and makes its answer, with the first chunk of the body in it. Blocks: this is the one visit to the blocking pool
/// that most pages need.
///
/// # Errors
/// The page is missing, a condition failed, a range lies behind the end, it is a film and those have to wait, or the library could not be read.
pub(crate) fn page(pack: &Pack, path: &str, ask: &Ask, films: &Films) -> Result<Answer, Fault> {
    match pack.lookup(path) {
        Ok(Lookup::Found(entry)) => found(&entry, ask, films),
        Ok(Lookup::Redirect(to)) => Ok(redirect(&to, ask.query.as_deref())),
        Ok(Lookup::Missing) => Err(Fault::NoPage),
        Err(error) => {
            let pack = pack.summary().id.as_str();
            tracing::error!(
                event = "web.page_unreadable",
                pack,
                path,
                error = &error as &dyn std::error::Error
            );
            Err(Fault::Internal)
        }
    }
}

fn redirect(to: &str, query: Option<&str>) -> Answer {
    let mut answer = empty(StatusCode::FOUND);
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    if let Ok(location) = HeaderValue::try_from(link_path(to) + &query) {
        answer.headers_mut().insert(LOCATION, location);
    }
    answer
        .headers_mut()
        .insert(CONTENT_LENGTH, HeaderValue::from(0));
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer
}

fn found(entry: &Entry, ask: &Ask, films: &Films) -> Result<Answer, Fault> {
    let film = is_film(&entry.mime);
    let pace = |answer: Answer| match film {
        true => answer.map(|body| body.at_pace(films.begin())),
        false => answer,
    };
    let chosen = representation(entry, ask);
    match plan(ask, &chosen.etag, chosen.len) {
        Plan::Failed => Err(Fault::OtherVersion),
        Plan::Unsatisfiable => Err(Fault::BadRange(chosen.len)),
        Plan::NotModified => Ok(headed(StatusCode::NOT_MODIFIED, entry, &chosen)),
        // Only bytes are refused: who holds the film is told that it is still the same. HEAD is told what GET would be.
        Plan::Whole | Plan::Parts(_) if film && films.wait() => Err(Fault::FilmsWait),
        Plan::Whole => {
            let whole = Span {
                start: 0,
                end: chosen.len,
            };
            let answer = headed(StatusCode::OK, entry, &chosen);
            filled(answer, &entry.mime, vec![whole], chosen, ask.head).map(pace)
        }
        Plan::Parts(spans) => {
            let answer = headed(StatusCode::PARTIAL_CONTENT, entry, &chosen);
            filled(answer, &entry.mime, spans, chosen, ask.head).map(pace)
        }
    }
}

/// The answer's head, with what 200, 206 and 304 share.
fn headed(status: StatusCode, entry: &Entry, chosen: &Representation) -> Answer {
    let mut answer = empty(status);
    let headers = answer.headers_mut();
    if let Ok(etag) = HeaderValue::try_from(chosen.etag.as_str()) {
        headers.insert(ETAG, etag);
    }
    // A pack keeps its name when its content changes: the reader asks each time, and a hash answers 304.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if entry.gzip.is_some() {
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    }
    if chosen.gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    answer
}

/// Puts `spans` of the chosen form into `answer`: one as it is, several as `multipart/byteranges`.
pub(super) fn filled(
    mut answer: Answer,
    mime: &str,
    spans: Vec<Span>,
    chosen: Representation,
    head: bool,
) -> Result<Answer, Fault> {
    let partial = answer.status() == StatusCode::PARTIAL_CONTENT;
    let headers = answer.headers_mut();
    let (pieces, mime) = match spans.as_slice() {
        [one] => {
            if partial {
                headers.insert(CONTENT_RANGE, header(&one.content_range(chosen.len)));
            }
            (
                VecDeque::from([stored(&chosen.content, *one)]),
                mime.to_owned(),
            )
        }
        many => multipart(many, &chosen, mime),
    };
    headers.insert(CONTENT_TYPE, header(&mime));
    let body = AnswerBody::pieces(pieces);
    headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    if !head {
        *answer.body_mut() = begun(body, spans, &chosen.content)?;
    }
    Ok(answer)
}

/// A body of one span gets its first chunk now, on the thread that has just looked the page up.
fn begun(body: AnswerBody, spans: Vec<Span>, content: &Stored) -> Result<AnswerBody, Fault> {
    let [span] = spans.as_slice() else {
        return Ok(body);
    };
    let run = Run {
        content: content.clone(),
        offset: span.start,
        len: span.len(),
    };
    let first = read_chunk(&run, CHUNK).map_err(|error| {
        tracing::error!(
            event = "web.content_unreadable",
            error = &error as &dyn std::error::Error
        );
        Fault::Internal
    })?;
    let done = first.len() as u64;
    if run.len <= CHUNK as u64 {
        return Ok(AnswerBody::full(first));
    }
    let rest = Span {
        start: span.start + done,
        end: span.end,
    };
    Ok(AnswerBody::pieces(VecDeque::from([
        Piece::Ready(first),
        stored(content, rest),
    ])))
}

fn stored(content: &Stored, span: Span) -> Piece {
    Piece::Stored(Run {
        content: content.clone(),
        offset: span.start,
        len: span.len(),
    })
}

/// Several spans with a header of their own before each. The boundary is random: no pack can hold it.
fn multipart(spans: &[Span], chosen: &Representation, mime: &str) -> (VecDeque<Piece>, String) {
    let boundary = uuid::Uuid::new_v4().simple().to_string();
    let mut pieces = VecDeque::with_capacity(spans.len() * 2 + 1);
    for span in spans {
        let range = span.content_range(chosen.len);
        let head =
            format!("\r\n--{boundary}\r\nContent-Type: {mime}\r\nContent-Range: {range}\r\n\r\n");
        pieces.push_back(Piece::Ready(head.into()));
        pieces.push_back(stored(&chosen.content, *span));
    }
    pieces.push_back(Piece::Ready(format!("\r\n--{boundary}--\r\n").into()));
    (pieces, format!("multipart/byteranges; boundary={boundary}"))
}

/// A header of text that the library or this module made; what cannot stand in a header is sent as plain bytes' type.
fn header(text: &str) -> HeaderValue {
    HeaderValue::try_from(text)
        .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"))
}

/// What a pack's pages may do: anything inside their own origin (courses bring scripts of their own, inline and evaluated), nothing
/// outside of it; only themselves and the portal at `portal` may frame them.
pub(crate) fn policy(portal: &str) -> HeaderValue {
    let text = format!(
        "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; base-uri 'self'; form-action 'self'; \
         frame-ancestors 'self' {portal}"
    );
    // The portal's origin is made of checked names; were it not, the policy would be the strictest.
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
}

/// Puts the pack's policy on an answer.
pub(crate) fn under_policy(mut answer: Answer, portal: &str) -> Answer {
    answer
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, policy(portal));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(range: Option<&str>, if_range: Option<&str>, if_none_match: Option<&str>) -> Ask {
        let own = |text: Option<&str>| text.map(str::to_owned);
        Ask {
            range: own(range),
            if_range: own(if_range),
            conditions: Conditions {
                if_match: None,
                if_none_match: own(if_none_match),
            },
            ..Ask::default()
        }
    }

    #[test]
    fn conditions_come_before_ranges() {
        let part = Plan::Parts(vec![Span { start: 0, end: 2 }]);
        for (range, if_range, if_none_match, wanted) in [
            (None, None, None, Plan::Whole),
            (Some("bytes=0-1"), None, None, part),
            (Some("bytes=0-1"), None, Some("\"t\""), Plan::NotModified),
            (
                Some("bytes=0-1"),
                Some("\"t\""),
                None,
                Plan::Parts(vec![Span { start: 0, end: 2 }]),
            ),
            (Some("bytes=0-1"), Some("\"old\""), None, Plan::Whole),
            (Some("bytes=90-"), Some("\"old\""), None, Plan::Whole),
            (Some("bytes=90-"), None, None, Plan::Unsatisfiable),
            (Some("bytes=9-1"), None, None, Plan::Whole),
        ] {
            let ask = ask(range, if_range, if_none_match);
            assert_eq!(plan(&ask, "\"t\"", 10), wanted, "{ask:?}");
        }
    }

    #[test]
    fn a_redirect_stays_inside_its_pack() {
        let location = |to, query| redirect(to, query).headers().get(LOCATION).cloned();
        assert_eq!(
            location("A/Main Page", None),
            Some(HeaderValue::from_static("/A/Main%20Page"))
        );
        assert_eq!(
            location("//evil.test", Some("a=b")),
            Some(HeaderValue::from_static("/evil.test?a=b"))
        );
    }
}
