//! The running box: opens the parts in order, wires the services, supervises them to the end.

use crate::activity::Activity;
use crate::clock::Clock;
use crate::config::Config;
use crate::diagnostics::live::LiveLine;
use crate::services::power::PowerParts;
use crate::services::update::UpdateParts;
use crate::services::{Part, control, diagnostics, power, store, update, web};
use crate::slots::{Proof, Slots};
use crate::status::{View, ViewParts};
use crate::stores::{Stores, StoresError};
use crate::supervisor::health::{Verdict, Vitals};
use crate::supervisor::probe::Probe;
use crate::supervisor::{Ended, Service, Stop, StopRequester, Supervisor, systemd};
use crate::telemetry;
use crate::web::{Site, SiteParts};
use anyhow::Context as _;
use board_support::boot_control::fixed::OneSlot;
use board_support::{Board, BoardChoice};
use ota::{BootControl, Restart};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
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
    /// Why the slots could not be settled.
    unsettled: Option<String>,
}

impl App {
    /// Runs the box until it is stopped.
    ///
    /// # Errors
    /// When a part without which there is no box can't be opened: the data, the address, the board.
    pub fn run(self) -> anyhow::Result<Ended> {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(16)
            .thread_name("box")
            .enable_all()
            .build()?;
        let ended = runtime.block_on(self.live());
        // A verb's work that is still on a thread must not hold up the stop.
        runtime.shutdown_background();
        let (ended, stores) = ended?;
        if let Some(stores) = stores {
            close(stores);
        }
        Ok(ended)
    }

    /// The stores come back to be closed once the runtime, and all who could still ask them, are gone.
    async fn live(self) -> anyhow::Result<(Ended, Option<Stores>)> {
        let mut signals = Signals::listen()?;
        let (data, config, choice) = (self.data.clone(), self.config.clone(), self.board.clone());
        let opening = tokio::task::spawn_blocking(move || Ground::open(&data, &config, &choice));
        let ground = tokio::select! {
            biased;
            () = signals.next() => return Ok((Ended::Cleanly(Stop::Process), None)),
            ground = opening => ground??,
        };
        let (stores, slots) = (ground.stores.clone(), ground.slots.clone());
        if restarts_into_trial(&slots) {
            return Ok((Ended::Cleanly(Stop::Restart), Some(stores)));
        }
        let ended = self.supervise(ground, signals).await?;
        Ok((give_up_if_on_trial(ended, &slots), Some(stores)))
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
            unsettled,
        } = ground;
        let verdict = seen.verdict;
        let (power, power_seen) = power::service(PowerParts {
            clock: clock.clone(),
            time_scale: board.time_scale,
            policy: self.config.policy.clone(),
            gauge: board.gauge.take().map(Part::new),
            loads: Part::new(board.loads),
            stop: stop.clone(),
        });
        let (store, healthz) = store::service(stores.clone(), clock.clone());
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
            utc_offset_min: self.config.utc_offset_min,
            degraded_at_start: [
                self.degraded,
                board.faults_at_open,
                unsettled.into_iter().collect(),
            ]
            .concat(),
            stores: stores.clone(),
            power: power_seen.report,
            verdict: verdict.clone(),
        });
        let activity = Activity::default();
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
        });
        let control = control::service(control, stores, view, update_seen.wishes);
        let web = web::service(listener, Arc::new(site), power_seen.plan);
        [power, diagnostics, store, update, control, web]
    }
}

impl Ground {
    fn open(data: &Path, config: &Config, board: &BoardChoice) -> anyhow::Result<Self> {
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
        Ok(Self {
            board,
            slots: Part::new(Box::new(slots)),
            unsettled,
            listener: bind(config.listen)?,
            control: control::listen(stores.data())
                .with_context(|| format!("cannot make the socket for the verbs in {}; give a folder that this user may write with --data", data.display()))?,
            stores,
        })
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
    let mut slots = slots.lock();
    match ended {
        Ended::Escalated(reason) if slots.proof() == Some(Proof::Trial) => {
            slots.give_up(&reason);
            if let Err(problem) = slots.prepare_restart() {
                tracing::error!(problem, "ota.restart_not_prepared");
            }
            Ended::Cleanly(Stop::Restart)
        }
        ended @ (Ended::Cleanly(_) | Ended::Escalated(_)) => ended,
    }
}

/// TERM and INT, heard from before the data is opened.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// The first says it all, and the stop has its deadlines: a second one changes nothing.
    async fn pass_on(mut self, stop: StopRequester) {
        self.next().await;
        stop.ask(Stop::Process);
    }
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

fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).with_context(|| {
        format!("cannot serve on {address}; choose another address or port with --listen, or stop what serves there")
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Called from the probe's thread, once the first page was served.
fn announce(address: SocketAddr) {
    let host = if address.ip().is_unspecified() {
        "localhost".to_owned()
    } else {
        address.ip().to_string()
    };
    let host = if host.contains(':') {
        format!("[{host}]")
    } else {
        host
    };
    telemetry::say(&format!("serving http://{host}:{}/", address.port()));
    systemd::ready();
}
