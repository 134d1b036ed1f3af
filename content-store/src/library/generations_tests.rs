//! The library across an update and the way back: this program and a later one on the same catalogue and indexes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use super::catalogue::{Catalogue, SCHEMA};
use super::{Layout, Library, LibraryOptions, PackId, hash::BlobHash};
use crate::formats;
use crate::schema::{Contract, Schema};
use rusqlite::Connection;
use std::fs;
use std::path::PathBuf;

/// The next program notes when a pack came.
const ADDED: &str = "
    ALTER TABLE packs ADD COLUMN came INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE shelves(name TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE INDEX packs_by_came ON packs(came);
";

fn next() -> Schema {
    Schema {
        expand: Box::leak(Box::new([SCHEMA.expand[0], ADDED])),
        ..SCHEMA
    }
}

/// And the one after it writes what this one cannot: the catalogue can be rebuilt, so that need not wait.
fn last() -> Schema {
    Schema {
        contract: &[Contract {
            needs: 2,
            sql: "ALTER TABLE state RENAME COLUMN unsettled TO stirred;
                  ALTER TABLE state ADD COLUMN unsettled INTEGER NOT NULL DEFAULT 0",
        }],
        ..next()
    }
}

struct School {
    folder: tempfile::TempDir,
}

impl School {
    fn with(titles: &[&str]) -> Self {
        let this = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let library = this.open();
        for title in titles {
            this.import(&library, title);
        }
        this
    }

    fn data(&self) -> PathBuf {
        let data = self.folder.path().join("data");
        fs::create_dir_all(&data).unwrap();
        data
    }

    fn layout(&self) -> Layout {
        Layout::new(&self.data())
    }

    fn open(&self) -> Library {
        let library = Library::open(&self.data(), LibraryOptions { keep_free: 0 }).unwrap();
        library.settle().unwrap();
        library
    }

    fn import(&self, library: &Library, title: &str) {
        let source = self.folder.path().join(title);
        fs::create_dir_all(&source).unwrap();
        fs::write(source.join("index.html"), format!("<title>{title}</title>")).unwrap();
        let plan = formats::plan(&source).unwrap();
        let stage = formats::stage(&plan, &self.data(), 0, &mut |_| ()).unwrap();
        library.adopt(&stage).unwrap();
    }

    /// What a program that knows `schema` finds.
    fn titles_for(&self, schema: &Schema) -> Vec<String> {
        let catalogue = Catalogue::open_as(&self.layout(), schema).unwrap();
        let installed = catalogue.installed().unwrap();
        installed.into_iter().map(|p| p.summary.title).collect()
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let path = self.layout().catalogue();
        PathBuf::from(format!("{}{suffix}", path.display()))
    }

    fn raw(&self) -> Connection {
        Connection::open(self.layout().catalogue()).unwrap()
    }

    /// Makes the index of `title` one of format 3, as a later import would: under its own hash.
    fn index_of_a_later_program(&self, title: &str, opens_from: i64) {
        let row: Vec<u8> = self
            .raw()
            .query_row("SELECT index_hash FROM packs WHERE id = ?1", [title], |r| {
                r.get(0)
            })
            .unwrap();
        let old = self.layout().index(&BlobHash::from_slice(&row).unwrap());
        let index = Connection::open(&old).unwrap();
        let rule = format!(
            "ALTER TABLE pages ADD COLUMN level INTEGER NOT NULL DEFAULT 0;
             CREATE TABLE schema_rule(one INTEGER PRIMARY KEY, opens_from INTEGER NOT NULL,
                 kept_for INTEGER NOT NULL, contracted INTEGER NOT NULL);
             INSERT INTO schema_rule VALUES (1, {opens_from}, {opens_from}, 0);
             PRAGMA user_version = 3;"
        );
        index.execute_batch(&rule).unwrap();
        drop(index);
        let bytes = fs::read(&old).unwrap();
        let hash = BlobHash::of(&bytes);
        fs::rename(&old, self.layout().index(&hash)).unwrap();
        let length = i64::try_from(bytes.len()).unwrap();
        self.raw()
            .execute(
                "UPDATE packs SET index_hash = ?1, index_bytes = ?2 WHERE id = ?3",
                (hash.as_bytes().as_slice(), length, title),
            )
            .unwrap();
    }
}

fn titles(library: &Library) -> Vec<String> {
    let packs = library.packs();
    packs.iter().map(|pack| pack.title.clone()).collect()
}

fn id(title: &str) -> PackId {
    PackId::new(title).unwrap()
}

#[test]
fn an_expanded_catalogue_goes_both_ways() {
    let school = School::with(&["algebra", "birds"]);
    assert_eq!(school.titles_for(&next()), ["algebra", "birds"]);
    school
        .raw()
        .execute_batch("UPDATE packs SET came = 7; INSERT INTO shelves VALUES ('low')")
        .unwrap();

    let before = school.open();
    assert_eq!(titles(&before), ["algebra", "birds"]);
    school.import(&before, "clay");
    before.remove(&id("algebra")).unwrap();
    assert!(before.verify(&mut |_, _| ()).unwrap().faults.is_empty());
    drop(before);
    assert!(!school.beside(".corrupt-1").exists() && !school.beside(".later").exists());

    assert_eq!(school.titles_for(&next()), ["birds", "clay"]);
    let came = |title: &str| -> i64 {
        let sql = "SELECT came FROM packs WHERE id = ?1";
        school.raw().query_row(sql, [title], |r| r.get(0)).unwrap()
    };
    assert_eq!((came("birds"), came("clay")), (7, 0));
}

#[test]
fn a_catalogue_out_of_reach_is_kept_and_the_packs_stay() {
    let school = School::with(&["algebra", "birds"]);
    assert_eq!(school.titles_for(&last()), ["algebra", "birds"]);
    let before = school.open();
    assert_eq!(titles(&before), ["algebra", "birds"]);
    assert!(before.verify(&mut |_, _| ()).unwrap().faults.is_empty());
    assert!(school.beside(".later").exists() && !school.beside(".corrupt-1").exists());
    school.import(&before, "clay");
    drop(before);
    // It lies there until a program can read it.
    drop(school.open());
    assert!(school.beside(".later").exists());
    assert_eq!(school.titles_for(&last()), ["algebra", "birds", "clay"]);
    assert!(!school.beside(".later").exists());
}

#[test]
fn an_index_that_only_grew_is_read() {
    let school = School::with(&["algebra", "birds"]);
    school.index_of_a_later_program("algebra", 2);
    let before = school.open();
    assert_eq!(titles(&before), ["algebra", "birds"]);
    assert_eq!(before.search("algebra", 5, 0).unwrap().len(), 1);
    assert!(before.verify(&mut |_, _| ()).unwrap().faults.is_empty());
}

/// The worst way back: neither catalogue nor index can be read, and the older program imports and sweeps meanwhile.
#[test]
fn a_pack_out_of_reach_is_never_swept_and_comes_back() {
    let school = School::with(&["algebra", "birds"]);
    let files = || {
        let blobs = fs::read_dir(school.layout().blobs()).unwrap();
        blobs
            .flat_map(|shard| fs::read_dir(shard.unwrap().path()).unwrap())
            .count()
    };
    school.index_of_a_later_program("algebra", 3);
    assert_eq!(school.titles_for(&last()), ["algebra", "birds"]);
    let before = school.open();
    assert_eq!(titles(&before), ["birds"], "the lessons go on");
    school.import(&before, "clay");
    before.remove(&id("birds")).unwrap();
    before.settle().unwrap();
    assert_eq!(files(), 3, "algebra's, clay's, and birds' for nobody");
    drop(before);

    // The later program, played by this one: the index opens from here now.
    let later = |name: &fs::DirEntry| {
        let db = Connection::open(name.path()).unwrap();
        db.pragma_query_value(None, "user_version", |r| r.get::<_, i64>(0))
            .unwrap()
            == 3
    };
    let indexes = || fs::read_dir(school.layout().indexes()).unwrap();
    let kept = indexes().map(Result::unwrap).find(later).unwrap().path();
    let index = Connection::open(&kept).unwrap();
    index
        .execute("UPDATE schema_rule SET opens_from = 2", ())
        .unwrap();
    drop(index);
    let hash = BlobHash::of(&fs::read(&kept).unwrap());
    fs::rename(kept, school.layout().index(&hash)).unwrap();
    assert_eq!(school.titles_for(&last()), ["algebra", "clay"]);
}

/// The control: an index that nobody knows for a later one is swept with the next change.
#[test]
fn control_an_index_of_nobody_is_swept() {
    let school = School::with(&["algebra", "birds"]);
    school.index_of_a_later_program("algebra", 2);
    school
        .raw()
        .execute("DELETE FROM packs WHERE id = 'algebra'", ())
        .unwrap();
    let library = school.open();
    library.remove(&id("birds")).unwrap();
    library.settle().unwrap();
    assert_eq!(fs::read_dir(school.layout().indexes()).unwrap().count(), 0);
}
