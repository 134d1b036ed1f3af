//! The update's trust against python-tuf, in both directions: our client reads its repository, its client reads ours.

#![allow(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking"
)]

use jiff::{SignedDuration, Timestamp};
use ota::publish::{Ed25519, Entry, Holders, Offered, RootDraft, Signer, metadata, sign};
use ota::trust::{Client, Refusal, Repository, Role, Today, TrustError, TrustStore, Trusted};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use system_tests::need;

/// The Python that has python-tuf.
fn python(test: &str) -> need::Met<PathBuf> {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tuf/bin/python");
    if python.is_file() {
        return Some(python);
    }
    need::skip(test, "no python-tuf", "run tests/setup/tuf.sh")
}

fn python_tuf(python: &Path, arguments: &[&str]) -> Output {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("trust/python_tuf.py");
    let output = Command::new(python).arg(program).args(arguments).output();
    output.expect("python runs")
}

/// A repository in a folder.
struct Folder(PathBuf);

impl Repository for Folder {
    type Error = io::Error;

    fn metadata(&mut self, name: &str, _most: u64) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.0.join("metadata").join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[derive(Default)]
struct Memory(BTreeMap<Role, Vec<u8>>);

impl TrustStore for Memory {
    type Error = Infallible;

    fn load(&self, role: &Role) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.0.get(role).cloned())
    }

    fn keep(&mut self, role: &Role, bytes: &[u8]) -> Result<(), Infallible> {
        self.0.insert(role.clone(), bytes.to_vec());
        Ok(())
    }

    fn forget(&mut self, role: &Role) -> Result<(), Infallible> {
        self.0.remove(role);
        Ok(())
    }
}

type Outcome<T> = Result<T, TrustError<io::Error, Infallible>>;

/// A box that was given the repository's first root.
struct Desk {
    repository: Folder,
    memory: Memory,
}

impl Desk {
    fn at(folder: &Path) -> Self {
        let root = fs::read(folder.join("metadata/1.root.json")).expect("the first root");
        Self {
            repository: Folder(folder.to_owned()),
            memory: Memory(BTreeMap::from([(Role::Root, root)])),
        }
    }

    fn client(&mut self) -> Client<'_, Folder, Memory> {
        let today = Today::Trusted(Timestamp::now());
        Client::new(&mut self.repository, &mut self.memory, today)
    }

    fn refresh(&mut self) -> Outcome<Trusted> {
        self.client().refresh()
    }

    /// The target's bytes, checked.
    fn read(&mut self, path: &str) -> Outcome<Vec<u8>> {
        let folder = self.repository.0.join("targets");
        let mut client = self.client();
        let trusted = client.refresh()?;
        let target = client.find(&trusted, path)?;
        let bytes = fs::read(folder.join(target.location())).expect("the target's file");
        target.check(&bytes)?;
        Ok(bytes)
    }
}

fn made_by_python(test: &str) -> need::Met<(tempfile::TempDir, PathBuf)> {
    let python = python(test)?;
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("repository");
    let made = python_tuf(&python, &["make", &folder.display().to_string()]);
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    Some((dir, folder))
}

#[test]
fn our_client_reads_a_repository_of_python_tuf() {
    let Some((_dir, folder)) = made_by_python("our_client_reads_a_repository_of_python_tuf") else {
        return;
    };
    let mut desk = Desk::at(&folder);
    let trusted = desk
        .refresh()
        .expect("every key type and the root's rotation");
    let versions = [Role::Root, Role::Timestamp, Role::Snapshot, Role::Targets];
    let versions = versions.map(|role| trusted.version(&role));
    assert_eq!(versions, [Some(2), Some(9), Some(5), Some(7)]);
    // Offered by targets itself, by a delegated role, by bins of a delegated role.
    assert_eq!(
        desk.read("system/index").expect("top"),
        b"the image's index"
    );
    assert_eq!(
        desk.read("packs/reading.pack").expect("team"),
        b"a pack of the team"
    );
    for number in 0..40 {
        let book = desk.read(&format!("books/{number}.epub")).expect("a bin");
        assert_eq!(book, format!("book {number}").as_bytes());
    }
    let nobody = desk.read("packs/deep/er.pack");
    assert!(
        matches!(
            nobody,
            Err(TrustError::Refused(Refusal::NoSuchTarget { .. }))
        ),
        "{nobody:?}"
    );
}

#[test]
fn our_client_refuses_what_was_changed_in_a_repository_of_python_tuf() {
    let test = "our_client_refuses_what_was_changed_in_a_repository_of_python_tuf";
    let Some((_dir, folder)) = made_by_python(test) else {
        return;
    };
    for (name, asked) in [
        ("2.root.json", "system/index"),
        ("timestamp.json", "system/index"),
        ("5.snapshot.json", "system/index"),
        ("7.targets.json", "system/index"),
        ("3.team.json", "packs/reading.pack"),
    ] {
        let file = folder.join("metadata").join(name);
        let good = fs::read_to_string(&file).expect("metadata");
        // A later expiry, as somebody without the keys would like it.
        let year = &good[good.find("\"expires\":\"").expect("it expires") + 11..][..4];
        let later = format!("{:04}", year.parse::<u32>().expect("a year") + 1);
        fs::write(&file, good.replacen(year, &later, 1)).expect("written");
        let refused = Desk::at(&folder).read(asked);
        assert!(
            matches!(
                refused,
                Err(TrustError::Refused(Refusal::Signatures { .. }))
            ),
            "{name}: {refused:?}"
        );
        fs::write(&file, &good).expect("written");
        // The control: as it was, it is believed.
        Desk::at(&folder).read(asked).expect(name);
    }
}

/// A repository of our publisher in `folder`: two keys of which one suffices, roots 1 and 2.
fn publish(folder: &Path, files: &BTreeMap<&str, &[u8]>) {
    let keys = [1, 2].map(|seed| Ed25519::from_seed(&[seed; 32]).expect("a key"));
    let holders = |keys: &[&Ed25519]| Holders {
        keys: keys.iter().map(|key| key.public_key()).collect(),
        threshold: 1,
    };
    let draft = |root: &Ed25519| RootDraft {
        root: holders(&[root]),
        targets: holders(&[&keys[0], &keys[1]]),
        snapshot: holders(&[&keys[1]]),
        timestamp: holders(&[&keys[1]]),
    };
    let at = Timestamp::now();
    let entry = |version| Entry {
        version,
        at,
        expires: at + SignedDuration::from_hours(24 * 90),
    };
    let [metadata_dir, targets_dir] = ["metadata", "targets"].map(|name| folder.join(name));
    for dir in [&metadata_dir, &targets_dir] {
        fs::create_dir_all(dir).expect("a folder");
    }
    let write =
        |name: &str, bytes: &[u8]| fs::write(metadata_dir.join(name), bytes).expect("written");
    let (first, second) = (&keys[0] as &dyn Signer, &keys[1] as &dyn Signer);
    let one = sign(metadata::root(&entry(1), &draft(&keys[0])), &[first]).expect("signed");
    write("1.root.json", &one);
    let two = sign(
        metadata::root(&entry(2), &draft(&keys[1])),
        &[first, second],
    )
    .expect("signed");
    write("2.root.json", &two);
    let mut offered = BTreeMap::new();
    for (path, bytes) in files {
        let file = Offered::of(bytes);
        fs::write(targets_dir.join(format!("{}.{path}", file.sha256)), bytes).expect("written");
        offered.insert((*path).to_owned(), file);
    }
    let targets = sign(metadata::targets(&entry(4), &offered), &[first]).expect("signed");
    write("4.targets.json", &targets);
    let listed = BTreeMap::from([("targets.json".to_owned(), (4, targets))]);
    let snapshot = sign(metadata::snapshot(&entry(3), &listed), &[second]).expect("signed");
    write("3.snapshot.json", &snapshot);
    let timestamp = metadata::timestamp(&entry(5), 3, &snapshot);
    write(
        "timestamp.json",
        &sign(timestamp, &[second]).expect("signed"),
    );
}

#[test]
fn python_tuf_reads_a_repository_of_ours_and_refuses_a_changed_one() {
    let test = "python_tuf_reads_a_repository_of_ours_and_refuses_a_changed_one";
    let Some(python) = python(test) else { return };
    let dir = tempfile::tempdir().expect("a folder");
    let files = BTreeMap::from([
        ("index", &b"blocks"[..]),
        ("größe", &b"a name of its own"[..]),
    ]);
    publish(dir.path(), &files);
    let folder = dir.path().display().to_string();
    let read = python_tuf(&python, &["read", &folder, "index", "größe"]);
    let said = String::from_utf8_lossy(&read.stdout).into_owned();
    assert!(
        read.status.success(),
        "{}",
        String::from_utf8_lossy(&read.stderr)
    );
    assert_eq!(said, "626c6f636b73\n61206e616d65206f6620697473206f776e\n");
    assert_eq!(Desk::at(dir.path()).read("index").expect("ours"), b"blocks");

    for name in [
        "2.root.json",
        "timestamp.json",
        "3.snapshot.json",
        "4.targets.json",
    ] {
        let file = dir.path().join("metadata").join(name);
        let good = fs::read_to_string(&file).expect("metadata");
        fs::write(&file, good.replacen("1.0.33", "1.0.34", 1)).expect("written");
        let refused = python_tuf(&python, &["read", &folder, "index"]);
        assert_eq!(refused.status.code(), Some(1), "{name}");
        assert!(Desk::at(dir.path()).read("index").is_err(), "{name}");
        fs::write(&file, good).expect("written");
    }
}
