//! The health verdict: a pure function from what the services show to what systemd and people are told.

use crate::services::ServiceName;
use std::fmt;
use std::time::Duration;

/// How much the box needs a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Criticality {
    /// Without it the box may not go on: too many faults end the process.
    Critical,
    /// Without it the box is of little use, but records and battery are safe: tried again for ever.
    Essential,
    /// The box does without it.
    BestEffort,
}

/// What is known of one service at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceHealth {
    /// Which.
    pub name: ServiceName,
    /// How much it is needed.
    pub criticality: Criticality,
    /// It runs (it may still be silent); false between a fault and the restart.
    pub running: bool,
    /// Since its last beat or start.
    pub silent_for: Duration,
    /// A silence as long as this is a hang.
    pub silence_limit: Duration,
    /// Faults that still count.
    pub recent_faults: usize,
}

/// Since when an HTTP answer was last had from outside the runtime; before the first, since the probe began.
pub const PROBE_SILENCE_LIMIT: Duration = Duration::from_secs(90);

/// The state of the box in one of three words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// All is as it should be.
    Healthy,
    /// It serves, but not as it should: one line for each reason.
    Degraded(Vec<String>),
    /// It does not make progress: the watchdog is no longer fed.
    Failing(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Healthy => f.write_str("healthy"),
            Self::Degraded(reasons) => write!(f, "degraded: {}", reasons.join("; ")),
            Self::Failing(reason) => write!(f, "failing: {reason}"),
        }
    }
}

/// The verdict. `probe_silent_for`: since an HTTP request from outside the runtime was last answered.
#[must_use]
pub fn verdict(services: &[ServiceHealth], probe_silent_for: Duration) -> Verdict {
    if probe_silent_for >= PROBE_SILENCE_LIMIT {
        return Verdict::Failing(format!(
            "no HTTP answer from the box itself for {} s",
            probe_silent_for.as_secs()
        ));
    }
    let mut reasons = Vec::new();
    for service in services {
        let hangs = service.running && service.silent_for >= service.silence_limit;
        if hangs && service.criticality == Criticality::Critical {
            return Verdict::Failing(format!(
                "{} has been silent for {} s",
                service.name,
                service.silent_for.as_secs()
            ));
        }
        if hangs {
            reasons.push(format!("{} hangs", service.name));
        } else if !service.running {
            reasons.push(format!("{} waits for its restart", service.name));
        } else if service.recent_faults > 0 {
            reasons.push(format!("{} was restarted", service.name));
        }
    }
    if reasons.is_empty() {
        Verdict::Healthy
    } else {
        Verdict::Degraded(reasons)
    }
}

/// A critical service whose last turn of work is older is not at work. The store's turns, the slowest, are 5 s apart.
const AT_WORK: Duration = Duration::from_secs(12);

/// Whether every critical service runs, has just done a turn of work, and has not failed lately: what a slot on trial is asked.
/// Stricter than [`verdict()`], which leaves a hang its whole silence limit.
#[must_use]
pub fn critical_ready(services: &[ServiceHealth]) -> bool {
    services
        .iter()
        .filter(|service| service.criticality == Criticality::Critical)
        .all(|service| {
            service.running && service.recent_faults == 0 && service.silent_for <= AT_WORK
        })
}

/// What the supervisor sees at a tick, for a slot on trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Vitals {
    /// See [`critical_ready`].
    pub critical_ready: bool,
    /// As for [`verdict()`].
    pub probe_silent_for: Duration,
}

/// What `GET /healthz` answers: published by the store service, never worked out for a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Healthz(Option<String>);

impl Healthz {
    /// The store works.
    pub const HEALTHY: Self = Self(None);

    /// It does not, for this reason.
    #[must_use]
    pub fn because(reason: String) -> Self {
        Self(Some(reason))
    }

    /// The reason of a 503; `None` is 200.
    #[must_use]
    pub fn failing(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(name: ServiceName, criticality: Criticality) -> ServiceHealth {
        ServiceHealth {
            name,
            criticality,
            running: true,
            silent_for: Duration::from_secs(1),
            silence_limit: Duration::from_secs(30),
            recent_faults: 0,
        }
    }

    #[test]
    fn only_a_critical_service_that_just_worked_is_ready() {
        let well = service(ServiceName::Power, Criticality::Critical);
        assert!(critical_ready(&[well]), "the control");
        for ill in [
            ServiceHealth {
                running: false,
                ..well
            },
            ServiceHealth {
                silent_for: Duration::from_secs(13),
                ..well
            },
            ServiceHealth {
                recent_faults: 1,
                ..well
            },
        ] {
            assert!(!critical_ready(&[well, ill]), "{ill:?}");
            let essential = ServiceHealth {
                criticality: Criticality::Essential,
                ..ill
            };
            assert!(critical_ready(&[well, essential]), "{essential:?}");
        }
    }

    /// Every criticality in every condition, with and without an answering probe.
    #[test]
    fn the_whole_table() {
        let mut table = String::new();
        for criticality in [
            Criticality::Critical,
            Criticality::Essential,
            Criticality::BestEffort,
        ] {
            for (condition, running, silent_s, faults) in [
                ("runs", true, 1, 0),
                ("was restarted", true, 1, 1),
                ("waits", false, 1, 1),
                ("hangs", true, 30, 0),
            ] {
                for probe_s in [0, 90] {
                    let health = ServiceHealth {
                        running,
                        silent_for: Duration::from_secs(silent_s),
                        recent_faults: faults,
                        ..service(ServiceName::Power, criticality)
                    };
                    let told = verdict(&[health], Duration::from_secs(probe_s));
                    table.push_str(&format!(
                        "{criticality:?} {condition}, probe silent {probe_s} s -> {told}\n"
                    ));
                }
            }
        }
        insta::assert_snapshot!(table);
    }
}
