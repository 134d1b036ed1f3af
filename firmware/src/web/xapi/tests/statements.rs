//! Statements in, statements out.

use super::{ID, Store, body, header, statement, with_id};
use http::StatusCode;
use serde_json::{Value, json};

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
    assert_eq!(
        header(&got, "last-modified"),
        "Sun, 01 Mar 2026 08:30:00 GMT"
    );
    assert!(
        header(&got, "x-experience-api-consistent-through") >= kept["stored"].as_str().unwrap()
    );
    let mut headers = store.headers();
    headers.push(("if-none-match", header(&got, "etag").to_owned()));
    let again = store.call_with(
        "GET",
        &format!("/xapi/statements?statementId={id}"),
        headers,
        "",
    );
    assert_eq!(
        (again.status(), again.body().len()),
        (StatusCode::NOT_MODIFIED, 0)
    );
}

#[test]
fn put_is_idempotent_and_conflicts() {
    let store = Store::new();
    let uri = format!("/xapi/statements?statementId={ID}");
    assert_eq!(
        store.call("PUT", &uri, statement().to_string()).status(),
        204
    );
    assert_eq!(
        store.call("PUT", &uri, with_id(ID).to_string()).status(),
        204
    );
    let mut other = statement();
    other["verb"]["id"] = json!("http://adlnet.gov/expapi/verbs/failed");
    assert_eq!(store.call("PUT", &uri, other.to_string()).status(), 409);
    other["id"] = json!(ID);
    let batch = json!([statement(), other]).to_string();
    assert_eq!(store.call("POST", "/xapi/statements", batch).status(), 409);
    assert_eq!(store.records.count().unwrap(), 1);
    let capital = with_id(&ID.to_uppercase()).to_string();
    assert_eq!(
        store.call("POST", "/xapi/statements", capital).status(),
        200
    );
    let foreign = with_id("12345678-1234-4234-8234-123456789abd").to_string();
    assert_eq!(store.call("PUT", &uri, foreign).status(), 400);
}

#[test]
fn head_has_the_headers_of_get() {
    let store = Store::new();
    store.call("POST", "/xapi/statements", with_id(ID).to_string());
    let uri = format!("/xapi/statements?statementId={ID}");
    let (get, head) = (store.call("GET", &uri, ""), store.call("HEAD", &uri, ""));
    assert_eq!(
        header(&head, "content-length"),
        get.body().len().to_string()
    );
    assert_eq!(header(&head, "etag"), header(&get, "etag"));
    assert!(head.body().is_empty());
}

#[test]
fn more_leads_through_all_pages() {
    let store = Store::new();
    let batch = Value::Array(vec![statement(); 25]).to_string();
    store.call("POST", "/xapi/statements", batch);
    let agent = statement()["actor"].to_string();
    let agent = crate::web::xapi::alternate::encode(&agent);
    let mut uri = format!("/xapi/statements?agent={agent}&limit=10&format=ids");
    let mut seen = std::collections::BTreeSet::new();
    let mut sizes = Vec::new();
    while !uri.is_empty() {
        let page = body(&store.call("GET", &uri, ""));
        let statements = page["statements"].as_array().unwrap();
        sizes.push(statements.len());
        for found in statements {
            assert_eq!(
                found["verb"],
                json!({"id": "http://adlnet.gov/expapi/verbs/completed"})
            );
            assert!(
                seen.insert(found["id"].to_string()),
                "{} came twice",
                found["id"]
            );
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
        assert_eq!(
            body(&response)["statements"][0]["verb"]["display"],
            expected,
            "{wish}"
        );
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
    assert_eq!(
        store
            .call("POST", "/xapi/statements", void.to_string())
            .status(),
        200
    );
    assert_eq!(
        store
            .call("GET", &format!("/xapi/statements?statementId={ID}"), "")
            .status(),
        404
    );
    assert_eq!(
        store
            .call(
                "GET",
                &format!("/xapi/statements?voidedStatementId={ID}"),
                ""
            )
            .status(),
        200
    );
    let page = body(&store.call("GET", "/xapi/statements", ""));
    assert_eq!(page["statements"].as_array().unwrap().len(), 1);
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
