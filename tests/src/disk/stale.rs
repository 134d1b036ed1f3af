//! Takes down what a test that was killed could not: its mounts, its loop devices, its images.

use super::tool;
use std::fs;
use std::path::Path;

/// Folders of disks are called so, with the maker's process id behind.
pub(super) const PREFIX: &str = "lying-disk-";

/// Removes the disks under `place` whose maker lives no more. Its daemon ended with it.
pub(super) fn sweep(place: &Path) {
    for folder in fs::read_dir(place).into_iter().flatten().flatten() {
        let name = folder.file_name();
        let maker = name
            .to_str()
            .and_then(|name| name.strip_prefix(PREFIX))
            .and_then(|rest| rest.split('-').next());
        let Some(maker) = maker else { continue };
        if !Path::new("/proc").join(maker).exists() {
            take_down(&folder.path());
        }
    }
}

fn take_down(folder: &Path) {
    let inside = |path: &str| Path::new(path).starts_with(folder);
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let mounts = mounts.lines().rev().filter_map(|line| line.split_once(' '));
    for (device, rest) in mounts {
        let place = rest.split(' ').next().unwrap_or_default();
        if inside(place) {
            let _ = tool::run("umount", ["--lazy", place]);
            // The name of its file says nothing any more once the daemon's own file system is gone.
            let _ = tool::run("losetup", ["--detach", device]);
        }
    }
    let loops = tool::run(
        "losetup",
        ["--list", "--noheadings", "--output", "NAME,BACK-FILE"],
    )
    .unwrap_or_default();
    for (device, file) in loops.lines().filter_map(|line| line.split_once(' ')) {
        if inside(file.trim()) {
            let _ = tool::run("losetup", ["--detach", device]);
        }
    }
    let _ = fs::remove_dir_all(folder);
}
