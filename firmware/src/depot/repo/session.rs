//! One go at a repository: what is published, what waits, who signs; and the end of it, which is one change or none.

use super::disk::{self, Disk, Step};
use super::draft::{Draft, Progress, Signing};
use super::duty::{Duty, Of};
use super::keys::{KeyPlace, Keys};
use super::options::SigningOptions;
use super::place::{self, Place};
use super::published::{self, Published};
use super::settings::Settings;
use super::trouble::Trouble;
use super::unused;
use crate::depot::tell;
use jiff::Timestamp;
use ota::publish::Holders;
use std::path::Path;

/// A repository that is worked on.
pub(super) struct Session {
    pub(super) place: Place,
    pub(super) published: Published,
    /// What waited when the session began.
    pub(super) draft: Draft,
    pub(super) settings: Settings,
    pub(super) keys: Keys,
    pub(super) now: Timestamp,
}

/// How a session ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) progress: Progress,
    /// Role and version of what was published, or waits.
    pub(super) files: Vec<(Duty, u64)>,
    /// Until when a box with a clock takes it.
    pub(super) until: Option<Timestamp>,
    /// Boxes with the old root cannot read the rest before they have the new one.
    pub(super) gap: bool,
}

impl Session {
    /// Opens a repository, ends what a cut left half done, and refuses to build on one that is damaged.
    pub(super) fn open(
        repo: &Path,
        options: &SigningOptions,
        root_keys: &[Of<KeyPlace>],
    ) -> Result<Self, Trouble> {
        let place = Place::open(repo)?;
        let given = [&options.keys[..], root_keys].concat();
        let mut settings = Settings::read(&place)?;
        settings.expires_days.set(&options.expires);
        let mut session = Self {
            keys: Keys::open(&given)?,
            published: Published::read(repo)?,
            draft: Draft::read(&place.draft())?,
            now: options.now(),
            settings,
            place,
        };
        session.roll_forward()?;
        session.check()?;
        session
            .keys
            .refuse_strangers(&given, |duty| session.holders(duty))?;
        session.add_remembered(&given);
        Ok(session)
    }

    /// Who signs a role now, and by the root that waits.
    fn holders(&self, duty: Duty) -> Vec<Holders> {
        let roots = [
            self.published.newest(Duty::Root),
            self.draft.file(Duty::Root),
        ];
        let roots = roots.into_iter().flatten();
        roots
            .filter_map(|root| Some(duty.holders(&root.root().ok()?).clone()))
            .collect()
    }

    /// Keys that init was told, for the roles for which none was given now.
    fn add_remembered(&mut self, given: &[Of<KeyPlace>]) {
        for place in self.settings.keys() {
            if given.iter().any(|one| one.duty == place.duty) {
                continue;
            }
            match Keys::open([&place]) {
                Ok(more) => self.keys.extend(more),
                Err(trouble) => {
                    tell::warn(&format!(
                        "the key of {} is not at hand: {trouble}",
                        place.duty
                    ));
                }
            }
        }
    }

    /// A draft that is complete was on its way when the power went; one that is published already was not yet put away.
    fn roll_forward(&mut self) -> Result<(), Trouble> {
        if self.draft.is_empty() {
            return Ok(());
        }
        let done = |duty: &Duty| match self.draft.file(*duty) {
            Some(file) => self.published.newest(*duty) == Some(file),
            None => true,
        };
        let steps = if Duty::ALL.iter().all(done) {
            vec![Step::Remove(self.place.draft())]
        } else if self
            .draft
            .clone()
            .advance(&self.signing(&Keys::default()))?
            == Progress::Complete
        {
            self.draft.publication(&self.place)?
        } else {
            return Ok(());
        };
        disk::carry_out(&mut disk::Folders, &steps)?;
        self.published = Published::read(self.place.repo())?;
        self.draft = Draft::default();
        Ok(())
    }

    fn check(&self) -> Result<(), Trouble> {
        let repo = self.place.repo();
        if let Some(signed) = self.published.signed_at()
            && self.now < signed
        {
            return Err(Trouble::Refused(format!(
                "the repository was signed at {signed} and it is {} by this computer's clock: set the clock",
                self.now
            )));
        }
        let first = disk::read(&place::metadata(repo, Duty::Root, 1))?;
        if let (Some(first), true) = (first, self.published.version(Duty::Timestamp) > 0) {
            published::believed(repo, first).map_err(|why| published::damaged(repo, &why))?;
        }
        self.follows()
    }

    /// What waits is the next version of what is published.
    fn follows(&self) -> Result<(), Trouble> {
        for duty in Duty::ALL {
            let draft = self.draft.file(duty).map(|file| file.entry());
            let draft = draft
                .transpose()
                .map_err(Trouble::file(&self.place.draft()))?;
            if draft.is_some_and(|draft| draft.version != self.published.version(duty) + 1) {
                return Err(Trouble::Refused(format!(
                    "the draft of {duty} that waits does not follow what is published: drop it with depot repo sign {} --drop",
                    self.place.repo().display()
                )));
            }
        }
        Ok(())
    }

    pub(super) fn signing<'a>(&'a self, keys: &'a Keys) -> Signing<'a> {
        Signing {
            published: &self.published,
            keys,
            expiry: &self.settings.expires_days,
            now: self.now,
        }
    }

    /// For verbs that make something new: nothing may wait, and there must be a root that is published.
    pub(super) fn nothing_waits(&self) -> Result<(), Trouble> {
        if self.draft.is_empty() {
            return Ok(());
        }
        let repo = self.place.repo().display();
        Err(Trouble::Refused(format!(
            "a draft waits for signatures: depot repo sign {repo} --key ROLE=FILE, or drop it with depot repo sign {repo} --drop"
        )))
    }

    /// Takes the signatures of another copy of what waits: its file, or the repository's folder that it is in.
    pub(super) fn take(&mut self, from: &Path) -> Result<(), Trouble> {
        let path = if from.is_dir() {
            from.join(place::DRAFT)
        } else {
            from.to_owned()
        };
        let other = Draft::read(&path)?;
        if other.is_empty() {
            return Err(Trouble::Refused(format!(
                "{} holds no draft: give the file draft.json of somebody else's copy, or the folder it is in",
                from.display()
            )));
        }
        self.draft.take(&other).map_err(Trouble::file(&path))?;
        self.follows()
    }

    /// Signs the draft as far as the keys go, and publishes it where that is far enough; else it waits. `first` is done before.
    pub(super) fn end(
        &self,
        mut draft: Draft,
        first: Vec<Step>,
        disk: &mut dyn Disk,
    ) -> Result<Ended, Trouble> {
        let progress = draft.advance(&self.signing(&self.keys))?;
        let mut steps = first;
        steps.extend(match progress {
            Progress::Complete => draft.publication(&self.place)?,
            Progress::Waits { .. } => vec![draft.kept(&self.place)],
        });
        disk::carry_out(disk, &steps)?;
        if progress == Progress::Complete {
            let steps = unused::steps(self.place.repo())?;
            disk::carry_out(disk, &steps)?;
        }
        let before = self.published.root()?;
        let timestamp = draft.file(Duty::Timestamp);
        let version = |duty: &Duty| Some((*duty, draft.file(*duty)?.entry().ok()?.version));
        Ok(Ended {
            files: Duty::ALL.iter().filter_map(version).collect(),
            until: timestamp.and_then(|file| Some(file.entry().ok()?.expires)),
            gap: draft.file(Duty::Root).is_some()
                && before.is_some_and(|before| !draft.reads_before_and_after(&before)),
            progress,
        })
    }
}

impl Ended {
    /// For people: what was published, or what it waits for.
    pub(super) fn lines(&self, repo: &Path) -> Vec<String> {
        let files = self.files.iter();
        let files: Vec<String> = files
            .map(|(duty, version)| format!("{duty} {version}"))
            .collect();
        let files = files.join(", ");
        let Progress::Waits { duty, missing } = &self.progress else {
            let until = self
                .until
                .map(|until| format!("; current until {}", day(until)));
            let mut lines = vec![format!(
                "Signed and published: {files}{}.",
                until.unwrap_or_default()
            )];
            if self.gap {
                lines.push("The old keys have not signed: a box that read while this was published tries again later.".to_owned());
            }
            return lines;
        };
        let more = if *missing == 1 {
            "signature"
        } else {
            "signatures"
        };
        vec![
            format!("Not published yet: {duty} waits for {missing} more {more}."),
            format!(
                "Next: carry {0} to who holds a key of {duty}; there: depot repo sign {0} --key {duty}=FILE",
                repo.display()
            ),
        ]
    }
}

pub(super) fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}
