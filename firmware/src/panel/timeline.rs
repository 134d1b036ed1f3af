//! When a light is lit: what a card draws under it, and a terminal plays.

use super::Seen;

/// What a card draws: the longest rhythm once, ms.
pub(super) const SPAN_MS: u16 = 2_600;
/// A flash, and the dark between two, ms.
const FLASH_MS: u16 = 200;
/// The dark behind a group of flashes, after the last flash's own, ms.
const PAUSE_MS: u16 = 1_000;
/// A slow light is lit, and then dark, ms.
const SLOW_MS: (u16, u16) = (1_500, 500);

impl Seen {
    /// Lit at `ms` after it was first shown. Of a light that says nothing here nobody knows; it is told as dark.
    #[must_use]
    pub fn is_lit(self, ms: u64) -> bool {
        let flash = (ms / u64::from(FLASH_MS)).is_multiple_of(2);
        match self {
            Self::Dark | Self::Still | Self::Free => false,
            Self::Steady | Self::Calm => true,
            Self::Slow => ms % u64::from(SLOW_MS.0 + SLOW_MS.1) < u64::from(SLOW_MS.0),
            Self::Quick => flash,
            Self::Flashes(flashes) => {
                let group = u64::from(flashes) * 2 * u64::from(FLASH_MS);
                let into = ms % (group + u64::from(PAUSE_MS));
                into < group && (into / u64::from(FLASH_MS)).is_multiple_of(2)
            }
        }
    }

    /// It says something here.
    #[must_use]
    pub const fn tells(self) -> bool {
        !matches!(self, Self::Still | Self::Free)
    }

    /// From when to when it is lit within `SPAN_MS`, ms; of a group of flashes once, for it is counted.
    #[must_use]
    pub fn lit_times(self) -> Vec<(u16, u16)> {
        let step = usize::from(FLASH_MS / 2);
        let span = match self {
            Self::Flashes(flashes) => u16::from(flashes) * 2 * FLASH_MS,
            Self::Dark
            | Self::Steady
            | Self::Slow
            | Self::Quick
            | Self::Calm
            | Self::Still
            | Self::Free => SPAN_MS,
        };
        let mut times: Vec<(u16, u16)> = Vec::new();
        for from in (0..span).step_by(step) {
            if !self.is_lit(from.into()) {
                continue;
            }
            let to = from + FLASH_MS / 2;
            match times.last_mut().filter(|(_, end)| *end == from) {
                Some(last) => last.1 = to,
                None => times.push((from, to)),
            }
        }
        times
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_every_rhythm() {
        assert_eq!(Seen::Dark.lit_times(), []);
        assert_eq!(Seen::Steady.lit_times(), [(0, 2600)]);
        assert_eq!(Seen::Slow.lit_times(), [(0, 1500), (2000, 2600)]);
        assert_eq!(Seen::Quick.lit_times().len(), 7);
        assert_eq!(Seen::Flashes(1).lit_times(), [(0, 200)]);
        assert_eq!(Seen::Flashes(2).lit_times(), [(0, 200), (400, 600)]);
        assert_eq!(
            Seen::Flashes(4).lit_times(),
            [(0, 200), (400, 600), (800, 1000), (1200, 1400)]
        );
    }

    /// What is drawn is what the lights do.
    #[cfg(feature = "box")]
    #[test]
    fn the_lights_of_the_box_do_the_same() {
        use board_support::panel::Rhythm;
        for (seen, rhythm) in [
            (Seen::Dark, Rhythm::Off),
            (Seen::Steady, Rhythm::Steady),
            (Seen::Slow, Rhythm::Slow),
            (Seen::Quick, Rhythm::Quick),
            (Seen::Flashes(1), Rhythm::Blink(1)),
            (Seen::Flashes(2), Rhythm::Blink(2)),
            (Seen::Flashes(3), Rhythm::Blink(3)),
            (Seen::Flashes(4), Rhythm::Blink(4)),
        ] {
            for ms in (0..20_000).step_by(50) {
                let lit = rhythm.is_lit(std::time::Duration::from_millis(ms));
                assert_eq!(seen.is_lit(ms), lit, "{rhythm} at {ms} ms");
            }
        }
    }
}
