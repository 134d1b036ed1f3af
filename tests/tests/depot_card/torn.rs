//! A manifest that a cut tore: the line is told, the others count, and the next card's line stands by itself. One that somebody's editor spoiled: the
//! same, and exit 1, and nothing is added to it.

use super::desk::{Desk, refused};
use std::fs;
use std::path::Path;

#[test]
fn a_torn_line_is_told_and_the_others_are_checked_and_labelled() {
    let Some(desk) = Desk::new("depot_card::torn") else {
        return;
    };
    desk.written(&["--serial-from", "SB-1", "a.img"]);
    desk.written(&["--serial-from", "SB-2", "b.img"]);
    let manifest = desk.path("islands.cards.jsonl");
    let text = fs::read(&manifest).unwrap();
    // In the middle of the last line: of SB-2 nothing is known.
    fs::write(&manifest, &text[..text.len() - 40]).unwrap();
    let told = "islands.cards.jsonl, line 2: a cut tore this line: its card was not called done, and is passed over";
    let checked = desk.verify(&["a.img"]);
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    assert!(checked.stderr.contains(told), "{}", checked.stderr);
    let unknown = desk.verify(&["b.img"]);
    assert!(
        unknown.stderr.contains("SB-2 is not in the manifest"),
        "{}",
        unknown.stderr
    );

    // Written again, the line is in the middle, and still told.
    let again = desk.written(&["--serial-from", "SB-2", "--yes-erase", "b.img", "b.img"]);
    assert!(again.stderr.contains(told), "{}", again.stderr);
    let both = desk.verify(&["a.img", "b.img"]);
    assert_eq!(both.code, Some(0), "{}", both.stderr);
    assert!(both.stderr.contains(told), "{}", both.stderr);
    let by_line = desk.depot(&[
        "card",
        "verify",
        "--manifest",
        "islands.cards.jsonl",
        "--line",
        "3",
        "b.img",
    ]);
    assert_eq!(by_line.code, Some(0), "{}", by_line.stderr);
    let labels = desk.depot(&[
        "label",
        "--manifest",
        "islands.cards.jsonl",
        "--svg",
        "--out",
        "l.svg",
    ]);
    assert_eq!(labels.code, Some(0), "{}", labels.stderr);
    assert!(labels.stderr.contains("2 labels"), "{}", labels.stderr);
    assert!(labels.stderr.contains(told), "{}", labels.stderr);
    // Control: a manifest that nothing tore says nothing.
    fs::write(&manifest, &text).unwrap();
    let whole = desk.verify(&["a.img", "b.img"]);
    assert_eq!(
        (whole.code, whole.stderr.contains("tore")),
        (Some(0), false),
        "{}",
        whole.stderr
    );
}

#[test]
fn a_strange_line_is_told_the_others_are_checked_and_labelled_and_nothing_is_added() {
    let Some(desk) = Desk::new("depot_card::strange") else {
        return;
    };
    desk.written(&["--serial-from", "SB-1", "a.img"]);
    desk.written(&["--serial-from", "SB-2", "b.img"]);
    let manifest = desk.path("islands.cards.jsonl");
    let whole = fs::read_to_string(&manifest).unwrap();
    let spoiled = whole.replacen("\"serial\":\"SB-1\"", "\"serial\":SB-1", 1);
    assert_ne!(whole, spoiled);
    fs::write(&manifest, &spoiled).unwrap();
    let told = "depot: islands.cards.jsonl, line 1: ";
    let last = "1 line of the manifest was left out: mend it\n";
    let says = |stderr: &str| {
        assert!(stderr.contains(told), "{stderr}");
        assert!(stderr.contains(": it is left out\n"), "{stderr}");
        assert!(stderr.ends_with(last), "{stderr}");
    };
    let checked = desk.verify(&["b.img"]);
    assert_eq!(checked.code, Some(1), "{}", checked.stderr);
    assert!(
        checked.stdout.contains("b.img: SB-2, as the manifest says"),
        "{}",
        checked.stdout
    );
    says(&checked.stderr);
    let label = [
        "label",
        "--manifest",
        "islands.cards.jsonl",
        "--svg",
        "--out",
        "l.svg",
    ];
    let labels = desk.depot(&label);
    assert_eq!(labels.code, Some(1), "{}", labels.stderr);
    assert!(
        labels.stderr.contains("depot: 1 label, 1 sheet of paper\n"),
        "{}",
        labels.stderr
    );
    assert!(drawn(&desk.path("l.svg")));
    says(&labels.stderr);
    // Nothing is added to what is half understood.
    let line = refused(&desk.write(&["--serial-from", "SB-3", "c.img"]), 1);
    assert!(line.contains("islands.cards.jsonl, line 1: "), "{line}");
    assert!(!desk.path("c.img").exists());
    assert_eq!(fs::read_to_string(&manifest).unwrap(), spoiled);
    // Control: the line mended.
    fs::write(&manifest, &whole).unwrap();
    let mended = desk.verify(&["a.img", "b.img"]);
    assert_eq!(mended.code, Some(0), "{}", mended.stderr);
    let labels = desk.depot(&label);
    assert_eq!(labels.code, Some(0), "{}", labels.stderr);
    assert!(labels.stderr.contains("depot: 2 labels, 1 sheet of paper"));
    desk.written(&["--serial-from", "SB-3", "c.img"]);
}

fn drawn(picture: &Path) -> bool {
    fs::read_to_string(picture).is_ok_and(|svg| svg.contains("<svg"))
}
