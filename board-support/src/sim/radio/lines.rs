//! The lines of the files: pure, from text and to text.

use crate::radio::{
    Band, CellPlan, Channel, Country, Mac, NetPlan, Permission, RadioFacts, Security, Station,
};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// Channels of 5 GHz that a simulated radio has.
const FIVE: [u8; 8] = [36, 40, 44, 48, 52, 100, 149, 157];

pub(super) fn station(line: &str) -> Option<(Station, Option<String>)> {
    let mut words = line.split_whitespace();
    let station = Station {
        mac: mac(words.next()?)?,
        dbm: Some(words.next()?.parse().ok()?),
        kbit_s: None,
        idle: Duration::from_secs(words.next()?.parse().ok()?),
        addresses: words
            .next()
            .unwrap_or_default()
            .split(',')
            .filter(|address| !address.is_empty())
            .map(|address| address.parse::<IpAddr>().ok())
            .collect::<Option<_>>()?,
    };
    Some((station, words.next().map(str::to_owned)))
}

pub(super) fn mac(text: &str) -> Option<Mac> {
    let mut bytes = [0; 6];
    let mut parts = text.split(':');
    for byte in &mut bytes {
        *byte = u8::from_str_radix(parts.next()?, 16).ok()?;
    }
    parts.next().is_none().then_some(Mac(bytes))
}

/// A radio of a line of `facts`.
pub(super) fn radio(
    name: &str,
    place: usize,
    options: &BTreeMap<&str, &str>,
    country: Option<Country>,
) -> RadioFacts {
    let bands = options.get("bands").copied().unwrap_or("2.4,5");
    let listed = |key: &str, number: u8| {
        let list = options.get(key).copied().unwrap_or_default();
        list.split(',').any(|one| one.parse() == Ok(number))
    };
    let permission = |number| {
        if listed("forbidden", number) {
            Permission::Forbidden
        } else if listed("no-initiate", number) {
            Permission::NoInitiate
        } else if listed("radar", number) || matches!(number, 52 | 100) {
            Permission::Radar
        } else {
            Permission::Free
        }
    };
    let channel = |band, number: u8, mhz| Channel {
        band,
        number,
        mhz,
        dbm_at_most: options
            .get("dbm")
            .and_then(|dbm| dbm.parse().ok())
            .unwrap_or(20),
        permission: permission(number),
    };
    let has = |band: &str| bands.split(',').any(|one| one == band);
    let two = (1..=13).map(|number| channel(Band::Two, number, 2407 + 5 * u16::from(number)));
    let five = FIVE.map(|number| channel(Band::Five, number, 5000 + 5 * u16::from(number)));
    let word = |key: &str, usual: bool| options.get(key).map_or(usual, |word| *word == "yes");
    RadioFacts {
        interface: name.to_owned(),
        mac: Mac([2, 0, 0, 0, 0, u8::try_from(place).unwrap_or(u8::MAX)]),
        driver: options
            .get("driver")
            .copied()
            .unwrap_or("simulated")
            .to_owned(),
        access_point: word("ap", true),
        clients_at_most: options
            .get("limit")
            .and_then(|limit| limit.parse().ok())
            .unwrap_or(31),
        wpa3: word("wpa3", false),
        channels: two
            .filter(|_| has("2.4"))
            .chain(five.into_iter().filter(|_| has("5")))
            .collect(),
        country,
    }
}

pub(super) fn cell_line(cell: &CellPlan) -> String {
    let lock = match cell.security {
        Security::Open => "open",
        Security::Wpa2(_) => "wpa2",
        Security::Wpa3AndWpa2(_) => "wpa3+wpa2",
    };
    let band = match cell.channel.band {
        Band::Two => "2.4",
        Band::Five => "5",
    };
    let only = cell
        .only
        .as_ref()
        .map_or_else(|| "all".to_owned(), |only| only.len().to_string());
    format!(
        "{} lock={lock} country={} band={band} channel={} dbm={} beacon_tu={} clients={} only={only} name={}",
        cell.interface,
        String::from_utf8_lossy(&cell.country.0),
        cell.channel.number,
        cell.dbm,
        cell.beacon_tu,
        cell.clients_at_most,
        cell.name,
    )
}

pub(super) fn net_line(net: &NetPlan) -> String {
    format!(
        "net address={}/{} host={} lease_s={} cables={}",
        net.address,
        net.prefix,
        net.host,
        net.lease.as_secs(),
        net.cables.join(",")
    )
}
