use super::*;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use ota::source::{Source, SourceError};
use std::fs;
use std::io::Read;
use std::os::unix::fs::symlink;

struct Folder(tempfile::TempDir);

impl Folder {
    /// A repository, and a secret beside it.
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.put("secret", b"nobody's business");
        folder.put("repo/metadata/timestamp.json", b"{}");
        folder.put("repo/targets/system/f.bin", b"0123456789");
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn source(&self) -> FolderSource {
        FolderSource::new(self.path("repo"), "the stick".to_owned())
    }
}

fn part(source: &mut FolderSource, name: &str, from: u64, bytes: u64) -> Result<String, String> {
    let mut text = String::new();
    let mut reader = source
        .open(name, from, bytes)
        .map_err(|error| error.to_string())?;
    reader
        .read_to_string(&mut text)
        .map_err(|error| error.to_string())?;
    Ok(text)
}

#[test]
fn parts_of_files() {
    let folder = Folder::new();
    let mut source = folder.source();
    for (from, bytes, text) in [
        (0, 10, "0123456789"),
        (3, 4, "3456"),
        (8, 100, "89"),
        (0, u64::MAX, "0123456789"),
        (10, 1, ""),
        (1 << 63, 1 << 63, ""),
        (u64::MAX, u64::MAX, ""),
        (4, 0, ""),
    ] {
        assert_eq!(
            part(&mut source, "system/f.bin", from, bytes).as_deref(),
            Ok(text),
            "{from}+{bytes}"
        );
    }
    assert_eq!(
        source.metadata("timestamp.json", 100).unwrap().as_deref(),
        Some(&b"{}"[..])
    );
    assert_eq!(source.metadata("2.root.json", 100).unwrap(), None);
    assert_eq!(
        part(&mut source, "system/g.bin", 0, 1),
        Err("the stick has no system/g.bin".to_owned())
    );
}

#[test]
fn nothing_outside_is_read() {
    let folder = Folder::new();
    symlink(folder.path("secret"), folder.path("repo/targets/link")).unwrap();
    symlink(folder.0.path(), folder.path("repo/targets/out")).unwrap();
    symlink("../../secret", folder.path("repo/metadata/1.root.json")).unwrap();
    // The control: the links do lead there.
    assert!(folder.path("repo/targets/out/secret").is_file());
    assert!(folder.path("repo/metadata/1.root.json").is_file());
    let mut source = folder.source();
    for (name, line) in [
        (
            "link",
            "the stick answers with a link, or no plain file, at link",
        ),
        (
            "out/secret",
            "the stick answers with a link, or no plain file, at out",
        ),
        ("../../secret", "the stick has no ../../secret"),
        ("/etc/passwd", "the stick has no /etc/passwd"),
        (
            "system/../../secret",
            "the stick has no system/../../secret",
        ),
        ("system//f.bin", "the stick has no system//f.bin"),
        (
            "system",
            "the stick answers with a link, or no plain file, at system",
        ),
        (
            "system/f.bin/x",
            "the stick answers with a link, or no plain file, at f.bin",
        ),
        ("a\0b", "the stick has no a\0b"),
        (
            &"n".repeat(300),
            &*format!("the stick has no {}", "n".repeat(300)),
        ),
    ] {
        assert_eq!(
            part(&mut source, name, 0, 9),
            Err(line.to_owned()),
            "{name}"
        );
    }
    assert!(source.metadata("1.root.json", 9).is_err());
    for name in [
        "../../secret",
        "..",
        ".",
        "",
        ".hidden",
        "../metadata/timestamp.json",
    ] {
        assert_eq!(source.metadata(name, 9).unwrap(), None, "{name}");
    }
    assert!(
        part(&mut source, "system/f.bin", 0, 9).is_ok(),
        "and the right one is"
    );
}

#[test]
fn pipes_folders_and_huge_files_hold_nobody_up() {
    let folder = Folder::new();
    mkfifo(&folder.path("repo/metadata/pipe.json"), Mode::S_IRWXU).unwrap();
    mkfifo(&folder.path("repo/targets/pipe"), Mode::S_IRWXU).unwrap();
    fs::create_dir(folder.path("repo/metadata/2.root.json")).unwrap();
    let huge = fs::File::create(folder.path("repo/metadata/huge.json")).unwrap();
    huge.set_len(1 << 40).unwrap();
    fs::rename(
        folder.path("repo/metadata/huge.json"),
        folder.path("repo/targets/huge"),
    )
    .unwrap();
    fs::hard_link(
        folder.path("repo/targets/huge"),
        folder.path("repo/metadata/huge.json"),
    )
    .unwrap();
    let mut source = folder.source();
    for name in ["pipe.json", "2.root.json"] {
        let error = source.metadata(name, 100).unwrap_err();
        assert!(matches!(error, SourceError::Refused { .. }), "{error}");
    }
    assert!(part(&mut source, "pipe", 0, 1).is_err());
    assert_eq!(
        source.metadata("huge.json", 100).unwrap().unwrap().len(),
        101
    );
    assert_eq!(
        part(&mut source, "huge", (1 << 40) - 3, 100).unwrap(),
        "\0\0\0"
    );
}

#[test]
fn a_stick_that_is_pulled_is_gone_and_not_empty() {
    let folder = Folder::new();
    let mut source = folder.source();
    assert!(source.metadata("timestamp.json", 9).unwrap().is_some());
    fs::rename(folder.path("repo"), folder.path("pulled")).unwrap();
    for _ in 0..2 {
        let error = source.metadata("timestamp.json", 9).unwrap_err();
        assert!(matches!(error, SourceError::Gone { .. }), "{error}");
    }
    // An empty mount point, or another stick, is not the one that was there; the same one again is.
    fs::create_dir(folder.path("repo")).unwrap();
    assert!(
        source
            .metadata("timestamp.json", 9)
            .unwrap_err()
            .is_transient()
    );
    assert!(
        folder
            .source()
            .metadata("timestamp.json", 9)
            .unwrap()
            .is_none(),
        "the control"
    );
    fs::remove_dir(folder.path("repo")).unwrap();
    fs::rename(folder.path("pulled"), folder.path("repo")).unwrap();
    assert!(source.metadata("timestamp.json", 9).unwrap().is_some());
}

#[test]
fn the_repository_is_in_the_folder_or_in_its_school_box() {
    let folder = Folder::new();
    let repo = folder.path("repo");
    assert_eq!(repository_in(&repo), Some(repo.clone()));
    assert_eq!(repository_in(folder.0.path()), None);
    assert_eq!(repository_in(&folder.path("nowhere")), None);
    symlink(&repo, folder.path("school-box")).unwrap();
    assert_eq!(
        repository_in(folder.0.path()),
        None,
        "a link may lead off the stick"
    );
    fs::remove_file(folder.path("school-box")).unwrap();
    fs::rename(&repo, folder.path("school-box")).unwrap();
    assert_eq!(
        repository_in(folder.0.path()),
        Some(folder.path("school-box"))
    );
}

#[test]
fn the_sticks_of_a_simulated_board() {
    let folder = Folder::new();
    let names = |choice: &BoardChoice| -> Vec<String> {
        let name = |stick: &Stick| {
            stick
                .folder
                .strip_prefix(folder.0.path())
                .unwrap()
                .display()
                .to_string()
        };
        sticks(choice, &folder.path("data"))
            .iter()
            .map(name)
            .collect()
    };
    let dir = BoardChoice::SimDir(folder.path("sim"));
    assert_eq!(names(&dir), [""; 0]);
    fs::create_dir_all(folder.path("sim/usb/b")).unwrap();
    fs::create_dir_all(folder.path("sim/usb/a")).unwrap();
    fs::create_dir_all(folder.path("sim/usb/.hidden")).unwrap();
    symlink(folder.path("repo"), folder.path("sim/usb/link")).unwrap();
    assert_eq!(names(&dir), ["sim/usb/a", "sim/usb/b"]);
    folder.put("sim/usb/film.mp4", b"la");
    assert_eq!(names(&dir), ["sim/usb", "sim/usb/a", "sim/usb/b"]);
    folder.put("sim/usb/school-box/metadata/timestamp.json", b"{}");
    assert_eq!(names(&dir), ["sim/usb"]);
    folder.put("data/sim/usb/metadata/timestamp.json", b"{}");
    assert_eq!(names(&BoardChoice::Sim), ["data/sim/usb"]);
}

/// The process's own view of a mounted file system serves as a stick: `/proc` in `/`.
#[test]
fn on_a_real_board_only_what_is_mounted_is_a_stick() {
    let found = mounted_in(Path::new("/"));
    let is_there = |path: &str| found.iter().any(|stick| stick.folder == Path::new(path));
    assert!(is_there("/proc"), "{found:?}");
    assert!(
        !is_there("/usr")
            || Path::new("/usr").metadata().unwrap().dev()
                != Path::new("/").metadata().unwrap().dev()
    );
    let folder = Folder::new();
    assert_eq!(
        mounted_in(folder.0.path()),
        [],
        "a folder that waits for its stick"
    );
}
