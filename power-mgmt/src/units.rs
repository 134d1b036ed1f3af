//! Checked physical quantities. No public signature of this crate that a sensor or a person can
//! reach bears a bare `f64`: what is not a finite number cannot become a quantity, not even through
//! `serde`.

use core::fmt;
use serde::{Deserialize, Serialize};

/// A number that is no quantity of this kind: not finite, or outside the quantity's range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NotAQuantity {
    quantity: &'static str,
    value: f64,
}

impl fmt::Display for NotAQuantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not a {}", self.value, self.quantity)
    }
}

impl core::error::Error for NotAQuantity {}

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $unit:literal, $words:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(try_from = "f64", into = "f64")]
        pub struct $name(f64);

        impl $name {
            /// Zero of this quantity.
            pub const ZERO: Self = Self(0.0);

            /// A quantity in
            #[doc = $unit]
            /// ; `None` when it is not finite.
            #[must_use]
            pub fn new(value: f64) -> Option<Self> {
                value.is_finite().then_some(Self(value))
            }

            /// The plain number, in
            #[doc = $unit]
            #[must_use]
            pub const fn get(self) -> f64 {
                self.0
            }
        }

        impl TryFrom<f64> for $name {
            type Error = NotAQuantity;

            fn try_from(value: f64) -> Result<Self, NotAQuantity> {
                Self::new(value).ok_or(NotAQuantity { quantity: $words, value })
            }
        }

        impl From<$name> for f64 {
            fn from(quantity: $name) -> f64 {
                quantity.0
            }
        }

        impl fmt::Display for $name {
            /// The number with its unit; a precision is honoured (`{:.1}`).
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)?;
                f.write_str(concat!(" ", $unit))
            }
        }
    };
}

quantity!(
    /// Electric potential at the pack's terminals.
    Volts, "V", "voltage"
);
quantity!(
    /// Current into the pack: charge positive, discharge negative.
    Amps, "A", "current"
);
quantity!(
    /// Power.
    Watts, "W", "power"
);

impl Watts {
    /// So many thousandths of a watt.
    #[must_use]
    pub const fn from_milliwatts(milliwatts: u32) -> Self {
        Self(milliwatts as f64 / 1000.0)
    }
}

quantity!(
    /// Energy.
    WattHours, "Wh", "number of watt-hours"
);
quantity!(
    /// Charge.
    AmpHours, "Ah", "number of ampere-hours"
);
quantity!(
    /// Temperature.
    Celsius, "°C", "temperature"
);

/// Charge left over capacity, 0 (empty) to 1 (full).
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct StateOfCharge(f64);

impl StateOfCharge {
    /// Empty.
    pub const EMPTY: Self = Self(0.0);
    /// Full.
    pub const FULL: Self = Self(1.0);

    /// Clamped into 0..=1; `None` when not finite.
    #[must_use]
    pub fn new(fraction: f64) -> Option<Self> {
        fraction.is_finite().then(|| Self(fraction.clamp(0.0, 1.0)))
    }

    /// From percent, clamped into 0..=100; `None` when not finite.
    #[must_use]
    pub fn from_percent(percent: f64) -> Option<Self> {
        Self::new(percent / 100.0)
    }

    /// For the crate's own arithmetic, whose inputs are finite by construction.
    pub(crate) fn clamped(fraction: f64) -> Self {
        Self::new(fraction).unwrap_or(Self::EMPTY)
    }

    /// 0..=1.
    #[must_use]
    pub const fn fraction(self) -> f64 {
        self.0
    }

    /// 0..=100.
    #[must_use]
    pub fn percent(self) -> f64 {
        self.0 * 100.0
    }
}

impl TryFrom<f64> for StateOfCharge {
    type Error = NotAQuantity;

    /// Unlike [`StateOfCharge::new`] this refuses what lies outside 0..=1: a stored value must be
    /// what was stored.
    fn try_from(value: f64) -> Result<Self, NotAQuantity> {
        if (0.0..=1.0).contains(&value) {
            Ok(Self(value))
        } else {
            Err(NotAQuantity {
                quantity: "state of charge between 0 and 1",
                value,
            })
        }
    }
}

impl From<StateOfCharge> for f64 {
    fn from(soc: StateOfCharge) -> f64 {
        soc.0
    }
}

impl fmt::Display for StateOfCharge {
    /// In percent; a precision is honoured (`{:.0}`).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.percent(), f)?;
        f.write_str(" %")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use serde::de::IntoDeserializer;

    #[test]
    fn what_is_not_finite_is_no_quantity() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Volts::new(bad), None);
            assert_eq!(StateOfCharge::new(bad), None);
            assert_eq!(StateOfCharge::from_percent(bad), None);
            assert!(Amps::try_from(bad).is_err());
            assert!(StateOfCharge::try_from(bad).is_err());
        }
        assert_eq!(Volts::new(12.8).map(Volts::get), Some(12.8));
    }

    #[test]
    fn charge_is_clamped_when_computed_and_refused_when_stored() {
        assert_eq!(StateOfCharge::new(1.2), Some(StateOfCharge::FULL));
        assert_eq!(StateOfCharge::new(-0.1), Some(StateOfCharge::EMPTY));
        assert!(StateOfCharge::try_from(1.2).is_err());
        assert_eq!(StateOfCharge::from_percent(42.0).unwrap().fraction(), 0.42);
    }

    #[test]
    fn what_is_not_finite_does_not_come_in_by_serde_either() {
        use serde::de::value::{Error, F64Deserializer};
        let stored = |value: f64| -> F64Deserializer<Error> { value.into_deserializer() };
        assert!(Volts::deserialize(stored(f64::NAN)).is_err());
        assert!(StateOfCharge::deserialize(stored(f64::INFINITY)).is_err());
        assert!(StateOfCharge::deserialize(stored(1.01)).is_err());
        assert_eq!(Volts::deserialize(stored(13.2)).unwrap().get(), 13.2);
    }

    #[test]
    fn quantities_print_with_their_unit() {
        assert_eq!(Volts::new(13.25).unwrap().to_string(), "13.25 V");
        assert_eq!(
            alloc::format!("{:.1}", Celsius::new(24.96).unwrap()),
            "25.0 °C"
        );
        assert_eq!(
            alloc::format!("{:.0}", StateOfCharge::clamped(0.256)),
            "26 %"
        );
        assert_eq!(
            Watts::try_from(f64::NAN).unwrap_err().to_string(),
            "NaN is not a power"
        );
    }
}
