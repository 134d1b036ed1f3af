//! The support bundle, the event ring and the log hold none of two hundred names that were planted in everything a box takes in; and the bundle as the
//! desk reads it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use firmware::events::words::plain;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use system_tests::names::{NAMES, Search, guises};
use system_tests::world::http::Request;
use system_tests::world::{
    NotifySocket, Outcome, RunningBox, World, depot, folder_pack, statement,
};
use uuid::Uuid;

/// Where the gzip begins: magic, key, signature.
const PACKED_AT: usize = 5 + 32 + 64;

fn unpacked(file: &[u8]) -> Vec<u8> {
    let mut lines = Vec::new();
    GzDecoder::new(&file[PACKED_AT..])
        .read_to_end(&mut lines)
        .unwrap();
    lines
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Statements of a learner and a tool of this name, and a search for it.
fn learn(running: &RunningBox, world: &World, name: &str) {
    let tool = world.tool(name);
    let mut learned = statement(Uuid::new_v4());
    learned["actor"]["name"] = json!(name);
    learned["object"]["definition"]["name"] = json!({ "en": name });
    learned["result"]["response"] = json!(format!("{name} wrote this"));
    let stored = running.send(&Request::xapi("POST", "/xapi/statements", &tool, &learned));
    assert_eq!(stored.status, 200, "{}", stored.text());
    let _ = running.get(&format!("/search?q={}", percent(name)));
}

/// Requests that are refused, with the name in each part of them.
fn misbehave(running: &RunningBox, name: &str) {
    let coded = percent(name);
    let _ = running.get(&format!("/{coded}"));
    let _ = running.get(&format!("/sun?film={coded}"));
    let _ = running.get_from("nobody", &format!("/{coded}.html"));
    let login =
        Request::new("GET", "/xapi/statements").header("authorization", &format!("Basic {coded}"));
    let _ = running.try_send(&login.header("x-experience-api-version", "1.0.3"));
    let torn = Request::new("POST", &format!("/xapi/{coded}"))
        .body("application/json", format!("{{\"{name}\":"));
    let _ = running.try_send(&torn);
    let agent = Request::get("/")
        .header("user-agent", &coded)
        .header("referer", &coded);
    let _ = running.try_send(&agent);
}

/// Lessons, broken files and places of this name.
fn import(world: &World, name: &str) {
    let folder = folder_pack(world, name);
    world.import(&folder);
    let text = folder.display().to_string();
    world.run(&["library", "remove", name]);
    world.run(&["import", &format!("{text}/{name}")]);
    for ending in ["zim", "zip", "epub", "h5p"] {
        let broken = world.write(
            &format!("broken/{name}.{ending}"),
            format!("PK\u{3}\u{4} {name}"),
        );
        world.run(&["import", &broken.display().to_string()]);
    }
    world.run(&["update", "offer", &text]);
    fs::create_dir_all(world.sim().dir().join("usb").join(name).join("metadata")).unwrap();
    fs::write(
        world
            .sim()
            .dir()
            .join("usb")
            .join(name)
            .join("metadata/timestamp.json"),
        name,
    )
    .unwrap();
    fs::remove_dir_all(world.sim().dir().join("usb").join(name)).unwrap();
}

fn report(world: &World, to: &Path) -> PathBuf {
    let outcome = world
        .run(&["report", "--json", "--to", &to.display().to_string()])
        .succeeded();
    PathBuf::from(outcome.json()["file"].as_str().unwrap())
}

fn show(arguments: &[&str]) -> Outcome {
    let mut command = Command::new(depot());
    command.args(["report", "show"]).args(arguments);
    Outcome::of(command)
}

/// All that lies in a folder, names of files included.
fn all_bytes(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        bytes.extend(entry.path().display().to_string().into_bytes());
        bytes.push(b'\n');
        if entry.path().is_file() {
            bytes.extend(fs::read(entry.path()).unwrap());
        }
    }
    bytes
}

fn nothing_found(search: &Search, what: &str, bytes: &[u8]) {
    let found = search.found_in(bytes);
    let Some(first) = found.first() else { return };
    let starts = |at: &usize| bytes[*at..].starts_with(&first.bytes);
    let at = (0..bytes.len()).find(starts).unwrap_or(0);
    let around = &bytes[at.saturating_sub(200)..bytes.len().min(at + 100)];
    let around = String::from_utf8_lossy(around);
    panic!("{what} holds {} as {}: … {around} …", first.name, first.how);
}

#[test]
fn no_planted_name_leaves_the_box_in_its_report() {
    let world = World::new();
    let search = Search::for_names(&NAMES);
    // Two reports of one start have one name.
    let folder = |name: &str| {
        let folder = world.path(name);
        fs::create_dir(&folder).unwrap();
        folder
    };
    let config = format!(
        "[web]\nhost = \"kalimudan.internal\"\n[air]\nnetwork = \"{}\"\n",
        NAMES[46]
    );
    fs::write(world.data().join("config.toml"), config).unwrap();
    // In the place of the number on the label, byte for byte as the desk would have written it on the card.
    let label = format!("{:<63}\n", NAMES[0]);
    fs::write(world.data().join("serial"), label).unwrap();
    let running = world.start();
    for (number, name) in NAMES.iter().enumerate() {
        misbehave(&running, name);
        // Each costs a process or several: every name passes one of them, some both.
        match number % 4 {
            0 => import(&world, name),
            _ => learn(&running, &world, name),
        }
    }
    let from_portal = running.get("/report.sbr").expect(200);
    let while_it_runs = report(&world, &folder("running"));
    let mut logs = running.log();
    running.stop();
    // A configuration that is refused, with names in it, at a start by the system.
    let refused: String = NAMES
        .iter()
        .map(|name| format!("\"{name}\" = \"{name}\"\n"))
        .collect();
    fs::write(world.data().join("config.toml"), refused).unwrap();
    let notify = NotifySocket::bind(world.path("notify"));
    let running = world.launch().env("NOTIFY_SOCKET", notify.path()).start();
    // What is wrong is looked at once a second, and told after two looks.
    running.wait_for_status("what is wrong is told", |status| {
        status["uptime_s"].as_u64() >= Some(5)
    });
    let degraded = report(&world, &folder("degraded"));
    logs.push_str(&running.log());
    running.stop();
    let at_rest = report(&world, &folder("at-rest"));

    nothing_found(&search, "the log", logs.as_bytes());
    nothing_found(
        &search,
        "the event ring",
        &all_bytes(&world.data().join("events")),
    );
    for (what, file) in [
        ("of a running box", &while_it_runs),
        ("of a degraded box", &degraded),
        ("of a box at rest", &at_rest),
    ] {
        let bytes = fs::read(file).unwrap();
        nothing_found(&search, what, file.file_name().unwrap().as_encoded_bytes());
        nothing_found(&search, what, &bytes);
        nothing_found(&search, what, &unpacked(&bytes));
        let shown = show(&[&file.display().to_string(), "--json"]).succeeded();
        nothing_found(&search, what, shown.stdout.as_bytes());
    }
    nothing_found(&search, "the portal's", &unpacked(&from_portal.body));

    // It is no empty thing that holds no names.
    let shown = show(&[&while_it_runs.display().to_string(), "--json"])
        .succeeded()
        .json();
    let state = &shown["sections"]["state"];
    assert!(
        state["battery"]["voltage_v"]
            .as_f64()
            .is_some_and(|volts| volts > 10.0),
        "{state}"
    );
    let events = shown["events"].as_array().unwrap();
    let is_named = |event: &Value, name: &str| event["n"] == name;
    assert!(
        events.iter().any(|event| is_named(event, "box.started")),
        "{events:?}"
    );
    assert!(shown["sections"]["settings"].is_object(), "{shown}");
    let lights = state["panel"]["lights"].as_str().unwrap();
    assert!(
        lights.starts_with("battery=") && !lights.contains('~'),
        "{lights}"
    );
    let shown = show(&[&at_rest.display().to_string(), "--json"])
        .succeeded()
        .json();
    let told = |event: &str, field: &str, word: &str| {
        let events = shown["events"].as_array().unwrap();
        let is_told = |one: &Value| {
            let text = one["f"][field].as_str();
            one["n"] == event && text.is_some_and(|text| text.contains(word))
        };
        assert!(events.iter().any(is_told), "{event}: {events:?}");
    };
    told("panel.state_changed", "from", "asleep");
    told("box.degraded", "line", "on its built-in settings");
}

/// What may stand beside a name, or around it, where the list of words keeps something whole.
const FRAMES: [&str; 4] = [
    "@|battery=@|@=on|wifi=on@|wifi=on=@|battery=red:@|=@|@=|+@|@+|+1.00 @|+1.00 A@|+1.00 A @|1.00 @ A|7@",
    "@7|7.@|@.5 A|-@ A|13.40 V,@|13.40 V.@|13.40 V:@|97 %@|%@|2026-03-02T@Z|@T09:30:00Z",
    "2026-03-02T09:30:00Z@|2026-03-02T09:30:00Z.@|2026-03-02 @ UTC|slot @|slot A@|slot A @|Model @|Wi-@",
    "I/@|VE.@|wlan0@|0x40@|NOT @|(GPIO @)",
];

/// No name passes the list of words, whatever stands beside it and whatever guise it has.
#[test]
fn no_planted_name_passes_the_list_of_words() {
    let search = Search::for_names(&NAMES);
    for name in NAMES {
        let mut kept = String::new();
        for text in [name.to_owned(), name.to_lowercase(), name.to_uppercase()] {
            for frame in FRAMES.iter().flat_map(|frames| frames.split('|')) {
                kept.push_str(&plain(&frame.replace('@', &text)));
                kept.push('\n');
            }
            // No word of the list is a part of it.
            for part in text.split(|c: char| !c.is_alphanumeric()) {
                assert_eq!(plain(part), "~", "{name}");
            }
        }
        for guise in guises(name) {
            let text = String::from_utf8_lossy(&guise.bytes);
            for frame in ["@", "battery=@", "+1.00 @", "2026-03-02T09:30:00Z.@"] {
                kept.push_str(&plain(&frame.replace('@', &text)));
                kept.push('\n');
            }
        }
        nothing_found(&search, "what is kept of it", kept.as_bytes());
    }
    // The control: what is not passed through the list is found.
    let text = format!("battery={}", NAMES[0]);
    assert!(!search.found_in(text.as_bytes()).is_empty());
}

/// The control: a bundle with one name in it is caught, whatever guise the name has.
#[test]
fn a_name_in_any_guise_is_caught_after_unpacking() {
    let search = Search::for_names(&NAMES);
    for name in [NAMES[0], NAMES[26], NAMES[120], NAMES[170]] {
        for guise in guises(name) {
            let mut packed = GzEncoder::new(vec![0; PACKED_AT], Compression::fast());
            packed
                .write_all(b"{\"event\":{\"n\":\"web.failed\",\"f\":{\"error\":\"")
                .unwrap();
            packed.write_all(&guise.bytes).unwrap();
            packed.write_all(b"\"}}}\n").unwrap();
            let file = packed.finish().unwrap();
            assert!(!search.found_in(&unpacked(&file)).is_empty(), "{guise:?}");
        }
    }
}

/// A box that hangs is what support wants to hear of; whoever plugs a stick in for it waits two minutes at most.
#[test]
fn a_box_that_hangs_is_reported_without_its_state_and_soon() {
    let world = World::new();
    let running = world.start();
    let answering = report(&world, world.path("").as_path());
    running.signal(Signal::SIGSTOP);
    let hung = world.path("hung");
    fs::create_dir(&hung).unwrap();
    let began = Instant::now();
    let made = world.run(&["report", "--json", "--to", &hung.display().to_string()]);
    let took = began.elapsed();
    running.signal(Signal::SIGCONT);
    let made = made.succeeded();
    assert!(took < Duration::from_secs(60), "{took:?}");
    assert!(made.stderr.contains("does not answer"), "{}", made.stderr);
    let sections = |file: &str| show(&[file, "--json"]).succeeded().json()["sections"].clone();
    let file = made.json()["file"].as_str().unwrap().to_owned();
    assert!(sections(&file)["state"].is_null());
    // The control: of one that answers the state is told.
    assert!(sections(&answering.display().to_string())["state"].is_object());
}

#[test]
fn the_desk_reads_what_the_box_has_signed_and_nothing_else() {
    let world = World::new();
    let running = world.start();
    running.stop();
    let file = report(&world, world.path("").as_path());
    let path = file.display().to_string();
    let shown = show(&[&path]).succeeded().stdout;
    assert!(shown.starts_with("Report of box "), "{shown}");
    assert!(
        shown.contains("unknown key") && shown.contains("box.stopped"),
        "{shown}"
    );
    let value = show(&[&path, "--json"]).succeeded().json();
    let key = value["key"].as_str().unwrap().to_owned();
    let known = show(&[&path, "--key", &key]).succeeded().stdout;
    assert!(known.contains("signed by the key you gave"), "{known}");
    let other = "11".repeat(32);
    assert!(
        show(&[&path, "--key", &other])
            .refused(1)
            .contains("another box")
    );
    assert!(
        show(&[&path, "--key", "no-such-file"])
            .refused(2)
            .contains("--key")
    );

    let bytes = fs::read(&file).unwrap();
    for (name, bytes, word) in [
        (
            "changed",
            {
                let mut b = bytes.clone();
                let last = b.len() - 20;
                b[last] ^= 1;
                b
            },
            "signature",
        ),
        ("cut", bytes[..bytes.len() / 2].to_vec(), "signature"),
        ("empty", Vec::new(), "no report"),
        ("other", b"PK\x03\x04".repeat(100), "no report"),
        (
            "huge",
            [&b"SBR1\n"[..], &vec![0; 5 << 20]].concat(),
            "larger",
        ),
    ] {
        let path = world.write(name, bytes).display().to_string();
        let outcome = show(&[&path]);
        let line = outcome.refused(1);
        assert!(line.contains(word) && line.contains(name), "{line}");
    }
    assert!(show(&["/nonexistent"]).refused(1).contains("/nonexistent"));
    let nowhere = world.run(&["report", "--to", "/nonexistent"]);
    assert!(nowhere.refused(1).contains("--to"), "{nowhere:?}");
}
