//! Methods, headers, forms, and what each mistake gets.

use super::{Headers, ID, Store, body, header, statement};
use crate::web::xapi::{BODY_LIMIT, Keeping};
use http::StatusCode;
use serde_json::{Value, json};

#[test]
fn about_needs_neither_credential_nor_version() {
    let store = Store::new();
    let response = store.call_with("GET", "/xapi/about", vec![], "");
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(body(&response), json!({"version": ["1.0.3"]}));
    assert_eq!(header(&response, "x-experience-api-version"), "1.0.3");
    assert_eq!(
        store.call_with("POST", "/xapi/about", vec![], "").status(),
        405
    );
}

/// What lies in memory is not kept, so nothing is taken, whoever asks; a tool that keeps its statements loses none.
#[test]
fn a_box_that_keeps_nothing_takes_nothing() {
    let mut store = Store::new();
    let good = statement().to_string();
    let put = format!("/xapi/statements?statementId={ID}");
    let all = [
        ("PUT", put.as_str()),
        ("POST", "/xapi/statements"),
        ("POST", "/xapi//statements/"),
        ("GET", "/xapi/statements"),
        ("POST", "/xapi/statements?method=GET"),
    ];
    store.keeping = Keeping::Nothing;
    for (method, uri) in all {
        for headers in [store.headers(), vec![]] {
            let response = store.call_with(method, uri, headers, good.clone());
            assert_eq!(response.status(), 503, "{method} {uri}");
            assert_eq!(header(&response, "retry-after"), "600");
            let told = String::from_utf8_lossy(response.body()).into_owned();
            assert!(told.contains("memory") && told.contains("again"), "{told}");
        }
    }
    let problem = ("accept", "application/problem+json".to_owned());
    let response = store.call_with("POST", "/xapi/statements", vec![problem], good.clone());
    assert_eq!(body(&response)["status"], 503);
    let about = store.call_with("GET", "/xapi/about", vec![], "");
    assert_eq!(about.status(), StatusCode::OK);
    assert_eq!(store.records.count().unwrap(), 0);
    // The control: the same with a disk.
    store.keeping = Keeping::Disk;
    assert_eq!(store.call("PUT", &put, good).status(), 204);
}

#[test]
fn what_is_wrong_gets_its_status() {
    let store = Store::new();
    let good = statement().to_string();
    let mut mbox = statement();
    mbox["actor"] = json!({"mbox": "nobody"});
    let many = Value::Array(vec![statement(); 1_001]).to_string();
    let cases = [
        (
            "PUT",
            "/xapi/statements",
            good.clone(),
            400,
            "statementId is required",
        ),
        (
            "PUT",
            "/xapi/statements?statementId=7",
            good.clone(),
            400,
            "UUID",
        ),
        (
            "PUT",
            "/xapi/statements?statementId=12345678-1234-4234-8234-123456789abc&a=b",
            good.clone(),
            400,
            "\"a\" is no parameter",
        ),
        (
            "POST",
            "/xapi/statements?statementId=x",
            good.clone(),
            400,
            "no parameter here",
        ),
        ("POST", "/xapi/statements", "{".to_owned(), 400, "JSON"),
        (
            "POST",
            "/xapi/statements",
            mbox.to_string(),
            400,
            "actor.mbox: must be",
        ),
        ("POST", "/xapi/statements", many, 413, "1001 statements"),
        (
            "POST",
            "/xapi/statements",
            "x".repeat(BODY_LIMIT + 1),
            413,
            "larger",
        ),
        (
            "DELETE",
            "/xapi/statements",
            String::new(),
            405,
            "takes GET",
        ),
        (
            "GET",
            "/xapi/statements?statementId=12345678-1234-4234-8234-123456789abc",
            String::new(),
            404,
            "no such statement",
        ),
        (
            "GET",
            "/xapi/statements?Agent=%7B%7D",
            String::new(),
            400,
            "",
        ),
        (
            "GET",
            "/xapi/statements?Verb=http:a",
            String::new(),
            400,
            "\"Verb\" is no parameter",
        ),
        (
            "GET",
            "/xapi/statements?verb=x&verb=y",
            String::new(),
            400,
            "twice",
        ),
        ("GET", "/xapi/statements?verb=x", String::new(), 400, "IRI"),
        (
            "GET",
            "/xapi/statements?agent=%7B%7D",
            String::new(),
            400,
            "agent",
        ),
        (
            "GET",
            "/xapi/statements?registration=1",
            String::new(),
            400,
            "registration",
        ),
        (
            "GET",
            "/xapi/statements?limit=-1",
            String::new(),
            400,
            "limit",
        ),
        (
            "GET",
            "/xapi/statements?ascending=1",
            String::new(),
            400,
            "ascending",
        ),
        (
            "GET",
            "/xapi/statements?since=now",
            String::new(),
            400,
            "since",
        ),
        (
            "GET",
            "/xapi/statements?format=all",
            String::new(),
            400,
            "format",
        ),
        (
            "GET",
            "/xapi/statements?cursor=x",
            String::new(),
            400,
            "cursor",
        ),
        (
            "GET",
            "/xapi/statements?verb=%ff",
            String::new(),
            400,
            "UTF-8",
        ),
        (
            "GET",
            "/xapi/statements?statementId=12345678-1234-4234-8234-123456789abc&voidedStatementId=12345678-1234-4234-8234-123456789abc",
            String::new(),
            400,
            "exclude",
        ),
        (
            "GET",
            "/xapi/statements?statementId=12345678-1234-4234-8234-123456789abc&limit=1",
            String::new(),
            400,
            "limit",
        ),
        (
            "GET",
            "/xapi/agents/profile",
            String::new(),
            501,
            "not kept",
        ),
        (
            "GET",
            "/xapi/nothing",
            String::new(),
            404,
            "no such resource",
        ),
        ("GET", "/xapi", String::new(), 404, "no such resource"),
    ];
    for (method, uri, sent, status, words) in cases {
        let response = store.call(method, uri, sent);
        let text = String::from_utf8_lossy(response.body()).into_owned();
        assert_eq!(response.status(), status, "{method} {uri}: {text}");
        assert!(
            text.contains(words) && text.lines().count() == 1,
            "{method} {uri}: {text}"
        );
        assert_eq!(
            header(&response, "x-experience-api-version"),
            "1.0.3",
            "{uri}"
        );
        assert_eq!(
            header(&response, "access-control-allow-origin"),
            "*",
            "{uri}"
        );
    }
    let response = store.call("DELETE", "/xapi/statements", "");
    assert_eq!(header(&response, "allow"), "GET, HEAD, PUT, POST, OPTIONS");
    assert_eq!(store.records.count().unwrap(), 0);
}

#[test]
fn headers_are_asked_for() {
    let store = Store::new();
    let send = |change: &dyn Fn(&mut Headers)| {
        let mut headers = store.headers();
        change(&mut headers);
        let response =
            store.call_with("POST", "/xapi/statements", headers, statement().to_string());
        (
            response.status().as_u16(),
            String::from_utf8(response.body().to_vec()).unwrap(),
            response,
        )
    };
    let (status, _, response) = send(&|headers| headers[0].1 = "Basic dG9vbDp3cm9uZw==".to_owned());
    assert_eq!(status, 401);
    assert!(header(&response, "www-authenticate").starts_with("Basic realm="));
    assert_eq!(
        send(&|headers| headers.retain(|h| h.0 != "authorization")).0,
        401
    );
    assert_eq!(
        send(&|headers| headers.retain(|h| h.0 != "x-experience-api-version")).0,
        400
    );
    for (version, status) in [
        ("1.0", 200),
        ("1.0.0", 200),
        ("1.1.0", 400),
        ("0.95", 400),
        ("2.0.0", 400),
    ] {
        assert_eq!(
            send(&|headers| headers[1].1 = version.to_owned()).0,
            status,
            "{version}"
        );
    }
    for (media_type, status) in [
        ("application/json; charset=utf-8", 200),
        ("text/plain", 400),
        ("application/x-www-form-urlencoded", 400),
        ("multipart/mixed; boundary=x", 415),
    ] {
        assert_eq!(
            send(&|headers| headers[2].1 = media_type.to_owned()).0,
            status,
            "{media_type}"
        );
    }
    assert_eq!(
        send(&|headers| headers.retain(|h| h.0 != "content-type")).0,
        400
    );
    assert_eq!(
        send(&|headers| headers.push(("content-encoding", "gzip".to_owned()))).0,
        415
    );
    let (_, text, response) = send(&|headers| {
        headers.remove(1);
        headers.push(("accept", "application/problem+json".to_owned()));
    });
    assert_eq!(
        header(&response, "content-type"),
        "application/problem+json"
    );
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
fn a_form_may_wrap_a_request() {
    let store = Store::new();
    let encode = crate::web::xapi::alternate::encode;
    let wrap = |method: &str, fields: &[(&str, &str)]| {
        let mut form: Vec<String> = fields
            .iter()
            .map(|(key, value)| format!("{key}={}", encode(value)))
            .collect();
        form.push(format!("Authorization={}", encode(&store.authorization)));
        form.push("X-Experience-API-Version=1.0.3".to_owned());
        let headers = vec![(
            "content-type",
            "application/x-www-form-urlencoded".to_owned(),
        )];
        store.call_with(
            "POST",
            &format!("/xapi/statements?method={method}"),
            headers,
            form.join("&"),
        )
    };
    let sent = statement().to_string();
    assert_eq!(
        wrap("PUT", &[("statementId", ID), ("content", &sent)]).status(),
        204
    );
    assert_eq!(body(&wrap("GET", &[("statementId", ID)]))["id"], json!(ID));
    assert_eq!(
        wrap(
            "POST",
            &[("content", &sent), ("Content-Type", "application/json")]
        )
        .status(),
        200
    );
    assert_eq!(
        wrap("GET", &[("verb", "http://nowhere.example/")]).status(),
        200
    );
    assert_eq!(wrap("FETCH", &[]).status(), 400);
    let extra = store.call("POST", "/xapi/statements?method=GET&limit=1", "");
    assert_eq!(extra.status(), 400);
    assert_eq!(
        store
            .call_with("POST", "/xapi/statements?method=GET", vec![], "")
            .status(),
        401
    );
}

#[test]
fn a_closed_store_asks_to_come_again() {
    let store = Store::new();
    store.records.close();
    let response = store.call("POST", "/xapi/statements", statement().to_string());
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(!header(&response, "retry-after").is_empty());
}
