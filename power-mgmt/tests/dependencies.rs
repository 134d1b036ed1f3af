//! Tier 0: nothing that the crate links brings IO, a clock or threads.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::process::Command;

/// What may be linked into the crate: all of it `no_std` as it is used here. What only runs while
/// compiling (derive macros) does not count.
const ALLOWED: [&str; 4] = ["libm", "power-mgmt", "serde", "serde_core"];

/// Name and features of every package linked, as cargo resolves them.
fn linked(edges: &str, target: &[&str]) -> BTreeSet<(String, String)> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tree = Command::new(cargo)
        .args(["tree", "--offline", "--prefix", "none"])
        .args(["--package", "power-mgmt"])
        .args(["--edges", edges, "--format", "{p}|{f}"])
        .args(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        tree.status.success(),
        "cargo tree: {}",
        String::from_utf8_lossy(&tree.stderr)
    );
    String::from_utf8(tree.stdout)
        .unwrap()
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (package, features) = line.split_once('|').unwrap();
            let name = package.split(' ').next().unwrap();
            (name.to_owned(), features.replace(" (*)", ""))
        })
        .collect()
}

#[test]
fn only_these_are_linked_and_none_with_std() {
    let linked = linked("normal,no-proc-macro", &["--target", "all"]);
    let names: BTreeSet<&str> = linked.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, BTreeSet::from(ALLOWED));
    for (name, features) in &linked {
        let std = features.split(',').any(|f| f.trim() == "std");
        assert!(!std, "{name} is built with its feature std: {features}");
    }
}

/// Negative control: with the tests' own dependencies the same walk finds packages that do IO.
#[test]
fn the_walk_would_see_an_intruder() {
    let all = linked("normal,dev", &[]);
    assert!(all.iter().any(|(name, _)| name == "proptest"));
    assert!(all.iter().any(|(_, features)| features.contains("std")));
}
