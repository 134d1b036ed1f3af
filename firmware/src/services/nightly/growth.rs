//! Whether this process grows: memory, descriptors, threads, against what it had when it had settled.

use std::fs;

/// Growth that is told: so much more than at first, and half as much again.
const MEMORY_BYTES: u64 = 48 << 20;
const DESCRIPTORS: u64 = 128;
const THREADS: u64 = 32;

/// What the process holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// Resident memory that is no file's, bytes.
    pub memory: u64,
    /// Open files and sockets.
    pub descriptors: u64,
    /// Threads.
    pub threads: u64,
    /// Bytes it had written to disks since it began.
    pub written: u64,
}

impl Held {
    /// Of this process, as the kernel tells; zero where it does not.
    #[must_use]
    pub fn now() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let io = fs::read_to_string("/proc/self/io").unwrap_or_default();
        let of = |text: &str, field: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(field));
            let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
            number.unwrap_or(0_u64)
        };
        Self {
            memory: of(&status, "RssAnon:") * 1024,
            descriptors: fs::read_dir("/proc/self/fd").map_or(0, |found| found.count() as u64),
            threads: of(&status, "Threads:"),
            written: of(&io, "write_bytes:"),
        }
    }

    /// A line for each that has grown since `first`.
    #[must_use]
    pub fn grown_since(&self, first: &Self) -> Vec<String> {
        let grown = |now: u64, then: u64, least: u64| now > then + least.max(then / 2);
        let mut lines = Vec::new();
        if grown(self.memory, first.memory, MEMORY_BYTES) {
            let (then, now) = (first.memory >> 20, self.memory >> 20);
            lines.push(format!("the memory of the box has grown from {then} to {now} MiB: restart it, and send a report"));
        }
        if grown(self.descriptors, first.descriptors, DESCRIPTORS) {
            let (then, now) = (first.descriptors, self.descriptors);
            lines.push(format!("the open files of the box have grown from {then} to {now}: restart it, and send a report"));
        }
        if grown(self.threads, first.threads, THREADS) {
            let (then, now) = (first.threads, self.threads);
            lines.push(format!("the threads of the box have grown from {then} to {now}: restart it, and send a report"));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_is_not_told_and_what_grows_is() {
        let first = Held {
            memory: 30 << 20,
            descriptors: 40,
            threads: 12,
            written: 0,
        };
        assert!(first.grown_since(&first).is_empty());
        let busy = Held {
            memory: 60 << 20,
            descriptors: 140,
            threads: 20,
            ..first
        };
        assert!(busy.grown_since(&first).is_empty());
        let leaks = Held {
            memory: 90 << 20,
            descriptors: 400,
            threads: 90,
            ..first
        };
        assert_eq!(leaks.grown_since(&first).len(), 3);
    }

    #[test]
    fn the_kernel_tells() {
        let held = Held::now();
        assert!(held.memory > 0 && held.descriptors > 2 && held.threads > 0);
    }
}
