//! What is worth keeping over a power cut, as bytes.
//!
//! ```text
//! 4 "SBGG"   1 version   1 curve   1 count of numbers n
//! 8 nominal capacity, Ah   8 charge counter, Ah (NaN: none)
//! n × 8 what is believed   n (n + 1) / 2 × 4 lower root of its covariance, by rows
//! 4 CRC-32 of all before                                      (little endian throughout)
//! ```
//! The root instead of the covariance: whatever it is rounded to, its square is a covariance.

use super::matrix::Cholesky;
use super::model::STATICS;
use super::prior::Prior;
use alloc::vec::Vec;
use core::fmt;

const MAGIC: &[u8; 4] = b"SBGG";
const VERSION: u8 = 1;
/// A capacity that differs by this share is another pack's.
const SAME_PACK: f64 = 0.001;

/// Why bytes are no state of the gauge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SavedError {
    /// Too short, too long or not begun as a saved gauge begins.
    NotAGauge,
    /// Too short, too long or not begun as what a planner keeps begins.
    NotAPlan,
    /// Written by a version that keeps something else.
    OtherVersion(u8),
    /// The checksum does not fit: torn or rotten.
    Damaged,
    /// Of a pack of another nominal capacity, or of another curve.
    OtherPack,
    /// Learned at another place, or from another panel.
    OtherSite,
}

impl fmt::Display for SavedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAGauge => f.write_str("not a saved gauge"),
            Self::NotAPlan => f.write_str("not what a planner saved"),
            Self::OtherVersion(version) => {
                write!(f, "saved in form {version}, which is not read here")
            }
            Self::Damaged => f.write_str("what was saved is damaged"),
            Self::OtherPack => f.write_str("saved for a pack of another size or make"),
            Self::OtherSite => f.write_str("saved at another place or with another panel"),
        }
    }
}

impl core::error::Error for SavedError {}

/// What one explanation knows of its pack, its charge being that of now.
#[derive(Debug, Clone)]
pub(super) struct Saved {
    pub(super) curve: usize,
    pub(super) nominal_ah: f64,
    /// Of the board, Ah.
    pub(super) counter: Option<f64>,
    pub(super) prior: Prior,
}

impl Saved {
    /// `None` when the numbers are too odd to be kept.
    pub(super) fn to_bytes(&self) -> Option<Vec<u8>> {
        let root = self.prior.information.cholesky()?.inverse().cholesky()?;
        let mut bytes = Vec::new();
        bytes.extend_from_slice(MAGIC);
        bytes.push(VERSION);
        bytes.push(u8::try_from(self.curve).ok()?);
        bytes.push(u8::try_from(STATICS).ok()?);
        let counter = self.counter.unwrap_or(f64::NAN);
        for number in [self.nominal_ah, counter].iter().chain(&self.prior.mean) {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        for cell in root.rows() {
            #[allow(clippy::cast_possible_truncation, reason = "seven digits suffice")]
            let cell = cell as f32;
            bytes.extend_from_slice(&cell.to_le_bytes());
        }
        let sum = crc32(&bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        Some(bytes)
    }

    /// Bytes of a pack of `nominal_ah`, with one of `curves`.
    pub(super) fn from_bytes(
        bytes: &[u8],
        nominal_ah: f64,
        curves: usize,
    ) -> Result<Self, SavedError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(SavedError::NotAGauge)?;
        let (&version, rest) = rest.split_first().ok_or(SavedError::NotAGauge)?;
        if version != VERSION {
            return Err(SavedError::OtherVersion(version));
        }
        let (body, sum) = bytes.split_last_chunk::<4>().ok_or(SavedError::NotAGauge)?;
        if crc32(body) != u32::from_le_bytes(*sum) {
            return Err(SavedError::Damaged);
        }
        let &[curve, count, ref rest @ ..] = rest else {
            return Err(SavedError::NotAGauge);
        };
        if usize::from(count) != STATICS || rest.len() != numbers_length() {
            return Err(SavedError::NotAGauge);
        }
        let (doubles, singles) = rest[..rest.len() - 4].split_at(8 * (2 + STATICS));
        let mut doubles = doubles
            .as_chunks::<8>()
            .0
            .iter()
            .map(|b| f64::from_le_bytes(*b));
        let saved_ah = doubles.next().unwrap_or_default();
        let counter = doubles.next().filter(|ah| ah.is_finite());
        let mean: Vec<f64> = doubles.collect();
        let singles = singles.as_chunks::<4>().0.iter();
        let root = Cholesky::from_rows(STATICS, singles.map(|b| f32::from_le_bytes(*b).into()))
            .ok_or(SavedError::Damaged)?;
        if !(libm::fabs(saved_ah / nominal_ah - 1.0) < SAME_PACK && usize::from(curve) < curves) {
            return Err(SavedError::OtherPack);
        }
        if !mean.iter().all(|number| number.is_finite()) {
            return Err(SavedError::Damaged);
        }
        Ok(Self {
            curve: curve.into(),
            nominal_ah,
            counter,
            prior: Prior::new(mean, &root.square()).ok_or(SavedError::Damaged)?,
        })
    }
}

/// From the capacity to the checksum, bytes.
const fn numbers_length() -> usize {
    8 * (2 + STATICS) + 4 * (STATICS * (STATICS + 1) / 2) + 4
}

/// CRC-32 of IEEE 802.3.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let low = crc & 1;
            crc = (crc >> 1) ^ (0xedb8_8320 & low.wrapping_neg());
        }
    }
    !crc
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::curve::OcvCurve;
    use super::super::prior::Age;
    use super::*;

    fn saved() -> Saved {
        Saved {
            curve: 1,
            nominal_ah: 20.0,
            counter: Some(-3.5),
            prior: Prior::of_stranger(&OcvCurve::default(), Age::New, 20.0).unwrap(),
        }
    }

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn what_was_saved_comes_back() {
        let bytes = saved().to_bytes().unwrap();
        assert!(bytes.len() < 2_300, "{}", bytes.len());
        let back = Saved::from_bytes(&bytes, 20.0, 2).unwrap();
        assert_eq!((back.curve, back.counter), (1, Some(-3.5)));
        assert_eq!(back.prior.mean, saved().prior.mean);
        for i in 0..STATICS {
            let (old, new) = (&saved().prior.information, &back.prior.information);
            assert!((new.at(i, i) / old.at(i, i) - 1.0).abs() < 1e-3, "{i}");
        }
    }

    #[test]
    fn no_bit_may_turn_and_no_byte_may_be_lost() {
        let bytes = saved().to_bytes().unwrap();
        for at in (0..bytes.len()).step_by(7) {
            let mut rotten = bytes.clone();
            rotten[at] ^= 4;
            assert!(Saved::from_bytes(&rotten, 20.0, 2).is_err(), "{at}");
            assert!(Saved::from_bytes(&bytes[..at], 20.0, 2).is_err(), "{at}");
        }
        let other = |ah, curves| Saved::from_bytes(&bytes, ah, curves).map(|_| ());
        assert_eq!(other(40.0, 2), Err(SavedError::OtherPack));
        assert_eq!(other(20.0, 1), Err(SavedError::OtherPack));
        let mut newer = bytes.clone();
        newer[4] = 9;
        let read = Saved::from_bytes(&newer, 20.0, 2).map(|_| ());
        assert_eq!(read, Err(SavedError::OtherVersion(9)));
    }
}
