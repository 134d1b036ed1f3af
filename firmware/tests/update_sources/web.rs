//! What a web source does where nothing is wrong, or nothing that matters.

use crate::server::{FILE, METADATA, Server, Then, file, good};
use crate::{line, read, source};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

#[test]
fn ranges_and_metadata_come_over_one_connection() {
    let server = Server::start(good);
    let mut source = source(&server.url());
    assert_eq!(source.name(), server.url());
    let file = file();
    for (from, bytes) in [
        (0, 1),
        (0, 300_000),
        (299_999, 1),
        (100_000, 8192),
        (7, 123_456),
    ] {
        let wanted = &file[from..from + bytes];
        assert_eq!(
            read(&mut *source, FILE, from as u64, bytes as u64).unwrap(),
            wanted
        );
        assert_eq!(
            source.metadata("timestamp.json", 100).unwrap().as_deref(),
            Some(METADATA)
        );
        assert_eq!(source.metadata("7.root.json", 100).unwrap(), None);
    }
    assert_eq!(server.connections(), 1);
    let head = &server.requests()[0].head;
    assert!(
        head.starts_with("GET /repo/targets/system/file.bin HTTP/1.1\r\n"),
        "{head}"
    );
    assert!(
        head.contains("accept-encoding: identity") && !head.contains("gzip"),
        "{head}"
    );
    drop(source);
    assert!(server.left_by_all(), "a connection is left open");
}

#[test]
fn a_range_ends_where_the_file_does_and_absurd_ones_are_empty() {
    let server = Server::start(good);
    let mut source = source(&server.url());
    let file = file();
    for (from, bytes, wanted) in [
        (299_990, 100, &file[299_990..]),
        (0, u64::MAX, &file[..]),
        (300_000, 1, &[]),
        (1 << 63, 1 << 63, &[]),
        (u64::MAX, u64::MAX, &[]),
        (5, 0, &[]),
    ] {
        assert_eq!(
            read(&mut *source, FILE, from, bytes).unwrap(),
            wanted,
            "{from}+{bytes}"
        );
    }
    for name in ["system/none", "../secret", "", "a//b", "a/../b"] {
        let error = read(&mut *source, name, 0, 1).unwrap_err();
        assert_eq!(line(&error), format!("{} has no {name}", server.url()));
        assert!(!error.is_transient());
    }
    assert!(
        server
            .requests()
            .iter()
            .all(|request| !request.path.contains(".."))
    );
}

/// The server closes a connection that idles, as ours does after ten seconds; the next range comes over a new one.
#[test]
fn a_kept_connection_that_was_closed_is_made_anew() {
    let server = Server::start(|request, out| good(request, out).map(|_| Then::Close));
    let mut source = source(&server.url());
    for at in 0..5 {
        assert_eq!(
            read(&mut *source, FILE, at * 1000, 1000).unwrap().len(),
            1000
        );
        std::thread::sleep(Duration::from_millis(30));
    }
    assert_eq!(server.connections(), 5);
}

#[test]
fn servers_without_ranges_and_chunked_bodies_serve_as_well() {
    let whole = Server::start(|_, out| out.answer("200 OK", "", &file()));
    let chunked = Server::start(|request, out| {
        let (from, to) = request.range().unwrap_or((0, 300_000));
        out.say(format!(
            "HTTP/1.1 206 Partial Content\r\nTransfer-Encoding: chunked\r\nContent-Range: bytes {from}-{}/300000\r\n\r\n",
            to - 1
        ))?;
        for chunk in file()[from..to].chunks(777) {
            out.say(format!("{:x};what=ever\r\n", chunk.len()))?;
            out.say(chunk)?;
            out.say("\r\n")?;
        }
        out.say("0\r\nX-Trailer: 1\r\n\r\n")?;
        Ok(Then::Keep)
    });
    let endless = Server::start(|_, out| {
        out.say("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n")?;
        out.say(file())?;
        out.for_ever([b'x'; 4096], Duration::from_millis(1))
    });
    for server in [&whole, &chunked, &endless] {
        let mut source = source(&server.url());
        for (from, to) in [(0, 5000), (100_000, 250_000)] {
            let found = read(&mut *source, FILE, from, to - from).unwrap();
            assert_eq!(found, &file()[from as usize..to as usize]);
        }
    }
    assert_eq!(
        chunked.connections(),
        1,
        "a chunked body is read to its end"
    );
}

#[test]
fn redirects_stay_where_they_are_proved_and_a_moved_repository_is_asked_there() {
    let server = Server::start(|request, out| match request.path.strip_prefix("/repo/") {
        Some(rest) => out.answer(
            "301 Moved Permanently",
            &format!("Location: /new/place/{rest}\r\n"),
            b"gone there",
        ),
        None => good(request, out),
    });
    let mut source = source(&server.url().replace("http://", "http://me:word@"));
    for at in 0..3 {
        assert_eq!(read(&mut *source, FILE, at, 10).unwrap().len(), 10);
    }
    let paths: Vec<String> = server
        .requests()
        .iter()
        .map(|request| request.path.clone())
        .collect();
    let (old, new) = (
        "/repo/targets/system/file.bin",
        "/new/place/targets/system/file.bin",
    );
    assert_eq!(
        paths,
        [old, new, new, new],
        "once it is known, nobody asks the old place"
    );
    assert_eq!(server.connections(), 1);
    assert!(
        server
            .requests()
            .iter()
            .all(|request| request.header("authorization") == Some("Basic bWU6d29yZA=="))
    );
    assert_eq!(
        source.name(),
        server.url(),
        "and the password is told to nobody"
    );
}

#[test]
fn a_busy_server_is_asked_again_when_it_says() {
    let asked = Arc::new(AtomicUsize::new(0));
    let server = Server::start(
        move |request, out| match asked.fetch_add(1, Ordering::Relaxed) {
            0 | 1 => out.answer("503 Service Unavailable", "Retry-After: 1\r\n", b"later"),
            _ => good(request, out),
        },
    );
    let began = Instant::now();
    assert_eq!(
        read(&mut *source(&server.url()), FILE, 0, 10)
            .unwrap()
            .len(),
        10
    );
    assert!(began.elapsed() >= Duration::from_secs(2));
    assert_eq!(server.connections(), 1);
}

#[test]
fn both_families_of_addresses() {
    let four = Server::start(good);
    let by_name = format!("http://localhost:{}/repo", four.address.port());
    assert_eq!(read(&mut *source(&by_name), FILE, 0, 10).unwrap().len(), 10);
    match Server::at("[::1]:0", None, Arc::new(good)) {
        Ok(six) => {
            let mut source = source(&six.url());
            assert_eq!(read(&mut *source, FILE, 0, 10).unwrap().len(), 10);
            assert_eq!(
                six.requests()[0].header("host"),
                Some(six.address.to_string().as_str())
            );
        }
        Err(error) => eprintln!("SKIPPED the half with IPv6: this machine has none ({error})"),
    }
}

/// More connections than this would be one for each range: three threads look names up at the most, and all end.
#[test]
fn no_thread_is_left() {
    for _ in 0..3 {
        let mut source = source("http://no-such-host.invalid/repo");
        let error = source.metadata("timestamp.json", 10).unwrap_err();
        assert!(error.is_transient(), "{error}");
        assert_eq!(
            error.to_string(),
            "http://no-such-host.invalid/repo cannot be read"
        );
    }
    let lookers = || {
        let tasks = std::fs::read_dir("/proc/self/task")
            .unwrap()
            .filter_map(Result::ok);
        let names = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
        names.filter(|name| name.trim() == "sources-names").count()
    };
    let until = Instant::now() + Duration::from_secs(40);
    while lookers() > 0 && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(lookers(), 0);
}
