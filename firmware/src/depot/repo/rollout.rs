//! `depot repo rollout`: to how many boxes a release goes.

use super::draft::Draft;
use super::offers::{self, Title};
use super::options::SigningOptions;
use super::session::Session;
use super::trouble::Trouble;
use super::{disk, place};
use crate::depot::tell;
use clap::Args;
use std::path::PathBuf;

/// Offer a release to so many of a hundred boxes
///
/// Which boxes these are is drawn by each box's own id and stays as it is when more come in. With 0 none takes it any more; boxes that have it
/// keep it. A person at a box can always take it at once.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  depot repo rollout REPO 12 10")]
pub(super) struct Rollout {
    /// The repository's folder
    repo: PathBuf,
    /// The release's number
    version: u64,
    /// Of a hundred boxes so many, 0 to 100
    #[arg(value_parser = clap::value_parser!(u8).range(0..=100))]
    percent: u8,
    /// Its kind of board, where several have a release of this number
    #[arg(long, value_parser = place::name)]
    board: Option<String>,
    #[command(flatten)]
    signing: SigningOptions,
}

impl Rollout {
    pub(super) fn run(self) -> Result<(), Trouble> {
        let session = Session::open(&self.repo, &self.signing, &[])?;
        session.nothing_waits()?;
        let mut offered = session.published.offered()?;
        let path = self.release(offered.keys())?;
        if let Some(file) = offered.get_mut(&path) {
            offers::set_rollout(file, self.percent);
        }
        let mut draft = Draft::default();
        draft.set_targets(&session.signing(&session.keys), &offered)?;
        let ended = session.end(draft, Vec::new(), &mut disk::Folders)?;
        let who = boxes(self.percent);
        let mut lines = vec![format!(
            "{} is for {who}.",
            path.trim_end_matches("/bundle.json")
        )];
        lines.extend(ended.lines(&self.repo));
        tell::say(&lines.join("\n"));
        Ok(())
    }

    fn release<'a>(&self, paths: impl Iterator<Item = &'a String>) -> Result<String, Trouble> {
        let asked = |path: &&String| match Title::parse(path) {
            Some(Title::System { board, version }) => {
                version == self.version && self.board.as_ref().is_none_or(|asked| *asked == board)
            }
            Some(Title::Pack { .. }) | None => false,
        };
        let found: Vec<&String> = paths.filter(asked).collect();
        match found.as_slice() {
            [one] => Ok((*one).clone()),
            [] => Err(Trouble::Refused(format!(
                "{} offers no release {}: depot repo verify lists those it has",
                self.repo.display(),
                self.version
            ))),
            [_, ..] => Err(Trouble::Usage(format!(
                "several boards have a release {}: give --board",
                self.version
            ))),
        }
    }
}

pub(super) fn boxes(percent: u8) -> String {
    match percent {
        0 => "no box".to_owned(),
        100 => "every box".to_owned(),
        percent => format!("{percent} of a hundred boxes"),
    }
}
