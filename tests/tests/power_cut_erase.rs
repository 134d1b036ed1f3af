//! A power cut at any write or sync while everyone is forgotten: afterwards all are known or nobody is; nobody from the moment on at which
//! it was answered; and of a key that is gone nothing is left.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use anyhow::{Context as _, Result, bail, ensure};
use board_support::key_store::FileKeys;
use content_store::records::{
    Durability, KeyFound, KeyStore, Records, RecordsKey, RecordsOptions, Statement,
};
use jiff::Timestamp;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use system_tests::disk::{LyingDisk, Position, Seed, Survey, plan, states_wanted, survey, usable};
use system_tests::world::statement;
use uuid::Uuid;

const DISK: u64 = 64 << 20;
const STATEMENTS: u64 = 80;

type Keys = Arc<dyn KeyStore>;

fn open(data: &Path, keys: Keys) -> Result<Records> {
    let options = RecordsOptions {
        durability: Durability::Full,
        reserve_bytes: 0,
        traces: vec![data.join("leases")],
        finishing: Vec::new(),
    };
    Records::open(data, options, keys).context("the records do not open")
}

fn fill(data: &Path, keys: Keys) -> Result<()> {
    let records = open(data, keys)?;
    let now = Timestamp::now();
    let credential = records.make_credential("quiz", now)?;
    let by = records.check_credential(&credential.username, &credential.password);
    let by = by.context("the store does not know its own credential")?;
    for _ in 0..STATEMENTS {
        let one = Statement::from_value(statement(Uuid::new_v4()))?;
        records.store(vec![one], &by, now)?;
    }
    records.close();
    content_store::disk::write_aside(&data.join("leases"), b"02:00:00:00:00:01")?;
    Ok(())
}

fn key_in(data: &Path) -> Result<Vec<u8>> {
    match FileKeys::in_data(data).find()? {
        KeyFound::Key(key) => Ok(key.bytes().to_vec()),
        other @ (KeyFound::None | KeyFound::Destroyed | KeyFound::Damaged) => {
            bail!("{other:?}")
        }
    }
}

/// What the cuts came to: states in which all were known, and nobody.
struct Cuts {
    survey: Survey,
    all: usize,
    nobody: usize,
}

fn cut(keys: fn(&Path) -> Keys, usual: usize) -> Result<Cuts> {
    let disk = LyingDisk::new(DISK)?;
    let data = disk.folder().join("data");
    fs::create_dir(&data)?;
    fill(&data, Arc::new(FileKeys::in_data(&data)))?;
    let key = key_in(&data)?;
    disk.settle()?;
    let from = disk.position()?;
    let records = open(&data, keys(&data))?;
    records.forget_everyone(Timestamp::now())?;
    let answered = disk.position()?;
    records.close();
    disk.settle()?;
    let recording = disk.pull_the_plug()?;
    let range = from..recording.end();
    let cuts = plan(
        recording.log().entries(),
        range,
        states_wanted(usual),
        Seed(0xe4a5e),
    );
    let (mut all, mut nobody) = (0, 0);
    let survey = survey(&recording, &cuts, |folder, cut| {
        let known = known(&folder.join("data"), &key, cut.at >= answered)?;
        *(if known { &mut all } else { &mut nobody }) += 1;
        Ok(())
    })?;
    Ok(Cuts {
        survey,
        all,
        nobody,
    })
}

/// Whether everyone is known on `data`; all that has to hold besides is seen to.
fn known(data: &Path, key: &[u8], answered: bool) -> Result<bool> {
    let records = open(data, Arc::new(FileKeys::in_data(data)))?;
    let count = records.count()?;
    let aside = records.quarantined();
    ensure!(aside.is_none(), "put aside: {aside:?}");
    records.close();
    let key_is_left = |path: &Path| {
        let entries = fs::read_dir(path)?;
        entries
            .map(|entry| fs::read(entry?.path()))
            .collect::<io::Result<Vec<_>>>()
            .map(|files| {
                files
                    .iter()
                    .any(|file| file.windows(key.len()).any(|w| w == key))
            })
    };
    let left = key_is_left(&data.join("keys"))?;
    let leases = data.join("leases").exists();
    match count {
        STATEMENTS => {
            ensure!(!answered, "everyone is known again");
            ensure!(left && leases, "known, and half forgotten");
            Ok(true)
        }
        0 => {
            ensure!(!left, "a copy of the key is left");
            ensure!(!leases, "the devices' addresses are left");
            Ok(false)
        }
        other => bail!("{other} of {STATEMENTS} are known"),
    }
}

#[test]
fn a_cut_while_everyone_is_forgotten_leaves_all_or_nobody() {
    if usable("power cut while everyone is forgotten").is_none() {
        return;
    }
    let cuts = cut(|data| Arc::new(FileKeys::in_data(data)), 240).unwrap();
    let Cuts {
        survey,
        all,
        nobody,
    } = cuts;
    eprintln!("forgetting: {all} with all, {nobody} with nobody; {survey}");
    assert!(survey.failures.is_empty(), "{survey}");
    assert!(all > 0, "no cut fell before the commit");
    assert!(nobody > 0, "no cut fell after it");
}

/// Destroys the key without waiting for the disk.
struct Unsynced(PathBuf, FileKeys);

impl KeyStore for Unsynced {
    fn find(&self) -> io::Result<KeyFound> {
        self.1.find()
    }

    fn keep(&self, key: &RecordsKey) -> io::Result<()> {
        self.1.keep(key)
    }

    fn destroy(&self) -> io::Result<()> {
        for name in ["records-a", "records-b"] {
            fs::remove_file(self.0.join("keys").join(name))?;
        }
        Ok(())
    }
}

#[test]
fn control_a_key_that_is_merely_deleted_is_found_half_gone() {
    if usable("power cut while the key is deleted and not destroyed").is_none() {
        return;
    }
    let unsynced =
        |data: &Path| -> Keys { Arc::new(Unsynced(data.to_owned(), FileKeys::in_data(data))) };
    let Cuts { survey, .. } = cut(unsynced, 120).unwrap();
    eprintln!("forgetting by deleting: {survey}");
    assert!(
        !survey.failures.is_empty(),
        "nothing was found: the test above is blind"
    );
}

/// The very first key: cut while it is made, the box has a key or none, and opens.
#[test]
fn a_cut_while_the_first_key_is_made_does_no_harm() {
    if usable("power cut while the first key is made").is_none() {
        return;
    }
    let disk = LyingDisk::new(DISK).unwrap();
    let data = disk.folder().join("data");
    fs::create_dir(&data).unwrap();
    disk.settle().unwrap();
    fill(&data, Arc::new(FileKeys::in_data(&data))).unwrap();
    let filled = disk.position().unwrap();
    disk.settle().unwrap();
    let recording = disk.pull_the_plug().unwrap();
    let range = Position(0)..recording.end();
    let cuts = plan(
        recording.log().entries(),
        range,
        states_wanted(150),
        Seed(0xf145),
    );
    let survey = survey(&recording, &cuts, |folder, cut| {
        let data = folder.join("data");
        let records = open(&data, Arc::new(FileKeys::in_data(&data)))?;
        let aside = records.quarantined();
        ensure!(aside.is_none(), "put aside: {aside:?}");
        let count = records.count()?;
        ensure!(count == STATEMENTS || cut.at < filled, "{count} are known");
        records.close();
        Ok(())
    })
    .unwrap();
    eprintln!("first key: {survey}");
    assert!(survey.failures.is_empty(), "{survey}");
}
