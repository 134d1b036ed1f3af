//! Boot choices that no power cut leaves: the boot script under the real U-Boot and `boot-select` must do the same with them, to the byte.

use super::loader::{Loader, Model};
use super::medium::{COPY, copy_of, full_copy_of, noise};
use ota::Slot;
use system_tests::disk::Seed;
use system_tests::vm::Made;

/// A name, both copies, and the slot that boots.
type Case = (String, [Vec<u8>; 2], Slot);

const A_ALONE: &[u8] = b"gen=7\0order=A\0";
const B_ALONE: &[u8] = b"gen=8\0order=B\0";

fn torn() -> Vec<u8> {
    let mut copy = full_copy_of(b"gen=9\0order=B A\0tries=3\0");
    copy[COPY / 2..].fill(0);
    copy
}

fn case(name: &str, first: Vec<u8>, second: Vec<u8>, slot: Slot) -> Case {
    (name.to_owned(), [first, second], slot)
}

/// Which of two copies holds.
fn pairs() -> Vec<Case> {
    let (a, b) = (|| copy_of(A_ALONE), || copy_of(B_ALONE));
    let same = || copy_of(b"gen=7\0order=B\0");
    let tried = || copy_of(b"gen=ff\0order=B A\0tries=2\0");
    vec![
        case("the second is newer", a(), b(), Slot::B),
        case("the first is newer", b(), a(), Slot::B),
        case("of the same age", a(), same(), Slot::A),
        case("of the same age, turned", same(), a(), Slot::B),
        case(
            "more digits are more",
            tried(),
            copy_of(b"gen=9\0order=A\0"),
            Slot::B,
        ),
        case("the first is torn", torn(), b(), Slot::B),
        case("the second is torn", b(), torn(), Slot::B),
        case("both are torn", torn(), torn(), Slot::A),
        case("both are zeros", vec![0; COPY], vec![0; COPY], Slot::A),
        case(
            "both are erased flash",
            vec![0xff; COPY],
            vec![0xff; COPY],
            Slot::A,
        ),
        case("noise, and a trial", noise(Seed(7), COPY), tried(), Slot::B),
        case("a trial, and noise", tried(), noise(Seed(7), COPY), Slot::B),
    ]
}

/// What one copy may say beside a settled one that is older.
fn texts() -> Vec<Case> {
    let beside = |name: &str, text: &[u8], slot| case(name, copy_of(text), copy_of(A_ALONE), slot);
    let mut cases = vec![
        beside(
            "an unknown variable",
            b"bootcmd=reset\0gen=9\0order=B\0slot_args=x\0",
            Slot::B,
        ),
        beside("tries of nothing", b"gen=9\0order=B A\0tries=\0", Slot::B),
        beside("ten tries", b"gen=9\0order=B A\0tries=10\0", Slot::A),
        beside("tries in words", b"gen=9\0order=B A\0tries=two\0", Slot::A),
        beside(
            "tries, and no slot to fall back to",
            b"gen=9\0order=B\0tries=2\0",
            Slot::A,
        ),
        beside("a slot that is none", b"gen=9\0order=C\0", Slot::A),
        beside("one slot twice", b"gen=9\0order=B B\0", Slot::A),
        beside("no order", b"gen=9\0", Slot::A),
        beside("no count", b"order=B\0", Slot::A),
        beside("an empty count", b"gen=\0order=B\0", Slot::A),
        beside(
            "a variable without a value",
            b"gen=9\0order=B\0strange\0",
            Slot::B,
        ),
        case(
            "as long as a copy",
            full_copy_of(b"gen=9\0order=B\0"),
            copy_of(A_ALONE),
            Slot::B,
        ),
        case(
            "a trial as long as a copy",
            full_copy_of(b"gen=9\0order=B A\0tries=3\0"),
            copy_of(A_ALONE),
            Slot::B,
        ),
    ];
    for tries in 0..=9 {
        let text = format!("gen=9\0order=B A\0tries={tries}\0");
        let slot = if tries == 0 { Slot::A } else { Slot::B };
        cases.push(beside(
            &format!("{tries} tries of B"),
            text.as_bytes(),
            slot,
        ));
    }
    let name = "a try of A, the last";
    cases.push(beside(name, b"gen=9\0order=A B\0tries=1\0", Slot::A));
    cases
}

/// No box changes its choice that often; if one did, both must count on alike.
fn wraps() -> Vec<Case> {
    let last = || copy_of(b"gen=ffffffff\0order=A\0");
    let first = || copy_of(b"gen=0\0order=B\0");
    let trial = || copy_of(b"gen=ffffffff\0order=B A\0tries=2\0");
    vec![
        case("the count begins anew", last(), first(), Slot::B),
        case("the count begins anew, turned", first(), last(), Slot::B),
        case(
            "a try at the end of the count",
            trial(),
            copy_of(b"gen=fffffffe\0order=A\0"),
            Slot::B,
        ),
    ]
}

#[test]
fn u_boot_and_boot_select_do_the_same() {
    let Some(made) = Made::found("image::power_cuts_of_the_choice::strange") else {
        return;
    };
    let (model, mut loader) = (Model::new(), Loader::of(&made, "strange"));
    let cases = [pairs(), texts(), wraps()].concat();
    let mut wrong = Vec::new();
    for (name, copies, slot) in &cases {
        let copies = copies.concat();
        let (modelled, real) = (model.start(&copies), loader.start(&copies));
        if modelled.slot != *slot {
            wrong.push(format!("{name}: boot-select takes {}", modelled.slot));
        }
        if real.slot != *slot {
            wrong.push(format!("{name}: U-Boot takes {}", real.slot));
        }
        if modelled.left != real.left {
            wrong.push(format!("{name}: they leave other copies"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    eprintln!("{} choices, {:?} of CPU", cases.len(), loader.cpu);
}

/// The control: a try that is spent, and one that is not, are told apart.
#[test]
fn a_start_from_another_choice_is_another() {
    let model = Model::new();
    let start = |tries: &str| {
        let text = format!("gen=9\0order=B A\0tries={tries}\0");
        model.start(&[copy_of(text.as_bytes()), copy_of(A_ALONE)].concat())
    };
    let (two, none) = (start("2"), start("0"));
    assert!(two.slot != none.slot && two.left != none.left);
    assert!(two != start("3"), "the same slot, another rest");
}
