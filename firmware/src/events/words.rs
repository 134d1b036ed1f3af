//! What of a text may be kept: the words of a closed list, our own messages' words, small numbers, and what has a form of its own (`whole`: a
//! time, a measurement, the lights). Whatever else a text holds (a file somebody named, a network, a child) is left out, in whatever script and
//! whatever encoding it came.

mod whole;

use std::collections::HashSet;
use std::sync::LazyLock;

/// The words, one a line. A capital letter is another word: of "Will" nothing is kept, of "will" the verb.
const LIST: &str = include_str!("words.txt");
/// Characters of a kept text at most: what to do stands at the end of the longest of our lines.
pub const LONGEST: usize = 240;
/// A number with more digits might be somebody's telephone.
const MOST_DIGITS: usize = 5;
/// So may all numbers of a row together.
const MOST_IN_A_ROW: usize = 8;
/// Stands for whatever was left out.
const LEFT_OUT: char = '~';
/// Stands for whatever word came before.
const A_WORD: char = 'x';

static WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| LIST.lines().collect());

/// What becomes of a piece of a text.
enum Piece {
    Kept,
    LeftOut,
    Sign(char),
}

/// `text` with nothing in it but listed words, numbers of at most five digits that stand alone, what is kept whole, and the signs between them;
/// `~` for each stretch that was left out. At most [`LONGEST`] characters.
#[must_use]
pub fn plain(text: &str) -> String {
    // The letter of a slot is all that such a text tells; within a longer one it would be an initial.
    if matches!(text, "A" | "B" | "b") {
        return text.to_owned();
    }
    let mut kept = String::new();
    let (mut rest, mut before) = (text, ' ');
    while !rest.is_empty() && kept.len() < LONGEST {
        let (length, piece) = next(rest, before);
        let (told, after) = rest.split_at(length);
        before = match piece {
            Piece::Kept => {
                kept.push_str(told);
                A_WORD
            }
            Piece::LeftOut => {
                put_left_out(&mut kept);
                A_WORD
            }
            Piece::Sign(sign) => {
                put_sign(&mut kept, sign);
                sign
            }
        };
        rest = after;
    }
    kept.truncate(kept.floor_char_boundary(LONGEST));
    kept.trim().to_owned()
}

/// The piece that `text` begins with, at least one byte long, and what becomes of it.
fn next(text: &str, before: char) -> (usize, Piece) {
    if let Some(length) = whole::length(text, before) {
        return (length, Piece::Kept);
    }
    if let Some(sign) = text.chars().next().filter(|first| !is_of_a_word(*first)) {
        return (sign.len_utf8(), Piece::Sign(sign));
    }
    if let Some(length) = telephone(text) {
        return (length, Piece::LeftOut);
    }
    let length = text.find(|c: char| !is_of_a_word(c)).unwrap_or(text.len());
    let (word, after) = text.split_at(length);
    let piece = match may_stay(word, before, after) {
        true => Piece::Kept,
        false => Piece::LeftOut,
    };
    (length, piece)
}

/// Letters of any script, and what joins bytes of a name in an encoding.
fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\'' | '%' | '\\' | '&' | '#' | '+' | '=') || !c.is_ascii()
}

/// The length of what begins here and may be somebody's telephone: numbers with blanks between them, or with more digits together than a date has.
fn telephone(text: &str) -> Option<usize> {
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    let bytes = text.as_bytes();
    let (mut end, mut digits, mut blanks) = (0, 0, false);
    while let Some(byte) = bytes.get(end) {
        let joins = b" .:/-".contains(byte) && bytes.get(end + 1).is_some_and(is_digit);
        match byte {
            b'0'..=b'9' => digits += 1,
            _ if digits > 0 && joins => blanks |= *byte == b' ',
            _ => break,
        }
        end += 1;
    }
    (blanks || digits > MOST_IN_A_ROW).then_some(end)
}

fn may_stay(word: &str, before: char, after: &str) -> bool {
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        // Alone: of a row of numbers that are pieces of something only a time or a version is known.
        let alone = matches!(before, ' ' | '(' | ':' | '.' | '/');
        let next = after.chars().next().unwrap_or(' ');
        return word.len() <= MOST_DIGITS
            && alone
            && matches!(next, ' ' | ')' | ',' | '.' | ':' | ';' | '/');
    }
    WORDS.contains(word)
}

fn put_sign(kept: &mut String, sign: char) {
    let sign = if sign.is_ascii_graphic() { sign } else { ' ' };
    if sign != ' ' || !kept.ends_with(' ') {
        kept.push(sign);
    }
}

/// Neighbours that were left out are one.
fn put_left_out(kept: &mut String) {
    let bare = kept.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != LEFT_OUT);
    if bare.ends_with(LEFT_OUT) {
        let length = bare.len();
        kept.truncate(length);
    } else {
        kept.push(LEFT_OUT);
    }
}

#[cfg(test)]
mod tests;
#[cfg(all(test, feature = "box"))]
mod uttered;
#[cfg(all(test, feature = "box"))]
mod written;
