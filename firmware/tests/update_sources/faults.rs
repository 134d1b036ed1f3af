//! One server for each fault; each is told in one line and in time, and the good one next to it serves.

use crate::server::{FILE, Out, Request, Server, Then, file, good};
use crate::{BOUND, line, read, source};
use ota::SourceError;
use std::io;
use std::time::{Duration, Instant};

type Fault = fn(&Request, &mut Out<'_>) -> io::Result<Then>;

const PART: &str = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 1000-50999/300000\r\n";

fn part_of(length: usize, out: &mut Out<'_>) -> io::Result<()> {
    out.say(format!("{PART}Content-Length: 50000\r\n\r\n"))?;
    out.say(&file()[1000..1000 + length])
}

fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

/// What a server does to a request for 50,000 bytes from 1,000; the line after its address; whether the source may do better later.
const FAULTS: &[(&str, Fault, &str, bool)] = &[
    (
        "silent",
        |_, out| out.silence(),
        " is too slow: 0 bytes in 1 s",
        true,
    ),
    (
        "a head that never ends, byte by byte",
        |_, out| {
            out.say("HTTP/1.1 200 OK\r\nX: ")?;
            out.for_ever("x", ms(20))
        },
        " is too slow: 0 bytes in 1 s",
        true,
    ),
    (
        "a head that never ends, fast",
        |_, out| {
            out.say("HTTP/1.1 200 OK\r\n")?;
            out.for_ever(format!("X: {}\r\n", "x".repeat(500)), ms(0))
        },
        " answers with a head that is too long",
        false,
    ),
    (
        "forewords without end",
        |_, out| out.for_ever("HTTP/1.1 100 Continue\r\n\r\n".repeat(100), ms(0)),
        " is too slow: 0 bytes in 1 s",
        true,
    ),
    (
        "a byte now and then",
        |_, out| {
            part_of(0, out)?;
            out.for_ever("x", ms(100))
        },
        " is too slow: ",
        true,
    ),
    (
        "silent in the middle",
        |_, out| {
            part_of(20_000, out)?;
            out.silence()
        },
        " is too slow: 0 bytes in 1 s",
        true,
    ),
    (
        "gone in the middle",
        |_, out| part_of(20_000, out).map(|()| Then::Close),
        " cannot be read: error reading a body from connection: end of file before message length reached",
        true,
    ),
    (
        "ends before what it promised",
        |_, out| {
            out.say(format!(
                "{PART}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
            ))?;
            Ok(Then::Keep)
        },
        " cannot be read: the connection ended before the bytes did",
        true,
    ),
    (
        "a garbled chunk",
        |_, out| {
            out.say(format!(
                "{PART}Transfer-Encoding: chunked\r\n\r\nfive\r\nhello\r\n"
            ))?;
            out.silence()
        },
        " cannot be read: error reading a body from connection: Invalid chunk size line: Invalid Size",
        true,
    ),
    (
        "another range",
        |_, out| {
            out.answer(
                "206 Partial Content",
                "Content-Range: bytes 0-49999/300000\r\n",
                &file()[..50_000],
            )
        },
        " answers with another range than the one asked for",
        false,
    ),
    (
        "more than was asked for",
        |_, out| {
            out.answer(
                "206 Partial Content",
                "Content-Range: bytes 1000-60999/300000\r\n",
                &file()[1000..61_000],
            )
        },
        " answers with another range than the one asked for",
        false,
    ),
    (
        "several ranges",
        |_, out| {
            out.answer(
                "206 Partial Content",
                "Content-Type: multipart/byteranges; boundary=x\r\n",
                b"--x--",
            )
        },
        " answers with another range than the one asked for",
        false,
    ),
    (
        "compressed",
        |_, out| out.answer("200 OK", "Content-Encoding: gzip\r\n", b"\x1f\x8b"),
        " answers with a compressed file, which was not asked for",
        false,
    ),
    (
        "no HTTP",
        |_, out| out.for_ever("SSH-2.0-OpenSSH_9.2\r\n", ms(1)),
        " answers something that is not HTTP: invalid HTTP version parsed",
        false,
    ),
    (
        "two lengths",
        |_, out| {
            out.say(format!(
                "{PART}Content-Length: 50000\r\nContent-Length: 7\r\n\r\n"
            ))?;
            out.silence()
        },
        " answers something that is not HTTP: invalid content-length parsed",
        false,
    ),
    (
        "hangs up",
        |_, _| Ok(Then::Close),
        " cannot be read: ",
        true,
    ),
    (
        "broken",
        |_, out| out.answer("500 Internal Server Error", "", b""),
        " cannot be read: it answers 500 Internal Server Error",
        true,
    ),
    (
        "busy for an hour",
        |_, out| out.answer("503 Service Unavailable", "Retry-After: 3600\r\n", b""),
        " cannot be read: it answers 503 Service Unavailable",
        true,
    ),
    (
        "busy again and again",
        |_, out| out.answer("429 Too Many Requests", "Retry-After: 1\r\n", b""),
        " cannot be read: it answers 429 Too Many Requests",
        true,
    ),
    (
        "wants a name",
        |_, out| out.answer("401 Unauthorized", "", b"who?"),
        " answers 401 Unauthorized",
        false,
    ),
    (
        "a network that wants a sign-in",
        |_, out| {
            out.answer(
                "302 Found",
                "Location: http://portal.example/login\r\n",
                b"",
            )
        },
        " answers with a redirect to http://portal.example, which is not followed: a network that wants a sign-in does so",
        false,
    ),
    (
        "redirects in a ring",
        |request, out| {
            out.answer(
                "307 Temporary Redirect",
                &format!("Location: {}\r\n", request.path),
                b"",
            )
        },
        " answers with one redirect after the other",
        false,
    ),
    (
        "a redirect to nowhere",
        |_, out| out.answer("302 Found", "Location: \r\n", b""),
        " answers with a redirect to what is no address",
        false,
    ),
];

#[test]
fn every_fault_has_its_line_and_its_time_and_the_good_source_next_to_it_serves() {
    let good_one = Server::start(good);
    let mut good_source = source(&good_one.url());
    for (what, fault, wanted, transient) in FAULTS {
        let server = Server::start(fault);
        let mut bad_source = source(&server.url());
        let began = Instant::now();
        let error = read(&mut *bad_source, FILE, 1000, 50_000).expect_err(what);
        assert!(began.elapsed() < BOUND, "{what}: {:?}", began.elapsed());
        let told = line(&error);
        assert!(
            told.starts_with(&format!("{}{wanted}", server.url())),
            "{what}: {told}"
        );
        assert!(!told.contains('\n'), "{what}: {told}");
        assert_eq!(error.is_transient(), *transient, "{what}");
        drop(bad_source);
        let found = read(&mut *good_source, FILE, 1000, 50_000).unwrap();
        assert_eq!(found, &file()[1000..51_000], "after {what}");
    }
}

/// The same reading of the same bytes without a fault.
#[test]
fn the_control_none_of_it_is_said_of_a_good_server() {
    let server = Server::start(good);
    let found = read(&mut *source(&server.url()), FILE, 1000, 50_000).unwrap();
    assert_eq!(found, &file()[1000..51_000]);
}

#[test]
fn a_server_without_ranges_is_refused_where_too_much_would_be_thrown_away() {
    let server = Server::start(|_, out| {
        out.say("HTTP/1.1 200 OK\r\nContent-Length: 90000000\r\n\r\n")?;
        out.for_ever([0; 65536], ms(0))
    });
    let mut source = source(&server.url());
    let error = read(&mut *source, FILE, 50_000_000, 10).unwrap_err();
    assert!(
        line(&error)
            .ends_with("with the whole file where a part was asked for: it knows no ranges")
    );
    assert_eq!(
        read(&mut *source, FILE, 500_000, 10).unwrap(),
        [0; 10],
        "a little is"
    );
}

#[test]
fn metadata_without_end_is_cut_and_metadata_by_drops_is_not_waited_for() {
    let endless = Server::start(|_, out| {
        out.say("HTTP/1.1 200 OK\r\n\r\n")?;
        out.for_ever([b'{'; 65536], ms(0))
    });
    let found = source(&endless.url())
        .metadata("timestamp.json", 100_000)
        .unwrap()
        .unwrap();
    assert_eq!(
        found.len(),
        100_001,
        "one byte more tells that it is too long"
    );
    // Fast enough for each window, for ever.
    let drops = Server::start(|_, out| {
        out.say("HTTP/1.1 200 OK\r\n\r\n")?;
        out.for_ever([b'{'; 1100], ms(200))
    });
    let began = Instant::now();
    let error = source(&drops.url())
        .metadata("timestamp.json", 5_000_000)
        .unwrap_err();
    assert!(
        matches!(error, SourceError::TooSlow { seconds: 4, bytes, .. } if bytes > 1100),
        "{error}"
    );
    assert!(began.elapsed() < BOUND);
    for status in ["404 Not Found", "410 Gone"] {
        let none = Server::start(move |_, out| out.answer(status, "", b""));
        assert_eq!(
            source(&none.url()).metadata("timestamp.json", 10).unwrap(),
            None
        );
    }
    // A store that tells nobody what it has: for the next root, which is there or not, that is an answer.
    let closed = Server::start(|_, out| out.answer("403 Forbidden", "", b""));
    let mut closed = source(&closed.url());
    assert_eq!(closed.metadata("2.root.json", 10).unwrap(), None);
    assert_eq!(
        line(&closed.metadata("timestamp.json", 10).unwrap_err())
            .split(" answers ")
            .last(),
        Some("403 Forbidden")
    );
}

#[test]
fn nobody_at_home() {
    let address = {
        let server = Server::start(good);
        server.address
    };
    std::thread::sleep(ms(50));
    let mut source = source(&format!("http://{address}/repo"));
    let error = read(&mut *source, FILE, 0, 1).unwrap_err();
    assert!(
        line(&error).starts_with(&format!(
            "http://{address}/repo cannot be read: Connection refused"
        )),
        "{}",
        line(&error)
    );
}

#[test]
fn after_an_error_a_reader_gives_no_false_end() {
    let server = Server::start(|_, out| part_of(20_000, out).map(|()| Then::Close));
    let mut source = source(&server.url());
    let mut reader = source.open(FILE, 1000, 50_000).unwrap();
    let mut room = vec![0; 64 * 1024];
    let mut errors = 0;
    for _ in 0..100 {
        match io::Read::read(&mut reader, &mut room) {
            Ok(0) => panic!("an end that is none"),
            Ok(_) => assert_eq!(errors, 0),
            Err(_) => errors += 1,
        }
    }
    assert!(errors > 50);
}
