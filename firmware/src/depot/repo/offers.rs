//! What is offered: releases of systems, packs, and the files that these are made of.

use super::disk;
use super::place;
use super::trouble::Trouble;
use ota::bundle::{Bundle, FileRef, Payload};
use ota::publish::{Offered, PackOffer, SignError};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The custom field by which a release goes to some boxes first.
pub(super) const ROLLOUT: &str = "rollout_percent";

/// A target's path, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Title {
    System { board: String, version: u64 },
    Pack { id: String, version: u64 },
}

impl Title {
    /// Of `system/BOARD/VERSION/bundle.json` or `packs/ID/VERSION/pack.json`.
    pub(super) fn parse(path: &str) -> Option<Self> {
        let mut names = path.split('/');
        let parts = [names.next()?, names.next()?, names.next()?, names.next()?];
        let [kind, name, number, file] = parts;
        let version = number
            .parse()
            .ok()
            .filter(|version: &u64| version.to_string() == number)?;
        let name = place::name(name).ok()?;
        match (kind, file, names.next()) {
            ("system", "bundle.json", None) => Some(Self::System {
                board: name,
                version,
            }),
            ("packs", "pack.json", None) => Some(Self::Pack { id: name, version }),
            (_, _, _) => None,
        }
    }

    /// The folder of its files.
    pub(super) fn folder(&self) -> String {
        match self {
            Self::System { board, version } => format!("system/{board}/{version}"),
            Self::Pack { id, version } => format!("packs/{id}/{version}"),
        }
    }

    pub(super) fn path(&self) -> String {
        let file = match self {
            Self::System { .. } => "bundle.json",
            Self::Pack { .. } => "pack.json",
        };
        format!("{}/{file}", self.folder())
    }

    pub(super) const fn version(&self) -> u64 {
        match self {
            Self::System { version, .. } | Self::Pack { version, .. } => *version,
        }
    }

    /// The same board or pack.
    pub(super) fn is_of_line(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::System { board, .. }, Self::System { board: other, .. }) => board == other,
            (Self::Pack { id, .. }, Self::Pack { id: other, .. }) => id == other,
            (Self::System { .. }, Self::Pack { .. }) | (Self::Pack { .. }, Self::System { .. }) => {
                false
            }
        }
    }
}

/// Every release of the same board or pack, the newest first.
pub(super) fn line_of(offered: &BTreeMap<String, Offered>, title: &Title) -> Vec<Title> {
    let titles = offered.keys().filter_map(|path| Title::parse(path));
    let mut line: Vec<Title> = titles.filter(|other| other.is_of_line(title)).collect();
    line.sort_by_key(|title| std::cmp::Reverse(title.version()));
    line
}

/// Of a hundred boxes so many have it.
pub(super) fn rollout(file: &Offered) -> Option<u64> {
    match file.custom.as_ref().map(|custom| &custom[ROLLOUT]) {
        None | Some(Value::Null) => Some(100),
        Some(percent) => percent.as_u64().filter(|percent| *percent <= 100),
    }
}

/// Offers it to so many of a hundred boxes; what else is said of the file stays.
pub(super) fn set_rollout(file: &mut Offered, percent: u8) {
    let mut custom = match file.custom.take() {
        Some(Value::Object(custom)) => custom,
        Some(_) | None => serde_json::Map::new(),
    };
    custom.remove(ROLLOUT);
    if percent < 100 {
        custom.insert(ROLLOUT.to_owned(), percent.into());
    }
    file.custom = (!custom.is_empty()).then_some(Value::Object(custom));
}

/// What a release or a pack says of itself.
#[derive(Debug)]
pub(super) enum Offer {
    System(Bundle),
    Pack(Box<PackOffer>),
}

impl Offer {
    pub(super) fn read(title: &Title, bytes: &[u8]) -> Result<Self, String> {
        let read = match title {
            Title::System { .. } => serde_json::from_slice(bytes).map(Self::System),
            Title::Pack { .. } => {
                serde_json::from_slice(bytes).map(|pack| Self::Pack(Box::new(pack)))
            }
        };
        read.map_err(|error| error.to_string())
    }

    /// Its payloads, each with a name for people and one for files.
    pub(super) fn payloads(&self) -> Vec<(String, &'static str, &Payload)> {
        match self {
            Self::System(bundle) => {
                let parts = bundle.parts.iter();
                parts
                    .map(|(part, payload)| (part.to_string(), image_name(*part), payload))
                    .collect()
            }
            Self::Pack(pack) => vec![("pack".to_owned(), "pack", &pack.payload)],
        }
    }
}

/// The file of a part in the publisher's store of images.
pub(super) const fn image_name(part: ota::Part) -> &'static str {
    match part {
        ota::Part::Boot => "boot-area.img",
        ota::Part::Root => "root.img",
        ota::Part::Tree => "root.verity",
    }
}

/// The files of a payload, each with what it is.
pub(super) fn files_of(payload: &Payload) -> Vec<(String, &FileRef)> {
    let patches = payload.patches.iter();
    let patches = patches.map(|patch| (format!("patch from {}", patch.from_version), &patch.file));
    let mut files = vec![
        ("crown".to_owned(), &payload.crown),
        ("block index".to_owned(), &payload.blocks),
        ("frames".to_owned(), &payload.frames),
    ];
    files.extend(patches);
    files
}

/// Where the files are that an offer of this repository names. What cannot be read names none: to find that out is verify's.
pub(super) fn named_by(repo: &Path, path: &str, location: &str) -> Result<Vec<String>, Trouble> {
    let (Some(title), Some(bytes)) = (
        Title::parse(path),
        disk::read(&place::target(repo, location))?,
    ) else {
        return Ok(Vec::new());
    };
    let Ok(offer) = Offer::read(&title, &bytes) else {
        return Err(Trouble::file(&place::target(repo, location))(
            SignError::NoMetadata("it cannot be read".to_owned()),
        ));
    };
    let payloads = offer.payloads();
    let files = payloads
        .iter()
        .flat_map(|(_, _, payload)| files_of(payload));
    Ok(files.map(|(_, file)| file.location.clone()).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_title_or_nothing() {
        for path in ["system/sim/12/bundle.json", "packs/reading/1/pack.json"] {
            assert_eq!(Title::parse(path).unwrap().path(), path);
        }
        for bad in [
            "",
            "system/sim/012/bundle.json",
            "system/sim/12/pack.json",
            "system/../12/bundle.json",
            "system/sim/12/bundle.json/x",
            "system/sim/-1/bundle.json",
        ] {
            assert_eq!(Title::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_newest_of_a_line_is_first() {
        let file = Offered::of(b"");
        let offered: BTreeMap<String, Offered> = [
            "system/a/9/bundle.json",
            "system/a/10/bundle.json",
            "system/b/11/bundle.json",
            "packs/a/12/pack.json",
            "other",
        ]
        .map(|path| (path.to_owned(), file.clone()))
        .into();
        let title = Title::parse("system/a/1/bundle.json").unwrap();
        let versions: Vec<u64> = line_of(&offered, &title)
            .iter()
            .map(Title::version)
            .collect();
        assert_eq!(versions, [10, 9]);
    }

    #[test]
    fn a_whole_roll_out_says_nothing() {
        let mut file = Offered::of(b"");
        assert_eq!(rollout(&file), Some(100));
        set_rollout(&mut file, 7);
        assert_eq!((rollout(&file), file.custom.is_some()), (Some(7), true));
        set_rollout(&mut file, 100);
        assert_eq!((rollout(&file), file.custom.is_none()), (Some(100), true));
        file.custom = Some(serde_json::json!({ "rollout_percent": 101, "else": 1 }));
        assert_eq!(rollout(&file), None);
        set_rollout(&mut file, 0);
        assert_eq!(
            file.custom,
            Some(serde_json::json!({ "rollout_percent": 0, "else": 1 }))
        );
    }
}
