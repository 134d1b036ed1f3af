//! Measures an update between two real systems, peers in the same run, and prints two tables.
//!
//! ```text
//!   bench_ota PAIR [BITA]
//! ```
//!
//! `PAIR` is a folder with `v1.erraw.img` and `v2.erraw.img`, two uncompressed EROFS roots; `BITA` is that program, where it was installed. Peers
//! that are not there are named as not measured. What a peer prepares at the publisher's desk takes minutes and is kept in `PAIR/peers`.
//!
//! ```text
//!   timed    a command, its CPU time and its largest memory
//!   ours     repositories by `depot repo`, installed by `school-box update offer` on a simulated board
//!   deltas   xdelta3, zstd --patch-from, casync, bita
//!   full     RAUC, SWUpdate
//! ```
//!
//! Ours is the whole verb: looking, trusting, fetching, installing, reading back. The peers' delta tools only decode.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a program for the desk: it prints, and has nobody to hand an error to"
)]

mod deltas;
mod full;
mod ours;
mod timed;

use std::fs;
use std::path::{Path, PathBuf};
use system_tests::world;
use timed::Cost;

/// The length of the image of a full installation, bytes.
const FULL: u64 = 200 << 20;

/// One way to bring a system over.
#[derive(Debug)]
struct Way {
    who: String,
    asked: &'static str,
    /// Bytes over the wire.
    bytes: u64,
    cost: Cost,
}

/// The two systems, and a place to work in.
struct Pair {
    old: PathBuf,
    new: PathBuf,
    /// The first 200 MiB of the new one.
    full: PathBuf,
    /// What is kept from run to run.
    peers: PathBuf,
}

fn main() {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let Some(folder) = arguments.next() else {
        eprintln!("usage: bench_ota PAIR [BITA]");
        std::process::exit(2);
    };
    assert!(
        world::is_release(),
        "{} is no release build: cargo build --release -p firmware, then run the bench with --release",
        world::school_box().display()
    );
    let bita = arguments.next();
    // Peers are run in folders of their own.
    let folder = folder.canonicalize().expect("the folder of the pair");
    let pair = Pair::in_folder(&folder);
    let mut missing = Vec::new();
    let known = [
        ours::known(&pair),
        deltas::xdelta3(&pair, &mut missing),
        deltas::zstd(&pair, &mut missing),
    ];
    show("from a known base", known.into_iter().flatten());
    let unknown = [
        ours::unknown(&pair),
        deltas::bita(&pair, bita.as_deref(), &mut missing),
        deltas::casync(&pair, &mut missing),
    ];
    show("from an unknown base", unknown.into_iter().flatten());
    let whole = [
        ours::full(&pair),
        full::swupdate(&pair, "zstd", &mut missing),
        full::swupdate(&pair, "zlib", &mut missing),
        full::rauc(&pair, &mut missing),
    ];
    show(
        "a whole image of 200 MiB, from a folder",
        whole.into_iter().flatten(),
    );
    for line in missing {
        println!("not measured: {line}");
    }
}

impl Pair {
    fn in_folder(folder: &Path) -> Self {
        let peers = folder.join("peers");
        fs::create_dir_all(&peers).expect("a folder for what peers prepare");
        let pair = Self {
            old: folder.join("v1.erraw.img"),
            new: folder.join("v2.erraw.img"),
            full: peers.join("full.img"),
            peers,
        };
        if fs::metadata(&pair.full).map(|found| found.len()).ok() != Some(FULL) {
            let new = fs::read(&pair.new).expect("the new system");
            let full = new.get(..200 << 20).expect("a system of 200 MiB and more");
            fs::write(&pair.full, full).expect("the image of a full installation");
        }
        pair
    }
}

/// Prints a table; the ratio is the first line's CPU to that of the others.
fn show(title: &str, ways: impl Iterator<Item = Way>) {
    println!("\n{title}\n");
    println!(
        "| {:<34} | {:>12} | {:>9} | {:>6} | {:>5} | {:>11} |",
        "who", "asked", "bytes, MB", "CPU, s", "ratio", "memory, MB"
    );
    println!(
        "|{:-<36}|{:->14}|{:->11}|{:->8}|{:->7}|{:->13}|",
        "", ":", ":", ":", ":", ":"
    );
    let mut first = None;
    for way in ways {
        let cpu = way.cost.cpu_s;
        let own = *first.get_or_insert(cpu);
        let ratio = format!("{:.2}", own / cpu);
        println!(
            "| {:<34} | {:>12} | {:>9.2} | {:>6.2} | {:>5} | {:>11.1} |",
            way.who,
            way.asked,
            way.bytes as f64 / 1e6,
            cpu,
            ratio,
            way.cost.memory_bytes as f64 / 1e6
        );
    }
}
