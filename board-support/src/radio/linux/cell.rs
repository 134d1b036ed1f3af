//! A cell: a radio, its plan, its hostapd.

use super::places::{Places, write};
use crate::boot_time::since_boot;
use crate::error::{BoardError, chain};
use crate::radio::child::{Child, Program};
use crate::radio::hostapd::config;
use crate::radio::hostapd::control::{Control, ControlError, Status};
use crate::radio::hostapd::said::{self, Event, Refusals};
use crate::radio::kernel_log::Radio;
use crate::radio::{CellPlan, Daemon};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// For that a hostapd gets to take its cell off the air in order.
pub(super) const TO_END: Duration = Duration::from_millis(1500);
/// Between two looks whether a cell is on the air.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// A question of such a look.
const QUESTION: Duration = Duration::from_millis(500);

/// hostapd's word for a cell that sends beacons.
const ON_AIR: &str = "ENABLED";
/// And for one that listens for radar before it may.
const LISTENS: &str = "DFS";

/// What its output told so far.
#[derive(Debug, Default)]
struct Told {
    refusals: Refusals,
    /// The last thing that happened to the cell as a whole.
    last: Option<Event>,
}

#[derive(Debug)]
pub(super) struct Cell {
    pub(super) plan: CellPlan,
    pub(super) radio: Radio,
    /// As hostapd was started with or told since.
    text: String,
    child: Option<Child>,
    /// Why it could not be started.
    failed: Option<String>,
    told: Arc<Mutex<Told>>,
    /// Whom it refuses is being told.
    tells: bool,
    /// Its port on the bridge is kept from the others.
    pub(super) isolated: bool,
    /// The planned power is still to be set.
    pub(super) power_due: bool,
}

impl Cell {
    /// A cell that is not served yet.
    pub(super) fn new(plan: CellPlan, places: &Places, bridge: &str) -> Result<Self, BoardError> {
        Ok(Self {
            text: text(&plan, places, bridge)?,
            radio: Radio::of(&plan.interface),
            plan,
            child: None,
            failed: None,
            told: Arc::default(),
            tells: false,
            isolated: false,
            power_due: true,
        })
    }

    /// Follows a new plan, with nothing more than that needs.
    pub(super) fn follow(
        &mut self,
        plan: CellPlan,
        places: &Places,
        bridge: &str,
    ) -> Result<(), BoardError> {
        let wanted = text(&plan, places, bridge)?;
        self.power_due |= plan.dbm != self.plan.dbm;
        let guests = plan.only != self.plan.only;
        let rest = CellPlan {
            only: plan.only.clone(),
            dbm: plan.dbm,
            ..self.plan.clone()
        };
        let same = rest == plan;
        self.plan = plan;
        self.text = wanted;
        if !same || self.ended() {
            return self.restart(places);
        }
        if guests {
            self.write(places)?;
            let taken = Control::open(&places.control().join(&self.plan.interface), QUESTION)
                .and_then(|control| control.take_in(self.plan.only.as_deref()));
            // One that does not take it by word is started with it.
            if taken.is_err() {
                return self.restart(places);
            }
        }
        Ok(())
    }

    /// Ends it if it runs, and starts it.
    pub(super) fn restart(&mut self, places: &Places) -> Result<(), BoardError> {
        self.end(TO_END);
        self.start(places)
    }

    pub(super) fn start(&mut self, places: &Places) -> Result<(), BoardError> {
        let started = self.started(places);
        self.failed = started.as_ref().err().map(|error| chain(error));
        started
    }

    fn started(&mut self, places: &Places) -> Result<(), BoardError> {
        self.write(places)?;
        let told = Arc::new(Mutex::new(Told::default()));
        let hears = Arc::clone(&told);
        self.told = told;
        (self.tells, self.isolated, self.power_due) = (false, false, true);
        self.radio = Radio::of(&self.plan.interface);
        let program = Program::found("hostapd", vec![places.cell(&self.plan.interface).into()]);
        self.child = Some(Child::start(program, move |line| hear(&hears, line))?);
        Ok(())
    }

    /// Ends it, and comes back when it is gone.
    pub(super) fn end(&mut self, patience: Duration) {
        if let Some(mut child) = self.child.take() {
            child.end(patience);
        }
    }

    pub(super) fn ask_to_end(&self) {
        if let Some(child) = &self.child {
            child.ask_to_end();
        }
    }

    /// It reads its configuration again.
    pub(super) fn reload(&mut self, places: &Places) -> Result<(), BoardError> {
        self.write(places)?;
        if self.ended() {
            return Err(self.error("it has ended, so it reloads nothing; restart it"));
        }
        // It forgets that with the reload.
        self.tells = false;
        if let Some(child) = &self.child {
            child.hang_up();
        }
        Ok(())
    }

    /// How the daemon is, and its cell.
    pub(super) fn look(&mut self, places: &Places, patience: Duration) -> (Daemon, Option<Status>) {
        if self.ended() {
            return (Daemon::Gone, None);
        }
        let asked = Control::open(&places.control().join(&self.plan.interface), patience).and_then(
            |control| {
                control.ping()?;
                let status = control.status()?;
                self.follow_seats(&control, &status)?;
                Ok(status)
            },
        );
        match asked {
            Ok(status) => (Daemon::Answers, Some(status)),
            // It has not got so far, or was stopped, or hangs.
            Err(_) => (Daemon::Silent, None),
        }
    }

    /// hostapd's own list, for a kernel that tells nothing.
    pub(super) fn listed(&self, places: &Places, patience: Duration) -> Vec<crate::radio::Mac> {
        let path = places.control().join(&self.plan.interface);
        let listed = Control::open(&path, patience).and_then(|control| control.stations());
        let all = listed.unwrap_or_default().into_iter();
        all.filter(|listed| listed.authorized)
            .map(|listed| listed.mac)
            .collect()
    }

    fn follow_seats(&mut self, control: &Control, status: &Status) -> Result<(), ControlError> {
        let scarce =
            self.plan.only.is_some() || status.stations >= usize::from(self.plan.clients_at_most);
        if scarce != self.tells {
            control.tell_refusals(scarce)?;
            self.tells = scarce;
        }
        Ok(())
    }

    /// Waits until it sends beacons, or listens for radar first.
    pub(super) fn await_air(&mut self, places: &Places, until: Duration) -> Result<(), BoardError> {
        loop {
            let left = until.saturating_sub(since_boot());
            let (daemon, status) = self.look(places, left.clamp(BETWEEN_LOOKS, QUESTION));
            let listens = status
                .as_ref()
                .is_some_and(|status| status.state == LISTENS);
            let trouble = self.trouble(daemon, status.as_ref());
            if trouble.is_none() || listens {
                return Ok(());
            }
            if daemon == Daemon::Gone || left.is_zero() {
                return Err(self.error(&trouble.unwrap_or_default()));
            }
            thread::park_timeout(BETWEEN_LOOKS);
        }
    }

    pub(super) fn refused(&self) -> u64 {
        locked(&self.told).refusals.count()
    }

    /// Why it sends no beacons; `None` where it does.
    pub(super) fn trouble(&self, daemon: Daemon, status: Option<&Status>) -> Option<String> {
        let words = self.child.as_ref().map(Child::words).unwrap_or_default();
        let said = said::cause(&words).map(str::to_owned);
        if let Some(failed) = &self.failed {
            return Some(failed.clone());
        }
        match (daemon, status) {
            (Daemon::Answers, Some(status)) if status.state == ON_AIR && !self.is_down() => None,
            (Daemon::Answers, Some(status)) if status.state == LISTENS => Some(format!(
                "listens for radar on channel {} before it may send, {} s more",
                self.plan.channel.number,
                status.radar_s.unwrap_or_default()
            )),
            (Daemon::Answers, Some(status)) => Some(self.off_air(status, said)),
            (Daemon::Answers | Daemon::Silent, _) => {
                Some("hostapd runs and does not answer".to_owned())
            }
            (Daemon::Gone, _) => Some(match said {
                Some(said) => format!("hostapd has ended: {said}"),
                None => "hostapd has ended and said nothing".to_owned(),
            }),
        }
    }

    /// hostapd goes on saying that its cell is on the air.
    fn is_down(&self) -> bool {
        locked(&self.told).last == Some(Event::InterfaceDisabled)
    }

    fn off_air(&self, status: &Status, said: Option<String>) -> String {
        let what = match locked(&self.told).last {
            Some(Event::InterfaceDisabled) => {
                "the interface was taken down; rfkill or somebody else did that".to_owned()
            }
            Some(Event::Radar) => "radar was heard: the channel has to be left".to_owned(),
            _ => format!("hostapd is at {}", status.state),
        };
        match said {
            Some(said) => format!("{what}; {said}"),
            None => what,
        }
    }

    fn ended(&mut self) -> bool {
        self.child
            .as_mut()
            .is_none_or(|child| child.ended().is_some())
    }

    fn write(&self, places: &Places) -> Result<(), BoardError> {
        let interface = &self.plan.interface;
        let accept = config::accepted(self.plan.only.as_deref().unwrap_or_default());
        write(&places.accept(interface), &accept)?;
        write(&places.cell(interface), &self.text)
    }

    fn error(&self, words: &str) -> BoardError {
        BoardError::Daemon {
            name: "hostapd",
            on: self.plan.interface.clone(),
            words: words.to_owned(),
        }
    }
}

fn text(plan: &CellPlan, places: &Places, bridge: &str) -> Result<String, BoardError> {
    let (control, accept) = (places.control(), places.accept(&plan.interface));
    config::text(
        plan,
        config::Places {
            control: &control,
            accept: &accept,
            bridge,
        },
    )
}

/// Takes in what happened, and keeps what complains.
fn hear(told: &Mutex<Told>, line: &str) -> bool {
    let Some(event) = said::event(line) else {
        return said::complains(line);
    };
    let mut told = locked(told);
    told.refusals.take(event);
    match event {
        Event::Joined(_) | Event::Left(_) | Event::Refused(_) | Event::NoRoom => {}
        Event::Enabled
        | Event::Disabled
        | Event::InterfaceDisabled
        | Event::InterfaceEnabled
        | Event::ListensForRadar
        | Event::Radar => told.last = Some(event),
    }
    false
}

fn locked<T>(told: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    told.lock().unwrap_or_else(PoisonError::into_inner)
}
