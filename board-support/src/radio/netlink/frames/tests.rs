#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::*;
use crate::radio::netlink::Writer;
use nix::errno::Errno;
use proptest::prelude::*;

const OURS: u32 = 7;
const ERROR: u16 = 2;
const DONE: u16 = 3;

fn message(kind: u16, flags: u16, sequence: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = question(kind, flags, sequence, payload);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn taken(datagrams: &[Vec<u8>]) -> (Exchange, Result<Progress, Refusal>) {
    let mut exchange = Exchange::new(OURS);
    let mut last = Ok(Progress::More);
    for datagram in datagrams {
        last = exchange.take(datagram);
    }
    (exchange, last)
}

fn acknowledged(code: i32) -> Vec<u8> {
    let mut payload = code.to_ne_bytes().to_vec();
    payload.extend_from_slice(&[0; HEADER]);
    payload
}

#[test]
fn a_question_to_the_letter() {
    let bytes = question(0x1d, 5, 9, &[1, 2, 3]);
    if cfg!(target_endian = "little") {
        let head = [19, 0, 0, 0, 0x1d, 0, 5, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3];
        assert_eq!(bytes, head);
    }
}

#[test]
fn an_answer_and_its_end() {
    let both = [
        message(0x1d, 0, OURS, &[1, 2, 3]),
        message(ERROR, 0, OURS, &acknowledged(0)),
    ]
    .concat();
    let (exchange, last) = taken(&[both]);
    assert_eq!(last.unwrap(), Progress::Done);
    let (answers, quiet) = exchange.into_answers();
    let payload = vec![1, 2, 3];
    assert_eq!(
        answers,
        [Answer {
            kind: 0x1d,
            payload
        }]
    );
    assert!(quiet);
}

#[test]
fn a_list_over_datagrams_that_changed_meanwhile() {
    let first = [
        message(0x1d, 2, OURS, &[1]),
        message(0x1d, 2, OURS - 1, &[9]),
        message(0x1d, 2, OURS + 1, &[9]),
    ]
    .concat();
    let (_, last) = taken(std::slice::from_ref(&first));
    assert_eq!(last.unwrap(), Progress::More);
    let second = message(0x1d, 2 | NLM_F_DUMP_INTR, OURS, &[2]);
    let end = message(DONE, 2, OURS, &[0; 4]);
    let (exchange, last) = taken(&[first, second, end]);
    assert_eq!(last.unwrap(), Progress::Done);
    let (answers, quiet) = exchange.into_answers();
    assert_eq!(answers.len(), 2, "others' answers are none");
    assert!(!quiet);
}

#[test]
fn a_refusal_in_number_and_words() {
    let code = -(Errno::EBUSY as i32);
    let plain = message(ERROR, 0, OURS, &acknowledged(code));
    let (_, last) = taken(&[plain]);
    let refusal = last.unwrap_err();
    assert_eq!(refusal.errno(), Some(Errno::EBUSY));
    assert_eq!(refusal.to_string(), "Device or resource busy (os error 16)");

    let mut payload = acknowledged(code);
    payload.extend_from_slice(Writer::after(&[]).text(WORDS, "interface is down").bytes());
    let worded = message(ERROR, NLM_F_ACK_TLVS, OURS, &payload);
    let (_, last) = taken(&[worded]);
    let refusal = last.unwrap_err();
    assert_eq!(
        refusal.into_error("scan on wlan0").to_string(),
        "the kernel does not scan on wlan0: interface is down: Device or resource busy (os error 16)"
    );
}

#[test]
fn a_list_that_ends_badly_is_refused() {
    let code = -(Errno::EOPNOTSUPP as i32);
    let end = message(DONE, 2, OURS, &code.to_ne_bytes());
    let (_, last) = taken(&[end]);
    assert_eq!(last.unwrap_err().errno(), Some(Errno::EOPNOTSUPP));
}

#[test]
fn half_a_message_is_no_answer() {
    let whole = message(0x1d, 0, OURS, &[1, 2, 3, 4]);
    for length in 1..whole.len() {
        let (_, last) = taken(&[whole.get(..length).unwrap().to_vec()]);
        assert!(matches!(last, Err(Refusal::Line(_))), "{length} bytes");
    }
}

proptest! {
    #[test]
    fn no_datagram_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = taken(std::slice::from_ref(&bytes));
        let _ = events(&bytes);
    }

    #[test]
    fn nor_one_that_was_garbled(
        place in 0_usize..96,
        bit in 0_u8..8,
    ) {
        let mut bytes = [
            message(0x1d, 2, OURS, &[1, 2, 3]),
            message(0x1d, 2, OURS, &[0; 8]),
            message(ERROR, NLM_F_ACK_TLVS, OURS, &acknowledged(-16)),
        ]
        .concat();
        let length = bytes.len();
        bytes[place % length] ^= 1 << bit;
        let _ = taken(std::slice::from_ref(&bytes));
        let _ = events(&bytes);
    }
}
