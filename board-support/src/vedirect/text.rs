//! Bytes to blocks. A block is fields of `\r\nLABEL\tVALUE`, the last one `Checksum`, whose value is the one byte that makes the sum of all
//! bytes 0 modulo 256. Hex messages, `:7A0ED…\n`, may stand anywhere between and are no part of the sum.
//!
//! The sum alone lets one in 256 damages through, so a block is also refused if it was not heard from its beginning, has a field twice, or
//! has a hex message in it that is none (a `:` in place of another byte would otherwise hide a field from the sum).

use std::collections::BTreeMap;

/// The white paper allows 8 and 32, and 22 fields. Twice that is room for what comes; more is garbage.
const LONGEST_LABEL: usize = 16;
const LONGEST_VALUE: usize = 64;
const MOST_FIELDS: usize = 44;
/// No block of so many fields is longer.
const LONGEST_BLOCK: usize = MOST_FIELDS * (LONGEST_LABEL + LONGEST_VALUE);
/// What the nibble and the bytes of a hex message sum up to.
const HEX_SUM: u8 = 0x55;

/// The fields of a block whose sum is right.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Block(BTreeMap<String, String>);

impl Block {
    /// What the field holds; bytes that are no ASCII are shown as the Latin-1 they would be.
    #[must_use]
    pub fn get(&self, label: &str) -> Option<&str> {
        self.0.get(label).map(String::as_str)
    }

    /// The field's whole number; `None` where it is missing or none, as the `---` of a sensor that is not there.
    #[must_use]
    pub fn number(&self, label: &str) -> Option<i32> {
        self.get(label)?.parse().ok()
    }

    /// The field's number of the form `0xA053`.
    #[must_use]
    pub fn hex(&self, label: &str) -> Option<u32> {
        let text = self.get(label)?;
        let digits = text.strip_prefix("0x").or(text.strip_prefix("0X"))?;
        u32::from_str_radix(digits, 16).ok()
    }
}

/// A block came to its end and is not to be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// Bytes were lost or changed.
    #[error("the sum of a block is {0} instead of 0")]
    Sum(u8),
    /// A field came twice: two blocks ran into one.
    #[error("a block has a field twice")]
    Twice,
    /// A field, or the number of them, is longer than any.
    #[error("a block has a field or a number of fields that is too long")]
    TooLong,
    /// A hex message in it is none.
    #[error("a hex message in a block is none")]
    Hex,
    /// So many bytes, and no end of a block.
    #[error("this is no VE.Direct text: {LONGEST_BLOCK} bytes without the end of a block")]
    NoEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Label,
    Value,
    Sum,
}

/// What a hex message has been so far.
#[derive(Debug, Clone, Copy, Default)]
struct Hex {
    digits: u8,
    high: u8,
    sum: u8,
    broken: bool,
}

impl Hex {
    /// One digit for the command, then two for each byte.
    fn digit(&mut self, byte: u8) {
        let digit = char::from(byte).to_digit(16);
        let (Some(digit), Some(digits)) = (digit, self.digits.checked_add(1)) else {
            self.broken = true;
            return;
        };
        let digit = digit.to_le_bytes()[0];
        if self.digits.is_multiple_of(2) {
            let whole = if self.digits == 0 {
                digit
            } else {
                self.high << 4 | digit
            };
            self.sum = self.sum.wrapping_add(whole);
        } else {
            self.high = digit;
        }
        self.digits = digits;
    }

    const fn is_sound(self) -> bool {
        !self.broken && self.digits % 2 == 1 && self.digits > 1 && self.sum == HEX_SUM
    }
}

/// Takes bytes as they come, in pieces of any size. Its memory is bounded whatever comes.
#[derive(Debug)]
pub struct Parser {
    /// A block has begun where the last one ended; before the first end nobody knows where one began.
    in_step: bool,
    place: Place,
    hex: Option<Hex>,
    label: String,
    value: String,
    fields: BTreeMap<String, String>,
    sum: u8,
    bytes: usize,
    damage: Option<Damage>,
}

impl Default for Parser {
    fn default() -> Self {
        Self::new()
    }
}

impl Parser {
    /// For a line that may be in the middle of a block.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            in_step: false,
            place: Place::Label,
            hex: None,
            label: String::new(),
            value: String::new(),
            fields: BTreeMap::new(),
            sum: 0,
            bytes: 0,
            damage: None,
        }
    }

    /// The next byte; a block or its damage where it was the last of one. The part of a block heard first is neither.
    pub fn push(&mut self, byte: u8) -> Option<Result<Block, Damage>> {
        self.bytes += 1;
        if self.bytes > LONGEST_BLOCK {
            *self = Self::new();
            return Some(Err(Damage::NoEnd));
        }
        if let Some(hex) = &mut self.hex {
            if byte != b'\n' {
                hex.digit(byte);
                return None;
            }
            if !hex.is_sound() {
                self.damage = Some(Damage::Hex);
            }
            self.hex = None;
            return None;
        }
        if byte == b':' && self.place != Place::Sum {
            self.hex = Some(Hex::default());
            return None;
        }
        self.sum = self.sum.wrapping_add(byte);
        match (self.place, byte) {
            (Place::Sum, _) => return self.end(),
            (_, b'\n') => self.next_field(),
            (_, b'\r') => {}
            (Place::Label, b'\t') => {
                let last = self.label == "Checksum";
                self.place = if last { Place::Sum } else { Place::Value };
            }
            (Place::Label, _) => keep(&mut self.label, byte, LONGEST_LABEL, &mut self.damage),
            (Place::Value, _) => keep(&mut self.value, byte, LONGEST_VALUE, &mut self.damage),
        }
        None
    }

    fn next_field(&mut self) {
        let (label, value) = (
            std::mem::take(&mut self.label),
            std::mem::take(&mut self.value),
        );
        if self.place == Place::Value {
            if self.fields.len() >= MOST_FIELDS {
                self.damage = Some(Damage::TooLong);
            } else if self.fields.insert(label, value).is_some() {
                self.damage = Some(Damage::Twice);
            }
        }
        self.place = Place::Label;
    }

    fn end(&mut self) -> Option<Result<Block, Damage>> {
        // The line before `Checksum` was ended by its own `\n`.
        let heard = std::mem::replace(
            self,
            Self {
                in_step: true,
                ..Self::new()
            },
        );
        let block = match (heard.damage, heard.sum) {
            (Some(damage), _) => Err(damage),
            (None, 0) => Ok(Block(heard.fields)),
            (None, sum) => Err(Damage::Sum(sum)),
        };
        heard.in_step.then_some(block)
    }
}

fn keep(text: &mut String, byte: u8, longest: usize, damage: &mut Option<Damage>) {
    if text.chars().count() < longest {
        text.push(char::from(byte));
    } else {
        *damage = Some(Damage::TooLong);
    }
}

/// A block as a device sends it, its checksum included.
#[cfg(test)]
pub(crate) fn framed(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes: Vec<u8> = fields
        .iter()
        .flat_map(|(label, value)| format!("\r\n{label}\t{value}").into_bytes())
        .collect();
    bytes.extend(b"\r\nChecksum\t");
    let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    bytes.push(sum.wrapping_neg());
    bytes
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
