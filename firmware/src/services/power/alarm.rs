//! The clock's alarm on the latch, asked off the runtime and with a bounded wait.

use crate::services::Part;
use crate::telemetry::chain;
use board_support::wake::WakeAlarm;
use std::time::Duration;
use tokio::time::timeout;

/// A bus that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(2);

/// When it will ring, Unix seconds; an `Err` says in a line why it will not.
pub(super) type Rings = Result<u64, String>;

const NONE: &str = "this board has no alarm that could wake it";

/// Sets the alarm; `Err` where it does not ring at `at` or, where the clock cannot look so far, before it.
///
/// # Errors
/// Why it will not ring, in a line. Blocks.
pub fn take_alarm(wake: &mut dyn WakeAlarm, now: u64, at: u64) -> Result<u64, String> {
    match wake.set(Some(at)) {
        // It counts whole minutes.
        Ok(Some(rings)) if rings > now && rings <= at.saturating_add(60) => Ok(rings),
        Ok(Some(_) | None) => {
            Err("the clock does not keep the time of its alarm; see to its coin cell".to_owned())
        }
        Err(error) => Err(format!("the alarm cannot be set: {}", chain(&error))),
    }
}

/// As [`take_alarm`], of a part that may be missing or hang.
pub(super) async fn set(wake: Option<&Part<dyn WakeAlarm>>, now: u64, at: u64) -> Rings {
    let wake = wake.ok_or_else(|| NONE.to_owned())?.clone();
    let setting = tokio::task::spawn_blocking(move || {
        let mut wake = wake.try_lock()?;
        Some(take_alarm(&mut **wake, now, at))
    });
    match timeout(PATIENCE, setting).await {
        Ok(Ok(Some(rings))) => rings,
        Ok(Ok(None) | Err(_)) | Err(_) => Err("the clock does not answer".to_owned()),
    }
}

/// No alarm rings from now on, and one that has rung is quiet.
pub(super) async fn clear(wake: Option<&Part<dyn WakeAlarm>>) {
    if let Err(error) = cleared(wake).await {
        tracing::warn!(error, "power.wake_not_cleared");
    }
}

/// As [`clear`], for who has to know.
///
/// # Errors
/// Why not, in a line.
pub(super) async fn cleared(wake: Option<&Part<dyn WakeAlarm>>) -> Result<(), String> {
    let Some(wake) = wake.cloned() else {
        return Ok(());
    };
    let clearing =
        tokio::task::spawn_blocking(move || wake.try_lock().map(|mut wake| wake.set(None)));
    match timeout(PATIENCE, clearing).await {
        Ok(Ok(Some(Ok(_)))) => Ok(()),
        Ok(Ok(Some(Err(error)))) => Err(chain(&error)),
        Ok(Ok(None) | Err(_)) | Err(_) => Err("the clock does not answer".to_owned()),
    }
}

/// Whether the alarm has switched the box on.
pub(super) async fn rang(wake: Option<&Part<dyn WakeAlarm>>) -> bool {
    let Some(wake) = wake.cloned() else {
        return false;
    };
    let asking = tokio::task::spawn_blocking(move || wake.try_lock().map(|mut wake| wake.rang()));
    match timeout(PATIENCE, asking).await {
        Ok(Ok(Some(Ok(rang)))) => rang,
        Ok(Ok(Some(Err(error)))) => {
            tracing::warn!(error = chain(&error), "power.wake_not_read");
            false
        }
        Ok(Ok(None) | Err(_)) | Err(_) => false,
    }
}
