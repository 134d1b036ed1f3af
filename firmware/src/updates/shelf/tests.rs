#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use ota::Parcels as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};

struct Place {
    _data: tempfile::TempDir,
    trust: DiskTrust,
    parcels: DiskParcels,
    shelf: Shelf,
}

fn sha256(bytes: &[u8]) -> String {
    crate::hex::hex(&Sha256::digest(bytes))
}

impl Place {
    fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::in_data(data.path());
        folder.make().unwrap();
        Self {
            trust: DiskTrust::in_folder(&folder),
            parcels: DiskParcels::in_folder(&folder, 0),
            shelf: Shelf::in_folder(&folder),
            _data: data,
        }
    }

    /// A release whose crown came whole and whose other files did not.
    fn fetched(&mut self, version: u64) -> Wanted {
        let crown = format!("crown of {version}");
        let file = |name: &str, bytes: &[u8]| {
            let hash = sha256(bytes);
            json!({"location": format!("system/box/{version}/{hash}.{name}"), "bytes": bytes.len(), "sha256": hash})
        };
        let bundle = json!({"format": 1, "board": "box", "version": version, "name": "x", "parts": {"root": {
            "seal": {"bytes": 4096, "salt": "", "root": "0".repeat(64)},
            "crown": file("crown", crown.as_bytes()), "blocks": file("blocks", b"not here"), "frames": file("frames", b"nor here"),
        }}})
        .to_string();
        let wanted = Wanted {
            version,
            name: "x".to_owned(),
            bundle: sha256(bundle.as_bytes()),
        };
        self.parcels
            .append(&format!("crown-{version}"), crown.as_bytes())
            .unwrap();
        self.parcels
            .append(&format!("bundle-{version}"), bundle.as_bytes())
            .unwrap();
        let signed =
            |more: &str| format!("{{\"signed\": {{\"version\": {version}}}, \"of\": \"{more}\"}}");
        for (role, more) in [
            (Role::Root, ""),
            (Role::Targets, wanted.bundle.as_str()),
            (Role::Snapshot, ""),
            (Role::Timestamp, ""),
        ] {
            self.trust.keep(&role, signed(more).as_bytes()).unwrap();
        }
        wanted
    }

    fn out(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut folders = vec![self.shelf.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.file_name().unwrap().to_string_lossy().into_owned();
                    // Without the hash in front.
                    names.push(
                        name.split_once('.')
                            .filter(|(hash, _)| hash.len() == 64)
                            .map_or(name.clone(), |(_, name)| name.to_owned()),
                    );
                }
            }
        }
        names.sort();
        names
    }
}

#[test]
fn the_last_release_lies_there_as_far_as_it_came_whole() {
    let mut place = Place::new();
    let old = place.fetched(12);
    assert!(
        place
            .shelf
            .put_out(&old, &place.trust, &place.parcels)
            .unwrap()
    );
    let all = [
        "1.root.json",
        "12.snapshot.json",
        "12.targets.json",
        "bundle.json",
        "crown",
        "timestamp.json",
    ];
    assert_eq!(
        place.out(),
        all.map(|name| name.replace("1.root", "12.root"))
    );
    let new = place.fetched(13);
    assert!(
        place
            .shelf
            .put_out(&new, &place.trust, &place.parcels)
            .unwrap()
    );
    let mut expected = [
        "12.root.json",
        "13.root.json",
        "13.snapshot.json",
        "13.targets.json",
        "bundle.json",
        "crown",
        "timestamp.json",
    ];
    expected.sort_unstable();
    assert_eq!(place.out(), expected, "roots stay, the older release goes");
    // What was not believed to offer it, does not.
    place
        .trust
        .keep(&Role::Targets, b"{\"signed\": {\"version\": 14}}")
        .unwrap();
    assert!(
        !place
            .shelf
            .put_out(&new, &place.trust, &place.parcels)
            .unwrap()
    );
    // Renewed only where the release is out.
    place
        .trust
        .keep(&Role::Timestamp, b"{\"signed\": {\"version\": 99}}")
        .unwrap();
    let timestamp = place.shelf.metadata().join("timestamp.json");
    place.shelf.renew(12, &place.trust).unwrap();
    assert!(!fs::read_to_string(&timestamp).unwrap().contains("99"));
    place.shelf.renew(13, &place.trust).unwrap();
    assert!(fs::read_to_string(&timestamp).unwrap().contains("99"));
}

#[test]
fn it_makes_room_and_leaves_what_is_wanted() {
    let mut place = Place::new();
    let old = place.fetched(12);
    place
        .shelf
        .put_out(&old, &place.trust, &place.parcels)
        .unwrap();
    let new = place.fetched(13);
    assert!(place.shelf.clear(Some(&new), &mut place.parcels).unwrap());
    assert_eq!(
        (place.out().len(), place.parcels.length("crown-12").unwrap()),
        (0, 0)
    );
    assert!(
        place.parcels.length("crown-13").unwrap() > 0,
        "it is not out yet"
    );
    assert!(!place.shelf.clear(Some(&new), &mut place.parcels).unwrap());
    place
        .shelf
        .put_out(&new, &place.trust, &place.parcels)
        .unwrap();
    assert!(place.shelf.clear(Some(&new), &mut place.parcels).unwrap());
    assert!(
        place.parcels.length("crown-13").unwrap() > 0,
        "it is wanted still"
    );
}

#[test]
fn a_location_leads_nowhere_else() {
    let place = Place::new();
    let parcel = place.trust.roots();
    let file = parcel.join("x");
    fs::write(&file, "x").unwrap();
    let mut out = BTreeSet::new();
    for location in ["../../x", "/etc/x", "a/../../x"] {
        place.shelf.link(&file, location, &mut out).unwrap();
    }
    assert!(out.is_empty() && place.out().is_empty());
}
