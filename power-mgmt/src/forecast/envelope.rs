//! What this panel gives at each time of a clear day: geometry, corrected by its own days.

use super::SLOTS;
use crate::bytes::{Reader, Writer};

/// How far the correction of a slot may go: a tree takes nearly all of it, a mirror gives some.
const CORRECTION: core::ops::RangeInclusive<f64> = 0.05..=2.5;
/// Slots darker than this share of the day's best tell of the horizon only.
const DIM: f64 = 0.02;
/// Days after which a new day counts this little: the sun's path drifts by its own geometry.
const SLOWEST: f64 = 0.05;

/// A factor for every slot of the day on what geometry says, mean 1 over the day's energy.
#[derive(Debug, Clone)]
pub(super) struct Envelope {
    factor: [f64; SLOTS],
    days: f64,
}

impl Envelope {
    pub(super) const fn new() -> Self {
        Self {
            factor: [1.0; SLOTS],
            days: 0.0,
        }
    }

    pub(super) fn save(&self, to: &mut Writer) {
        to.number(self.days);
        to.runs(self.factor.map(Some));
    }

    pub(super) fn restore(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            days: from.number(0.0..=1e9)?,
            factor: from.array(CORRECTION)?,
        })
    }

    pub(super) fn apply(&self, clear: &[f64; SLOTS]) -> [f64; SLOTS] {
        core::array::from_fn(|slot| clear[slot] * self.factor[slot])
    }

    /// Learns the shape of a whole day: `seen` W against the geometry's `clear` W.
    pub(super) fn learn(&mut self, seen: &[f64; SLOTS], clear: &[f64; SLOTS]) {
        let best = clear.iter().copied().fold(0.0, f64::max);
        let level = seen.iter().sum::<f64>() / clear.iter().sum::<f64>().max(1e-9);
        if best <= 0.0 || level < 0.05 {
            return;
        }
        self.days += 1.0;
        // A clear day shows the shape, a dark one mostly noise.
        let weight = (1.0 / (self.days + 4.0)).max(SLOWEST) * (level / 0.6).min(1.0);
        for slot in 0..SLOTS {
            if clear[slot] > DIM * best {
                let ratio = (seen[slot] / (clear[slot] * level)).clamp(0.0, 3.0);
                let factor = &mut self.factor[slot];
                *factor += weight * (ratio - *factor);
                *factor = factor.clamp(*CORRECTION.start(), *CORRECTION.end());
            }
        }
        let mean = self.apply(clear).iter().sum::<f64>() / clear.iter().sum::<f64>();
        for factor in &mut self.factor {
            *factor = (*factor / mean).clamp(*CORRECTION.start(), *CORRECTION.end());
        }
    }
}
