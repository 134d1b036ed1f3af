//! What a publisher has: releases of the test image in a signed repository, made by `depot` as anyone would.
//!
//! | release | is | and comes |
//! |---|---|---|
//! | 1 | the image as it left the depot | on the card; the publisher does not know it |
//! | 2 | the same with three megabytes of news | as frames, beside what release 1 has already |
//! | 3 | starts as badly as a system can: its first program dies, its first program dies, its supervisor dies | as a patch from release 2 |
//!
//! Their boot areas carry the bench's shell, so that a test can look inside. To publish takes minutes of CPU, so the repository is kept beside the
//! image for as long as both the image and `depot` are the same.

use md5::{Digest as _, Md5};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::SystemTime;
use system_tests::need::{Met, skip};
use system_tests::vm::{Inside, Made};
use system_tests::world;

/// As `tests/image/assemble` names it in os-release.
const BOARD: &str = "school-box-qemuarm64";
/// The image's own first program, which the deaths of release 3 are put in front of.
const INIT: &str = include_str!("../../../../yocto-layer/recipes-core/school-box/files/init");
const DEATHS: &str = "\
mount -t proc proc /proc
case $(cat /proc/cmdline) in
*school_box.trial=2* | *school_box.trial=1*) exit 1 ;;
esac
umount /proc
";
const DIES: &str = "[Service]\nExecStart=\nExecStart=/bin/false\n";

/// The publisher's folder.
pub(super) struct Releases {
    folder: PathBuf,
}

impl Releases {
    /// Published, once for all tests; `None`: something is missing, and that was said.
    pub(super) fn of(test: &str, made: &Made) -> Met<Self> {
        for part in ["release-2/root.img", "release-3/root.img"] {
            if !made.part(part).is_file() {
                return skip(test, &format!("no target/image/{part}"), "make image");
            }
        }
        static PUBLISHED: LazyLock<PathBuf> = LazyLock::new(|| {
            let made = Made::found("image::update_over_http").expect("the image");
            publish(&made)
        });
        Some(Self {
            folder: PUBLISHED.clone(),
        })
    }

    /// What a box has to have to believe the repository.
    pub(super) fn root(&self) -> Vec<u8> {
        fs::read(self.with_two().join("metadata/1.root.json")).expect("the first root")
    }

    /// The boot area of release 1, with the shell.
    pub(super) fn first_boot_area(&self) -> PathBuf {
        self.folder.join("release-1/boot-area.img")
    }

    /// The repository when release 2 is the newest.
    pub(super) fn with_two(&self) -> PathBuf {
        self.folder.join("two")
    }

    /// The same repository later, when release 3 is.
    pub(super) fn with_three(&self) -> PathBuf {
        self.folder.join("repository")
    }
}

fn publish(made: &Made) -> PathBuf {
    let folder = made.part("updates");
    let stamp = stamp(made);
    if fs::read_to_string(folder.join("stamp")).is_ok_and(|found| found == stamp) {
        return folder;
    }
    let began = SystemTime::now();
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for the repository");
    let shell = Inside::shell();
    let dies = Inside::shell()
        .init(&INIT.replacen('\n', &format!("\n{DEATHS}"), 1))
        .file("school-box.service.d/dies.conf", DIES);
    for (number, inside) in [(1, &shell), (2, &shell), (3, &dies)] {
        copy_release(
            made,
            number,
            inside,
            &folder.join(format!("release-{number}")),
        );
    }
    found_repository(&folder);
    for number in 2..=3 {
        offer(&folder, number);
        if number == 2 {
            copy(&folder.join("repository"), &folder.join("two"));
        }
    }
    fs::write(folder.join("stamp"), stamp).expect("a stamp");
    eprintln!("published in {:?}", began.elapsed().unwrap_or_default());
    folder
}

/// Keys, and an empty repository.
fn found_repository(folder: &Path) {
    for key in ["root.key", "online.key"] {
        depot(folder, &["repo", "keygen", key]);
    }
    let mut words = vec!["repo", "init", "repository", "--root-key", "root.key"];
    for role in [
        "targets=online.key",
        "snapshot=online.key",
        "timestamp=online.key",
    ] {
        words.extend(["--key", role]);
    }
    depot(folder, &words);
}

/// Adds a release; a patch to it where there was one before.
fn offer(folder: &Path, number: u64) {
    let (system, version) = (format!("release-{number}"), number.to_string());
    let mut words = vec!["repo", "add", "repository", "--board", BOARD];
    words.extend(["--system", &system, "--version", &version]);
    words.extend(["--name", &system, "--patches", "1"]);
    depot(folder, &words);
}

/// What the repository is made of: not when, for the image is made anew each time, of the same bytes.
fn stamp(made: &Made) -> String {
    let parts = [
        "root.roothash",
        "boot-area.img",
        "release-2/root.roothash",
        "release-2/boot-area.img",
        "release-3/root.roothash",
        "release-3/boot-area.img",
    ];
    let parts = parts.iter().map(|part| made.part(part));
    let files: Vec<PathBuf> = parts.chain([world::depot().to_owned()]).collect();
    let lines = files.iter().map(|file| {
        let bytes = fs::read(file).expect("a part of the repository");
        format!("{:x?}\n", Md5::digest(bytes))
    });
    lines.collect::<String>() + DEATHS + DIES
}

fn copy_release(made: &Made, number: u64, inside: &Inside, to: &Path) {
    fs::create_dir_all(to).expect("a folder for a release");
    let from = |name: &str| match number {
        1 => made.part(name),
        _ => made.part(&format!("release-{number}/{name}")),
    };
    for name in ["root.img", "root.roothash", "boot-area.img"] {
        fs::copy(from(name), to.join(name)).expect("a part of a release");
    }
    inside.lay_over(&to.join("boot-area.img").display().to_string());
}

fn depot(folder: &Path, words: &[&str]) {
    let said = Command::new(world::depot())
        .args(words)
        .current_dir(folder)
        .output()
        .expect("depot starts");
    assert!(
        said.status.success(),
        "depot {words:?}: {}",
        String::from_utf8_lossy(&said.stderr)
    );
    eprintln!("{}", String::from_utf8_lossy(&said.stdout).trim());
}

/// Files of a repository are never written again, so that names are enough.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let there = to.join(entry.file_name());
        if entry.file_type().expect("an entry").is_dir() {
            copy(&entry.path(), &there);
        } else {
            fs::hard_link(entry.path(), there).expect("a link");
        }
    }
}
