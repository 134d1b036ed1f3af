//! Asks the kernel's Wi-Fi once, through the same code as a box does: a line a fact, and the first that fails ends it.
//!
//! ```sh
//! radio_probe radios
//! radio_probe follow KE
//! radio_probe scan wlan0
//! radio_probe power wlan0 12
//! radio_probe stations wlan0
//! radio_probe reset wlan0
//! radio_probe halts wlan0              # what the kernel's log told of halted firmware, until the input ends
//! ```

use board_support::radio::kernel_log::{Halts, Radio};
use board_support::radio::nl80211::Kernel;
use board_support::radio::{Channel, Country, Permission, RadioFacts, reset};
use std::error::Error;
use std::io::{Read as _, Write as _};
use std::process::ExitCode;

type Lines = Result<Vec<String>, Box<dyn Error>>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let lines = match *words {
        ["radios"] => radios(),
        ["follow", letters] => follow(letters),
        ["scan", interface] => scan(interface),
        ["power", interface, dbm] => power(interface, dbm),
        ["stations", interface] => stations(interface),
        ["reset", interface] => reset::reset(interface)
            .map(|()| Vec::new())
            .map_err(Into::into),
        ["halts", interface] => halts(interface),
        _ => {
            return said(
                std::io::stderr(),
                "usage: radio_probe radios | follow COUNTRY | scan IF | power IF DBM | stations IF | reset IF | halts IF",
                2,
            );
        }
    };
    match lines {
        Ok(lines) => said(std::io::stdout(), &lines.join("\n"), 0),
        Err(error) => said(std::io::stderr(), &format!("error: {}", chain(&*error)), 1),
    }
}

fn radios() -> Lines {
    let radios = Kernel::open()?.radios()?;
    Ok(radios.iter().flat_map(lines_of).collect())
}

fn lines_of(radio: &RadioFacts) -> Vec<String> {
    let country = radio.country.map_or("none".to_owned(), letters);
    let head = format!(
        "radio {} driver={} access_point={} clients_at_most={} wpa3={} country={country} mac={}",
        radio.interface,
        radio.driver,
        radio.access_point,
        radio.clients_at_most,
        radio.wpa3,
        mac(&radio.mac.0),
    );
    let channels = radio.channels.iter().map(line_of);
    std::iter::once(head).chain(channels).collect()
}

fn line_of(channel: &Channel) -> String {
    let permission = match channel.permission {
        Permission::Free => "free",
        Permission::Radar => "radar",
        Permission::NoInitiate => "no_initiate",
        Permission::Forbidden => "forbidden",
    };
    format!(
        "channel {} mhz={} dbm={} {permission}",
        channel.number, channel.mhz, channel.dbm_at_most
    )
}

fn follow(country: &str) -> Lines {
    let Some(wanted) = country.as_bytes().first_chunk() else {
        return Err("a country has two letters".into());
    };
    let mut kernel = Kernel::open()?;
    kernel.follow(Country(*wanted))?;
    let holds = kernel.country()?.map_or("none".to_owned(), letters);
    Ok(vec![format!("country {holds}")])
}

fn scan(interface: &str) -> Lines {
    let heard = Kernel::open()?.scan(interface)?;
    let lines = heard.iter().map(|one| {
        format!(
            "heard {} mhz={} dbm={} name={}",
            mac(&one.mac.0),
            one.mhz,
            one.dbm,
            one.name
        )
    });
    Ok(lines.collect())
}

fn power(interface: &str, dbm: &str) -> Lines {
    let mut kernel = Kernel::open()?;
    kernel.set_power(interface, dbm.parse()?)?;
    let now = kernel.power(interface)?;
    Ok(vec![format!(
        "power dbm={}",
        now.map_or("none".to_owned(), |dbm| dbm.to_string())
    )])
}

fn stations(interface: &str) -> Lines {
    let mut kernel = Kernel::open()?;
    let heard = kernel.frames_heard(interface)?;
    let heard = heard.map_or("none".to_owned(), |count| count.to_string());
    let mut lines = vec![format!("heard {heard}")];
    lines.extend(kernel.stations(interface)?.iter().map(|station| {
        let shown = |value: Option<i64>| value.map_or("none".to_owned(), |value| value.to_string());
        format!(
            "station {} dbm={} kbit_s={} idle_ms={}",
            mac(&station.mac.0),
            shown(station.dbm.map(i64::from)),
            shown(station.kbit_s.map(i64::from)),
            station.idle.as_millis()
        )
    }));
    Ok(lines)
}

/// Begins at the log's end, says so, and looks again when the input has ended.
fn halts(interface: &str) -> Lines {
    let radio = Radio::of(interface);
    let mut halts = Halts::open(None);
    if let Some(trouble) = halts.trouble() {
        return Err(trouble.into());
    }
    writeln!(std::io::stdout(), "listening")?;
    let _ = std::io::stdin().read_to_end(&mut Vec::new())?;
    let all = halts.look();
    let own = all.iter().filter(|halt| halt.concerns(&radio)).count();
    Ok(vec![format!("halts {} own={own}", all.len())])
}

fn letters(Country(letters): Country) -> String {
    String::from_utf8_lossy(&letters).into_owned()
}

fn mac(bytes: &[u8; 6]) -> String {
    bytes.map(|byte| format!("{byte:02x}")).join(":")
}

fn chain(error: &dyn Error) -> String {
    match error.source() {
        None => error.to_string(),
        Some(cause) => format!("{error}: {}", chain(cause)),
    }
}

fn said(mut out: impl std::io::Write, text: &str, code: u8) -> ExitCode {
    match writeln!(out, "{text}") {
        Ok(()) => ExitCode::from(code),
        Err(_) => ExitCode::FAILURE,
    }
}
