//! CPU time per page read from a pack, by the process's own clock.
//!
//! `cargo run --release -p content-store --example read_bench -- SOURCE` imports SOURCE (a ZIM file or a folder) into a temporary
//! directory and reads its pages in random order: path lookup, then the whole body in 64 KiB pieces.
#![allow(clippy::print_stdout, reason = "a bench prints")]

use content_store::formats;
use content_store::library::{Library, LibraryOptions, Lookup, Pack};
use nix::sys::resource::{UsageWho, getrusage};
use std::error::Error;
use std::path::Path;

const ROUNDS: usize = 5_000;

fn cpu_us() -> i64 {
    let time = |t: nix::sys::time::TimeVal| t.tv_sec() * 1_000_000 + t.tv_usec();
    getrusage(UsageWho::RUSAGE_SELF).map_or(0, |usage| {
        time(usage.user_time()) + time(usage.system_time())
    })
}

fn pss_kib() -> String {
    let rollup = std::fs::read("/proc/self/smaps_rollup").unwrap_or_default();
    let text = String::from_utf8_lossy(&rollup).into_owned();
    text.lines()
        .find(|line| line.starts_with("Pss:"))
        .unwrap_or("Pss: unknown")
        .to_owned()
}

fn read_whole(pack: &Pack, path: &str, buffer: &mut [u8]) -> Result<u64, Box<dyn Error>> {
    let Lookup::Found(entry) = pack.lookup(path)? else {
        return Ok(0);
    };
    let mut done = 0;
    while done < entry.len {
        done += entry.body.read_at(done, buffer)? as u64;
    }
    Ok(done)
}

fn main() -> Result<(), Box<dyn Error>> {
    let source = std::env::args().nth(1).ok_or("usage: read_bench SOURCE")?;
    let data = tempfile::tempdir()?;
    let start = cpu_us();
    let plan = formats::plan(Path::new(&source))?;
    let stage = formats::stage(&plan, data.path(), 0, &mut |_| ())?;
    println!(
        "import  {:>9} us CPU for {} bytes, {}",
        cpu_us() - start,
        plan.copy_bytes,
        pss_kib()
    );
    let library = Library::open(data.path(), LibraryOptions { keep_free: 0 })?;
    let summary = library.adopt(&stage)?;
    drop(library);

    let start = cpu_us();
    let library = Library::open(data.path(), LibraryOptions { keep_free: 0 })?;
    println!(
        "open    {:>9} us CPU, {} pages, {} bytes, {}",
        cpu_us() - start,
        summary.pages,
        summary.bytes,
        pss_kib()
    );
    let pack = library.pack(&summary.id).ok_or("the pack is gone")?;
    let mut paths = vec![summary.home.clone()];
    // Pages from all over the pack: those with a number in their title or text.
    for number in 0..800 {
        paths.extend(
            library
                .search(&format!("{number}"), 20, 0)?
                .into_iter()
                .map(|hit| hit.path),
        );
    }
    paths.sort();
    paths.dedup();

    // A fixed sequence: two runs compare.
    let mut state = 1_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        &paths[usize::try_from(state >> 33).unwrap_or(0) % paths.len()]
    };
    let start = cpu_us();
    for _ in 0..ROUNDS {
        pack.lookup(next())?;
    }
    report("lookup", start, 0);
    let mut buffer = vec![0; 64 * 1024];
    let mut bytes = 0;
    let start = cpu_us();
    for _ in 0..ROUNDS {
        bytes += read_whole(&pack, next(), &mut buffer)?;
    }
    report("read", start, bytes);
    let start = cpu_us();
    for _ in 0..ROUNDS / 20 {
        library.search("packages policy", 20, 0)?;
    }
    println!(
        "search  {:>9.1} us CPU each",
        (cpu_us() - start) as f64 / (ROUNDS / 20) as f64
    );
    println!("{} paths, {}", paths.len(), pss_kib());
    Ok(())
}

fn report(what: &str, start: i64, bytes: u64) {
    println!(
        "{what:<7} {:>9.1} us CPU each, {} bytes on average",
        (cpu_us() - start) as f64 / ROUNDS as f64,
        bytes / ROUNDS as u64
    );
}
