//! Everyone is forgotten: by the button alone, by the verb, with a box that runs and without one; afterwards nothing of a learner is found
//! in the data folder, and nothing of the key on the raw disk.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

mod records_rig;

use board_support::key_store::FileKeys;
use content_store::records::{KeyFound, KeyStore as _, Statement};
use jiff::Timestamp;
use records_rig::open;
use serde_json::json;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use system_tests::disk::{MountedImage, run_tool, usable};
use system_tests::world::http::Request;
use system_tests::world::{World, statement, wait_until};
use uuid::Uuid;

/// Statements of the large store: some years of a class.
const MANY: usize = 20_000;
const NAMES: usize = 50;

/// What all names of this class end with, and nothing else holds.
const FAMILY: &str = "Dimaculangan-Amihan";

fn name(number: usize) -> String {
    format!("{number:03}-{FAMILY}")
}

/// Fills the records of `data`, as no box runs, with `count` statements of [`NAMES`] learners.
fn fill(data: &Path, count: usize) {
    let records = open(data);
    let now = Timestamp::now();
    let credential = records.make_credential("quiz", now).unwrap();
    let by = records
        .check_credential(&credential.username, &credential.password)
        .unwrap();
    let numbers: Vec<usize> = (0..count).collect();
    for some in numbers.chunks(500) {
        let batch = some.iter().map(|number| {
            let mut value = statement(Uuid::new_v4());
            value["actor"]["account"]["name"] = json!(name(number % NAMES));
            Statement::from_value(value).unwrap()
        });
        records.store(batch.collect(), &by, now).unwrap();
    }
    records.close();
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => files.extend(files_under(&path)),
            Ok(found) if found.is_file() => files.push(path),
            _ => {}
        }
    }
    files
}

/// In which file of `folder` one of `needles` stands.
fn found_in(folder: &Path, needles: &[Vec<u8>]) -> Option<PathBuf> {
    let holds = |path: &PathBuf| {
        let mut bytes = Vec::new();
        let read = File::open(path).and_then(|mut file| file.read_to_end(&mut bytes));
        read.is_ok() && needles.iter().any(|needle| holds(&bytes, needle))
    };
    files_under(folder).into_iter().find(holds)
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    let first = needle[0];
    let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == first);
    starts
        .into_iter()
        .any(|(at, _)| bytes[at..].starts_with(needle))
}

/// The names in UTF-8 and UTF-16, and, last, the key itself.
fn needles(data: &Path) -> Vec<Vec<u8>> {
    let wide = FAMILY.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![FAMILY.as_bytes().to_vec(), wide, key(data)]
}

fn key(data: &Path) -> Vec<u8> {
    match FileKeys::in_data(data).find().unwrap() {
        KeyFound::Key(key) => key.bytes().to_vec(),
        other @ (KeyFound::None | KeyFound::Destroyed | KeyFound::Damaged) => {
            panic!("{other:?}")
        }
    }
}

/// What others keep of people, or of earlier troubles.
fn plant(data: &Path) {
    let aside = data.join("records/records.db.corrupt-1");
    fs::write(aside, format!("half a page of {}", name(7))).unwrap();
    fs::create_dir_all(data.join("air")).unwrap();
    fs::write(
        data.join("air/leases"),
        format!("43200 02:00:00:00:00:01 10.73.0.16 * * {}\n", name(3)),
    )
    .unwrap();
}

#[test]
fn the_button_alone_forgets_years_of_a_class_and_the_box_serves_on() {
    let world = World::new();
    fill(world.data(), MANY);
    plant(world.data());
    let wanted = needles(world.data());
    assert!(found_in(world.data(), &wanted).is_some(), "the control");
    let running = world.start();
    assert_eq!(running.status()["records"]["statements"], MANY);
    world.sim().press(Duration::from_millis(16_500));
    running.wait_for_log("meaning=arm_erase");
    std::thread::sleep(Duration::from_millis(1_500));
    world.sim().press(Duration::from_millis(4_500));
    running.wait_for_log("records.erased");
    let log = running.log();
    let told = log.lines().find(|line| line.contains("records.erased"));
    eprintln!(
        "{MANY} statements by the button: {}",
        told.unwrap_or_default()
    );
    wait_until("nobody is known", || {
        running.status()["records"]["statements"] == 0
    });
    assert_eq!(found_in(world.data(), &wanted), None);
    // Tools ask anew, and what they then store is kept.
    let tool = world.tool("quiz");
    let id = Uuid::new_v4();
    let sent = Request::xapi("POST", "/xapi/statements", &tool, &statement(id));
    running.send(&sent).expect(200);
    running.stop();
    let running = world.start();
    assert_eq!(running.status()["records"]["statements"], 1);
    assert_eq!(found_in(world.data(), &wanted), None);
    running.stop();
}

#[test]
fn the_verb_asks_the_running_box_and_does_it_itself_where_none_runs() {
    for runs in [true, false] {
        let world = World::new();
        fill(world.data(), 60);
        plant(world.data());
        let wanted = needles(world.data());
        let running = runs.then(|| world.start());
        let refused = world.run(&["erase"]);
        let line = refused.stderr.lines().last().unwrap_or_default().to_owned();
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(line.contains("nothing was done"), "{line}");
        assert!(found_in(world.data(), &wanted).is_some(), "the control");
        let told = world.run(&["erase", "--yes", "--json"]).succeeded().json();
        assert_eq!(told["statements"], 60);
        assert_eq!(found_in(world.data(), &wanted), None);
        let told = world.run(&["erase", "--yes", "--json"]).succeeded().json();
        assert_eq!(told["statements"], 0, "and once more");
        if let Some(running) = running {
            assert_eq!(running.status()["records"]["statements"], 0);
            running.stop();
        }
    }
}

#[test]
fn a_folder_that_is_none_is_told_and_not_made() {
    let world = World::new();
    let nowhere = world.path("nowhere");
    let refused = world.run_in(&nowhere, &["erase", "--yes"]);
    assert!(refused.refused(1).contains("there is no data folder"));
    assert!(!nowhere.exists());
}

/// The key's old bytes, and what its records could be read by, are not on the raw disk either.
#[test]
fn nothing_of_the_key_is_left_on_the_raw_disk() {
    if usable("erasing on a disk of its own").is_none() {
        return;
    }
    let world = World::new();
    let image = world.path("disk.img");
    File::create(&image).unwrap().set_len(64 << 20).unwrap();
    run_tool("mkfs.ext4", ["-q".as_ref(), image.as_os_str()]).unwrap();
    let mount = || MountedImage::mount(&image, &world.path("mounted")).unwrap();
    let raw = || fs::read(&image).unwrap();

    let mounted = mount();
    let data = mounted.folder().join("data");
    fs::create_dir(&data).unwrap();
    fill(&data, 300);
    let wanted = needles(&data);
    mounted.unmount().unwrap();
    let (key, names) = wanted.split_last().unwrap();
    let before = raw();
    assert!(holds(&before, key), "the control: the key is on the disk");
    let open_to_read = names.iter().find(|name| holds(&before, name));
    assert_eq!(open_to_read, None, "and no name is, with or without it");

    let mounted = mount();
    world
        .run_in(&mounted.folder().join("data"), &["erase", "--yes"])
        .succeeded();
    mounted.unmount().unwrap();
    let after = raw();
    let left = wanted.iter().find(|needle| holds(&after, needle));
    assert_eq!(left, None);
}
