//! The answers: tiny, never kept, without a cookie, and the connection ends with them, so that what a phone asks in the background holds
//! no seat of a learner.

use super::success::Success;
use crate::web::answer::{Answer, empty, fresh_json, plain};
use crate::web::origin::Origin;
use http::header::{CACHE_CONTROL, CONNECTION, HeaderName, HeaderValue, LOCATION};
use http::{Method, StatusCode};
use serde::Serialize;
use std::time::Duration;

/// NetworkManager believes this header before any body.
const ONLINE: HeaderName = HeaderName::from_static("x-networkmanager-status");

/// A probe, by an address that may go on for `left`.
pub(crate) fn probe(success: Success, left: Option<Duration>, origin: &Origin) -> Answer {
    if left.is_none() || success == Success::Portal {
        return lead(StatusCode::FOUND, origin);
    }
    let mut answer = match success.body() {
        Some((mime, body)) => plain(StatusCode::OK, mime, body),
        None => empty(StatusCode::NO_CONTENT),
    };
    if success.is_networkmanagers() {
        let headers = answer.headers_mut();
        headers.insert(ONLINE, HeaderValue::from_static("online"));
    }
    at_once(answer)
}

/// What is asked of a host that is not ours: a form that was sent there becomes a page that is fetched here.
pub(crate) fn elsewhere(method: &Method, origin: &Origin) -> Answer {
    let status = match *method {
        Method::GET | Method::HEAD => StatusCode::FOUND,
        _ => StatusCode::SEE_OTHER,
    };
    lead(status, origin)
}

/// On to the portal. The host that was asked is not repeated: the link is made of the box's own name.
fn lead(status: StatusCode, origin: &Origin) -> Answer {
    let portal = format!("{}/", origin.portal());
    let body =
        format!("<!DOCTYPE html><title>School box</title><a href=\"{portal}\">{portal}</a>\n");
    let mut answer = plain(status, "text/html; charset=utf-8", body);
    if let Ok(portal) = HeaderValue::try_from(portal) {
        answer.headers_mut().insert(LOCATION, portal);
    }
    at_once(answer)
}

fn at_once(mut answer: Answer) -> Answer {
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}

/// The captive portal API of RFC 8908 § 5.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct State<'a> {
    captive: bool,
    user_portal_url: &'a str,
    venue_info_url: &'a str,
    can_extend_session: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds_remaining: Option<u64>,
}

/// The state of an address that may go on for `left`.
pub(crate) fn api(left: Option<Duration>, origin: &Origin) -> Answer {
    let portal = format!("{}/", origin.portal());
    let state = State {
        captive: left.is_none(),
        user_portal_url: &portal,
        venue_info_url: &portal,
        can_extend_session: true,
        seconds_remaining: left.map(|left| left.as_secs()),
    };
    // Of a struct of plain values: it cannot fail.
    let json = serde_json::to_string(&state).unwrap_or_default();
    at_once(fresh_json(StatusCode::OK, "application/captive+json", json))
}
