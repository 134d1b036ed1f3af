//! The card and the playbooks on paper, the lights in a terminal, and what is mistyped.

use crate::{run, school, table};
use std::path::Path;
use std::process::Command;
use system_tests::print::Printer;
use system_tests::world::http::Request;
use system_tests::world::{Outcome, World, depot};

fn pdf(world: &World, name: &str, arguments: &[&str]) -> std::path::PathBuf {
    let file = world.path(name);
    let out = file.display().to_string();
    let said = run(&[arguments, &["--pdf", "--out", &out]].concat()).succeeded();
    assert_eq!((said.stdout.as_str(), said.stderr.as_str()), ("", ""));
    file
}

#[test]
fn the_card_and_every_playbook_are_printed_in_every_language() {
    let Some(printer) = Printer::find("the card of the lights") else {
        return;
    };
    let world = World::new();
    for (tag, said) in [
        ("ar", "مرتين"),
        ("en", "Red help light, twice"),
        ("es", "dos veces"),
        ("fr", "deux fois"),
        ("uk", "двічі"),
    ] {
        let file = pdf(&world, &format!("card-{tag}.pdf"), &["card", "--lang", tag]);
        let pages = printer.pages(&file, &format!("lights-card-{tag}"));
        assert_eq!(pages.len(), 1, "all on one card");
        let (wide, high) = pages[0].size_mm;
        assert!(
            (wide - 148.0).abs() < 0.5 && (high - 210.0).abs() < 0.5,
            "{wide} {high}"
        );
        let text = printer.text(&file);
        assert!(text.contains(said), "{tag}: {text}");
        let fonts = printer.fonts(&file);
        assert!(
            fonts.iter().all(|font| font.contains("yes yes yes")),
            "{fonts:?}"
        );
        let file = pdf(
            &world,
            &format!("books-{tag}.pdf"),
            &["playbook", "--lang", tag],
        );
        let pages = printer.pages(&file, &format!("lights-playbooks-{tag}"));
        assert_eq!(pages.len(), 12, "a page a state");
        assert!(printer.text(&file).contains(said), "{tag}");
    }
    // The desk prints the same.
    let own = run(&["playbook", "disk", "--svg", "--lang", "ar"]).succeeded();
    let mut desk = Command::new(depot());
    desk.args(["panel", "playbook", "disk", "--svg", "--lang", "ar"]);
    assert_eq!(Outcome::of(desk).succeeded().stdout, own.stdout);
}

#[test]
fn the_box_serves_card_and_playbook_in_the_readers_language() {
    let world = school();
    let running = world.start();
    for (target, name) in [
        ("/lights.pdf", "lights-fr.pdf"),
        ("/lights.pdf?state=radio", "radio-fr.pdf"),
    ] {
        let asked = Request::get(target).header("Accept-Language", "fr");
        let sheet = running.send(&asked).expect(200);
        assert!(sheet.body.starts_with(b"%PDF-"), "{target}");
        let told = sheet.header("content-disposition").unwrap();
        assert!(told.contains(name), "{told}");
    }
    let _ = running.get("/lights.pdf?state=nonsense").expect(404);
    running.stop();
}

#[test]
fn the_lights_play_in_a_terminal_without_colour() {
    let played = run(&["simulate", "disk", "--seconds", "2"])
        .succeeded()
        .stdout;
    let frames: Vec<&str> = played.lines().skip(1).collect();
    assert_eq!(frames.len(), 20, "{played}");
    assert!(played.is_ascii() && !played.contains('\u{1b}'), "{played}");
    let lit: String = (frames.iter())
        .map(|frame| if frame.ends_with("[H]") { '#' } else { '.' })
        .collect();
    assert_eq!(lit, "##..##............##");
    let all = run(&["simulate", "--seconds", "1"]).succeeded().stdout;
    for row in table().as_array().unwrap() {
        let state = row["state"].as_str().unwrap();
        assert!(all.contains(&format!("{state}: ")), "{state}");
    }
    let told = run(&["show", "radio", "--lang", "uk"]).succeeded().stdout;
    assert!(
        told.contains("чотири рази") && told.contains("1. "),
        "{told}"
    );
}

#[test]
fn what_is_mistyped_is_told_in_one_line() {
    let world = World::new();
    let line = |arguments: &[&str], code| run(arguments).refused(code).to_owned();
    let told = line(&["show", "mauve"], 2);
    assert!(
        told.contains("mauve") && told.contains("test-failed"),
        "{told}"
    );
    assert!(line(&["simulate", "mauve"], 2).contains("mauve"));
    assert!(line(&["card", "--pdf", "--lang", "tlh"], 2).contains("ar, en, es, fr, uk"));
    assert!(line(&["playbook", "--svg"], 2).contains("--pdf"));
    let told = line(&["card", "--pdf", "--out", "/nowhere/card.pdf"], 1);
    assert!(
        told.contains("/nowhere/card.pdf") && told.contains("--out"),
        "{told}"
    );
    for wrong in [
        &["card"][..],
        &["card", "--svg", "--pdf"],
        &["simulate", "disk", "--seconds", "0"],
    ] {
        assert_eq!(run(wrong).code, Some(2), "{wrong:?}");
    }
    let told = world.run_in(Path::new("/nowhere/data"), &["panel", "now"]);
    assert!(told.refused(1).contains("/nowhere/data"), "{told:?}");
    for verb in ["now", "list", "show", "simulate", "card", "playbook"] {
        assert!(
            run(&[verb, "--help"])
                .succeeded()
                .stdout
                .contains("Example"),
            "{verb}"
        );
    }
}
