//! `depot` is built where there is no Linux, on any Unix: what it links has no hardware and no server in it. The library's own code comes with it, for a
//! card's library is made at the desk, and with that SQLite and `nix`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(
    clippy::disallowed_methods,
    reason = "cargo is asked, no child of a box"
)]

use std::collections::BTreeSet;
use std::process::Command;

/// What runs on a box, or on Linux, alone.
const OF_THE_BOX: [&str; 7] = [
    "board-support",
    "hyper",
    "rppal",
    "linux-embedded-hal",
    "sd-notify",
    "tracing-journald",
    "tokio",
];

/// Names of the packages linked, on every target.
fn linked(features: &[&str]) -> BTreeSet<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tree = Command::new(cargo)
        .args([
            "tree",
            "--offline",
            "--prefix",
            "none",
            "--package",
            "firmware",
            "--edges",
            "normal",
            "--target",
            "all",
        ])
        .args(features)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        tree.status.success(),
        "cargo tree: {}",
        String::from_utf8_lossy(&tree.stderr)
    );
    let names = String::from_utf8(tree.stdout).unwrap();
    names
        .lines()
        .filter_map(|line| line.split(' ').next())
        .map(ToOwned::to_owned)
        .collect()
}

#[test]
fn the_depot_links_nothing_of_the_box() {
    let depot = linked(&["--no-default-features"]);
    assert!(depot.contains("power-mgmt"));
    let intruders: Vec<&str> = OF_THE_BOX
        .into_iter()
        .filter(|name| depot.contains(*name))
        .collect();
    assert_eq!(intruders, [""; 0]);
}

/// Negative control: with the box's feature the same walk finds every one of them.
#[test]
fn the_walk_would_see_an_intruder() {
    let all = linked(&[]);
    let missing: Vec<&str> = OF_THE_BOX
        .into_iter()
        .filter(|name| !all.contains(*name))
        .collect();
    assert_eq!(missing, [""; 0]);
}
