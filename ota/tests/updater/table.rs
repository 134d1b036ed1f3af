//! Every answer in every state.

use super::{ALL, release, s, updater};
use ota::updater::{Action, FetchEnd, InstallEnd, Looked, Permits, Updater};
use std::fmt::Write as _;

const NONE: Permits = Permits {
    fetch: false,
    install: false,
    activate: false,
    restart: false,
};

/// A machine just before `action` is answered: source 1 is there, release 2 is what is offered.
fn up_to(action: Action) -> Updater {
    let mut machine = updater(None);
    machine.handle_source(1, false, s(0));
    for now in 0.. {
        let next = machine.poll_action(s(now)).expect("there is always a next");
        if next == action {
            return machine;
        }
        match next {
            Action::Look(id) => machine.handle_offer(id, Looked::Release(release(2)), s(now)),
            Action::Fetch(id, _) => machine.handle_fetched(id, FetchEnd::All, s(now)),
            Action::Install => machine.handle_installed(InstallEnd::Done, s(now)),
            Action::Activate => machine.handle_activated(InstallEnd::Done, s(now)),
            Action::Restart => break,
        }
    }
    unreachable!("{action:?} never came")
}

/// What it is and does after this, five actions on at the most: unanswered but for the first.
fn told(table: &mut String, what: &str, mut machine: Updater) {
    let state = machine.state().clone();
    let when = machine.poll_timeout(s(10));
    let next = when.and_then(|when| machine.poll_action(when));
    let then = match (when, next) {
        (Some(when), Some(next)) => format!("after {} s {next:?}", (when - s(10)).as_secs()),
        (_, _) => "nothing".to_owned(),
    };
    writeln!(table, "{what}\n    -> {state:?}, then {then}").unwrap();
}

#[test]
fn every_answer_in_every_state() {
    let mut table = String::new();
    let looks = [
        Looked::Release(release(2)),
        Looked::Nothing,
        Looked::Gone,
        Looked::Refused,
    ];
    for looked in looks {
        let mut machine = up_to(Action::Look(1));
        machine.handle_offer(1, looked.clone(), s(10));
        told(&mut table, &format!("Look: {looked:?}"), machine);
    }
    let ends = [
        FetchEnd::All,
        FetchEnd::BudgetSpent,
        FetchEnd::Stopped,
        FetchEnd::Gone,
        FetchEnd::Refused,
        FetchEnd::Stuck,
    ];
    for end in ends {
        let mut machine = up_to(Action::Fetch(1, 1000));
        machine.handle_fetched(1, end, s(10));
        told(&mut table, &format!("Fetch: {end:?}"), machine);
        let mut machine = updater(Some(release(2)));
        machine.handle_source(1, false, s(0));
        assert_eq!(machine.poll_action(s(0)), Some(Action::Fetch(1, 1000)));
        machine.handle_fetched(1, end, s(10));
        told(
            &mut table,
            &format!("Fetch, not looked at: {end:?}"),
            machine,
        );
    }
    let ends = [
        InstallEnd::Done,
        InstallEnd::Stopped,
        InstallEnd::Incomplete,
        InstallEnd::Failed,
        InstallEnd::GivenUp,
    ];
    for end in ends {
        let mut machine = up_to(Action::Install);
        machine.handle_installed(end, s(10));
        told(&mut table, &format!("Install: {end:?}"), machine);
        let mut machine = up_to(Action::Activate);
        machine.handle_activated(end, s(10));
        told(&mut table, &format!("Activate: {end:?}"), machine);
    }
    for action in [
        Action::Look(1),
        Action::Fetch(1, 1000),
        Action::Install,
        Action::Activate,
        Action::Restart,
    ] {
        let mut machine = up_to(action);
        told(
            &mut table,
            &format!("{action:?}: no answer"),
            machine.clone(),
        );
        let stops = |machine: &Updater| machine.poll_stop(s(10));
        let mut without = machine.clone();
        without.handle_permits(NONE, s(10));
        let mut gone = machine.clone();
        gone.handle_source_gone(1, s(10));
        let mut offered = machine.clone();
        offered.handle_source(2, true, s(10));
        writeln!(
            table,
            "{action:?}: stops by itself {}, without permits {}, without the source {}, with a person's offer {}",
            stops(&machine), stops(&without), stops(&gone), stops(&offered)
        )
        .unwrap();
        machine.handle_permits(ALL, s(10));
    }
    insta::assert_snapshot!(table);
}
