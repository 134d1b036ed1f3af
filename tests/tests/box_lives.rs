//! The four ways through the house, with the real binary: battery sample to lights, request to file, learner's
//! statement to synced disk, TERM to clean stop.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use system_tests::world::http::{Connection, Request};
use system_tests::world::{
    RunningBox, Tool, World, big_folder, folder_pack, statement, wait_until,
};
use uuid::Uuid;

/// Long enough for every answer to be cut in order, short enough to be no accident: an open download never ends.
const STOPS_WITHIN: Duration = Duration::from_secs(10);

fn state(status: &Value) -> &str {
    status["power"]["state"].as_str().unwrap_or_default()
}

#[test]
fn a_battery_sample_reaches_lights_plan_serial_line_and_status() {
    let world = World::new();
    let config = world.write("box.toml", "[power]\ndwell_s = 0\n");
    let running = world.launch().config(&config).start();
    let sunny = running.wait_for_status("a first sample", |status| {
        !status["battery"]["voltage_v"].is_null()
    });
    assert_eq!(sunny["battery"]["stale"], false);
    world
        .sim()
        .wait_for_panel("a battery light", |panel| !panel.contains("battery=off"));

    // 3.5 V a cell while charging fast, then at rest: full.
    world.sim().battery(14.2, 0.2);
    running.wait_for_status("full service", |status| state(status) == "full");
    wait_until("green, and all permitted", || {
        world.sim().light("battery") == "green" && world.sim().power().contains("state=full")
    });
    let seats = running.status()["power"]["http_connections"]
        .as_u64()
        .unwrap();

    // 3.05 V a cell at a small draw: nearly empty.
    world.sim().battery(12.2, -0.2);
    let low = running.wait_for_status("saving", |status| state(status) == "minimal");
    assert!(
        low["power"]["http_connections"].as_u64().unwrap() < seats,
        "{low}"
    );
    wait_until("red, and little permitted", || {
        world.sim().light("battery") == "red:quick"
            && world.sim().power().contains("state=minimal")
            && world.sim().serial().contains("minimal")
    });
    running.stop();
}

#[test]
fn an_empty_battery_switches_the_box_off_in_order() {
    let world = World::new();
    let mut running = world.start();
    world.sim().battery(9.6, -0.5);
    let ended = running.wait_for_end(Duration::from_secs(90));
    assert!(ended.status.success(), "{ended:?}\n{}", running.log());
    assert!(
        world.sim().power().contains("state=off"),
        "the latch was let go: {}",
        world.sim().power()
    );
}

#[test]
fn a_silent_sensor_ages_the_estimate_and_everyone_is_told() {
    let world = World::new();
    let running = world.start();
    running.wait_for_status("a first sample", |status| {
        !status["battery"]["charge_percent"].is_null()
    });
    world
        .sim()
        .wait_for_panel("no cry for help", |panel| panel.contains("help=off"));
    world.sim().silence_battery();
    let stale = running.wait_for_status("a stale estimate", |status| {
        status["battery"]["stale"] == true
    });
    assert!(
        !stale["battery"]["charge_percent"].is_null(),
        "the estimate ages, it is not forgotten: {stale}"
    );
    let age = stale["battery"]["sample_age_s"].as_u64().unwrap();
    running.wait_for_status("a growing age", |status| {
        status["battery"]["sample_age_s"].as_u64().unwrap() > age
    });
    wait_until("help and the serial line say so", || {
        world.sim().light("help") == "blink3" && world.sim().serial().contains("SILENT")
    });
    let page = running
        .send(&Request::get("/status").header("Accept-Language", "en"))
        .expect(200)
        .text();
    assert!(
        page.contains("cannot feel its battery"),
        "the page says so: {page}"
    );

    world.sim().battery(13.4, 1.0);
    running.wait_for_status("a sensor that speaks again", |status| {
        status["battery"]["stale"] == false
    });
    world
        .sim()
        .wait_for_panel("no cry for help", |panel| panel.contains("help=off"));
    running.stop();
}

#[test]
fn a_request_reaches_a_file_of_a_pack() {
    let world = World::new();
    let running = world.start();
    let folder = folder_pack(&world, "water-lessons");
    world.import(&folder);
    let home = running
        .send(&Request::get("/").header("Accept-Language", "en"))
        .expect(200)
        .text();
    assert!(
        home.contains("A folder of lessons"),
        "the portal shows the pack: {home}"
    );
    let host = running.pack_host("water-lessons");
    let first = running.get_from("water-lessons", "/");
    assert!(
        [200, 301, 302, 303, 307, 308].contains(&first.status),
        "{first:?}"
    );

    let bytes = std::fs::read(folder.join("water.html")).unwrap();
    let page = running.get_from("water-lessons", "/water.html").expect(200);
    assert_eq!(page.body, bytes);
    assert!(
        page.header("content-security-policy").is_some(),
        "a pack's page is fenced in: {:?}",
        page.headers
    );
    let tag = page.header("etag").expect("a validator").to_owned();
    assert!(tag.starts_with('"'), "a strong tag: {tag}");

    let ask = |name: &str, value: &str| {
        running.send(&Request::get("/water.html").host(&host).header(name, value))
    };
    assert_eq!(ask("If-None-Match", &tag).expect(304).body, b"");
    assert_eq!(ask("Range", "bytes=10-19").expect(206).body, bytes[10..20]);
    assert_eq!(
        ask("Range", "bytes=-7").expect(206).body,
        bytes[bytes.len() - 7..]
    );
    let old = Request::get("/water.html")
        .host(&host)
        .header("Range", "bytes=0-3")
        .header("If-Range", "\"old\"");
    assert_eq!(
        running.send(&old).expect(200).body,
        bytes,
        "another version is sent whole"
    );
    let head = running
        .send(&Request::new("HEAD", "/water.html").host(&host))
        .expect(200);
    assert_eq!(
        head.header("content-length"),
        Some(bytes.len().to_string().as_str())
    );
    let zipped = running
        .send(
            &Request::get("/water.html")
                .host(&host)
                .header("Accept-Encoding", "gzip"),
        )
        .expect(200);
    assert_eq!(
        zipped.text().as_bytes(),
        bytes,
        "compressed or not, the same page"
    );
    if zipped.header("content-encoding").is_some() {
        assert_ne!(
            zipped.header("etag"),
            Some(tag.as_str()),
            "each form has its own validator"
        );
    }
    running
        .get_from("water-lessons", "/nothing.html")
        .expect(404);
    running.get_from("no-such-pack", "/").expect(404);
    running.stop();
}

#[test]
fn search_finds_words_of_titles_and_text() {
    let world = World::new();
    world.import(&folder_pack(&world, "lessons"));
    let running = world.start();
    for (query, page) in [
        ("kettle", "water.html"),
        ("zebra", "index.html"),
        ("Clean%20water", "water.html"),
    ] {
        let found = running.send(
            &Request::get(&format!("/search?q={query}")).header("Accept", "application/json"),
        );
        assert!(
            found.clone().expect(200).json().to_string().contains(page),
            "{query}: {}",
            found.text()
        );
        running.get(&format!("/search?q={query}")).expect(200);
    }
    for strange in ["%22", "*", "AND", "a%00b", "(((", "%D9%85%D8%A7%D8%A1", ""] {
        running.get(&format!("/search?q={strange}")).expect(200);
    }
    running.stop();
}

#[test]
fn a_statement_survives_restart_and_kill_and_repeats_are_harmless() {
    let world = World::new();
    let tool = world.tool("quiz");
    let running = world.start();
    let (posted, put) = (Uuid::new_v4(), Uuid::new_v4());
    let answer = running
        .send(&Request::xapi(
            "POST",
            "/xapi/statements",
            &tool,
            &statement(posted),
        ))
        .expect(200);
    assert_eq!(answer.json(), serde_json::json!([posted.to_string()]));
    let target = format!("/xapi/statements?statementId={put}");
    running
        .send(&Request::xapi("PUT", &target, &tool, &statement(put)))
        .expect(204);
    // The same again changes nothing; another one under the same id is refused.
    running
        .send(&Request::xapi("PUT", &target, &tool, &statement(put)))
        .expect(204);
    let mut other = statement(put);
    other["verb"]["id"] = "http://adlnet.gov/expapi/verbs/failed".into();
    running
        .send(&Request::xapi("PUT", &target, &tool, &other))
        .expect(409);
    running.stop();

    let running = world.start();
    for id in [posted, put] {
        let found = running
            .send(&Request::xapi_get(
                &format!("/xapi/statements?statementId={id}"),
                &tool,
            ))
            .expect(200);
        let found = found.json();
        assert_eq!(found["id"], id.to_string());
        assert_eq!(found["result"], statement(id)["result"]);
        assert!(
            found["stored"].is_string() && found["authority"].is_object(),
            "{found}"
        );
    }
    let last = Uuid::new_v4();
    running
        .send(&Request::xapi(
            "POST",
            "/xapi/statements",
            &tool,
            &statement(last),
        ))
        .expect(200);
    running.kill();

    let running = world.start();
    let all = running
        .send(&Request::xapi_get("/xapi/statements", &tool))
        .expect(200)
        .json();
    assert_eq!(all["statements"].as_array().unwrap().len(), 3, "{all}");
    assert_eq!(running.status()["records"]["statements"], 3);
    running.stop();
}

#[test]
fn statements_that_are_none_are_refused_as_xapi_says() {
    let world = World::new();
    let tool = world.tool("quiz");
    let running = world.start();
    let good = statement(Uuid::new_v4());
    let post = |body: &Value| {
        running
            .send(&Request::xapi("POST", "/xapi/statements", &tool, body))
            .status
    };
    let without = |key: &str| {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(key);
        body
    };
    for key in ["actor", "verb", "object"] {
        assert_eq!(post(&without(key)), 400, "without {key}");
    }
    let mut named = good.clone();
    named["surprise"] = true.into();
    assert_eq!(post(&named), 400, "an unknown property");
    assert_eq!(post(&serde_json::json!("text")), 400);
    let stranger = Tool {
        password: "wrong".into(),
        ..tool.clone()
    };
    assert_eq!(
        running
            .send(&Request::xapi("POST", "/xapi/statements", &stranger, &good))
            .status,
        401
    );
    let nobody = Request::new("POST", "/xapi/statements")
        .header("X-Experience-API-Version", "1.0.3")
        .body("application/json", good.to_string());
    let refused = running.send(&nobody).expect(401);
    assert!(refused.header("www-authenticate").is_some(), "{refused:?}");
    let broken = Request::new("POST", "/xapi/statements")
        .header("Authorization", &tool.authorization())
        .header("X-Experience-API-Version", "1.0.3")
        .body("application/json", "{\"actor\":");
    running.send(&broken).expect(400);
    assert_eq!(post(&good), 200, "and the good one is taken");
    assert_eq!(running.status()["records"]["statements"], 1);
    running.stop();
}

/// Fifty readers who never finish, four tools that write without a pause, and TERM in the middle of it.
#[test]
fn term_stops_under_open_downloads_and_loses_no_answered_statement() {
    const READERS: usize = 50;
    const BYTES: usize = 24 << 20;
    let world = World::new();
    world.import(&big_folder(&world, "big", 1, BYTES));
    let tool = world.tool("quiz");
    let mut running = world.start();
    // Before the first sample there are seats for thirty.
    running.wait_for_status("full service", |status| state(status) == "full");
    let readers: Vec<Connection> = (0..READERS).map(|_| open_download(&running)).collect();
    let (answered, stopping) = (Mutex::new(BTreeSet::new()), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| write_until(&stopping, &running, &tool, &answered)))
            .collect();
        wait_until("statements before the signal", || {
            answered.lock().unwrap().len() >= 40
        });
        running.signal(nix::sys::signal::Signal::SIGTERM);
        stopping.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.join().unwrap();
        }
    });
    let ended = running.wait_for_end(Duration::from_secs(60));
    assert!(ended.status.success(), "{ended:?}\n{}", running.log());
    assert!(ended.took < STOPS_WITHIN, "{ended:?}\n{}", running.log());
    drop(readers);

    let running = world.start();
    let answered = answered.into_inner().unwrap();
    for id in &answered {
        let found = running.send(&Request::xapi_get(
            &format!("/xapi/statements?statementId={id}"),
            &tool,
        ));
        assert_eq!(
            found.status, 200,
            "statement {id} was answered 2xx and is lost"
        );
    }
    assert!(running.status()["records"]["statements"].as_u64().unwrap() >= answered.len() as u64);
    running.stop();
}

/// A download that was begun and is not read on.
fn open_download(running: &RunningBox) -> Connection {
    let mut reader = running.connect();
    reader
        .start(&Request::get("/part0.bin").host(&running.pack_host("big")))
        .unwrap();
    let mut head = [0; 4096];
    assert!(reader.read_some(&mut head).unwrap() > 0);
    assert!(
        head.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&head[..64])
    );
    reader
}

/// Writes on one connection until the box goes away; a second after the signal at the latest.
fn write_until(
    stopping: &AtomicBool,
    running: &RunningBox,
    tool: &Tool,
    answered: &Mutex<BTreeSet<Uuid>>,
) {
    static AFTER_THE_SIGNAL: AtomicUsize = AtomicUsize::new(0);
    let mut connection = running.connect();
    loop {
        let id = Uuid::new_v4();
        let request = Request::xapi("POST", "/xapi/statements", tool, &statement(id));
        match connection.send(&request) {
            Ok(answer) if answer.status == 200 => {
                answered.lock().unwrap().insert(id);
            }
            Ok(_) | Err(_) => return,
        }
        if stopping.load(Ordering::Relaxed)
            && AFTER_THE_SIGNAL.fetch_add(1, Ordering::Relaxed) > 400
        {
            return;
        }
    }
}
