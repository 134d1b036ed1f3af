//! A box of one's own: temporary data, a simulated board to turn, and the real binary running on both.
//!
//! ```text
//!   World ── sim() ──────► Sim: battery, button, faults in; panel, serial, power out
//!     │  ├── run(verb…) ─► Outcome: exit code, what was said
//!     │  └── launch() ───► Launch: options ── start() ──► RunningBox: HTTP, signals, log, /proc
//!     └── data(), path(…): files under one temporary folder that goes with the World
//! ```
//!
//! Readiness is waited for with a deadline, never slept for. A `RunningBox` that is dropped is killed, and its log is
//! printed when the test is failing.

pub mod http;
pub mod proc;

mod binary;
mod learner;
mod notify;
mod other_slot;
mod packs;
mod range_server;
mod running;
mod sim;
mod small_disk;
mod ticking;
mod verb;
mod wait;
pub mod zim;

pub use binary::{depot, example, is_release, school_box};
pub use learner::{Tool, statement};
pub use notify::NotifySocket;
pub use packs::{big_folder, folder_pack};
pub use range_server::{Manners, RangeServer};
pub use running::{Ended, Launch, RunningBox};
pub use sim::Sim;
pub use small_disk::SmallDisk;
pub use ticking::{TICKING_FROM, Ticking};
pub use verb::Outcome;
pub use wait::{DEADLINE, wait_for, wait_until};
pub use zim::{Compression, Zim};

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// One temporary folder with the data of a box, its simulated board, and room for a test's own files.
#[derive(Debug)]
pub struct World {
    dir: tempfile::TempDir,
    data: PathBuf,
    sim: Sim,
    launches: AtomicU32,
}

impl World {
    /// An empty box on a board in the sun: 13.4 V, charging with 1 A, 25 °C.
    #[must_use]
    pub fn new() -> Self {
        let dir = tempfile::Builder::new()
            .prefix("school-box-world-")
            .tempdir()
            .expect("a temporary folder");
        let data = dir.path().join("data");
        std::fs::create_dir_all(&data).expect("the data folder");
        let sim = Sim::new(dir.path().join("sim"));
        Self {
            dir,
            data,
            sim,
            launches: AtomicU32::new(0),
        }
    }

    /// The same with its data on another disk.
    #[must_use]
    pub fn on(disk: &SmallDisk) -> Self {
        let data = disk.path().join("data");
        std::fs::create_dir(&data).expect("the data folder");
        Self {
            data,
            ..Self::new()
        }
    }

    /// The board to turn.
    #[must_use]
    pub fn sim(&self) -> &Sim {
        &self.sim
    }

    /// What `--data` is given.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// A path in the temporary folder, for a test's own files.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes one of the test's own files, with its folders.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).expect("folder of a test's file");
        }
        std::fs::write(&path, bytes).expect("a test's file");
        path
    }

    /// Runs a verb to its end, with `--data` of this world.
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        self.run_in(self.data(), arguments)
    }

    /// Runs a verb to its end, with other data.
    pub fn run_in(&self, data: &Path, arguments: &[&str]) -> Outcome {
        let mut all: Vec<&std::ffi::OsStr> = arguments.iter().map(AsRef::as_ref).collect();
        all.extend([std::ffi::OsStr::new("--data"), data.as_os_str()]);
        verb::run(&all)
    }

    /// Imports `source` and insists that it worked.
    pub fn import(&self, source: &Path) -> Outcome {
        self.run(&["import", &source.display().to_string()])
            .succeeded()
    }

    /// A credential of an outside tool, made by `records credential`.
    pub fn tool(&self, name: &str) -> Tool {
        let outcome = self
            .run(&["records", "credential", name, "--json"])
            .succeeded();
        Tool::from_json(&outcome.json())
    }

    /// How to start this world's box.
    #[must_use]
    pub fn launch(&self) -> Launch {
        let number = self.launches.fetch_add(1, Ordering::Relaxed) + 1;
        Launch::new(self, &format!("box-{number}.log"))
    }

    /// Starts this world's box as most tests want it, and waits until it is healthy.
    #[must_use]
    pub fn start(&self) -> RunningBox {
        self.launch().start()
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}
