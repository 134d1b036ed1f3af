//! One request to one answer.

use super::answer::{Answer, Page, Wishes, fresh_json, joined, plain, remember_language};
use super::body::AnswerBody;
use super::conditional::{Conditions, Verdict};
use super::fault::Fault;
use super::films::Films;
use super::guard::unharmed;
use super::negotiate::Form;
use super::origin::{Authority, Origin, Place};
use super::portal::{self, POLICY, Reader, energy::Energy, home, search};
use super::route::{Route, query_value, route};
use super::xapi::{self, Keeping};
use super::{Site, day, intake, pack};
use crate::status::Status;
use bytes::Bytes;
use content_store::library::{LibraryError, PackId};
use flate2::Compression;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, ETAG, HOST, HeaderValue, IF_NONE_MATCH};
use http::{Method, Request, StatusCode, Version, request::Parts};
use hyper::body::Incoming;
use std::sync::Arc;

/// Bytes of header lines that a request may have: browsers send less than two thousand.
const MAX_HEADERS: usize = 16 * 1024;

/// Answers one request. Never fails: a fault is an answer, and so is a fall inside.
pub(crate) async fn answer(site: Arc<Site>, films: Films, request: Request<Incoming>) -> Answer {
    let (parts, body) = request.into_parts();
    let head = parts.method == Method::HEAD;
    let asked = Asked::read(&site, &parts);
    let reader = asked.reader(&site);
    let answered = match unharmed(answered(&site, &films, &asked, &reader, parts, body)).await {
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

/// A request's head as the box understands it.
struct Asked {
    route: Result<Route, Fault>,
    wishes: Wishes,
    origin: Origin,
    away: bool,
    /// Chosen with this very request, by `lang=`.
    new_language: Option<String>,
}

impl Asked {
    fn read(site: &Site, parts: &Parts) -> Self {
        let authority = authority(parts);
        let known = authority.as_ref().ok().and_then(Option::as_ref);
        let place = known.map_or(Place::Portal, |authority| authority.place(&site.host));
        let route = match &authority {
            Err(fault) => Err(fault.clone()),
            Ok(_) if header_bytes(parts) > MAX_HEADERS => Err(Fault::LongHeaders),
            Ok(authority) => Ok(route(
                &parts.method,
                authority.as_ref(),
                &site.host,
                &parts.uri,
            )),
        };
        let away = place != Place::Portal;
        let new_language =
            query_value(&parts.uri, "lang").filter(|tag| !away && site.languages.speaks(tag));
        Self {
            route,
            wishes: Wishes::read(&parts.headers),
            origin: Origin::of(known, &site.host),
            away,
            new_language,
        }
    }

    fn reader<'a>(&self, site: &'a Site) -> Reader<'a> {
        let chosen = self
            .new_language
            .as_deref()
            .or(self.wishes.cookie_language.as_deref());
        Reader {
            words: site.languages.choose(chosen, &self.wishes.accept_language),
            languages: &site.languages,
            wishes: self.wishes.clone(),
            origin: self.origin.clone(),
            away: self.away,
            forgotten: site.data_in_memory,
        }
    }
}

/// The host that a request is meant for; HTTP/1.0 may leave it out (RFC 9112 § 3.2).
fn authority(parts: &Parts) -> Result<Option<Authority>, Fault> {
    let read = |text: &str| Authority::read(text).map(Some).ok_or(Fault::BadRequest);
    let mut hosts = parts.headers.get_all(HOST).iter();
    let host = hosts.next();
    match (parts.uri.authority(), host) {
        _ if hosts.next().is_some() => Err(Fault::BadRequest),
        (Some(authority), _) => read(authority.as_str()),
        (None, Some(host)) => read(host.to_str().map_err(|_| Fault::BadRequest)?),
        (None, None) if parts.version == Version::HTTP_10 => Ok(None),
        (None, None) => Err(Fault::BadRequest),
    }
}

fn header_bytes(parts: &Parts) -> usize {
    parts
        .headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum()
}

async fn answered(
    site: &Arc<Site>,
    films: &Films,
    asked: &Asked,
    reader: &Reader<'_>,
    parts: Parts,
    body: Incoming,
) -> Result<Answer, Fault> {
    let route = asked.route.clone()?;
    if route.is_a_learners() {
        site.activity.mark(site.clock.since_boot());
    }
    match route {
        Route::Home => home_page(site, asked, reader, &parts).await,
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
        Route::Health => Ok(health(site)),
        Route::Icon => Ok(icon()),
        Route::Xapi => Ok(record_store(site, parts, body).await),
        Route::Pack { label, path } => pack_page(site, films, reader, &parts, &label, path).await,
        Route::Missing => Err(Fault::NoPage),
        Route::BadPath => Err(Fault::BadRequest),
        Route::WrongMethod(allowed) => Err(Fault::WrongMethod(allowed)),
        Route::LongUri => Err(Fault::LongUri),
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
