//! A supply team's desk in a temporary folder: a programme's keys, an image, two inputs, a profile.

use super::image;
use serde_json::Value;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use system_tests::world::{Outcome, depot};

/// What the profile says.
pub(crate) const PROFILE: &str = "[image]\nfile = \"system.img\"\nversion = \"2026.11\"\n\n\
    [programme]\nname = \"Lessons for the islands\"\nroot = \"1.root.json\"\n\n\
    [[pack]]\nfile = \"water\"\n\n[[pack]]\nfile = \"stars\"\n\n\
    [site]\nutc_offset_min = 480\n\n[air]\ncountry = \"PH\"\n\n\
    [records]\nprogramme_key = \"school-box-programme:1:IN2iS-SZwhsmLfAn6fXilW918Ap5VL-JDntoikRnkC2wnIEQg2UEcn3TxNFEWUNiOK_oCkyJsRZMMRhuqk_gXJAJIHU\"\n";

pub(crate) struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    /// `None`: it is said what is missing here.
    pub(crate) fn new(test: &str) -> Option<Self> {
        system_tests::need::program(test, "mke2fs", "e2fsprogs")?;
        let desk = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        let run = |arguments: &[&str]| {
            let outcome = desk.depot(arguments);
            assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        };
        run(&["repo", "keygen", "root"]);
        run(&["repo", "init", "repo", "--root-key", "root"]);
        fs::copy(
            desk.path("repo/metadata/1.root.json"),
            desk.path("1.root.json"),
        )
        .unwrap();
        image::write(&desk.path("system.img"));
        desk.lessons("water", "Water and bread", 6_000_000);
        desk.lessons("stars", "The stars above", 3_000_000);
        fs::write(desk.path("islands.toml"), PROFILE).unwrap();
        Some(desk)
    }

    /// A folder of lessons with a film of so many bytes.
    pub(crate) fn lessons(&self, name: &str, title: &str, film: usize) {
        fs::create_dir(self.path(name)).unwrap();
        let page =
            format!("<!doctype html><html lang=\"en\"><title>{title}</title><p>{title}</p></html>");
        fs::write(self.path(name).join("index.html"), page).unwrap();
        let noise: Vec<u8> = (0..film)
            .map(|n| ((n * 2_654_435_761) >> 11) as u8)
            .collect();
        fs::write(self.path(name).join("film.mp4"), noise).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(depot());
        command
            .args(arguments)
            .current_dir(self.dir.path())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn depot(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.command(arguments))
    }

    /// A `depot` that runs beside the test.
    pub(crate) fn start(&self, arguments: &[&str]) -> Started {
        let mut command = self.command(arguments);
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        Started(child.unwrap())
    }

    /// `card write` with the profile.
    pub(crate) fn write(&self, more: &[&str]) -> Outcome {
        self.depot(&[&["card", "write", "--profile", "islands.toml"], more].concat())
    }

    /// The same, done.
    pub(crate) fn written(&self, more: &[&str]) -> Outcome {
        let outcome = self.write(more);
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        outcome
    }

    pub(crate) fn verify(&self, cards: &[&str]) -> Outcome {
        self.depot(
            &[
                &["card", "verify", "--manifest", "islands.cards.jsonl"],
                cards,
            ]
            .concat(),
        )
    }

    /// Every line of the manifest.
    pub(crate) fn manifest(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path("islands.cards.jsonl")).unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// SHA-256 of a file, hexadecimal, as another program tells it.
    pub(crate) fn sha256(&self, name: &str) -> String {
        let mut command = Command::new("sha256sum");
        let told = command.arg(self.path(name)).output().unwrap();
        String::from_utf8(told.stdout).unwrap()[..64].to_owned()
    }

    /// Turns one bit over.
    pub(crate) fn flip(&self, card: &str, at: u64) {
        let file = File::options()
            .read(true)
            .write(true)
            .open(self.path(card))
            .unwrap();
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).unwrap();
        file.write_all_at(&[byte[0] ^ 0x10], at).unwrap();
    }

    /// The data folder of a card, as a box would find it, in a folder; nothing of it is mounted.
    pub(crate) fn take_data(&self, card: &str, into: &Path) {
        let at = self.manifest()[0]["data"]["at"].as_u64().unwrap();
        let image = format!("{}?offset={at}", self.path(card).display());
        let dump = format!("rdump / {}", into.display());
        system_tests::disk::run_tool("debugfs", ["-R", dump.as_str(), image.as_str()]).unwrap();
    }
}

/// See [`Desk::start`].
pub(crate) struct Started(Child);

impl Started {
    /// Waits for its end.
    pub(crate) fn ended(self) -> Outcome {
        let output = self.0.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Outcome {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// One line on standard error, this exit code; the line.
pub(crate) fn refused(outcome: &Outcome, code: i32) -> String {
    let told: Vec<&str> = outcome
        .stderr
        .lines()
        .filter(|line| line.starts_with("depot: "))
        .collect();
    assert_eq!(outcome.code, Some(code), "{}", outcome.stderr);
    assert_eq!(told.len(), 1, "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("panicked"), "{}", outcome.stderr);
    told[0].to_owned()
}

/// A box would take it for one of its own.
pub(crate) fn looks_done(card: &Path) -> bool {
    let mut first = [0; 512];
    let file = File::open(card).unwrap();
    file.read_exact_at(&mut first, 0).is_ok() && first[510..] == [0x55, 0xaa]
}
