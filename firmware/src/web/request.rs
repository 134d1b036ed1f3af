//! One request to one answer.

use super::answer::{Answer, Page, fresh_json, joined, plain, remember_language};
use super::asked::{Asked, authority};
use super::body::AnswerBody;
use super::conditional::{Conditions, Verdict};
use super::fault::Fault;
use super::films::Films;
use super::guard::unharmed;
use super::negotiate::Form;
use super::portal::{self, POLICY, Reader, energy::Energy, home, search};
use super::route::Route;
use super::xapi::{self, Keeping};
use super::{Site, captive, day, intake, lights, pack, report, updates, welcome};
use crate::status::Status;
use bytes::Bytes;
use content_store::library::{LibraryError, PackId};
use flate2::Compression;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, ETAG, HeaderValue, IF_NONE_MATCH};
use http::{Method, Request, StatusCode, request::Parts};
use hyper::body::Incoming;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// A sign-in window that closes itself is left open for so long: time to read where to go on.
const READING: Duration = Duration::from_secs(30);

/// Answers one request of `from`. Never fails: a fault is an answer, and so is a fall inside.
pub(crate) async fn answer(
    site: Arc<Site>,
    films: Films,
    from: IpAddr,
    request: Request<Incoming>,
) -> Answer {
    let (parts, body) = request.into_parts();
    let head = parts.method == Method::HEAD;
    let asked = Asked::read(&site, &parts);
    let reader = asked.reader(&site);
    let answered = match unharmed(answered(&site, &films, &asked, &reader, from, parts, body)).await
    {
        Some(answered) => answered,
        None => {
            tracing::error!(event = "web.answer_panicked");
            Err(Fault::Internal)
        }
    };
    let mut answer = answered.unwrap_or_else(|fault| portal::error::answer(&reader, &fault));
    if let Some(tag) = &asked.new_language {
        remember_language(&mut answer, tag);
    }
    if reader.away {
        answer = pack::under_policy(answer, &reader.origin.portal());
    }
    if head {
        *answer.body_mut() = AnswerBody::full(Bytes::new());
    }
    answer
}

async fn answered(
    site: &Arc<Site>,
    films: &Films,
    asked: &Asked,
    reader: &Reader<'_>,
    from: IpAddr,
    parts: Parts,
    body: Incoming,
) -> Result<Answer, Fault> {
    let route = asked.route.clone()?;
    let now = site.clock.since_boot();
    if let Some(place) = place_in_line(site, from).filter(|_| !route.is_for_those_who_wait()) {
        return waits(&route, place, reader);
    }
    if route.is_a_learners() {
        site.activity.mark(now);
    }
    match route {
        Route::Home => {
            let page = home_page(site, asked, reader, &parts).await?;
            greet(site, from, &parts, now);
            Ok(page)
        }
        Route::Search => search_page(site, reader, &parts).await,
        Route::Status => {
            let page = Page::new(
                portal::state::html(reader, &status(site).await?),
                Compression::fast(),
            );
            Ok(not_kept(page.answer(
                StatusCode::OK,
                &reader.wishes,
                &POLICY,
            )))
        }
        Route::Day => {
            let status = status(site).await?;
            let page = day::page(site, &status, reader, &parts.uri).await;
            Ok(not_kept(day::answer(&page, reader)))
        }
        Route::DayJson => day::data(site),
        Route::Film => day::book(site, &parts, authority(&parts)?.as_ref(), body).await,
        Route::StatusJson => {
            let json = serde_json::to_string(&status(site).await?).map_err(|_| Fault::Internal)?;
            Ok(fresh_json(StatusCode::OK, "application/json", json))
        }
        Route::Lights => {
            let panel = status(site).await?.panel;
            Ok(not_kept(lights::page(reader, panel.as_ref())))
        }
        Route::LightsSheet => {
            let (site, uri) = (Arc::clone(site), parts.uri.clone());
            let tag = reader.words.tag().to_owned();
            off_the_runtime(move || lights::sheet(&site, &uri, &tag)).await?
        }
        Route::Welcome => welcome::page(site, reader, from).map(not_kept),
        Route::WelcomeSheet => {
            let (site, uri) = (Arc::clone(site), parts.uri.clone());
            let sheet = off_the_runtime(move || welcome::sheet(&site, &uri, from)).await?;
            sheet.map(not_kept)
        }
        Route::Report => {
            let site = Arc::clone(site);
            off_the_runtime(move || report::file(&site)).await?
        }
        Route::Health => Ok(health(site)),
        Route::Icon => Ok(icon()),
        Route::Xapi => Ok(record_store(site, parts, body).await),
        Route::Probe(success) => {
            let left = site.guests.left(from, now);
            Ok(captive::probe(success, left, &reader.origin))
        }
        Route::CaptiveApi => Ok(captive::api(site.guests.left(from, now), &reader.origin)),
        Route::Elsewhere => Ok(captive::elsewhere(&parts.method, &reader.origin)),
        Route::Repository(file) => repository(site, films, &parts, file).await,
        Route::Pack { label, path } => pack_page(site, films, reader, &parts, &label, path).await,
        Route::Missing => Err(Fault::NoPage),
        Route::BadPath => Err(Fault::BadRequest),
        Route::WrongMethod(allowed) => Err(Fault::WrongMethod(allowed)),
        Route::LongUri => Err(Fault::LongUri),
    }
}

/// The place of `from` among those who wait for a seat on the radio.
fn place_in_line(site: &Site, from: IpAddr) -> Option<u16> {
    site.waiting.borrow().get(&from.to_canonical()).copied()
}

/// The portal says so, no probe is satisfied, and there is nothing else.
fn waits(route: &Route, place: u16, reader: &Reader<'_>) -> Result<Answer, Fault> {
    if let Route::Probe(success) = route {
        return Ok(captive::probe(*success, None, &reader.origin));
    }
    if *route == Route::CaptiveApi {
        return Ok(captive::api(None, &reader.origin));
    }
    match *route == Route::Home {
        true => Ok(portal::waiting::answer(reader, place)),
        false => Err(Fault::Waits(place)),
    }
}

/// Remembers that `from` sees the portal.
fn greet(site: &Site, from: IpAddr, parts: &Parts, now: Duration) {
    if captive::sees_pages(&parts.method, &parts.headers) {
        let after = match captive::reads_first(&parts.headers) {
            true => READING,
            false => Duration::ZERO,
        };
        site.guests.opened(from, now, after);
    }
}

/// The state of the box: the disk and the records are asked for it.
async fn status(site: &Arc<Site>) -> Result<Status, Fault> {
    let site = Arc::clone(site);
    off_the_runtime(move || site.view.now()).await
}

async fn home_page(
    site: &Arc<Site>,
    asked: &Asked,
    reader: &Reader<'_>,
    parts: &Parts,
) -> Result<Answer, Fault> {
    let energy = Energy::of(&status(site).await?);
    let number = search::page_number(&parts.uri);
    let page = match home::kept(&site.kept, reader, &energy, number, &site.library) {
        Some(page) => page,
        None => {
            let (site, asked) = (
                Arc::clone(site),
                (
                    asked.wishes.clone(),
                    asked.origin.clone(),
                    asked.new_language.clone(),
                ),
            );
            off_the_runtime(move || {
                let (wishes, origin, new_language) = asked;
                let again = Asked {
                    route: Ok(Route::Home),
                    wishes,
                    origin,
                    away: false,
                    new_language,
                };
                home::made(
                    &site.kept,
                    &again.reader(&site),
                    &energy,
                    number,
                    &site.library,
                )
            })
            .await?
        }
    };
    let conditions = Conditions {
        if_none_match: joined(&parts.headers, &IF_NONE_MATCH),
        ..Conditions::default()
    };
    let mut answer = page.answer(StatusCode::OK, &reader.wishes, &POLICY);
    if conditions.judge(&page.etag(&reader.wishes)) == Verdict::NotModified {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        answer.headers_mut().remove(CONTENT_LENGTH);
        *answer.body_mut() = AnswerBody::full(Bytes::new());
    }
    Ok(answer)
}

async fn search_page(
    site: &Arc<Site>,
    reader: &Reader<'_>,
    parts: &Parts,
) -> Result<Answer, Fault> {
    let query = search::Query::read(&parts.uri);
    let mut hits = match query.text.is_empty() {
        true => Vec::new(),
        false => {
            let (library, query) = (site.library.clone(), query.clone());
            let found = off_the_runtime(move || {
                library.search(&query.text, search::HITS + 1, query.offset())
            })
            .await?;
            found.map_err(|error| unreadable(&error))?
        }
    };
    let more = hits.len() > search::HITS;
    hits.truncate(search::HITS);
    let hits = search::linked(reader, hits);
    match reader.wishes.form() {
        Form::Json => Ok(fresh_json(
            StatusCode::OK,
            "application/json",
            search::json(&query, &hits),
        )),
        Form::Html => {
            let page = Page::new(
                search::html(reader, &query, hits, more),
                Compression::fast(),
            );
            Ok(not_kept(page.answer(
                StatusCode::OK,
                &reader.wishes,
                &POLICY,
            )))
        }
    }
}

async fn pack_page(
    site: &Arc<Site>,
    films: &Films,
    reader: &Reader<'_>,
    parts: &Parts,
    label: &str,
    path: String,
) -> Result<Answer, Fault> {
    let pack = PackId::new(label)
        .and_then(|id| site.library.pack(&id))
        .ok_or(Fault::NoPack)?;
    let head = parts.method == Method::HEAD;
    let ask = pack::Ask::read(
        &parts.headers,
        reader.wishes.gzip(),
        head,
        parts.uri.query(),
    );
    let films = films.clone();
    off_the_runtime(move || pack::page(&pack, &path, &ask, &films)).await?
}

/// Two readers at a time get targets; what tells whether there is anything new is never refused.
async fn repository(
    site: &Arc<Site>,
    films: &Films,
    parts: &Parts,
    file: String,
) -> Result<Answer, Fault> {
    let ask = pack::Ask::read(&parts.headers, false, parts.method == Method::HEAD, None);
    let seat = match file.starts_with("targets/") {
        true => Some(site.repository.seat()?),
        false => None,
    };
    let pace = seat.map(|seat| films.beside(site.activity.clone(), site.clock.clone(), seat));
    let site = Arc::clone(site);
    let answer = off_the_runtime(move || updates::file(&site.repository, &file, &ask)).await??;
    Ok(answer.map(|body| match pace {
        Some(pace) => body.at_pace(pace),
        None => body,
    }))
}

/// The record store answers in its own words: xAPI says how its errors look. Who may not come in is told so before their body is
/// read: strangers get none of the box's memory.
async fn record_store(site: &Site, parts: Parts, body: Incoming) -> Answer {
    let (records, now) = (&site.records, site.clock.wall());
    let keeping = Keeping::of(site.data_in_memory);
    let refuse = |fault| xapi::refuse_body(&fault, &parts.headers);
    let welcome = xapi::body_limit(keeping, records, &parts.method, &parts.uri, &parts.headers);
    let answer = match welcome {
        _ if intake::announces_more(&body, xapi::BODY_LIMIT) => refuse(Fault::LargeBody),
        Err(refused) => *refused,
        Ok(limit) => match intake::read(body, limit).await {
            Err(fault) => refuse(fault),
            Ok(taken) => {
                let body = taken.bytes.clone();
                let (method, uri, headers) = (&parts.method, &parts.uri, &parts.headers);
                xapi::handle(keeping, records, now, method, uri, headers, body).await
            }
        },
    };
    answer.map(AnswerBody::full)
}

/// Runs what blocks on the pool for it. A fall there is logged by the pool's own thread and becomes a fault here.
async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Fault::Internal)
}

fn unreadable(error: &LibraryError) -> Fault {
    tracing::error!(
        event = "web.search_failed",
        error = error as &dyn std::error::Error
    );
    Fault::Internal
}

fn health(site: &Site) -> Answer {
    let health = site.health.borrow().clone();
    let (status, line) = match health.failing() {
        None => (StatusCode::OK, "ok\n".to_owned()),
        Some(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")),
    };
    not_kept(plain(status, "text/plain; charset=utf-8", line))
}

fn icon() -> Answer {
    let mut answer = plain(StatusCode::OK, "image/svg+xml", portal::ICON);
    answer.headers_mut().insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=86400"),
    );
    answer
}

fn not_kept(mut answer: Answer) -> Answer {
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer.headers_mut().remove(ETAG);
    answer
}
