//! A request's head: whom it is meant for, and how it wants to be answered.

use super::Site;
use super::answer::Wishes;
use super::fault::Fault;
use super::origin::{Authority, Origin, Place};
use super::portal::Reader;
use super::route::{Route, query_value, route};
use http::header::{HOST, USER_AGENT};
use http::{Version, request::Parts};

/// Bytes of header lines that a request may have: browsers send less than two thousand.
const MAX_HEADERS: usize = 16 * 1024;

/// A request's head as the box understands it.
pub(crate) struct Asked {
    pub(crate) route: Result<Route, Fault>,
    pub(crate) wishes: Wishes,
    pub(crate) origin: Origin,
    pub(crate) away: bool,
    /// Chosen with this very request, by `lang=`.
    pub(crate) new_language: Option<String>,
}

impl Asked {
    pub(crate) fn read(site: &Site, parts: &Parts) -> Self {
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
                agent(parts),
            )),
        };
        let away = place != Place::Portal;
        // A host that is not ours keeps no cookie for us.
        let ours = known.is_none_or(|known| known.foreign(&site.host).is_none());
        let new_language = query_value(&parts.uri, "lang")
            .filter(|tag| !away && ours && site.languages.speaks(tag));
        Self {
            route,
            wishes: Wishes::read(&parts.headers),
            origin: Origin::of(known, &site.host),
            away,
            new_language,
        }
    }

    pub(crate) fn reader<'a>(&self, site: &'a Site) -> Reader<'a> {
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
pub(crate) fn authority(parts: &Parts) -> Result<Option<Authority>, Fault> {
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

fn agent(parts: &Parts) -> &str {
    let agent = parts.headers.get(USER_AGENT);
    agent
        .and_then(|agent| agent.to_str().ok())
        .unwrap_or_default()
}

fn header_bytes(parts: &Parts) -> usize {
    parts
        .headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum()
}
