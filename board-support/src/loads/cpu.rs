//! How fast the processor may run: the governor of each frequency policy.
//!
//! `policy*/scaling_governor` takes one of the words in `scaling_available_governors` (kernel's `admin-guide/pm/cpufreq.rst`). `schedutil`
//! and `ondemand` follow the work, `powersave` stays at the lowest clock.

use super::{LoadSwitches, entries, put};
use crate::files::read_text;
use crate::{BoardError, error};
use power_mgmt::{CpuSpeed, LoadPlan};
use std::path::{Path, PathBuf};

/// Those that follow the work, the better one first.
const ON_DEMAND: [&str; 2] = ["schedutil", "ondemand"];
const LOWEST: &str = "powersave";

pub(super) struct Governors {
    policies: PathBuf,
}

impl Governors {
    pub(super) fn new(root: &Path) -> Self {
        Self {
            policies: root.join("sys/devices/system/cpu/cpufreq"),
        }
    }
}

impl LoadSwitches for Governors {
    fn apply(&mut self, plan: &LoadPlan) -> Result<(), BoardError> {
        let policies = entries(&self.policies, |name| name.starts_with("policy"))?;
        error::all(policies.iter().map(|policy| set(policy, plan.cpu)))
    }

    /// The way down should not be the slowest.
    fn power_off(&mut self) -> Result<(), BoardError> {
        Ok(())
    }
}

fn set(policy: &Path, speed: CpuSpeed) -> Result<(), BoardError> {
    let available = read_text(&policy.join("scaling_available_governors"))?.unwrap_or_default();
    let Some(word) = governor(speed, &available) else {
        return Ok(());
    };
    let path = policy.join("scaling_governor");
    if read_text(&path)?.as_deref() != Some(word) {
        put(&path, word.as_bytes())?;
    }
    Ok(())
}

/// The word for `speed` among those `available`; `None` where either speed has none: a processor that was slowed down must be able to come
/// back, and where `powersave` is listed beside `performance` alone it follows the work (kernel's `intel_pstate.rst`).
fn governor(speed: CpuSpeed, available: &str) -> Option<&'static str> {
    let listed = |word: &&str| available.split_whitespace().any(|one| one == *word);
    let on_demand = ON_DEMAND.into_iter().find(listed)?;
    let lowest = Some(LOWEST).filter(listed)?;
    Some(match speed {
        CpuSpeed::OnDemand => on_demand,
        CpuSpeed::Lowest => lowest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_listed_is_asked_for_and_nothing_without_a_way_back() {
        use CpuSpeed::{Lowest, OnDemand};
        let pi = "conservative ondemand userspace powersave performance schedutil";
        for (available, fast, slow) in [
            (pi, Some("schedutil"), Some("powersave")),
            ("ondemand powersave", Some("ondemand"), Some("powersave")),
            ("performance powersave", None, None),
            ("performance schedutil", None, None),
            ("powersaver schedutils", None, None),
            ("", None, None),
        ] {
            let words = (governor(OnDemand, available), governor(Lowest, available));
            assert_eq!(words, (fast, slow), "{available}");
        }
    }
}
