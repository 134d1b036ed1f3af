//! A file that is the library's to have: linked, not copied.

use crate::rig::{Rig, body, line};
use crate::zim_writer::{Packing, Zim};
use content_store::formats::{self, ImportPlan};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

fn sample() -> Zim {
    Zim::sample((6, 1), Packing::Plain, false)
}

/// A file of a pack, where the box makes such files.
fn incoming(rig: &Rig, bytes: &[u8]) -> PathBuf {
    let folder = rig.data().join("incoming/offered/1");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("book.zim");
    fs::write(&path, bytes).unwrap();
    path
}

fn plan(source: &Path, owned: bool) -> ImportPlan {
    let mut plan = formats::plan(source).unwrap();
    plan.owned = owned;
    plan
}

fn stage(rig: &Rig, source: &Path, owned: bool) -> PathBuf {
    formats::stage(&plan(source, owned), &rig.data(), 0, &mut |_| ()).unwrap()
}

/// The largest blob of a stage is the archive.
fn archive_of(stage: &Path) -> u64 {
    let blobs = fs::read_dir(stage.join("blobs")).unwrap();
    let blobs = blobs.map(|blob| blob.unwrap().metadata().unwrap());
    blobs.max_by_key(fs::Metadata::len).unwrap().ino()
}

#[test]
fn an_archive_that_is_owned_is_linked_and_served_when_its_source_is_gone() {
    for owned in [true, false] {
        let rig = Rig::new();
        let zim = sample();
        let source = incoming(&rig, &zim.bytes());
        let before = source.metadata().unwrap();
        let staged = stage(&rig, &source, owned);
        assert_eq!(archive_of(&staged) == before.ino(), owned);
        let after = source.metadata().unwrap();
        let times = |of: &fs::Metadata| (of.len(), of.mtime(), of.mtime_nsec());
        assert_eq!(
            times(&before),
            times(&after),
            "else its stage would not be found again"
        );
        assert_eq!(
            stage(&rig, &source, owned),
            staged,
            "staged again it is the same"
        );
        let library = rig.library();
        let summary = library.adopt(&staged).unwrap();
        fs::remove_dir_all(rig.data().join("incoming/offered")).unwrap();
        let pack = library.pack(&summary.id).unwrap();
        assert!(!body(&pack, &summary.home).is_empty());
        let (sha256, bytes, archive) = pack.archive().unwrap().unwrap();
        assert_eq!((sha256.len(), bytes), (64, before.len()));
        let mut head = [0; 4];
        assert_eq!(archive.read_at(0, &mut head).unwrap(), 4);
        assert_eq!(head, zim.bytes()[..4]);
        assert_eq!(
            library.verify(&mut |_, _| ()).unwrap().faults,
            Vec::<String>::new()
        );
    }
}

#[test]
fn an_owned_archive_that_is_damaged_is_refused_and_leaves_nothing() {
    let rig = Rig::new();
    let mut bytes = sample().bytes();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let source = incoming(&rig, &bytes);
    let refused = formats::stage(&plan(&source, true), &rig.data(), 0, &mut |_| ());
    assert!(line(&refused.unwrap_err()).contains("checksum"));
    assert_eq!(
        fs::read(&source).unwrap(),
        bytes,
        "the source is not touched"
    );
    let left: Vec<_> = fs::read_dir(rig.data().join("incoming")).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn what_an_import_left_is_forgotten_with_its_source() {
    let rig = Rig::new();
    let source = incoming(&rig, &sample().bytes());
    let staged = stage(&rig, &source, true);
    let other = rig.source("other.zim");
    fs::write(&other, sample().bytes()).unwrap();
    let others = rig.stage(&other).unwrap();
    formats::forget(&source, &rig.data()).unwrap();
    assert!(!staged.exists() && others.exists(), "of this source alone");
}
