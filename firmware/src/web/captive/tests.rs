#![allow(clippy::unwrap_used, reason = "tests")]
//! The table, replayed row by row.

use super::guests::{Guests, KEPT};
use super::table::{ROWS, Row, of_host, of_path, split};
use super::{Success, elsewhere, probe};
use crate::web::answer::Answer;
use crate::web::origin::{Authority, Origin};
use crate::web::route::{Route, route};
use http::{HeaderMap, Method};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::time::Duration;

const BOX: &str = "school.internal";
const PHONE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 7));
const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 8));
const NOON: Duration = Duration::from_secs(7200);

/// What `ask` is answered at `now`, from its request line to the answer's head.
fn asked(guests: &Guests, from: IpAddr, now: Duration, ask: &'static str) -> Answer {
    let (host, path) = split(ask);
    let authority = Authority::read(host).unwrap();
    let uri = format!("/{path}").parse().unwrap();
    let Route::Probe(success) = route(&Method::GET, Some(&authority), BOX, &uri, "") else {
        return elsewhere(&Method::GET, &Origin::of(Some(&authority), BOX));
    };
    let origin = Origin::of(Some(&authority), BOX);
    probe(success, guests.left(from, now), &origin)
}

fn head(answer: &Answer) -> String {
    let shown = |headers: &HeaderMap| {
        let names = ["location", "content-type", "x-networkmanager-status"];
        let values = names
            .iter()
            .filter_map(|name| Some((*name, headers.get(*name)?.to_str().unwrap().to_owned())));
        values
            .map(|(name, value)| match name {
                "x-networkmanager-status" => format!(" status: {value}"),
                _ => format!(" {value}"),
            })
            .collect::<String>()
    };
    format!("{}{}", answer.status().as_u16(), shown(answer.headers()))
}

fn told(table: &mut String, row: &Row) {
    writeln!(
        table,
        "{}\n  then   {}\n  source {}",
        row.platform, row.then, row.source
    )
    .unwrap();
    for ask in row.asks {
        let guests = Guests::default();
        let first = head(&asked(&guests, PHONE, NOON, ask));
        guests.opened(PHONE, NOON, Duration::ZERO);
        let opened = head(&asked(&guests, PHONE, NOON, ask));
        let late = head(&asked(
            &guests,
            PHONE,
            NOON + KEPT - Duration::from_secs(1),
            ask,
        ));
        let over = head(&asked(&guests, PHONE, NOON + KEPT, ask));
        let other = head(&asked(&guests, OTHER, NOON, ask));
        assert_eq!((&late, &over, &other), (&opened, &first, &first), "{ask}");
        writeln!(table, "  {ask}\n    first  {first}\n    opened {opened}").unwrap();
    }
    if let Some((_, body)) = row.success.body() {
        writeln!(table, "    body   {body:?}").unwrap();
    }
}

/// For each row: the portal at first, what satisfies the platform once `/` was opened and until twelve hours later, then the portal again;
/// and another phone is sent to the portal all the while.
#[test]
fn every_platform_finds_the_portal_first_and_is_content_afterwards() {
    let mut table = String::new();
    for row in ROWS {
        told(&mut table, row);
    }
    insta::assert_snapshot!(table);
}

/// The control of the one above: were success never given, it would see so.
#[test]
fn who_never_opened_the_portal_is_never_content() {
    let guests = Guests::default();
    for ask in ROWS.iter().flat_map(|row| row.asks) {
        for hours in [0, 1, 12, 100] {
            let answer = asked(&guests, PHONE, Duration::from_secs(hours * 3600), ask);
            assert_eq!(
                head(&answer),
                "302 http://school.internal/ text/html; charset=utf-8",
                "{ask}"
            );
        }
    }
}

#[test]
fn rows_agree_where_they_share_an_ask_or_a_path() {
    let (mut asks, mut paths) = (BTreeMap::new(), BTreeMap::new());
    for row in ROWS {
        assert!(
            !row.asks.is_empty() && !row.source.is_empty(),
            "{}",
            row.platform
        );
        for ask in row.asks {
            let (host, path) = split(ask);
            assert!(
                Authority::read(host).is_some_and(|host| host.foreign(BOX).is_some()),
                "{ask}"
            );
            assert_eq!(
                *asks.entry(ask).or_insert(row.success),
                row.success,
                "{ask}"
            );
            if !path.is_empty() {
                assert_eq!(
                    *paths.entry(path).or_insert(row.success),
                    row.success,
                    "{path}"
                );
            }
        }
    }
}

/// On the box's own name a path is a probe only where no page of ours has it.
#[test]
fn no_probe_hides_a_page_of_ours() {
    let own = Authority::read(BOX).unwrap();
    for (_, path) in ROWS.iter().flat_map(|row| row.asks).map(|ask| split(ask)) {
        let uri = format!("/{path}").parse().unwrap();
        let wanted = of_path(path).map_or(Route::Home, Route::Probe);
        assert_eq!(
            route(&Method::GET, Some(&own), BOX, &uri, ""),
            wanted,
            "/{path}"
        );
    }
}

#[test]
fn a_probe_is_known_by_its_host_its_path_or_its_agent() {
    for (host, path, agent, success) in [
        ("captive.apple.com", "", "", Some(Success::Apple)),
        (
            "www.airport.us",
            "x7Kq/b0.html",
            "CaptiveNetworkSupport-277.10.5 wispr",
            Some(Success::Apple),
        ),
        ("www.airport.us", "x7Kq/b0.html", "Mozilla/5.0", None),
        (
            "firetvcaptiveportal.com",
            "generate_204",
            "",
            Some(Success::NoContent),
        ),
        (
            "connectivity-check.ubuntu.com",
            "",
            "",
            Some(Success::NetworkManager),
        ),
        ("www.example.org", "", "", None),
        ("connectivity-check.ubuntu.com", "other", "", None),
    ] {
        assert_eq!(of_host(host, path, agent), success, "{host}/{path} {agent}");
    }
}

/// To the byte: some platforms compare the whole body, without a line's end.
#[test]
fn bodies_to_the_byte() {
    let long = |success: Success| success.body().map(|(_, body)| body.len());
    assert_eq!(long(Success::Connect), Some(22));
    assert_eq!(long(Success::Ncsi), Some(14));
    assert_eq!(long(Success::Apple), Some(68));
    assert_eq!(long(Success::Line), Some(8));
    assert_eq!(long(Success::Canonical), Some(90));
    assert_eq!(long(Success::NoContent), None);
}
