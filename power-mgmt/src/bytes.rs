//! Numbers as bytes, little endian: how what was learned is kept over a power cut.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

/// Writes numbers one after the other.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn number(&mut self, number: f64) {
        self.raw(&number.to_le_bytes());
    }

    pub(crate) fn maybe(&mut self, number: Option<f64>) {
        self.number(number.unwrap_or(f64::NAN));
    }

    pub(crate) fn whole(&mut self, number: i64) {
        self.raw(&number.to_le_bytes());
    }

    pub(crate) fn flag(&mut self, flag: bool) {
        self.raw(&[u8::from(flag)]);
    }

    /// Numbers of which many neighbours are alike; how many they are is known to who reads.
    pub(crate) fn runs(&mut self, numbers: impl IntoIterator<Item = Option<f64>>) {
        let mut run: Option<(f64, u16)> = None;
        for number in numbers {
            let number = number.unwrap_or(f64::NAN);
            run = match run {
                Some((same, times)) if same.to_bits() == number.to_bits() && times < u16::MAX => {
                    Some((same, times + 1))
                }
                before => {
                    self.run(before);
                    Some((number, 1))
                }
            };
        }
        self.run(run);
    }

    fn run(&mut self, run: Option<(f64, u16)>) {
        if let Some((number, times)) = run {
            self.raw(&times.to_le_bytes());
            self.number(number);
        }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Reads what a [`Writer`] wrote; `None` for what cannot have been written.
#[derive(Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn chunk<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (chunk, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*chunk)
    }

    /// A number within `allowed`.
    pub(crate) fn number(&mut self, allowed: RangeInclusive<f64>) -> Option<f64> {
        let number = f64::from_le_bytes(self.chunk()?);
        // `contains` is false for NaN.
        allowed.contains(&number).then_some(number)
    }

    /// The outer `None` is for what is neither a number within `allowed` nor a missing one.
    #[allow(
        clippy::option_option,
        reason = "missing and unreadable are two things"
    )]
    pub(crate) fn maybe(&mut self, allowed: RangeInclusive<f64>) -> Option<Option<f64>> {
        let number = f64::from_le_bytes(self.chunk()?);
        if number.is_nan() {
            Some(None)
        } else {
            allowed.contains(&number).then_some(Some(number))
        }
    }

    pub(crate) fn whole(&mut self, allowed: RangeInclusive<i64>) -> Option<i64> {
        let number = i64::from_le_bytes(self.chunk()?);
        allowed.contains(&number).then_some(number)
    }

    pub(crate) fn flag(&mut self) -> Option<bool> {
        match self.chunk()? {
            [0] => Some(false),
            [1] => Some(true),
            [_] => None,
        }
    }

    /// Exactly `count` numbers.
    pub(crate) fn runs(
        &mut self,
        count: usize,
        allowed: RangeInclusive<f64>,
    ) -> Option<Vec<Option<f64>>> {
        let mut numbers = Vec::new();
        while numbers.len() < count {
            let times = usize::from(u16::from_le_bytes(self.chunk()?));
            let number = self.maybe(allowed.clone())?;
            if times == 0 || numbers.len() + times > count {
                return None;
            }
            numbers.resize(numbers.len() + times, number);
        }
        Some(numbers)
    }

    /// Exactly `N` numbers, none of them missing.
    pub(crate) fn array<const N: usize>(
        &mut self,
        allowed: RangeInclusive<f64>,
    ) -> Option<[f64; N]> {
        let numbers: Option<Vec<f64>> = self.runs(N, allowed)?.into_iter().collect();
        numbers?.try_into().ok()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let mut writer = Writer::default();
        writer.flag(true);
        writer.whole(-7);
        writer.maybe(None);
        let runs = [Some(1.5), Some(1.5), None, None, Some(0.0)];
        writer.runs(runs);
        let bytes = writer.into_bytes();
        assert_eq!(bytes.len(), 1 + 8 + 8 + 3 * 10);
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.flag(), Some(true));
        assert_eq!(reader.whole(-10..=10), Some(-7));
        assert_eq!(reader.maybe(0.0..=1.0), Some(None));
        assert_eq!(reader.runs(5, 0.0..=2.0).unwrap(), runs);
        assert!(reader.is_empty());
    }

    #[test]
    fn what_is_out_of_range_or_too_long_is_refused() {
        let mut writer = Writer::default();
        writer.runs([Some(3.0), Some(3.0)]);
        let bytes = writer.into_bytes();
        assert_eq!(Reader::new(&bytes).runs(2, 0.0..=2.0), None);
        assert_eq!(Reader::new(&bytes).runs(1, 0.0..=9.0), None);
        assert_eq!(Reader::new(&bytes[..9]).runs(2, 0.0..=9.0), None);
        assert_eq!(Reader::new(&[2]).flag(), None);
    }
}
