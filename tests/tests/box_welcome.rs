//! The printed welcome, over the real binary: with a running box and without one, in every language on either paper, and what bad input gets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use nix::sched::{CloneFlags, unshare};
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use system_tests::browser::{Browser, Visit};
use system_tests::need;
use system_tests::print::Printer;
use system_tests::world::http::{Connection, Request};
use system_tests::world::{Outcome, World, school_box};

/// A sentence of each language, from its texts.
const SAID: [(&str, &str); 5] = [
    ("ar", "افتح الصفحة"),
    ("en", "Open the page."),
    ("es", "Abre la página."),
    ("fr", "Ouvre la page."),
    ("uk", "Відкрий сторінку."),
];

/// The network's name and key, as its identity file has them.
fn identity(world: &World) -> (String, String) {
    let file = fs::read_to_string(world.data().join("air/identity")).unwrap();
    let value = |key: &str| {
        let mut lines = file.lines().filter_map(|line| line.split_once('='));
        lines.find(|(name, _)| *name == key).unwrap().1.to_owned()
    };
    (format!("School-{}", value("mark")), value("phrase"))
}

/// What can be read of a sheet as a picture: its texts.
fn texts(svg: &str) -> Vec<String> {
    let parts = svg.split("<text ").skip(1);
    parts
        .map(|part| {
            let text = part.split_once('>').unwrap().1;
            text.split_once("</text>").unwrap().0.to_owned()
        })
        .collect()
}

fn welcome_pdf(world: &World, name: &str, more: &[&str]) -> PathBuf {
    let file = world.path(name);
    let out = file.display().to_string();
    let outcome = world
        .run(&[&["welcome", "--pdf", "--out", &out], more].concat())
        .succeeded();
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("", ""));
    file
}

#[test]
fn the_sheet_is_the_same_with_a_running_box_and_without_one() {
    let world = World::new();
    let before = texts(&world.run(&["welcome", "--svg"]).succeeded().stdout);
    let (name, key) = identity(&world);
    assert!(
        before.contains(&name) && before.contains(&key),
        "{before:?}"
    );
    assert!(
        before.contains(&"http://school.internal/".to_owned()),
        "{before:?}"
    );
    let running = world.start();
    let during = texts(&world.run(&["welcome", "--svg"]).succeeded().stdout);
    // It serves on a port of its own.
    let port = running.address().port();
    let address = format!("http://school.internal:{port}/");
    let expected: Vec<String> = (before.iter())
        .map(|text| match text.as_str() {
            "http://school.internal/" => address.clone(),
            text => text.to_owned(),
        })
        .collect();
    assert_eq!(during, expected);
    let page = running.get("/welcome").expect(200);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert!(page.text().contains(&key) && page.text().contains(&address));
    let sheet = running.get("/welcome.pdf?paper=a5").expect(200);
    assert_eq!(sheet.header("cache-control"), Some("no-store"));
    assert!(sheet.body.starts_with(b"%PDF-"));
    assert!(!running.log().contains(&key), "{}", running.log());
    running.stop();
    let after = texts(&world.run(&["welcome", "--svg"]).succeeded().stdout);
    assert_eq!(after, before);
}

#[test]
fn every_language_on_either_paper_is_printed_read_and_found() {
    let Some(printer) = Printer::find("the printed welcome") else {
        return;
    };
    let world = World::new();
    let all: Vec<&str> = SAID.iter().map(|(tag, _)| *tag).collect();
    let alone = all.iter().map(|tag| vec![*tag]);
    for tags in alone.chain([all.clone()]) {
        for (paper, size) in [("a4", (210.0, 297.0)), ("a5", (148.0, 210.0))] {
            let name = format!("sheet-{paper}-{}", tags.concat());
            let languages = tags.iter().flat_map(|tag| ["--lang", tag]);
            let more: Vec<&str> = ["--paper", paper].into_iter().chain(languages).collect();
            let pdf = welcome_pdf(&world, &format!("{name}.pdf"), &more);
            let (network, key) = identity(&world);
            let pages = printer.pages(&pdf, &name);
            assert_eq!(pages.len(), 1, "{name}");
            let page = &pages[0];
            assert!(
                (page.size_mm.0 - size.0).abs() < 0.5 && (page.size_mm.1 - size.1).abs() < 0.5,
                "{name}: {:?}",
                page.size_mm
            );
            let codes: Vec<&str> = page.codes.iter().map(|code| code.text.as_str()).collect();
            let join = format!("WIFI:T:WPA;S:{network};P:{key};;");
            assert_eq!(codes, [join.as_str(), "http://school.internal/"], "{name}");
            for code in &page.codes {
                assert!(code.side_mm >= 25.0, "{name}: {code:?}");
            }
            let fonts = printer.fonts(&pdf);
            // Embedded, a part of it, with its characters told.
            assert!(
                fonts.iter().all(|font| font.contains("yes yes yes")),
                "{fonts:?}"
            );
            let text = printer.text(&pdf);
            for (tag, said) in SAID.iter().filter(|(tag, _)| tags.contains(tag)) {
                assert!(text.contains(said), "{name}: {tag} in {text}");
            }
            assert!(
                text.contains(&network) && text.contains(&key),
                "{name}: {text}"
            );
        }
    }
}

/// The picture is set in the letters of whoever prints it: Chromium here, the small sheet on large paper.
#[test]
fn the_picture_is_printed_by_a_browser_and_read() {
    let test = "printing the welcome's picture with Chromium";
    let (Some(browser), Some(printer)) = (Browser::find(test), Printer::find(test)) else {
        return;
    };
    let world = World::new();
    for language in ["en", "ar"] {
        let options = ["welcome", "--svg", "--paper", "a5", "--lang", language];
        let svg = world.run(&options).succeeded().stdout;
        let html =
            format!("<!DOCTYPE html><html lang=\"{language}\"><title>Sheet</title><body>{svg}");
        let file = world.write(&format!("{language}.html"), html);
        let name = format!("picture-a5-{language}");
        let visit = Visit::phone(&name, format!("file://{}", file.display())).printed_on("A4");
        let _ = browser.visit(std::slice::from_ref(&visit));
        let pages = printer.pages(&visit.pdf(), &name);
        let (network, key) = identity(&world);
        let join = format!("WIFI:T:WPA;S:{network};P:{key};;");
        let codes: Vec<&str> = pages[0]
            .codes
            .iter()
            .map(|code| code.text.as_str())
            .collect();
        assert_eq!(codes, [join.as_str(), "http://school.internal/"], "{name}");
        for code in &pages[0].codes {
            assert!(code.side_mm >= 25.0, "{name}: {code:?}");
        }
    }
}

#[test]
fn an_open_network_has_no_key_and_says_what_that_means() {
    let world = World::new();
    world.write("data/config.toml", "[air]\nsecurity = \"open\"\n");
    let running = world.start();
    let sheet = texts(
        &world
            .run(&["welcome", "--svg", "--lang", "en"])
            .succeeded()
            .stdout,
    );
    let (network, key) = identity(&world);
    assert!(
        sheet.contains(&network) && !sheet.contains(&key),
        "{sheet:?}"
    );
    let page = running.get("/welcome").expect(200).text();
    assert!(
        page.contains("who is near can read what others send"),
        "{page}"
    );
    assert!(!page.contains(&key));
    running.stop();
}

/// In a network of its own, with addresses as the box's own network, a school's router and the box itself have them.
#[test]
fn who_comes_over_another_network_does_not_read_the_key() {
    let test = "who may read the key";
    let (Some(()), Some(ip)) = (need::root(test), need::program(test, "ip", "iproute2")) else {
        return;
    };
    let alone = thread::spawn(move || {
        unshare(CloneFlags::CLONE_NEWNET).unwrap();
        let ip = |arguments: &str| {
            let status = Command::new(&ip).args(arguments.split(' ')).status();
            assert!(status.unwrap().success(), "ip {arguments}");
        };
        ip("link set lo up");
        ip("address add 10.48.0.77/22 dev lo");
        ip("address add 192.168.1.20/24 dev lo");
        let world = World::new();
        let running = world.start();
        let (_, key) = identity(&world);
        for (from, admitted) in [
            ("127.0.0.1", true),
            ("10.48.0.77", true),
            ("192.168.1.20", false),
        ] {
            let from: IpAddr = from.parse().unwrap();
            let ask = |target: &str| {
                let mut connection = Connection::from(from, running.address()).unwrap();
                connection.send(&Request::get(target)).unwrap()
            };
            let page = ask("/welcome").expect(200).text();
            assert_eq!(page.contains(&key), admitted, "{from}");
            assert_eq!(
                page.matches("class=\"code\"").count(),
                1 + usize::from(admitted),
                "{from}"
            );
            let sheet = ask("/welcome.pdf");
            match admitted {
                true => assert!(sheet.expect(200).body.starts_with(b"%PDF-"), "{from}"),
                false => assert_eq!(sheet.expect(303).header("location"), Some("/welcome")),
            }
        }
        running.stop();
    });
    alone.join().unwrap();
}

#[test]
fn what_is_mistyped_is_told_in_one_line() {
    let world = World::new();
    let run = |arguments: &[&str]| world.run(&[&["welcome"], arguments].concat());
    let line = |outcome: &Outcome, code: i32| outcome.refused(code).to_owned();
    let told = line(&run(&["--svg", "--lang", "tlh"]), 2);
    assert!(
        told.contains("tlh") && told.contains("ar, en, es, fr, uk"),
        "{told}"
    );
    for wrong in [
        &["--svg", "--pdf"][..],
        &[],
        &["--svg", "--paper", "letter"],
    ] {
        assert_eq!(run(wrong).code, Some(2), "{wrong:?}");
    }
    assert!(
        !world.data().join("air").exists(),
        "nothing was drawn for a verb that was refused"
    );
    let told = line(&run(&["--pdf", "--out", "/nowhere/welcome.pdf"]), 1);
    assert!(
        told.contains("/nowhere/welcome.pdf") && told.contains("--out"),
        "{told}"
    );
    let folder = world.path("").display().to_string();
    assert!(line(&run(&["--svg", "--out", &folder]), 1).contains("--out"));
    let text = world.write("text.ttf", "no letters").display().to_string();
    let told = line(&run(&["--pdf", "--font", &text]), 1);
    assert!(told.contains("text.ttf is no typeface"), "{told}");
    let told = line(
        &world.run_in(Path::new("/nowhere/data"), &["welcome", "--svg"]),
        1,
    );
    assert!(
        told.contains("/nowhere/data") && told.contains("--data"),
        "{told}"
    );
    let help = run(&["--help"]).succeeded().stdout;
    assert!(help.contains("Example"), "{help}");
}

/// A name in letters that the box's typeface lacks is told; its code is read all the same.
#[test]
fn a_name_in_other_letters_is_told_and_scanned() {
    let Some(printer) = Printer::find("a network's name in Khmer") else {
        return;
    };
    let world = World::new();
    world.write("data/config.toml", "[air]\nnetwork = \"សាលា\"\n");
    let file = world.path("khmer.pdf");
    let out = file.display().to_string();
    let told = world
        .run(&["welcome", "--pdf", "--lang", "en", "--out", &out])
        .succeeded();
    assert!(
        told.stderr.contains("សាលា".chars().next().unwrap()),
        "{told:?}"
    );
    assert!(told.stderr.contains("--font"), "{told:?}");
    let codes = &printer.pages(&file, "sheet-khmer")[0].codes;
    assert!(codes[0].text.starts_with("WIFI:T:WPA;S:សាលា-"), "{codes:?}");
}

/// A full disk is told, not taken for a sheet.
#[test]
fn a_sheet_that_has_no_room_is_told() {
    let world = World::new();
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = Command::new(school_box())
        .args(["welcome", "--svg", "--data"])
        .arg(world.data())
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains("standard output") && told.contains("--out"),
        "{told}"
    );
}

#[test]
fn a_pdf_is_not_poured_into_a_terminal() {
    let Some(script) = need::program("a PDF on a terminal", "script", "bsdutils") else {
        return;
    };
    let world = World::new();
    let run = |form: &str| {
        let (binary, data) = (school_box(), world.data().display().to_string());
        let verb = format!("'{}' welcome {form} --data '{data}'", binary.display());
        let mut command = Command::new(&script);
        command
            .args(["-qec", &verb, "/dev/null"])
            .stdin(Stdio::null());
        Outcome::of(command)
    };
    let pdf = run("--pdf");
    assert_eq!(pdf.code, Some(2), "{pdf:?}");
    assert!(
        pdf.stdout.contains("--out") && !pdf.stdout.contains("%PDF"),
        "{pdf:?}"
    );
    // The control: text may go there.
    let svg = run("--svg");
    assert_eq!(svg.code, Some(0), "{svg:?}");
    assert!(svg.stdout.contains("<svg"), "{svg:?}");
}

#[test]
fn a_damaged_identity_is_mended_and_one_that_is_lost_is_told() {
    let world = World::new();
    let sheet = || world.run(&["welcome", "--svg", "--lang", "en"]).succeeded();
    let first = sheet();
    let files = ["identity", "identity.copy"].map(|name| world.data().join("air").join(name));
    fs::write(&files[0], "no identity").unwrap();
    let mended = sheet();
    assert_eq!(
        (&mended.stdout, mended.stderr.as_str()),
        (&first.stdout, "")
    );
    for file in &files {
        fs::write(file, "no identity").unwrap();
    }
    let anew = sheet();
    assert_ne!(anew.stdout, first.stdout);
    assert!(
        anew.stderr.contains("has been made anew"),
        "{}",
        anew.stderr
    );
    // It is kept, and told once.
    let again = sheet();
    assert_eq!((&again.stdout, again.stderr.as_str()), (&anew.stdout, ""));
}
