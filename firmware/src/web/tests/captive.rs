//! A phone joins: probes, the portal, and what is asked in the background.

use super::rig::{Reply, Rig};
use crate::web::server::Limits;

const WINDOW: &str = "User-Agent: Mozilla/5.0 (Linux; Android 9; wv) AppleWebKit/537.36 Chrome/106.0 Mobile Safari/537.36\r\n\
                      X-Requested-With: com.android.captiveportallogin\r\nAccept-Language: en\r\n";

async fn rig() -> Rig {
    Rig::start(64, Limits::HOUSE).await
}

async fn probe(rig: &Rig) -> Reply {
    rig.get("connectivitycheck.gstatic.com", "/generate_204", "")
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_portal_opens_first_and_success_follows() {
    let rig = rig().await;
    let first = probe(&rig).await;
    assert_eq!(
        (
            first.status,
            first.header("location"),
            first.header("cache-control"),
            first.header("connection")
        ),
        (
            302,
            Some("http://school.internal/"),
            Some("no-store"),
            Some("close")
        )
    );
    assert!(first.text().contains("href=\"http://school.internal/\"") && first.body.len() < 200);
    let state = rig.get("school.internal", "/captive-portal", "").await;
    assert_eq!(
        state.header("content-type"),
        Some("application/captive+json")
    );
    let state: serde_json::Value = serde_json::from_slice(&state.body).unwrap();
    assert_eq!(state["captive"], true);
    assert_eq!(state["user-portal-url"], "http://school.internal/");
    assert_eq!(state.get("seconds-remaining"), None);

    assert_eq!(rig.get("school.internal", "/", "").await.status, 200);
    let then = probe(&rig).await;
    assert_eq!(
        (then.status, then.body.len(), then.header("content-type")),
        (204, 0, None)
    );
    assert_eq!(then.header("content-length"), None);
    let state = rig
        .get("localhost:8080", "/captive-portal", "Accept: text/html\r\n")
        .await;
    let state: serde_json::Value = serde_json::from_slice(&state.body).unwrap();
    assert_eq!(
        (&state["captive"], &state["user-portal-url"]),
        (&false.into(), &"http://localhost:8080/".into())
    );
    assert!(
        (43_190..=43_200).contains(&state["seconds-remaining"].as_u64().unwrap()),
        "{state}"
    );
    // Ranges and conditions change nothing: a probe is a whole answer.
    let odd =
        "Range: bytes=0-3\r\nIf-None-Match: *\r\nAccept: image/png\r\nAccept-Encoding: gzip\r\n";
    let windows = rig
        .get("www.msftconnecttest.com", "/connecttest.txt", odd)
        .await;
    assert_eq!(
        (windows.status, windows.text().as_str()),
        (200, "Microsoft Connect Test")
    );
    let head = rig
        .ask("HEAD", "www.msftconnecttest.com", "/connecttest.txt", "")
        .await;
    assert_eq!(
        (head.status, head.header("content-length"), head.body.len()),
        (200, Some("22"), 0)
    );
}

/// Only a page that a person sees opens the portal: not a HEAD, a program's look behind its redirect, another page, an error.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_but_a_page_that_is_seen_opens_the_portal() {
    let rig = rig().await;
    for (method, host, path, headers) in [
        ("HEAD", "school.internal", "/", ""),
        ("POST", "school.internal", "/", "Content-Length: 0\r\n"),
        ("GET", "school.internal", "/status", ""),
        ("GET", "school.internal", "/healthz", ""),
        ("GET", "water.school.internal", "/", ""),
        ("GET", "phone.example", "/", ""),
        (
            "GET",
            "school.internal",
            "/",
            "User-Agent: CaptiveNetworkSupport-355.200.27 wispr\r\n",
        ),
        ("GET", "school.internal", "/", "Sec-Purpose: prefetch\r\n"),
    ] {
        rig.ask(method, host, path, headers).await;
        assert_eq!(
            probe(&rig).await.status,
            302,
            "{method} {host}{path} {headers}"
        );
    }
    rig.get("10.42.0.1", "/?lang=fr", "").await;
    assert_eq!(probe(&rig).await.status, 204);
}

/// Android's window to version 10 would close over the unread page.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_that_closes_itself_is_left_open_and_says_where_to_go_on() {
    let rig = rig().await;
    let page = rig.get("school.internal", "/", WINDOW).await.text();
    assert!(
        page.contains("This window is small.") && page.contains("<b>http://school.internal</b>"),
        "{page}"
    );
    assert_eq!(probe(&rig).await.status, 302);
    // Its browser is asked for nothing of the kind, and counts at once.
    let page = rig
        .get("school.internal", "/", "Accept-Language: en\r\n")
        .await
        .text();
    assert!(!page.contains("This window is small."), "{page}");
    assert_eq!(probe(&rig).await.status, 204);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_of_other_hosts_hangs_nowhere_and_leaves_nothing_there() {
    let rig = rig().await;
    for (method, path, status) in [
        ("GET", "/", 302),
        ("GET", "/app/config.json?lang=fr", 302),
        ("HEAD", "/picture.jpg", 302),
        ("POST", "/xapi/statements", 303),
        ("OPTIONS", "/x", 303),
    ] {
        let reply = rig
            .ask(
                method,
                "api.example.com",
                path,
                "Content-Length: 0\r\nCookie: lang=ar\r\n",
            )
            .await;
        assert_eq!(
            (
                reply.status,
                reply.header("location"),
                reply.header("set-cookie"),
                reply.header("connection")
            ),
            (status, Some("http://school.internal/"), None, Some("close")),
            "{method} {path}"
        );
    }
    // The control: our own names answer themselves.
    assert_eq!(rig.get("school.internal", "/search", "").await.status, 200);
    assert_eq!(
        rig.get("water.school.internal", "/small.txt", "")
            .await
            .status,
        200
    );
}

/// A guest who waits for a seat: the page, and no way round it; once they have it, the portal.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_who_waits_is_told_their_place_and_no_probe_is_satisfied() {
    let rig = rig().await;
    let home = |rig: Reply| (rig.status, rig.text());
    let (status, text) = home(rig.get("school.internal", "/", "").await);
    assert!(
        status == 200 && text.contains("What you can learn"),
        "the control"
    );
    assert_eq!(probe(&rig).await.status, 204, "the control");

    let here = std::net::IpAddr::from([127, 0, 0, 1]);
    rig.waiting
        .send_replace(std::sync::Arc::new([(here, 2)].into()));
    let page = rig
        .get("school.internal", "/", "Accept-Language: en\r\n")
        .await;
    assert_eq!(
        (
            page.status,
            page.header("refresh"),
            page.header("cache-control"),
            page.header("etag")
        ),
        (
            200,
            Some("30; url=http://school.internal/"),
            Some("no-store"),
            None
        )
    );
    let text = page.text();
    assert!(
        text.contains("You are number 2") && !text.contains("What you can learn"),
        "{text}"
    );
    assert!(!text.contains("<script"));
    assert_eq!(probe(&rig).await.status, 302);
    let apple = rig
        .get("captive.apple.com", "/hotspot-detect.html", "")
        .await;
    assert!(apple.status == 302 && !apple.text().contains("Success"));
    let state = rig.get("school.internal", "/captive-portal", "").await;
    assert!(state.text().contains("\"captive\":true"));
    for (host, path) in [
        ("school.internal", "/search?q=water"),
        ("school.internal", "/sun"),
        ("school.internal", "/xapi/about"),
        ("water.school.internal", "/index.html"),
        ("school.internal", "/no/such/page"),
    ] {
        let refused = rig.get(host, path, "Accept-Language: en\r\n").await;
        assert_eq!(
            (refused.status, refused.header("retry-after")),
            (503, Some("30")),
            "{path}"
        );
        assert!(refused.text().contains("You are number 2"), "{path}");
    }
    assert_eq!(rig.get("school.internal", "/healthz", "").await.status, 200);
    assert_eq!(rig.get("school.internal", "/status", "").await.status, 200);
    assert_eq!(rig.get("www.example.org", "/", "").await.status, 302);

    rig.waiting.send_replace(std::sync::Arc::default());
    let (status, text) = home(rig.get("school.internal", "/", "").await);
    assert!(status == 200 && text.contains("What you can learn"));
}
