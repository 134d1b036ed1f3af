//! Where newer systems and packs come from, and how a new system is tried.

use super::source::Source;
use super::{ConfigError, is_label};
use ota::TrialPolicy;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

/// Addresses at most: a repository and its mirrors.
const MOST_SOURCES: usize = 8;
/// Packs on a school's list at most.
const MOST_PACKS: usize = 100;
/// Characters of an address at most.
const LONGEST_ADDRESS: usize = 500;
const MB: u64 = 1_000_000;

/// What the box does about newer systems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updates {
    /// Addresses of repositories that are looked at when there is a connection.
    pub sources: Vec<String>,
    /// The first root to trust; `None`: the one that the system came with.
    pub trust_root: Option<PathBuf>,
    /// Between two looks at the same address.
    pub look_every: Duration,
    /// Bytes that one contact with an address may cost.
    pub budget: u64,
    /// Ids of the packs that the school wants, the most wanted first; a newer version of an installed pack is wanted without being named.
    pub packs: Vec<String>,
    /// Certificates that are trusted for `https` beside the usual ones: a PEM file.
    pub ca_file: Option<PathBuf>,
    /// When a new system is taken as good, and when it is given up.
    pub trial: TrialPolicy,
}

impl Default for Updates {
    fn default() -> Self {
        Self {
            sources: Vec::new(),
            trust_root: None,
            look_every: Duration::from_secs(6 * 3600),
            budget: 64 * MB,
            packs: Vec::new(),
            ca_file: None,
            trial: TrialPolicy::HOUSE,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawUpdate {
    sources: Option<Vec<String>>,
    trust_root: Option<String>,
    look_every_h: Option<u64>,
    budget_mb: Option<u64>,
    packs: Option<Vec<String>>,
    ca_file: Option<String>,
    trial_hold_s: Option<u64>,
    trial_within_s: Option<u64>,
}

impl RawUpdate {
    pub(super) fn checked(&self, source: &Source<'_>) -> Result<Updates, ConfigError> {
        let default = Updates::default();
        let path = |path: &String| path.starts_with('/').then(|| Some(PathBuf::from(path)));
        let whole = |range: std::ops::RangeInclusive<u64>, unit: u64| {
            move |value: &u64| range.contains(value).then_some(value * unit)
        };
        let (hours, mb) = (whole(1..=720, 3600), whole(1..=65_536, MB));
        Ok(Updates {
            sources: source.check(
                "update.sources",
                self.sources.clone(),
                "up to 8 addresses such as [\"https://updates.example.org/box\"]",
                |all| addresses(all),
                default.sources,
            )?,
            trust_root: source.check(
                "update.trust_root",
                self.trust_root.clone(),
                "a whole path such as \"/etc/school-box/update-root.json\"",
                path,
                default.trust_root,
            )?,
            look_every: source.check(
                "update.look_every_h",
                self.look_every_h,
                "1 to 720 (hours)",
                |value| hours(value).map(Duration::from_secs),
                default.look_every,
            )?,
            budget: source.check(
                "update.budget_mb",
                self.budget_mb,
                "1 to 65536 (MB)",
                mb,
                default.budget,
            )?,
            packs: source.check(
                "update.packs",
                self.packs.clone(),
                "up to 100 names of packs such as [\"wikipedia-en\"]: a-z, 0-9 and inner hyphens, each once",
                |all| packs(all),
                default.packs,
            )?,
            ca_file: source.check(
                "update.ca_file",
                self.ca_file.clone(),
                "a whole path such as \"/etc/school-box/ca.pem\"",
                path,
                default.ca_file,
            )?,
            trial: self.trial(default.trial, source)?,
        })
    }

    /// The hold outlasts the probe's interval and a critical service's turn; the ranges do not meet, so no pair contradicts itself.
    fn trial(&self, default: TrialPolicy, source: &Source<'_>) -> Result<TrialPolicy, ConfigError> {
        let seconds = |range: std::ops::RangeInclusive<u64>| {
            move |seconds: &u64| {
                range
                    .contains(seconds)
                    .then(|| Duration::from_secs(*seconds))
            }
        };
        Ok(TrialPolicy {
            hold: source.check(
                "update.trial_hold_s",
                self.trial_hold_s,
                "20 to 50 (seconds)",
                seconds(20..=50),
                default.hold,
            )?,
            within: source.check(
                "update.trial_within_s",
                self.trial_within_s,
                "60 to 3600 (seconds)",
                seconds(60..=3600),
                default.within,
            )?,
            ..default
        })
    }
}

fn addresses(all: &[String]) -> Option<Vec<String>> {
    (all.len() <= MOST_SOURCES && all.iter().all(|one| is_address(one))).then(|| all.to_vec())
}

/// A pack's id is its host name, a DNS label.
fn packs(all: &[String]) -> Option<Vec<String>> {
    let once = all.iter().collect::<BTreeSet<_>>().len() == all.len();
    (all.len() <= MOST_PACKS && once && all.iter().all(|id| is_label(id))).then(|| all.to_vec())
}

fn is_address(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && !rest.starts_with('/') && !rest.contains(['?', '#'])
    }) && text.len() <= LONGEST_ADDRESS
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}
