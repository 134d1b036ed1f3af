//! The HTTP face over real records in a folder of their own.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is a test's verdict"
)]

mod requests;
mod statements;

use super::{Keeping, handle};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use board_support::key_store::FileKeys;
use bytes::Bytes;
use content_store::records::{Durability, Records, RecordsOptions};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, Uri};
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

type Headers = Vec<(&'static str, String)>;

const ID: &str = "12345678-1234-4234-8234-123456789abc";

struct Store {
    keeping: Keeping,
    records: Records,
    authorization: String,
    now: Timestamp,
    _folder: TempDir,
}

impl Store {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let options = RecordsOptions {
            durability: Durability::Off,
            reserve_bytes: 0,
            traces: Vec::new(),
            finishing: Vec::new(),
        };
        let keys = std::sync::Arc::new(FileKeys::in_data(folder.path()));
        let records = Records::open(folder.path(), options, keys).unwrap();
        let now = "2026-03-01T08:30:00Z".parse().unwrap();
        let credential = records.make_credential("tool", now).unwrap();
        let pair = format!("{}:{}", credential.username, credential.password);
        let authorization = format!("Basic {}", STANDARD.encode(pair));
        Self {
            keeping: Keeping::Disk,
            records,
            authorization,
            now,
            _folder: folder,
        }
    }

    fn headers(&self) -> Headers {
        vec![
            ("authorization", self.authorization.clone()),
            ("x-experience-api-version", "1.0.3".to_owned()),
            ("content-type", "application/json".to_owned()),
        ]
    }

    fn call(&self, method: &str, uri: &str, body: impl Into<String>) -> Response<Bytes> {
        self.call_with(method, uri, self.headers(), body)
    }

    fn call_with(
        &self,
        method: &str,
        uri: &str,
        headers: Headers,
        body: impl Into<String>,
    ) -> Response<Bytes> {
        let map: HeaderMap = headers
            .into_iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_str(&value).unwrap(),
                )
            })
            .collect();
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let uri: Uri = uri.parse().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(handle(
            self.keeping,
            &self.records,
            self.now,
            &method,
            &uri,
            &map,
            Bytes::from(body.into()),
        ))
    }
}

fn statement() -> Value {
    json!({
        "actor": {"account": {"homePage": "http://school.internal/", "name": "9f1c0a5e-55b5-4f0b-8a55-0a8d5f6c7b11"}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed", "display": {"en": "completed", "fr": "a terminé"}},
        "object": {"id": "http://school.internal/pack/one", "definition": {"name": {"en": "One", "fr": "Un"}}},
    })
}

fn with_id(id: &str) -> Value {
    let mut statement = statement();
    statement["id"] = json!(id);
    statement
}

fn body(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap_or_else(|_| panic!("{response:?}"))
}

fn header<'a>(response: &'a Response<Bytes>, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}
