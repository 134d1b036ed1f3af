//! The working half: what the machine wants is given to the thread as far as it is permitted, one task at a time; what people offer comes first.

use super::around::{Around, circumstances};
use super::packs::Packs;
use super::person::{Concluded, Standing};
use super::worker::Worker;
use super::{STOP_WITHIN, UpdateParts};
use crate::slots::UpdateWish;
use crate::sources::Stop as Word;
use crate::status::Update;
use crate::supervisor::Stop;
use crate::updates::offer;
use crate::updates::permits::{Circumstances, SlotsNow};
use crate::updates::told::{Facts, Rate, standing, told};
use crate::updates::{End, Known, Place, Report, Task, WorkParts};
use board_support::release::Release;
use ota::install::Progress;
use ota::packs::PackFetched;
use ota::updater::{Action, FetchEnd, InstallEnd, Looked, SourceId, Updater};
use std::time::Duration;
use tokio::time::timeout;

/// An end without power to spare.
const POWER_OFF_WITHIN: Duration = Duration::from_millis(500);
/// The rest of the deadline is for the service itself.
const SPARE: Duration = Duration::from_secs(1);

/// The half, over all lives of the service.
pub(super) struct Working {
    pub(super) updater: Updater,
    /// `None` on a board with one system.
    pub(super) worker: Option<Worker>,
    pub(super) around: Around,
    pub(super) running: Option<Running>,
    pub(super) packs: Packs,
    pub(super) offer: Option<Standing>,
    /// Offers that are over, and whom nobody has told yet.
    pub(super) concluded: Vec<Concluded>,
    pub(super) known: Known,
    release: Release,
    last_look: String,
    rate: Rate,
    /// Bytes a second at the last turn.
    pub(super) per_s: u64,
    /// The running slot's release is to be noted as good.
    note_confirmed: bool,
    pub(super) restart_asked: bool,
    pub(super) now: Option<Circumstances>,
}

/// What the thread is at.
pub(super) struct Running {
    pub(super) task: Task,
    id: SourceId,
    pub(super) from: String,
    stop: Word,
}

impl Working {
    pub(super) fn new(parts: &UpdateParts, slots: &Update) -> Self {
        let config = parts.work.as_ref().map(|work| work.config.clone());
        let now = parts.clock.since_boot();
        Self {
            updater: offer::machine(
                &config.unwrap_or_default(),
                &parts.box_id,
                &parts.known,
                now,
            ),
            worker: parts.work.clone().map(Worker::new),
            around: Around::default(),
            running: None,
            packs: Packs::new(&parts.known),
            offer: None,
            concluded: Vec::new(),
            known: parts.known.clone(),
            release: parts
                .work
                .as_ref()
                .map(|work| work.release.clone())
                .unwrap_or_default(),
            last_look: String::new(),
            rate: Rate::default(),
            per_s: 0,
            note_confirmed: SlotsNow::of(slots) == SlotsNow::Free,
            restart_asked: false,
            now: None,
        }
    }

    /// The thread's next report; waits for ever while it has no task.
    pub(super) async fn report(&mut self) -> Option<Report> {
        match (&self.running, &mut self.worker) {
            (Some(_), Some(worker)) => worker.report().await,
            (_, _) => std::future::pending().await,
        }
    }

    /// The running slot was confirmed.
    pub(super) const fn handle_confirmed(&mut self) {
        self.note_confirmed = true;
    }

    /// A person changed the slots.
    pub(super) fn handle_wish(&mut self, wish: UpdateWish, parts: &UpdateParts) {
        match wish {
            UpdateWish::Status => {}
            UpdateWish::Confirm => self.note_confirmed = true,
            // What was wanted may be what the person left.
            UpdateWish::RollBack => {
                if let Some(work) = &parts.work {
                    self.known = Known::on(&work.data);
                }
                self.begin_anew(parts);
            }
        }
    }

    /// The machine begins with what is remembered now, and is told of all places again.
    fn begin_anew(&mut self, parts: &UpdateParts) {
        if let Some(work) = &parts.work {
            let now = parts.clock.since_boot();
            self.updater = offer::machine(&work.config, &parts.box_id, &self.known, now);
            self.packs = Packs::new(&self.known);
            self.around = Around::default();
            if let Some(standing) = &mut self.offer {
                let place = Place::Offered(standing.offer.source.clone());
                standing.id = self.around.brought(place);
                standing.begun = false;
                self.updater.handle_source(standing.id, true, now);
            }
        }
    }

    /// What the thread has done; `None`: it fell over.
    pub(super) fn handle_report(&mut self, report: Option<Report>, parts: &UpdateParts) {
        let Some(running) = self.running.take() else {
            return;
        };
        let now = parts.clock.since_boot();
        let report = report.unwrap_or_else(|| Report {
            end: fallen(&running.task),
            line: "the work on the update fell over: a fault of the system".to_owned(),
            spent: 0,
            packs: None,
            known: self.known.clone(),
        });
        if report.spent > 0 {
            self.updater.handle_bytes(running.id, report.spent, now);
        }
        self.known = report.known.clone();
        if let Some(has_some) = report.packs {
            let persons = self.is_persons(running.id);
            self.packs
                .turns
                .handle_looked(running.id, has_some, persons, now);
        }
        let mut end = report.end.clone();
        if running.stop.is_asked() {
            // A source that was told to stop has not failed.
            if end == End::Fetched(FetchEnd::Gone) {
                end = End::Fetched(FetchEnd::Stopped);
            }
            if let End::PackFetched(how @ PackFetched::Gone, _) = &mut end {
                *how = PackFetched::Stopped;
            }
        } else if matches!(end, End::Looked(..)) {
            self.last_look.clone_from(&report.line);
        }
        let about_the_offer = self.offer.as_ref().is_some_and(|standing| standing.begun);
        if end == End::Confirmed && self.updater.wanted() != self.known.ledger.wanted.as_ref() {
            // What was wanted runs.
            self.begin_anew(parts);
        }
        offer::answer(&mut self.updater, running.id, end.clone(), now);
        self.packs.handle_end(running.id, &end, &report.line, now);
        if about_the_offer && end != End::Confirmed {
            let said = Report { end, ..report };
            if let Some(outcome) = offer::of_report(&said) {
                self.conclude_or_go_on(outcome, &said, parts);
            }
            self.note_for_the_person(&said);
        }
    }

    /// One turn; whether the box is to restart into a trial.
    pub(super) fn turn(&mut self, slots: &Update, parts: &UpdateParts) -> bool {
        let Some(work) = &parts.work else {
            return false;
        };
        let at = parts.clock.since_boot();
        let changes = self.around.turn(work, at);
        for id in changes.went {
            self.updater.handle_source_gone(id, at);
            self.packs.turns.handle_source_gone(id);
        }
        for id in changes.came {
            self.updater.handle_source(id, false, at);
        }
        let now = circumstances(slots, parts, self.offer.is_some(), self.restart_asked);
        self.now = Some(now);
        self.updater.handle_permits(now.permits(), at);
        self.packs.handle_permits(&now, at);
        self.curb(&now, at);
        let restart = self.running.is_none() && self.next(slots, &now, parts);
        let progress = self.progress();
        self.per_s = progress.map_or(0, |progress| self.rate.of(&progress, at));
        restart
    }

    /// Work that may not go on is stopped: its permit or its source is gone, or a person waits.
    fn curb(&self, now: &Circumstances, at: Duration) {
        let running = self.running.as_ref();
        let Some(running) = running.filter(|running| !running.stop.is_asked()) else {
            return;
        };
        let stop = if running.task.is_of_packs() {
            self.stops_packs(now, running.id, at)
        } else {
            running.task != Task::Confirmed && self.updater.poll_stop(at)
        };
        if stop {
            tracing::info!(lack = now.lack(self.updater.state()), "ota.stopped");
            running.stop.ask();
        }
    }

    /// Begins what comes next; whether that is a restart.
    fn next(&mut self, slots: &Update, now: &Circumstances, parts: &UpdateParts) -> bool {
        if std::mem::take(&mut self.note_confirmed) {
            self.begin(Task::Confirmed, 0);
            return false;
        }
        let clock = parts.clock.wall_trusted();
        while let Some(action) = self.updater.poll_action(parts.clock.since_boot()) {
            let id = match action {
                Action::Look(id) | Action::Fetch(id, _) => id,
                Action::Install | Action::Activate => 0,
                Action::Restart => return true,
            };
            if let Some(standing) = self.offer.as_mut().filter(|standing| standing.id == id) {
                standing.begun |= matches!(action, Action::Look(_));
            }
            let persons = self.offer.as_ref();
            let at_once =
                |id| persons.is_some_and(|standing| standing.id == id && standing.offer.now);
            match offer::task_of(action, clock, at_once, |id| self.around.place(id)) {
                Some(task) => {
                    self.begin(task, id);
                    return false;
                }
                // It went between two turns.
                None => {
                    let now = parts.clock.since_boot();
                    offer::answer(&mut self.updater, id, gone(action), now);
                    self.updater.handle_source_gone(id, now);
                }
            }
        }
        if self.next_pack(now, parts) {
            return false;
        }
        self.say_where_it_stands(now, parts);
        // Activated before this process began: the machine does not know of it.
        let untried = now.slots == SlotsNow::RestartNeeded && slots.tries_left.is_some();
        untried && now.permits().restart
    }

    pub(super) fn begin(&mut self, task: Task, id: SourceId) {
        let stop = Word::default();
        let from = task.from();
        let Some(worker) = &mut self.worker else {
            return;
        };
        if let Err(error) = worker.begin(task.clone(), stop.clone()) {
            // Told to the machine as a failure of the task at the next turn.
            tracing::error!(%error, "ota.no_thread");
        }
        self.running = Some(Running {
            task,
            id,
            from,
            stop,
        });
    }

    pub(super) fn progress(&self) -> Option<Progress> {
        self.worker.as_ref().and_then(Worker::progress)
    }

    /// What people are told.
    pub(super) fn told(&self, slots: &Update, parts: &UpdateParts) -> Update {
        let Some(WorkParts { .. }) = &parts.work else {
            return slots.clone();
        };
        let lack = self
            .now
            .as_ref()
            .and_then(|now| now.lack(&standing(slots, self.updater.state())));
        let packs = self.packs_told(slots);
        let of_system = self.running.as_ref();
        let of_system = of_system.filter(|running| !running.task.is_of_packs());
        let progress = self.progress();
        told(
            packs,
            &Facts {
                release: &self.release,
                known: &self.known,
                state: self.updater.state(),
                progress: progress.filter(|_| of_system.is_some()),
                from: of_system.map_or("", |running| &running.from),
                rate: of_system.map_or(0, |_| self.per_s),
                lack,
                last_look: &self.last_look,
            },
        )
    }

    /// The end of the service: what runs is told to stop, and waited for.
    pub(super) async fn end(&mut self, stop: Stop) {
        let Some(running) = &self.running else { return };
        running.stop.ask();
        let held = running.task == Task::Activate;
        let patience = match stop {
            Stop::PowerOff if !held => POWER_OFF_WITHIN,
            Stop::PowerOff | Stop::Process | Stop::Restart => STOP_WITHIN.saturating_sub(SPARE),
        };
        if timeout(patience, self.report()).await.is_err() {
            tracing::warn!("ota.left_at_stop");
        }
    }
}

/// How an action ends whose place is gone.
const fn gone(action: Action) -> End {
    match action {
        Action::Look(_) => End::Looked(Looked::Gone, true),
        Action::Fetch(..) => End::Fetched(FetchEnd::Gone),
        Action::Install | Action::Activate | Action::Restart => End::Confirmed,
    }
}

/// How a task ended whose thread is gone.
fn fallen(task: &Task) -> End {
    match task {
        Task::Confirmed => End::Confirmed,
        Task::Look { .. } => End::Looked(Looked::Gone, true),
        Task::Fetch { .. } => End::Fetched(FetchEnd::Stuck),
        Task::Install => End::Installed(InstallEnd::Failed),
        Task::Activate => End::Activated(InstallEnd::Failed),
        Task::FetchPack { .. } => End::PackFetched(PackFetched::Stuck, None),
        Task::BuildPack => End::PackBuilt(InstallEnd::Failed, None),
    }
}
