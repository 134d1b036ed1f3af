//! An offer carried out where no box runs: to its end, on one thread, by the same machine and the same work.

use super::Place;
use super::offer::{
    Offer, Offered, answer, machine, of_pack, of_report, of_state, task_of, with_packs,
};
use super::packs::told::coming;
use super::permits::{Circumstances, SlotsNow};
use super::task::{End, Known, Report, Task};
use super::told::{Facts, Rate, told};
use super::work::{Work, WorkParts};
use crate::clock::Clock;
use crate::services::Part;
use crate::slots::Slots;
use crate::sources::Stop;
use crate::status::Update;
use board_support::release::Release;
use ota::fetch::Go;
use ota::install::Progress;
use ota::packs::{PackAction, PackTurns};
use ota::updater::{Permits, SourceId, UpdateState, Updater};

/// A person stands beside it: all is allowed but the restart, which is theirs.
const BY_A_PERSON: Permits = Permits {
    fetch: true,
    install: true,
    activate: true,
    restart: false,
};

/// The number of the one source.
const ONE: SourceId = 0;

/// What the box was in the middle of, without the box.
struct InPlace<'a> {
    work: Work,
    updater: Updater,
    clock: &'a Clock,
    place: Place,
    release: Release,
    slots: Part<Slots>,
    known: Known,
    last_look: String,
    rate: Rate,
    /// The source has packs for this school.
    has_packs: bool,
}

/// Carries out an offer in the place of a box. `told_of` hears how far it is.
///
/// # Errors
/// One line: what was refused or failed.
pub fn take(
    parts: WorkParts,
    offer: &Offer,
    clock: &Clock,
    told_of: &mut dyn FnMut(&Update),
) -> Result<Offered, String> {
    let slots = parts.slots.lock().told();
    if let Some(lack) = against(&slots).lack(&UpdateState::Idle) {
        return Err(format!("no update is taken now: {lack}"));
    }
    let known = Known::on(&parts.data);
    let mut updater = machine(&parts.config, "", &known, clock.since_boot());
    updater.handle_source(ONE, true, clock.since_boot());
    updater.handle_permits(BY_A_PERSON, clock.since_boot());
    let place = Place::Offered(offer.source.clone());
    let mut instead = InPlace {
        updater,
        clock,
        place,
        release: parts.release.clone(),
        slots: parts.slots.clone(),
        known,
        last_look: String::new(),
        rate: Rate::default(),
        has_packs: false,
        work: Work::new(parts),
    };
    instead.carry_on(offer, &slots, told_of)
}

impl InPlace<'_> {
    fn carry_on(
        &mut self,
        offer: &Offer,
        slots: &Update,
        told_of: &mut dyn FnMut(&Update),
    ) -> Result<Offered, String> {
        let mut outcome = None;
        while outcome.is_none()
            && let Some(action) = self.updater.poll_action(self.clock.since_boot())
        {
            let place = |_| Some(self.place.clone());
            let task = task_of(action, self.clock.wall_trusted(), |_| offer.now, place);
            let Some(task) = task else { break };
            let report = self.one(&task, slots, told_of);
            outcome = of_report(&report);
            answer(&mut self.updater, ONE, report.end, self.clock.since_boot());
        }
        let follows = "restart the box, or start it again";
        let stands = || of_state(self.updater.state(), &self.known, None, follows);
        let system = outcome.unwrap_or_else(stands);
        let packs = self.take_packs(offer, slots, told_of);
        let (word, line) = with_packs(system, &packs)?;
        let state = self.updater.state().clone();
        let slots = self.slots.lock().told();
        Ok(Offered {
            outcome: word.to_owned(),
            line,
            update: self.told(slots, &state, None),
        })
    }

    fn one(&mut self, task: &Task, slots: &Update, told_of: &mut dyn FnMut(&Update)) -> Report {
        let state = self.updater.state().clone();
        let before = self.told(slots.clone(), &state, None);
        let (clock, mut rate) = (self.clock, self.rate);
        let (release, known) = (self.release.clone(), self.known.clone());
        let (from, last_look) = (self.place.name(), self.last_look.clone());
        told_of(&before);
        let report = self
            .work
            .carry_out(task, &Stop::default(), &mut |progress, pack| {
                let rate = rate.of(&progress, clock.since_boot());
                let of_pack = task.is_of_packs();
                let facts = Facts {
                    release: &release,
                    known: &known,
                    state: &state,
                    progress: Some(progress).filter(|_| !of_pack),
                    from: if of_pack { "" } else { &from },
                    rate,
                    lack: None,
                    last_look: &last_look,
                };
                let mut update = told(slots.clone(), &facts);
                if of_pack {
                    update.coming_pack = coming(pack, Some(progress), &from, rate, None);
                }
                told_of(&update);
                Go::On
            });
        self.rate = rate;
        if matches!(report.end, End::Looked(..)) {
            self.last_look.clone_from(&report.line);
            self.has_packs = report.packs == Some(true);
        }
        self.known = report.known.clone();
        report
    }

    /// The packs of the source, to the last one that can be had.
    fn take_packs(
        &mut self,
        offer: &Offer,
        slots: &Update,
        told_of: &mut dyn FnMut(&Update),
    ) -> Vec<Result<String, String>> {
        let mut said = Vec::new();
        if !self.has_packs {
            return said;
        }
        let mut turns = PackTurns::new(self.known.ledger.pack.as_ref());
        turns.handle_looked(ONE, true, true, self.clock.since_boot());
        loop {
            let now = self.clock.since_boot();
            let Some(action) = turns.poll(now, |_| Some(u64::MAX)) else {
                return said;
            };
            let task = match action {
                PackAction::Build => Task::BuildPack,
                PackAction::Fetch(_, budget) => Task::FetchPack {
                    place: self.place.clone(),
                    budget,
                    held: turns.held(ONE, now),
                    now: offer.now,
                    clock: self.clock.wall_trusted(),
                },
            };
            let report = self.one(&task, slots, told_of);
            said.extend(of_pack(&report));
            let now = self.clock.since_boot();
            match report.end {
                End::PackFetched(end, pack) => turns.handle_fetched(ONE, end, pack.as_ref(), now),
                End::PackBuilt(end, pack) => turns.handle_built(end, pack.as_ref(), now),
                End::Confirmed
                | End::Looked(..)
                | End::Fetched(_)
                | End::Installed(_)
                | End::Activated(_) => return said,
            }
        }
    }

    fn told(&self, slots: Update, state: &UpdateState, progress: Option<Progress>) -> Update {
        let facts = Facts {
            release: &self.release,
            known: &self.known,
            state,
            progress,
            from: "",
            rate: 0,
            lack: None,
            last_look: &self.last_look,
        };
        told(slots, &facts)
    }
}

/// What of the slots alone stands against an update.
fn against(slots: &Update) -> Circumstances {
    Circumstances {
        slots: SlotsNow::of(slots),
        on_mains: true,
        state: power_mgmt::PowerState::Full,
        sync: power_mgmt::SyncWindow::Open,
        charge: None,
        enough: 0.0,
        offered: true,
        quiet: false,
        quiet_hours: false,
        restart_asked: false,
    }
}
