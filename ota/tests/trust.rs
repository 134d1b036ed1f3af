//! The client's rules against repositories of our own publisher: without a clock, with one, and under attack.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod shop;

use jiff::Timestamp;
use ota::publish::{Ed25519, Entry, Offered, metadata, sign};
use ota::trust::{Client, Refusal, Role, Target, Today, TrustError, Trusted};
use shop::{Kept, Shop, at, day};
use std::convert::Infallible;

type Outcome<T> = Result<T, TrustError<Infallible, Infallible>>;

fn refresh(shop: &mut Shop, kept: &mut Kept, today: Today) -> Outcome<Trusted> {
    Client::new(&mut shop.files, kept, today).refresh()
}

fn find(shop: &mut Shop, kept: &mut Kept, today: Today, path: &str) -> Outcome<Target> {
    let mut client = Client::new(&mut shop.files, kept, today);
    let trusted = client.refresh()?;
    client.find(&trusted, path)
}

fn refused<T>(outcome: Outcome<T>) -> Refusal {
    match outcome {
        Err(TrustError::Refused(refusal)) => refusal,
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("it was believed"),
    }
}

#[test]
fn a_box_without_a_clock_takes_what_is_signed_and_tells_what_is_out_of_date() {
    let mut shop = Shop::open();
    shop.offer("system.index", b"one");
    let mut kept = shop.first_root();
    let target = find(&mut shop, &mut kept, Today::Unknown, "system.index").unwrap();
    target.check(b"one").unwrap();
    assert!(matches!(
        target.check(b"two"),
        Err(Refusal::Mismatch { .. })
    ));

    // Ten years on, by a clock that is trusted: the same metadata are refused.
    let late = Today::Trusted(at(day(4_000)));
    assert!(matches!(
        refused(refresh(&mut shop, &mut kept, late)),
        Refusal::Expired { .. }
    ));
    // By nobody's clock they hold, and what was signed tells the time.
    let trusted = refresh(&mut shop, &mut kept, Today::Unknown).unwrap();
    assert_eq!(trusted.not_before(), Some(at(day(0))));
    assert!(trusted.expired().is_empty());
}

#[test]
fn a_trusted_clock_that_lies_before_what_was_signed_enforces_nothing() {
    let mut shop = Shop::open();
    shop.signed_on(day(900));
    shop.offer("system.index", b"one");
    let mut kept = shop.first_root();
    // Root, made on day 0, is out of date since day 730: the time that was signed since then says so.
    let trusted = refresh(&mut shop, &mut kept, Today::Unknown).unwrap();
    assert_eq!(trusted.not_before(), Some(at(day(900))));
    // The control: a clock that can be right enforces it.
    let right = Today::Trusted(at(day(901)));
    assert!(matches!(
        refused(refresh(&mut shop, &mut kept, right)),
        Refusal::Expired {
            role: Role::Root,
            ..
        }
    ));
    let wrong = Today::Trusted(at(day(1)));
    assert!(refresh(&mut shop, &mut kept, wrong).is_ok());
}

#[test]
fn versions_never_go_back() {
    let mut shop = Shop::open();
    shop.offer("system.index", b"one");
    let old = shop.files.clone();
    let mut kept = shop.first_root();
    shop.offer("system.index", b"two");
    refresh(&mut shop, &mut kept, Today::Unknown).unwrap();
    let before = kept.clone();
    shop.files = old;
    let refusal = refused(refresh(&mut shop, &mut kept, Today::Unknown));
    assert_eq!(
        refusal,
        Refusal::Rollback {
            role: Role::Timestamp,
            known: 2,
            offered: 1
        }
    );
    assert_eq!(kept, before, "what was believed is kept as it was");
}

#[test]
fn one_stolen_key_of_two_signs_nothing() {
    let mut shop = Shop::with_thresholds(2);
    shop.offer("system.index", b"one");
    let mut kept = shop.first_root();
    refresh(&mut shop, &mut kept, Today::Unknown).unwrap();
    shop.voices = 1;
    shop.offer("system.index", b"evil");
    let refusal = refused(refresh(&mut shop, &mut kept, Today::Unknown));
    assert_eq!(
        refusal,
        Refusal::Signatures {
            role: Role::Timestamp,
            valid: 1,
            threshold: 2
        }
    );
    // The control: both together are believed.
    shop.voices = 2;
    shop.offer("system.index", b"good");
    refresh(&mut shop, &mut kept, Today::Unknown).unwrap();
}

#[test]
fn a_root_must_follow_its_forerunner_and_be_signed_by_both() {
    let mut shop = Shop::open();
    shop.offer("system.index", b"one");
    let mut kept = shop.first_root();
    refresh(&mut shop, &mut kept, Today::Unknown).unwrap();

    let held = Shop::root_key();
    let stranger = Ed25519::from_seed(&[99; 32]).unwrap();
    let draft = shop.draft_with_root(&stranger);
    let entry = |version| Entry {
        version,
        at: at(day(0)),
        expires: at(day(730)),
    };
    let next = metadata::root(&entry(2), &draft);
    for (signers, valid) in [(vec![&stranger], 0), (vec![&held], 0)] {
        let signers: Vec<&dyn ota::publish::Signer> =
            signers.into_iter().map(|key| key as _).collect();
        let forged = sign(next.clone(), &signers).unwrap();
        shop.files.put("2.root.json", forged);
        let refusal = refused(refresh(&mut shop, &mut kept, Today::Unknown));
        assert_eq!(
            refusal,
            Refusal::Signatures {
                role: Role::Root,
                valid,
                threshold: 1
            }
        );
    }
    // A version that is left out is no next one.
    let third = metadata::root(&entry(3), &draft);
    shop.files
        .put("2.root.json", sign(third, &[&held, &stranger]).unwrap());
    let refusal = refused(refresh(&mut shop, &mut kept, Today::Unknown));
    assert_eq!(
        refusal,
        Refusal::Version {
            role: Role::Root,
            expected: 2,
            found: 3
        }
    );
    // The control: both have signed.
    shop.files
        .put("2.root.json", sign(next, &[&held, &stranger]).unwrap());
    let trusted = refresh(&mut shop, &mut kept, Today::Unknown).unwrap();
    assert_eq!(trusted.version(&Role::Root), Some(2));
}

#[test]
fn every_flipped_bit_of_every_file_is_refused_and_nothing_is_kept_of_it() {
    let mut shop = Shop::open();
    shop.offer("system.index", b"one");
    let mut kept = shop.first_root();
    refresh(&mut shop, &mut kept, Today::Unknown).unwrap();
    shop.offer("system.index", b"two");
    let good = shop.files.clone();
    for name in ["timestamp.json", "2.snapshot.json", "2.targets.json"] {
        let bytes = good.get(name).unwrap().to_vec();
        for bit in (0..bytes.len() * 8).step_by(11) {
            let mut torn = bytes.clone();
            torn[bit / 8] ^= 1 << (bit % 8);
            shop.files.put(name, torn);
            let mut memory = kept.clone();
            let outcome = find(&mut shop, &mut memory, Today::Unknown, "system.index");
            assert!(outcome.is_err(), "{name}, bit {bit}");
            shop.files = good.clone();
            let target = find(&mut shop, &mut memory, Today::Unknown, "system.index").unwrap();
            target
                .check(b"two")
                .expect("the good source next to it is still taken");
        }
    }
}

#[test]
fn an_endless_file_is_left_at_its_limit() {
    let mut shop = Shop::open();
    shop.offer("system.index", b"one");
    let mut kept = shop.first_root();
    shop.files.endless("timestamp.json");
    assert!(matches!(
        refused(refresh(&mut shop, &mut kept, Today::Unknown)),
        Refusal::Mismatch { .. }
    ));
    assert!(shop.files.most_asked() <= 512_000);
}

#[test]
fn a_snapshot_of_another_day_is_no_match() {
    let mut shop = Shop::open();
    shop.offer("system.index", b"one");
    let first = shop.files.get("1.snapshot.json").unwrap().to_vec();
    let mut kept = shop.first_root();
    shop.offer("system.index", b"two");
    shop.files.put("2.snapshot.json", first);
    assert!(matches!(
        refused(refresh(&mut shop, &mut kept, Today::Unknown)),
        Refusal::Mismatch { .. }
    ));
}

#[test]
fn what_nobody_offers_is_named() {
    let mut shop = Shop::open();
    shop.offer("system.index", b"one");
    let mut kept = shop.first_root();
    let refusal = refused(find(&mut shop, &mut kept, Today::Unknown, "other"));
    assert_eq!(refusal.to_string(), "the repository offers no \"other\"");
    let _ = (Offered::of(b""), Timestamp::UNIX_EPOCH);
}
