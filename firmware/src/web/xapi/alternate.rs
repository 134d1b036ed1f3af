//! The alternate request syntax: `POST …?method=GET` with a form that holds parameters, headers and content.

use super::Request;
use super::parameters::decode_form;
use super::refusal::Refusal;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Uri, header};

/// What a form field of this name is: a header.
const HEADERS: [&str; 6] = [
    "authorization",
    "x-experience-api-version",
    "content-type",
    "content-length",
    "if-match",
    "if-none-match",
];

/// Whether the request may be wrapped in a form, which then may hold its credential.
pub(super) fn is_wrapped(method: &Method, uri: &Uri) -> bool {
    method == Method::POST && uri.query().is_some_and(|query| query.contains("method="))
}

/// The request inside the form, or the request as it is when it is not wrapped.
pub(super) fn unwrapped(request: Request) -> Result<Request, Refusal> {
    if request.method != Method::POST {
        return Ok(request);
    }
    let parameters = decode_form(&request.query)?;
    let Some((_, method)) = parameters.iter().find(|(key, _)| key == "method") else {
        return Ok(request);
    };
    if parameters.len() > 1 {
        return Err(Refusal::Parameter(
            "with method= every other parameter belongs into the form".to_owned(),
        ));
    }
    let method = match method.as_str() {
        "GET" => Method::GET,
        "HEAD" => Method::HEAD,
        "PUT" => Method::PUT,
        "POST" => Method::POST,
        "DELETE" => Method::DELETE,
        _ => {
            return Err(Refusal::Parameter(
                "method must be GET, HEAD, PUT, POST or DELETE".to_owned(),
            ));
        }
    };
    from_form(request, method)
}

fn from_form(outer: Request, method: Method) -> Result<Request, Refusal> {
    let form = std::str::from_utf8(&outer.body)
        .map_err(|_| Refusal::Parameter("the form is not UTF-8".to_owned()))?;
    let mut headers = outer.headers.clone();
    headers.remove(header::CONTENT_TYPE);
    headers.remove(header::CONTENT_LENGTH);
    let mut query = Vec::new();
    let mut body = Bytes::new();
    for (key, value) in decode_form(form)? {
        let name = key.to_ascii_lowercase();
        if key == "content" {
            body = Bytes::from(value);
        } else if HEADERS.contains(&name.as_str()) {
            let name = HeaderName::from_bytes(name.as_bytes());
            let value = HeaderValue::from_str(&value);
            let (Ok(name), Ok(value)) = (name, value) else {
                return Err(Refusal::Parameter(format!(
                    "{key} in the form is no header"
                )));
            };
            headers.insert(name, value);
        } else {
            query.push(format!("{}={}", encode(&key), encode(&value)));
        }
    }
    if !body.is_empty() && !headers.contains_key(header::CONTENT_TYPE) {
        // Old browsers cannot say; statements are JSON.
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
    }
    Ok(Request {
        method,
        query: query.join("&"),
        headers,
        body,
    })
}

/// As a query string may hold it.
pub(super) fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
