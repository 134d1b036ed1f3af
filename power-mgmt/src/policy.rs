//! Where the power states begin and end: plain numbers from a configuration, checked once.

use crate::units::{AmpHours, StateOfCharge, WattHours};
use core::fmt;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// The charge that the box never spends by its own choice, percent. It is a floor under
/// [`PolicyInput::minimal_at_percent`], kept for a clean stop, the clock and the next start.
pub const RESERVE_PERCENT: f64 = 10.0;

/// Nominal voltage of four LiFePO₄ cells in series, V.
const NOMINAL_V: f64 = 12.8;

/// The policy as a person writes it. Field names are the keys of the table `[power]`; a key left
/// out takes the default of the reference box.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyInput {
    /// `Full` is left below this charge, %; at most 95 together with the hysteresis.
    pub full_at_percent: f64,
    /// `Eco` is left below this charge, %.
    pub eco_at_percent: f64,
    /// The reserve, %: below it a box that does not gain charge switches off by choice; at least 10.
    pub minimal_at_percent: f64,
    /// Critical charge, %: below it the box stops at once, before the pack's own protection cuts.
    pub off_at_percent: f64,
    /// A state is entered this much above where it is left, percentage points, 1 to 20.
    pub hysteresis_percent: f64,
    /// A higher state must have been deserved for this long, s, at most a day.
    pub dwell_s: u64,
    /// What the full pack holds, Wh, 10 to 10,000.
    pub capacity_wh: f64,
}

impl Default for PolicyInput {
    /// The reference box: 4s LiFePO₄, 20 Ah, 256 Wh. Its pack protects itself at about 5 %.
    fn default() -> Self {
        Self {
            full_at_percent: 60.0,
            eco_at_percent: 30.0,
            minimal_at_percent: RESERVE_PERCENT,
            off_at_percent: 6.0,
            hysteresis_percent: 5.0,
            dwell_s: 300,
            capacity_wh: 256.0,
        }
    }
}

/// Why numbers make no policy. [`PolicyError::field`] is the key to point at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PolicyError {
    /// One number lies outside what is allowed, or is no number.
    OutOfRange {
        /// The key.
        field: &'static str,
        /// What it was.
        value: f64,
        /// Smallest value allowed.
        low: f64,
        /// Largest value allowed.
        high: f64,
    },
    /// Two numbers contradict each other: the higher state must begin well above the lower.
    TooClose {
        /// The key of the higher state.
        field: &'static str,
        /// What it was, %.
        value: f64,
        /// The key of the lower state.
        other: &'static str,
        /// What that was, %.
        other_value: f64,
        /// How far apart they must be at least, percentage points.
        apart: f64,
    },
}

impl PolicyError {
    /// The key of the table `[power]` to blame.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::OutOfRange { field, .. } | Self::TooClose { field, .. } => field,
        }
    }

    /// The key that contradicts [`PolicyError::field`], if two are at odds.
    #[must_use]
    pub const fn other_field(&self) -> Option<&'static str> {
        match self {
            Self::OutOfRange { .. } => None,
            Self::TooClose { other, .. } => Some(other),
        }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange {
                field,
                value,
                low,
                high,
            } => write!(f, "{field} is {value}, allowed is {low} to {high}"),
            Self::TooClose {
                field,
                value,
                other,
                other_value,
                apart,
            } => write!(
                f,
                "{field} is {value}, allowed is at least {apart} above {other}, which is {other_value}"
            ),
        }
    }
}

impl core::error::Error for PolicyError {}

/// A checked policy. Every value of this type satisfies
/// `critical < reserve < eco < eco + hysteresis <= full < full + hysteresis <= 95 %`.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    input: PolicyInput,
    silent_eco_after: Duration,
    silent_minimal_after: Duration,
}

impl Default for Policy {
    /// The policy of the reference box.
    fn default() -> Self {
        Self::unchecked(PolicyInput::default())
    }
}

impl Policy {
    /// Checks the numbers, one by one and then against each other.
    ///
    /// # Errors
    /// The first contradiction found, in the order of the fields.
    pub fn new(input: PolicyInput) -> Result<Self, PolicyError> {
        let hysteresis = input.hysteresis_percent;
        within("hysteresis_percent", hysteresis, 1.0, 20.0)?;
        within(
            "full_at_percent",
            input.full_at_percent,
            1.0,
            95.0 - hysteresis,
        )?;
        within("eco_at_percent", input.eco_at_percent, 1.0, 95.0)?;
        within(
            "minimal_at_percent",
            input.minimal_at_percent,
            RESERVE_PERCENT,
            95.0,
        )?;
        within("off_at_percent", input.off_at_percent, 1.0, 50.0)?;
        // A day in seconds is far below 2^53: the conversion is exact where it matters.
        within("dwell_s", input.dwell_s as f64, 0.0, 86_400.0)?;
        within("capacity_wh", input.capacity_wh, 10.0, 10_000.0)?;
        above(
            ("full_at_percent", input.full_at_percent),
            ("eco_at_percent", input.eco_at_percent),
            hysteresis,
        )?;
        above(
            ("eco_at_percent", input.eco_at_percent),
            ("minimal_at_percent", input.minimal_at_percent),
            hysteresis,
        )?;
        above(
            ("minimal_at_percent", input.minimal_at_percent),
            ("off_at_percent", input.off_at_percent),
            1.0,
        )?;
        Ok(Self::unchecked(input))
    }

    const fn unchecked(input: PolicyInput) -> Self {
        Self {
            input,
            // A restart of the gauge's driver takes seconds; five minutes is no hiccup any more.
            silent_eco_after: Duration::from_secs(5 * 60),
            // An hour at 5 W is 2 % of the pack: a box that has heard nothing for so long saves.
            silent_minimal_after: Duration::from_secs(60 * 60),
        }
    }

    /// With other limits of silence: the first after which the box runs at most `Eco`, the second
    /// after which it runs at most `Minimal`. A second limit below the first is raised to it.
    #[must_use]
    pub fn with_silence_limits(mut self, eco_after: Duration, minimal_after: Duration) -> Self {
        self.silent_eco_after = eco_after;
        self.silent_minimal_after = minimal_after.max(eco_after);
        self
    }

    /// The numbers it was made of.
    #[must_use]
    pub const fn input(&self) -> &PolicyInput {
        &self.input
    }

    /// `Full` is left below this.
    #[must_use]
    pub fn full_leave(&self) -> StateOfCharge {
        fraction(self.input.full_at_percent)
    }

    /// `Full` is entered from here on.
    #[must_use]
    pub fn full_enter(&self) -> StateOfCharge {
        fraction(self.input.full_at_percent + self.input.hysteresis_percent)
    }

    /// `Eco` is left below this.
    #[must_use]
    pub fn eco_leave(&self) -> StateOfCharge {
        fraction(self.input.eco_at_percent)
    }

    /// `Eco` is entered from here on.
    #[must_use]
    pub fn eco_enter(&self) -> StateOfCharge {
        fraction(self.input.eco_at_percent + self.input.hysteresis_percent)
    }

    /// Never spent by choice.
    #[must_use]
    pub fn reserve(&self) -> StateOfCharge {
        fraction(self.input.minimal_at_percent)
    }

    /// Below this the box stops at once.
    #[must_use]
    pub fn critical(&self) -> StateOfCharge {
        fraction(self.input.off_at_percent)
    }

    /// How long a higher state must have been deserved before it is entered.
    #[must_use]
    pub const fn dwell(&self) -> Duration {
        Duration::from_secs(self.input.dwell_s)
    }

    /// Silence after which the box runs at most `Eco`.
    #[must_use]
    pub const fn silent_eco_after(&self) -> Duration {
        self.silent_eco_after
    }

    /// Silence after which the box runs at most `Minimal`.
    #[must_use]
    pub const fn silent_minimal_after(&self) -> Duration {
        self.silent_minimal_after
    }

    /// What the full pack holds.
    #[must_use]
    pub fn capacity(&self) -> WattHours {
        WattHours::new(self.input.capacity_wh).unwrap_or(WattHours::ZERO)
    }

    /// The same as charge, at the nominal 12.8 V of the pack.
    #[must_use]
    pub fn capacity_charge(&self) -> AmpHours {
        AmpHours::new(self.input.capacity_wh / NOMINAL_V).unwrap_or(AmpHours::ZERO)
    }
}

fn fraction(percent: f64) -> StateOfCharge {
    StateOfCharge::clamped(percent / 100.0)
}

fn within(field: &'static str, value: f64, low: f64, high: f64) -> Result<(), PolicyError> {
    // `contains` is false for NaN.
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(PolicyError::OutOfRange {
            field,
            value,
            low,
            high,
        })
    }
}

fn above(
    (field, value): (&'static str, f64),
    (other, other_value): (&'static str, f64),
    apart: f64,
) -> Result<(), PolicyError> {
    if value >= other_value + apart {
        Ok(())
    } else {
        Err(PolicyError::TooClose {
            field,
            value,
            other,
            other_value,
            apart,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn refused(change: impl FnOnce(&mut PolicyInput)) -> PolicyError {
        let mut input = PolicyInput::default();
        change(&mut input);
        Policy::new(input).unwrap_err()
    }

    #[test]
    fn the_default_passes_its_own_check() {
        assert_eq!(Policy::new(PolicyInput::default()), Ok(Policy::default()));
        assert_eq!(Policy::default().capacity_charge().get(), 20.0);
    }

    #[test]
    fn a_contradiction_names_both_keys() {
        let error = refused(|p| p.eco_at_percent = 58.0);
        assert_eq!(error.field(), "full_at_percent");
        assert_eq!(error.other_field(), Some("eco_at_percent"));
        assert_eq!(
            error.to_string(),
            "full_at_percent is 60, allowed is at least 5 above eco_at_percent, which is 58"
        );
        assert_eq!(
            refused(|p| p.off_at_percent = 10.0).other_field(),
            Some("off_at_percent")
        );
        assert_eq!(
            refused(|p| p.minimal_at_percent = 28.0).field(),
            "eco_at_percent"
        );
    }

    #[test]
    fn the_reserve_cannot_be_configured_away() {
        let error = refused(|p| p.minimal_at_percent = 8.0);
        assert_eq!(
            error.to_string(),
            "minimal_at_percent is 8, allowed is 10 to 95"
        );
        assert_eq!(error.other_field(), None);
    }

    #[test]
    fn every_field_has_its_range() {
        type Change = fn(&mut PolicyInput, f64);
        let fields: [(&str, Change); 6] = [
            ("full_at_percent", |p, v| p.full_at_percent = v),
            ("eco_at_percent", |p, v| p.eco_at_percent = v),
            ("minimal_at_percent", |p, v| p.minimal_at_percent = v),
            ("off_at_percent", |p, v| p.off_at_percent = v),
            ("hysteresis_percent", |p, v| p.hysteresis_percent = v),
            ("capacity_wh", |p, v| p.capacity_wh = v),
        ];
        for (name, change) in fields {
            for bad in [f64::NAN, f64::INFINITY, -1.0, 1e9] {
                assert_eq!(refused(|p| change(p, bad)).field(), name, "{bad}");
            }
        }
        assert_eq!(refused(|p| p.dwell_s = u64::MAX).field(), "dwell_s");
    }

    #[test]
    fn silence_limits_stay_in_order() {
        let (ten, five) = (Duration::from_secs(10), Duration::from_secs(5));
        let policy = Policy::default().with_silence_limits(ten, five);
        assert_eq!(policy.silent_minimal_after(), ten);
    }
}
