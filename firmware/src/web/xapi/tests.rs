//! The HTTP face over real records in a folder of their own.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is a test's verdict")]

use super::{BODY_LIMIT, handle};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use content_store::records::{Durability, Records, RecordsOptions};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri};
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

const ID: &str = "12345678-1234-4234-8234-123456789abc";

struct Store {
    records: Records,
    authorization: String,
    now: Timestamp,
    _folder: TempDir,
}

impl Store {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let options = RecordsOptions { durability: Durability::Off, reserve_bytes: 0 };
        let records = Records::open(folder.path(), options).unwrap();
        let now = "2026-03-01T08:30:00Z".parse().unwrap();
        let credential = records.make_credential("tool", now).unwrap();
        let pair = format!("{}:{}", credential.username, credential.password);
        let authorization = format!("Basic {}", STANDARD.encode(pair));
        Self { records, authorization, now, _folder: folder }
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
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
        headers: Vec<(&'static str, String)>,
        body: impl Into<String>,
    ) -> Response<Bytes> {
        let map: HeaderMap = headers
            .into_iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(&value).unwrap()))
            .collect();
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let uri: Uri = uri.parse().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(handle(&self.records, self.now, &method, &uri, &map, Bytes::from(body.into())))
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
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[test]
fn about_needs_neither_credential_nor_version() {
    let store = Store::new();
    let response = store.call_with("GET", "/xapi/about", vec![], "");
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(body(&response), json!({"version": ["1.0.3"]}));
    assert_eq!(header(&response, "x-experience-api-version"), "1.0.3");
    assert_eq!(store.call_with("POST", "/xapi/about", vec![], "").status(), 405);
}

#[test]
fn a_statement_goes_in_and_comes_back() {
    let store = Store::new();
    let posted = store.call("POST", "/xapi/statements", statement().to_string());
    assert_eq!(posted.status(), StatusCode::OK);
    let id = body(&posted)[0].as_str().unwrap().to_owned();
    let got = store.call("GET", &format!("/xapi/statements?statementId={id}"), "");
    assert_eq!(got.status(), StatusCode::OK);
    let kept = body(&got);
    assert_eq!(kept["id"], json!(id));
    assert_eq!(kept["verb"], statement()["verb"]);
    assert_eq!(kept["version"], "1.0.0");
    assert_eq!(kept["timestamp"], "2026-03-01T08:30:00.000000Z");
    assert_eq!(kept["authority"]["account"]["name"], "tool");
    assert_eq!(header(&got, "last-modified"), "Sun, 01 Mar 2026 08:30:00 GMT");
    assert!(header(&got, "x-experience-api-consistent-through") >= kept["stored"].as_str().unwrap());
    let mut headers = store.headers();
    headers.push(("if-none-match", header(&got, "etag").to_owned()));
    let again = store.call_with("GET", &format!("/xapi/statements?statementId={id}"), headers, "");
    assert_eq!((again.status(), again.body().len()), (StatusCode::NOT_MODIFIED, 0));
}

#[test]
fn put_is_idempotent_and_conflicts() {
    let store = Store::new();
    let uri = format!("/xapi/statements?statementId={ID}");
    assert_eq!(store.call("PUT", &uri, statement().to_string()).status(), 204);
    assert_eq!(store.call("PUT", &uri, with_id(ID).to_string()).status(), 204);
    let mut other = statement();
    other["verb"]["id"] = json!("http://adlnet.gov/expapi/verbs/failed");
    assert_eq!(store.call("PUT", &uri, other.to_string()).status(), 409);
    other["id"] = json!(ID);
    let batch = json!([statement(), other]).to_string();
    assert_eq!(store.call("POST", "/xapi/statements", batch).status(), 409);
    assert_eq!(store.records.count().unwrap(), 1);
    let capital = with_id(&ID.to_uppercase()).to_string();
    assert_eq!(store.call("POST", "/xapi/statements", capital).status(), 200);
    let foreign = with_id("12345678-1234-4234-8234-123456789abd").to_string();
    assert_eq!(store.call("PUT", &uri, foreign).status(), 400);
}

#[test]
fn what_is_wrong_gets_its_status() {
    let store = Store::new();
    let good = statement().to_string();
    let mut mbox = statement();
    mbox["actor"] = json!({"mbox": "nobody"});
    let many = Value::Array(vec![statement(); 1_001]).to_string();
    let cases = [
        ("PUT", "/xapi/statements", good.clone(), 400, "statementId is required"),
        ("PUT", "/xapi/statements?statementId=7", good.clone(), 400, "UUID"),
        ("PUT", "/xapi/statements?statementId=12345678-1234-4234-8234-123456789abc&a=b", good.clone(), 400, "\"a\" is no parameter"),
        ("POST", "/xapi/statements?statementId=x", good.clone(), 400, "no parameter here"),
        ("POST", "/xapi/statements", "{".to_owned(), 400, "JSON"),
        ("POST", "/xapi/statements", mbox.to_string(), 400, "actor.mbox: must be"),
        ("POST", "/xapi/statements", many, 413, "1001 statements"),
        ("POST", "/xapi/statements", "x".repeat(BODY_LIMIT + 1), 413, "larger"),
        ("DELETE", "/xapi/statements", String::new(), 405, "takes GET"),
        ("GET", "/xapi/statements?statementId=12345678-1234-4234-8234-123456789abc", String::new(), 404, "no such statement"),
        ("GET", "/xapi/statements?Agent=%7B%7D", String::new(), 400, ""),
        ("GET", "/xapi/statements?Verb=http:a", String::new(), 400, "\"Verb\" is no parameter"),
        ("GET", "/xapi/statements?verb=x&verb=y", String::new(), 400, "twice"),
        ("GET", "/xapi/statements?verb=x", String::new(), 400, "IRI"),
        ("GET", "/xapi/statements?agent=%7B%7D", String::new(), 400, "agent"),
        ("GET", "/xapi/statements?registration=1", String::new(), 400, "registration"),
        ("GET", "/xapi/statements?limit=-1", String::new(), 400, "limit"),
        ("GET", "/xapi/statements?ascending=1", String::new(), 400, "ascending"),
        ("GET", "/xapi/statements?since=now", String::new(), 400, "since"),
        ("GET", "/xapi/statements?format=all", String::new(), 400, "format"),
        ("GET", "/xapi/statements?cursor=x", String::new(), 400, "cursor"),
        ("GET", "/xapi/statements?verb=%ff", String::new(), 400, "UTF-8"),
        ("GET", "/xapi/statements?statementId=12345678-1234-4234-8234-123456789abc&voidedStatementId=12345678-1234-4234-8234-123456789abc", String::new(), 400, "exclude"),
        ("GET", "/xapi/statements?statementId=12345678-1234-4234-8234-123456789abc&limit=1", String::new(), 400, "limit"),
        ("GET", "/xapi/agents/profile", String::new(), 501, "not kept"),
        ("GET", "/xapi/nothing", String::new(), 404, "no such resource"),
        ("GET", "/xapi", String::new(), 404, "no such resource"),
    ];
    for (method, uri, sent, status, words) in cases {
        
        let response = store.call(method, uri, sent);
        let text = String::from_utf8_lossy(response.body()).into_owned();
        assert_eq!(response.status(), status, "{method} {uri}: {text}");
        assert!(text.contains(words) && text.lines().count() == 1, "{method} {uri}: {text}");
        assert_eq!(header(&response, "x-experience-api-version"), "1.0.3", "{uri}");
        assert_eq!(header(&response, "access-control-allow-origin"), "*", "{uri}");
    }
    let response = store.call("DELETE", "/xapi/statements", "");
    assert_eq!(header(&response, "allow"), "GET, HEAD, PUT, POST, OPTIONS");
    assert_eq!(store.records.count().unwrap(), 0);
}

#[test]
fn headers_are_asked_for() {
    let store = Store::new();
    let send = |change: &dyn Fn(&mut Vec<(&'static str, String)>)| {
        let mut headers = store.headers();
        change(&mut headers);
        let response = store.call_with("POST", "/xapi/statements", headers, statement().to_string());
        (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap(), response)
    };
    let (status, _, response) = send(&|headers| headers[0].1 = "Basic dG9vbDp3cm9uZw==".to_owned());
    assert_eq!(status, 401);
    assert!(header(&response, "www-authenticate").starts_with("Basic realm="));
    assert_eq!(send(&|headers| headers.retain(|h| h.0 != "authorization")).0, 401);
    assert_eq!(send(&|headers| headers.retain(|h| h.0 != "x-experience-api-version")).0, 400);
    for (version, status) in [("1.0", 200), ("1.0.0", 200), ("1.1.0", 400), ("0.95", 400), ("2.0.0", 400)] {
        assert_eq!(send(&|headers| headers[1].1 = version.to_owned()).0, status, "{version}");
    }
    for (media_type, status) in [
        ("application/json; charset=utf-8", 200),
        ("text/plain", 400),
        ("application/x-www-form-urlencoded", 400),
        ("multipart/mixed; boundary=x", 415),
    ] {
        assert_eq!(send(&|headers| headers[2].1 = media_type.to_owned()).0, status, "{media_type}");
    }
    assert_eq!(send(&|headers| headers.retain(|h| h.0 != "content-type")).0, 400);
    let (_, text, response) = send(&|headers| {
        headers.remove(1);
        headers.push(("accept", "application/problem+json".to_owned()));
    });
    assert_eq!(header(&response, "content-type"), "application/problem+json");
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["status"], 400);
}

#[test]
fn browsers_of_other_origins_may_ask() {
    let store = Store::new();
    let response = store.call_with("OPTIONS", "/xapi/statements", vec![], "");
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(header(&response, "access-control-allow-origin"), "*");
    assert_eq!(header(&response, "access-control-allow-credentials"), "");
    for name in ["Authorization", "X-Experience-API-Version", "Content-Type"] {
        assert!(header(&response, "access-control-allow-headers").contains(name));
    }
}

#[test]
fn head_has_the_headers_of_get() {
    let store = Store::new();
    store.call("POST", "/xapi/statements", with_id(ID).to_string());
    let uri = format!("/xapi/statements?statementId={ID}");
    let (get, head) = (store.call("GET", &uri, ""), store.call("HEAD", &uri, ""));
    assert_eq!(header(&head, "content-length"), get.body().len().to_string());
    assert_eq!(header(&head, "etag"), header(&get, "etag"));
    assert!(head.body().is_empty());
}

#[test]
fn more_leads_through_all_pages() {
    let store = Store::new();
    let batch = Value::Array(vec![statement(); 25]).to_string();
    store.call("POST", "/xapi/statements", batch);
    let agent = statement()["actor"].to_string();
    let agent = super::alternate::encode(&agent);
    let mut uri = format!("/xapi/statements?agent={agent}&limit=10&format=ids");
    let mut seen = std::collections::BTreeSet::new();
    let mut sizes = Vec::new();
    while !uri.is_empty() {
        let page = body(&store.call("GET", &uri, ""));
        let statements = page["statements"].as_array().unwrap();
        sizes.push(statements.len());
        for found in statements {
            assert_eq!(found["verb"], json!({"id": "http://adlnet.gov/expapi/verbs/completed"}));
            assert!(seen.insert(found["id"].to_string()), "{} came twice", found["id"]);
        }
        // New ones do not shift what is left.
        store.call("POST", "/xapi/statements", statement().to_string());
        uri = page["more"].as_str().unwrap().to_owned();
    }
    assert_eq!((sizes, seen.len()), (vec![10, 10, 5], 25));
}

#[test]
fn canonical_speaks_the_language_asked_for() {
    let store = Store::new();
    store.call("POST", "/xapi/statements", statement().to_string());
    for (wish, expected) in [
        ("fr", json!({"fr": "a terminé"})),
        ("de, fr-CH;q=0.5, en;q=0.9", json!({"en": "completed"})),
        ("uk", json!({"en": "completed"})),
    ] {
        let mut headers = store.headers();
        headers.push(("accept-language", wish.to_owned()));
        let response = store.call_with("GET", "/xapi/statements?format=canonical", headers, "");
        assert_eq!(body(&response)["statements"][0]["verb"]["display"], expected, "{wish}");
    }
}

#[test]
fn voided_statements_hide() {
    let store = Store::new();
    store.call("POST", "/xapi/statements", with_id(ID).to_string());
    let void = json!({
        "actor": {"mbox": "mailto:teacher@school.example"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/voided"},
        "object": {"objectType": "StatementRef", "id": ID},
    });
    assert_eq!(store.call("POST", "/xapi/statements", void.to_string()).status(), 200);
    assert_eq!(store.call("GET", &format!("/xapi/statements?statementId={ID}"), "").status(), 404);
    assert_eq!(store.call("GET", &format!("/xapi/statements?voidedStatementId={ID}"), "").status(), 200);
    let page = body(&store.call("GET", "/xapi/statements", ""));
    assert_eq!(page["statements"].as_array().unwrap().len(), 1);
}

#[test]
fn a_form_may_wrap_a_request() {
    let store = Store::new();
    let encode = super::alternate::encode;
    let wrap = |method: &str, fields: &[(&str, &str)]| {
        let mut form: Vec<String> = fields.iter().map(|(key, value)| format!("{key}={}", encode(value))).collect();
        form.push(format!("Authorization={}", encode(&store.authorization)));
        form.push("X-Experience-API-Version=1.0.3".to_owned());
        let headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
        store.call_with("POST", &format!("/xapi/statements?method={method}"), headers, form.join("&"))
    };
    let sent = statement().to_string();
    assert_eq!(wrap("PUT", &[("statementId", ID), ("content", &sent)]).status(), 204);
    assert_eq!(body(&wrap("GET", &[("statementId", ID)]))["id"], json!(ID));
    assert_eq!(wrap("POST", &[("content", &sent), ("Content-Type", "application/json")]).status(), 200);
    assert_eq!(wrap("GET", &[("verb", "http://nowhere.example/")]).status(), 200);
    assert_eq!(wrap("FETCH", &[]).status(), 400);
    let extra = store.call("POST", "/xapi/statements?method=GET&limit=1", "");
    assert_eq!(extra.status(), 400);
    assert_eq!(store.call_with("POST", "/xapi/statements?method=GET", vec![], "").status(), 401);
}

#[test]
fn attachments_come_as_one_part() {
    let store = Store::new();
    store.call("POST", "/xapi/statements", statement().to_string());
    let response = store.call("GET", "/xapi/statements?attachments=true", "");
    assert!(header(&response, "content-type").starts_with("multipart/mixed; boundary="));
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    assert!(text.contains("\r\n\r\n{\"statements\":["), "{text}");
}

#[test]
fn a_closed_store_asks_to_come_again() {
    let store = Store::new();
    store.records.close();
    let response = store.call("POST", "/xapi/statements", statement().to_string());
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(!header(&response, "retry-after").is_empty());
}
