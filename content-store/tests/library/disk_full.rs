//! No room: refused with the number of bytes that are missing, nothing half-installed.

use crate::rig::{Rig, line};
use content_store::formats::{self, ImportError};
use content_store::library::{Library, LibraryOptions};
use std::fs;
use std::path::Path;
use std::process::Command;

fn free(path: &Path) -> u64 {
    let stat = nix::sys::statvfs::statvfs(path).unwrap();
    stat.blocks_available() * stat.fragment_size()
}

#[test]
fn the_missing_bytes_are_named_before_the_first_is_copied() {
    let rig = Rig::new();
    let source = rig.folder_of("notes", &[("index.html", b"<title>Notes")]);
    let plan = formats::plan(&source).unwrap();
    let keep_free = 1 << 60;
    let data = rig.data();
    // Others write to this disk too: the answer must lie between what was free before and after.
    let before = free(&data);
    let error = formats::stage(&plan, &data, keep_free, &mut |_| {
        panic!("nothing may be copied")
    })
    .unwrap_err();
    let after = free(&data);
    let ImportError::NoSpace { missing } = error else {
        panic!("{error:?}")
    };
    let slack = 64 << 20;
    let (low, high) = (
        before.min(after).saturating_sub(slack),
        before.max(after) + slack,
    );
    let free_then = keep_free + plan.needed_bytes - missing;
    assert!(
        (low..=high).contains(&free_then),
        "{free_then} not in {low}..={high}"
    );
    assert!(line(&error).contains(&missing.to_string()) && error.is_full());
}

/// A disk of its own, unmounted at the end.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(folder.path())
            .output();
        mounted
            .is_ok_and(|output| output.status.success())
            .then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
fn a_small_disk_fills_up_and_the_library_stays_whole() {
    let Some(disk) = SmallDisk::new("4m") else {
        return crate::skip::skip(
            "a_small_disk_fills_up_and_the_library_stays_whole",
            "a tmpfs cannot be mounted",
            "run the tests as root",
        );
    };
    let rig = Rig::new();
    let data = disk.0.path();
    let library = Library::open(data, LibraryOptions { keep_free: 0 }).unwrap();
    let small = rig.folder_of("small", &[("index.html", b"<title>Small")]);
    let stage = formats::stage(&formats::plan(&small).unwrap(), data, 0, &mut |_| ()).unwrap();
    library.adopt(&stage).unwrap();
    let noise: Vec<u8> = (0..3_000_000_u64)
        .map(|i| (i.wrapping_mul(6_364_136_223_846_793_005) >> 56) as u8)
        .collect();
    let large = rig.folder_of(
        "large",
        &[
            ("index.html", b"<title>Large"),
            ("a.bin", &noise),
            ("b.bin", &noise[1..]),
        ],
    );
    let plan = formats::plan(&large).unwrap();
    let free_bytes = free(data);
    let error = formats::stage(&plan, data, 0, &mut |_| ()).unwrap_err();
    let ImportError::NoSpace { missing } = error else {
        panic!("{error:?}")
    };
    // The stage's own folders and lock have taken a block or two since.
    assert!(
        missing >= plan.needed_bytes - free_bytes
            && missing < plan.needed_bytes - free_bytes + 64 * 1024
    );
    // The same disk filled by somebody else after the question was asked.
    let mut calls = 0;
    let error = formats::stage(
        &formats::plan(&small_variant(&rig)).unwrap(),
        data,
        0,
        &mut |_| {
            calls += 1;
            if calls == 1 {
                let hog = data.join("hog");
                let _ = fs::write(hog, vec![0; 4 << 20]);
            }
        },
    );
    if let Err(error) = error {
        assert!(error.is_full(), "{}", line(&error));
    }
    assert_eq!(library.packs().len(), 1);
    assert!(library.verify(&mut |_, _| ()).unwrap().faults.is_empty());
    let _ = fs::remove_file(data.join("hog"));
    let stage = formats::stage(
        &formats::plan(&small_variant(&rig)).unwrap(),
        data,
        0,
        &mut |_| (),
    )
    .unwrap();
    library.adopt(&stage).unwrap();
    assert_eq!(library.packs().len(), 2);
}

fn small_variant(rig: &Rig) -> std::path::PathBuf {
    let pages: Vec<(String, Vec<u8>)> = (0..600)
        .map(|n| {
            (
                if n == 0 {
                    "index.html".to_owned()
                } else {
                    format!("p{n}.html")
                },
                format!("<title>P{n}</title>").into_bytes(),
            )
        })
        .collect();
    let files: Vec<(&str, &[u8])> = pages
        .iter()
        .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
        .collect();
    let path = rig.source("many");
    if path.exists() {
        path
    } else {
        rig.folder_of("many", &files)
    }
}
