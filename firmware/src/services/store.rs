//! The store service: keeps the proof that the records' disk takes writes, for `/healthz` and for READY.
//!
//! A probe write is made at start, after an error, and when nothing was written for a quarter of an hour: never for
//! a request. A store whose disk failed is beyond repair within the process (a failed sync may have lost the data
//! already): the process ends, and is started anew.

use super::ServiceName;
use crate::clock::Clock;
use crate::stores::Stores;
use crate::supervisor::health::{Criticality, Healthz};
use crate::supervisor::restart::RestartPolicy;
use crate::supervisor::{Life, LifeError, Service};
use content_store::records::WriterHealth;
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// Between two looks.
const EVERY: Duration = Duration::from_secs(5);
/// A proof older than this is none (contract of `/healthz`).
const PROOF_LASTS: Duration = Duration::from_secs(15 * 60);
/// A look that takes longer is a hang.
const SILENCE_LIMIT: Duration = Duration::from_secs(60);
/// A disk that hangs costs the silence limit each time: in the house's one minute too many faults would never come together.
const POLICY: RestartPolicy = RestartPolicy {
    window: SILENCE_LIMIT.saturating_mul(5),
    ..RestartPolicy::HOUSE
};
/// A write that takes longer is told as a queue that does not move.
const WRITE_PATIENCE: Duration = Duration::from_secs(20);

/// Renewed a little before it is too old, so that an idle box is never unhealthy in between.
fn wants_proof(health: &WriterHealth) -> bool {
    let old = health
        .last_write_age
        .is_none_or(|age| age + EVERY * 2 >= PROOF_LASTS);
    old || health.last_error.is_some()
}

/// What `/healthz` says of the writer.
fn of_writer(health: &WriterHealth) -> Healthz {
    match (&health.last_error, health.last_write_age) {
        (Some(error), _) => Healthz::because(format!("records: {error}")),
        (None, None) => Healthz::because("records: no write has succeeded yet".to_owned()),
        (None, Some(age)) if age > PROOF_LASTS => Healthz::because(format!(
            "records: the last write is {} s old",
            age.as_secs()
        )),
        (None, Some(_)) => Healthz::HEALTHY,
    }
}

/// A write to memory succeeds and proves nothing.
fn of_data(health: Healthz, in_memory: bool) -> Healthz {
    if in_memory && health.failing().is_none() {
        Healthz::because("data: it lies in memory, nothing that learners do is kept".to_owned())
    } else {
        health
    }
}

/// The service, and what it publishes. `data_in_memory`: whatever is written goes with the power, so the box is never healthy.
#[must_use]
pub fn service(
    stores: Stores,
    clock: Clock,
    data_in_memory: bool,
) -> (Service, watch::Receiver<Healthz>) {
    let (told, seen) = watch::channel(Healthz::because("the box has just started".to_owned()));
    let service = Service {
        name: ServiceName::Store,
        criticality: Criticality::Critical,
        policy: POLICY,
        silence_limit: SILENCE_LIMIT,
        stop_within: Duration::from_secs(1),
        begin: Box::new(move |life| {
            let (stores, clock, told) = (stores.clone(), clock.clone(), told.clone());
            Box::pin(async move { live(life, stores, clock, told, data_in_memory).await })
        }),
    };
    (service, seen)
}

async fn live(
    mut life: Life,
    stores: Stores,
    clock: Clock,
    told: watch::Sender<Healthz>,
    data_in_memory: bool,
) -> Result<(), LifeError> {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let turn = async {
            tick.tick().await;
            look(&stores, &clock).await
        };
        let health = tokio::select! {
            _ = life.stopped() => return Ok(()),
            health = turn => of_data(health?, data_in_memory),
        };
        told.send_if_modified(|current| {
            let changed = *current != health;
            *current = health;
            changed
        });
        life.pulse.beat().await;
    }
}

async fn look(stores: &Stores, clock: &Clock) -> Result<Healthz, LifeError> {
    if let Some(reason) = stores.lost() {
        return Err(format!("the disk failed: {reason}").into());
    }
    if wants_proof(&stores.records().health()) && !prove(stores, clock).await {
        let seconds = WRITE_PATIENCE.as_secs();
        return Ok(Healthz::because(format!(
            "records: the queue has not moved for {seconds} s"
        )));
    }
    let library = {
        let library = stores.library().clone();
        tokio::task::spawn_blocking(move || library.probe()).await?
    };
    Ok(match library {
        Ok(()) => of_writer(&stores.records().health()),
        Err(error) => Healthz::because(format!("library: {}", crate::telemetry::chain(&error))),
    })
}

/// Whether the probe write came back in time, well or badly: the writer's health tells which.
async fn prove(stores: &Stores, clock: &Clock) -> bool {
    let (done, wait) = oneshot::channel();
    stores.records().probe_write(
        clock.wall(),
        Box::new(move |_told_by_the_health| {
            let _ = done.send(());
        }),
    );
    timeout(WRITE_PATIENCE, wait).await.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(age_s: Option<u64>, error: Option<&str>) -> WriterHealth {
        WriterHealth {
            last_write_age: age_s.map(Duration::from_secs),
            last_error: error.map(str::to_owned),
            ..WriterHealth::default()
        }
    }

    #[test]
    fn memory_is_no_disk_and_hides_no_other_fault() {
        assert_eq!(of_data(Healthz::HEALTHY, false).failing(), None);
        let told = of_data(Healthz::HEALTHY, true);
        assert!(told.failing().is_some_and(|why| why.contains("memory")));
        let torn = Healthz::because("library: torn".to_owned());
        assert_eq!(of_data(torn.clone(), true), torn);
    }

    #[test]
    fn a_disk_that_hangs_again_and_again_ends_the_process() {
        use crate::supervisor::restart::{Disposition, FaultHistory};
        let escalates = |policy: &RestartPolicy| {
            let (mut history, mut started) = (FaultHistory::default(), Duration::ZERO);
            (0..10).any(|_| {
                let hung = started + SILENCE_LIMIT + Duration::from_secs(1);
                match history.handle_fault(policy, started, hung) {
                    Disposition::RestartAt(at) => started = at,
                    Disposition::Escalate => return true,
                }
                false
            })
        };
        assert!(escalates(&POLICY));
        assert!(!escalates(&RestartPolicy::HOUSE), "why it has its own");
    }

    #[test]
    fn the_whole_table() {
        let mut table = String::new();
        for age_s in [None, Some(0), Some(880), Some(895), Some(900), Some(901)] {
            for error in [None, Some("disk I/O error")] {
                let health = health(age_s, error);
                let told = of_writer(&health);
                let told = told.failing().unwrap_or("ok");
                let proof = if wants_proof(&health) {
                    "probe"
                } else {
                    "wait"
                };
                table.push_str(&format!(
                    "last write {age_s:?} s, error {error:?} -> {proof}, {told}\n"
                ));
            }
        }
        insta::assert_snapshot!(table);
    }
}
