//! The running box: opens the parts in order, wires the services, supervises them to the end.

use crate::activity::Activity;
use crate::clock::Clock;
use crate::config::Config;
use crate::diagnostics::live::LiveLine;
use crate::services::power::{PowerHandle, PowerParts};
use crate::services::{Part, control, diagnostics, power, store, web};
use crate::status::{View, ViewParts};
use crate::stores::Stores;
use crate::supervisor::health::Verdict;
use crate::supervisor::probe::Probe;
use crate::supervisor::{Ended, Stop, StopRequester, Supervisor, systemd};
use crate::telemetry;
use crate::web::{Site, SiteParts};
use anyhow::Context as _;
use board_support::{Board, BoardChoice};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// A verb that works on the data while no box runs is done by then; all but a long check, which is told as in use.
const VERBS_TAKE_AT_MOST: Duration = Duration::from_secs(10);

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

impl App {
    /// Runs the box until it is stopped.
    ///
    /// # Errors
    /// When a part without which there is no box can't be opened: the data, the address, the board.
    pub fn run(self) -> anyhow::Result<Ended> {
        let stores = Stores::open_patiently(&self.data, &self.config, VERBS_TAKE_AT_MOST)?;
        let board = Board::open(&self.board, &self.data)?;
        let listener = bind(self.config.listen)?;
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(16)
            .thread_name("box")
            .enable_all()
            .build()?;
        let records = stores.records().clone();
        let ended = runtime.block_on(self.supervise(stores, board, listener));
        // A verb's work that is still on a thread must not hold up the stop.
        runtime.shutdown_background();
        records.close();
        ended
    }

    async fn supervise(
        self,
        stores: Stores,
        mut board: Board,
        listener: TcpListener,
    ) -> anyhow::Result<Ended> {
        let rtc = board.rtc.read().ok().flatten();
        let clock = Clock::start(board.time_scale, rtc);
        let (verdict, verdict_seen) = watch::channel(Verdict::Healthy);
        let (mut supervisor, stop) = Supervisor::new(clock.clone(), board.faults.clone(), verdict);
        stop_on_signals(&stop)?;

        let (power, power_handle) = power::service(PowerParts {
            clock: clock.clone(),
            time_scale: board.time_scale,
            policy: self.config.policy.clone(),
            gauge: board.gauge.take().map(Part::new),
            loads: Part::new(board.loads),
            stop,
        });
        let (store, healthz) = store::service(stores.clone(), clock.clone());
        let PowerHandle {
            report,
            plan,
            commands,
        } = power_handle;
        let view = View::new(ViewParts {
            clock: clock.clone(),
            board: board.model,
            slot: board.boot.booted(),
            utc_offset_min: self.config.utc_offset_min,
            degraded_at_start: [self.degraded, board.faults_at_open].concat(),
            stores: stores.clone(),
            power: report,
            verdict: verdict_seen.clone(),
        });
        let activity = Activity::default();
        let diagnostics = diagnostics::service(diagnostics::DiagnosticsParts {
            view: view.clone(),
            stores: stores.clone(),
            activity: activity.clone(),
            verdict: verdict_seen,
            healthz: healthz.clone(),
            plan: plan.clone(),
            power: commands,
            panel: Part::new(board.panel),
            button: Part::new(board.button),
            serial: Part::new(board.serial),
            live: self.live,
        });
        let control = control::service(
            control::listen(stores.data())?,
            stores.clone(),
            view.clone(),
        );
        let site = Arc::new(Site::new(SiteParts {
            library: stores.library().clone(),
            records: stores.records().clone(),
            view,
            clock: clock.clone(),
            health: healthz,
            host: self.config.host.clone(),
            activity,
        }));
        let address = listener.local_addr()?;
        for service in [
            power,
            diagnostics,
            store,
            control,
            web::service(listener, site, plan),
        ] {
            supervisor.start(service);
        }
        let probe = Probe::start(address, clock, move || announce(address))?;
        Ok(supervisor.run(&probe).await)
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

fn stop_on_signals(stop: &StopRequester) -> anyhow::Result<()> {
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let (mut signals, stop) = (signal(kind)?, stop.clone());
        // Ends with the runtime; it owns nothing.
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                stop.ask(Stop::Process);
            }
        });
    }
    Ok(())
}
