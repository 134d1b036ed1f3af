//! What may be done about updates now: a pure function of the box's circumstances, one table.
//!
//! | | needs |
//! |---|---|
//! | packs | what fetching needs, but for the slot: after an update was put into it too; never while a system has to prove itself |
//! | fetch | a slot to fetch for; the plan's window open, or a person's offer while the box saves no more than it must; always on mains |
//! | install | the same slot; power to write for some minutes: the box does not save all it can |
//! | activate | charge above the reserve with what a trial may cost, at the low end of what is believed; unknown is too little |
//! | restart | nobody learned for ten minutes, or for one outside lessons and evening, or a person said so |

use crate::status::Update;
use ota::install::TRIES;
use ota::updater::{Permits, UpdateState};
use power_mgmt::{Policy, PowerState, SyncWindow};
use std::time::Duration;

/// Without a learner for so long, nobody is at work.
pub const QUIET: Duration = Duration::from_secs(600);
/// The same while neither lessons nor evening learners are expected.
pub const QUIET_AT_NIGHT: Duration = Duration::from_secs(60);
/// From the restart to a box that serves, generously.
const BOOT: Duration = Duration::from_secs(120);

/// What the slots are at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotsNow {
    /// The running slot is good; the other one may be written.
    Free,
    /// The running slot has to prove itself: the other one is what it falls back to.
    Proving,
    /// The other slot boots next.
    RestartNeeded,
    /// There is one system, or the boot choice cannot be read.
    None,
}

impl SlotsNow {
    /// As they are told.
    #[must_use]
    pub fn of(update: &Update) -> Self {
        match update.state.as_str() {
            "trial" | "unproven" => Self::Proving,
            "restart_needed" => Self::RestartNeeded,
            "idle" | "fell_back" => Self::Free,
            _ => Self::None,
        }
    }
}

/// What the permits hang on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Circumstances {
    /// The slots.
    pub slots: SlotsNow,
    /// The board has no gauge.
    pub on_mains: bool,
    /// The power state in force.
    pub state: PowerState,
    /// The plan's window.
    pub sync: SyncWindow,
    /// The low end of the charge's band, a share of the full battery; `None`: nobody knows.
    pub charge: Option<f64>,
    /// What an activation needs: [`enough`].
    pub enough: f64,
    /// A person offered what is being done.
    pub offered: bool,
    /// Nobody learned for [`QUIET`].
    pub quiet: bool,
    /// Neither lessons nor evening learners are expected, and nobody learned for [`QUIET_AT_NIGHT`].
    pub quiet_hours: bool,
    /// A person asked for the restart.
    pub restart_asked: bool,
}

/// The reserve, and all tries of a trial that wait as long as they may while a class is at work: a share of the full battery.
#[must_use]
pub fn enough(policy: &Policy, within: Duration) -> f64 {
    let hours = f64::from(TRIES) * (within + BOOT).as_secs_f64() / 3600.0;
    let cost = hours * PowerState::Full.reference_draw().get() / policy.capacity().get();
    policy.reserve().percent() / 100.0 + cost
}

impl Circumstances {
    /// What may be done.
    #[must_use]
    pub fn permits(&self) -> Permits {
        let free = self.slots == SlotsNow::Free;
        let saves_all = self.state < PowerState::Eco;
        let window = self.window();
        let charged = self.charge.is_some_and(|charge| charge >= self.enough);
        Permits {
            fetch: free && (self.on_mains || window),
            install: free && (self.on_mains || !saves_all),
            activate: free && (self.on_mains || (!saves_all && charged)),
            restart: self.restart_asked || self.quiet || self.quiet_hours,
        }
    }

    fn window(&self) -> bool {
        match self.sync {
            SyncWindow::Open => true,
            SyncWindow::Records => self.offered && self.state >= PowerState::Eco,
            SyncWindow::Closed => false,
        }
    }

    /// Packs may be fetched, and taken into the library.
    #[must_use]
    pub fn packs(&self) -> bool {
        let settled = matches!(self.slots, SlotsNow::Free | SlotsNow::RestartNeeded);
        settled && (self.on_mains || self.window())
    }

    /// What the next step waits for: half a sentence for people; `None` where nothing of this kind holds it up.
    #[must_use]
    pub fn lack(&self, state: &UpdateState) -> Option<&'static str> {
        let permits = self.permits();
        let slots = match self.slots {
            SlotsNow::Free => None,
            SlotsNow::Proving => Some("a new system is on trial: when it is confirmed"),
            SlotsNow::RestartNeeded => Some("the box has to be restarted first"),
            SlotsNow::None => Some("this box takes no update: see `school-box update status`"),
        };
        let charge = if self.charge.is_none() {
            "the battery's charge is not known yet"
        } else {
            "the battery has to be charged further"
        };
        match state {
            UpdateState::Idle | UpdateState::Looking | UpdateState::Fetching => {
                let window =
                    "it has to be sunnier, or the charger plugged in, for what comes from outside";
                (!permits.fetch).then_some(slots.unwrap_or(window))
            }
            UpdateState::Installing => (!permits.install)
                .then_some(slots.unwrap_or("the battery has to be charged further")),
            UpdateState::Staged => (!permits.activate).then_some(slots.unwrap_or(charge)),
            UpdateState::Activated => {
                (!permits.restart).then_some("it restarts when nobody has learned for ten minutes")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Circumstances = Circumstances {
        slots: SlotsNow::Free,
        on_mains: false,
        state: PowerState::Full,
        sync: SyncWindow::Open,
        charge: Some(0.8),
        enough: 0.12,
        offered: false,
        quiet: true,
        quiet_hours: false,
        restart_asked: false,
    };

    fn line(what: &str, now: &Circumstances) -> String {
        let permits = now.permits();
        let words = [
            (permits.fetch, "fetch"),
            (permits.install, "install"),
            (permits.activate, "activate"),
            (permits.restart, "restart"),
            (now.packs(), "packs"),
        ];
        let may: Vec<&str> = words
            .iter()
            .filter(|(may, _)| *may)
            .map(|(_, word)| *word)
            .collect();
        let mut text = format!("{what} -> {}\n", may.join(", "));
        for state in [
            UpdateState::Fetching,
            UpdateState::Installing,
            UpdateState::Staged,
            UpdateState::Activated,
        ] {
            if let Some(lack) = now.lack(&state) {
                text.push_str(&format!("    {state:?} waits: {lack}\n"));
            }
        }
        text
    }

    /// Power states with and without a person, what the battery may be, what the slots may be, who may be at work.
    #[test]
    fn the_whole_table() {
        let mut table = String::new();
        for (state, sync) in [
            (PowerState::Full, SyncWindow::Open),
            (PowerState::Eco, SyncWindow::Records),
            (PowerState::Minimal, SyncWindow::Closed),
            (PowerState::Off, SyncWindow::Closed),
        ] {
            for offered in [false, true] {
                let now = Circumstances {
                    state,
                    sync,
                    offered,
                    ..FREE
                };
                let who = if offered {
                    "a person offers"
                } else {
                    "by itself"
                };
                table.push_str(&line(
                    &format!("{state}, window {}, {who}", sync.as_str()),
                    &now,
                ));
            }
        }
        for charge in [None, Some(0.0), Some(0.119), Some(0.12), Some(1.0)] {
            table.push_str(&line(
                &format!("charge {charge:?}"),
                &Circumstances { charge, ..FREE },
            ));
        }
        let dark = Circumstances {
            on_mains: true,
            charge: None,
            sync: SyncWindow::Closed,
            ..FREE
        };
        table.push_str(&line("on mains, charge unknown, window closed", &dark));
        for slots in [SlotsNow::Proving, SlotsNow::RestartNeeded, SlotsNow::None] {
            for on_mains in [false, true] {
                let now = Circumstances {
                    slots,
                    on_mains,
                    offered: true,
                    ..FREE
                };
                table.push_str(&line(
                    &format!("slots {slots:?}, on mains {on_mains}, a person offers"),
                    &now,
                ));
            }
        }
        for (quiet, quiet_hours, restart_asked) in [
            (false, false, false),
            (true, false, false),
            (false, true, false),
            (false, false, true),
        ] {
            let now = Circumstances {
                quiet,
                quiet_hours,
                restart_asked,
                ..FREE
            };
            table.push_str(&line(
                &format!("quiet {quiet}, quiet hours {quiet_hours}, asked {restart_asked}"),
                &now,
            ));
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn a_trial_costs_little_of_a_large_battery_and_much_of_a_small_one() {
        let of = |capacity_wh| {
            let input = power_mgmt::policy::PolicyInput {
                capacity_wh,
                ..Default::default()
            };
            Policy::new(input).map(|policy| enough(&policy, Duration::from_secs(600)))
        };
        let (large, small) = (of(256.0), of(20.0));
        assert!(
            matches!(large, Ok(share) if (0.11..0.13).contains(&share)),
            "{large:?}"
        );
        assert!(
            matches!(small, Ok(share) if (0.3..0.5).contains(&share)),
            "{small:?}"
        );
    }
}
