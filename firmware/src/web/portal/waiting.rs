//! The page of a guest who waits for a seat: their place, and that it looks again by itself.
//!
//! At `/` it comes with 200: the small windows that phones open for a portal show a page of that status, and some show none of another.
//! For all else it is 503 with `Retry-After`, which programs understand. It renews itself by a header, so that nobody has to press
//! anything, and calmly: a screen reader has read it to its end by then.

use super::{Frame, POLICY, Reader, rendered};
use crate::web::answer::{Answer, Page};
use crate::web::texts::Value;
use askama::Template;
use flate2::Compression;
use http::StatusCode;
use http::header::{CACHE_CONTROL, ETAG, HeaderMap, HeaderName, HeaderValue};

/// Seconds until the page looks again.
pub(crate) const AGAIN_S: u16 = 30;
/// Known to every browser since 1996, though in no standard but HTML's `http-equiv`.
const REFRESH: HeaderName = HeaderName::from_static("refresh");

#[derive(Template)]
#[template(path = "waiting.html")]
struct WaitingPage<'a> {
    frame: Frame<'a>,
    title: String,
    place: String,
    remedy: String,
}

/// Pure: the page as text, for who is at `place` among those who wait, from 1.
pub(crate) fn html(reader: &Reader<'_>, place: u16) -> String {
    let words = &reader.words;
    rendered(&WaitingPage {
        title: words.text("waiting"),
        place: words.say("waiting-place", &[("place", Value::Count(place.into()))]),
        remedy: words.text("waiting-do"),
        frame: Frame::new(reader, "/"),
    })
}

/// The answer at `/`.
pub(crate) fn answer(reader: &Reader<'_>, place: u16) -> Answer {
    let page = Page::new(html(reader, place), Compression::fast());
    let mut answer = page.answer(StatusCode::OK, &reader.wishes, &POLICY);
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.remove(ETAG);
    looks_again(headers, &reader.origin.portal());
    answer
}

/// The page looks again, at the portal's first page.
pub(crate) fn looks_again(headers: &mut HeaderMap, portal: &str) {
    if let Ok(value) = HeaderValue::try_from(format!("{AGAIN_S}; url={portal}/")) {
        headers.insert(REFRESH, value);
    }
}
