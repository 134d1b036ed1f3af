//! A power cut at any write or sync while statements are being stored: every statement that was acknowledged before
//! the cut is there afterwards, and the database is sound.
//!
//! Two writers are cut: `record_writer`, a small program around the record store, and the real box over HTTP. The
//! control is the same with syncs left out, once by the store's own option, once under the box by `strace`.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use anyhow::{Context as _, Result, ensure};
use content_store::records::{Durability, Records, RecordsOptions};
use rusqlite::{Connection, OpenFlags};
use std::collections::HashSet;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use system_tests::disk::{
    Cut, Liar, LyingDisk, Position, Recording, Seed, Survey, plan, states_wanted, survey, usable,
};
use system_tests::world::http;
use system_tests::world::{Tool, World, statement};
use uuid::Uuid;

const DISK: u64 = 256 << 20;

/// A statement, and the moment at which its writer had been told that the disk has it.
#[derive(Debug, Clone, Copy)]
struct Acknowledged {
    id: Uuid,
    at: Position,
}

/// Statements on a disk that was recorded.
struct Story {
    acknowledged: Vec<Acknowledged>,
    recording: Recording,
    /// Before this, there was nothing to lose.
    start: Position,
}

/// What a check of many crash states found.
struct Found {
    survey: Survey,
    /// Acknowledged statements that were gone, in all states together…
    lost: usize,
    /// …of so many that had to be there.
    promised: usize,
}

impl Story {
    fn survey(&self, usual: usize) -> Result<Found> {
        let range = self.start..self.recording.end();
        let cuts = plan(self.recording.log().entries(), range, states_wanted(usual), Seed(0x5eed));
        let (mut lost, mut promised) = (0, 0);
        let survey = survey(&self.recording, &cuts, |folder, cut| {
            let there = stored_ids(&folder.join("data"))?;
            let wanted = self.promised_at(cut);
            let gone = wanted.iter().filter(|id| !there.contains(*id)).count();
            promised += wanted.len();
            lost += gone;
            ensure!(gone == 0, "{gone} of {} acknowledged statements are lost", wanted.len());
            Ok(())
        })?;
        Ok(Found { survey, lost, promised })
    }

    fn promised_at(&self, cut: Cut) -> Vec<Uuid> {
        self.acknowledged.iter().filter(|one| one.at <= cut.at).map(|one| one.id).collect()
    }
}

/// Opens the records as the box does at its start, then looks for itself: the ids, and whether the database is sound.
fn stored_ids(data: &Path) -> Result<HashSet<Uuid>> {
    let options = RecordsOptions { durability: Durability::Full, reserve_bytes: 0 };
    let records = Records::open(data, options).context("the records do not open")?;
    let aside = records.quarantined();
    ensure!(aside.is_none(), "the records were damaged and put aside: {aside:?}");
    let database = data.join("records/records.db");
    let db = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let health: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    ensure!(health == "ok", "integrity: {health}");
    let mut statement = db.prepare("SELECT id FROM statements")?;
    let ids = statement.query_map([], |row| row.get::<_, [u8; 16]>(0))?.collect::<Result<Vec<_>, _>>()?;
    ensure!(records.count()? == u64::try_from(ids.len())?, "the store counts otherwise");
    drop(statement);
    drop(db);
    records.close();
    Ok(ids.into_iter().map(Uuid::from_bytes).collect())
}

/// A child that is killed whatever happens.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Stores `singles` statements one by one and `rounds` times some from several threads at once.
fn stored(durability: &str, singles: u32, rounds: u32) -> Result<Story> {
    let disk = LyingDisk::new(DISK)?;
    let mut writer = Command::new(env!("CARGO_BIN_EXE_record_writer"));
    writer.arg(disk.folder().join("data")).arg(disk.log()).arg(durability);
    writer.args([singles.to_string(), rounds.to_string()]);
    let mut writer = Killed(writer.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?);
    let lines = BufReader::new(writer.0.stdout.take().context("the writer's output")?).lines();
    let mut acknowledged = Vec::new();
    let mut ended = false;
    for line in lines {
        let line = line?;
        if line == "done" {
            // It keeps its database open, as a box does that is cut.
            ended = true;
            break;
        }
        let (id, at) = line.split_once(' ').with_context(|| format!("no acknowledgement: {line}"))?;
        acknowledged.push(Acknowledged { id: id.parse()?, at: Position(at.parse()?) });
    }
    ensure!(ended, "the writer ended early, after {} statements", acknowledged.len());
    let database = std::fs::metadata(disk.folder().join("data/records/records.db"))?.len();
    ensure!(database > 1 << 16, "no checkpoint was made: the database has {database} bytes");
    told(disk, acknowledged, move || drop(writer))
}

/// The end of a story: the kernel writes out what it holds back, the writer dies, the plug is pulled.
fn told(disk: LyingDisk, acknowledged: Vec<Acknowledged>, kill: impl FnOnce()) -> Result<Story> {
    disk.settle()?;
    kill();
    let start = acknowledged.iter().map(|one| one.at).min().context("nothing was acknowledged")?;
    Ok(Story { acknowledged, recording: disk.pull_the_plug()?, start })
}

/// Stores statements over HTTP, from `tools` connections at once, `each` on every one.
fn posted(syncs: Syncs, tools: usize, each: usize) -> Result<Story> {
    let disk = LyingDisk::new(DISK)?;
    let world = World::new();
    std::fs::remove_dir(world.data())?;
    std::fs::create_dir(disk.folder().join("data"))?;
    std::os::unix::fs::symlink(disk.folder().join("data"), world.data())?;
    let tool = world.tool("quiz");
    let running = world.start();
    let liar = (syncs == Syncs::Lie).then(|| Liar::beside(running.pid())).transpose()?;
    let address = running.address();
    let send = || post_some(address, &tool, &disk, each);
    let acknowledged: Result<Vec<_>> = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..tools).map(|_| scope.spawn(send)).collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    });
    told(disk, acknowledged?.concat(), move || {
        running.kill();
        drop(liar);
    })
}

fn post_some(address: SocketAddr, tool: &Tool, disk: &LyingDisk, count: usize) -> Result<Vec<Acknowledged>> {
    let mut connection = http::Connection::open(address)?;
    let mut acknowledged = Vec::new();
    for _ in 0..count {
        let id = Uuid::new_v4();
        let answer = connection.send(&http::Request::xapi("POST", "/xapi/statements", tool, &statement(id)))?;
        let at = disk.position()?;
        ensure!((200..300).contains(&answer.status), "status {}: {}", answer.status, answer.text());
        acknowledged.push(Acknowledged { id, at });
    }
    Ok(acknowledged)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Syncs {
    Work,
    Lie,
}

#[test]
fn acknowledged_statements_survive() {
    if usable("power cut while statements are stored").is_none() {
        return;
    }
    let Found { survey, lost, promised } = stored("full", 120, 60).unwrap().survey(600).unwrap();
    eprintln!("record commits: {lost} of {promised} lost; {survey}");
    assert!(survey.failures.is_empty(), "{survey}");
}

#[test]
fn control_statements_that_are_not_synced_are_lost() {
    if usable("power cut while statements are stored without syncs").is_none() {
        return;
    }
    let Found { survey, lost, promised } = stored("off", 120, 60).unwrap().survey(60).unwrap();
    eprintln!("record commits without syncs: {lost} of {promised} lost; {survey}");
    assert!(lost > 0, "nothing was lost without syncs: the disk does not lie: {survey}");
}

#[test]
fn statements_answered_2xx_survive() {
    if usable("power cut of a box that takes statements").is_none() {
        return;
    }
    let Found { survey, lost, promised } = posted(Syncs::Work, 4, 25).unwrap().survey(100).unwrap();
    eprintln!("statements over HTTP: {lost} of {promised} lost; {survey}");
    assert!(survey.failures.is_empty(), "{survey}");
}

#[test]
fn control_statements_of_a_box_whose_syncs_do_nothing_are_lost() {
    if usable("power cut of a box whose syncs do nothing").is_none() {
        return;
    }
    let Found { survey, lost, promised } = posted(Syncs::Lie, 4, 10).unwrap().survey(60).unwrap();
    eprintln!("statements over HTTP without syncs: {lost} of {promised} lost; {survey}");
    assert!(lost > 0, "nothing was lost without syncs: the disk does not lie: {survey}");
}
