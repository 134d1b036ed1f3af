//! A card that was in a box before.

use super::desk::Desk;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::process::Command;
use system_tests::disk::run_tool;

/// What stands in the records of the former school.
const SECRET: &str = "what a child of the former school has written";
/// In an earlier copy of a list of who was on its network, which the box has replaced since.
const LEASE: &str = "1795936445 02:00:5e:10:00:07 192.168.7.31 phone-of-the-headmistress";
/// Where the box had grown its file system to, and a new one does not reach.
const GROWN: &str = "what stood behind all that a new card has";

fn tells(card: &Path, line: &str) -> bool {
    // A card has few line feeds, and many zeros.
    let mut grep = Command::new("grep");
    grep.args(["-a", "-q", "-z", "-F", line]).arg(card);
    let found = grep.status().unwrap().code();
    assert!(matches!(found, Some(0 | 1)), "{found:?}");
    found == Some(0)
}

/// Has debugfs carry out an order; what it says.
fn debugfs(partition: &str, order: &str) -> String {
    run_tool("debugfs", ["-w", "-R", order, partition]).unwrap()
}

#[test]
fn a_card_that_was_in_a_box_tells_the_next_school_nothing() {
    let Some(desk) = Desk::new("depot_card::former") else {
        return;
    };
    desk.written(&["--serial-from", "SB-0001", "a.img"]);
    let card = desk.path("a.img");
    let at = desk.manifest()[0]["data"]["at"].as_u64().unwrap();
    let partition = format!("{}?offset={at}", card.display());
    for (name, line) in [("records.db", SECRET), ("leases", LEASE)] {
        let file = desk.path(name);
        fs::write(&file, format!("{line}\n").repeat(60_000)).unwrap();
        debugfs(&partition, &format!("write {} {name}", file.display()));
    }
    // What was replaced is free, and stays where it was.
    let blocks = debugfs(&partition, "blocks /leases");
    let block = blocks.split_whitespace().next().unwrap();
    debugfs(&partition, "rm /leases");
    let free = debugfs(&partition, &format!("testb {block} 1"));
    assert!(free.contains("not in use"), "{free}");
    let file = File::options().write(true).open(&card).unwrap();
    let end = file.metadata().unwrap().len();
    file.set_len(end + (8 << 20)).unwrap();
    file.write_all_at(GROWN.as_bytes(), end + (4 << 20))
        .unwrap();
    // Control: without clearing they would be read in blocks that the new file system calls free, and behind it.
    for line in [SECRET, LEASE, GROWN] {
        assert!(tells(&card, line), "{line}");
    }
    let again = desk.written(&["--serial-from", "SB-0002", "--yes-erase", "a.img", "a.img"]);
    assert!(
        again.stderr.contains("clearing what it held before"),
        "{}",
        again.stderr
    );
    for line in [SECRET, LEASE, GROWN] {
        assert!(!tells(&card, line), "{line}");
    }
    let verified = desk.verify(&["a.img"]);
    assert_eq!(verified.code, Some(0), "{}", verified.stderr);
}

#[test]
fn a_new_card_is_not_gone_through() {
    let Some(desk) = Desk::new("depot_card::not_former") else {
        return;
    };
    let new = desk.written(&["--serial-from", "SB-0001", "a.img"]);
    assert!(!new.stderr.contains("clearing"), "{}", new.stderr);
}
