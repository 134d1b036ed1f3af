//! A manifest that a cut tore: the line is told, the others count, and the next card's line stands by itself.

use super::desk::Desk;
use std::fs;

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
