//! Packs of lessons: what is next where the system needs nothing.

use super::UpdateParts;
use super::worker::Worker;
use super::working::Working;
use crate::status::Update;
use crate::updates::offer::{self, Outcome};
use crate::updates::packs::told::coming;
use crate::updates::permits::Circumstances;
use crate::updates::{End, Known, Report, Task};
use ota::packs::{PackAction, PackFetched, PackTurns};
use ota::updater::{SourceId, UpdateState};
use std::time::Duration;

/// The pack's half of the work.
pub(super) struct Packs {
    pub(super) turns: PackTurns,
    /// What came of the last one.
    last: String,
    permitted: bool,
}

impl Packs {
    pub(super) fn new(known: &Known) -> Self {
        Self {
            turns: PackTurns::new(known.ledger.pack.as_ref()),
            last: String::new(),
            permitted: false,
        }
    }

    pub(super) fn handle_permits(&mut self, now: &Circumstances, at: Duration) {
        if now.packs() != self.permitted {
            self.permitted = now.packs();
            self.turns.handle_permits(at);
        }
    }

    /// Tells the machine how its action ended, and remembers what there is to say.
    pub(super) fn handle_end(&mut self, id: SourceId, end: &End, line: &str, at: Duration) {
        match end {
            End::PackFetched(how, pack) => {
                self.turns.handle_fetched(id, *how, pack.as_ref(), at);
            }
            End::PackBuilt(how, pack) => self.turns.handle_built(*how, pack.as_ref(), at),
            End::Confirmed
            | End::Looked(..)
            | End::Fetched(_)
            | End::Installed(_)
            | End::Activated(_) => return,
        }
        if !line.is_empty() {
            line.clone_into(&mut self.last);
        }
    }
}

impl Working {
    /// A system goes before every pack.
    fn system_needs_nothing(&self) -> bool {
        match self.updater.state() {
            UpdateState::Idle | UpdateState::Staged | UpdateState::Activated => true,
            UpdateState::Looking | UpdateState::Fetching | UpdateState::Installing => false,
        }
    }

    /// Begins what comes next for packs; whether there was anything.
    pub(super) fn next_pack(&mut self, now: &Circumstances, parts: &UpdateParts) -> bool {
        if !now.packs() || !self.system_needs_nothing() || self.person_waits_for_more() {
            return false;
        }
        let at = parts.clock.since_boot();
        let (updater, around) = (&self.updater, &self.around);
        let budget = |id| {
            let place = around.place(id)?;
            updater.budget(id, at).map(|bytes| place.budget(bytes))
        };
        let Some(action) = self.packs.turns.poll(at, budget) else {
            return false;
        };
        match action {
            PackAction::Build => self.begin(Task::BuildPack, self.persons_id()),
            PackAction::Fetch(id, budget) => {
                let Some(place) = self.around.place(id) else {
                    self.packs
                        .turns
                        .handle_fetched(id, PackFetched::Gone, None, at);
                    self.packs.turns.handle_source_gone(id);
                    return false;
                };
                let standing = self.offer.as_ref();
                let now = standing.is_some_and(|offer| offer.id == id && offer.offer.now);
                let task = Task::FetchPack {
                    place,
                    budget,
                    held: self.packs.turns.held(id, at),
                    now,
                    clock: parts.clock.wall_trusted(),
                };
                self.begin(task, id);
            }
        }
        true
    }

    /// A person's source has no packs (more), or the box is to restart for them first: they are told before other sources' packs go on.
    fn person_waits_for_more(&self) -> bool {
        self.offer.as_ref().is_some_and(|standing| {
            let restarts = standing.offer.restart
                && matches!(
                    self.updater.state(),
                    UpdateState::Staged | UpdateState::Activated
                );
            standing.begun && (restarts || !self.packs.turns.may_have(standing.id))
        })
    }

    fn persons_id(&self) -> SourceId {
        self.offer.as_ref().map_or(0, |standing| standing.id)
    }

    pub(super) fn is_persons(&self, id: SourceId) -> bool {
        self.offer
            .as_ref()
            .is_some_and(|standing| standing.id == id)
    }

    /// Work on a pack stops: its permit or its source is gone, or the system needs something.
    pub(super) fn stops_packs(&self, now: &Circumstances, id: SourceId, at: Duration) -> bool {
        let due = self.updater.poll_timeout(at).is_some_and(|when| when <= at);
        let fetches = self.running.as_ref();
        let fetches = fetches.is_some_and(|running| running.task != Task::BuildPack);
        !now.packs() || due || (fetches && self.around.place(id).is_none())
    }

    /// What came of the system is told when the packs of the same source are here, too.
    pub(super) fn conclude_or_go_on(
        &mut self,
        outcome: Outcome,
        report: &Report,
        parts: &UpdateParts,
    ) {
        let looked = matches!(report.end, End::Looked(..));
        match &mut self.offer {
            Some(standing) if looked && report.packs == Some(true) => standing.held = Some(outcome),
            Some(_) | None => self.conclude(outcome, parts),
        }
    }

    /// What came of a pack, for the person who brought it.
    pub(super) fn note_for_the_person(&mut self, report: &Report) {
        let said = offer::of_pack(report);
        if let (Some(standing), Some(said)) = (&mut self.offer, said) {
            standing.packs.push(said);
        }
    }

    /// The slots' state, with what is known of packs.
    pub(super) fn packs_told(&self, slots: &Update) -> Update {
        let running = self.running.as_ref();
        let running = running.filter(|running| running.task.is_of_packs());
        let lack = self.now.filter(|now| !now.packs());
        let lack = lack.map(|_| "it has to be sunnier, or the charger plugged in");
        let lack = match self.updater.wanted() {
            Some(_) if !self.system_needs_nothing() => Some("the newer system comes first"),
            Some(_) | None => lack,
        };
        let pack = self.worker.as_ref().and_then(Worker::pack);
        Update {
            coming_pack: coming(
                pack.as_ref().or(self.known.ledger.pack.as_ref()),
                self.progress().filter(|_| running.is_some()),
                running.map_or("", |running| &running.from),
                running.map_or(0, |_| self.per_s),
                lack,
            ),
            last_pack: self.packs.last.clone(),
            ..slots.clone()
        }
    }
}
