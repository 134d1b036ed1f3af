//! Root at the keyboard of a box whose data belongs to the box's own user: what a verb leaves there is that user's.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use system_tests::need;
use system_tests::world::{World, folder_pack};

/// The box's user, as the image numbers it.
const BOX: u32 = 900;

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A world that the box's user can reach, and whose data and board are that user's.
fn of_the_box() -> World {
    let world = World::new();
    mode(&world.path(""), 0o755);
    give(world.data(), BOX);
    give(world.sim().dir(), BOX);
    mode(world.data(), 0o750);
    world
}

fn give(path: &Path, owner: u32) {
    chown(path, Some(owner), Some(owner)).unwrap();
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            give(&entry.unwrap().path(), owner);
        }
    }
}

/// Every file below that is not the box's.
fn foreign(path: &Path, found: &mut Vec<String>) {
    let there = path.symlink_metadata().unwrap();
    if (there.uid(), there.gid()) != (BOX, BOX) {
        found.push(path.display().to_string());
    }
    if there.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            foreign(&entry.unwrap().path(), found);
        }
    }
}

fn insist_that_all_is_the_boxs(world: &World) {
    let mut found = Vec::new();
    foreign(world.data(), &mut found);
    assert_eq!(found, [""; 0]);
}

#[test]
fn what_root_imports_the_running_box_adopts() {
    if need::root("what_root_imports_the_running_box_adopts").is_none() {
        return;
    }
    let world = of_the_box();
    let running = world.launch().owner(BOX, BOX).start();
    world.import(&folder_pack(&world, "lessons"));
    running.get_from("lessons", "/water.html").expect(200);
    world.run(&["status"]).succeeded();
    world.tool("quiz");
    insist_that_all_is_the_boxs(&world);
    running.stop();
}

#[test]
fn without_a_running_box_root_leaves_nothing_of_its_own_either() {
    if need::root("without_a_running_box_root_leaves_nothing_of_its_own_either").is_none() {
        return;
    }
    let world = of_the_box();
    world.import(&folder_pack(&world, "lessons"));
    world.tool("quiz");
    world.run(&["library", "verify"]).succeeded();
    insist_that_all_is_the_boxs(&world);
    let running = world.launch().owner(BOX, BOX).start();
    running.get_from("lessons", "/water.html").expect(200);
    running.stop();
    // The control: data of root's own stays root's.
    let own = World::new();
    own.import(&folder_pack(&own, "lessons"));
    let mut found = Vec::new();
    foreign(own.data(), &mut found);
    assert!(found.len() > 3, "{found:?}");
}

#[test]
fn a_source_that_only_root_may_read_is_one_line() {
    if need::root("a_source_that_only_root_may_read_is_one_line").is_none() {
        return;
    }
    let world = of_the_box();
    let folder = folder_pack(&world, "roots/lessons");
    mode(&world.path("roots"), 0o700);
    let outcome = world.run(&["import", &folder.display().to_string()]);
    let line = outcome.refused(1);
    for part in ["roots/lessons", "user 900", "copy it"] {
        assert!(line.contains(part), "{part} in: {line}");
    }
    // The control: the same, readable.
    mode(&world.path("roots"), 0o755);
    world.import(&folder);
    insist_that_all_is_the_boxs(&world);
}
