//! The web service: HTTP on a runtime of its own, so that no crowd of learners can starve the power service.

use super::ServiceName;
use crate::supervisor::health::Criticality;
use crate::supervisor::restart::RestartPolicy;
use crate::supervisor::{Life, LifeError, Service, Stop};
use crate::web::{self, Site};
use power_mgmt::LoadPlan;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{self, Runtime};
use tokio::sync::watch;

/// How long answers that are under way may go on once the box stops.
const GRACE: Duration = Duration::from_secs(3);
/// The probe asks every 10 s, so a loop that lives beats three times in this time.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);

/// The service, on a listener that outlives each of its lives.
#[must_use]
pub fn service(listener: TcpListener, site: Arc<Site>, plan: watch::Receiver<LoadPlan>) -> Service {
    let listener = Arc::new(listener);
    Service {
        name: ServiceName::Web,
        criticality: Criticality::Essential,
        policy: RestartPolicy::HOUSE,
        silence_limit: SILENCE_LIMIT,
        stop_within: GRACE + Duration::from_millis(1500),
        begin: Box::new(move |life| {
            let (listener, site, plan) = (Arc::clone(&listener), Arc::clone(&site), plan.clone());
            Box::pin(async move { live(life, &listener, site, plan).await })
        }),
    }
}

async fn live(
    mut life: Life,
    listener: &TcpListener,
    site: Arc<Site>,
    plan: watch::Receiver<LoadPlan>,
) -> Result<(), LifeError> {
    let own = OwnRuntime::start()?;
    let (close, closing) = watch::channel(false);
    let listener = listener.try_clone()?;
    let pulse = life.pulse.clone();
    let mut served = own.runtime().spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        web::serve(
            listener,
            site,
            plan,
            move || pulse.beat_blocking(),
            closing,
            GRACE,
        )
        .await
    });
    tokio::select! {
        stop = life.stopped() => match stop {
            Stop::Process | Stop::Restart => {
                close.send_replace(true);
                tokio::select! {
                    ended = &mut served => Ok(ended??),
                    () = life.powered_off() => Ok(()),
                }
            }
            // What is under way is cut with the runtime: the battery has nothing to give for it.
            Stop::PowerOff => Ok(()),
        },
        ended = &mut served => Ok(ended??),
    }
}

/// A runtime that can be dropped anywhere: its threads are left to end by themselves.
struct OwnRuntime(Option<Runtime>);

impl OwnRuntime {
    fn start() -> io::Result<Self> {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(8)
            .thread_name("web")
            .enable_all()
            .build()?;
        Ok(Self(Some(runtime)))
    }

    #[allow(clippy::expect_used, reason = "only `drop` takes the runtime out")]
    fn runtime(&self) -> &Runtime {
        self.0.as_ref().expect("the runtime lives until drop")
    }
}

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
