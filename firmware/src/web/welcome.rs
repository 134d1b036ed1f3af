//! The welcome to print: the page, and the whole sheet in all languages as PDF. Neither is kept by anybody on its way.

use super::Site;
use super::answer::{Answer, Page, empty, plain};
use super::fault::Fault;
use super::portal::{POLICY, Reader, welcome};
use super::route::query_value;
use crate::welcome::{Faces, Paper, Sheet, Words, pdf};
use flate2::Compression;
use http::header::{CONTENT_DISPOSITION, HeaderValue, LOCATION};
use http::{StatusCode, Uri};
use std::error::Error;
use std::net::IpAddr;

/// The page, for a reader at `from`.
pub(super) fn page(site: &Site, reader: &Reader<'_>, from: IpAddr) -> Result<Answer, Fault> {
    let facts = site.welcome.as_ref().ok_or(Fault::NoPage)?;
    let html =
        welcome::html(reader, facts, site.gate.admits(from)).map_err(|error| failed(&error))?;
    let page = Page::new(html, Compression::fast());
    Ok(page.answer(StatusCode::OK, &reader.wishes, &POLICY))
}

/// The sheet; who may not read the key is led to the page, which says so. Blocks for some milliseconds.
pub(super) fn sheet(site: &Site, uri: &Uri, from: IpAddr) -> Result<Answer, Fault> {
    let facts = site.welcome.as_ref().ok_or(Fault::NoPage)?;
    if facts.phrase.is_some() && !site.gate.admits(from) {
        let mut answer = empty(StatusCode::SEE_OTHER);
        let page = HeaderValue::from_static("/welcome");
        answer.headers_mut().insert(LOCATION, page);
        return Ok(answer);
    }
    let (paper, name) = match query_value(uri, "paper").as_deref() {
        Some("a5") => (Paper::A5, "inline; filename=\"welcome-a5.pdf\""),
        _ => (Paper::A4, "inline; filename=\"welcome-a4.pdf\""),
    };
    let faces = Faces::own();
    let mut words = Words::of_all(&site.languages);
    words.retain(|words| words.lack(&faces).is_none());
    let sheet = Sheet::of(facts, &words, &faces, paper).map_err(|error| failed(&error))?;
    let bytes = pdf::sheet(&sheet, &faces).map_err(|error| failed(&error))?;
    let mut answer = plain(StatusCode::OK, "application/pdf", bytes);
    let name = HeaderValue::from_static(name);
    answer.headers_mut().insert(CONTENT_DISPOSITION, name);
    Ok(answer)
}

fn failed(error: &(dyn Error + 'static)) -> Fault {
    tracing::error!(event = "web.welcome_failed", error);
    Fault::Internal
}
