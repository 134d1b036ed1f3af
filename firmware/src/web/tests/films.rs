//! Films follow the load plan; everything else is sent whatever it says.

use super::rig::{LARGE, Rig, large, plan};
use crate::web::server::Limits;
use power_mgmt::LoadPlan;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

const WATER: &str = "water.localhost";

/// Thirty-two seats, and films at this rate.
fn films_at(video_kbit_s: u32) -> LoadPlan {
    LoadPlan {
        video_kbit_s,
        ..plan(32)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn films_wait_and_nothing_else_does() {
    let rig = Rig::start(32, Limits::HOUSE).await;
    // So fast that the test does not wait for it.
    rig.plan.send_replace(films_at(4_000_000));
    let whole = rig.get(WATER, "/film.mp4", "").await;
    assert_eq!((whole.status, whole.body.as_slice()), (200, large()));
    let tag = whole.header("etag").unwrap().to_owned();

    rig.plan.send_replace(films_at(0));
    for (method, headers) in [
        ("GET", "Accept-Language: fr\r\n"),
        ("GET", "Range: bytes=0-1\r\n"),
        ("GET", "Range: bytes=5-9\r\nIf-Range: \"old\"\r\n"),
        ("GET", "Accept: application/problem+json\r\n"),
        ("HEAD", ""),
    ] {
        let waits = rig.ask(method, WATER, "/film.mp4", headers).await;
        let retry = waits.header("retry-after");
        assert_eq!(
            (waits.status, retry),
            (503, Some("600")),
            "{method} {headers}"
        );
        assert_eq!(waits.header("cache-control"), Some("no-store"));
        assert!(waits.header("etag").is_none() && waits.body.len() < 40_000);
        assert_eq!(
            waits.text().contains("économise sa lumière"),
            headers.contains("fr")
        );
    }
    let same = format!("If-None-Match: {tag}\r\n");
    assert_eq!(rig.get(WATER, "/film.mp4", &same).await.status, 304);
    let other = "If-Match: \"old\"\r\n";
    assert_eq!(rig.get(WATER, "/film.mp4", other).await.status, 412);
    let behind = format!("Range: bytes={LARGE}-\r\n");
    assert_eq!(rig.get(WATER, "/film.mp4", &behind).await.status, 416);
    for (path, headers, status) in [
        ("/song.mp3", "", 200),
        ("/song.mp3", "Range: bytes=0-1\r\n", 206),
        ("/large.bin", "", 200),
        ("/index.html", "", 200),
    ] {
        assert_eq!(rig.get(WATER, path, headers).await.status, status, "{path}");
    }

    rig.plan.send_replace(films_at(4_000_000));
    let part = rig
        .get(WATER, "/film.mp4", "Range: bytes=10-2999999\r\n")
        .await;
    assert_eq!(
        (part.status, part.body.as_slice()),
        (206, &large()[10..3_000_000])
    );
    let parts = rig
        .get(WATER, "/film.mp4", "Range: bytes=0-4,100-2999999\r\n")
        .await;
    assert!(parts.status == 206 && parts.body.len() > 2_999_900);
}

/// Between two chunks at this rate the connection is still for longer than a reader may be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_sent_a_film_slowly_is_no_slow_reader() {
    let limits = Limits {
        stall: Duration::from_millis(100),
        ..Limits::HOUSE
    };
    let rig = Rig::start(32, limits).await;
    rig.plan.send_replace(films_at(1_500));
    let mut stream = rig.connect().await;
    stream
        .write_all(b"GET /film.mp4 HTTP/1.1\r\nHost: water.localhost\r\nRange: bytes=1-\r\n\r\n")
        .await
        .unwrap();
    let (began, mut bytes) = (Instant::now(), 0);
    let (mut buffer, time) = (vec![0; 64 * 1024], Duration::from_secs(3));
    while let Ok(read) = timeout(
        time.saturating_sub(began.elapsed()),
        stream.read(&mut buffer),
    )
    .await
    {
        let read = read.unwrap();
        assert!(
            read > 0,
            "cut after {bytes} bytes and {:?}",
            began.elapsed()
        );
        bytes += read;
    }
    assert!((2_000_000..3_000_000).contains(&bytes), "{bytes}");

    // Faster from the next second on, in the same answer.
    rig.plan.send_replace(films_at(4_000_000));
    while bytes < LARGE - 1 {
        bytes += timeout(Duration::from_secs(10), stream.read(&mut buffer))
            .await
            .unwrap()
            .unwrap();
    }
}
