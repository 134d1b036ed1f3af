//! The running box: opens the parts in order, wires the services, supervises them to the end.

mod address;
mod signals;

use crate::activity::Activity;
use crate::clock::Clock;
use crate::config::Config;
use crate::diagnostics::live::LiveLine;
use crate::services::power::{Faults, PLAN_BEGINS_AFTER, PowerParts};
use crate::services::update::UpdateParts;
use crate::services::{Part, control, diagnostics, power, store, update, web};
use crate::slots::{Proof, Slots};
use crate::status::{View, ViewParts};
use crate::stores::{Stores, StoresError};
use crate::supervisor::health::{Healthz, Verdict, Vitals};
use crate::supervisor::next::Next;
use crate::supervisor::probe::Probe;
use crate::supervisor::{Ended, Service, Stop, StopRequester, Supervisor};
use crate::telemetry::chain;
use crate::web::{Site, SiteParts};
use address::{announce, bind};
use anyhow::Context as _;
use board_support::boot_control::fixed::OneSlot;
use board_support::{Board, BoardChoice};
use ota::{BootControl, Restart};
use signals::Signals;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::runtime;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// A verb that works on the data while no box runs is done by then, and so is the stop of a box before this one; all but a long check,
/// which is told as in use.
const VERBS_TAKE_AT_MOST: Duration = Duration::from_secs(10);

/// Beyond it the process ends without having closed the stores.
const CLOSING_TAKES_AT_MOST: Duration = Duration::from_secs(3);

/// What `run` was told.
pub struct App {
    /// The checked configuration.
    pub config: Config,
    /// The data folder.
    pub data: PathBuf,
    /// Which board.
    pub board: BoardChoice,
    /// Lines of what is already known to be wrong (a configuration that was not taken).
    pub degraded: Vec<String>,
    /// Where whoever started the box is asked to switch the machine off or to restart it; `None` at a desk.
    pub runtime_folder: Option<PathBuf>,
    /// Served on where the configured address is not to be had; `None` where a person hears of it.
    pub listen_else: Option<SocketAddr>,
    /// On a desk's terminal.
    pub live: Option<LiveLine>,
}

/// What a running box stands on, opened before anything is served.
struct Ground {
    stores: Stores,
    board: Board,
    listener: TcpListener,
    control: UnixListener,
    slots: Part<Slots>,
    /// What was found wrong on the way: a line each.
    faults: Vec<String>,
}

impl App {
    /// Runs the box until it is stopped.
    ///
    /// # Errors
    /// When a part without which there is no box can't be opened: the data, the address, the board. When the machine is to be switched off
    /// or restarted, and that cannot be asked for.
    pub fn run(self) -> anyhow::Result<Ended> {
        let runtime_folder = self.runtime_folder.clone();
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(16)
            .thread_name("box")
            .enable_all()
            .build()?;
        let ended = runtime.block_on(self.live());
        // A verb's work that is still on a thread must not hold up the stop.
        runtime.shutdown_background();
        let over = ended?;
        if let Some(stores) = over.stores {
            close(stores);
        }
        if let Some(folder) = runtime_folder {
            leave_word(Next::after(&over.ended, over.restart), &folder)?;
        }
        Ok(over.ended)
    }

    /// The stores come back to be closed once the runtime, and all who could still ask them, are gone.
    async fn live(self) -> anyhow::Result<Over> {
        let mut signals = Signals::listen()?;
        let (data, config, choice) = (self.data.clone(), self.config.clone(), self.board.clone());
        let listen_else = self.listen_else;
        let opening =
            tokio::task::spawn_blocking(move || Ground::open(&data, &config, &choice, listen_else));
        let ground = tokio::select! {
            biased;
            () = signals.next() => return Ok(Over::before_it_began()),
            ground = opening => ground??,
        };
        let (stores, slots) = (ground.stores.clone(), ground.slots.clone());
        let ended = if restarts_into_trial(&slots) {
            Ended::Cleanly(Stop::Restart)
        } else {
            give_up_if_on_trial(self.supervise(ground, signals).await?, &slots)
        };
        // A card that hangs in a write of the boot choice must not keep an empty battery on.
        let restart = slots.try_lock().and_then(|slots| slots.prepared());
        Ok(Over {
            ended,
            stores: Some(stores),
            restart,
        })
    }

    async fn supervise(self, mut ground: Ground, signals: Signals) -> anyhow::Result<Ended> {
        let rtc = ground.board.rtc.read().ok().flatten();
        let clock = Clock::start(ground.board.time_scale, rtc);
        let (verdict, verdict_seen) = watch::channel(Verdict::Healthy);
        let faults = ground.board.faults.clone();
        let (mut supervisor, stop) = Supervisor::new(clock.clone(), faults, verdict);
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
    ) -> [Service; 6] {
        let Ground {
            stores,
            mut board,
            listener,
            control,
            slots,
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
        let (update, update_seen) = update::service(UpdateParts {
            clock: clock.clone(),
            slots,
            policy: self.config.trial,
            vitals: seen.vitals,
            power: power_seen.report.clone(),
            healthz: healthz.clone(),
            stop,
        });
        let view = View::new(ViewParts {
            clock: clock.clone(),
            board: board.model,
            update: update_seen.update,
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
            power: power_seen.report,
            verdict: verdict.clone(),
        });
        let diagnostics = diagnostics::service(diagnostics::DiagnosticsParts {
            view: view.clone(),
            stores: stores.clone(),
            activity: activity.clone(),
            verdict,
            healthz: healthz.clone(),
            plan: power_seen.plan.clone(),
            power: power_seen.commands,
            panel: Part::new(board.panel),
            button: Part::new(board.button),
            serial: Part::new(board.serial),
            live: self.live,
        });
        let site = Site::new(SiteParts {
            library: stores.library().clone(),
            records: stores.records().clone(),
            view: view.clone(),
            clock: clock.clone(),
            health: healthz,
            host: self.config.host.clone(),
            activity,
            data_in_memory: in_memory,
            power: desk.clone(),
        });
        let control = control::service(control, stores, view, update_seen.wishes, desk);
        let web = web::service(listener, Arc::new(site), power_seen.plan);
        [power, diagnostics, store, update, control, web]
    }
}

impl Ground {
    fn open(
        data: &Path,
        config: &Config,
        board: &BoardChoice,
        listen_else: Option<SocketAddr>,
    ) -> anyhow::Result<Self> {
        let stores = match Stores::open_patiently(data, config, VERBS_TAKE_AT_MOST) {
            Err(StoresError::InUse { .. }) if crate::control::answers(data) => anyhow::bail!(
                "a box already runs on {}; stop it, or give another folder with --data",
                data.display()
            ),
            opened => opened?,
        };
        let mut board = Board::open(board, data)?;
        let boot: Box<dyn BootControl> = Box::new(OneSlot::new(board.model.clone()));
        let boot = std::mem::replace(&mut board.boot, boot);
        let mut slots = Slots::look(boot, data);
        let unsettled = slots.settle().err();
        let (listener, elsewhere) = bind(config.listen, listen_else)?;
        Ok(Self {
            board,
            slots: Part::new(Box::new(slots)),
            faults: unsettled.into_iter().chain(elsewhere).collect(),
            listener,
            control: control::listen(stores.data())
                .with_context(|| format!("cannot make the socket for the verbs in {}; give a folder that this user may write with --data", data.display()))?,
            stores,
        })
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

/// A box that has ended.
struct Over {
    ended: Ended,
    /// To be closed.
    stores: Option<Stores>,
    /// What the boot loader was made ready for.
    restart: Option<Restart>,
}

impl Over {
    fn before_it_began() -> Self {
        Self {
            ended: Ended::Cleanly(Stop::Process),
            stores: None,
            restart: None,
        }
    }
}

/// What the supervisor shows to its services.
struct Seen {
    verdict: watch::Receiver<Verdict>,
    vitals: watch::Receiver<Vitals>,
}

/// Where the loader tries nothing by itself, the good slot asks it to before any learner is served. A box that cannot ask, serves.
fn restarts_into_trial(slots: &Part<Slots>) -> bool {
    let mut slots = slots.lock();
    if !slots.owes_a_trial() {
        return false;
    }
    match slots.prepare_restart() {
        Ok(restart) => restart == Restart::IntoTrial,
        Err(problem) => {
            tracing::error!(problem, "ota.restart_not_prepared");
            false
        }
    }
}

/// On trial the ladder is short: what would end the process ends the try.
fn give_up_if_on_trial(ended: Ended, slots: &Part<Slots>) -> Ended {
    let Ended::Escalated(reason) = ended else {
        return ended;
    };
    let Some(mut slots) = slots
        .try_lock()
        .filter(|slots| slots.proof() == Some(Proof::Trial))
    else {
        return Ended::Escalated(reason);
    };
    slots.give_up(&reason);
    if let Err(problem) = slots.prepare_restart() {
        tracing::error!(problem, "ota.restart_not_prepared");
    }
    Ended::Cleanly(Stop::Restart)
}

/// Finishes what the writers are at. A disk that hangs, or a large pack that is just being swept away, is left as a power cut leaves
/// it: nothing that was answered is lost by that.
fn close(stores: Stores) {
    let (closed, wait) = mpsc::sync_channel(1);
    let closing = std::thread::Builder::new()
        .name("close".to_owned())
        .spawn(move || {
            stores.records().close();
            drop(stores);
            let _ = closed.send(());
        });
    if closing.is_err() || wait.recv_timeout(CLOSING_TAKES_AT_MOST).is_err() {
        tracing::warn!("stores.not_closed_in_time");
    }
}

/// The last act: nothing of ours is open any more.
fn leave_word(next: Option<Next>, folder: &Path) -> anyhow::Result<()> {
    let Some(next) = next else { return Ok(()) };
    next.leave_in(folder).with_context(|| {
        format!(
            "cannot ask for `{}` in {}; the machine stays on: see that this user may write there",
            next.as_str(),
            folder.display()
        )
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use board_support::boot_control::sim::SimBootControl;

    /// A card that hangs in a write of the boot choice holds the slots for ever; the end of the box must not wait for it.
    #[test]
    fn the_end_never_waits_for_the_slots() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("slots")).unwrap();
        std::fs::write(dir.path().join("slots/booted"), "B").unwrap();
        std::fs::write(dir.path().join("boot.env"), "gen=4\norder=B A\ntries=1\n").unwrap();
        let boot = SimBootControl::open(dir.path()).unwrap();
        let slots = Part::new(Box::new(Slots::look(Box::new(boot), dir.path())));
        let fell = || Ended::Escalated("power failed too often".to_owned());
        let held = slots.lock();
        assert_eq!(give_up_if_on_trial(fell(), &slots), fell());
        drop(held);
        // The control: nobody holds them, and the try ends.
        let ended = give_up_if_on_trial(fell(), &slots);
        assert_eq!(ended, Ended::Cleanly(Stop::Restart));
        assert_eq!(slots.lock().prepared(), Some(Restart::ByTheLoader));
    }
}
