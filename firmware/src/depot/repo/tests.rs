//! The power cut at every step of every publication: what a box then finds, and what the next session makes of it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::check::{Asked, check};
use super::disk::{self, Disk, Folders, Step};
use super::draft::{Draft, Progress};
use super::duty::{Duty, Of};
use super::keys::{KeyPlace, Keys};
use super::options::SigningOptions;
use super::place::{self, Place};
use super::published::Published;
use super::session::Session;
use super::settings::Settings;
use super::trouble::Trouble;
use jiff::{SignedDuration, Timestamp};
use ota::publish::{Ed25519, Holders, Offered, PackOffer, RootDraft, private_pem};
use std::fs;
use std::path::{Path, PathBuf};

/// Does so many steps; the next one is cut short.
struct Cut {
    left: usize,
}

impl Disk for Cut {
    fn carry_out(&mut self, step: &Step) -> Result<(), Trouble> {
        if self.left > 0 {
            self.left -= 1;
            return Folders.carry_out(step);
        }
        if let Step::Write { to, bytes } = step {
            let name = to.file_name().unwrap().to_str().unwrap();
            let aside = to.with_file_name(format!(".{name}.new"));
            let half = bytes.get(..bytes.len() / 2).unwrap();
            // Its folder may not be there yet.
            let _ = fs::write(aside, half);
        }
        Err(Trouble::Refused("the power is gone".to_owned()))
    }
}

/// A publisher with keys `a` to `d`: `a` holds root, `b` the rest.
struct Bench {
    dir: tempfile::TempDir,
    opened: Timestamp,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a", "b", "c", "d"] {
            let (key, pkcs8) = Ed25519::generate().unwrap();
            fs::write(dir.path().join(name), private_pem(&pkcs8)).unwrap();
            fs::write(dir.path().join(format!("{name}.pub")), key.public_pem()).unwrap();
        }
        let bench = Self {
            dir,
            opened: "2026-03-01T00:00:00Z".parse().unwrap(),
        };
        bench.init();
        bench
    }

    fn repo(&self) -> PathBuf {
        self.dir.path().join("repo")
    }

    fn day(&self, day: i64) -> Timestamp {
        self.opened + SignedDuration::from_hours(24 * day)
    }

    /// Such as `targets=b`.
    fn keys(&self, keys: &[&str]) -> Vec<Of<KeyPlace>> {
        let place = |text: &&str| {
            let (duty, name) = text.split_once('=').unwrap();
            Of {
                duty: duty.parse().unwrap(),
                value: KeyPlace::File(self.dir.path().join(name)),
            }
        };
        keys.iter().map(place).collect()
    }

    fn holders(&self, names: &[&str], threshold: u64) -> Holders {
        let keys: Vec<String> = names.iter().map(|name| format!("root={name}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        Holders {
            keys: Keys::open(&self.keys(&keys)).unwrap().of(Duty::Root),
            threshold,
        }
    }

    fn root(&self) -> RootDraft {
        RootDraft {
            root: self.holders(&["a"], 1),
            targets: self.holders(&["b"], 1),
            snapshot: self.holders(&["b"], 1),
            timestamp: self.holders(&["b"], 1),
        }
    }

    fn init(&self) {
        let places = self.keys(&["root=a", "targets=b", "snapshot=b", "timestamp=b"]);
        let mut settings = Settings::default();
        settings.remember(&places);
        let session = Session {
            place: Place::create(&self.repo()).unwrap(),
            published: Published::default(),
            draft: Draft::default(),
            keys: Keys::open(&places).unwrap(),
            settings,
            now: self.day(0),
        };
        let mut draft = Draft::default();
        let entry = session.signing(&session.keys).next(Duty::Root);
        draft.set_root(&entry, &self.root()).unwrap();
        let first = vec![session.settings.kept(&session.place)];
        session.end(draft, first, &mut Folders).unwrap();
    }

    fn open(&self, day: i64, keys: &[&str]) -> Result<Session, Trouble> {
        let options = SigningOptions {
            keys: self.keys(keys),
            expires: Vec::new(),
            at: Some(self.day(day)),
        };
        Session::open(&self.repo(), &options, &[])
    }

    /// Faults as a box and a careful reader find them.
    fn faults(&self, day: i64) -> Vec<String> {
        let asked = Asked {
            repo: &self.repo(),
            root: None,
            now: self.day(day),
            rebuild: false,
        };
        check(&asked).unwrap().faults
    }

    fn version(&self, duty: Duty) -> u64 {
        Published::read(&self.repo()).unwrap().version(duty)
    }
}

/// One more pack of no bytes is offered.
fn offering(session: &Session, version: u64) -> (Draft, Vec<Step>) {
    let title = format!("packs/words/{version}");
    let mut steps = Vec::new();
    let mut file = |name: &str, bytes: &[u8]| {
        let file = Offered::of(bytes);
        let location = place::location(&format!("{title}/{name}"), &file.sha256);
        steps.push(Step::Write {
            to: session.place.target(&location),
            bytes: bytes.to_vec(),
        });
        serde_json::json!({ "location": location, "bytes": file.length, "sha256": file.sha256 })
    };
    let payload = serde_json::json!({
        "seal": { "bytes": 1, "salt": "", "root": "0".repeat(64) },
        "crown": file("crown", b"c"),
        "blocks": file("blocks", b"b"),
        "frames": file("frames", &version.to_le_bytes()),
    });
    let offer = PackOffer {
        format: 1,
        id: "words".to_owned(),
        version,
        file: "words.zip".to_owned(),
        payload: serde_json::from_value(payload).unwrap(),
    };
    let bytes = serde_json::to_vec(&offer).unwrap();
    file("pack.json", &bytes);
    let mut offered = session.published.offered().unwrap();
    offered.insert(format!("{title}/pack.json"), Offered::of(&bytes));
    if let Some(oldest) = version.checked_sub(2) {
        offered.remove(&format!("packs/words/{oldest}/pack.json"));
    }
    let mut draft = Draft::default();
    let signing = session.signing(&session.keys);
    draft.set_targets(&signing, &offered).unwrap();
    (draft, steps)
}

/// Cuts at each step in turn until one run gets through; `then` looks at what the cut left. Returns how many cuts there were.
fn cut_everywhere(
    work: impl Fn(&Bench, &mut dyn Disk) -> Result<(), Trouble>,
    then: impl Fn(&Bench, usize),
) -> usize {
    for cuts in 0..100 {
        let bench = Bench::new();
        for version in 1..=3 {
            let session = bench.open(1, &[]).unwrap();
            let (draft, first) = offering(&session, version);
            session.end(draft, first, &mut Folders).unwrap();
        }
        let done = work(&bench, &mut Cut { left: cuts });
        then(&bench, cuts);
        if done.is_ok() {
            return cuts;
        }
    }
    0
}

#[test]
fn a_cut_at_any_step_of_a_release_leaves_the_old_one_or_the_new_one() {
    let work = |bench: &Bench, disk: &mut dyn Disk| {
        let session = bench.open(2, &[])?;
        let (draft, first) = offering(&session, 4);
        session.end(draft, first, disk).map(|_| ())
    };
    let seen = std::cell::RefCell::new(Vec::new());
    let cuts = cut_everywhere(work, |bench, _| {
        assert_eq!(bench.faults(2), [""; 0]);
        let found = bench.version(Duty::Targets);
        seen.borrow_mut().push(found);
        // The next session ends what was begun, or begins anew; nothing is left of the cut.
        let session = bench.open(3, &[]).unwrap();
        assert!(session.draft.is_empty());
        if session.published.version(Duty::Targets) == 4 {
            let (draft, first) = offering(&session, 4);
            session.end(draft, first, &mut Folders).unwrap();
        }
        drop(session);
        assert_eq!(bench.faults(3), [""; 0]);
        assert_eq!(bench.version(Duty::Targets), 5);
        let session = bench.open(4, &[]).unwrap();
        let (draft, first) = offering(&session, 5);
        session.end(draft, first, &mut Folders).unwrap();
        let files = disk::files_below(&bench.repo()).unwrap();
        assert!(
            !files.iter().any(|path| disk::is_left_over(path)),
            "{files:?}"
        );
    });
    let seen = seen.into_inner();
    // 4 files, the draft, 3 of metadata, the draft goes, and what is unused.
    assert!(cuts > 9, "{cuts}");
    assert!(
        seen.is_sorted() && seen.first() == Some(&4) && seen.last() == Some(&5),
        "{seen:?}"
    );
}

/// Negative control: with the timestamp in place before what it names, the same cuts are found out.
#[test]
fn a_timestamp_that_comes_first_is_found_out() {
    let found = std::cell::Cell::new(0);
    let work = |bench: &Bench, disk: &mut dyn Disk| {
        let session = bench.open(2, &[])?;
        let (mut draft, mut steps) = offering(&session, 4);
        draft.advance(&session.signing(&session.keys))?;
        steps.extend(draft.publication(&session.place)?);
        let timestamp = session.place.metadata(Duty::Timestamp, 0);
        let is_timestamp = |step: &Step| matches!(step, Step::Write { to, .. } if *to == timestamp);
        steps.sort_by_key(|step| !is_timestamp(step));
        disk::carry_out(disk, &steps)
    };
    cut_everywhere(work, |bench, _| {
        if !bench.faults(2).is_empty() {
            found.set(found.get() + 1);
        }
    });
    assert!(found.get() > 0);
}

/// The timestamp's key is replaced while it is at hand: both have signed, so there is no bad moment.
#[test]
fn a_cut_at_any_step_of_a_rotation_leaves_a_repository_that_boxes_read() {
    let work = |bench: &Bench, disk: &mut dyn Disk| {
        let session = bench.open(2, &["root=a", "timestamp=b", "snapshot=b"])?;
        let mut keys = Keys::open(&bench.keys(&["timestamp=c", "snapshot=b", "timestamp=b"]))?;
        keys.extend(Keys::open(&bench.keys(&["root=a"]))?);
        let mut root = bench.root();
        root.timestamp = bench.holders(&["c"], 1);
        let mut draft = Draft::default();
        draft.set_root(&session.signing(&keys).next(Duty::Root), &root)?;
        let session = Session { keys, ..session };
        let ended = session.end(draft, Vec::new(), disk)?;
        assert!(!ended.gap && ended.progress == Progress::Complete);
        Ok(())
    };
    let seen = std::cell::RefCell::new(Vec::new());
    cut_everywhere(work, |bench, _| {
        // The new root's own timestamp has a signature that the old root does not know: a reader is not troubled by it.
        let first = fs::read(bench.repo().join("metadata/1.root.json")).unwrap();
        super::published::believed(&bench.repo(), first).unwrap();
        seen.borrow_mut().push(bench.version(Duty::Root));
        let keys = if bench.open(3, &[]).unwrap().published.version(Duty::Root) == 2 {
            "timestamp=c"
        } else {
            "timestamp=b"
        };
        let session = bench.open(3, &[keys]).unwrap();
        let (draft, first) = offering(&session, 4);
        let ended = session.end(draft, first, &mut Folders).unwrap();
        assert_eq!(ended.progress, Progress::Complete);
        drop(session);
        assert_eq!(bench.faults(3), [""; 0]);
    });
    let seen = seen.into_inner();
    assert!(
        seen.is_sorted() && seen.first() == Some(&1) && seen.last() == Some(&2),
        "{seen:?}"
    );
}

/// The key is lost: between timestamp and root no box reads it, and the next session ends that.
#[test]
fn a_cut_in_the_replacement_of_a_lost_key_is_mended_by_the_next_session() {
    let work = |bench: &Bench, disk: &mut dyn Disk| {
        let session = bench.open(2, &["root=a"])?;
        let mut keys = Keys::open(&bench.keys(&["root=a", "targets=c", "snapshot=c"]))?;
        keys.extend(Keys::open(&bench.keys(&["timestamp=c"]))?);
        let mut root = bench.root();
        root.targets = bench.holders(&["c", "d"], 1);
        root.snapshot = bench.holders(&["c"], 1);
        root.timestamp = bench.holders(&["c"], 1);
        let mut draft = Draft::default();
        draft.set_root(&session.signing(&keys).next(Duty::Root), &root)?;
        let session = Session { keys, ..session };
        let ended = session.end(draft, Vec::new(), disk)?;
        assert!(ended.gap && ended.progress == Progress::Complete);
        Ok(())
    };
    let refused = std::cell::Cell::new(0);
    cut_everywhere(work, |bench, _| {
        let first = fs::read(bench.repo().join("metadata/1.root.json")).unwrap();
        if super::published::believed(&bench.repo(), first).is_err() {
            refused.set(refused.get() + 1);
        }
        assert!(bench.open(3, &[]).unwrap().draft.is_empty());
        assert_eq!(bench.faults(3), [""; 0]);
    });
    assert_eq!(refused.get(), 1, "one moment, between two files");
}

#[test]
fn nothing_is_built_on_a_repository_that_a_box_would_refuse() {
    let bench = Bench::new();
    let refused = |bench: &Bench, day| match bench.open(day, &[]) {
        Ok(_) => String::new(),
        Err(trouble) => trouble.to_string(),
    };
    assert!(refused(&bench, -1).contains("set the clock"));
    let file = bench.repo().join("metadata/1.targets.json");
    let good = fs::read_to_string(&file).unwrap();
    fs::write(&file, good.replace("1.0.33", "1.0.34")).unwrap();
    assert!(refused(&bench, 1).contains("damaged"));
    fs::write(&file, good).unwrap();
    assert_eq!(refused(&bench, 1), "");
}

#[test]
fn every_flipped_bit_of_the_metadata_is_a_fault() {
    let bench = Bench::new();
    let session = bench.open(1, &[]).unwrap();
    let (draft, first) = offering(&session, 1);
    session.end(draft, first, &mut Folders).unwrap();
    drop(session);
    assert_eq!(bench.faults(1), [""; 0]);
    let files = disk::files_below(&bench.repo()).unwrap();
    for path in files {
        flip_each(&path, 211, |at| {
            assert!(!bench.faults(1).is_empty(), "{} byte {at}", path.display());
        });
    }
    assert_eq!(bench.faults(1), [""; 0]);
}

/// Flips a bit every so many bytes, one at a time, another bit each time.
fn flip_each(path: &Path, step: usize, then: impl Fn(usize)) {
    let good = fs::read(path).unwrap();
    for at in (0..good.len()).step_by(step) {
        let mut bytes = good.clone();
        *bytes.get_mut(at).unwrap() ^= 1 << (at / step % 8);
        fs::write(path, bytes).unwrap();
        then(at);
    }
    fs::write(path, good).unwrap();
}
