//! Which cuts to try. Pure.

use super::log::{Entry, Op};
use super::lying::Position;
use std::ops::Range;

/// A small generator of numbers that look random and can be had again (SplitMix64).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub u64);

impl Seed {
    /// The next number.
    #[must_use]
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// The next number below `limit`; 0 when there is none.
    #[must_use]
    pub fn below(&mut self, limit: u64) -> u64 {
        self.draw().checked_rem(limit).unwrap_or(0)
    }
}

/// What the disk still wrote of that which it was never told to flush.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Nothing.
    Nothing,
    /// All of it.
    Everything,
    /// Any subset, and so any order.
    Some(Seed),
    /// Any subset, and of some writes only their first sectors.
    Torn(Seed),
}

/// One power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// The disk had been given this many entries of the log.
    pub at: Position,
    /// What became of the last of them.
    pub keep: Keep,
}

/// About `wanted` cuts within `range` of a log, by time. For each flush: the cut just before it with all lost
/// that was not flushed, which is the hardest for what was promised till then (evenly thinned out if there are
/// more flushes than half of `wanted`). The rest are cuts at any moment in between, with any part kept.
#[must_use]
pub fn plan(entries: &[Entry], range: Range<Position>, wanted: usize, seed: Seed) -> Vec<Cut> {
    let windows = windows(entries, range);
    let hardest = thinned(&windows, wanted.div_ceil(2));
    let mut cuts: Vec<_> = hardest
        .map(|window| Cut {
            at: window.end,
            keep: Keep::Nothing,
        })
        .collect();
    let written: Vec<_> = windows
        .iter()
        .filter(|window| window.end.0 - window.start.0 > 0)
        .collect();
    let mut seed = seed;
    let rest = if written.is_empty() {
        0
    } else {
        wanted.saturating_sub(cuts.len())
    };
    for number in 0..rest {
        // Every stretch between two flushes gets its turn, spread evenly over the whole.
        let window = written[number * written.len() / rest];
        let at = Position(window.start.0 + 1 + seed.below(window.end.0 - window.start.0));
        let own = Seed(seed.draw());
        let keep = match number % 3 {
            0 => Keep::Some(own),
            1 => Keep::Torn(own),
            _ => Keep::Everything,
        };
        cuts.push(Cut { at, keep });
    }
    cuts.sort_by_key(|cut| cut.at);
    cuts
}

/// At most `most` of `windows`, the last always among them.
fn thinned(windows: &[Range<Position>], most: usize) -> impl Iterator<Item = &Range<Position>> {
    let taken = windows.len().min(most);
    (1..=taken).map(move |number| &windows[number * windows.len() / taken - 1])
}

/// The stretches between two flushes: entries `start..end` are all that a cut at `end` may lose.
fn windows(entries: &[Entry], range: Range<Position>) -> Vec<Range<Position>> {
    let mut windows = Vec::new();
    let mut start = range.start;
    for number in range.start.0..range.end.0 {
        let Some(entry) = usize::try_from(number)
            .ok()
            .and_then(|index| entries.get(index))
        else {
            break;
        };
        if entry.flush {
            windows.push(start..Position(number));
            // A flush may carry data of its own, which it does not cover.
            start = Position(if entry.op == Op::Empty {
                number + 1
            } else {
                number
            });
        }
    }
    windows.push(start..range.end);
    windows
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITE: Entry = Entry {
        flush: false,
        fua: false,
        op: Op::Write {
            offset: 0,
            len: 512,
            data: 0,
        },
    };
    const FLUSH: Entry = Entry {
        flush: true,
        fua: false,
        op: Op::Empty,
    };

    fn range(from: u64, to: u64) -> Range<Position> {
        Position(from)..Position(to)
    }

    #[test]
    fn a_window_ends_at_each_flush_and_at_the_end() {
        let entries = [WRITE, WRITE, FLUSH, FLUSH, WRITE, FLUSH, WRITE];
        assert_eq!(
            windows(&entries, range(0, 7)),
            [range(0, 2), range(3, 3), range(4, 5), range(6, 7)]
        );
        assert_eq!(
            windows(&entries, range(1, 5)),
            [range(1, 2), range(3, 3), range(4, 5)]
        );
    }

    #[test]
    fn the_hardest_cut_of_every_window_is_tried_and_the_rest_lie_between() {
        let entries = [WRITE, WRITE, FLUSH, WRITE, FLUSH, WRITE];
        let cuts = plan(&entries, range(0, 6), 30, Seed(1));
        assert_eq!(cuts.len(), 30);
        assert!(cuts.is_sorted_by_key(|cut| cut.at));
        for at in [2, 4, 6] {
            assert!(cuts.contains(&Cut {
                at: Position(at),
                keep: Keep::Nothing
            }));
        }
        assert!(cuts.iter().all(|cut| (1..=6).contains(&cut.at.0)));
        assert_eq!(
            cuts,
            plan(&entries, range(0, 6), 30, Seed(1)),
            "the same seed gives the same cuts"
        );
        assert_ne!(cuts, plan(&entries, range(0, 6), 30, Seed(2)));
    }

    #[test]
    fn a_small_budget_is_spread_over_the_whole_run() {
        let entries = [WRITE, FLUSH].repeat(100);
        let cuts = plan(&entries, range(0, 200), 10, Seed(1));
        assert_eq!(cuts.len(), 10);
        assert!(cuts.iter().any(|cut| cut.at.0 < 50) && cuts.iter().any(|cut| cut.at.0 > 150));
    }

    #[test]
    fn nothing_written_is_one_cut() {
        assert_eq!(
            plan(&[], range(0, 0), 10, Seed(1)),
            [Cut {
                at: Position(0),
                keep: Keep::Nothing
            }]
        );
    }
}
