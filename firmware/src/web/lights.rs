//! The lights: their page, and the card and the playbooks to print, in the reader's language.

use super::Site;
use super::answer::{Answer, Page, plain};
use super::fault::Fault;
use super::portal::{POLICY, Reader, lights};
use super::route::query_value;
use crate::panel::sheets::{card, playbook};
use crate::panel::{State, Words};
use crate::status::Panel;
use crate::welcome::{Faces, Paper, pdf};
use flate2::Compression;
use http::header::{CONTENT_DISPOSITION, HeaderValue};
use http::{StatusCode, Uri};

/// The page of the lights as they are now.
pub(super) fn page(reader: &Reader<'_>, panel: Option<&Panel>) -> Answer {
    let page = Page::new(lights::html(reader, panel), Compression::fast());
    page.answer(StatusCode::OK, &reader.wishes, &POLICY)
}

/// The card, or with `state` its playbook. `tag` is the reader's language; one whose letters the box lacks gets the English sheet. Blocks for some
/// milliseconds.
pub(super) fn sheet(site: &Site, uri: &Uri, tag: &str) -> Result<Answer, Fault> {
    let state = match query_value(uri, "state") {
        None => None,
        Some(name) => Some(State::named(&name).ok_or(Fault::NoPage)?),
    };
    let paper = match (query_value(uri, "paper").as_deref(), state) {
        (Some("a4"), _) | (None, Some(_)) => Paper::A4,
        (_, _) => Paper::A5,
    };
    let faces = Faces::own();
    let words = Words::of_all(&site.languages);
    let readable = |wanted: &str| {
        let mut own = words.iter().filter(|words| words.tag == wanted);
        own.find(|words| words.lack(&faces).is_none())
    };
    let words = readable(tag)
        .or_else(|| readable("en"))
        .ok_or(Fault::NoPage)?;
    let (sheet, name) = match state {
        None => (card(words, &faces, paper), "lights"),
        Some(state) => {
            let row = state.row();
            (playbook(row, words, &faces, paper), row.name)
        }
    };
    let bytes = pdf::sheet(&sheet, &faces).map_err(|error| {
        tracing::error!(
            event = "web.lights_failed",
            error = &error as &dyn std::error::Error
        );
        Fault::Internal
    })?;
    let mut answer = plain(StatusCode::OK, "application/pdf", bytes);
    let name = format!("inline; filename=\"{name}-{}.pdf\"", words.tag);
    if let Ok(name) = HeaderValue::try_from(name) {
        answer.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    Ok(answer)
}
