//! Random lives: whatever happens, what the machine does is what the reference allows, and when it says to be asked again is right.

use super::{ALL, POLICY, release, s};
use ota::Wanted;
use ota::updater::{
    Action, BACKOFF, BACKOFF_AT_MOST, FetchEnd, InstallEnd, Looked, Permits, REST, SourceId,
    UpdateState, Updater,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;

#[derive(Debug, Clone)]
enum Event {
    Later(u64),
    Source(SourceId, bool),
    Gone(SourceId),
    Permits(Permits),
    Ask,
    /// What is under way ends so; the numbers choose among the ways.
    Answer(u8, u64),
}

fn event() -> impl Strategy<Value = Event> {
    let id = 0..3_u32;
    let permits = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    prop_oneof![
        2 => (0..9000_u64).prop_map(Event::Later),
        2 => (id.clone(), any::<bool>()).prop_map(|(id, person)| Event::Source(id, person)),
        1 => id.prop_map(Event::Gone),
        1 => permits.prop_map(|(fetch, install, activate, restart)| {
            Event::Permits(Permits { fetch, install, activate, restart })
        }),
        1 => Just(Event::Permits(ALL)),
        8 => Just(Event::Ask),
        6 => (any::<u8>(), 1..4_u64).prop_map(|(how, version)| Event::Answer(how, version)),
    ]
}

/// What is known of a source, plainly.
#[derive(Debug, Clone, Default)]
struct Known {
    person: bool,
    looked: bool,
    refused: bool,
    failures: u32,
    not_before: Duration,
    /// Spent until then.
    spent: Duration,
}

/// How far the release is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Far {
    Nothing,
    /// Bytes may be missing; `true`: perhaps none are, from before the start.
    Fetch(bool),
    Install,
    Activate,
    Restart,
    Over,
}

/// The reference: says of an action whether it is allowed now.
#[derive(Debug, Clone)]
struct Reference {
    permits: Permits,
    sources: BTreeMap<SourceId, Known>,
    wanted: Option<Wanted>,
    far: Far,
    rest: Duration,
    busy: Option<Action>,
}

impl Reference {
    fn new(wanted: Option<Wanted>) -> Self {
        let far = if wanted.is_some() {
            Far::Fetch(true)
        } else {
            Far::Nothing
        };
        Self {
            permits: Permits::default(),
            sources: BTreeMap::new(),
            wanted,
            far,
            rest: Duration::ZERO,
            busy: None,
        }
    }

    /// A person's source that waits to be looked at.
    fn offered(&self, now: Duration) -> bool {
        self.permits.fetch
            && self.sources.values().any(|known| {
                known.person && !known.looked && !known.refused && known.not_before <= now
            })
    }

    fn allows(&self, action: Action, now: Duration) -> Result<(), &'static str> {
        let is = |right: bool, why: &'static str| if right { Ok(()) } else { Err(why) };
        is(self.busy.is_none(), "one thing at a time")?;
        if self.offered(now) {
            let person = |id| {
                self.sources
                    .get(&id)
                    .is_some_and(|known| known.person && !known.looked)
            };
            return is(
                matches!(action, Action::Look(id) if person(id)),
                "a person waits",
            );
        }
        match action {
            Action::Look(id) | Action::Fetch(id, _) => {
                is(self.permits.fetch, "no permit to talk")?;
                let known = self.sources.get(&id).ok_or("the source is not there")?;
                is(!known.refused, "it is not believed")?;
                is(known.not_before <= now, "it went away just now")?;
                if let Action::Fetch(_, bytes) = action {
                    is(
                        matches!(self.far, Far::Fetch(_)),
                        "nothing is to be fetched",
                    )?;
                    is(
                        known.spent <= now && bytes <= POLICY.budget,
                        "it costs too much",
                    )?;
                    is(self.rest <= now, "a person is needed")?;
                }
                Ok(())
            }
            Action::Install => {
                is(self.permits.install, "no permit to write")?;
                is(self.rest <= now, "a person is needed")?;
                is(
                    matches!(self.far, Far::Install | Far::Fetch(true)),
                    "not all is here",
                )
            }
            Action::Activate => {
                is(self.permits.activate, "no permit to activate")?;
                is(self.rest <= now, "a person is needed")?;
                is(self.far == Far::Activate, "nothing is staged")
            }
            Action::Restart => {
                is(self.permits.restart, "no permit to restart")?;
                is(self.far == Far::Restart, "nothing is activated")
            }
        }
    }

    fn gone(&mut self, id: SourceId, now: Duration) {
        if let Some(known) = self.sources.get_mut(&id) {
            let wait = BACKOFF * 2_u32.pow(known.failures.min(16));
            known.not_before = now + wait.min(BACKOFF_AT_MOST);
            known.failures += 1;
        }
    }

    fn looked(&mut self, id: SourceId, looked: &Looked, now: Duration) {
        if *looked == Looked::Gone {
            return self.gone(id, now);
        }
        if let Some(known) = self.sources.get_mut(&id) {
            known.looked = true;
            known.failures = 0;
            known.refused |= *looked == Looked::Refused;
        }
        if let Looked::Release(release) = looked {
            if self.sources.get(&id).is_some_and(|known| known.person) {
                self.rest = now;
            }
            if self.wanted.as_ref() != Some(release) {
                self.wanted = Some(release.clone());
                self.far = Far::Fetch(false);
                self.rest = now;
            }
        }
    }

    fn fetched(&mut self, id: SourceId, end: FetchEnd, now: Duration) {
        match end {
            FetchEnd::All => self.far = Far::Install,
            FetchEnd::Gone => return self.gone(id, now),
            FetchEnd::Stuck => self.rest = now + REST,
            FetchEnd::BudgetSpent | FetchEnd::Stopped | FetchEnd::Refused => {}
        }
        if let Some(known) = self.sources.get_mut(&id) {
            match end {
                FetchEnd::BudgetSpent => {
                    known.spent = now + POLICY.look_every;
                    known.failures = 0;
                }
                FetchEnd::Refused => known.refused |= known.looked,
                FetchEnd::All => known.failures = 0,
                FetchEnd::Gone | FetchEnd::Stopped | FetchEnd::Stuck => {}
            }
        }
    }

    fn installed(&mut self, end: InstallEnd, done: Far, now: Duration) {
        match end {
            InstallEnd::Done => self.far = done,
            InstallEnd::Incomplete if done == Far::Activate => self.far = Far::Fetch(false),
            InstallEnd::Incomplete => self.far = Far::Install,
            InstallEnd::Stopped if done == Far::Activate => self.far = Far::Install,
            InstallEnd::Stopped => {}
            InstallEnd::Failed => {
                self.far = Far::Install;
                self.rest = now + REST;
            }
            InstallEnd::GivenUp => {
                self.wanted = None;
                self.far = Far::Nothing;
            }
        }
    }
}

/// Both, side by side.
struct Pair {
    machine: Updater,
    reference: Reference,
    now: Duration,
}

impl Pair {
    fn happens(&mut self, event: &Event) -> Result<(), TestCaseError> {
        let now = self.now;
        match *event {
            Event::Later(seconds) => self.now += s(seconds),
            Event::Source(id, person) => {
                self.machine.handle_source(id, person, now);
                let known = Known {
                    person,
                    ..Known::default()
                };
                self.reference.sources.insert(id, known);
            }
            Event::Gone(id) => {
                self.machine.handle_source_gone(id, now);
                self.reference.sources.remove(&id);
            }
            Event::Permits(permits) => {
                self.machine.handle_permits(permits, now);
                self.reference.permits = permits;
            }
            Event::Ask => return self.ask(),
            Event::Answer(how, version) => self.answer(how, version),
        }
        Ok(())
    }

    fn ask(&mut self) -> Result<(), TestCaseError> {
        let now = self.now;
        let when = self.machine.poll_timeout(now);
        // Just before the time it names nothing is to be done, and then something is.
        if let Some(when) = when.filter(|when| *when > now) {
            let mut early = self.machine.clone();
            prop_assert_eq!(early.poll_action(when - Duration::from_nanos(1)), None);
            prop_assert!(early.poll_action(when).is_some());
        }
        let action = self.machine.poll_action(now);
        prop_assert_eq!(action.is_some(), when.is_some_and(|when| when <= now));
        let Some(action) = action else {
            return Ok(());
        };
        let allowed = self.reference.allows(action, now);
        prop_assert!(
            allowed.is_ok(),
            "{:?}: {:?} in {:?}",
            action,
            allowed,
            self.reference
        );
        match action {
            Action::Restart => self.reference.far = Far::Over,
            Action::Look(_) | Action::Fetch(..) | Action::Install | Action::Activate => {
                self.reference.busy = Some(action);
            }
        }
        Ok(())
    }

    fn answer(&mut self, how: u8, version: u64) {
        let now = self.now;
        let installs = [
            InstallEnd::Done,
            InstallEnd::Done,
            InstallEnd::Stopped,
            InstallEnd::Incomplete,
            InstallEnd::Failed,
            InstallEnd::GivenUp,
        ];
        let install = installs[usize::from(how) % installs.len()];
        match self.reference.busy.take() {
            None => {
                // Answers to what was not asked change nothing.
                self.machine.handle_installed(install, now);
                self.machine.handle_offer(0, Looked::Refused, now);
                self.machine.handle_fetched(0, FetchEnd::Stuck, now);
            }
            Some(Action::Look(id)) => {
                let all = [
                    Looked::Release(release(version)),
                    Looked::Nothing,
                    Looked::Gone,
                    Looked::Refused,
                ];
                let looked = all[usize::from(how) % all.len()].clone();
                self.reference.looked(id, &looked, now);
                self.machine.handle_offer(id, looked, now);
            }
            Some(Action::Fetch(id, _)) => {
                let all = [
                    FetchEnd::All,
                    FetchEnd::BudgetSpent,
                    FetchEnd::Stopped,
                    FetchEnd::Gone,
                    FetchEnd::Refused,
                    FetchEnd::Stuck,
                ];
                let end = all[usize::from(how) % all.len()];
                self.reference.fetched(id, end, now);
                self.machine.handle_fetched(id, end, now);
            }
            Some(Action::Install) => {
                self.reference.installed(install, Far::Activate, now);
                self.machine.handle_installed(install, now);
            }
            Some(Action::Activate) => {
                self.reference.installed(install, Far::Restart, now);
                self.machine.handle_activated(install, now);
            }
            Some(Action::Restart) => {}
        }
    }
}

/// From here on all goes well: a release that is wanted is activated and the restart asked for.
fn goes_well(mut pair: Pair) -> Result<(), TestCaseError> {
    pair.machine.handle_permits(ALL, pair.now);
    pair.machine.handle_source(9, false, pair.now);
    if let Some(action) = pair.reference.busy.take() {
        answered_well(&mut pair.machine, action, pair.now);
    }
    for _ in 0..40 {
        let Some(when) = pair.machine.poll_timeout(pair.now) else {
            break;
        };
        pair.now = when;
        let Some(action) = pair.machine.poll_action(pair.now) else {
            break;
        };
        if action == Action::Restart {
            return Ok(());
        }
        answered_well(&mut pair.machine, action, pair.now);
    }
    prop_assert_eq!(
        pair.machine.state(),
        &UpdateState::Activated,
        "it stands still"
    );
    Ok(())
}

fn answered_well(machine: &mut Updater, action: Action, now: Duration) {
    match action {
        Action::Look(id) => machine.handle_offer(id, Looked::Release(release(9)), now),
        Action::Fetch(id, _) => machine.handle_fetched(id, FetchEnd::All, now),
        Action::Install => machine.handle_installed(InstallEnd::Done, now),
        Action::Activate => machine.handle_activated(InstallEnd::Done, now),
        Action::Restart => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_it_does_is_allowed_and_in_the_end_it_arrives(
        begun in any::<bool>(),
        events in prop::collection::vec(event(), 1..120),
    ) {
        let wanted = begun.then(|| release(1));
        let mut pair = Pair {
            machine: Updater::new(POLICY, wanted.clone(), s(0)),
            reference: Reference::new(wanted),
            now: s(0),
        };
        for event in &events {
            pair.happens(event)?;
            prop_assert_eq!(pair.machine.wanted(), pair.reference.wanted.as_ref());
        }
        goes_well(pair)?;
    }
}
