//! Making answers: headers that every answer carries, compression of what is made on the spot.

use super::body::AnswerBody;
use super::{captive, negotiate};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::header::{
    ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, ETAG, HeaderMap, HeaderName, HeaderValue,
    REFERRER_POLICY, SET_COOKIE, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{Response, StatusCode};
use std::io::Write;

/// An answer on its way out.
pub(crate) type Answer = Response<AnswerBody>;

/// Who may load an answer into a page of theirs.
pub(crate) const RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");

/// All that a request says about how it wants to be answered, each header's lines joined.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wishes {
    /// `Accept`.
    pub(crate) accept: String,
    /// `Accept-Encoding`.
    pub(crate) accept_encoding: String,
    /// `Accept-Language`.
    pub(crate) accept_language: String,
    /// The language chosen by cookie, as sent: not yet checked.
    pub(crate) cookie_language: Option<String>,
    /// They look through the small window that a phone opens for a portal.
    pub(crate) window: bool,
}

impl Wishes {
    /// Reads them from a request's headers.
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        Self {
            accept: joined(headers, &ACCEPT).unwrap_or_default(),
            accept_encoding: joined(headers, &ACCEPT_ENCODING).unwrap_or_default(),
            accept_language: joined(headers, &ACCEPT_LANGUAGE).unwrap_or_default(),
            cookie_language: joined(headers, &COOKIE).and_then(|cookies| cookie(&cookies, "lang")),
            window: captive::in_a_window(headers),
        }
    }

    /// Whether an answer made on the spot may be compressed.
    pub(crate) fn gzip(&self) -> bool {
        negotiate::accepts_gzip(&self.accept_encoding)
    }

    /// Page or data.
    pub(crate) fn form(&self) -> negotiate::Form {
        negotiate::form(&self.accept)
    }
}

/// All lines of one header with commas between, as RFC 9110 § 5.3 reads them; `None` when it is absent.
pub(crate) fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let lines: Vec<_> = headers
        .get_all(name)
        .iter()
        .map(|line| String::from_utf8_lossy(line.as_bytes()))
        .collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}

fn cookie(cookies: &str, name: &str) -> Option<String> {
    let mut pairs = cookies
        .split([';', ','])
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// An answer of bytes at hand, with the headers that every answer of the box carries.
pub(crate) fn plain(status: StatusCode, mime: &'static str, body: impl Into<Bytes>) -> Answer {
    let body = body.into();
    let mut answer = empty(status);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(mime));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    *answer.body_mut() = AnswerBody::full(body);
    answer
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(AnswerBody::full(Bytes::new()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    answer
}

/// Data that is never kept.
pub(crate) fn fresh_json(status: StatusCode, mime: &'static str, json: String) -> Answer {
    let mut answer = plain(status, mime, json);
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// A page, ready to go out as it is or compressed.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    plain: Bytes,
    gzip: Bytes,
    etag: String,
}

impl Page {
    /// Packs a page that will be sent more than once.
    pub(crate) fn new(html: String, level: Compression) -> Self {
        let gzip = gzipped(html.as_bytes(), level);
        Self {
            etag: super::hash::tag(&super::hash::sha256(html.as_bytes())),
            plain: html.into(),
            gzip,
        }
    }

    /// Strong tag of the form that `wishes` get, with quotes.
    pub(crate) fn etag(&self, wishes: &Wishes) -> String {
        let suffix = if wishes.gzip() { "-gz" } else { "" };
        format!("\"{}{suffix}\"", self.etag)
    }

    /// The answer that carries it.
    pub(crate) fn answer(
        &self,
        status: StatusCode,
        wishes: &Wishes,
        policy: &HeaderValue,
    ) -> Answer {
        let body = if wishes.gzip() {
            &self.gzip
        } else {
            &self.plain
        };
        let mut answer = plain(status, "text/html; charset=utf-8", body.clone());
        let etag = self.etag(wishes);
        let headers = answer.headers_mut();
        if wishes.gzip() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        headers.insert(
            VARY,
            HeaderValue::from_static("accept, accept-encoding, accept-language, cookie"),
        );
        headers.insert(CONTENT_SECURITY_POLICY, policy.clone());
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        if let Ok(etag) = HeaderValue::try_from(etag) {
            headers.insert(ETAG, etag);
        }
        answer
    }
}

/// Remembers the reader's choice of language for a year. `tag` is one of the box's own languages.
pub(crate) fn remember_language(answer: &mut Answer, tag: &str) {
    if let Ok(cookie) = HeaderValue::try_from(format!(
        "lang={tag}; Path=/; Max-Age=31536000; SameSite=Lax"
    )) {
        answer.headers_mut().insert(SET_COOKIE, cookie);
    }
}

/// Writing into memory does not fail; if it did, the empty answer would be caught by its reader.
fn gzipped(bytes: &[u8], level: Compression) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), level);
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .unwrap_or_default()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_found_among_other_cookies() {
        for (cookies, language) in [
            ("lang=fr", Some("fr")),
            ("a=b; lang=ar; c=d", Some("ar")),
            ("slang=fr", None),
            ("lang", None),
            ("", None),
        ] {
            assert_eq!(cookie(cookies, "lang").as_deref(), language, "{cookies:?}");
        }
    }
}
