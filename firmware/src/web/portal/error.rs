//! Pages for what went wrong: what happened, that nothing is lost, what to do.

use super::{Frame, POLICY, Reader, rendered, waiting};
use crate::web::answer::{Answer, Page, fresh_json};
use crate::web::fault::Fault;
use crate::web::negotiate::Form;
use askama::Template;
use flate2::Compression;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_RANGE, ETAG, HeaderMap, HeaderValue, RETRY_AFTER,
};
use serde::Serialize;

/// Seconds after which a turned-away reader may knock again.
pub(crate) const RETRY_S: u16 = 5;
/// Seconds after which films may be back: the planner thinks again every ten minutes.
const FILMS_RETRY_S: u16 = 600;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    frame: Frame<'a>,
    title: String,
    kept: String,
    remedy: String,
    status: u16,
}

/// RFC 9457.
#[derive(Serialize)]
struct Problem<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
}

/// The one function that turns a fault into an answer.
pub(crate) fn answer(reader: &Reader<'_>, fault: &Fault) -> Answer {
    let status = fault.status();
    let title = reader.words.text(fault.words());
    let mut answer = match reader.wishes.form() {
        Form::Json => {
            let title_of_status = status.canonical_reason().unwrap_or_default();
            let problem = Problem {
                kind: "about:blank",
                title: title_of_status,
                status: status.as_u16(),
                detail: &title,
            };
            let json = serde_json::to_string(&problem).unwrap_or_default();
            fresh_json(status, "application/problem+json", json)
        }
        Form::Html => Page::new(html(reader, fault), Compression::fast()).answer(
            status,
            &reader.wishes,
            &POLICY,
        ),
    };
    mark(answer.headers_mut(), fault);
    if matches!(fault, Fault::Waits(_)) {
        waiting::looks_again(answer.headers_mut(), &reader.origin.portal());
    }
    answer
}

/// Pure: the page as text.
pub(crate) fn html(reader: &Reader<'_>, fault: &Fault) -> String {
    if let Fault::Waits(place) = fault {
        return waiting::html(reader, *place);
    }
    rendered(&ErrorPage {
        title: reader.words.text(fault.words()),
        kept: reader.words.text(if reader.forgotten {
            "forgets"
        } else {
            "fault-kept"
        }),
        remedy: reader.words.text(&format!("{}-do", fault.words())),
        status: fault.status().as_u16(),
        frame: Frame::new(reader, "/"),
    })
}

/// The headers that belong to a fault.
fn mark(headers: &mut HeaderMap, fault: &Fault) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.remove(ETAG);
    match fault {
        Fault::WrongMethod(allowed) => {
            headers.insert(ALLOW, HeaderValue::from_static(allowed));
        }
        Fault::BadRange(len) => {
            if let Ok(range) = HeaderValue::try_from(format!("bytes */{len}")) {
                headers.insert(CONTENT_RANGE, range);
            }
        }
        Fault::Busy => {
            headers.insert(RETRY_AFTER, HeaderValue::from(RETRY_S));
        }
        Fault::Waits(_) => {
            headers.insert(RETRY_AFTER, HeaderValue::from(waiting::AGAIN_S));
        }
        Fault::FilmsWait => {
            headers.insert(RETRY_AFTER, HeaderValue::from(FILMS_RETRY_S));
        }
        Fault::BadRequest
        | Fault::NotFromHere
        | Fault::NoPage
        | Fault::NoPack
        | Fault::OtherVersion
        | Fault::LargeBody
        | Fault::SlowBody
        | Fault::LongUri
        | Fault::LongHeaders
        | Fault::Internal => {}
    }
}
