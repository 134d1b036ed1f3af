//! A QR code (ISO/IEC 18004), as squares in the light and in the dark.

use super::path::Path;
use qrcodegen::{QrCode, QrCodeEcc};

/// Squares of white that a reader needs around a code (ISO/IEC 18004, 6.3.8).
pub const QUIET: u8 = 4;

/// The text is longer than any QR code (2,331 bytes at strength M), or than one of the side that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a text of {bytes} bytes has no room in a QR code; make it shorter")]
pub struct TooLong {
    bytes: usize,
}

/// A QR code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    side: u8,
    dark: Vec<bool>,
}

impl Code {
    /// The code of `text`: 15 % of it may be dirty (strength M, more where there is room).
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn of(text: &str) -> Result<Self, TooLong> {
        Self::of_strength(text, QrCodeEcc::Medium)
    }

    /// As [`of`](Self::of), with at most `side` squares a side; where strength M needs more, 7 % of it may be dirty (strength L).
    ///
    /// # Errors
    /// [`TooLong`] for a code of that side.
    pub fn within(text: &str, side: u8) -> Result<Self, TooLong> {
        let fits = |code: &Self| code.side <= side;
        let strong = Self::of(text)?;
        if fits(&strong) {
            return Ok(strong);
        }
        let weak = Self::of_strength(text, QrCodeEcc::Low)?;
        Some(weak).filter(fits).ok_or(TooLong { bytes: text.len() })
    }

    fn of_strength(text: &str, strength: QrCodeEcc) -> Result<Self, TooLong> {
        let too_long = || TooLong { bytes: text.len() };
        let code = QrCode::encode_text(text, strength).map_err(|_| too_long())?;
        // 177 at most.
        let side = u8::try_from(code.size()).map_err(|_| too_long())?;
        let squares = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
        let dark = squares.map(|(x, y)| code.get_module(x.into(), y.into()));
        Ok(Self {
            side,
            dark: dark.collect(),
        })
    }

    /// Squares of a side, without the white around: 21 to 177.
    #[must_use]
    pub fn side(&self) -> u8 {
        self.side
    }

    /// Whether the square in column `x` and row `y` is dark; none outside is.
    #[must_use]
    pub fn dark(&self, x: u8, y: u8) -> bool {
        let inside = x < self.side && y < self.side;
        let place = usize::from(y) * usize::from(self.side) + usize::from(x);
        inside && self.dark.get(place).copied().unwrap_or(false)
    }

    /// The dark squares as one shape, each square of side 1, the corner of the code at 0, 0: a rectangle for each run of a row.
    #[must_use]
    pub fn path(&self) -> Path {
        let mut path = Path::default();
        for y in 0..self.side {
            let mut x = 0;
            while x < self.side {
                let run = (x..self.side).take_while(|&at| self.dark(at, y)).count();
                let run = u8::try_from(run).unwrap_or(u8::MAX);
                if run > 0 {
                    path = path.rect(f64::from(x), f64::from(y), f64::from(run), 1.0);
                }
                x = x.saturating_add(run.max(1));
            }
        }
        path
    }
}
