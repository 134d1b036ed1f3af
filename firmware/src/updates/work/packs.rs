//! The work on packs: the one that is next is fetched and made, parsed and staged by a process of its own, and taken into the library in one commit, as every
//! import is.

use super::super::packs::told::named;
use super::super::packs::{Incoming, Older, Staging};
use super::{Ended, Told, Work};
use crate::sources::Stop;
use crate::telemetry::chain;
use crate::updates::task::{End, Task, failed};
use board_support::own_verb::{self, VerbEnd};
use content_store::library::LibraryError;
use ota::fetch::{Budget, FetchError, Fetched, Go};
use ota::install::pack::{self, PackBase, PackDesk, PackError};
use ota::install::{Doing, Progress};
use ota::look::Here;
use ota::packs::{
    Choice, HeldBack, PackFetched, PackLook, School, choose, look, note_failed, note_taken, offered,
};
use ota::trust::Trusted;
use ota::updater::InstallEnd;
use ota::{PackOffer, Parcels as _, StateStore as _, Wanted};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What became of a file that came whole.
enum Taken {
    /// It is in the library.
    Done,
    /// It was stopped.
    Stopped,
    /// It is no pack, or not the one that was offered.
    NoPack(String),
    /// It may be one: the disk, the process.
    NotNow(String),
}

impl Work {
    fn school(&self) -> School {
        let packs = self.parts.stores.library().packs();
        School {
            list: self.parts.config.packs.clone(),
            installed: packs.iter().map(|pack| pack.id.to_string()).collect(),
        }
    }

    /// Whether what is offered has a pack for this school.
    pub(super) fn has_packs_here(&mut self, trusted: &Trusted, here: &Here, now: bool) -> bool {
        let (school, ledger) = (self.school(), self.ledger.load());
        if ledger.pack.is_none() {
            // What a cut between its last two steps left.
            self.clear_packs();
        }
        let all = offered(trusted);
        let held = HeldBack::new();
        match choose(&all, &school, &ledger, &held, &here.box_id, now) {
            Choice::Take(_) => true,
            Choice::Nothing { given_up } => {
                for release in given_up {
                    let (id, version) = (&release.id, release.version);
                    let line = format!("{id} {version} is left alone");
                    self.log_once(&line, || tracing::info!(id, version, "ota.pack_left_alone"));
                }
                false
            }
        }
    }

    pub(super) fn done_of_packs(&mut self, task: &Task, stop: &Stop, told: Told<'_>) -> Ended {
        if *task == Task::BuildPack {
            return self.build_pack(told);
        }
        self.fetch_pack(task, stop, told)
    }

    fn fetch_pack(&mut self, task: &Task, stop: &Stop, told: Told<'_>) -> Ended {
        match self.next_pack(task, stop, told) {
            Ok(ended) => ended,
            Err(line) => failed(task, line),
        }
    }

    fn next_pack(&mut self, task: &Task, stop: &Stop, told: Told<'_>) -> Result<Ended, String> {
        let Task::FetchPack {
            place,
            budget,
            held,
            now,
            clock,
        } = task
        else {
            return Err("no pack is to be fetched".to_owned());
        };
        let here = self.here()?;
        let around = self.around(*clock, stop);
        let mut source = place.open(&around)?;
        let (school, ledger) = (self.school(), self.ledger.load());
        let what = (&school, &ledger, held);
        let (today, trust) = (around.today, &mut self.trust);
        let (wanted, offer) = match look(&mut *source, trust, today, &here, what, *now) {
            Ok(PackLook::Take(wanted, offer)) => (wanted, offer),
            Ok(PackLook::Nothing) => {
                return Ok((End::PackFetched(PackFetched::Nothing, None), String::new()));
            }
            Ok(PackLook::Not(wanted, why)) => {
                let line = format!("{}: {why}", named(&wanted));
                return Ok(self.unfetched(PackFetched::Lacks, wanted, line));
            }
            Err(error) => {
                let line = chain(&error);
                self.log_once(&line, || {
                    tracing::warn!(problem = line, "ota.source_refused")
                });
                return Ok((End::PackFetched(PackFetched::of_look(&error), None), line));
            }
        };
        Ok(self.fetch_this(&mut *source, (wanted, &offer), *budget, told))
    }

    fn unfetched(&mut self, end: PackFetched, pack: Wanted, line: String) -> Ended {
        if !line.is_empty() {
            self.log_once(&line, || {
                tracing::warn!(problem = line, "ota.pack_not_fetched")
            });
        }
        (End::PackFetched(end, Some(pack)), line)
    }

    fn fetch_this(
        &mut self,
        source: &mut dyn ota::Source,
        (wanted, offer): (Wanted, &[u8]),
        permitted: u64,
        told: Told<'_>,
    ) -> Ended {
        let news = self.ledger.load().pack.as_ref() != Some(&wanted);
        if news {
            let (id, version, from) = (&wanted.name, wanted.version, source.name());
            tracing::info!(id, version, from, "ota.pack_offer");
        }
        let mut budget = Budget(permitted);
        let kept = pack::want(&mut self.pack_parcels, &mut self.ledger, &wanted, offer);
        let fetched = kept.and_then(|()| {
            let mut run = |work: &mut Self| {
                let mut told = |progress| told(progress, Some(&wanted));
                work.at_the_pack(|desk| pack::fetch(desk, source, &mut budget, &mut told))
            };
            let fetched = run(self);
            let no_room = matches!(&fetched, Err(PackError::Fetch(FetchError::Room { .. })));
            // What lies there for other boxes makes room first.
            if no_room && self.clear_shelf() {
                run(self)
            } else {
                fetched
            }
        });
        self.spent = permitted.saturating_sub(budget.0);
        let end = PackFetched::of(&fetched);
        if end == PackFetched::All {
            let (id, version, bytes) = (&wanted.name, wanted.version, self.spent);
            tracing::info!(id, version, bytes, "ota.pack_fetched");
        }
        let line = fetched.err().map(|error| chain(&error));
        let line = line.map(|line| format!("{}: {line}", named(&wanted)));
        self.unfetched(end, wanted, line.unwrap_or_default())
    }

    /// Opens what a pack is made from and made in, and does `work` with all ports.
    fn at_the_pack(
        &mut self,
        work: impl FnOnce(&mut PackDesk<'_>) -> Result<Fetched, PackError>,
    ) -> Result<Fetched, PackError> {
        let (wanted, offer) = pack::wanted(&mut self.pack_parcels, &mut self.ledger)?;
        let (mut file, mut older) = self.opened(&wanted, &offer)?;
        let base = older.as_mut().map(|older| PackBase {
            bytes: older.bytes,
            sha256: older.sha256.clone(),
            disk: older,
        });
        work(&mut PackDesk {
            base,
            file: &mut file,
            parcels: &mut self.pack_parcels,
            state: &mut self.ledger,
        })
    }

    fn opened(
        &self,
        wanted: &Wanted,
        offer: &PackOffer,
    ) -> Result<(Incoming, Option<Older>), PackError> {
        let parts = &self.parts;
        let keep = |error| PackError::Keep(std::io::Error::other(chain(&error)));
        let file = Incoming::open(&parts.data, wanted, offer).map_err(keep)?;
        // One that cannot be opened is none: the new one comes whole.
        let older = Older::of(parts.stores.library(), &wanted.name);
        let older = older.unwrap_or_else(|error| {
            tracing::warn!(
                id = wanted.name,
                problem = chain(&error),
                "ota.no_older_pack"
            );
            None
        });
        Ok((file, older))
    }

    fn build_pack(&mut self, told: Told<'_>) -> Ended {
        let (wanted, offer) = match pack::wanted(&mut self.pack_parcels, &mut self.ledger) {
            Ok(pack) => pack,
            // A source is looked at again.
            Err(_) => return (End::PackBuilt(InstallEnd::Incomplete, None), String::new()),
        };
        let mut of_it = |progress| told(progress, Some(&wanted));
        let built = self.at_the_pack(|desk| pack::build(desk, &mut of_it));
        let taken = match built {
            Ok(Fetched::All) => self.take(&wanted, &offer, told),
            Ok(Fetched::BudgetSpent | Fetched::Stopped) => Taken::Stopped,
            Err(PackError::Incomplete | PackError::Nothing) => {
                let end = End::PackBuilt(InstallEnd::Incomplete, Some(wanted));
                return (end, String::new());
            }
            Err(error @ PackError::Keep(_)) => Taken::NotNow(chain(&error)),
            Err(error) => Taken::NoPack(chain(&error)),
        };
        self.became(wanted, taken)
    }

    /// What is remembered of it, and told.
    fn became(&mut self, wanted: Wanted, taken: Taken) -> Ended {
        let mut ledger = self.ledger.load();
        let (end, line) = match taken {
            Taken::Stopped => {
                return (
                    End::PackBuilt(InstallEnd::Stopped, Some(wanted)),
                    String::new(),
                );
            }
            Taken::Done => {
                note_taken(&mut ledger, &wanted, &self.school());
                let (id, version) = (&wanted.name, wanted.version);
                tracing::info!(id, version, "ota.pack_taken");
                (
                    InstallEnd::Done,
                    format!("{} is in the library", named(&wanted)),
                )
            }
            Taken::NotNow(why) => (InstallEnd::Failed, format!("{}: {why}", named(&wanted))),
            Taken::NoPack(why) => {
                let given_up = note_failed(&mut ledger, &wanted);
                let left = "it is left alone until there is a newer one";
                let line = format!("{}: {why}", named(&wanted));
                if given_up {
                    (InstallEnd::GivenUp, format!("{line}; {left}"))
                } else {
                    (InstallEnd::Failed, line)
                }
            }
        };
        if end == InstallEnd::Failed || end == InstallEnd::GivenUp {
            self.log_once(&line, || tracing::error!(problem = line, "ota.pack_failed"));
        }
        if let Err(error) = self.ledger.save(&ledger) {
            tracing::warn!(problem = error.to_string(), "ota.pack_not_noted");
        }
        if ledger.pack.is_none() {
            self.clear_packs();
        }
        (End::PackBuilt(end, Some(wanted)), line)
    }

    /// Lets go what was fetched and made of packs. Whether there was anything.
    pub(super) fn clear_packs(&mut self) -> bool {
        let cleared = self.pack_parcels.keep_only(&[]);
        let cleared = cleared.map_err(|error| error.to_string());
        let cleared = cleared.and(Incoming::clear(&self.parts.data).map_err(|error| chain(&error)));
        if let Err(problem) = &cleared {
            tracing::warn!(problem, "ota.packs_not_cleared");
        }
        cleared.unwrap_or(false)
    }

    /// From the file into the library.
    fn take(&mut self, wanted: &Wanted, offer: &PackOffer, told: Told<'_>) -> Taken {
        let path = match self.opened(wanted, offer) {
            Ok((file, _)) => file.path().to_owned(),
            Err(error) => return Taken::NotNow(chain(&error)),
        };
        let staged = match self.staged(&path, wanted, told) {
            Ok(staged) => staged,
            Err(taken) => return taken,
        };
        let stores = &self.parts.stores;
        match stores.library().adopt(&staged) {
            Ok(_) => Taken::Done,
            Err(error @ LibraryError::Damaged { .. }) => {
                Taken::NoPack(stores.library_error(&error))
            }
            Err(error) => Taken::NotNow(stores.library_error(&error)),
        }
    }

    /// Parsed and staged by a process of its own, as every import.
    fn staged(&self, path: &Path, wanted: &Wanted, told: Told<'_>) -> Result<PathBuf, Taken> {
        let mut progress = Progress {
            doing: Doing::Checking,
            ..Progress::default()
        };
        let mut last = None;
        let ended = own_verb::run(&self.arguments(path, wanted), &mut |line| {
            match line.map(serde_json::from_str) {
                Some(Ok(Staging::Progress(done, of))) => (progress.done, progress.of) = (done, of),
                Some(Ok(said)) => last = Some(said),
                Some(Err(_)) | None => {}
            }
            told(progress, Some(wanted)) == Go::On
        });
        let ended = ended.map_err(|error| {
            Taken::NotNow(format!(
                "the process that takes it in cannot be run: {error}"
            ))
        })?;
        match (ended, last) {
            (VerbEnd::Stopped, _) => Err(Taken::Stopped),
            (VerbEnd::Done, Some(Staging::Staged(staged))) => Ok(staged),
            (_, Some(Staging::Refused { why, full: true })) => Err(Taken::NotNow(why)),
            (_, Some(Staging::Refused { why, full: false })) => Err(Taken::NoPack(why)),
            (VerbEnd::Failed(why), _) => Err(Taken::NoPack(format!(
                "the process that takes it in fell over: {why}"
            ))),
            (VerbEnd::Done, _) => Err(Taken::NotNow("nobody knows where it was staged".to_owned())),
        }
    }

    fn arguments(&self, path: &Path, wanted: &Wanted) -> [OsString; 8] {
        let parts = &self.parts;
        [
            "stage".into(),
            path.into(),
            "--offered-as".into(),
            (&wanted.name).into(),
            "--keep-free".into(),
            parts.keep_free.to_string().into(),
            "--data".into(),
            (&parts.data).into(),
        ]
    }
}
