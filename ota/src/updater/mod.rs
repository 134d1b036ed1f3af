//! What to do next about updates: pure. Inputs are `handle_*`, what to do comes from `poll_action`, when to ask again from `poll_timeout`; the caller
//! does one action at a time and answers it with one `handle_*`.
//!
//! ```text
//!   Idle ── a source is there ──► Looking ── offers a release ──► Fetching ──► Installing ──► Staged ──► Activated ── restart
//!     ▲                              │                              │  ▲          │              ▲
//!     └── nothing new, not believed ─┘      gone, too slow: another ┘  └─ more ───┘        power, quiet hours
//! ```

mod ahead;
mod answers;
mod contact;
mod ends;

use crate::ledger::Wanted;
use contact::Contact;
use std::collections::BTreeMap;
use std::time::Duration;

/// A source by the caller's number.
pub type SourceId = u32;

/// What the box may do now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Permits {
    /// Talk to sources, and write what comes: the plan's sync window, or mains.
    pub fetch: bool,
    /// Write the slot: power for it is there.
    pub install: bool,
    /// Put the new slot on trial: charge above the reserve with the trial's own cost, no trial running.
    pub activate: bool,
    /// Restart: nobody is learning, or a person said so.
    pub restart: bool,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// [`look`](crate::look::look) at it; answer with [`Updater::handle_offer`].
    Look(SourceId),
    /// [`fetch`](crate::install::fetch) from it, at most so many bytes; answer with [`Updater::handle_fetched`].
    Fetch(SourceId, u64),
    /// [`install`](crate::install::install); answer with [`Updater::handle_installed`].
    Install,
    /// [`activate`](crate::install::activate); answer with [`Updater::handle_activated`].
    Activate,
    /// Restart the box into the trial.
    Restart,
}

/// How a source's look ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looked {
    /// It offers this; it is wanted from now on.
    Release(Wanted),
    /// Nothing for this box now.
    Nothing,
    /// It was not reached, or went away.
    Gone,
    /// It is not believed: it is left alone until it changes.
    Refused,
}

/// How a fetch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchEnd {
    /// All is here.
    All,
    /// The budget of this contact is spent.
    BudgetSpent,
    /// It was stopped from outside.
    Stopped,
    /// The source was not reached, went away, or is too slow.
    Gone,
    /// It gave what was not signed for.
    Refused,
    /// There is no room, or the disk failed: a person is needed; tried again in an hour.
    Stuck,
}

/// How an installation or an activation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstallEnd {
    /// Done.
    Done,
    /// It was stopped from outside.
    Stopped,
    /// More has to be fetched.
    Incomplete,
    /// It failed; tried again in an hour.
    Failed,
    /// It failed for good: this bundle is left alone.
    GivenUp,
}

/// Where an update stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpdateState {
    /// Nothing to do.
    Idle,
    /// A source is being looked at.
    Looking,
    /// A release is wanted; bytes are missing.
    Fetching,
    /// All bytes are here.
    Installing,
    /// The slot is written and right.
    Staged,
    /// The next boot tries it.
    Activated,
}

/// The policy's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpdatePolicy {
    /// Between two looks at a source that stays.
    pub look_every: Duration,
    /// Bytes that one contact with a source may cost.
    pub budget: u64,
}

/// A source that went away is tried again so much later, twice as much after each time that it gave nothing, at most [`BACKOFF_AT_MOST`].
pub const BACKOFF: Duration = Duration::from_secs(30);
/// See [`BACKOFF`].
pub const BACKOFF_AT_MOST: Duration = Duration::from_secs(3600);
/// What needs a person is tried again so much later.
pub const REST: Duration = Duration::from_secs(3600);
/// What was stopped from outside goes on so much later, or when the permits change.
pub const PAUSE: Duration = Duration::from_secs(30);
/// The machine.
#[derive(Debug, Clone)]
pub struct Updater {
    policy: UpdatePolicy,
    permits: Permits,
    wanted: Option<Wanted>,
    /// What is next for the wanted release; [`UpdateState::Looking`] never.
    stage: UpdateState,
    /// As [`Updater::state`] tells it.
    state: UpdateState,
    contacts: BTreeMap<SourceId, Contact>,
    /// The action that is not answered yet.
    busy: Option<Action>,
    /// Nothing is fetched, installed or activated before this.
    rest_until: Duration,
    /// The same, while the permits stay as they are.
    pause_until: Duration,
    /// All may be here from before this start: the installation knows.
    may_be_here: bool,
    /// Installations in a row that wanted more.
    incomplete: u8,
    /// The wanted release cannot be had for now: perhaps there is another.
    stuck: bool,
    /// The restart was asked for.
    restarting: bool,
}

impl Updater {
    /// With what the ledger remembered: a release that is wanted is gone on with. There are no permits before [`Updater::handle_permits`].
    #[must_use]
    pub fn new(policy: UpdatePolicy, wanted: Option<Wanted>, now: Duration) -> Self {
        let stage = match wanted {
            Some(_) => UpdateState::Fetching,
            None => UpdateState::Idle,
        };
        Self {
            policy,
            permits: Permits::default(),
            may_be_here: wanted.is_some(),
            wanted,
            state: stage.clone(),
            stage,
            contacts: BTreeMap::new(),
            busy: None,
            rest_until: now,
            pause_until: now,
            incomplete: 0,
            stuck: false,
            restarting: false,
        }
    }

    /// A source is there: it was configured and the uplink is up, a stick was plugged in, a person offered it. A person's comes first and is looked at
    /// at once. One that is known already begins anew: what was held against it is forgotten.
    pub fn handle_source(&mut self, id: SourceId, by_a_person: bool, now: Duration) {
        let contact = Contact::new(by_a_person, self.policy.budget, now);
        self.contacts.insert(id, contact);
    }

    /// It is there no more.
    pub fn handle_source_gone(&mut self, id: SourceId, now: Duration) {
        let _ = now;
        self.contacts.remove(&id);
    }

    /// What the box may do has changed.
    pub fn handle_permits(&mut self, permits: Permits, now: Duration) {
        if self.permits != permits {
            self.permits = permits;
            self.pause_until = now;
        }
    }

    /// So many bytes came of the [`Action::Fetch`] that is under way: the rest of its budget is what a later fetch of the same contact may cost.
    /// Telling it is optional; without it each fetch may cost the whole.
    pub fn handle_bytes(&mut self, id: SourceId, bytes: u64, now: Duration) {
        let look_every = self.policy.look_every;
        if let Some(contact) = self.contacts.get_mut(&id) {
            contact.gave(bytes, now + look_every);
        }
        self.incomplete = 0;
    }

    /// Bytes that a contact with this source may still cost now; `None`: nothing is asked of it now.
    #[must_use]
    pub fn budget(&self, id: SourceId, now: Duration) -> Option<u64> {
        let (when, bytes) = self.contacts.get(&id)?.fetch()?;
        (when <= now).then_some(bytes)
    }

    /// What to do now, if anything. An action is given once.
    #[must_use]
    pub fn poll_action(&mut self, now: Duration) -> Option<Action> {
        if self.busy.is_some() {
            return None;
        }
        let due = self.ahead().into_iter().filter(|next| next.when <= now);
        let next = due.min_by_key(|next| next.rank)?;
        match next.action {
            Action::Restart => self.restarting = true,
            Action::Look(_) | Action::Fetch(..) | Action::Install | Action::Activate => {
                self.busy = Some(next.action);
            }
        }
        self.tell();
        Some(next.action)
    }

    /// When to ask again although nothing happened: a time since boot, as `now` is; `now` itself where something is to be done at once.
    #[must_use]
    pub fn poll_timeout(&self, now: Duration) -> Option<Duration> {
        if self.busy.is_some() {
            return None;
        }
        let first = self.ahead().into_iter().map(|next| next.when).min()?;
        Some(first.max(now))
    }

    /// What is under way should stop at a good place: it may no longer be done, its source is gone, or a person's source waits to be looked at.
    #[must_use]
    pub fn poll_stop(&self, now: Duration) -> bool {
        let waits = |contact: &Contact| contact.offered().is_some_and(|when| when <= now);
        let person = || self.permits.fetch && self.contacts.values().any(waits);
        match self.busy {
            Some(Action::Fetch(id, _)) => {
                !self.permits.fetch || !self.contacts.contains_key(&id) || person()
            }
            Some(Action::Look(id)) => !self.permits.fetch || !self.contacts.contains_key(&id),
            Some(Action::Install) => !self.permits.install,
            // One write and over.
            Some(Action::Activate | Action::Restart) | None => false,
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> &UpdateState {
        &self.state
    }

    /// The release that is being got, if one is.
    #[must_use]
    pub const fn wanted(&self) -> Option<&Wanted> {
        self.wanted.as_ref()
    }

    fn tell(&mut self) {
        self.state = match self.busy {
            Some(Action::Look(_)) => UpdateState::Looking,
            Some(Action::Fetch(..) | Action::Install | Action::Activate | Action::Restart)
            | None => self.stage.clone(),
        };
    }
}
