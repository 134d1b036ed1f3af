//! Which bytes of the one are in the other: bsdiff's way (Percival, "Naive differences of executable code", 2003) over a suffix array.

/// `len` bytes at `dst` of the new that come from `src` of the old, most of them equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) src: usize,
    pub(super) dst: usize,
    pub(super) len: usize,
}

/// What is compared at once: a suffix array takes four times as much.
const AT_ONCE: usize = 96 << 20;

/// The matches, in the order of the new.
pub(super) fn matches(old: &[u8], new: &[u8]) -> Vec<Match> {
    if old.is_empty() || new.is_empty() {
        return Vec::new();
    }
    let front = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    if front == new.len() {
        return vec![Match {
            src: 0,
            dst: 0,
            len: front,
        }];
    }
    if old.len() <= AT_ONCE {
        return Scan::new(old).all(new, front);
    }
    let mut found = Vec::new();
    let window = AT_ONCE / 2;
    for begin in (0..new.len()).step_by(window) {
        // What lies at the same share of the way, and as much again around it.
        let middle = (begin as u128 * old.len() as u128 / new.len() as u128) as usize;
        let from = middle.saturating_sub(window / 2).min(old.len() - AT_ONCE);
        let part = &new[begin..new.len().min(begin + window)];
        let scan = Scan::new(&old[from..from + AT_ONCE]);
        found.extend(scan.all(part, 0).into_iter().map(|m| Match {
            src: m.src + from,
            dst: m.dst + begin,
            len: m.len,
        }));
    }
    found
}

struct Scan<'a> {
    old: &'a [u8],
    sorted: Vec<i32>,
    /// Where in `sorted` the suffixes with these first two bytes begin.
    begins: Vec<u32>,
}

/// How much longer a match must be than what goes on as before has equal.
const BETTER: usize = 8;

impl<'a> Scan<'a> {
    fn new(old: &'a [u8]) -> Self {
        let mut sorted = vec![0; old.len()];
        divsufsort::sort_in_place(old, &mut sorted);
        let mut begins = vec![0_u32; 65537];
        for pair in old.windows(2) {
            begins[usize::from(pair[0]) * 256 + usize::from(pair[1]) + 1] += 1;
        }
        // The last byte is a suffix of its own, before all that go on from the same byte.
        if let Some(&last) = old.last() {
            begins[usize::from(last) * 256] += 1;
        }
        let mut sum = 0;
        for begin in &mut begins {
            sum += *begin;
            *begin = sum;
        }
        Self {
            old,
            sorted,
            begins,
        }
    }

    /// The longest match of the begin of `wanted`: where, and how long.
    fn longest(&self, wanted: &[u8]) -> (usize, usize) {
        let &[first, second, ..] = wanted else {
            return (0, 0);
        };
        let two = usize::from(first) * 256 + usize::from(second);
        let (mut low, mut high) = (self.begins[two] as usize, self.begins[two + 1] as usize);
        let (mut best, mut at) = (0, 0);
        let (mut low_same, mut high_same) = (0, 0);
        while low < high {
            let middle = low + (high - low) / 2;
            let place = self.sorted[middle] as usize;
            let suffix = &self.old[place..];
            let known = low_same.min(high_same);
            let same = known + common(&suffix[known.min(suffix.len())..], &wanted[known..]);
            if same > best {
                (best, at) = (same, place);
            }
            let less = same < wanted.len() && (same == suffix.len() || suffix[same] < wanted[same]);
            if less {
                (low, low_same) = (middle + 1, same);
            } else {
                (high, high_same) = (middle, same);
            }
        }
        (at, best)
    }

    fn all(&self, new: &[u8], front: usize) -> Vec<Match> {
        let old = self.old;
        let same_at = |new_at: usize, shift: isize| {
            let place = new_at.checked_add_signed(shift);
            place.is_some_and(|place| old.get(place) == Some(&new[new_at]))
        };
        let mut found = Vec::new();
        let (mut scan, mut len, mut pos) = (0, front, 0);
        let mut last = Last::default();
        while scan < new.len() {
            let mut equal = 0;
            scan += len;
            let mut counted = scan;
            while scan < new.len() {
                (pos, len) = self.longest(&new[scan..]);
                while counted < scan + len {
                    equal += usize::from(same_at(counted, last.shift));
                    counted += 1;
                }
                if (len == equal && len != 0) || len > equal + BETTER {
                    break;
                }
                equal -= usize::from(counted > scan && same_at(scan, last.shift));
                scan += 1;
                counted = counted.max(scan);
            }
            if len != equal || scan >= new.len() {
                let next = (scan < new.len()).then_some(pos);
                last = last.close(old, new, scan, next, &mut found);
            }
        }
        found
    }
}

/// Where the match that is going on begins.
#[derive(Debug, Clone, Copy, Default)]
struct Last {
    dst: usize,
    src: usize,
    shift: isize,
}

impl Last {
    /// Ends this match somewhere before `scan`, where the next one was found at `next`.
    fn close(
        self,
        old: &[u8],
        new: &[u8],
        scan: usize,
        next: Option<usize>,
        found: &mut Vec<Match>,
    ) -> Self {
        let mut forward = self.forward(old, new, scan);
        let mut back = next.map_or(0, |pos| backward(old, new, pos, scan, self.dst));
        if self.dst + forward > scan - back {
            let overlap = self.dst + forward - (scan - back);
            let pos = next.unwrap_or(0);
            let (mut sum, mut best, mut split) = (0_i64, 0_i64, 0);
            for at in 0..overlap {
                let byte = new[self.dst + forward - overlap + at];
                sum += i64::from(byte == old[self.src + forward - overlap + at]);
                sum -= i64::from(new[scan - back + at] == old[pos - back + at]);
                if sum > best {
                    (best, split) = (sum, at + 1);
                }
            }
            forward = forward + split - overlap;
            back -= split;
        }
        if forward > 0 {
            found.push(Match {
                src: self.src,
                dst: self.dst,
                len: forward,
            });
        }
        let pos = next.unwrap_or(0);
        Self {
            dst: scan - back,
            src: pos - back.min(pos),
            shift: pos as isize - scan as isize,
        }
    }

    fn forward(self, old: &[u8], new: &[u8], scan: usize) -> usize {
        let (mut same, mut best, mut len) = (0_i64, 0_i64, 0_usize);
        let pairs = old[self.src.min(old.len())..]
            .iter()
            .zip(&new[self.dst..scan]);
        for (at, (a, b)) in pairs.enumerate() {
            same += i64::from(a == b);
            let worth = same * 2 - (at as i64 + 1);
            if worth > best {
                (best, len) = (worth, at + 1);
            }
        }
        len
    }
}

fn backward(old: &[u8], new: &[u8], pos: usize, scan: usize, from: usize) -> usize {
    let (mut same, mut best, mut len) = (0_i64, 0_i64, 0_usize);
    let pairs = old[..pos].iter().rev().zip(new[from..scan].iter().rev());
    for (at, (a, b)) in pairs.enumerate() {
        same += i64::from(a == b);
        let worth = same * 2 - (at as i64 + 1);
        if worth > best {
            (best, len) = (worth, at + 1);
        }
    }
    len
}

fn common(a: &[u8], b: &[u8]) -> usize {
    const STEP: usize = 16;
    let mut same = 0;
    let both = a.len().min(b.len());
    while same + STEP <= both && a[same..same + STEP] == b[same..same + STEP] {
        same += STEP;
    }
    same + a[same..both]
        .iter()
        .zip(&b[same..both])
        .take_while(|(a, b)| a == b)
        .count()
}
