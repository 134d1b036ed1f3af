//! The page of the sun, its data, and the booking of a film: what the portal's pure half is given, and what it asks of the power service.

use super::answer::{Answer, Page, empty, fresh_json};
use super::fault::Fault;
use super::origin::Authority;
use super::portal::day::{self, Day};
use super::portal::film::{Asked, Question, Wish, is_from_here};
use super::portal::power_day::PowerDay;
use super::portal::{POLICY, Reader};
use super::{Site, intake};
use crate::status::Status;
use flate2::Compression;
use http::header::{CACHE_CONTROL, HeaderValue, LOCATION};
use http::request::Parts;
use http::{StatusCode, Uri};
use hyper::body::Incoming;
use power_mgmt::FilmAnswer;

/// Bytes of the form: a time, a number, and what browsers add.
const FORM: usize = 1024;

/// The page; a question in its query is put to the power service.
pub(super) async fn page(site: &Site, status: &Status, reader: &Reader<'_>, uri: &Uri) -> Page {
    let (story, age) = site.view.day();
    let asked = match Question::read(uri.query().unwrap_or_default().as_bytes()) {
        Some(question) if story.clock_trusted => Some(ask(site, question).await),
        Some(_) | None => None,
    };
    let day = Day {
        status,
        story: &story,
        age,
        asked,
    };
    Page::new(day::html(reader, &day), Compression::fast())
}

/// The answer to the page.
pub(super) fn answer(page: &Page, reader: &Reader<'_>) -> Answer {
    page.answer(StatusCode::OK, &reader.wishes, &POLICY)
}

/// The same as data.
pub(super) fn data(site: &Site) -> Result<Answer, Fault> {
    let (story, _) = site.view.day();
    let json = serde_json::to_string(&PowerDay::of(&story)).map_err(|_| Fault::Internal)?;
    Ok(fresh_json(StatusCode::OK, "application/json", json))
}

/// Books or drops a film, and leads back to the page. What could not be booked is asked once more there, and answered in words.
pub(super) async fn book(
    site: &Site,
    parts: &Parts,
    authority: Option<&Authority>,
    body: Incoming,
) -> Result<Answer, Fault> {
    if !is_from_here(&parts.headers, authority, &site.host) {
        return Err(Fault::NotFromHere);
    }
    let form = intake::read(body, FORM).await?;
    let back = match Wish::read(&form.bytes).ok_or(Fault::BadRequest)? {
        Wish::Cancel => {
            site.power.unbook().await.ok_or(Fault::Busy)?;
            "/sun#film".to_owned()
        }
        Wish::Book(question) => match booked(site, question).await {
            Some(FilmAnswer::Yes | FilmAnswer::Until(_)) => "/sun#film".to_owned(),
            Some(FilmAnswer::No | FilmAnswer::NotToday) | None => format!(
                "/sun?start={}&minutes={}#film",
                question.start_text(),
                question.minutes
            ),
        },
    };
    let mut answer = empty(StatusCode::SEE_OTHER);
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(back) = HeaderValue::try_from(back) {
        headers.insert(LOCATION, back);
    }
    Ok(answer)
}

async fn ask(site: &Site, question: Question) -> Asked {
    let (story, _) = site.view.day();
    let answer = match question.film(&story) {
        Some(film) => site.power.can_show(film).await,
        None => Some(FilmAnswer::NotToday),
    };
    Asked { question, answer }
}

/// A box without a clock it trusts does not know when fourteen o'clock is.
async fn booked(site: &Site, question: Question) -> Option<FilmAnswer> {
    let (story, _) = site.view.day();
    if !story.clock_trusted {
        return Some(FilmAnswer::NotToday);
    }
    match question.film(&story) {
        Some(film) => site.power.book(film).await,
        None => Some(FilmAnswer::NotToday),
    }
}
