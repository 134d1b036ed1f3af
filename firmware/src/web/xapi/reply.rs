//! Responses, and the headers that every one of them has.

use super::{VERSION, VERSION_HEADER};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

pub(super) const CONSISTENT_THROUGH: HeaderName =
    HeaderName::from_static("x-experience-api-consistent-through");

pub(super) fn with_type(
    status: StatusCode,
    media_type: &'static str,
    body: String,
) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

pub(super) fn json(status: StatusCode, body: String) -> Response<Bytes> {
    with_type(status, "application/json", body)
}

pub(super) fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

/// The answer to a browser that asks whether a page of another origin may call.
pub(super) fn preflight() -> Response<Bytes> {
    let mut response = empty(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    set(
        headers,
        header::ACCESS_CONTROL_ALLOW_METHODS,
        "GET, HEAD, PUT, POST, OPTIONS",
    );
    set(
        headers,
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "Authorization, Content-Type, X-Experience-API-Version, If-Match, If-None-Match, Accept, Accept-Language",
    );
    set(headers, header::ACCESS_CONTROL_MAX_AGE, "86400");
    set(headers, header::ALLOW, "GET, HEAD, PUT, POST, OPTIONS");
    response
}

/// Sets what every response has.
pub(super) fn finish(mut response: Response<Bytes>) -> Response<Bytes> {
    let headers = response.headers_mut();
    set(headers, HeaderName::from_static(VERSION_HEADER), VERSION);
    // No credentials mode: the browser never adds a cookie or a remembered password by itself.
    set(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(
        headers,
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        "X-Experience-API-Version, X-Experience-API-Consistent-Through, ETag, Last-Modified, Retry-After",
    );
    // Records are never kept by a browser or a proxy that other learners share.
    set(headers, header::CACHE_CONTROL, "no-store");
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

/// For HEAD: the headers of the GET, its length among them, and no body.
pub(super) fn without_body(response: &mut Response<Bytes>) {
    let length = response.body().len();
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    *response.body_mut() = Bytes::new();
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

/// Sets a header to a text made here; what cannot stand in a header is left out.
pub(super) fn set_text(response: &mut Response<Bytes>, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        response.headers_mut().insert(name, value);
    }
}

/// A date as HTTP writes it; `None` for years that it cannot write.
pub(super) fn http_date(time: Timestamp) -> Option<String> {
    DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&time)
        .ok()
}
