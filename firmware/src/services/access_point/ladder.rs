//! The healing ladder: from real signs that a cell is not well to what is done about it. Pure: time is an argument.
//!
//! | sign | believed after | first rung |
//! |---|---|---|
//! | the daemon has ended | at once | restart the daemon |
//! | the daemon does not answer | 3 s | restart the daemon: a reload would go the same silent way |
//! | no beacons | 8 s, on a radar channel 90 s | reload |
//! | nobody is there for 15 min while the radio hears 500 frames or more | at once | reload; from the second time on reset the device |
//! | the firmware halted | at once | reset the device: what runs above it cannot reach it |
//!
//! After a rung the cell has its time to come back; then the next is climbed. Above the last stands the restart of the machine, which is
//! wished for and not done here: see [`reboots`](super::reboots). Where it is not granted, the ladder is climbed again after a pause
//! that doubles, from one minute to sixteen. A cell that is well for a minute descends a rung, so that an old fault is not held against
//! a new one, and a fault that comes back at once is met one rung higher; above the last, where each rung brought the cell back for a
//! while, with the first again.
//!
//! A school at night, with neighbours, looks deaf too. Nobody is disturbed by a reload then, but it must not go on for ever: each time
//! the wait doubles, up to eight hours, until somebody joins; and a restart of the machine is never wished for it.

use board_support::radio::{CellSigns, Daemon, Rung};
use std::time::Duration;

const SILENT_AFTER: Duration = Duration::from_secs(3);
const NO_BEACONS_AFTER: Duration = Duration::from_secs(8);
/// A minute of listening for radar (ETSI EN 301 893, 4.2.6), and what comes before it.
const RADAR_PATIENCE: Duration = Duration::from_secs(90);
const DEAF_AFTER: Duration = Duration::from_secs(15 * 60);
const DEAF_DOUBLINGS: u32 = 5;
/// In that time; a yard with one distant network has more.
const DEAF_FRAMES: u64 = 500;
/// A device that sent within this time is heard.
const USED: Duration = Duration::from_secs(5);
const WELL_FOR: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(16 * 60);

/// What is wrong with a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ill {
    /// hostapd has ended.
    Gone,
    /// hostapd does not answer.
    Silent,
    /// No beacons are sent.
    NoBeacons,
    /// Nobody joins though the air is busy.
    Deaf,
    /// The firmware halted.
    Halted,
}

impl Ill {
    /// As in events.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "daemon_gone",
            Self::Silent => "daemon_silent",
            Self::NoBeacons => "no_beacons",
            Self::Deaf => "deaf",
            Self::Halted => "firmware_halted",
        }
    }

    /// For people.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Gone => "its program has ended",
            Self::Silent => "its program does not answer",
            Self::NoBeacons => "it is not on the air",
            Self::Deaf => "nobody can join",
            Self::Halted => "its firmware has halted",
        }
    }

    /// How long it must last before it is believed.
    const fn patience(self, radar: bool) -> Duration {
        match self {
            Self::Gone | Self::Halted | Self::Deaf => Duration::ZERO,
            Self::Silent => SILENT_AFTER,
            Self::NoBeacons if radar => RADAR_PATIENCE,
            Self::NoBeacons => NO_BEACONS_AFTER,
        }
    }

    const fn first_rung(self) -> Rung {
        match self {
            Self::NoBeacons | Self::Deaf => Rung::Reload,
            Self::Gone | Self::Silent => Rung::RestartDaemon,
            Self::Halted => Rung::ResetDevice,
        }
    }
}

/// What is to be done about a cell now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing.
    Rest,
    /// This rung, for this.
    Climb(Rung, Ill),
    /// All rungs were in vain: only a restart of the machine is left.
    Reboot(Ill),
}

/// Follows one cell.
///
/// Call [`handle_signs`](Self::handle_signs) at each look with time since boot that never runs back, and do what it says;
/// [`ill`](Self::ill) and [`rung`](Self::rung) tell how it stands.
#[derive(Debug, Clone)]
pub(super) struct Ladder {
    /// What is wrong, and since when without a pause.
    ill: Option<(Ill, Duration)>,
    /// It has lasted long enough to be told.
    believed: bool,
    /// The last look found it well, since then.
    well_since: Option<Duration>,
    /// The highest rung that was climbed and not yet descended.
    rung: Option<Rung>,
    /// Until then the rung that was climbed has its time.
    settles_at: Duration,
    /// It was well since the last rung was climbed: that was not in vain.
    came_back: bool,
    /// The whole ladder was in vain so often.
    rounds: u32,
    /// A halt is said once, and lasts until the device was reset, or somebody is heard all the same.
    halted: bool,
    lonely: Option<Lonely>,
    /// It was taken for deaf so often since somebody was there.
    deaf: u32,
}

/// Nobody is there.
#[derive(Debug, Clone, Copy)]
struct Lonely {
    since: Duration,
    /// Frames heard until then, and by now.
    then: u64,
    now: u64,
}

impl Ladder {
    /// Of a cell that was planned at `now`.
    pub(super) const fn new(now: Duration) -> Self {
        Self {
            ill: None,
            believed: false,
            well_since: None,
            rung: None,
            settles_at: now,
            came_back: false,
            rounds: 0,
            halted: false,
            lonely: None,
            deaf: 0,
        }
    }

    /// What is wrong, once it is believed.
    pub(super) fn ill(&self) -> Option<Ill> {
        self.ill.filter(|_| self.believed).map(|(ill, _)| ill)
    }

    /// The highest rung climbed that was not yet descended.
    pub(super) const fn rung(&self) -> Option<Rung> {
        self.rung
    }

    /// It was just planned anew, by a person or the load plan: it has its time to come up.
    pub(super) fn handle_planned(&mut self, now: Duration) {
        self.settles_at = self.settles_at.max(now + SILENT_AFTER);
        self.lonely = None;
    }

    /// A look at the cell; `radar`: it has to listen for radar before it may send.
    pub(super) fn handle_signs(&mut self, signs: &CellSigns, radar: bool, now: Duration) -> Step {
        self.halted = signs.firmware_halted || (self.halted && !is_used(signs));
        self.count_frames(signs, now);
        let Some(ill) = self.seen(signs, now) else {
            self.handle_well(now);
            return Step::Rest;
        };
        self.well_since = None;
        let since = match self.ill {
            // Each rung changes how it is ill: the clock of the whole goes on.
            Some((_, since)) => since,
            None => now,
        };
        self.ill = Some((ill, since));
        let waits = now.saturating_sub(since) < ill.patience(radar) && self.rung.is_none();
        self.believed |= !waits;
        if waits || now < self.settles_at {
            return Step::Rest;
        }
        self.climb(ill, radar, now)
    }

    fn climb(&mut self, ill: Ill, radar: bool, now: Duration) -> Step {
        if ill == Ill::Deaf {
            self.deaf += 1;
        }
        let Some(rung) = self.next(ill) else {
            // The pause begins: whether the machine restarts in it is for others to say.
            self.rounds += 1;
            self.rung = None;
            self.settles_at = now + pause(self.rounds);
            return Step::Reboot(ill);
        };
        self.rung = Some(rung);
        self.came_back = false;
        self.settles_at = now
            + settles(rung).max(if radar {
                RADAR_PATIENCE
            } else {
                Duration::ZERO
            });
        self.lonely = None;
        self.halted &= rung != Rung::ResetDevice;
        Step::Climb(rung, ill)
    }

    fn handle_well(&mut self, now: Duration) {
        (self.ill, self.believed, self.came_back) = (None, false, true);
        // What a rung was given to work is not taken from the next fault's.
        self.settles_at = self.settles_at.min(now);
        let since = *self.well_since.get_or_insert(now);
        if now.saturating_sub(since) >= WELL_FOR && (self.rung.is_some() || self.rounds > 0) {
            self.well_since = Some(now);
            self.rounds = 0;
            self.rung = below(self.rung);
        }
    }

    fn seen(&self, signs: &CellSigns, now: Duration) -> Option<Ill> {
        match signs.daemon {
            _ if self.halted => Some(Ill::Halted),
            Daemon::Gone => Some(Ill::Gone),
            Daemon::Silent => Some(Ill::Silent),
            Daemon::Answers if !signs.on_air => Some(Ill::NoBeacons),
            Daemon::Answers => self.is_deaf(now).then_some(Ill::Deaf),
        }
    }

    fn is_deaf(&self, now: Duration) -> bool {
        let patience = DEAF_AFTER * (1 << self.deaf.min(DEAF_DOUBLINGS));
        self.lonely.is_some_and(|lonely| {
            now.saturating_sub(lonely.since) >= patience && lonely.now - lonely.then >= DEAF_FRAMES
        })
    }

    /// A counter that fell began anew.
    fn count_frames(&mut self, signs: &CellSigns, now: Duration) {
        if !signs.stations.is_empty() {
            self.deaf = 0;
        }
        self.lonely = signs
            .frames_heard
            .filter(|_| signs.stations.is_empty())
            .map(|heard| match self.lonely {
                Some(lonely) if heard >= lonely.now => Lonely {
                    now: heard,
                    ..lonely
                },
                Some(_) | None => Lonely {
                    since: now,
                    then: heard,
                    now: heard,
                },
            });
    }

    /// A deaf cell whose reload was in vain needs its device reset: what lies between changes nothing below the daemon.
    fn next(&self, ill: Ill) -> Option<Rung> {
        let first = ill.first_rung();
        match self.rung {
            _ if ill == Ill::Deaf && self.deaf > 1 => Some(Rung::ResetDevice),
            None => Some(first),
            Some(Rung::Reload) => Some(first.max(Rung::RestartDaemon)),
            Some(Rung::RestartDaemon) => Some(first.max(Rung::InterfaceDownUp)),
            Some(Rung::InterfaceDownUp) => Some(Rung::ResetDevice),
            // Each rung brought it back, and the fault as well: no pause, a class would be without air for it.
            Some(Rung::ResetDevice) => self.came_back.then_some(first),
        }
    }
}

/// Somebody sends over it: whatever it said, it lives.
fn is_used(signs: &CellSigns) -> bool {
    signs.stations.iter().any(|station| station.idle < USED)
}

const fn below(rung: Option<Rung>) -> Option<Rung> {
    match rung {
        None | Some(Rung::Reload) => None,
        Some(Rung::RestartDaemon) => Some(Rung::Reload),
        Some(Rung::InterfaceDownUp) => Some(Rung::RestartDaemon),
        Some(Rung::ResetDevice) => Some(Rung::InterfaceDownUp),
    }
}

/// How long a cell may take to come back.
const fn settles(rung: Rung) -> Duration {
    Duration::from_secs(match rung {
        Rung::Reload => 4,
        Rung::RestartDaemon => 6,
        Rung::InterfaceDownUp => 8,
        Rung::ResetDevice => 15,
    })
}

fn pause(rounds: u32) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << (rounds.saturating_sub(1)).min(10));
    doubled.min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests;
