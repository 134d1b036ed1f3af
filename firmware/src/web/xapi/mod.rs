//! The record store's HTTP face: xAPI 1.0.3 under `/xapi/`.
//!
//! ```text
//! mod.rs         one request to one response: method, path, credential, version
//! alternate.rs   pure: a request wrapped in a form (xAPI Communication, 1.3)
//! credential.rs  pure: the Authorization header
//! parameters.rs  pure: the query string to a checked request
//! statements.rs  the statement resource
//! refusal.rs     what is refused, with which status and words
//! reply.rs       responses and the headers that all of them have
//! ```
//!
//! Nothing here blocks the runtime: writes are answered by the records' writer through a channel, reads run on the
//! blocking pool. Pages of packs live on other origins than the store, so every origin may call it; what protects it
//! is the credential in each request, never a cookie, so a foreign page gains nothing from a learner's browser.

mod alternate;
mod credential;
mod parameters;
mod refusal;
mod reply;
mod statements;
#[cfg(test)]
mod tests;

use super::fault::Fault;
use bytes::Bytes;
use content_store::records::{Authority, Records};
use http::{HeaderMap, Method, Response, StatusCode, Uri, header};
use jiff::Timestamp;
use refusal::Refusal;

/// Bytes of a request's body at most: a thousand statements of two kilobytes.
pub(crate) const BODY_LIMIT: usize = 2 * 1024 * 1024;

/// The same for who has not shown a credential yet: a form may bring one (see `alternate`), and forms are what old browsers send.
const STRANGERS_LIMIT: usize = 64 * 1024;

/// The version this store speaks.
const VERSION: &str = "1.0.3";
const VERSION_HEADER: &str = "x-experience-api-version";

/// Whether what is answered with a 2xx is on a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// It is.
    Disk,
    /// The data lies in memory: nothing is taken that could not be kept, and nothing is told of a store that is not the learners'.
    Nothing,
}

impl Keeping {
    /// Of a box whose data lies in memory, or does not.
    pub(crate) const fn of(data_in_memory: bool) -> Self {
        if data_in_memory {
            Self::Nothing
        } else {
            Self::Disk
        }
    }
}

/// Resources that xAPI names and this store does not have.
const NOT_KEPT: [&str; 5] = [
    "activities/state",
    "activities",
    "activities/profile",
    "agents",
    "agents/profile",
];

/// One request, freed from the form it may have come in.
struct Request {
    method: Method,
    query: String,
    headers: HeaderMap,
    body: Bytes,
}

/// Answers a request below `/xapi`. `now` is the clock's.
pub(crate) async fn handle(
    keeping: Keeping,
    records: &Records,
    now: Timestamp,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Bytes,
) -> Response<Bytes> {
    let head = method == Method::HEAD;
    let result = answer(keeping, records, now, method, uri, headers, body).await;
    let response = result.unwrap_or_else(|refusal| refusal.response(headers));
    let mut response = reply::finish(response);
    if head {
        reply::without_body(&mut response);
    }
    response
}

/// Bytes of body that this request may bring; or the refusal that it gets whatever its body says.
pub(crate) fn body_limit(
    keeping: Keeping,
    records: &Records,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<usize, Box<Response<Bytes>>> {
    let statements = uri.path().trim_end_matches('/') == "/xapi/statements";
    if statements && keeping == Keeping::Nothing && method != Method::OPTIONS {
        return Err(refused(&Refusal::Forgetful, method, headers));
    }
    if authenticated(records, headers).is_ok() {
        return Ok(BODY_LIMIT);
    }
    if statements && method != Method::OPTIONS && !alternate::is_wrapped(method, uri) {
        return Err(refused(&Refusal::Unauthorized, method, headers));
    }
    Ok(STRANGERS_LIMIT)
}

fn refused(refusal: &Refusal, method: &Method, headers: &HeaderMap) -> Box<Response<Bytes>> {
    let mut response = reply::finish(refusal.response(headers));
    if method == Method::HEAD {
        reply::without_body(&mut response);
    }
    Box::new(response)
}

/// The answer to a request whose body could not be taken in.
pub(crate) fn refuse_body(fault: &Fault, headers: &HeaderMap) -> Response<Bytes> {
    reply::finish(Refusal::of_body(fault).response(headers))
}

async fn answer(
    keeping: Keeping,
    records: &Records,
    now: Timestamp,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<Response<Bytes>, Refusal> {
    if method == Method::OPTIONS {
        return Ok(reply::preflight());
    }
    if body.len() > BODY_LIMIT {
        return Err(Refusal::BodyTooLarge);
    }
    let request = alternate::unwrapped(Request {
        method: method.clone(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers: headers.clone(),
        body,
    })?;
    let resource = uri.path().strip_prefix("/xapi").unwrap_or_default();
    match resource.trim_matches('/') {
        "about" => about(&request.method),
        // Before the credential: those of the learners' store lie there too, and a tool that is told 401 gives up.
        "statements" if keeping == Keeping::Nothing => Err(Refusal::Forgetful),
        "statements" => {
            let authority = authenticated(records, &request.headers)?;
            check_version(&request.headers)?;
            statements::handle(records, now, request, &authority).await
        }
        other if NOT_KEPT.contains(&other) => Err(Refusal::NotKept),
        _ => Err(Refusal::NoResource),
    }
}

fn about(method: &Method) -> Result<Response<Bytes>, Refusal> {
    if method != Method::GET && method != Method::HEAD {
        return Err(Refusal::Method("GET, HEAD, OPTIONS"));
    }
    let body = serde_json::json!({"version": [VERSION]}).to_string();
    Ok(reply::json(StatusCode::OK, body))
}

fn authenticated(records: &Records, headers: &HeaderMap) -> Result<Authority, Refusal> {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(credential::basic)
        .and_then(|(username, password)| records.check_credential(&username, &password))
        .ok_or(Refusal::Unauthorized)
}

/// `1.0` and `1.0.x` are spoken here.
fn check_version(headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(version) = headers.get(VERSION_HEADER) else {
        return Err(Refusal::NoVersion);
    };
    let spoken = version
        .to_str()
        .is_ok_and(|text| text == "1.0" || text.starts_with("1.0."));
    if spoken {
        Ok(())
    } else {
        Err(Refusal::Version)
    }
}
