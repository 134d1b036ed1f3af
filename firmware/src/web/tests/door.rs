//! Who gets in, who is kept waiting, how the door closes.

use super::rig::{LARGE, Reply, Rig, plan};
use crate::web::server::Limits;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep_until, timeout};

const HOST: &str = "localhost";
const SLOW: Limits = Limits {
    header: Duration::from_secs(60),
    stall: Duration::from_secs(60),
    spare_after: Duration::from_secs(60),
};

/// Lets time pass: what is tested here is what time does to a connection.
async fn pass(millis: u64) {
    sleep_until(tokio::time::Instant::now() + Duration::from_millis(millis)).await;
}

/// A connection that holds its seat: the request is never finished.
async fn silent(rig: &Rig) -> TcpStream {
    let before = rig.beats.load(Ordering::Relaxed);
    let mut stream = rig.connect().await;
    stream.write_all(b"GET / HT").await.unwrap();
    while rig.beats.load(Ordering::Relaxed) == before {
        pass(5).await;
    }
    stream
}

/// Asks until the answer is `status`: a new plan takes a moment to reach the door.
async fn becomes(rig: &Rig, status: u16) -> bool {
    for _ in 0..100 {
        if rig.get(HOST, "/healthz", "").await.status == status {
            return true;
        }
        pass(20).await;
    }
    false
}

/// A download whose reader does not read on, with a small buffer of its own: the file does not fit into the sockets.
async fn download(rig: &Rig) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    let mut stream = socket.connect(rig.address).await.unwrap();
    stream
        .write_all(b"GET /large.bin HTTP/1.1\r\nHost: water.localhost\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut first = [0; 1];
    stream.read_exact(&mut first).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_plan_says_how_many_are_seated() {
    let rig = Rig::start(2, SLOW).await;
    let _first = silent(&rig).await;
    assert_eq!(rig.get(HOST, "/healthz", "").await.status, 200);
    let _second = silent(&rig).await;
    let full = rig.get(HOST, "/", "Accept-Language: ar\r\n").await;
    assert_eq!(
        (
            full.status,
            full.header("retry-after"),
            full.header("connection")
        ),
        (503, Some("5"), Some("close"))
    );
    assert_eq!(
        full.header("content-length"),
        Some(full.body.len().to_string().as_str())
    );
    assert!(full.text().contains("lang=\"ar\""), "{}", full.text());

    rig.plan.send_replace(plan(3));
    assert!(becomes(&rig, 200).await);
    rig.plan.send_replace(plan(0));
    assert!(becomes(&rig, 503).await);
    assert!(
        rig.beats.load(Ordering::Relaxed) >= 6,
        "each newcomer is a beat, seated or not"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lower_plan_cuts_no_answer() {
    let rig = Rig::start(4, SLOW).await;
    let mut reading = download(&rig).await;
    let mut idle = silent(&rig).await;
    rig.plan.send_replace(plan(0));
    let mut rest = Vec::new();
    assert_eq!(
        timeout(Duration::from_secs(2), idle.read_to_end(&mut rest))
            .await
            .unwrap()
            .unwrap(),
        0
    );
    let read = reading.read_to_end(&mut rest).await.unwrap();
    assert!(read > LARGE, "{read}");
}

/// With the plan as it was, the same connection stays for the next request: the control.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lower_plan_lets_the_busy_go_when_their_answer_is_whole() {
    for (permitted, leaves) in [(0, true), (4, false)] {
        let rig = Rig::start(4, SLOW).await;
        let mut reading = rig.connect().await;
        reading
            .write_all(b"GET /large.bin HTTP/1.1\r\nHost: water.localhost\r\n\r\n")
            .await
            .unwrap();
        reading.read_exact(&mut [0; 1]).await.unwrap();
        rig.plan.send_replace(plan(permitted));
        let mut rest = Vec::new();
        let ended = timeout(Duration::from_secs(2), reading.read_to_end(&mut rest)).await;
        assert!(rest.len() > LARGE, "{}", rest.len());
        assert_eq!(ended.is_ok(), leaves);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_connections_make_room_and_busy_ones_do_not() {
    let limits = Limits {
        spare_after: Duration::from_millis(100),
        ..SLOW
    };
    let rig = Rig::start(8, limits).await;
    let mut crowd = Vec::new();
    for _ in 0..200 {
        crowd.push(rig.connect().await);
    }
    pass(150).await;
    assert_eq!(rig.get(HOST, "/healthz", "").await.status, 200);

    // Every seat with an answer under way: nobody leaves for the newcomer. (Negative control: the same crowd, but busy.)
    let rig = Rig::start(2, limits).await;
    let _busy = [download(&rig).await, download(&rig).await];
    pass(150).await;
    assert_eq!(rig.get(HOST, "/healthz", "").await.status, 503);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_headers_idle_connections_and_stalled_readers_are_cut() {
    let quick = Limits {
        header: Duration::from_millis(200),
        stall: Duration::from_millis(200),
        ..SLOW
    };
    for (limits, cut) in [(quick, true), (SLOW, false)] {
        let rig = Rig::start(8, limits).await;
        let mut slow = silent(&rig).await;
        let mut kept_alive = rig.connect().await;
        kept_alive
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await
            .unwrap();
        assert_eq!(
            timeout(
                Duration::from_millis(800),
                slow.read_to_end(&mut Vec::new())
            )
            .await
            .is_ok(),
            cut
        );
        assert_eq!(
            timeout(Duration::from_millis(800), Reply::read(&mut kept_alive))
                .await
                .is_ok(),
            cut
        );

        // Sockets and hyper hold part of it, the rest was never taken.
        let mut stalled = download(&rig).await;
        pass(600).await;
        let read = stalled.read_to_end(&mut Vec::new()).await;
        assert_eq!(read.map_or(true, |read| read < LARGE), cut);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_door_closes_in_order() {
    let mut rig = Rig::start(64, SLOW).await;
    let mut reading = download(&rig).await;
    let _idle = silent(&rig).await;
    let mut stalled = Vec::new();
    for _ in 0..20 {
        stalled.push(download(&rig).await);
    }
    let began = Instant::now();
    rig.stop.send_replace(true);
    let finished = tokio::spawn(async move { reading.read_to_end(&mut Vec::new()).await.unwrap() });
    (&mut rig.served).await.unwrap().unwrap();
    let took = began.elapsed();
    assert!(
        took >= Duration::from_millis(1_900) && took < Duration::from_secs(5),
        "{took:?}"
    );
    assert!(
        finished.await.unwrap() > LARGE,
        "an answer under way is finished within the grace"
    );
    assert!(
        TcpStream::connect(rig.address).await.is_err(),
        "the door is closed"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_nobody_busy_the_door_closes_at_once() {
    let mut rig = Rig::start(64, SLOW).await;
    let _idle = (silent(&rig).await, rig.connect().await);
    assert_eq!(rig.get(HOST, "/healthz", "").await.status, 200);
    let began = Instant::now();
    rig.stop.send_replace(true);
    (&mut rig.served).await.unwrap().unwrap();
    assert!(
        began.elapsed() < Duration::from_millis(1_900),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_asked_to_leave_and_asks_on_does_not_make_the_crowd_grow() {
    let limits = Limits {
        spare_after: Duration::ZERO,
        ..SLOW
    };
    let rig = Rig::start(2, limits).await;
    let mut crowd = Vec::new();
    // Each generation takes the seats of the one before, which ends its requests just then and reads nothing of the answers.
    for _ in 0..4 {
        let generation = [half_asked(&rig).await, half_asked(&rig).await];
        for stream in &mut crowd {
            let _ = TcpStream::write_all(stream, b"\r\n").await;
        }
        crowd.extend(generation);
        pass(50).await;
    }
    pass(1_000).await;
    let mut served = 0;
    for stream in &mut crowd {
        let mut first = [0; 12];
        let read = timeout(Duration::from_millis(200), stream.read_exact(&mut first)).await;
        served += usize::from(matches!(read, Ok(Ok(_))) && first == *b"HTTP/1.1 200");
    }
    assert!(served <= 4, "{served} downloads on two seats");
}

/// A download whose request lacks its last line.
async fn half_asked(rig: &Rig) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    let mut stream = socket.connect(rig.address).await.unwrap();
    stream
        .write_all(b"GET /large.bin HTTP/1.1\r\nHost: water.localhost\r\n")
        .await
        .unwrap();
    pass(20).await;
    stream
}
