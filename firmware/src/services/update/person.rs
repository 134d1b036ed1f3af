//! A person's offer, from the asking to the answer.

use super::UpdateParts;
use super::around::{battery_is_unknown_yet, circumstances};
use super::working::Working;
use crate::status::Update;
use crate::updates::Place;
use crate::updates::offer::{self, Offer, Offered, Outcome, with_packs};
use crate::updates::permits::{Circumstances, SlotsNow};
use ota::updater::{SourceId, UpdateState};
use tokio::sync::oneshot;

/// A person's offer.
pub(super) struct Standing {
    pub(super) id: SourceId,
    pub(super) offer: Offer,
    /// Its source was looked at: what the thread says since then is about it.
    pub(super) begun: bool,
    /// What came of the system, while packs come.
    pub(super) held: Option<Outcome>,
    /// What came of packs.
    pub(super) packs: Vec<Result<String, String>>,
    answer: oneshot::Sender<Result<Offered, String>>,
}

/// What became of an offer, before the person who waits is told.
pub(super) struct Concluded {
    outcome: Outcome,
    answer: oneshot::Sender<Result<Offered, String>>,
}

impl Working {
    /// A person offers something. It is refused at once where nothing can come of it.
    pub(super) fn handle_person(
        &mut self,
        offer: Offer,
        answer: oneshot::Sender<Result<Offered, String>>,
        slots: &Update,
        parts: &UpdateParts,
    ) {
        let now = circumstances(slots, parts, true, false);
        let refused = if self.worker.is_none() {
            Some(
                "this board has one system and no second slot: update it by writing its card"
                    .to_owned(),
            )
        } else if self.offer.is_some() {
            Some(
                "another offer is being taken: see `school-box update status`, and try again"
                    .to_owned(),
            )
        } else {
            let waits = now.slots == SlotsNow::Free && battery_is_unknown_yet(parts);
            now.lack(&UpdateState::Idle)
                .filter(|_| !waits)
                .map(no_update)
        };
        if let Some(line) = refused {
            let _ = answer.send(Err(line));
            return;
        }
        let id = self.around.brought(Place::Offered(offer.source.clone()));
        self.updater
            .handle_source(id, true, parts.clock.since_boot());
        self.offer = Some(Standing {
            id,
            offer,
            begun: false,
            held: None,
            packs: Vec::new(),
            answer,
        });
    }

    /// Tells the person who waits, where nothing more is done just now.
    pub(super) fn say_where_it_stands(&mut self, now: &Circumstances, parts: &UpdateParts) {
        let begun = self.offer.as_ref().map(|standing| standing.begun);
        let lack = now
            .lack(&UpdateState::Idle)
            .filter(|_| begun == Some(false));
        if let Some(lack) = lack.filter(|_| !battery_is_unknown_yet(parts)) {
            self.conclude(Err(no_update(lack)), parts);
        }
        if begun == Some(true) {
            if let Some(held) = self
                .offer
                .as_mut()
                .and_then(|standing| standing.held.take())
            {
                return self.conclude(held, parts);
            }
            let follows = if now.permits().restart || self.restarts_at_once() {
                "the box restarts now"
            } else {
                "the box restarts when nobody learns, or at once with --restart"
            };
            let lack = now.lack(self.updater.state());
            let outcome = offer::of_state(self.updater.state(), &self.known, lack, follows);
            self.conclude(outcome, parts);
        }
    }

    fn restarts_at_once(&self) -> bool {
        self.offer
            .as_ref()
            .is_some_and(|standing| standing.offer.restart)
    }

    /// The offer is over. The person is told at the end of the turn, with the slots as they are then: see [`Working::answer`].
    pub(super) fn conclude(&mut self, outcome: Outcome, parts: &UpdateParts) {
        let Some(standing) = self.offer.take() else {
            return;
        };
        self.around.take_away(standing.id);
        self.updater
            .handle_source_gone(standing.id, parts.clock.since_boot());
        self.packs.turns.handle_source_gone(standing.id);
        let outcome = with_packs(outcome, &standing.packs);
        self.restart_asked |= standing.offer.restart && outcome.is_ok();
        self.concluded.push(Concluded {
            outcome,
            answer: standing.answer,
        });
    }

    /// Tells those whose offers are over; `update` is what everybody is told.
    pub(super) fn answer(&mut self, update: &Update) {
        for over in self.concluded.drain(..) {
            let answer = over.outcome.map(|(word, line)| Offered {
                outcome: word.to_owned(),
                line,
                update: update.clone(),
            });
            // A verb that hung up has no use for it.
            let _ = over.answer.send(answer);
        }
    }
}

fn no_update(lack: &str) -> String {
    format!("no update is taken now: {lack}")
}
