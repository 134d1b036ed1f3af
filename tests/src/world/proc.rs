//! What the kernel says about a process.

use std::fs;
use std::time::Duration;

/// Proportional set size, bytes: its own memory and its share of what it shares.
///
/// # Panics
/// When the process is gone.
#[must_use]
pub fn pss_bytes(pid: u32) -> u64 {
    rolled_up(pid, "Pss:")
}

/// The part of the proportional set size that is no file's, bytes: the same however many boxes share their code.
///
/// # Panics
/// When the process is gone.
#[must_use]
pub fn anonymous_bytes(pid: u32) -> u64 {
    rolled_up(pid, "Pss_Anon:")
}

fn rolled_up(pid: u32, field: &str) -> u64 {
    let text =
        fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).expect("smaps_rollup of the box");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(field))
        .expect("a field of smaps_rollup");
    let kib: u64 = line
        .trim()
        .trim_end_matches("kB")
        .trim()
        .parse()
        .expect("a size in kB");
    kib * 1024
}

/// CPU time that the process and its ended children used, user and system. Steps of a clock tick.
///
/// # Panics
/// When the process is gone.
#[must_use]
pub fn cpu_time(pid: u32) -> Duration {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).expect("stat of the box");
    // The name of the program may hold blanks: count from its closing bracket. utime is field 14 of the whole line.
    let after_name = text.rsplit_once(')').expect("a name in brackets").1;
    let fields: Vec<&str> = after_name.split_ascii_whitespace().collect();
    let ticks: u64 = fields[11..15]
        .iter()
        .map(|field| field.parse::<u64>().expect("clock ticks"))
        .sum();
    let per_second = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK)
        .ok()
        .flatten()
        .unwrap_or(100);
    Duration::from_micros(ticks * 1_000_000 / per_second.unsigned_abs())
}

/// CPU time of the living threads, to the nanosecond: for what uses less than a clock tick.
///
/// # Panics
/// When the process is gone.
#[must_use]
pub fn cpu_time_of_threads(pid: u32) -> Duration {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).expect("threads of the box");
    let nanos = threads.flatten().filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_ascii_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}

/// Bytes that the process caused to be written to disks; 0 when it is gone.
#[must_use]
pub fn written_bytes(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/io")).unwrap_or_default();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("write_bytes:"));
    line.and_then(|bytes| bytes.trim().parse().ok())
        .unwrap_or(0)
}

/// Threads; 0 when it is gone.
#[must_use]
pub fn threads(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/task")).map_or(0, Iterator::count)
}

/// Open file descriptors.
#[must_use]
pub fn open_files(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
}

/// The processes started by `pid` that still live.
#[must_use]
pub fn children(pid: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task"));
    let lists = threads
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|t| fs::read_to_string(t.path().join("children")).ok());
    lists
        .flat_map(|list| {
            list.split_ascii_whitespace()
                .filter_map(|p| p.parse().ok())
                .collect::<Vec<u32>>()
        })
        .collect()
}
