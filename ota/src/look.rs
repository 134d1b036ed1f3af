//! Looking at a source: is it believed, and does it offer this box anything.

use crate::bundle::{BUNDLE_AT_MOST, Bundle, BundleError};
use crate::ledger::{ATTEMPTS_AT_MOST, Ledger, Wanted};
use crate::source::{Source, SourceError};
use crate::trust::{Target, Today, TrustError, TrustStore, Trusted, hex};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::error::Error;
use std::io::Read as _;

/// What this box is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    /// The kind of board: `IMAGE_ID` of the running system's os-release.
    pub board: String,
    /// The running system's number, `IMAGE_VERSION`; 0 where nobody knows.
    pub version: u64,
    /// Drawn once at random: staged roll-outs go by its hash. It never leaves the box.
    pub box_id: String,
}

/// What a source offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// A release that this box should have: its bundle's bytes as they were signed, and what they say.
    Release {
        /// For the ledger.
        wanted: Wanted,
        /// Its bytes.
        bytes: Vec<u8>,
        /// Them, read.
        bundle: Bundle,
    },
    /// Nothing newer than what runs.
    UpToDate {
        /// The newest that it has for this board; `None`: nothing for this board at all.
        newest: Option<u64>,
    },
    /// Something newer, whose turn has not come for this box.
    NotYet {
        /// Its number.
        version: u64,
        /// Of a hundred boxes so many have it now.
        percent: u8,
    },
    /// Something newer, which failed its trials here.
    GivenUp {
        /// Its number.
        version: u64,
    },
}

/// Why a source is not believed, or gives no answer.
#[derive(Debug, thiserror::Error)]
pub enum LookError<S: Error + 'static> {
    /// The trust rules.
    #[error(transparent)]
    Trust(#[from] TrustError<SourceError, S>),
    /// The source, while it gave the bundle.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The bundle.
    #[error(transparent)]
    Bundle(#[from] BundleError),
}

/// Refreshes what is believed of the source's repository and picks the newest release for this box. With `now` a roll-out is not waited for: a
/// person brought it.
///
/// # Errors
/// [`LookError`]; what was believed before is believed still.
pub fn look<S: TrustStore>(
    source: &mut dyn Source,
    store: &mut S,
    today: Today,
    here: &Here,
    ledger: &Ledger,
    now: bool,
) -> Result<(Offer, Trusted), LookError<S::Error>>
where
    S::Error: Error + 'static,
{
    let mut repository = crate::source::MetadataOf(source);
    let trusted = crate::trust::Client::new(&mut repository, store, today).refresh()?;
    let offer = match pick(&releases(&trusted, &here.board), here, ledger, now) {
        Picked::Release(release) => {
            let bytes = fetched(source, &release.target)?;
            offer(release, bytes, here)?
        }
        Picked::Nothing(offer) => offer,
    };
    Ok((offer, trusted))
}

/// A bundle that is offered for this board.
#[derive(Debug, Clone)]
struct Release {
    version: u64,
    percent: u8,
    target: Target,
}

enum Picked<'a> {
    Release(&'a Release),
    Nothing(Offer),
}

/// The releases for `board`, the newest first.
fn releases(trusted: &Trusted, board: &str) -> Vec<Release> {
    let of = |target: Target| {
        let version = version_in(&target.path, board)?;
        let percent = percent_of(target.custom.as_ref());
        Some(Release {
            version,
            percent,
            target,
        })
    };
    let mut all: Vec<Release> = trusted.offered().filter_map(of).collect();
    all.sort_by_key(|release| std::cmp::Reverse(release.version));
    all
}

/// Of `system/BOARD/VERSION/bundle.json`; a number has one spelling.
fn version_in(path: &str, board: &str) -> Option<u64> {
    let rest = path.strip_prefix("system/")?.strip_prefix(board)?;
    let number = rest.strip_prefix('/')?.strip_suffix("/bundle.json")?;
    let version: u64 = number.parse().ok()?;
    (version.to_string() == number && version > 0).then_some(version)
}

/// Of a hundred boxes so many have it now. What is said and not understood is said to hold it back.
pub(crate) fn percent_of(custom: Option<&Value>) -> u8 {
    match custom.and_then(|custom| custom.get("rollout_percent")) {
        None => 100,
        Some(said) => said
            .as_u64()
            .map_or(0, |percent| u8::try_from(percent.min(100)).unwrap_or(100)),
    }
}

/// This box is among the `percent` of all boxes that have the file now: for each file others come first.
pub(crate) fn takes_part(box_id: &str, path: &str, percent: u8) -> bool {
    let hash = Sha256::digest(format!("{box_id}:{path}"));
    let first = hash.iter().take(8);
    let number = first.fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    number % 10_000 < u64::from(percent) * 100
}

/// A box that does not know what it runs takes only what is newer than all that ever proved itself here.
fn is_newer(version: u64, here: &Here, ledger: &Ledger) -> bool {
    match here.version {
        0 => version > ledger.floor,
        running => version > running && version >= ledger.floor,
    }
}

fn given_up(target: &Target, ledger: &Ledger) -> bool {
    ledger.attempts.as_ref().is_some_and(|attempts| {
        attempts.count >= ATTEMPTS_AT_MOST && target.sha256() == Some(attempts.bundle.as_str())
    })
}

/// The newest whose turn it is; where there is none, why not the newest.
fn pick<'a>(releases: &'a [Release], here: &Here, ledger: &Ledger, now: bool) -> Picked<'a> {
    let mut why_not = None;
    for release in releases {
        let version = release.version;
        if !is_newer(version, here, ledger) {
            break;
        }
        let held_back = if given_up(&release.target, ledger) {
            Offer::GivenUp { version }
        } else if !now && !takes_part(&here.box_id, &release.target.path, release.percent) {
            let percent = release.percent;
            Offer::NotYet { version, percent }
        } else {
            return Picked::Release(release);
        };
        why_not.get_or_insert(held_back);
    }
    let newest = releases.first().map(|release| release.version);
    Picked::Nothing(why_not.unwrap_or(Offer::UpToDate { newest }))
}

/// The bundle's bytes, no more of them than were signed for, and just those.
pub(crate) fn fetched<S: Error + 'static>(
    source: &mut dyn Source,
    target: &Target,
) -> Result<Vec<u8>, LookError<S>> {
    if target.length > BUNDLE_AT_MOST {
        let why = format!("{} bytes are signed for", target.length);
        return Err(BundleError::Garbled(why).into());
    }
    let name = source.name();
    let mut bytes = Vec::new();
    let read = source
        .open(&target.location(), 0, target.length)?
        .take(target.length)
        .read_to_end(&mut bytes);
    read.map_err(|error| SourceError::of(error, &name))?;
    target.check(&bytes).map_err(TrustError::Refused)?;
    Ok(bytes)
}

/// What the bundle says must be what its place says.
fn offer(release: &Release, bytes: Vec<u8>, here: &Here) -> Result<Offer, BundleError> {
    let bundle = Bundle::read(&bytes, &here.board)?;
    if bundle.version != release.version {
        let (offered, says) = (release.version, bundle.version);
        let why = format!("it is offered as version {offered} and says that it is {says}");
        return Err(BundleError::Garbled(why));
    }
    let wanted = Wanted {
        version: bundle.version,
        name: bundle.name.clone(),
        bundle: hex::of(&Sha256::digest(&bytes)),
    };
    Ok(Offer::Release {
        wanted,
        bytes,
        bundle,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Attempts;
    use proptest::prelude::*;

    #[test]
    fn a_place_names_one_version_of_one_board() {
        let of = |path: &str| version_in(path, "school-box-rpi");
        assert_eq!(of("system/school-box-rpi/12/bundle.json"), Some(12));
        for other in [
            "system/school-box-rpi/012/bundle.json",
            "system/school-box-rpi/+12/bundle.json",
            "system/school-box-rpi/0/bundle.json",
            "system/school-box-rpi/12/other.json",
            "system/school-box-rpi-5/12/bundle.json",
            "system/school-box-rpi12/bundle.json",
            "system/school-box-rpi/99999999999999999999/bundle.json",
            "packs/school-box-rpi/12/bundle.json",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn what_a_publisher_says_of_a_roll_out() {
        let of = |custom: Value| percent_of(Some(&custom));
        assert_eq!(percent_of(None), 100);
        assert_eq!(of(serde_json::json!({})), 100);
        assert_eq!(of(serde_json::json!({ "rollout_percent": 25 })), 25);
        assert_eq!(of(serde_json::json!({ "rollout_percent": 900 })), 100);
        for unclear in [serde_json::json!(-1), serde_json::json!("all"), Value::Null] {
            assert_eq!(of(serde_json::json!({ "rollout_percent": unclear })), 0);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

        /// So many boxes of a hundred have it, give or take chance; who has it early has it later too.
        #[test]
        fn a_roll_out_grows_over_the_same_boxes(percent in 0..100_u8, path in "[a-z]{8}") {
            let boxes: Vec<String> = (0..3000).map(|number| format!("{number:032x}")).collect();
            let has = |name: &String, percent| takes_part(name, &path, percent);
            let share = boxes.iter().filter(|name| has(name, percent)).count();
            let expected = usize::from(percent) * 30;
            prop_assert!(share.abs_diff(expected) < 140, "{} of {}", share, expected);
            for name in &boxes {
                prop_assert!(!has(name, percent) || has(name, percent + 1));
                prop_assert!(has(name, 100) && !has(name, 0));
            }
        }
    }

    fn release(version: u64, percent: u8) -> Release {
        Release {
            version,
            percent,
            target: Target::for_tests(&format!("v{version}"), &format!("{version:064}")),
        }
    }

    fn here(version: u64) -> Here {
        Here {
            board: "b".to_owned(),
            version,
            box_id: "00".to_owned(),
        }
    }

    fn picked(releases: &[Release], here: &Here, ledger: &Ledger, now: bool) -> String {
        match pick(releases, here, ledger, now) {
            Picked::Release(release) => format!("{}", release.version),
            Picked::Nothing(offer) => format!("{offer:?}"),
        }
    }

    #[test]
    fn the_newest_is_taken_whose_turn_it_is() {
        let all = [release(5, 0), release(4, 100), release(3, 100)];
        let ledger = Ledger::default();
        assert_eq!(picked(&all, &here(2), &ledger, false), "4");
        assert_eq!(picked(&all, &here(2), &ledger, true), "5");
        let held = "NotYet { version: 5, percent: 0 }";
        assert_eq!(picked(&all, &here(4), &ledger, false), held);
        let none = "UpToDate { newest: Some(5) }";
        assert_eq!(picked(&all, &here(5), &ledger, true), none);
        assert_eq!(
            picked(&[], &here(5), &ledger, true),
            "UpToDate { newest: None }"
        );
    }

    #[test]
    fn nothing_is_taken_below_the_floor_or_that_was_given_up() {
        let all = [release(5, 100), release(4, 100)];
        let floor = |floor| Ledger {
            floor,
            ..Ledger::default()
        };
        assert_eq!(picked(&all, &here(2), &floor(5), false), "5");
        let none = "UpToDate { newest: Some(5) }";
        assert_eq!(picked(&all, &here(2), &floor(6), false), none);
        // Who does not know what runs takes only what is newer than all that was ever confirmed.
        assert_eq!(picked(&all, &here(0), &floor(4), false), "5");
        assert_eq!(picked(&all, &here(0), &floor(5), false), none);
        let failed = Ledger {
            attempts: Some(Attempts {
                bundle: format!("{:064}", 5),
                count: ATTEMPTS_AT_MOST,
            }),
            ..Ledger::default()
        };
        assert_eq!(picked(&all, &here(3), &failed, true), "4");
        assert_eq!(
            picked(&all, &here(4), &failed, true),
            "GivenUp { version: 5 }"
        );
    }
}
