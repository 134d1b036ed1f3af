//! What is around the box: where repositories are, and what may be done.

use super::UpdateParts;
use crate::status::{Update, sensor_is_silent};
use crate::updates::permits::{Circumstances, QUIET, QUIET_AT_NIGHT, SlotsNow, enough};
use crate::updates::{Place, WorkParts, uplink};
use board_support::usb;
use ota::updater::SourceId;
use power_mgmt::{LocalTime, Reason};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::oneshot::{self, error::TryRecvError};

/// Between two looks for addresses and sticks.
const EVERY: Duration = Duration::from_secs(5);

/// A gauge that speaks has spoken by then.
const FIRST_SAMPLE_WITHIN: Duration = Duration::from_secs(20);

/// The places that are there, by number.
#[derive(Default)]
pub(super) struct Around {
    there: BTreeMap<SourceId, Place>,
    next: SourceId,
    looking: Option<oneshot::Receiver<Vec<Place>>>,
    looked_at: Option<Duration>,
}

/// What came and what went.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) came: Vec<SourceId>,
    pub(super) went: Vec<SourceId>,
}

impl Around {
    /// A number for a place that a person brings.
    pub(super) fn brought(&mut self, place: Place) -> SourceId {
        let id = self.next;
        self.next = self.next.wrapping_add(1);
        self.there.insert(id, place);
        id
    }

    /// It is there no more.
    pub(super) fn take_away(&mut self, id: SourceId) {
        self.there.remove(&id);
    }

    /// The place of a number.
    pub(super) fn place(&self, id: SourceId) -> Option<Place> {
        self.there.get(&id).cloned()
    }

    /// Looks around on a thread: a stick may have to be mounted first. What the last look found, once it is done.
    pub(super) fn turn(&mut self, parts: &WorkParts, now: Duration) -> Changes {
        match self.looking.as_mut().map(oneshot::Receiver::try_recv) {
            Some(Ok(found)) => {
                self.looking = None;
                return self.handle_found(found);
            }
            // It fell over; the next one may not.
            Some(Err(TryRecvError::Closed)) => self.looking = None,
            Some(Err(TryRecvError::Empty)) | None => {}
        }
        let due = self
            .looked_at
            .is_none_or(|at| now.saturating_sub(at) >= EVERY);
        if due && self.looking.is_none() {
            self.looked_at = Some(now);
            let parts = parts.clone();
            let (tell, looking) = oneshot::channel();
            self.looking = Some(looking);
            tokio::task::spawn_blocking(move || tell.send(found(&parts)));
        }
        Changes::default()
    }

    fn handle_found(&mut self, found: Vec<Place>) -> Changes {
        let mut changes = Changes::default();
        let by_itself = |place: &Place| !matches!(place, Place::Offered(_));
        for (id, place) in &self.there {
            if by_itself(place) && !found.contains(place) {
                changes.went.push(*id);
            }
        }
        for id in &changes.went {
            self.there.remove(id);
        }
        for place in found {
            if !self.there.values().any(|there| *there == place) {
                changes.came.push(self.brought(place));
            }
        }
        changes
    }
}

/// Configured addresses while there is a way out, and sticks with a repository.
fn found(parts: &WorkParts) -> Vec<Place> {
    let (board, data) = (&parts.board, &parts.data);
    let mut places = Vec::new();
    if !parts.config.sources.is_empty() && uplink::is_up(board, data) {
        places.extend(parts.config.sources.iter().cloned().map(Place::Address));
    }
    let sticks = usb::sticks(board, data).into_iter();
    let with_one = sticks.filter(|stick| usb::repository_in(&stick.folder).is_some());
    places.extend(with_one.map(Place::Stick));
    places
}

/// What the permits hang on, now.
pub(super) fn circumstances(
    slots: &Update,
    parts: &UpdateParts,
    offered: bool,
    restart_asked: bool,
) -> Circumstances {
    let report = parts.power.borrow();
    let known = !sensor_is_silent(&report, parts.clock.box_time());
    let band = report.reading.as_ref().and_then(|reading| reading.band);
    let now = parts.clock.since_boot();
    let quiet_for = |span: Duration| {
        // A box that has just started does not know who was about to learn.
        parts.clock.uptime() >= span && !parts.activity.within(span, now)
    };
    Circumstances {
        slots: SlotsNow::of(slots),
        on_mains: report.on_mains,
        state: report.plan.state,
        sync: report.plan.sync,
        charge: band.filter(|_| known).map(|(low, _)| low.percent() / 100.0),
        enough: enough(&parts.battery, parts.policy.within),
        offered,
        quiet: quiet_for(QUIET),
        quiet_hours: is_quiet_hour(parts) && quiet_for(QUIET_AT_NIGHT),
        restart_asked,
    }
}

/// The battery was not asked yet: a box that has just started saves all it can until then.
pub(super) fn battery_is_unknown_yet(parts: &UpdateParts) -> bool {
    let started = parts.power.borrow().reason == Some(Reason::Started);
    started && parts.clock.uptime() < FIRST_SAMPLE_WITHIN
}

/// By a trusted clock neither lessons nor evening learners are expected.
fn is_quiet_hour(parts: &UpdateParts) -> bool {
    let (timetable, offset_min) = &parts.hours;
    let local = parts.clock.wall_trusted().and_then(|now| {
        let minutes = now.as_second().div_euclid(60) + i64::from(*offset_min);
        let minute = u16::try_from(minutes.rem_euclid(1440)).ok()?;
        LocalTime::new(minutes.div_euclid(1440), minute)
    });
    local.is_some_and(|local| timetable.is_quiet(local.weekday(), local.minute()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_keep_their_number_while_they_are_there() {
        let address = |text: &str| Place::Address(text.to_owned());
        let mut around = Around::default();
        let first = around.handle_found(vec![address("a"), address("b")]);
        assert_eq!(first.came, [0, 1]);
        assert_eq!(
            around.handle_found(vec![address("a"), address("b")]),
            Changes::default()
        );
        let offered = around.brought(Place::Offered("c".to_owned()));
        let gone = around.handle_found(vec![address("b")]);
        assert_eq!((gone.came, gone.went), (vec![], vec![0]));
        assert!(
            around.place(offered).is_some(),
            "what a person brought is not looked for"
        );
        let back = around.handle_found(vec![address("a"), address("b")]);
        assert_eq!(
            back.came,
            [3],
            "a new number: what was known of it is forgotten"
        );
        around.take_away(offered);
        assert_eq!(around.place(offered), None);
    }
}
