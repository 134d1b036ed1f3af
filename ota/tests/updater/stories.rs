//! Some lives, told.

use super::{ALL, HOUR, POLICY, release, s, updater};
use ota::updater::{
    Action, FetchEnd, InstallEnd, Looked, PAUSE, Permits, REST, UpdateState, Updater,
};

fn next(machine: &mut Updater, now: u64) -> Action {
    machine
        .poll_action(s(now))
        .expect("something is to be done")
}

#[test]
fn from_a_source_to_the_restart() {
    let mut machine = updater(None);
    assert_eq!(machine.poll_timeout(s(0)), None);
    machine.handle_source(7, false, s(1));
    assert_eq!(next(&mut machine, 1), Action::Look(7));
    assert_eq!(machine.state(), &UpdateState::Looking);
    machine.handle_offer(7, Looked::Release(release(2)), s(2));
    assert_eq!(next(&mut machine, 2), Action::Fetch(7, 1000));
    machine.handle_fetched(7, FetchEnd::All, s(3));
    assert_eq!(next(&mut machine, 3), Action::Install);
    machine.handle_installed(InstallEnd::Done, s(4));
    assert_eq!(machine.state(), &UpdateState::Staged);
    assert_eq!(next(&mut machine, 4), Action::Activate);
    machine.handle_activated(InstallEnd::Done, s(5));
    assert_eq!(next(&mut machine, 5), Action::Restart);
    assert_eq!(
        machine.poll_action(s(5 + 100 * HOUR)),
        None,
        "asked for once"
    );
}

#[test]
fn each_step_waits_for_its_permit() {
    let none = Permits::default();
    let steps = [
        (
            Permits {
                fetch: true,
                ..none
            },
            Action::Look(1),
        ),
        (
            Permits {
                fetch: true,
                ..none
            },
            Action::Fetch(1, 1000),
        ),
        (
            Permits {
                install: true,
                ..none
            },
            Action::Install,
        ),
        (
            Permits {
                activate: true,
                ..none
            },
            Action::Activate,
        ),
        (
            Permits {
                restart: true,
                ..none
            },
            Action::Restart,
        ),
    ];
    let mut machine = Updater::new(POLICY, None, s(0));
    machine.handle_source(1, false, s(0));
    for (permit, action) in steps {
        let all_others = Permits {
            fetch: !permit.fetch,
            install: !permit.install,
            activate: !permit.activate,
            restart: !permit.restart,
        };
        machine.handle_permits(all_others, s(0));
        assert_eq!(machine.poll_action(s(HOUR)), None, "before {action:?}");
        machine.handle_permits(permit, s(0));
        assert_eq!(next(&mut machine, 0), action);
        machine.handle_offer(1, Looked::Release(release(2)), s(0));
        machine.handle_fetched(1, FetchEnd::All, s(0));
        machine.handle_installed(InstallEnd::Done, s(0));
        machine.handle_activated(InstallEnd::Done, s(0));
    }
}

#[test]
fn a_source_that_vanishes_is_tried_after_twice_as_long_each_time() {
    let mut machine = updater(Some(release(2)));
    machine.handle_source(1, false, s(0));
    let mut now = 0;
    let mut waits = Vec::new();
    for _ in 0..9 {
        assert_eq!(next(&mut machine, now), Action::Fetch(1, 1000));
        machine.handle_fetched(1, FetchEnd::Gone, s(now));
        machine.handle_permits(
            Permits {
                install: false,
                ..ALL
            },
            s(now),
        );
        let when = machine.poll_timeout(s(now)).unwrap().as_secs();
        waits.push(when - now);
        now = when;
    }
    assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
    // What gives something begins anew.
    assert_eq!(next(&mut machine, now), Action::Fetch(1, 1000));
    machine.handle_bytes(1, 400, s(now));
    machine.handle_fetched(1, FetchEnd::Gone, s(now));
    assert_eq!(machine.poll_timeout(s(now)), Some(s(now + 30)));
    assert_eq!(
        next(&mut machine, now + 30),
        Action::Fetch(1, 600),
        "what is left"
    );
}

#[test]
fn a_bad_source_is_left_alone_and_the_next_one_taken() {
    let mut machine = updater(Some(release(2)));
    machine.handle_source(1, false, s(0));
    machine.handle_source(2, false, s(0));
    assert_eq!(next(&mut machine, 0), Action::Fetch(1, 1000));
    machine.handle_fetched(1, FetchEnd::Refused, s(1));
    assert_eq!(next(&mut machine, 1), Action::Fetch(2, 1000));
    machine.handle_fetched(2, FetchEnd::Refused, s(2));
    // Neither has it: is there another release?
    machine.handle_permits(
        Permits {
            install: false,
            ..ALL
        },
        s(2),
    );
    assert_eq!(next(&mut machine, 2), Action::Look(1));
    machine.handle_offer(1, Looked::Nothing, s(3));
    assert_eq!(next(&mut machine, 3), Action::Look(2));
    machine.handle_offer(2, Looked::Release(release(3)), s(4));
    assert_eq!(next(&mut machine, 4), Action::Fetch(2, 1000));
    machine.handle_fetched(2, FetchEnd::Refused, s(5));
    assert_eq!(machine.poll_timeout(s(5)), None, "both are of no use");
    machine.handle_source(1, false, s(6));
    assert_eq!(
        next(&mut machine, 6),
        Action::Fetch(1, 1000),
        "announced anew"
    );
}

#[test]
fn a_persons_offer_comes_first_and_another_release_takes_over() {
    let mut machine = updater(None);
    machine.handle_source(1, false, s(0));
    assert_eq!(next(&mut machine, 0), Action::Look(1));
    machine.handle_offer(1, Looked::Release(release(2)), s(0));
    assert_eq!(next(&mut machine, 0), Action::Fetch(1, 1000));
    assert!(!machine.poll_stop(s(1)));
    machine.handle_source(2, true, s(1));
    assert!(machine.poll_stop(s(1)));
    assert_eq!(machine.poll_action(s(1)), None, "one thing at a time");
    machine.handle_fetched(1, FetchEnd::Stopped, s(2));
    assert_eq!(next(&mut machine, 2), Action::Look(2));
    machine.handle_offer(2, Looked::Release(release(3)), s(3));
    assert_eq!(machine.wanted(), Some(&release(3)));
    machine.handle_permits(
        Permits {
            restart: false,
            ..ALL
        },
        s(3),
    );
    assert_eq!(
        next(&mut machine, 3),
        Action::Fetch(2, 1000),
        "a person's first"
    );
    machine.handle_fetched(2, FetchEnd::All, s(4));
    assert_eq!(next(&mut machine, 4), Action::Install);
}

#[test]
fn all_may_be_here_from_before_the_start() {
    let mut machine = updater(Some(release(2)));
    assert_eq!(next(&mut machine, 0), Action::Install);
    machine.handle_installed(InstallEnd::Incomplete, s(1));
    assert_eq!(machine.poll_action(s(1)), None, "there is no source");
    assert_eq!(machine.state(), &UpdateState::Fetching);
    // Where one is, it is asked first: what is missing costs less than looking through the slot.
    let mut machine = updater(Some(release(2)));
    machine.handle_source(1, false, s(0));
    assert_eq!(next(&mut machine, 0), Action::Fetch(1, 1000));
}

#[test]
fn what_was_stopped_pauses_and_what_is_stuck_rests() {
    let mut machine = updater(Some(release(2)));
    machine.handle_source(1, false, s(0));
    assert_eq!(next(&mut machine, 0), Action::Fetch(1, 1000));
    machine.handle_fetched(1, FetchEnd::Stopped, s(0));
    assert_eq!(machine.poll_timeout(s(0)), Some(PAUSE));
    machine.handle_permits(
        Permits {
            restart: false,
            ..ALL
        },
        s(1),
    );
    assert_eq!(
        next(&mut machine, 1),
        Action::Fetch(1, 1000),
        "the permits changed"
    );
    machine.handle_fetched(1, FetchEnd::Stuck, s(2));
    assert_eq!(
        next(&mut machine, 2),
        Action::Look(1),
        "is there another release?"
    );
    machine.handle_offer(1, Looked::Release(release(2)), s(2));
    assert_eq!(machine.poll_timeout(s(2)), Some(s(2) + REST));
    // A person who made room and offers it again does not wait.
    machine.handle_source(2, true, s(5));
    assert_eq!(next(&mut machine, 5), Action::Look(2));
    machine.handle_offer(2, Looked::Release(release(2)), s(5));
    assert_eq!(next(&mut machine, 5), Action::Fetch(2, 1000));
}

#[test]
fn an_installation_that_never_has_enough_rests() {
    let mut machine = updater(Some(release(2)));
    machine.handle_source(1, false, s(0));
    for _ in 0..3 {
        assert!(matches!(next(&mut machine, 1), Action::Fetch(..)));
        machine.handle_fetched(1, FetchEnd::All, s(1));
        assert_eq!(next(&mut machine, 1), Action::Install);
        machine.handle_installed(InstallEnd::Incomplete, s(1));
    }
    assert_eq!(
        next(&mut machine, 1),
        Action::Look(1),
        "is there another release?"
    );
    machine.handle_offer(1, Looked::Release(release(2)), s(1));
    assert_eq!(machine.poll_timeout(s(1)), Some(s(1) + REST));
}

#[test]
fn the_budget_of_a_contact_is_spent_until_the_next_look() {
    let mut machine = updater(Some(release(2)));
    machine.handle_source(1, false, s(0));
    assert_eq!(next(&mut machine, 0), Action::Fetch(1, 1000));
    machine.handle_fetched(1, FetchEnd::BudgetSpent, s(9));
    machine.handle_permits(
        Permits {
            install: false,
            ..ALL
        },
        s(9),
    );
    assert_eq!(machine.poll_timeout(s(9)), Some(s(9) + POLICY.look_every));
    machine.handle_source(1, false, s(20));
    assert_eq!(
        next(&mut machine, 20),
        Action::Fetch(1, 1000),
        "another contact"
    );
}

/// A release that this box cannot have does not keep it from the next one.
#[test]
fn while_it_rests_it_looks_for_another_release() {
    let mut machine = updater(Some(release(2)));
    machine.handle_source(1, false, s(0));
    assert_eq!(next(&mut machine, 0), Action::Fetch(1, 1000));
    machine.handle_fetched(1, FetchEnd::All, s(0));
    assert_eq!(next(&mut machine, 0), Action::Install);
    machine.handle_installed(InstallEnd::Failed, s(1));
    assert_eq!(next(&mut machine, 1), Action::Look(1));
    machine.handle_offer(1, Looked::Release(release(2)), s(2));
    assert_eq!(machine.poll_timeout(s(2)), Some(s(1) + REST));
    assert_eq!(next(&mut machine, 1 + HOUR), Action::Install);
    machine.handle_installed(InstallEnd::Failed, s(1 + HOUR));
    let look = s(2) + POLICY.look_every;
    machine.handle_permits(
        Permits {
            install: false,
            ..ALL
        },
        s(2 + HOUR),
    );
    assert_eq!(machine.poll_timeout(s(2 + HOUR)), Some(look));
    assert_eq!(machine.poll_action(look), Some(Action::Look(1)));
    machine.handle_offer(1, Looked::Release(release(3)), look);
    assert_eq!(machine.poll_action(look), Some(Action::Fetch(1, 1000)));
}
