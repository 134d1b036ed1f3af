//! A card that was in a box before.

use super::desk::Desk;
use std::fs;
use std::path::Path;
use system_tests::disk::run_tool;

/// What stands in the records of the former school.
const SECRET: &str = "what a child of the former school has written";

fn tells(card: &Path) -> bool {
    let card = fs::read(card).unwrap();
    card.windows(SECRET.len())
        .any(|window| window == SECRET.as_bytes())
}

#[test]
fn a_card_that_was_in_a_box_tells_the_next_school_nothing() {
    let Some(desk) = Desk::new("depot_card::former") else {
        return;
    };
    desk.written(&["--serial-from", "SB-0001", "a.img"]);
    let (card, records) = (desk.path("a.img"), desk.path("records.db"));
    fs::write(&records, format!("{SECRET}\n").repeat(60_000)).unwrap();
    let at = desk.manifest()[0]["data"]["at"].as_u64().unwrap();
    let partition = format!("{}?offset={at}", card.display());
    let write = format!("write {} records.db", records.display());
    run_tool("debugfs", ["-w", "-R", &write, &partition]).unwrap();
    // Control: without clearing it would be read in the blocks that the new file system calls free.
    assert!(tells(&card));
    let again = desk.written(&["--serial-from", "SB-0002", "--yes-erase", "a.img", "a.img"]);
    assert!(
        !again.stderr.contains("could not be cleared"),
        "{}",
        again.stderr
    );
    assert!(!tells(&card));
    let verified = desk.verify(&["a.img"]);
    assert_eq!(verified.code, Some(0), "{}", verified.stderr);
}
