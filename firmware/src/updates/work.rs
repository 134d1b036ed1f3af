//! One action of the machine, done: straight lines over the ports, on a thread that may block. The same for the running box and for a verb in its place.

mod older;
mod packs;

use super::boot::SharedBoot;
use super::first_root;
use super::shelf::Shelf;
use super::task::{End, Known, Report, Task, failed, named};
use super::{DiskLedger, DiskParcels, DiskTrust, Folder, Place, box_id};
use crate::config::Updates;
use crate::services::Part;
use crate::slots::Slots;
use crate::sources::{Around, Patience, Stop};
use crate::stores::Stores;
use crate::telemetry::chain;
use board_support::BoardChoice;
use board_support::release::Release;
use jiff::Timestamp;
use ota::fetch::{Budget, FetchError, Fetched, Go};
use ota::install::{self, Desk, InstallError, Progress};
use ota::look::{Here, Offer, look};
use ota::trust::{Today, Trusted};
use ota::updater::{FetchEnd, InstallEnd, Looked};
use ota::{Ledger, Slot, SlotDisks, StateStore, Wanted};
use std::path::PathBuf;

/// What a person reads where a slot is asked for on a board that has none.
const NO_SLOTS: &str =
    "this board has one system and no second slot: update it by writing its card";

/// What the work is done with.
#[derive(Clone)]
pub struct WorkParts {
    /// The data folder.
    pub data: PathBuf,
    /// Which board.
    pub board: BoardChoice,
    /// Bytes of the data disk that are left to others.
    pub keep_free: u64,
    /// The boot choice.
    pub slots: Part<Slots>,
    /// The running system.
    pub release: Release,
    /// The configuration.
    pub config: Updates,
    /// The library, and the records: packs go there.
    pub stores: Stores,
}

/// Hears how far it is, of which pack if it is one.
type Told<'a> = &'a mut dyn FnMut(Progress, Option<&Wanted>) -> Go;
/// An end and its line.
type Ended = (End, String);

/// Does the work; one task at a time.
pub struct Work {
    parts: WorkParts,
    folder: Folder,
    trust: DiskTrust,
    parcels: DiskParcels,
    pack_parcels: DiskParcels,
    ledger: DiskLedger,
    shelf: Shelf,
    /// What was logged last: the same is no transition.
    said: String,
    /// Bytes that the task has fetched.
    spent: u64,
    /// The place that was looked at has packs for this school.
    has_packs: Option<bool>,
}

impl Work {
    /// Nothing is read or made yet.
    #[must_use]
    pub fn new(parts: WorkParts) -> Self {
        let folder = Folder::in_data(&parts.data);
        Self {
            trust: DiskTrust::in_folder(&folder),
            parcels: DiskParcels::in_folder(&folder, parts.keep_free),
            pack_parcels: DiskParcels::of_packs(&folder, parts.keep_free),
            ledger: DiskLedger::in_folder(&folder),
            shelf: Shelf::in_folder(&folder),
            folder,
            parts,
            said: String::new(),
            spent: 0,
            has_packs: None,
        }
    }

    /// Does `task`. `told` hears how far it is, of which pack if it is one, and says whether to go on; `stop` ends what a source waits for.
    pub fn carry_out(&mut self, task: &Task, stop: &Stop, told: Told<'_>) -> Report {
        self.spent = 0;
        self.has_packs = None;
        let (end, line) = match self.folder.make() {
            Ok(()) if task.is_of_packs() => self.done_of_packs(task, stop, told),
            Ok(()) => self.done(task, stop, &mut |progress| told(progress, None)),
            Err(error) => failed(task, chain(&error)),
        };
        Report {
            end,
            line,
            spent: self.spent,
            packs: self.has_packs,
            known: Known {
                ledger: self.ledger.load(),
                not_before: self.trust.not_before(),
            },
        }
    }

    fn done(&mut self, task: &Task, stop: &Stop, told: &mut dyn FnMut(Progress) -> Go) -> Ended {
        match task {
            Task::Confirmed => self.confirmed(),
            Task::Look { place, now, clock } => match self.look(place, *now, *clock, stop) {
                Ok(ended) => ended,
                Err(line) => failed(task, line),
            },
            Task::Fetch {
                place,
                budget,
                clock,
            } => {
                let around = self.around(*clock, stop);
                match place.open(&around) {
                    Ok(mut source) => self.fetch(&mut *source, *budget, told),
                    Err(line) => failed(task, line),
                }
            }
            Task::Install => {
                let end = self.at_the_desk(|desk| install::install(desk, told));
                // The spare slot was retired, whatever came of the rest.
                self.tell_of_older();
                self.installed(end, End::Installed, "ota.slot_written")
            }
            Task::Activate => {
                let end = self.at_the_desk(|desk| install::activate(desk).map(|()| Fetched::All));
                self.installed(end, End::Activated, "ota.slot_activated")
            }
            Task::FetchPack { .. } | Task::BuildPack => {
                failed(task, "it is about a pack".to_owned())
            }
        }
    }

    fn confirmed(&mut self) -> Ended {
        let running = self.parts.slots.lock().booted();
        let version = self.parts.release.version;
        let before = self.ledger.load().floor;
        let done = install::confirmed(running, version, &mut self.parcels, &mut self.ledger);
        let floor = self.ledger.load().floor;
        if floor > before {
            tracing::info!(floor, "ota.floor_raised");
        }
        self.tell_of_older();
        (
            End::Confirmed,
            done.err().map(|error| chain(&error)).unwrap_or_default(),
        )
    }

    fn around(&self, clock: Option<Timestamp>, stop: &Stop) -> Around {
        let not_before = self.trust.not_before();
        let believable = clock.filter(|now| not_before.is_none_or(|floor| *now >= floor));
        Around {
            today: believable.map_or(Today::Unknown, Today::Trusted),
            not_before,
            ca_file: self.parts.config.ca_file.clone(),
            stop: stop.clone(),
            patience: Patience::HOUSE,
        }
    }

    fn look(
        &mut self,
        place: &Place,
        now: bool,
        clock: Option<Timestamp>,
        stop: &Stop,
    ) -> Result<Ended, String> {
        let here = self.here()?;
        let around = self.around(clock, stop);
        let mut source = place.open(&around)?;
        let ledger = self.ledger.load();
        let (today, trust) = (around.today, &mut self.trust);
        let looked = look(&mut *source, trust, today, &here, &ledger, now);
        let said = Looked::of(&looked);
        let (offer, trusted) = match looked {
            Ok(looked) => looked,
            Err(error) => {
                let line = chain(&error);
                self.log_once(&line, || {
                    tracing::warn!(problem = line, "ota.source_refused")
                });
                let end = End::Looked(said, true);
                return Ok((end, line));
            }
        };
        let signed = trusted.not_before();
        // Kept or not: what it says is signed again in whatever is looked at next.
        if let Some(Err(error)) = signed.map(|signed| self.trust.raise_not_before(signed)) {
            tracing::warn!(problem = chain(&error), "ota.not_before_not_kept");
        }
        self.has_packs = Some(self.has_packs_here(&trusted, &here, now));
        let (looked, no_good, mut line) = self.taken(&source.name(), offer, &ledger)?;
        if let Some(expired) = expired(&trusted) {
            self.log_once(&expired, || tracing::warn!(expired, "ota.metadata_expired"));
            line = format!("{line}; {expired}");
        }
        Ok((End::Looked(looked, no_good), line))
    }

    /// Who is looking, with a root to believe by.
    fn here(&mut self) -> Result<Here, String> {
        let parts = &self.parts;
        let root = parts.config.trust_root.as_deref();
        let first = first_root::path(root, &parts.board, &parts.data);
        first_root::plant(&mut self.trust, first.as_deref()).map_err(|error| chain(&error))?;
        Ok(Here {
            board: parts.release.board.clone(),
            version: parts.release.version,
            box_id: box_id::of(&self.folder).map_err(|error| chain(&error))?,
        })
    }

    /// What an offer means here; a release is wanted from now on. The flag: it is no good for this box.
    fn taken(
        &mut self,
        from: &str,
        offer: Offer,
        ledger: &Ledger,
    ) -> Result<(Looked, bool, String), String> {
        let (no_good, line) = match offer {
            Offer::Release { wanted, bytes, .. } => {
                let want = |desk: &mut Desk<'_>| install::want(desk, &wanted, &bytes);
                let kept = self.at_the_desk(|desk| want(desk).map(|()| Fetched::All))?;
                kept.map_err(|error| chain(&error))?;
                if ledger.wanted.as_ref() != Some(&wanted) {
                    let Wanted { version, name, .. } = &wanted;
                    tracing::info!(version, name, from, "ota.offer");
                }
                let line = format!("{from} offers {}", named(&wanted));
                return Ok((Looked::Release(wanted), false, line));
            }
            Offer::UpToDate {
                newest: Some(newest),
            } => {
                if let Err(error) = self.shelf.renew(newest, &self.trust) {
                    tracing::warn!(problem = chain(&error), "ota.shelf_not_renewed");
                }
                let runs = self.parts.release.version;
                (
                    false,
                    format!(
                        "{from} has nothing newer: its newest is version {newest}, version {runs} runs"
                    ),
                )
            }
            Offer::UpToDate { newest: None } => {
                let board = &self.parts.release.board;
                (
                    true,
                    format!("{from} has nothing for this kind of board ({board})"),
                )
            }
            Offer::NotYet { version, percent } => (
                false,
                format!(
                    "{from} has version {version}, for {percent} % of the boxes so far: it is not this one's turn yet"
                ),
            ),
            Offer::GivenUp { version } => (
                true,
                format!(
                    "{from} offers version {version}, which failed its trials on this box: a newer release is needed"
                ),
            ),
        };
        Ok((Looked::Nothing, no_good, line))
    }

    fn fetch(
        &mut self,
        source: &mut dyn ota::Source,
        budget: u64,
        told: &mut dyn FnMut(Progress) -> Go,
    ) -> Ended {
        let permitted = budget;
        let mut budget = Budget(budget);
        let mut run = |work: &mut Self| {
            work.at_the_desk(|desk| install::fetch(desk, source, &mut budget, told))
        };
        let mut end = run(self);
        let no_room = matches!(&end, Ok(Err(InstallError::Fetch(FetchError::Room { .. }))));
        // What lies there for other boxes makes room first.
        if no_room && (self.clear_shelf() | self.clear_packs()) {
            end = run(self);
        }
        self.spent = permitted.saturating_sub(budget.0);
        let end = match end {
            Ok(end) => end,
            Err(line) => return (End::Fetched(FetchEnd::Stuck), line),
        };
        let line = end
            .as_ref()
            .err()
            .map(|error| chain(error))
            .unwrap_or_default();
        let ended = FetchEnd::of(&end);
        if ended == FetchEnd::All {
            self.put_out();
        }
        if !line.is_empty() {
            self.log_once(&line, || tracing::warn!(problem = line, "ota.fetch_failed"));
        }
        (End::Fetched(ended), line)
    }

    fn clear_shelf(&mut self) -> bool {
        let wanted = self.ledger.load().wanted;
        let cleared = self.shelf.clear(wanted.as_ref(), &mut self.parcels);
        cleared.unwrap_or_else(|error| {
            tracing::warn!(problem = chain(&error), "ota.shelf_not_cleared");
            false
        })
    }

    /// What was fetched whole is there for other boxes.
    fn put_out(&mut self) {
        let Some(wanted) = self.ledger.load().wanted else {
            return;
        };
        tracing::info!(version = wanted.version, "ota.fetched");
        if let Err(error) = self.shelf.put_out(&wanted, &self.trust, &self.parcels) {
            tracing::warn!(problem = chain(&error), "ota.shelf_not_filled");
        }
    }

    fn installed(
        &mut self,
        end: Result<Result<Fetched, InstallError>, String>,
        kind: fn(InstallEnd) -> End,
        event: &str,
    ) -> Ended {
        let end = match end {
            Ok(end) => end,
            Err(line) => return (kind(InstallEnd::Failed), line),
        };
        let line = end
            .as_ref()
            .err()
            .map(|error| chain(error))
            .unwrap_or_default();
        let ended = InstallEnd::of(&end);
        match ended {
            InstallEnd::Done => {
                let version = self.ledger.load().staged.map(|staged| staged.version);
                let slot: Slot = self.parts.slots.lock().booted().other();
                tracing::info!(version, %slot, "{event}");
            }
            InstallEnd::Failed | InstallEnd::GivenUp => {
                self.log_once(&line, || {
                    tracing::error!(problem = line, "ota.install_failed")
                });
            }
            InstallEnd::Stopped | InstallEnd::Incomplete => {}
        }
        (kind(ended), line)
    }

    /// Opens the slots and does `work` with all ports.
    ///
    /// # Errors
    /// One line: there is no slot to work on.
    fn at_the_desk(
        &mut self,
        work: impl FnOnce(&mut Desk<'_>) -> Result<Fetched, InstallError>,
    ) -> Result<Result<Fetched, InstallError>, String> {
        let disks = board_support::slots::open(&self.parts.board, &self.parts.data);
        let disks: Option<Box<dyn SlotDisks>> = disks.map_err(|error| chain(&error))?;
        let mut disks = disks.ok_or_else(|| NO_SLOTS.to_owned())?;
        let mut boot = SharedBoot(self.parts.slots.clone());
        Ok(work(&mut Desk {
            disks: &mut *disks,
            boot: &mut boot,
            parcels: &mut self.parcels,
            state: &mut self.ledger,
        }))
    }

    fn log_once(&mut self, line: &str, log: impl FnOnce()) {
        if self.said != line {
            line.clone_into(&mut self.said);
            log();
        }
    }
}

fn expired(trusted: &Trusted) -> Option<String> {
    let (role, since) = trusted.expired().first()?;
    Some(format!(
        "its {role} expired at {since:.0}, which a box without a trusted clock only tells"
    ))
}
