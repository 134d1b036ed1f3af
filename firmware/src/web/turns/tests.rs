#![allow(clippy::unwrap_used, reason = "tests")]
use super::*;
use proptest::prelude::*;
use std::future::poll_fn;

const CHUNK: f64 = 65_536.0;

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

#[test]
fn one_at_a_time_in_the_order_of_asking() {
    let mut line = Line::default();
    assert_eq!(line.ask(1, ms(0)), Ok(()));
    assert_eq!(line.ask(2, ms(1)), Err(ms(1_999)));
    assert_eq!(line.ask(3, ms(2)), Err(ms(1_998)));
    for chunk in 1..u64::from(CHUNKS) {
        assert_eq!(
            line.ask(1, ms(2 + chunk)),
            Ok(()),
            "a turn is several chunks"
        );
    }
    // Now 1 is at the end, and 2 is to ask.
    assert_eq!(line.ask(1, ms(9)), Err(PATIENCE));
    assert_eq!(line.next(), Some(2));
    assert_eq!(line.ask(3, ms(10)), Err(PATIENCE), "not past 2");
    assert_eq!(line.ask(2, ms(11)), Ok(()));
    line.leave(2);
    assert_eq!(line.next(), Some(3));
    assert_eq!(line.ask(3, ms(12)), Ok(()));
    line.leave(1);
    line.leave(3);
    assert!(line.is_empty());
}

#[test]
fn alone_it_never_waits_and_a_reader_who_takes_nothing_loses_the_turn() {
    let mut line = Line::default();
    assert!((0..100).all(|turn| line.ask(1, ms(turn)).is_ok()));
    assert_eq!(line.ask(2, ms(1_000)), Err(ms(1_099)));
    assert_eq!(
        line.ask(2, ms(2_099)),
        Ok(()),
        "1 has not asked for two seconds"
    );
}

/// A link that its flows share evenly, as TCP does. Each device has so many downloads without an end. Returns the bytes that each got.
fn shared(devices: &[usize], fair: bool, seconds: u64) -> Vec<f64> {
    const BYTES_PER_MS: f64 = 1_000.0;
    let mut lines: Vec<Line> = devices.iter().map(|_| Line::default()).collect();
    // Bytes on their way, of each download of each device.
    let mut flows: Vec<Vec<f64>> = devices.iter().map(|count| vec![0.0; *count]).collect();
    let mut got = vec![0.0; devices.len()];
    for now in 0..seconds * 1_000 {
        for (device, line) in lines.iter_mut().enumerate() {
            // Twice: whoever asked before its turn came is woken and asks again.
            for id in (0..devices[device]).chain(0..devices[device]) {
                let idle = flows[device][id] <= 0.0;
                if idle && (!fair || line.ask(id as u64, ms(now)).is_ok()) {
                    flows[device][id] = CHUNK;
                }
            }
        }
        let under_way = flows.iter().flatten().filter(|left| **left > 0.0).count();
        for (device, flows) in flows.iter_mut().enumerate() {
            for left in flows.iter_mut().filter(|left| **left > 0.0) {
                let sent = (BYTES_PER_MS / under_way as f64).min(*left);
                *left -= sent;
                got[device] += sent;
            }
        }
    }
    got
}

#[test]
fn sixteen_downloads_get_no_more_than_one() {
    let fair = shared(&[16, 1, 4], true, 60);
    let most = fair.iter().copied().fold(0.0, f64::max);
    let least = fair.iter().copied().fold(f64::MAX, f64::min);
    assert!(most / least < 1.05, "{fair:?}");
    let unfair = shared(&[16, 1, 4], false, 60);
    assert!(unfair[0] / unfair[1] > 15.0, "the control: {unfair:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever devices there are: equal shares, and the whole link is used.
    #[test]
    fn equal_shares_of_a_link_that_is_never_idle(devices in proptest::collection::vec(1_usize..20, 1..8)) {
        let got = shared(&devices, true, 30);
        let whole: f64 = got.iter().sum();
        prop_assert!(whole > 29_000.0 * 1_000.0, "{got:?}");
        let share = whole / devices.len() as f64;
        prop_assert!(got.iter().all(|bytes| (bytes - share).abs() < share * 0.1 + 2.0 * CHUNK), "{devices:?} {got:?}");
    }
}

/// In simulated time: who waits is woken, by who goes on, by who leaves, and by time.
#[tokio::test(start_paused = true)]
async fn who_waits_is_woken() {
    let turns = Turns::default();
    let phone = IpAddr::from([10, 48, 0, 7]);
    assert!(
        turns.ticket(IpAddr::from([127, 0, 0, 1])).is_none(),
        "the box itself"
    );
    let (mut first, mut second) = (turns.ticket(phone).unwrap(), turns.ticket(phone).unwrap());
    poll_fn(|cx| first.poll_turn(cx)).await;
    let began = Instant::now();
    let waits = tokio::spawn(async move {
        poll_fn(|cx| second.poll_turn(cx)).await;
        second
    });
    tokio::task::yield_now().await;
    assert!(!waits.is_finished());
    drop(first);
    let mut second = waits.await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO, "by who left");
    // 2 goes on while 3 waits: they alternate.
    let mut third = turns.ticket(phone).unwrap();
    let third = tokio::spawn(async move {
        poll_fn(|cx| third.poll_turn(cx)).await;
        third
    });
    tokio::task::yield_now().await;
    let second = tokio::spawn(async move {
        for _ in 0..CHUNKS {
            poll_fn(|cx| second.poll_turn(cx)).await;
        }
        second
    });
    let third = third.await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO, "by who went on");
    // 3 takes nothing: 2 has its turn when the patience ends.
    let second = second.await.unwrap();
    assert!(
        (PATIENCE..PATIENCE + ms(10)).contains(&began.elapsed()),
        "{:?}",
        began.elapsed()
    );
    drop((second, third));
    assert!(
        turns.lock().of.is_empty() && turns.lock().wakers.is_empty(),
        "nothing is left"
    );
}
