//! One function a line, or a few, of the table.

use super::load::cpu_us;
use super::server::{Kind, LARGE, Server, Shelf};
use super::table::{Line, Table};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;
use system_tests::world::http::{Connection, Request};
use system_tests::world::{DEADLINE, statement, wait_until};
use uuid::Uuid;

type Measure = fn(&Shelf, &mut Table);

/// Every measurement, with its name.
pub(crate) const ALL: [(&str, Measure); 6] = [
    ("the start", start),
    ("idleness", idle),
    ("the portal", portal),
    ("the stop", stop),
    ("requests", requests),
    ("memory under connections", memory),
];

fn on_each<T>(measure: impl Fn(Kind) -> Option<T>) -> (T, Option<T>, Option<T>) {
    let own = measure(Kind::SchoolBox).expect("the box is measured");
    (own, measure(Kind::Kiwix), measure(Kind::Nginx))
}

fn start(shelf: &Shelf, table: &mut Table) {
    const TIMES: usize = 20;
    let median = |kind| {
        let mut ms = Vec::new();
        for _ in 0..TIMES {
            ms.push(shelf.start(kind)?.first_answer.as_secs_f64() * 1e3);
        }
        ms.sort_by(f64::total_cmp);
        Some((ms[(TIMES - 1) / 2] + ms[TIMES / 2]) / 2.0)
    };
    let (measured, kiwix, nginx) = on_each(median);
    let what = "exec to first 200, sample library, median of 20, ms";
    table.add(Line {
        what,
        asked: "<= 300",
        measured,
        kiwix,
        nginx,
    });
}

fn idle(shelf: &Shelf, table: &mut Table) {
    const SETTLE: Duration = Duration::from_secs(5);
    const SPAN: Duration = Duration::from_secs(20);
    let of = |kind| {
        let server = shelf.start(kind)?;
        std::thread::sleep(SETTLE);
        let before = server.fine_cpu();
        std::thread::sleep(SPAN);
        let used = server.fine_cpu().saturating_sub(before);
        Some((
            server.pss_mb(),
            used.as_secs_f64() * 1e3 / SPAN.as_secs_f64(),
        ))
    };
    let (own, kiwix, nginx) = on_each(of);
    let pss = |pair: Option<(f64, f64)>| pair.map(|(pss, _)| pss);
    let cpu = |pair: Option<(f64, f64)>| pair.map(|(_, cpu)| cpu);
    table.add(Line {
        what: "idle memory (PSS), MB",
        asked: "<= 20",
        measured: own.0,
        kiwix: pss(kiwix),
        nginx: pss(nginx),
    });
    let what = "idle CPU over 20 s, ms a second";
    table.add(Line {
        what,
        asked: "<= 5",
        measured: own.1,
        kiwix: cpu(kiwix),
        nginx: cpu(nginx),
    });
}

fn portal(shelf: &Shelf, table: &mut Table) {
    let portal = |kind| {
        if kind == Kind::Nginx {
            return None;
        }
        let server = shelf.start(kind)?;
        let get = Request::get("/")
            .header("Accept-Encoding", "gzip")
            .header("Accept-Language", "en");
        let answer = Connection::open(server.address).ok()?.send(&get).ok()?;
        Some((
            answer.wire_bytes as f64 / 1e3,
            answer.text().matches("<script").count() as f64,
        ))
    };
    let (own, kiwix, _) = on_each(portal);
    let what = "portal over the wire with its head, gzip, kB";
    table.add(Line {
        what,
        asked: "<= 20",
        measured: own.0,
        kiwix: kiwix.map(|k| k.0),
        nginx: None,
    });
    let what = "scripts in the portal";
    table.add(Line {
        what,
        asked: "0",
        measured: own.1,
        kiwix: kiwix.map(|k| k.1),
        nginx: None,
    });
}

/// Fifty downloads that are not read on, a tool that writes without a pause, TERM in the middle.
fn stop(shelf: &Shelf, table: &mut Table) {
    let tool = shelf.world.tool("bench");
    let mut running = shelf.world.start();
    let host = running.pack_host("bench");
    let downloads: Vec<Connection> = (0..50)
        .map(|_| {
            let mut download = running.connect();
            download
                .start(&Request::get("/large.bin").host(&host))
                .unwrap();
            download.read_some(&mut [0; 4096]).unwrap();
            download
        })
        .collect();
    let answered = Mutex::new(BTreeSet::new());
    let ended = std::thread::scope(|scope| {
        let (running_now, tool, answered) = (running.address(), &tool, &answered);
        for _ in 0..4 {
            scope.spawn(move || {
                let Ok(mut connection) = Connection::open(running_now) else {
                    return;
                };
                loop {
                    let id = Uuid::new_v4();
                    let post = Request::xapi("POST", "/xapi/statements", tool, &statement(id));
                    match connection.send(&post) {
                        Ok(answer) if answer.status == 200 => {
                            answered.lock().unwrap().insert(id);
                        }

                        Ok(_) | Err(_) => return,
                    }
                }
            });
        }
        wait_until("statements before the signal", || {
            answered.lock().unwrap().len() >= 100
        });
        running.signal(nix::sys::signal::Signal::SIGTERM);
        running.wait_for_end(DEADLINE)
    });
    drop(downloads);
    let running = shelf.world.start();
    let answered = answered.into_inner().unwrap();
    let mut asking = running.connect();
    let lost = answered.iter().filter(|id| {
        let get = Request::xapi_get(&format!("/xapi/statements?statementId={id}"), &tool);
        asking.send(&get).is_ok_and(|answer| answer.status != 200)
    });
    let lost = lost.count() as f64;
    running.stop();
    table.alone(
        "TERM under 50 open downloads to exit, s",
        "< 6",
        ended.took.as_secs_f64(),
    );
    table.alone(
        "exit code of it",
        "0",
        f64::from(ended.status.code().unwrap_or(-1)),
    );
    table.alone(
        "statements answered 2xx around it",
        "",
        answered.len() as f64,
    );
    table.alone("of these lost", "0", lost);
}

fn requests(shelf: &Shelf, table: &mut Table) {
    let small = |kind| match kind {
        Kind::Kiwix => None,
        Kind::SchoolBox | Kind::Nginx => {
            let server = shelf.start(kind)?;
            cpu_us(&server, 20_000, |_| shelf.file(&server, "small.html"))
        }
    };
    let (measured, kiwix, nginx) = on_each(small);
    table.add(Line {
        what: "CPU a request, file of 2 kB, µs",
        asked: "",
        measured,
        kiwix,
        nginx,
    });

    if shelf.pages() > 0 {
        let page = |kind| {
            let server = shelf.start(kind)?;
            // A step coprime with any small number of pages: no order that a cache could guess.
            cpu_us(&server, 10_000, |number| {
                shelf.page(&server, number * 7_919)
            })
        };
        let (measured, kiwix, nginx) = on_each(page);
        table.add(Line {
            what: "CPU a request, page of a ZIM file (nginx: as file), µs",
            asked: "",
            measured,
            kiwix,
            nginx,
        });
    }

    let range = |kind| match kind {
        Kind::Kiwix => None,
        Kind::SchoolBox | Kind::Nginx => {
            let server = shelf.start(kind)?;
            cpu_us(&server, 1_000, |number| {
                let from = (number * 1_048_583) % (LARGE - (1 << 20));
                let last = from + (1 << 20) - 1;
                shelf
                    .file(&server, "large.bin")
                    .header("Range", &format!("bytes={from}-{last}"))
            })
        }
    };
    let (measured, kiwix, nginx) = on_each(range);
    table.add(Line {
        what: "CPU a request, range of 1 MiB, µs",
        asked: "",
        measured,
        kiwix,
        nginx,
    });
}

fn memory(shelf: &Shelf, table: &mut Table) {
    const CONNECTIONS: usize = 200;
    let of = |kind| {
        let server = shelf.start(kind)?;
        let connections = crowd(shelf, &server, kind, CONNECTIONS);
        let mb = server.pss_mb();
        drop(connections);
        Some(mb)
    };
    let (measured, kiwix, nginx) = on_each(of);
    table.add(Line {
        what: "memory (PSS) with 200 connections that read, MB",
        asked: "",
        measured,
        kiwix,
        nginx,
    });
}

/// Connections that have each had a page and stay.
fn crowd(shelf: &Shelf, server: &Server, kind: Kind, count: usize) -> Vec<Connection> {
    let mut crowd: Vec<Connection> = (0..count)
        .filter_map(|_| Connection::open(server.address).ok())
        .collect();
    for (number, connection) in crowd.iter_mut().enumerate() {
        let request = match kind {
            Kind::Kiwix => shelf.page(server, number),
            Kind::SchoolBox | Kind::Nginx => shelf.file(server, "small.html"),
        };
        // Whoever is turned away is not in the crowd; the memory says how many are.
        let _ = connection.send(&request);
    }
    crowd
}
