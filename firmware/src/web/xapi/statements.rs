//! `/xapi/statements` (xAPI 1.0.3 Communication, 2.1).

use super::parameters::{self, Wanted};
use super::refusal::Refusal;
use super::reply::{self, CONSISTENT_THROUGH};
use super::{Request, alternate};
use crate::hex::hex;
use bytes::Bytes;
use content_store::records::{Authority, Found, Page, Records, RecordsError, Statement};
use http::{HeaderMap, Method, Response, StatusCode, header};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;
use uuid::Uuid;

pub(super) async fn handle(
    records: &Records,
    now: Timestamp,
    request: Request,
    authority: &Authority,
) -> Result<Response<Bytes>, Refusal> {
    // Before any reading, so that what it promises is in what is read.
    let through = records.consistent_through(now);
    let method = request.method.clone();
    let mut response = if method == Method::GET || method == Method::HEAD {
        get(records, &request).await
    } else if method == Method::PUT {
        put(records, now, &request, authority).await
    } else if method == Method::POST {
        post(records, now, &request, authority).await
    } else {
        Err(Refusal::Method("GET, HEAD, PUT, POST, OPTIONS"))
    }
    .unwrap_or_else(|refusal| refusal.response(&request.headers));
    reply::set_text(&mut response, CONSISTENT_THROUGH, &format!("{through:.6}"));
    Ok(response)
}

async fn put(
    records: &Records,
    now: Timestamp,
    request: &Request,
    authority: &Authority,
) -> Result<Response<Bytes>, Refusal> {
    let id = parameters::put(&request.query)?;
    check_type(&request.headers)?;
    let statement = parsed(request.body.clone(), Statement::parse).await?;
    if statement.id().is_some_and(|own| own != id) {
        return Err(Refusal::OtherId);
    }
    store(records, now, vec![statement.with_id(id)], authority).await?;
    Ok(reply::empty(StatusCode::NO_CONTENT))
}

async fn post(
    records: &Records,
    now: Timestamp,
    request: &Request,
    authority: &Authority,
) -> Result<Response<Bytes>, Refusal> {
    parameters::none(&request.query)?;
    check_type(&request.headers)?;
    let (batch, _) = parsed(request.body.clone(), Statement::parse_batch).await?;
    let ids = if batch.is_empty() {
        Vec::new()
    } else {
        store(records, now, batch, authority).await?
    };
    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    Ok(reply::json(
        StatusCode::OK,
        serde_json::json!(ids).to_string(),
    ))
}

/// A megabyte of JSON takes long enough to hold up the other requests of a small board.
async fn parsed<T: Send + 'static>(
    body: Bytes,
    parse: fn(&[u8]) -> Result<T, content_store::records::StatementError>,
) -> Result<T, Refusal> {
    const SMALL: usize = 16 * 1024;
    if body.len() <= SMALL {
        return parse(&body).map_err(Refusal::Statement);
    }
    spawn_blocking(move || parse(&body))
        .await
        .map_err(|_| Refusal::NoAnswer)?
        .map_err(Refusal::Statement)
}

/// Returns after the disk has the batch.
async fn store(
    records: &Records,
    now: Timestamp,
    batch: Vec<Statement>,
    authority: &Authority,
) -> Result<Vec<Uuid>, Refusal> {
    let (sender, receiver) = oneshot::channel();
    records.submit(
        batch,
        authority,
        now,
        Box::new(move |result| {
            // A client that went away learns it from its repeat.
            let _ = sender.send(result);
        }),
    );
    receiver
        .await
        .map_err(|_| Refusal::NoAnswer)?
        .map_err(Refusal::Records)
}

fn check_type(headers: &HeaderMap) -> Result<(), Refusal> {
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Refusal::Compressed);
    }
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = value
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    if essence.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else if essence.eq_ignore_ascii_case("multipart/mixed") {
        Err(Refusal::Multipart)
    } else {
        Err(Refusal::ContentType)
    }
}

async fn get(records: &Records, request: &Request) -> Result<Response<Bytes>, Refusal> {
    let text = |name| {
        request
            .headers
            .get(name)
            .and_then(|value: &http::HeaderValue| value.to_str().ok())
    };
    let languages = parameters::languages(text(header::ACCEPT_LANGUAGE).unwrap_or_default());
    let asked = parameters::get(&request.query, languages)?;
    let response = match asked.wanted {
        Wanted::One { id, voided, format } => {
            let found = read(records, move |records| {
                if voided {
                    records.voided_statement(id, &format)
                } else {
                    records.statement(id, &format)
                }
            });
            one(
                found.await?.ok_or(Refusal::NoStatement)?,
                text(header::IF_NONE_MATCH),
            )
        }
        Wanted::Many { query, again } => {
            let page = read(records, move |records| records.query(&query)).await?;
            reply::json(StatusCode::OK, result_object(&page, &again))
        }
    };
    Ok(if asked.attachments {
        multipart(response)
    } else {
        response
    })
}

async fn read<T: Send + 'static>(
    records: &Records,
    read: impl FnOnce(&Records) -> Result<T, RecordsError> + Send + 'static,
) -> Result<T, Refusal> {
    let records = records.clone();
    spawn_blocking(move || read(&records))
        .await
        .map_err(|_| Refusal::NoAnswer)?
        .map_err(Refusal::Records)
}

fn one(found: Found, if_none_match: Option<&str>) -> Response<Bytes> {
    let digest = Sha256::digest(found.json.as_bytes());
    let tag = format!("\"{}\"", hex(&digest[..16]));
    let known = if_none_match.is_some_and(|tags| {
        tags.split(',')
            .map(str::trim)
            .any(|known| known == "*" || known.trim_start_matches("W/") == tag)
    });
    let mut response = if known {
        reply::empty(StatusCode::NOT_MODIFIED)
    } else {
        reply::json(StatusCode::OK, found.json)
    };
    reply::set_text(&mut response, header::ETAG, &tag);
    if let Some(date) = reply::http_date(found.stored) {
        reply::set_text(&mut response, header::LAST_MODIFIED, &date);
    }
    response
}

/// The StatementResult object; the statements are JSON already.
fn result_object(page: &Page, again: &str) -> String {
    let more = page.more.map_or_else(String::new, |cursor| {
        format!(
            "/xapi/statements?{again}cursor={}",
            alternate::encode(&cursor.to_string())
        )
    });
    // `again` is percent-encoded: nothing in it needs an escape in JSON.
    format!(
        r#"{{"statements":[{}],"more":"{more}"}}"#,
        page.statements.join(",")
    )
}

/// The form that `attachments=true` asks for. No files are kept, so the statements are its only part.
fn multipart(response: Response<Bytes>) -> Response<Bytes> {
    // A boundary that the part cannot hold: JSON has no line that begins with two dashes.
    const BOUNDARY: &str = "school-box-statements";
    if response.status() != StatusCode::OK {
        return response;
    }
    let mut response = response.map(|part| {
        let mut body =
            format!("--{BOUNDARY}\r\nContent-Type: application/json\r\n\r\n").into_bytes();
        body.extend_from_slice(&part);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        Bytes::from(body)
    });
    let media_type = format!("multipart/mixed; boundary={BOUNDARY}");
    reply::set_text(&mut response, header::CONTENT_TYPE, &media_type);
    response
}
