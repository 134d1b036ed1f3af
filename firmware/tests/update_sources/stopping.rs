//! The word to stop ends every wait at once.

use crate::server::{Conduct, FILE, Server, file, good};
use crate::{line, read};
use firmware::sources::{Around, Patience, Stop, open_in};
use std::sync::Arc;
use std::time::{Duration, Instant};

#[test]
fn every_wait_ends_at_the_word() {
    let patient = Patience {
        head: Duration::from_secs(60),
        window: Duration::from_secs(60),
        ..Patience::HOUSE
    };
    let waits: [(&str, Arc<Conduct>); 3] = [
        ("for a head", Arc::new(|_, out| out.silence())),
        (
            "for a body",
            Arc::new(|_, out| {
                out.say("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-9999/300000\r\nContent-Length: 10000\r\n\r\n")?;
                out.say(&file()[..100])?;
                out.silence()
            }),
        ),
        (
            "for a busy server",
            Arc::new(|_, out| out.answer("503 Service Unavailable", "Retry-After: 9\r\n", b"")),
        ),
    ];
    for (what, conduct) in waits {
        let server = Server::at("127.0.0.1:0", None, conduct).unwrap();
        let stop = Stop::default();
        let around = Around {
            stop: stop.clone(),
            patience: patient,
            ..Around::default()
        };
        let mut source = open_in(&server.url(), &around).unwrap();
        let teller = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            stop.ask();
            Instant::now()
        });
        let error = read(&mut *source, FILE, 0, 10_000).unwrap_err();
        let late = teller.join().unwrap().elapsed();
        assert!(late < Duration::from_secs(2), "{what}: {late:?}");
        assert_eq!(
            line(&error),
            format!("{} cannot be read: it was told to stop", server.url()),
            "{what}"
        );
        assert!(error.is_transient());
        assert!(
            source.metadata("timestamp.json", 10).is_err(),
            "and nothing is begun after it"
        );
        drop(source);
        assert!(server.left_by_all(), "{what}");
    }
}

#[test]
fn the_control_without_the_word_it_is_read() {
    let server = Server::start(good);
    let stop = Stop::default();
    let around = Around {
        stop: stop.clone(),
        ..Around::default()
    };
    let mut source = open_in(&server.url(), &around).unwrap();
    assert_eq!(read(&mut *source, FILE, 0, 10_000).unwrap().len(), 10_000);
    assert!(!stop.is_asked());
}
