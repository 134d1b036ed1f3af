//! A programme's desk, and schools whose records are sealed to it.
#![allow(dead_code, reason = "each suite uses a part")]

use board_support::key_store::FileKeys;
use content_store::records::{Durability, Records, RecordsOptions, Statement};
use jiff::Timestamp;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use system_tests::world::http::Request;
use system_tests::world::{Outcome, RunningBox, World, depot as depot_binary, statement};
use tempfile::TempDir;
use uuid::Uuid;

/// Learners of a school.
pub(crate) const NAMES: usize = 200;

/// A child's name that nothing else would hold.
pub(crate) fn name(number: usize) -> String {
    format!("Dimaculangan-{number:03}-Amihan")
}

pub(crate) fn depot(arguments: &[&str]) -> Outcome {
    let mut command = Command::new(depot_binary());
    command.args(arguments).stdin(std::process::Stdio::null());
    Outcome::of(command)
}

/// Files of `folder` with this ending, in order; none where there is no folder.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|end| end == ending))
        .collect();
    files.sort();
    files
}

pub(crate) fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// With its key.
pub(crate) struct Desk {
    folder: TempDir,
    public: String,
    pub(crate) programme: String,
}

impl Desk {
    pub(crate) fn new(name: &str) -> Self {
        Self::with(name, &[])
    }

    pub(crate) fn demo() -> Self {
        Self::with("demo", &["--demo"])
    }

    fn with(name: &str, more: &[&str]) -> Self {
        let folder = tempfile::Builder::new().prefix(name).tempdir().unwrap();
        let key = folder.path().join("programme.key").display().to_string();
        let arguments = [&["records", "keygen", "--json", "--out", &key], more].concat();
        let told = depot(&arguments).succeeded().json();
        Self {
            folder,
            public: told["public"].as_str().unwrap().to_owned(),
            programme: told["programme"].as_str().unwrap().to_owned(),
        }
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.folder.path().join("programme.key")
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    pub(crate) fn open(&self, bundles: &[&Path]) -> Outcome {
        let (key, out) = (self.key(), self.out());
        let mut command = Command::new(depot_binary());
        command
            .args(["records", "open", "--json", "--key"])
            .arg(key)
            .args(bundles)
            .arg("--to")
            .arg(out);
        Outcome::of(command)
    }
}

/// A box of a school.
pub(crate) struct School {
    pub(crate) world: World,
    each: usize,
}

impl School {
    /// Whose records are sealed to `desk`: `each` statements of every one of its learners.
    pub(crate) fn of(desk: &Desk, each: usize) -> Self {
        let world = World::new();
        let config = format!("[records]\nprogramme_key = \"{}\"\n", desk.public);
        fs::write(world.data().join("config.toml"), config).unwrap();
        fill(world.data(), each);
        Self { world, each }
    }

    pub(crate) fn count(&self) -> u64 {
        (self.each * NAMES) as u64
    }

    pub(crate) fn export(&self, to: &Path) -> Outcome {
        self.export_on(to, "auto")
    }

    pub(crate) fn export_on(&self, to: &Path, board: &str) -> Outcome {
        let to = to.display().to_string();
        self.world
            .run(&["records", "export", "--json", "--to", &to, "--board", board])
    }

    pub(crate) fn receipts(&self, from: &Path) -> Outcome {
        let from = from.display().to_string();
        self.world.run(&["records", "receipts", &from, "--json"])
    }

    pub(crate) fn verify(&self) -> Outcome {
        self.world.run(&["records", "verify", "--json"])
    }

    /// By way of a tool.
    pub(crate) fn one_more(&self, running: &RunningBox) {
        let tool = self.world.tool("quiz");
        let one = statement(Uuid::new_v4());
        let sent = Request::xapi("POST", "/xapi/statements", &tool, &one);
        running.send(&sent).expect(200);
    }
}

pub(crate) fn open(data: &Path) -> Records {
    let options = RecordsOptions {
        durability: Durability::Off,
        reserve_bytes: 0,
        traces: Vec::new(),
        finishing: Vec::new(),
    };
    Records::open(data, options, Arc::new(FileKeys::in_data(data))).unwrap()
}

fn fill(data: &Path, each: usize) {
    let records = open(data);
    let now = Timestamp::now();
    let credential = records.make_credential("quiz", now).unwrap();
    let by = records
        .check_credential(&credential.username, &credential.password)
        .unwrap();
    for _ in 0..each {
        let batch = (0..NAMES).map(|number| {
            let mut value = statement(Uuid::new_v4());
            value["actor"]["account"]["name"] = json!(name(number));
            Statement::from_value(value).unwrap()
        });
        records.store(batch.collect(), &by, now).unwrap();
    }
    records.close();
}
