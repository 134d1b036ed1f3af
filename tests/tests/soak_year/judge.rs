//! What the box may hold and write: the budgets, and the table.

use std::fmt::Write as _;

/// Memory that is no file's: so much more than in the first rows, bytes.
const MEMORY: u64 = 24 << 20;
/// Descriptors and threads: so many more.
const DESCRIPTORS: usize = 64;
const THREADS: usize = 24;
/// On the disk: so much that stays, and so much for each statement, bytes.
const DISK: u64 = 24 << 20;
const DISK_A_STATEMENT: u64 = 8 * 1024;
/// Written in a day: the events' whole ration and the day's own files, and so much for each statement; and for each start. Bytes.
const WRITTEN_A_DAY: u64 = 4 << 20;
const WRITTEN_A_STATEMENT: u64 = 64 * 1024;
const WRITTEN_A_START: u64 = 4 << 20;

/// What was seen at the end of some days.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Row {
    /// The last of its days.
    pub(crate) day: u32,
    /// How many they are.
    pub(crate) days: u32,
    /// Memory that is no file's, bytes.
    pub(crate) memory: u64,
    /// Open files and sockets.
    pub(crate) descriptors: usize,
    /// Threads.
    pub(crate) threads: usize,
    /// The data folder, bytes; without what filled the disk.
    pub(crate) disk: u64,
    /// Written in these days, bytes.
    pub(crate) written: u64,
    /// Statements acknowledged in these days.
    pub(crate) statements: u64,
    /// Starts of the box in these days.
    pub(crate) starts: u64,
    /// Requests that were answered in these days.
    pub(crate) answered: u64,
}

/// A whole life.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lived {
    pub(crate) rows: Vec<Row>,
    /// Statements that were acknowledged, and those that are there at the end.
    pub(crate) acknowledged: u64,
    pub(crate) kept: u64,
    /// Times that the box looked itself over.
    pub(crate) looks: u64,
}

/// A line for each budget that was not kept.
pub(crate) fn judge(lived: &Lived) -> Vec<String> {
    let mut wrong = Vec::new();
    // The first rows show what it needs; whatever comes later is measured against them.
    let first = &lived.rows[..lived.rows.len().min(2)];
    let most = |of: fn(&Row) -> u64| first.iter().map(of).max().unwrap_or(0);
    let memory = most(|row| row.memory);
    let descriptors = most(|row| row.descriptors as u64);
    let threads = most(|row| row.threads as u64);
    let disk = first.first().map_or(0, |row| row.disk);
    let mut statements = 0;
    for row in &lived.rows {
        statements += row.statements;
        let mut check = |what: &str, value: u64, budget: u64| {
            if value > budget {
                wrong.push(format!("day {}: {what}: {value} of {budget}", row.day));
            }
        };
        check("memory", row.memory, memory + MEMORY);
        check(
            "descriptors",
            row.descriptors as u64,
            descriptors + DESCRIPTORS as u64,
        );
        check("threads", row.threads as u64, threads + THREADS as u64);
        check(
            "disk",
            row.disk,
            disk + DISK + statements * DISK_A_STATEMENT,
        );
        let budget = u64::from(row.days) * WRITTEN_A_DAY
            + row.statements * WRITTEN_A_STATEMENT
            + row.starts * WRITTEN_A_START;
        check("written", row.written, budget);
        if row.answered == 0 {
            wrong.push(format!("day {}: nothing was answered", row.day));
        }
    }
    if lived.kept < lived.acknowledged {
        let (kept, acknowledged) = (lived.kept, lived.acknowledged);
        wrong.push(format!(
            "of {acknowledged} acknowledged statements {kept} are there"
        ));
    }
    wrong
}

/// The table, a row for each week or so.
pub(crate) fn table(lived: &Lived) -> String {
    let mut text = String::from(
        "  day  memory MiB  descriptors  threads  disk MiB  written MiB/day  statements  starts  answered\n",
    );
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    for row in &lived.rows {
        let _ = writeln!(
            text,
            "{:>5}{:>12.1}{:>13}{:>9}{:>10.1}{:>17.2}{:>12}{:>8}{:>10}",
            row.day,
            mib(row.memory),
            row.descriptors,
            row.threads,
            mib(row.disk),
            mib(row.written) / f64::from(row.days.max(1)),
            row.statements,
            row.starts,
            row.answered
        );
    }
    let (kept, acknowledged, looks) = (lived.kept, lived.acknowledged, lived.looks);
    let _ = writeln!(
        text,
        "{acknowledged} statements acknowledged, {kept} there; the box looked itself over {looks} times"
    );
    text
}
