//! Stores statements and says of each when it was acknowledged: what the power-cut suite cuts.
//!
//! `record_writer DATA LOG full|off SINGLES ROUNDS`: on a lying disk whose block log is `LOG`, opens the records under
//! `DATA` and stores `SINGLES` statements, each waited for, then `ROUNDS` times a crowd from several threads at once.
//! Prints a line `POSITION ID…` for each acknowledged batch, then `done`; then waits, everything open, to be killed.
#![allow(clippy::print_stdout, reason = "its output is its purpose")]

use anyhow::{Context as _, Result, bail};
use board_support::key_store::FileKeys;
use content_store::records::{Authority, Durability, Records, RecordsOptions, Statement};
use jiff::Timestamp;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use system_tests::disk::position_in;
use system_tests::world::statement;
use uuid::Uuid;

/// Writers at once, and statements of each in one batch.
const CROWD: usize = 4;
const BATCH: usize = 3;

fn main() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let mut word = || {
        words
            .next()
            .context("usage: record_writer DATA LOG full|off SINGLES ROUNDS")
    };
    let (data, log) = (PathBuf::from(word()?), PathBuf::from(word()?));
    let durability = match word()?.as_str() {
        "full" => Durability::Full,
        "off" => Durability::Off,
        other => bail!("durability is full or off, not {other}"),
    };
    let (singles, rounds): (usize, usize) = (word()?.parse()?, word()?.parse()?);
    let records = Records::open(
        &data,
        RecordsOptions {
            durability,
            reserve_bytes: 1 << 20,
            traces: Vec::new(),
            finishing: Vec::new(),
        },
        Arc::new(FileKeys::in_data(&data)),
    )?;
    let credential = records.make_credential("writer", Timestamp::now())?;
    let authority = records.check_credential(&credential.username, &credential.password);
    let authority = authority.context("the store does not know its own credential")?;
    for _ in 0..singles {
        store(&records, &authority, &log, 1)?;
    }
    for _ in 0..rounds {
        crowd(&records, &authority, &log)?;
    }
    println!("done");
    std::io::stdin()
        .read_to_end(&mut Vec::new())
        .context("nobody holds the other end")?;
    Ok(())
}

/// Several at once: what they store meets in one commit.
fn crowd(records: &Records, authority: &Authority, log: &Path) -> Result<()> {
    let one = || store(records, authority, log, BATCH);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..CROWD).map(|_| scope.spawn(one)).collect();
        writers
            .into_iter()
            .try_for_each(|writer| writer.join().unwrap_or_else(|_| bail!("a writer panicked")))
    })
}

fn store(records: &Records, authority: &Authority, log: &Path, count: usize) -> Result<()> {
    let batch = (0..count)
        .map(|_| Statement::from_value(statement(Uuid::new_v4())))
        .collect::<Result<Vec<_>, _>>()?;
    let ids = records.store(batch, authority, Timestamp::now())?;
    let position = position_in(log)?;
    let ids: Vec<_> = ids.iter().map(Uuid::to_string).collect();
    println!("{} {}", position.0, ids.join(" "));
    Ok(())
}
