//! The air of a box, driven by lines on the input, through the same code as the box has; each line's outcome is one line of output.
//!
//! ```sh
//! air_probe RUN DATA
//! cell wlan0 channel=6 clients=1 dbm=15        # puts a cell into the plan; more: five, wpa3, open, only=02:…, beacon=300, name=…
//! cell wlan0 off
//! serve | signs | silence
//! climb wlan0 reload | daemon | interface | device
//! ```

use board_support::radio::{
    Air, AirPlan, AirSigns, Band, CellPlan, Channel, Country, LinuxAir, Mac, NetPlan, Permission,
    Rung, Security,
};
use std::error::Error;
use std::fmt::Write as _;
use std::io::{BufRead as _, Write as _};
use std::net::Ipv4Addr;
use std::time::Duration;

/// Of the plans here; a test knows it.
const PHRASE: &str = "river-stone-42";

type Line = Result<String, Box<dyn Error>>;

fn main() -> Result<(), Box<dyn Error>> {
    let folders: Vec<String> = std::env::args().skip(1).collect();
    let [run, data] = &folders[..] else {
        return Err("usage: air_probe RUN DATA".into());
    };
    let mut air = LinuxAir::new(run.into(), data.into());
    let mut plan = AirPlan {
        cells: Vec::new(),
        net: NetPlan {
            address: Ipv4Addr::new(10, 73, 0, 1),
            prefix: 20,
            host: "school.internal".to_owned(),
            lease: Duration::from_hours(1),
            portal_api: None,
            cables: Vec::new(),
        },
    };
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let said = done(&mut air, &mut plan, &line).unwrap_or_else(|error| failed(&*error));
        writeln!(std::io::stdout(), "{said}")?;
    }
    Ok(())
}

fn failed(error: &dyn Error) -> String {
    let mut line = format!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(line, ": {error}");
        cause = error.source();
    }
    line
}

fn done(air: &mut LinuxAir, plan: &mut AirPlan, line: &str) -> Line {
    let words: Vec<&str> = line.split(' ').collect();
    let done = "done".to_owned();
    match *words {
        ["cell", interface, ref words @ ..] => {
            plan.cells.retain(|cell| cell.interface != interface);
            if words != ["off"] {
                plan.cells.push(cell(interface, words)?);
            }
            Ok(done)
        }
        ["serve"] => Ok(air.serve(plan).map(|()| done)?),
        ["silence"] => {
            air.silence();
            Ok(done)
        }
        ["signs"] => Ok(told(&air.signs())),
        ["climb", interface, rung] => {
            let rung = match rung {
                "reload" => Rung::Reload,
                "daemon" => Rung::RestartDaemon,
                "interface" => Rung::InterfaceDownUp,
                "device" => Rung::ResetDevice,
                other => return Err(format!("no rung {other}").into()),
            };
            Ok(air.climb(interface, rung).map(|()| done)?)
        }
        _ => Err(format!("no such line: {line}").into()),
    }
}

fn cell(interface: &str, words: &[&str]) -> Result<CellPlan, Box<dyn Error>> {
    let mut cell = CellPlan {
        interface: interface.to_owned(),
        name: "School Box".to_owned(),
        security: Security::Wpa2(PHRASE.to_owned()),
        country: Country(*b"PH"),
        channel: Channel {
            band: Band::Two,
            number: 6,
            mhz: 2437,
            dbm_at_most: 20,
            permission: Permission::Free,
        },
        dbm: 20,
        beacon_tu: 100,
        clients_at_most: 30,
        only: None,
    };
    for word in words {
        match word.split_once('=').unwrap_or((word, "")) {
            ("channel", number) => cell.channel.number = number.parse()?,
            ("five", _) => cell.channel.band = Band::Five,
            ("radar", _) => cell.channel.permission = Permission::Radar,
            ("clients", most) => cell.clients_at_most = most.parse()?,
            ("dbm", dbm) => cell.dbm = dbm.parse()?,
            ("beacon", tu) => cell.beacon_tu = tu.parse()?,
            ("name", name) => name.clone_into(&mut cell.name),
            ("open", _) => cell.security = Security::Open,
            ("wpa3", _) => cell.security = Security::Wpa3AndWpa2(PHRASE.to_owned()),
            ("country", letters) => cell.country = Country(letters.as_bytes().try_into()?),
            ("only", macs) => {
                let macs = macs.split(',').map(mac);
                cell.only = Some(macs.collect::<Result<_, _>>()?);
            }
            _ => return Err(format!("no such word: {word}").into()),
        }
    }
    Ok(cell)
}

fn mac(text: &str) -> Result<Mac, Box<dyn Error>> {
    let bytes: Result<Vec<u8>, _> = text
        .split(':')
        .map(|pair| u8::from_str_radix(pair, 16))
        .collect();
    let bytes = bytes?.try_into().map_err(|_| "six bytes are an address")?;
    Ok(Mac(bytes))
}

/// All on one line: `names=Answers leases=1 rival=None wlan0=Answers,on_air=true,stations=1,…; trouble …`.
fn told(signs: &AirSigns) -> String {
    let mut line = format!(
        "names={:?} leases={} rival={:?}",
        signs.names, signs.leases, signs.rival
    );
    for cell in &signs.cells {
        let _ = write!(
            line,
            " {}={:?} on_air={} stations={} refused={} frames={:?} halted={}",
            cell.interface,
            cell.daemon,
            cell.on_air,
            cell.stations.len(),
            cell.refused,
            cell.frames_heard,
            cell.firmware_halted
        );
        for station in &cell.stations {
            let _ = write!(
                line,
                " [{} dbm={:?} kbit={:?} at={:?}]",
                station.mac, station.dbm, station.kbit_s, station.addresses
            );
        }
        if let Some(trouble) = &cell.trouble {
            let _ = write!(line, " trouble={{{trouble}}}");
        }
    }
    for trouble in &signs.trouble {
        let _ = write!(line, "; {trouble}");
    }
    line
}
