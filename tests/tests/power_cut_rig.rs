//! The lying disk against what is known of SQLite: it must find what is wrong, and nothing else.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use anyhow::{Context as _, Result, ensure};
use rusqlite::Connection;
use std::path::Path;
use system_tests::disk::{LyingDisk, Position, Seed, Survey, plan, states_wanted, survey, usable};

const MIB: u64 = 1 << 20;

/// SQLite's `journal_mode` and `synchronous`.
type Mode = (&'static str, &'static str);

/// Commits `rows` rows, one by one; answers the moment at which each commit returned.
fn commit_rows(disk: &LyingDisk, (journal, sync): Mode, rows: i64) -> Result<Vec<Position>> {
    let db = Connection::open(disk.folder().join("rows.db"))?;
    db.execute_batch(&format!(
        "PRAGMA journal_mode={journal}; PRAGMA synchronous={sync}"
    ))?;
    db.execute_batch("CREATE TABLE row(id INTEGER PRIMARY KEY, text TEXT)")?;
    let mut acknowledged = Vec::new();
    for id in 0..rows {
        db.execute("INSERT INTO row VALUES (?1, ?2)", (id, "r".repeat(200)))?;
        acknowledged.push(disk.position()?);
    }
    Ok(acknowledged)
}

fn check_rows(folder: &Path, promised: i64) -> Result<()> {
    let db = Connection::open(folder.join("rows.db"))?;
    let health: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    ensure!(health == "ok", "integrity: {health}");
    let count = "SELECT count(*) FROM row WHERE id < ?1";
    let there: i64 = db
        .query_row(count, [promised], |row| row.get(0))
        .context("every row is lost")?;
    ensure!(
        there == promised,
        "{} of {promised} acknowledged rows are lost",
        promised - there
    );
    Ok(())
}

fn sqlite(mode: Mode) -> Result<Survey> {
    let disk = LyingDisk::new(64 * MIB)?;
    let start = disk.position()?;
    let acknowledged = commit_rows(&disk, mode, 60)?;
    disk.settle()?;
    let recording = disk.pull_the_plug()?;
    let cuts = plan(
        recording.log().entries(),
        start..recording.end(),
        states_wanted(80),
        Seed(2),
    );
    survey(&recording, &cuts, |folder, cut| {
        let promised = acknowledged
            .iter()
            .filter(|position| **position <= cut.at)
            .count();
        if promised == 0 {
            Ok(())
        } else {
            check_rows(folder, i64::try_from(promised)?)
        }
    })
}

#[test]
fn sqlite_with_full_sync_loses_nothing() {
    if usable("lying disk, SQLite with full sync").is_none() {
        return;
    }
    let survey = sqlite(("WAL", "FULL")).unwrap();
    eprintln!("WAL, FULL: {survey}");
    assert!(survey.failures.is_empty(), "{survey}");
}

/// The last of them is the subtle one: the end of its commit is the removal of a file, which nobody syncs.
#[test]
fn control_sqlite_with_less_loses_rows() {
    if usable("lying disk, SQLite with less than full sync").is_none() {
        return;
    }
    for mode in [("WAL", "OFF"), ("WAL", "NORMAL"), ("DELETE", "FULL")] {
        let survey = sqlite(mode).unwrap();
        eprintln!("{mode:?}: {survey}");
        let lost = survey
            .failures
            .iter()
            .filter(|failure| format!("{:#}", failure.error).contains("lost"));
        assert!(lost.count() > 0, "the disk did not lie: {mode:?}: {survey}");
    }
}
