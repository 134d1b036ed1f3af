//! The running box: opens the parts in order, wires the services, supervises them to the end.

mod address;
mod air;
mod end;
mod ground;
mod overdue;
mod selftest;
mod signals;
mod trial;
mod updates;

use crate::activity::Activity;
use crate::clock::Clock;
use crate::config::Config;
use crate::diagnostics::live::LiveLine;
use crate::events::Events;
use crate::serial::Serial;
use crate::services::nightly::NightlyParts;
use crate::services::power::{Faults, PLAN_BEGINS_AFTER, PowerParts};
use crate::services::update::UpdateParts;
use crate::services::{Part, control, diagnostics, nightly, power, store, update, web};
use crate::status::{View, ViewParts};
use crate::stores::Stores;
use crate::supervisor::ending::{Ending, STOP_WITHIN, Step};
use crate::supervisor::health::{Healthz, Verdict, Vitals};
use crate::supervisor::next::Next;
use crate::supervisor::probe::Probe;
use crate::supervisor::{Ended, Service, Stop, StopRequester, Supervisor};
use crate::telemetry::chain;
use crate::web::{Languages, Site, SiteParts};
use crate::welcome::Gate;
use address::announce;
use air::Around;
use board_support::BoardChoice;
use board_support::start::StartFacts;
use end::{Over, close, how, last_words, leave_word};
use ground::Ground;
use overdue::LastResort;
use signals::Signals;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::runtime;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use trial::{give_up_if_on_trial, restarts_into_trial};

/// What `run` was told.
pub struct App {
    /// The checked configuration.
    pub config: Config,
    /// The data folder.
    pub data: PathBuf,
    /// Which board.
    pub board: BoardChoice,
    /// The radios are left alone.
    pub no_radio: bool,
    /// Lines of what is already known to be wrong (a configuration that was not taken).
    pub degraded: Vec<String>,
    /// Where whoever started the box is asked to switch the machine off or to restart it; `None` at a desk.
    pub runtime_folder: Option<PathBuf>,
    /// Served on where the configured address is not to be had; `None` where a person hears of it.
    pub listen_else: Option<SocketAddr>,
    /// On a desk's terminal.
    pub live: Option<LiveLine>,
    /// What is logged, to be kept in the data folder.
    pub events: Events,
}

impl App {
    /// Runs the box until it is stopped.
    ///
    /// # Errors
    /// When a part without which there is no box can't be opened: the data, the address, the board. When the machine is to be switched off
    /// or restarted, and that cannot be asked for.
    pub fn run(self) -> anyhow::Result<Ended> {
        let by_watchdog = StartFacts::of(&self.board).reset_by_watchdog;
        let keeper = Arc::new(self.events.keep_in(&self.data, by_watchdog));
        let data = self.data.clone();
        let ending = Ending::default();
        let last_resort = LastResort {
            data: data.clone(),
            runtime_folder: self.runtime_folder.clone(),
            keeper: Arc::clone(&keeper),
        };
        let _watch = ending.watch(STOP_WITHIN, |overdue| last_resort.end(overdue))?;
        let ended = self.lived(&ending);
        ending.at(Step::LastWords);
        last_words(&data, &ended);
        ending.at(Step::Events);
        keeper.stop(how(&ended));
        ended
    }

    fn lived(self, ending: &Ending) -> anyhow::Result<Ended> {
        let runtime_folder = self.runtime_folder.clone();
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(16)
            .thread_name("box")
            .enable_all()
            .build()?;
        let ended = runtime.block_on(self.live(ending));
        ending.begin(Stop::Process);
        ending.at(Step::Stores);
        // A verb's work that is still on a thread must not hold up the stop.
        runtime.shutdown_background();
        let over = ended?;
        if let Some(stores) = over.stores {
            close(stores);
        }
        ending.at(Step::LastWords);
        if let Some(folder) = runtime_folder {
            leave_word(Next::after(&over.ended, over.restart), &folder)?;
        }
        Ok(over.ended)
    }

    /// The stores come back to be closed once the runtime, and all who could still ask them, are gone.
    async fn live(self, ending: &Ending) -> anyhow::Result<Over> {
        let mut signals = Signals::listen(ending.clone())?;
        let (data, config, choice) = (self.data.clone(), self.config.clone(), self.board.clone());
        let (listen_else, no_radio) = (self.listen_else, self.no_radio);
        let opening = tokio::task::spawn_blocking(move || {
            let mut ground = Ground::open(&data, &config, &choice, listen_else)?;
            ground.take_up_the_air(no_radio);
            anyhow::Ok(ground)
        });
        let ground = tokio::select! {
            biased;
            () = signals.next() => return Ok(Over::before_it_began()),
            ground = opening => ground??,
        };
        let (stores, slots) = (ground.stores.clone(), ground.slots.clone());
        let ended = if restarts_into_trial(&slots) {
            Ended::Cleanly(Stop::Restart)
        } else {
            give_up_if_on_trial(self.supervise(ground, signals, ending).await?, &slots)
        };
        // A card that hangs in a write of the boot choice must not keep an empty battery on.
        let restart = slots.try_lock().and_then(|slots| slots.prepared());
        Ok(Over {
            ended,
            stores: Some(stores),
            restart,
        })
    }

    async fn supervise(
        self,
        mut ground: Ground,
        signals: Signals,
        ending: &Ending,
    ) -> anyhow::Result<Ended> {
        let rtc = ground.board.rtc.read().ok().flatten();
        let clock = Clock::start(ground.board.time_scale, rtc);
        self.events.set_clock(clock.clone());
        let (verdict, verdict_seen) = watch::channel(Verdict::Healthy);
        let faults = ground.board.faults.clone();
        let (supervisor, stop) = Supervisor::new(clock.clone(), faults, verdict);
        let mut supervisor = supervisor.noting(ending.clone());
        // Ends with this future.
        let mut asking = JoinSet::new();
        asking.spawn(signals.pass_on(stop.clone()));
        let address = ground.listener.local_addr()?;
        let seen = Seen {
            verdict: verdict_seen,
            vitals: supervisor.vitals(),
        };
        for service in self.services(ground, &clock, seen, stop) {
            supervisor.start(service);
        }
        let probe = Probe::start(address, clock, move || announce(address))?;
        Ok(supervisor.run(&probe).await)
    }

    /// In the order of their start.
    fn services(
        self,
        ground: Ground,
        clock: &Clock,
        seen: Seen,
        stop: StopRequester,
    ) -> Vec<Service> {
        let Ground {
            stores,
            mut board,
            listener,
            control,
            slots,
            updates,
            air,
            faults,
        } = ground;
        let verdict = seen.verdict;
        let activity = Activity::default();
        let in_memory = board.start.data_in_memory;
        let (store, healthz) = store::service(stores.clone(), clock.clone(), in_memory);
        let (power, power_seen) = power::service(PowerParts {
            clock: clock.clone(),
            time_scale: board.time_scale,
            policy: self.config.policy.clone(),
            place: self.config.place,
            timetable: self.config.timetable.clone(),
            gauge: board.gauge.take().map(Part::new),
            loads: Part::new(board.loads),
            wake: board.wake.take().map(Part::new),
            data: Some(stores.data().to_owned()),
            activity: activity.clone(),
            faults: faults_of(&stores, &healthz),
            plan_begins_after: PLAN_BEGINS_AFTER,
            stop: stop.clone(),
        });
        let desk = power_seen.desk();
        let (stop_for_air, stop_for_verbs) = (stop.clone(), stop.clone());
        let (taps, tapped) = watch::channel(0);
        let (update, update_seen) = update::service(UpdateParts {
            clock: clock.clone(),
            slots,
            policy: self.config.updates.trial,
            vitals: seen.vitals,
            power: power_seen.report.clone(),
            healthz: healthz.clone(),
            stop,
            work: updates.work,
            known: updates.known,
            box_id: updates.box_id,
            activity: activity.clone(),
            hours: (
                self.config.timetable.clone(),
                self.config.place.utc_offset_min,
            ),
            battery: self.config.policy.clone(),
        });
        let port = (listener.local_addr()).map_or(self.config.listen.port(), |at| at.port());
        let welcome = air::on_the_sheet(air.as_ref(), &self.config, stores.data(), port);
        let around = Around {
            clock,
            plan: &power_seen.plan,
            update: &update_seen.update,
            activity: &activity,
            data: stores.data(),
            in_memory,
            stop: stop_for_air,
        };
        let (access_point, air) = air::service(air, &self.config, around);
        let (found, found_seen) = watch::channel(Vec::new());
        let (trial, test) = selftest::lines(
            &stores,
            &self.board,
            board.time_scale,
            board.rtc,
            (&self.config, &activity),
        );
        let (told, panel_seen) = watch::channel(None);
        let (stick, stick_seen) = watch::channel(None);
        let view = View::new(ViewParts {
            clock: clock.clone(),
            board: board.model,
            serial: Serial::of_the_box(stores.data()),
            update: update_seen.update.clone(),
            utc_offset_min: self.config.place.utc_offset_min,
            data_in_memory: in_memory,
            degraded_at_start: [
                board.start.problems,
                self.degraded,
                board.faults_at_open,
                faults,
            ]
            .concat(),
            stores: stores.clone(),
            power: power_seen.report.clone(),
            air: air.report.clone(),
            panel: panel_seen,
            verdict: verdict.clone(),
            selftest: test.last.subscribe(),
            found: found_seen,
            stick: stick_seen,
        });
        let nightly = nightly::service(NightlyParts {
            clock: clock.clone(),
            utc_offset_min: self.config.place.utc_offset_min,
            stores: stores.clone(),
            view: view.clone(),
            activity: activity.clone(),
            board: self.board.clone(),
            power: power_seen.report,
            update: update_seen.update.clone(),
            events: self.events.clone(),
            found,
        });
        let diagnostics = diagnostics::service(diagnostics::DiagnosticsParts {
            view: view.clone(),
            stores: stores.clone(),
            activity: activity.clone(),
            verdict,
            healthz: healthz.clone(),
            plan: power_seen.plan.clone(),
            power: power_seen.commands,
            air: air.commands.clone(),
            panel: Part::new(board.panel),
            told,
            button: Part::new(board.button),
            taps,
            serial: Part::new(board.serial),
            live: self.live,
            trial,
        });
        let site = Site::new(SiteParts {
            library: stores.library().clone(),
            records: stores.records().clone(),
            view: view.clone(),
            clock: clock.clone(),
            health: healthz,
            host: self.config.host.clone(),
            languages: Languages::of(&self.config.languages),
            activity,
            data_in_memory: in_memory,
            power: desk.clone(),
            data: stores.data().to_owned(),
            welcome: welcome.clone(),
            gate: Gate::of(&self.config.air),
            waiting: air.waiting,
        });
        let verbs = control::Desk {
            stores,
            view,
            update: update_seen,
            power: desk,
            welcome,
            test,
            testing: Arc::new(Semaphore::new(1)),
            at_the_box: control::AtTheBox::new(tapped),
            events: self.events.clone(),
            stick: Arc::new(stick),
            stop: stop_for_verbs,
        };
        let control = control::service(control, verbs);
        let web = web::service(listener, Arc::new(site), power_seen.plan);
        let after = [diagnostics, store, update, control, nightly, web];
        [power]
            .into_iter()
            .chain(access_point)
            .chain(after)
            .collect()
    }
}

/// What the monthly look of a stored box asks the stores.
fn faults_of(stores: &Stores, healthz: &watch::Receiver<Healthz>) -> Faults {
    let (stores, healthz) = (stores.clone(), healthz.clone());
    Arc::new(move || {
        let mut faults = stores.faults();
        faults.extend(healthz.borrow().failing().map(ToOwned::to_owned));
        faults.extend(stores.records().count().err().map(|error| chain(&error)));
        if stores.library().packs().is_empty() {
            faults.push("there are no lessons in the library".to_owned());
        }
        faults
    })
}

/// What the supervisor shows to its services.
struct Seen {
    verdict: watch::Receiver<Verdict>,
    vitals: watch::Receiver<Vitals>,
}
