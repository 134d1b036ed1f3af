//! Cards in numbers: writing beside `dd`, checking beside `sha256sum`, on the same disk, with the same bytes, in turn.
//!
//! ```text
//!   cargo run --release -p system-tests --bin bench_card -- IMAGE [FOLDER]
//! ```
//! IMAGE is a system's image (`make image`); FOLDER lies on the disk that stands for a card [default: the temporary folder]. Nothing here fails on time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a program for the desk: it prints, and has nobody to hand an error to"
)]

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use system_tests::world::{depot, is_release};

/// Bytes of the library.
const LIBRARY: usize = 768 << 20;
const TURNS: usize = 3;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let Some(image) = arguments.next() else {
        eprintln!("usage: bench_card IMAGE [FOLDER]");
        return;
    };
    let folder = arguments.next().map_or_else(std::env::temp_dir, Into::into);
    let desk = tempfile::tempdir_in(folder).expect("a folder");
    lay_out(desk.path(), Path::new(&image));
    let (mut ours, mut dd, mut verify, mut sha) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let written = write(desk.path()).1;
    for _ in 0..TURNS {
        ours.push(write(desk.path()).0);
        dd.push(dd_writes(desk.path(), written));
        verify.push(run(
            desk.path(),
            depot(),
            &["card", "verify", "--manifest", "p.cards.jsonl", "card.img"],
        ));
        forget(desk.path());
        sha.push(run(desk.path(), Path::new("sha256sum"), &["plain"]));
    }
    let mb = written as f64 / 1e6;
    let build = if is_release() {
        ""
    } else {
        " (no release build)"
    };
    println!("{written} bytes{build}; the best of {TURNS} turns, MB/s");
    let best = |times: &[Duration]| mb / times.iter().min().expect("a turn").as_secs_f64();
    for (name, times) in [
        ("card write, the writing", &ours),
        ("dd bs=4M oflag=direct conv=fsync", &dd),
        ("card verify", &verify),
        ("sha256sum", &sha),
    ] {
        println!("{name:34} {:7.1}", best(times));
    }
    println!(
        "write / dd {:.2}, verify / sha256sum {:.2}",
        best(&ours) / best(&dd),
        best(&verify) / best(&sha)
    );
}

fn lay_out(desk: &Path, image: &Path) {
    let lessons = desk.join("lessons");
    fs::create_dir(&lessons).expect("a folder");
    fs::write(
        lessons.join("index.html"),
        "<html lang=\"en\"><title>Films</title></html>",
    )
    .expect("a page");
    let film = fs::File::create(lessons.join("film.mp4")).expect("a film");
    let noise = Command::new("head")
        .args(["-c", &LIBRARY.to_string(), "/dev/urandom"])
        .stdout(film)
        .status();
    assert!(noise.is_ok_and(|status| status.success()), "a film");
    let image = fs::canonicalize(image).expect("the image");
    let profile =
        format!("[image]\nfile = {image:?}\nversion = \"bench\"\n[[pack]]\nfile = \"lessons\"\n");
    fs::write(desk.join("p.toml"), profile).expect("a profile");
}

/// How long the writing itself took, from its first line of progress to the first of the comparing, and how many bytes are on the card.
fn write(desk: &Path) -> (Duration, u64) {
    let _ = fs::remove_file(desk.join("card.img"));
    let mut child = Command::new(depot())
        .args([
            "card",
            "write",
            "--trial",
            "--profile",
            "p.toml",
            "--serial-from",
            "SB-1",
            "card.img",
        ])
        .current_dir(desk)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("depot");
    let (mut began, mut took) = (None, None);
    for line in BufReader::new(child.stderr.take().expect("a pipe"))
        .lines()
        .map_while(Result::ok)
    {
        if line.contains(": writing ") {
            began.get_or_insert_with(Instant::now);
        } else if line.contains(": comparing ") {
            took = took.or(began.map(|began| began.elapsed()));
        }
    }
    assert!(child.wait().expect("depot").success(), "a card");
    let text = fs::read_to_string(desk.join("p.cards.jsonl")).expect("a manifest");
    let line: serde_json::Value =
        serde_json::from_str(text.lines().last().expect("a line")).expect("a line");
    let parts = line["image"]["parts"].as_array().expect("parts");
    let bytes = |part: &serde_json::Value| part["bytes"].as_u64().unwrap_or(0);
    (
        took.expect("a writing"),
        bytes(&line["data"]) + parts.iter().map(bytes).sum::<u64>(),
    )
}

/// As many bytes of the same card, by `dd`.
fn dd_writes(desk: &Path, bytes: u64) -> Duration {
    let _ = fs::remove_file(desk.join("plain"));
    let count = format!("count={}", bytes / (4 << 20));
    run(
        desk,
        Path::new("dd"),
        &[
            "if=card.img",
            "of=plain",
            "bs=4M",
            &count,
            "oflag=direct",
            "conv=fsync",
            "status=none",
        ],
    )
}

/// What the system keeps of the file in memory goes, so that both read from the disk.
fn forget(desk: &Path) {
    let _ = run(
        desk,
        Path::new("dd"),
        &[
            "of=plain",
            "oflag=nocache",
            "conv=notrunc,fdatasync",
            "count=0",
            "status=none",
        ],
    );
}

fn run(desk: &Path, program: &Path, arguments: &[&str]) -> Duration {
    let began = Instant::now();
    let output = Command::new(program)
        .args(arguments)
        .current_dir(desk)
        .stdin(Stdio::null())
        .output()
        .expect("a program");
    let took = began.elapsed();
    if !output.status.success() {
        let _ = std::io::stderr().write_all(&output.stderr);
        panic!("{} failed", program.display());
    }
    took
}
