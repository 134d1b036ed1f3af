//! Certificates of every kind, by a clock that is trusted and without one.

use crate::certificates::{Authority, Host};
use crate::server::{FILE, Server, good};
use crate::{SHORT, line, read};
use firmware::sources::{Around, open_in};
use jiff::Timestamp;
use ota::Source;
use ota::trust::Today;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;

const HERE: Host = Host::Ip([127, 0, 0, 1]);

/// An authority whose certificate the box has been given.
struct Programme {
    root: Authority,
    ca_file: PathBuf,
    _folder: tempfile::TempDir,
}

impl Programme {
    fn new() -> Self {
        let root = Authority::new("the programme");
        let folder = tempfile::tempdir().unwrap();
        let ca_file = folder.path().join("ca.pem");
        std::fs::write(&ca_file, root.pem()).unwrap();
        Self {
            root,
            ca_file,
            _folder: folder,
        }
    }

    fn source(
        &self,
        server: &Server,
        today: Today,
        not_before: Option<Timestamp>,
    ) -> Box<dyn Source> {
        let around = Around {
            today,
            not_before,
            ca_file: Some(self.ca_file.clone()),
            patience: SHORT,
            ..Around::default()
        };
        open_in(&url(server), &around).unwrap()
    }
}

fn url(server: &Server) -> String {
    server.url().replace("http://", "https://")
}

fn year(year: u16) -> Timestamp {
    format!("{year}-06-01T00:00:00Z").parse().unwrap()
}

/// `Ok` or what is told after the address.
fn told(mut source: Box<dyn Source>, server: &Server) -> Result<(), String> {
    read(&mut *source, FILE, 0, 100)
        .map(|_| ())
        .map_err(|error| {
            let line = line(&error);
            line.strip_prefix(&format!("{} answers ", url(server)))
                .unwrap_or(&line)
                .to_owned()
        })
}

#[test]
fn dates_are_judged_by_a_trusted_clock_alone_and_all_else_always() {
    let (programme, stranger) = (Programme::new(), Authority::new("a stranger"));
    let middle = programme.root.authority("the middle", (2020, 2090));
    let past = programme.root.authority("the middle, once", (2010, 2012));
    let (ok, now) = (Ok(()), (2026, 2030));
    let expired = Err("with a certificate that has expired");
    let early = Err("with a certificate that is not valid yet: is the clock right?");
    let other = Err("with a certificate for another name");
    let unknown =
        Err("with a certificate of an unknown authority: its own goes into update.ca_file");
    for (what, config, by_clock, without) in [
        ("good", programme.root.server(&HERE, now, &[]), ok, ok),
        (
            "good, over another",
            middle.server(&HERE, now, &[&middle]),
            ok,
            ok,
        ),
        (
            "expired",
            programme.root.server(&HERE, (2010, 2020), &[]),
            expired,
            ok,
        ),
        (
            "not valid yet",
            programme.root.server(&HERE, (2040, 2050), &[]),
            early,
            ok,
        ),
        (
            "of another name",
            programme
                .root
                .server(&Host::Name("other.example"), now, &[]),
            other,
            other,
        ),
        (
            "of another name, expired",
            programme
                .root
                .server(&Host::Ip([127, 0, 0, 2]), (2010, 2020), &[]),
            expired,
            other,
        ),
        (
            "of a stranger",
            stranger.server(&HERE, now, &[]),
            unknown,
            unknown,
        ),
        (
            "of a stranger, expired",
            stranger.server(&HERE, (2010, 2020), &[]),
            expired,
            unknown,
        ),
        // There is no moment at which both hold.
        (
            "never valid together",
            past.server(&HERE, (2015, 2020), &[&past]),
            expired,
            Err("with a certificate that "),
        ),
    ] {
        let server = Server::secure(config, good);
        for (today, wanted) in [
            (Today::Trusted(year(2027)), by_clock),
            (Today::Unknown, without),
        ] {
            let found = told(programme.source(&server, today, None), &server);
            let fits = match (&found, wanted) {
                (Ok(()), Ok(())) => true,
                (Err(found), Err(wanted)) => found.starts_with(wanted),
                (Ok(()), Err(_)) | (Err(_), Ok(())) => false,
            };
            assert!(fits, "{what} by {today:?}: {found:?}, not {wanted:?}");
        }
    }
}

/// A trusted clock that stands before what publishers signed is wrong: theirs is the time.
#[test]
fn a_clock_behind_the_publishers_is_put_right() {
    let programme = Programme::new();
    let server = Server::secure(programme.root.server(&HERE, (2028, 2032), &[]), good);
    let behind = Today::Trusted(year(2026));
    assert!(
        told(programme.source(&server, behind, None), &server).is_err(),
        "the control"
    );
    assert_eq!(
        told(programme.source(&server, behind, Some(year(2029))), &server),
        Ok(())
    );
}

#[test]
fn the_public_authorities_do_not_vouch_for_the_programme() {
    let programme = Programme::new();
    let server = Server::secure(programme.root.server(&HERE, (2026, 2030), &[]), good);
    let around = Around {
        patience: SHORT,
        ..Around::default()
    };
    let found = told(open_in(&url(&server), &around).unwrap(), &server);
    assert!(
        found
            .unwrap_err()
            .starts_with("with a certificate of an unknown authority")
    );
}

#[test]
fn a_secure_address_never_leads_to_a_plain_one_and_the_other_way_is_fine() {
    let programme = Programme::new();
    let config = programme.root.server(&HERE, (2026, 2030), &[]);
    let plain = Server::start(good);
    let to_plain = plain.url();
    let down = Server::secure(config.clone(), move |request, out| {
        let rest = request.path.trim_start_matches("/repo");
        out.answer("302 Found", &format!("Location: {to_plain}{rest}\r\n"), b"")
    });
    let found = told(programme.source(&down, Today::Unknown, None), &down).unwrap_err();
    assert!(
        found.starts_with(&format!(
            "with a redirect to http://{}, which is not followed",
            plain.address
        )),
        "{found}"
    );
    assert!(plain.requests().is_empty());

    let secure = Server::secure(config, good);
    let to_secure = url(&secure);
    let up = Server::start(move |request, out| {
        let rest = request.path.trim_start_matches("/repo");
        out.answer(
            "308 Permanent Redirect",
            &format!("Location: {to_secure}{rest}\r\n"),
            b"",
        )
    });
    let around = Around {
        ca_file: Some(programme.ca_file.clone()),
        patience: SHORT,
        ..Around::default()
    };
    let with_password = up.url().replace("http://", "http://me:word@");
    let mut source = open_in(&with_password, &around).unwrap();
    for at in 0..3 {
        assert_eq!(read(&mut *source, FILE, at, 50).unwrap().len(), 50);
    }
    assert_eq!(
        (
            up.requests().len(),
            secure.requests().len(),
            secure.connections()
        ),
        (1, 3, 1)
    );
    assert!(up.requests()[0].header("authorization").is_some());
    assert!(
        secure
            .requests()
            .iter()
            .all(|request| request.header("authorization").is_none()),
        "a password goes to its own server alone"
    );
}

#[test]
fn a_plain_server_at_a_secure_address_and_the_other_way() {
    let programme = Programme::new();
    let plain = TcpListener::bind("127.0.0.1:0").unwrap();
    let at_plain = format!("https://{}/repo", plain.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = plain.accept().unwrap();
        let _asked = stream.read(&mut [0; 4096]).unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .unwrap();
    });
    let error = read(&mut *crate::source(&at_plain), FILE, 0, 1).unwrap_err();
    assert_eq!(
        line(&error),
        format!("{at_plain} answers something that is not TLS")
    );
    let secure = Server::secure(programme.root.server(&HERE, (2026, 2030), &[]), good);
    let error = read(&mut *crate::source(&secure.url()), FILE, 0, 1).unwrap_err();
    assert!(
        line(&error).contains(" answers something that is not HTTP: "),
        "{}",
        line(&error)
    );
}
