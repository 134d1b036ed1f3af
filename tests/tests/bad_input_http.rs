//! What strangers send over HTTP: the right status, flat memory, and the box answers on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use system_tests::need;
use system_tests::world::http::{Answer, Connection, Request};
use system_tests::world::{RunningBox, World, big_folder, folder_pack, proc, wait_for};

/// More than the box takes without one: all seats taken, 256 connections with their buffers, in a debug build. Of ten thousand, 2.5 kB each.
const CROWD_COSTS_AT_MOST: u64 = 24 << 20;
/// The allocator's moods between one crowd and the next like it.
const GROWS_AT_MOST: u64 = 10 << 20;

fn serving_a_pack(world: &World) -> RunningBox {
    world.import(&folder_pack(world, "lessons"));
    world.start()
}

/// Sends bytes as they are and reads one answer.
fn raw(running: &RunningBox, bytes: &[u8]) -> std::io::Result<Answer> {
    let mut connection = running.connect();
    // A server that has heard enough may hang up before it took all of it.
    let _ = connection.write(bytes);
    connection.read_answer(false)
}

fn insist_on_a_page_for_people(answer: &Answer) {
    assert_eq!(
        answer.header("content-type"),
        Some("text/html; charset=utf-8"),
        "{answer:?}"
    );
    let text = answer.text();
    assert!(
        text.contains("<title>") && text.contains("<h1"),
        "a page a child can read: {text}"
    );
}

#[test]
fn no_path_leads_out_of_a_pack() {
    let world = World::new();
    let secret = "the secret that no page holds";
    world.write("data/secret.txt", secret);
    world.write("secret.txt", secret);
    let running = serving_a_pack(&world);
    let hosts = [
        running.pack_host("lessons"),
        format!("localhost:{}", running.address().port()),
    ];
    for host in &hosts {
        for path in [
            "/../secret.txt",
            "/../../secret.txt",
            "/..%2f..%2fsecret.txt",
            "/%2e%2e/%2e%2e/secret.txt",
            "/.%2e/secret.txt",
            "/%252e%252e/secret.txt",
            "/..\\..\\secret.txt",
            "/..%5c..%5csecret.txt",
            "//../../../../etc/passwd",
            "/a/../../../../etc/passwd",
            "/water.html/../../secret.txt",
            "/etc/passwd",
            "/%00/etc/passwd",
            "/water.html%00.txt",
            "/%ff%fe",
            "/proc/self/environ",
        ] {
            let answer = running.send(&Request::get(path).host(host));
            assert!(
                [400, 404].contains(&answer.status),
                "{host}{path}: {answer:?}"
            );
            let text = answer.text();
            assert!(
                !text.contains(secret) && !text.contains("root:"),
                "{host}{path}: {text}"
            );
        }
    }
    for host in [
        "../lessons.localhost",
        "lessons/../x.localhost",
        "<script>",
        "a b",
        "",
    ] {
        assert!(
            [400, 404].contains(&running.send(&Request::get("/").host(host)).status),
            "host {host:?}"
        );
    }
    running.get_from("lessons", "/water.html").expect(200);
    running.stop();
}

#[test]
fn what_is_too_long_too_large_or_not_allowed_gets_its_status() {
    let world = World::new();
    let running = serving_a_pack(&world);
    let host = running.pack_host("lessons");
    let get = |target: &str| running.send(&Request::get(target).host(&host));

    let long = "a".repeat(9_000);
    insist_on_a_page_for_people(&get(&format!("/{long}")).expect(414));
    insist_on_a_page_for_people(&running.get(&format!("/search?q={long}")).expect(414));
    let fat = Request::get("/water.html")
        .host(&host)
        .header("X-Fat", &"b".repeat(20_000));
    insist_on_a_page_for_people(&running.send(&fat).expect(431));
    let endless = format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\nX-Endless: {}\r\n\r\n",
        "c".repeat(300_000)
    );
    assert_eq!(raw(&running, endless.as_bytes()).unwrap().status, 431);
    let many: String = (0..2_000).map(|n| format!("X-{n}: d\r\n")).collect();
    let many = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{many}\r\n");
    assert_eq!(raw(&running, many.as_bytes()).unwrap().status, 431);

    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"] {
        for target in ["/", "/search", "/api/v1/status", "/healthz"] {
            let answer = running.send(&Request::new(method, target)).expect(405);
            assert_eq!(
                answer.header("allow"),
                Some("GET, HEAD"),
                "{method} {target}"
            );
        }
        running
            .send(&Request::new(method, "/water.html").host(&host))
            .expect(405);
    }
    insist_on_a_page_for_people(&running.get("/no/such/page").expect(404));
    let problem = running
        .send(&Request::get("/no/such/page").header("Accept", "application/problem+json"))
        .expect(404);
    assert_eq!(
        problem.header("content-type"),
        Some("application/problem+json")
    );
    assert_eq!(problem.json()["status"], 404);

    let tool = world.tool("quiz");
    let flood = format!(
        "POST /xapi/statements HTTP/1.1\r\nHost: localhost\r\nAuthorization: {}\r\nX-Experience-API-Version: 1.0.3\r\n\
         Content-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n[",
        tool.authorization()
    );
    assert_eq!(raw(&running, flood.as_bytes()).unwrap().status, 413);
    running.get("/healthz").expect(200);
    running.stop();
}

#[test]
fn ranges_that_do_not_exist_are_416_and_odd_ones_are_ignored() {
    let world = World::new();
    let running = serving_a_pack(&world);
    let host = running.pack_host("lessons");
    let whole = running.get_from("lessons", "/water.html").expect(200).body;
    let ask = |range: &str| {
        running.send(
            &Request::get("/water.html")
                .host(&host)
                .header("Range", range),
        )
    };
    for range in ["bytes=100000-", "bytes=100000-200000", "bytes=-0"] {
        let answer = ask(range).expect(416);
        assert_eq!(
            answer.header("content-range"),
            Some(format!("bytes */{}", whole.len()).as_str()),
            "{range}"
        );
    }
    for range in [
        "bytes=abc",
        "bytes=5-2",
        "lines=1-2",
        "bytes",
        "bytes=--5",
        "bytes=18446744073709551616-",
    ] {
        let answer = ask(range);
        assert!(
            answer.status == 200 && answer.body == whole || answer.status == 416,
            "{range}: {answer:?}"
        );
    }
    let crowd: String = (0..1_000).map(|n| format!("{n}-{n},")).collect();
    let answer = ask(&format!("bytes={}", crowd.trim_end_matches(',')));
    assert!(
        [200, 206, 416, 431].contains(&answer.status)
            && answer.wire_bytes < 4 * whole.len() + 4_096,
        "{answer:?}"
    );
    assert_eq!(
        ask(&format!("bytes=0-{}", u64::MAX)).expect(206).body,
        whole
    );
    running.stop();
}

#[test]
fn what_is_no_http_is_refused_or_cut() {
    let world = World::new();
    let running = serving_a_pack(&world);
    for (what, bytes) in [
        ("noise", &b"\x00\x01\x02\x03\r\n\r\n"[..]),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("no host", b"GET / HTTP/1.1\r\n\r\n"),
        ("two hosts", b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: lessons.localhost\r\n\r\n"),
        ("a blank before the colon", b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n"),
        ("two lengths", b"POST /xapi/statements HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
        ("a negative length", b"POST /xapi/statements HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n"),
        ("a folded header", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n c\r\n\r\n"),
    ] {
        let mut connection = running.connect();
        let _ = connection.write(bytes);
        // Some of it is an unfinished request, which ends by the header timeout.
        match connection.read_answer(false) {
            Ok(answer) => assert!((400..500).contains(&answer.status) || answer.status == 505, "{what}: {answer:?}"),
            Err(error) => assert_ne!(error.kind(), std::io::ErrorKind::WouldBlock, "{what} is neither refused nor cut"),
        }
    }
    running.get("/healthz").expect(200);
    running.stop();
}

/// Headers that never end, byte by byte: cut at the box's own timeout, not at ours.
#[test]
fn a_slow_header_is_cut() {
    let world = World::new();
    let running = world.start();
    let mut slow = TcpStream::connect(running.address()).unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        .unwrap();
    wait_for("the cut of a slow header", Duration::from_secs(60), || {
        std::thread::sleep(Duration::from_millis(250));
        slow.write_all(b"a").is_err().then_some(())
    });
    running.get("/healthz").expect(200);
    running.stop();
}

/// The same with a body: a tool that promises a statement and does not send it.
#[test]
fn a_body_that_does_not_come_is_given_up() {
    let world = World::new();
    let tool = world.tool("quiz");
    let running = world.start();
    let head = format!(
        "POST /xapi/statements HTTP/1.1\r\nHost: localhost\r\nAuthorization: {}\r\nX-Experience-API-Version: 1.0.3\r\n\
         Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{{",
        tool.authorization()
    );
    let mut connection = running.connect();
    connection.write(head.as_bytes()).unwrap();
    let ended = wait_for(
        "an end of waiting for the body",
        Duration::from_secs(150),
        || match connection.read_answer(false) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => None,
            ended => Some(ended),
        },
    );
    if let Ok(answer) = ended {
        assert!([400, 408, 503].contains(&answer.status), "{answer:?}");
    }
    assert_eq!(running.status()["records"]["statements"], 0);
    running.stop();
}

/// Lets this process have `wanted` descriptors, or as many as it may; answers how many.
fn raise_descriptors(wanted: u64) -> u64 {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    let now = wanted.min(hard);
    setrlimit(Resource::RLIMIT_NOFILE, now, hard).unwrap();
    now
}

/// Opens connections from several threads until `count` are open, and keeps them. What the box turns away stays open
/// on this side.
fn open_idle(address: SocketAddr, count: usize, hello: &[u8]) -> Vec<TcpStream> {
    let left = AtomicUsize::new(count);
    let take_one = || {
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            left.checked_sub(1)
        })
        .is_ok()
    };
    std::thread::scope(|scope| {
        let openers: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    let mut open = Vec::new();
                    while take_one() {
                        if let Ok(mut stream) =
                            TcpStream::connect_timeout(&address, Duration::from_secs(20))
                        {
                            let _ = stream.write_all(hello);
                            open.push(stream);
                        }
                    }
                    open
                })
            })
            .collect();
        openers
            .into_iter()
            .flat_map(|opener| opener.join().unwrap())
            .collect()
    })
}

fn answers_again(running: &RunningBox, crowd: &str) {
    wait_for(
        &format!("an answer behind {crowd}"),
        Duration::from_secs(60),
        || {
            let answer = running.try_send(&Request::get("/healthz")).ok()?;
            if answer.status != 200 {
                assert_eq!(answer.status, 503, "{answer:?}");
                assert!(answer.header("retry-after").is_some(), "{answer:?}");
            }
            (answer.status == 200).then_some(())
        },
    );
}

#[test]
fn ten_thousand_idle_connections_cost_no_memory_and_keep_nobody_out() {
    const WANTED: u64 = 10_000;
    const AT_LEAST: u64 = 2_000;
    let test = "ten_thousand_idle_connections";
    let allowed = raise_descriptors(WANTED + 500).saturating_sub(500);
    if allowed < AT_LEAST {
        return need::skip(test, "too few descriptors", "ulimit -Hn 20000").unwrap_or_default();
    }
    let count = usize::try_from(allowed.min(WANTED)).unwrap();
    if allowed < WANTED {
        eprintln!("{test}: {count} connections, for this process may have no more descriptors");
    }
    let world = World::new();
    let running = serving_a_pack(&world);
    let alone = proc::anonymous_bytes(running.pid());
    let mut peaks = Vec::new();
    let (silent, half_a_header) = (&b""[..], &b"GET / HTTP/1.1\r\nHost: localhost\r\n"[..]);
    for hello in [silent, half_a_header, half_a_header] {
        let crowd = open_idle(running.address(), count, hello);
        let peak = proc::anonymous_bytes(running.pid());
        answers_again(&running, "ten thousand idle connections");
        let cost = peak.saturating_sub(alone);
        eprintln!("{test}: {} open, {} kB more", crowd.len(), cost / 1024);
        assert!(
            crowd.len() >= count * 9 / 10,
            "{} of {count} could be opened",
            crowd.len()
        );
        assert!(
            cost < CROWD_COSTS_AT_MOST,
            "{cost} bytes more with {} connections",
            crowd.len()
        );
        assert!(
            proc::open_files(running.pid()) < 1_000,
            "the box keeps few of them"
        );
        peaks.push(peak);
    }
    assert!(
        peaks[2] < peaks[1] + GROWS_AT_MOST,
        "each crowd costs more than the one before: {peaks:?}"
    );
    answers_again(&running, "the crowd that left");
    running.stop();
}

/// A full house of readers that read nothing: bounded memory, and the newcomer is told when to knock again.
#[test]
fn a_full_house_says_503_and_when_to_knock_again() {
    let world = World::new();
    world.import(&big_folder(&world, "big", 1, 16 << 20));
    let config = world.write("box.toml", "[power]\ndwell_s = 0\n");
    // Low from its first sample on: few seats, and never more.
    world.sim().battery(12.75, -0.2);
    let running = world.launch().config(&config).start();
    let few = running.wait_for_status("few seats", |status| {
        status["power"]["reason"] == "battery_low"
    });
    let seats = few["power"]["http_connections"].as_u64().unwrap();
    let before = proc::anonymous_bytes(running.pid());
    let mut readers = Vec::new();
    let told = wait_for("a full house", Duration::from_secs(120), || {
        let mut reader = Connection::open(running.address()).ok()?;
        reader
            .start(&Request::get("/part0.bin").host(&running.pack_host("big")))
            .ok()?;
        let mut head = [0; 512];
        let read = reader.read_some(&mut head).unwrap_or(0);
        let text = String::from_utf8_lossy(&head[..read]).to_lowercase();
        if text.starts_with("http/1.1 503") {
            return Some(text);
        }
        readers.push(reader);
        None
    });
    assert!(told.contains("retry-after:"), "{told}");
    assert!(
        readers.len() as u64 >= seats / 2,
        "{} readers in {seats} seats",
        readers.len()
    );
    let peak = proc::anonymous_bytes(running.pid());
    assert!(
        peak < before + GROWS_AT_MOST,
        "{before} bytes of its own before, {peak} with {} readers",
        readers.len()
    );
    drop(readers);
    answers_again(&running, "readers who left");
    running.stop();
}
