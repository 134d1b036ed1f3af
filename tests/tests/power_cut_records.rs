//! A power cut at any write or sync while statements are being stored: every statement that was acknowledged before
//! the cut is there afterwards, and the database is sound.
//!
//! Two writers are cut: `record_writer`, a small program around the record store, and the real box over HTTP. The
//! control is the same with syncs left out, once by the store's own option, once under the box by `strace`.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use anyhow::{Context as _, Result, ensure};
use board_support::key_store::FileKeys;
use content_store::records::{Durability, Query, Records, RecordsOptions};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use std::collections::HashSet;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use system_tests::disk::{
    Cut, Liar, LyingDisk, Position, Recording, Seed, Survey, plan, states_wanted, survey, usable,
};
use system_tests::world::http;
use system_tests::world::{Tool, statement};
use uuid::Uuid;

const DISK: u64 = 256 << 20;

/// Statements that were sent together, and the moment at which their writer had been told that the disk has them.
#[derive(Debug, Clone)]
struct Acknowledged {
    ids: Vec<Uuid>,
    at: Position,
}

/// Statements on a disk that was recorded.
struct Story {
    acknowledged: Vec<Acknowledged>,
    /// Who sent them, where that was a tool with a credential, and when it had got that.
    tool: Option<(Tool, Position)>,
    recording: Recording,
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
    /// Cuts from the first opening on: a cut in that must not keep the records from being opened.
    fn survey(&self, usual: usize) -> Result<Found> {
        self.survey_from(Position(0), usual)
    }

    /// Cuts from the first acknowledgement on.
    fn survey_promises(&self, usual: usize) -> Result<Found> {
        let first = self
            .acknowledged
            .iter()
            .map(|one| one.at)
            .min()
            .context("nothing was acknowledged")?;
        self.survey_from(first, usual)
    }

    fn survey_from(&self, from: Position, usual: usize) -> Result<Found> {
        let range = from..self.recording.end();
        let cuts = plan(
            self.recording.log().entries(),
            range,
            states_wanted(usual),
            Seed(0x5eed),
        );
        let (mut lost, mut promised) = (0, 0);
        let survey = survey(&self.recording, &cuts, |folder, cut| {
            let there = self.stored_ids(&folder.join("data"), cut)?;
            let (gone, wanted) = self.gone(&there, cut);
            promised += wanted;
            lost += gone;
            ensure!(
                gone == 0,
                "{gone} of {wanted} acknowledged statements are lost"
            );
            let half = self
                .acknowledged
                .iter()
                .find(|one| is_half(&one.ids, &there));
            ensure!(half.is_none(), "half of a batch is there: {half:?}");
            Ok(())
        })?;
        Ok(Found {
            survey,
            lost,
            promised,
        })
    }

    /// How many of the statements acknowledged before `cut` are gone, and how many they were.
    fn gone(&self, there: &HashSet<Uuid>, cut: Cut) -> (usize, usize) {
        let promised = self.acknowledged.iter().filter(|one| one.at <= cut.at);
        let wanted: Vec<_> = promised.flat_map(|one| &one.ids).collect();
        (
            wanted.iter().filter(|id| !there.contains(**id)).count(),
            wanted.len(),
        )
    }

    /// Opens the records as the box does at its start, then looks for itself: is the database sound, which ids has it.
    fn stored_ids(&self, data: &Path, cut: Cut) -> Result<HashSet<Uuid>> {
        let options = RecordsOptions {
            durability: Durability::Full,
            reserve_bytes: 0,
            traces: Vec::new(),
            finishing: Vec::new(),
        };
        let keys = Arc::new(FileKeys::in_data(data));
        let records = Records::open(data, options, keys).context("the records do not open")?;
        let aside = records.quarantined();
        ensure!(
            aside.is_none(),
            "the records were damaged and put aside: {aside:?}"
        );
        if let Some((tool, made)) = &self.tool
            && *made <= cut.at
        {
            let known = records.check_credential(&tool.username, &tool.password);
            ensure!(known.is_some(), "the credential is lost");
        }
        let ids = ids_in(&records)?;
        sound(&data.join("records/records.db"))?;
        ensure!(
            records.count()? == u64::try_from(ids.len())?,
            "the store counts otherwise"
        );
        records.close();
        Ok(ids)
    }
}

/// Whether some of a batch is there, and some is not.
fn is_half(batch: &[Uuid], there: &HashSet<Uuid>) -> bool {
    batch.iter().any(|id| there.contains(id)) && batch.iter().any(|id| !there.contains(id))
}

fn sound(database: &Path) -> Result<()> {
    let db = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let health: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    ensure!(health == "ok", "integrity: {health}");
    Ok(())
}

/// On the disk they are sealed: read as the box reads them, page by page.
fn ids_in(records: &Records) -> Result<HashSet<Uuid>> {
    let (mut ids, mut query) = (HashSet::new(), Query::default());
    loop {
        let page = records.query(&query)?;
        ensure!(page.unreadable == 0, "{} do not open", page.unreadable);
        for json in &page.statements {
            let value: Value = serde_json::from_str(json)?;
            ids.insert(value["id"].as_str().context("an id")?.parse()?);
        }
        if page.more.is_none() {
            return Ok(ids);
        }
        query.cursor = page.more;
    }
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
    writer
        .arg(disk.folder().join("data"))
        .arg(disk.log())
        .arg(durability);
    writer.args([singles.to_string(), rounds.to_string()]);
    let mut writer = Killed(
        writer
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?,
    );
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
        let (at, ids) = line
            .split_once(' ')
            .with_context(|| format!("no acknowledgement: {line}"))?;
        let ids = ids.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        acknowledged.push(Acknowledged {
            ids,
            at: Position(at.parse()?),
        });
    }
    ensure!(
        ended,
        "the writer ended early, after {} batches",
        acknowledged.len()
    );
    let database = std::fs::metadata(disk.folder().join("data/records/records.db"))?.len();
    let checkpoint = rounds == 0 || database > 1 << 16;
    ensure!(
        checkpoint,
        "no checkpoint was made: the database has {database} bytes"
    );
    told(disk, acknowledged, None, move || drop(writer))
}

/// The end of a story: the kernel writes out what it holds back, the writer dies, the plug is pulled.
fn told(
    disk: LyingDisk,
    acknowledged: Vec<Acknowledged>,
    tool: Option<(Tool, Position)>,
    kill: impl FnOnce(),
) -> Result<Story> {
    disk.settle()?;
    kill();
    Ok(Story {
        acknowledged,
        tool,
        recording: disk.pull_the_plug()?,
    })
}

/// Stores statements over HTTP, from `tools` connections at once, `each` on every one.
fn posted(syncs: Syncs, tools: usize, each: usize) -> Result<Story> {
    let disk = LyingDisk::new(DISK)?;
    let world = disk.world()?;
    let tool = world.tool("quiz");
    let made = disk.position()?;
    let running = world.start();
    let liar = (syncs == Syncs::Lie)
        .then(|| Liar::beside(running.pid()))
        .transpose()?;
    let address = running.address();
    let send = || post_some(address, &tool, &disk, each);
    let acknowledged: Result<Vec<_>> = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..tools).map(|_| scope.spawn(send)).collect();
        senders
            .into_iter()
            .map(|sender| sender.join().unwrap())
            .collect()
    });
    told(
        disk,
        acknowledged?.concat(),
        Some((tool, made)),
        move || {
            running.kill();
            drop(liar);
        },
    )
}

fn post_some(
    address: SocketAddr,
    tool: &Tool,
    disk: &LyingDisk,
    count: usize,
) -> Result<Vec<Acknowledged>> {
    let mut connection = http::Connection::open(address)?;
    let mut acknowledged = Vec::new();
    for number in 0..count {
        // One alone, then two in a batch, and so on.
        let ids: Vec<_> = (0..=number % 2).map(|_| Uuid::new_v4()).collect();
        let body = Value::Array(ids.iter().copied().map(statement).collect());
        let answer = connection.send(&http::Request::xapi(
            "POST",
            "/xapi/statements",
            tool,
            &body,
        ))?;
        let at = disk.position()?;
        ensure!(
            (200..300).contains(&answer.status),
            "status {}: {}",
            answer.status,
            answer.text()
        );
        acknowledged.push(Acknowledged { ids, at });
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
    let Found {
        survey,
        lost,
        promised,
    } = stored("full", 120, 60).unwrap().survey(600).unwrap();
    eprintln!("record commits: {lost} of {promised} lost; {survey}");
    assert!(survey.failures.is_empty(), "{survey}");
}

#[test]
fn a_cut_in_the_first_opening_does_no_harm() {
    if usable("power cut while the records are opened for the first time").is_none() {
        return;
    }
    let Found { survey, .. } = stored("full", 1, 0).unwrap().survey(150).unwrap();
    eprintln!("first opening of the records: {survey}");
    assert!(survey.failures.is_empty(), "{survey}");
}

#[test]
fn control_statements_that_are_not_synced_are_lost() {
    if usable("power cut while statements are stored without syncs").is_none() {
        return;
    }
    let Found {
        survey,
        lost,
        promised,
    } = stored("off", 120, 60).unwrap().survey_promises(60).unwrap();
    eprintln!("record commits without syncs: {lost} of {promised} lost; {survey}");
    assert!(
        lost > 0,
        "nothing was lost without syncs: the disk does not lie: {survey}"
    );
}

#[test]
fn statements_answered_2xx_survive() {
    if usable("power cut of a box that takes statements").is_none() {
        return;
    }
    let Found {
        survey,
        lost,
        promised,
    } = posted(Syncs::Work, 4, 40).unwrap().survey(300).unwrap();
    eprintln!("statements over HTTP: {lost} of {promised} lost; {survey}");
    assert!(survey.failures.is_empty(), "{survey}");
}

#[test]
fn control_statements_of_a_box_whose_syncs_do_nothing_are_lost() {
    if usable("power cut of a box whose syncs do nothing").is_none() {
        return;
    }
    let Found {
        survey,
        lost,
        promised,
    } = posted(Syncs::Lie, 4, 10)
        .unwrap()
        .survey_promises(60)
        .unwrap();
    eprintln!("statements over HTTP without syncs: {lost} of {promised} lost; {survey}");
    assert!(
        lost > 0,
        "nothing was lost without syncs: the disk does not lie: {survey}"
    );
}
