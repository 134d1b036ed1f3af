//! What is answered.

use super::rig::{LARGE, Reply, Rig, large};
use crate::web::server::Limits;
use std::fmt::Write as _;
use std::time::Duration;

const PORTAL: &str = "localhost:8080";
const PACK: &str = "water.localhost:8080";

async fn rig() -> Rig {
    Rig::start(64, Limits::HOUSE).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statuses_and_headers_of_the_whole_surface() {
    let rig = rig().await;
    let mut table = String::new();
    for (method, host, path, headers) in [
        ("GET", PORTAL, "/", ""),
        ("HEAD", PORTAL, "/", ""),
        ("GET", PORTAL, "/?lang=ar", ""),
        ("GET", PORTAL, "/?lang=%3Cscript%3E", ""),
        ("GET", PORTAL, "/search?q=boil", ""),
        ("GET", PORTAL, "/search", "Accept: application/json\r\n"),
        ("GET", PORTAL, "/status", ""),
        ("GET", PORTAL, "/api/v1/status", ""),
        ("GET", PORTAL, "/sun", ""),
        ("GET", PORTAL, "/api/v1/power/day", ""),
        ("GET", PORTAL, "/sun/film", ""),
        ("POST", PORTAL, "/sun/film", "Content-Length: 0\r\n"),
        ("GET", PORTAL, "/lights", ""),
        ("GET", PORTAL, "/lights.pdf?state=nonsense", ""),
        ("GET", PORTAL, "/welcome", ""),
        ("GET", PORTAL, "/healthz", ""),
        ("GET", PORTAL, "/favicon.svg", ""),
        ("GET", PORTAL, "/opds", ""),
        (
            "GET",
            PORTAL,
            "/nowhere",
            "Accept: application/problem+json\r\n",
        ),
        ("POST", PORTAL, "/", "Content-Length: 0\r\n"),
        ("GET", PORTAL, "/%2e%2e/%2e%2e/etc/passwd", ""),
        ("GET", "a b", "/", ""),
        ("GET", "phone.example", "/", ""),
        ("GET", PACK, "/", ""),
        ("GET", PACK, "/index.html", "Accept-Encoding: gzip\r\n"),
        ("GET", PACK, "/small.txt", ""),
        ("HEAD", PACK, "/large.bin", "Range: bytes=0-1\r\n"),
        ("GET", PACK, "/small.txt", "Range: bytes=2-4\r\n"),
        ("GET", PACK, "/small.txt", "Range: bytes=10-\r\n"),
        ("GET", PACK, "/small.txt", "If-Match: \"other\"\r\n"),
        ("GET", PACK, "/empty.txt", ""),
        ("GET", PACK, "/sub%20dir/Caf%C3%A9%3F.html", ""),
        ("GET", PACK, "/..%2f..%2flibrary.db", ""),
        ("GET", PACK, "/missing", ""),
        ("PUT", PACK, "/small.txt", "Content-Length: 0\r\n"),
        ("GET", "nobody.localhost:8080", "/", ""),
        ("GET", "a.water.localhost:8080", "/", ""),
    ] {
        let reply = rig.ask(method, host, path, headers).await;
        writeln!(table, "{method} {host} {path} {}", headers.trim_end()).unwrap();
        writeln!(table, "  {} {}", reply.status, shown(&reply)).unwrap();
    }
    insta::assert_snapshot!(table);
}

/// Reading works; the pages say what is not kept, and no page says that it is; the record store is closed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_box_whose_data_lies_in_memory_teaches_and_takes_no_records() {
    const ENGLISH: &str = "Accept-Language: en\r\n";
    let memory = Rig::on_disk_or_memory(64, Limits::HOUSE, true).await;
    let disk = rig().await;
    for (path, forgets, kept) in [
        ("/", true, false),
        ("/status", true, false),
        ("/sun", true, false),
        ("/nowhere", true, true),
    ] {
        let told = memory.get(PORTAL, path, ENGLISH).await.text();
        assert_eq!(
            told.contains("The box cannot remember today."),
            forgets,
            "{told}"
        );
        assert!(!told.contains("Nothing is lost"), "{told}");
        // The control.
        let told = disk.get(PORTAL, path, ENGLISH).await.text();
        assert!(!told.contains("cannot remember"), "{told}");
        assert_eq!(told.contains("Nothing is lost"), kept, "{told}");
    }
    assert_eq!(memory.get(PACK, "/small.txt", "").await.status, 200);
    let state = memory.get(PORTAL, "/api/v1/status", "").await.text();
    assert!(state.contains("\"in_memory\":true"), "{state}");
    for (rig, status) in [(&memory, 503), (&disk, 401)] {
        let body = "Content-Type: application/json\r\nContent-Length: 2\r\n";
        let reply = rig.ask("POST", PORTAL, "/xapi/statements", body).await;
        assert_eq!(reply.status, status, "{}", reply.text());
    }
}

/// The headers that matter and do not change from run to run.
fn shown(reply: &Reply) -> String {
    let names = [
        "allow",
        "location",
        "content-type",
        "content-range",
        "content-encoding",
        "content-length",
        "cache-control",
        "vary",
        "set-cookie",
        "content-security-policy",
        "x-content-type-options",
        "cross-origin-resource-policy",
        "date",
    ];
    let dynamic = reply
        .header("content-type")
        .is_some_and(|mime| mime.starts_with("text/html") || mime.contains("json"));
    let shown = names
        .into_iter()
        .filter(|name| !(dynamic && *name == "content-length"));
    let lines = shown.filter_map(|name| {
        let value = reply.header(name)?;
        let value = value
            .split_once("'sha256-")
            .map_or(value.to_owned(), |(before, after)| {
                format!("{before}'sha256-…'{}", after.split_once('\'').unwrap().1)
            });
        Some(format!("\n    {name}: {value}"))
    });
    lines.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_arrive_whole_in_part_and_in_parts() {
    let rig = rig().await;
    let whole = rig.get(PACK, "/large.bin", "").await;
    assert_eq!((whole.status, whole.body == large()), (200, true));
    let etag = whole.header("etag").unwrap().to_owned();

    let part = rig
        .get(PACK, "/large.bin", "Range: bytes=100000-1299999\r\n")
        .await;
    assert_eq!(
        part.header("content-range"),
        Some("bytes 100000-1299999/16000000")
    );
    assert_eq!(
        (part.status, part.body == large()[100_000..1_300_000]),
        (206, true)
    );

    let parts = rig
        .get(PACK, "/large.bin", "Range: bytes=0-1,500000-500004,-3\r\n")
        .await;
    let boundary = parts
        .header("content-type")
        .unwrap()
        .strip_prefix("multipart/byteranges; boundary=")
        .unwrap()
        .to_owned();
    let mut expected = Vec::new();
    for (from, to) in [(0, 2), (500_000, 500_005), (LARGE - 3, LARGE)] {
        let range = format!("bytes {from}-{}/{LARGE}", to - 1);
        expected.extend(format!("\r\n--{boundary}\r\nContent-Type: application/octet-stream\r\nContent-Range: {range}\r\n\r\n").bytes());
        expected.extend(&large()[from..to]);
    }
    expected.extend(format!("\r\n--{boundary}--\r\n").bytes());
    assert_eq!(
        (parts.status, parts.body == expected),
        (206, true),
        "{}",
        parts.text()
    );

    let resumed = format!("Range: bytes=5-9\r\nIf-Range: {etag}\r\n");
    assert_eq!(rig.get(PACK, "/large.bin", &resumed).await.status, 206);
    let changed = rig
        .get(
            PACK,
            "/large.bin",
            "Range: bytes=5-9\r\nIf-Range: \"old\"\r\n",
        )
        .await;
    assert_eq!((changed.status, changed.body.len()), (200, LARGE));
    let held = rig
        .get(
            PACK,
            "/large.bin",
            &format!("If-None-Match: \"x\", {etag}\r\n"),
        )
        .await;
    assert_eq!(
        (held.status, held.body.len(), held.header("etag")),
        (304, 0, Some(etag.as_str()))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn search_answers_pages_and_programs() {
    let rig = rig().await;
    let json = rig
        .get(PORTAL, "/search?q=boil", "Accept: application/json\r\n")
        .await;
    let json: serde_json::Value = serde_json::from_slice(&json.body).unwrap();
    assert_eq!(json["query"], "boil");
    assert_eq!(json["hits"][0]["pack"], "water");
    assert_eq!(
        json["hits"][0]["url"],
        "http://water.localhost:8080/index.html"
    );
    let page = rig.get("192.168.4.1", "/search?q=boil", "").await.text();
    assert!(
        page.contains("http://water.school.internal/index.html"),
        "{page}"
    );
    for strange in [
        "%22%27)%20OR%20NEAR(",
        "*",
        "%00",
        "%ff",
        &"a".repeat(4_000),
    ] {
        assert_eq!(
            rig.get(PORTAL, &format!("/search?q={strange}"), "")
                .await
                .status,
            200,
            "{strange}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_page_is_revalidated_and_compressed_once() {
    let rig = rig().await;
    let page = rig.get(PORTAL, "/", "Accept-Encoding: gzip\r\n").await;
    assert_eq!(page.header("content-encoding"), Some("gzip"));
    assert!(page.body.len() < 20_000);
    let etag = page.header("etag").unwrap().to_owned();
    let same = rig
        .get(
            PORTAL,
            "/",
            &format!("Accept-Encoding: gzip\r\nIf-None-Match: {etag}\r\n"),
        )
        .await;
    assert_eq!((same.status, same.body.len()), (304, 0));
    let plain = rig
        .get(PORTAL, "/", &format!("If-None-Match: {etag}\r\n"))
        .await;
    assert_eq!(
        (plain.status, plain.header("content-encoding")),
        (200, None)
    );
    let arabic = rig.get(PORTAL, "/", "Cookie: lang=ar\r\n").await;
    assert!(arabic.text().contains("<html lang=\"ar\" dir=\"rtl\">"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_is_what_was_published() {
    let rig = rig().await;
    assert_eq!(rig.get(PORTAL, "/healthz", "").await.text(), "ok\n");
    rig.health
        .send_replace(crate::supervisor::health::Healthz::because(
            "the last write failed".to_owned(),
        ));
    let failing = rig.get(PORTAL, "/healthz", "").await;
    assert_eq!(
        (failing.status, failing.text().as_str()),
        (503, "the last write failed\n")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_long_or_torn_gets_its_status() {
    let rig = rig().await;
    let long_header = |bytes: usize| format!("X-Long: {}\r\n", "a".repeat(bytes));
    assert_eq!(rig.get(PORTAL, "/", &long_header(15_000)).await.status, 200);
    assert_eq!(rig.get(PORTAL, "/", &long_header(17_000)).await.status, 431);
    assert_eq!(
        rig.get(PORTAL, "/", &long_header(200_000)).await.status,
        431
    );
    assert_eq!(
        rig.get(PORTAL, "/", &"X: y\r\n".repeat(200)).await.status,
        431
    );
    assert_eq!(
        rig.get(PORTAL, &format!("/{}", "a".repeat(10_000)), "")
            .await
            .status,
        414
    );
    for torn in [
        "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
        "nonsense\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nbroken header\r\n\r\n",
    ] {
        assert_eq!(rig.raw(torn.as_bytes()).await.status, 400, "{torn:?}");
    }
    assert_eq!(rig.raw(b"GET / HTTP/1.0\r\n\r\n").await.status, 200);
    let huge = rig
        .ask(
            "POST",
            PORTAL,
            "/xapi/statements",
            "Content-Length: 100000000\r\n",
        )
        .await;
    assert_eq!(huge.status, 413);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_is_refused_before_a_byte_of_their_body_is_read() {
    let rig = Rig::start(4, Limits::HOUSE).await;
    // The body is announced and never comes: whoever waits for it waits for twenty seconds.
    let ask = |path| rig.ask("POST", PORTAL, path, "Content-Length: 1000000\r\n");
    let refused = ask("/xapi/statements");
    let refused = tokio::time::timeout(Duration::from_secs(5), refused).await;
    assert_eq!(refused.unwrap().status, 401);
    // A form may bring a credential, so it is read; a megabyte of it is not.
    let form = tokio::time::timeout(Duration::from_secs(5), ask("/xapi/statements?method=GET"));
    assert_eq!(form.await.unwrap().status, 413);
}
