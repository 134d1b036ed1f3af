//! What a person presses, out of the bytes of a line that may carry noise or a paste of megabytes. Pure.
//!
//! A key is believed once the line is quiet behind it. More bytes in one go than a key has are nobody's: all of them are dropped, and all
//! that follow, until the line has been quiet for a while. So nothing of a paste is ever acted on, and nothing of it is kept.

use std::collections::VecDeque;
use std::time::Duration;

/// What was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// A printable ASCII letter.
    Letter(char),
    /// Return or line feed.
    Enter,
    /// Backspace or delete.
    Back,
    /// Escape by itself.
    Escape,
    /// Ctrl-C or Ctrl-U: forget what was typed.
    Cancel,
    /// Ctrl-L: draw everything anew.
    Redraw,
    /// Tab or the right arrow.
    Next,
    /// The left arrow.
    Previous,
    /// Page down or the down arrow.
    Down,
    /// Page up or the up arrow.
    Up,
    /// A terminal's answer where its cursor stands: column and row, from 1.
    At(u16, u16),
}

/// Behind a key so long a line is quiet: a USB adapter hands over every 16 ms what came in between.
const QUIET: Duration = Duration::from_millis(25);
/// So long it is quiet before anything is listened to after a flood.
const PAUSE: Duration = Duration::from_millis(500);
/// Bytes of a key at most; the longest is a terminal's answer where its cursor stands.
pub(super) const MOST_OF_A_KEY: usize = 16;
/// Bytes of a command at most, for those that a program types.
pub(super) const MOST_OF_A_COMMAND: usize = 160;
/// Keys that wait at most.
const MOST_WAITING: usize = 2 * MOST_OF_A_COMMAND;

/// Hears keys. Call [`handle_bytes`](Self::handle_bytes) with what came and [`handle_time`](Self::handle_time) when nothing did, then
/// drain [`poll_key`](Self::poll_key). Time never runs back.
#[derive(Debug)]
pub(super) struct Ear {
    most: usize,
    burst: Vec<u8>,
    last: Duration,
    flooded: bool,
    bell: bool,
    keys: VecDeque<Key>,
}

impl Ear {
    /// An ear that believes at most so many bytes in one go.
    #[must_use]
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            burst: Vec::with_capacity(most),
            last: Duration::ZERO,
            flooded: false,
            bell: false,
            keys: VecDeque::new(),
        }
    }

    /// Bytes in one go that are believed from now on. Where they are fewer, what waits of before is dropped: it came in one go with the word
    /// for the change, as in a paste.
    pub(super) fn believe(&mut self, most: usize) {
        if most < self.most {
            self.keys.clear();
        }
        self.most = most;
        if self.burst.len() > most {
            self.drop_the_flood();
        }
    }

    /// These bytes came at `now`.
    pub(super) fn handle_bytes(&mut self, bytes: &[u8], now: Duration) {
        self.handle_time(now);
        self.last = now;
        if self.flooded {
            return;
        }
        if self.burst.len() + bytes.len() > self.most {
            self.drop_the_flood();
            return;
        }
        self.burst.extend_from_slice(bytes);
    }

    fn drop_the_flood(&mut self) {
        self.flooded = true;
        self.bell = true;
        self.burst.clear();
    }

    /// It is `now`.
    pub(super) fn handle_time(&mut self, now: Duration) {
        let quiet = now.saturating_sub(self.last);
        if quiet >= PAUSE {
            self.flooded = false;
        }
        if quiet >= QUIET && !self.burst.is_empty() {
            let mut rest = &self.burst[..];
            while let Some((key, left)) = first(rest) {
                rest = left;
                if let Some(key) = key.filter(|_| self.keys.len() < MOST_WAITING) {
                    self.keys.push_back(key);
                }
            }
            self.burst.clear();
        }
    }

    /// The next key.
    pub(super) fn poll_key(&mut self) -> Option<Key> {
        self.keys.pop_front()
    }

    /// Whether the person is to hear that something was dropped: once a flood.
    pub(super) fn poll_bell(&mut self) -> bool {
        std::mem::take(&mut self.bell)
    }

    /// In how long [`handle_time`](Self::handle_time) has something to do; `None`: not before more comes.
    #[must_use]
    pub(super) fn poll_timeout(&self) -> Option<Duration> {
        (!self.burst.is_empty()).then_some(QUIET)
    }
}

/// The first key of `bytes`, if that is one, and what follows it.
fn first(bytes: &[u8]) -> Option<(Option<Key>, &[u8])> {
    let (byte, rest) = bytes.split_first()?;
    let key = match byte {
        0x1b => return Some(escape(rest)),
        b'\r' | b'\n' => Key::Enter,
        b'\t' => Key::Next,
        0x08 | 0x7f => Key::Back,
        0x03 | 0x15 => Key::Cancel,
        0x0c => Key::Redraw,
        0x20..0x7f => Key::Letter(char::from(*byte)),
        _ => return Some((None, rest)),
    };
    Some((Some(key), rest))
}

/// What begins with an escape: a known sequence, an unknown one, which is skipped whole, or the key itself.
fn escape(rest: &[u8]) -> (Option<Key>, &[u8]) {
    let (Some(kind), false) = (rest.first(), rest.is_empty()) else {
        return (Some(Key::Escape), rest);
    };
    if !matches!(kind, b'[' | b'O') {
        return (Some(Key::Escape), rest);
    }
    let body = &rest[1..];
    let end = body.iter().position(|byte| (0x40..0x7f).contains(byte));
    let Some(end) = end else {
        return (None, &[]);
    };
    let key = match (&body[..end], body[end]) {
        (b"", b'A') | (b"5", b'~') => Some(Key::Up),
        (b"", b'B') | (b"6", b'~') => Some(Key::Down),
        (b"", b'C') => Some(Key::Next),
        (b"", b'D') => Some(Key::Previous),
        (numbers, b'R') => position(numbers),
        _ => None,
    };
    (key, &body[end + 1..])
}

fn position(numbers: &[u8]) -> Option<Key> {
    let (row, column) = std::str::from_utf8(numbers).ok()?.split_once(';')?;
    Some(Key::At(column.parse().ok()?, row.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn heard(ear: &mut Ear) -> Vec<Key> {
        std::iter::from_fn(|| ear.poll_key()).collect()
    }

    fn pressed(bytes: &[u8]) -> Vec<Key> {
        let mut ear = Ear::new(MOST_OF_A_KEY);
        ear.handle_bytes(bytes, ms(1000));
        ear.handle_time(ms(1030));
        heard(&mut ear)
    }

    #[test]
    fn keys_and_their_sequences() {
        let letter = |c| vec![Key::Letter(c)];
        for (bytes, keys) in [
            (&b"2"[..], letter('2')),
            (b"\r", vec![Key::Enter]),
            (b"\x1b", vec![Key::Escape]),
            (b"\x1b[A\x1bOB", vec![Key::Up, Key::Down]),
            (b"\x1b[C\x1b[D\t", vec![Key::Next, Key::Previous, Key::Next]),
            (b"\x1b[5~\x1b[6~", vec![Key::Up, Key::Down]),
            (b"\x1b[5;20R", vec![Key::At(20, 5)]),
            (b"\x0c\x03\x7f", vec![Key::Redraw, Key::Cancel, Key::Back]),
            // Known to other terminals, nothing to us.
            (b"\x1b[200~", vec![]),
            (b"\x1b[1;5Px", letter('x')),
            (b"\x1b[;R\x1b[99999999;1R", vec![]),
            (b"\x1b[1;2;3;4;5;6", vec![]),
            // Noise.
            (b"\0\xff\x1a\x1c\x04\x11\x13\xc3\x28", letter('(')),
        ] {
            assert_eq!(pressed(bytes), keys, "{bytes:?}");
        }
    }

    #[test]
    fn a_key_is_believed_when_the_line_is_quiet_behind_it() {
        let mut ear = Ear::new(MOST_OF_A_KEY);
        ear.handle_bytes(b"\x1b", ms(1000));
        assert_eq!(ear.poll_timeout(), Some(QUIET));
        ear.handle_bytes(b"[A", ms(1002));
        ear.handle_time(ms(1020));
        assert_eq!(heard(&mut ear), [], "not yet");
        ear.handle_time(ms(1030));
        assert_eq!(heard(&mut ear), [Key::Up], "one key, not three");
        assert_eq!(ear.poll_timeout(), None);
    }

    /// A paste that arrives a byte at a time, as over a serial line.
    fn paste(ear: &mut Ear, bytes: usize) -> (usize, usize) {
        let (mut keys, mut bells) = (0, 0);
        for n in 0..bytes {
            let now = Duration::from_micros(1_000_000 + 87 * n as u64);
            ear.handle_bytes(b"y", now);
            keys += heard(ear).len();
            bells += usize::from(ear.poll_bell());
        }
        (keys, bells)
    }

    #[test]
    fn nothing_of_a_paste_is_acted_on_and_the_bell_rings_once() {
        let mut ear = Ear::new(MOST_OF_A_KEY);
        assert_eq!(paste(&mut ear, 100_000), (0, 1));
        assert!(ear.burst.capacity() <= MOST_OF_A_KEY, "nothing is kept");
        // It goes on for a while, in pieces: still the same paste.
        ear.handle_bytes(b"y", ms(10_000));
        ear.handle_bytes(&[b'y'; 100], ms(10_001));
        ear.handle_bytes(b"y", ms(10_200));
        ear.handle_time(ms(10_300));
        assert_eq!(heard(&mut ear), []);
        ear.handle_bytes(b"3", ms(11_000));
        ear.handle_time(ms(11_030));
        assert_eq!(heard(&mut ear), [Key::Letter('3')], "and listens again");
    }

    #[test]
    fn a_stricter_ear_takes_nothing_of_what_came_in_one_go_before() {
        let mut ear = Ear::new(MOST_OF_A_COMMAND);
        ear.handle_bytes(b"screen\r4ry", ms(1000));
        ear.handle_time(ms(1030));
        let word: Vec<Option<Key>> = (0..7).map(|_| ear.poll_key()).collect();
        assert_eq!(word[6], Some(Key::Enter), "the word itself is heard");
        ear.believe(MOST_OF_A_KEY);
        assert_eq!((heard(&mut ear), ear.poll_bell()), (vec![], false));
        // A paste that is just coming in: neither its beginning nor its end.
        ear.believe(MOST_OF_A_COMMAND);
        ear.handle_bytes(&[b'y'; 100], ms(2000));
        ear.believe(MOST_OF_A_KEY);
        ear.handle_bytes(b"y", ms(2010));
        ear.handle_time(ms(2100));
        assert_eq!((heard(&mut ear), ear.poll_bell()), (vec![], true));
        // The control: a key that is just coming in stays one.
        ear.believe(MOST_OF_A_COMMAND);
        ear.handle_bytes(b"\x1b[", ms(3000));
        ear.believe(MOST_OF_A_KEY);
        ear.handle_bytes(b"A", ms(3001));
        ear.handle_time(ms(3030));
        assert_eq!(heard(&mut ear), [Key::Up]);
    }

    #[test]
    fn control_an_ear_that_believes_more_acts_on_a_paste() {
        let mut ear = Ear::new(1000);
        let (keys, bells) = paste(&mut ear, 300);
        ear.handle_time(ms(60_000));
        assert_eq!((keys + heard(&mut ear).len(), bells), (300, 0));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn noise_is_bounded_and_ends(bursts: Vec<(Vec<u8>, u16)>) {
            let mut ear = Ear::new(MOST_OF_A_KEY);
            let mut now = ms(1000);
            for (bytes, wait) in bursts {
                ear.handle_bytes(&bytes, now);
                now += ms(u64::from(wait));
                ear.handle_time(now);
                prop_assert!(ear.burst.len() <= MOST_OF_A_KEY && ear.keys.len() <= MOST_WAITING);
                while let Some(key) = ear.poll_key() {
                    if let Key::Letter(letter) = key {
                        prop_assert!(letter == ' ' || letter.is_ascii_graphic());
                    }
                }
            }
            now += PAUSE;
            ear.handle_bytes(b"7", now);
            ear.handle_time(now + QUIET);
            prop_assert_eq!(ear.poll_key(), Some(Key::Letter('7')));
        }
    }
}
