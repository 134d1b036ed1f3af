//! The serial number of a box: given by the supply team, on its label, in `DATA/serial` and in the manifest.
//!
//! On a card it is one file of [`ROOM`] bytes in a block of its own, blank in the prepared data and filled in on each card: two hundred cards are the
//! same but for this.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::str::FromStr;

/// Its name in the data folder.
pub const NAME: &str = "serial";
/// Bytes of the file: the number, spaces, a line's end.
pub const ROOM: usize = 64;
/// Characters of a number at most.
const LONGEST: usize = 32;

/// A serial number such as `SB-0001`: 1 to 32 of A-Z, a-z, 0-9 and inner hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Serial(String);

impl Serial {
    /// What stands in `DATA/serial`; `None` where it is blank, or nobody's number.
    #[must_use]
    pub fn in_file(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes.get(..ROOM).unwrap_or(bytes)).ok()?;
        text.trim_matches([' ', '\n', '\0']).parse().ok()
    }

    /// That of the box on `data`. A file that cannot be read is as good as none: nothing depends on the number.
    #[must_use]
    pub fn of_the_box(data: &Path) -> Option<Self> {
        let mut bytes = Vec::new();
        let file = File::open(data.join(NAME)).ok()?;
        file.take(ROOM as u64).read_to_end(&mut bytes).ok()?;
        Self::in_file(&bytes)
    }

    /// As it stands in the file.
    pub(crate) fn text(&self) -> [u8; ROOM] {
        let mut text = blank();
        text.iter_mut()
            .zip(self.0.bytes())
            .for_each(|(to, byte)| *to = byte);
        text
    }

    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The one after it: the digits at its end counted up, as wide as they are; `None` where there are none, or all are nines.
    pub(crate) fn next(&self) -> Option<Self> {
        let digits = self.0.len() - self.0.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let (name, number) = self.0.split_at_checked(self.0.len() - digits)?;
        let next = number.parse::<u64>().ok()?.checked_add(1)?.to_string();
        (next.len() <= digits).then(|| Self(format!("{name}{next:0>digits$}")))
    }
}

/// A file without a number.
pub(crate) fn blank() -> [u8; ROOM] {
    let mut text = [b' '; ROOM];
    if let Some(last) = text.last_mut() {
        *last = b'\n';
    }
    text
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Serial {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let sound = (1..=LONGEST).contains(&text.len())
            && text.bytes().all(inner)
            && !text.starts_with('-')
            && !text.ends_with('-');
        match sound {
            true => Ok(Self(text.to_owned())),
            false => Err(
                "a serial number has 1 to 32 of A-Z, a-z, 0-9 and inner hyphens, such as SB-0001"
                    .to_owned(),
            ),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_up_and_come_back_from_the_file() {
        let serial: Serial = "SB-0009".parse().unwrap();
        assert_eq!(serial.next().unwrap().as_str(), "SB-0010");
        assert_eq!("SB-99".parse::<Serial>().unwrap().next(), None);
        assert_eq!("SB".parse::<Serial>().unwrap().next(), None);
        assert_eq!(Serial::in_file(&serial.text()), Some(serial));
        assert_eq!(Serial::in_file(&blank()), None);
        assert_eq!(Serial::in_file(b"SB-7\n").unwrap().as_str(), "SB-7");
        for bad in ["", "-a", "a-", "a b", "é", &"1".repeat(33), "../x"] {
            assert!(bad.parse::<Serial>().is_err(), "{bad}");
        }
    }
}
