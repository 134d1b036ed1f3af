//! `depot repo verify`: as a box would look at it, and closer.

use super::check::{Asked, Findings, check};
use super::options::now;
use super::session::day;
use super::tally;
use super::trouble::Trouble;
use crate::depot::tell;
use clap::Args;
use jiff::Timestamp;
use std::fs;
use std::path::PathBuf;

/// Check a repository as a box would, and every byte of it: signatures, hashes, frames unpacked, patches applied
///
/// Patches are applied where the image they start from is at hand, in REPO.desk. Each fault is one line. Exit 0 is a good repository, 1 another.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  depot repo verify REPO --root update-root.json")]
pub(super) struct Verify {
    /// The repository's folder: the publisher's own, or any copy
    repo: PathBuf,
    /// The root that a box was given; by default the repository's own first one
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
    /// Signatures and hashes alone: nothing is unpacked
    #[arg(long)]
    quick: bool,
    /// Look at expiry as at this time in place of now
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Print JSON: sizes in bytes
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) fn run(self) -> Result<(), Trouble> {
        let shown = self.repo.display();
        if !self.repo.join("metadata").is_dir() {
            return Err(Trouble::Refused(format!(
                "{shown} is no repository: it has no folder metadata"
            )));
        }
        let root = self
            .root
            .as_ref()
            .map(|path| fs::read(path).map_err(Trouble::disk("read", path)));
        let findings = check(&Asked {
            repo: &self.repo,
            root: root.transpose()?,
            now: self.at.unwrap_or_else(now),
            rebuild: !self.quick,
        })?;
        if self.json {
            tell::say(&serde_json::to_string_pretty(&findings).unwrap_or_default());
        } else {
            tell::say(&self.page(&findings).join("\n"));
        }
        match findings.faults.len() {
            0 => Ok(()),
            1 => Err(Trouble::Refused(format!(
                "{shown} has a fault: do not publish it"
            ))),
            faults => Err(Trouble::Refused(format!(
                "{shown} has {faults} faults: do not publish it"
            ))),
        }
    }

    fn page(&self, findings: &Findings) -> Vec<String> {
        let mut lines = findings.faults.clone();
        if lines.is_empty() {
            lines.push(format!("{} is good.", self.repo.display()));
        }
        for release in &findings.releases {
            lines.push(format!(
                "system {} {} ({}), for {} of a hundred boxes",
                release.board, release.version, release.name, release.rollout_percent
            ));
        }
        for pack in &findings.packs {
            lines.push(format!("pack {} {} ({})", pack.id, pack.version, pack.file));
        }
        if findings.draft_waits {
            let repo = self.repo.display();
            lines.push(format!(
                "A draft waits for signatures: depot repo sign {repo} shows it"
            ));
        }
        let metadata = findings.metadata.iter();
        let metadata: Vec<String> = metadata
            .map(|(duty, current)| {
                format!("{duty} {} until {}", current.version, day(current.expires))
            })
            .collect();
        lines.push(metadata.join(", "));
        let checked = &findings.checked;
        lines.push(format!(
            "{} files, {}; {} images made of their frames, {} by patches",
            checked.files,
            tally::bytes(checked.bytes),
            checked.from_frames,
            checked.from_patches
        ));
        if checked.patches_without_image > 0 && !self.quick {
            lines.push(format!(
                "{} patches were not applied: their images are not at hand",
                checked.patches_without_image
            ));
        }
        lines
    }
}
