//! Starts and ends of the process that are about a trial.

use crate::services::Part;
use crate::slots::{Proof, Slots};
use crate::supervisor::{Ended, Stop};
use ota::Restart;

/// Where the loader tries nothing by itself, the good slot asks it to before any learner is served. A box that cannot ask, serves.
pub(super) fn restarts_into_trial(slots: &Part<Slots>) -> bool {
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
pub(super) fn give_up_if_on_trial(ended: Ended, slots: &Part<Slots>) -> Ended {
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
