//! What of a text may be kept: the words of a closed list, our own messages' words, and small numbers. Whatever else a text holds (a file
//! somebody named, a network, a child) is left out, in whatever script and whatever encoding it came.

use std::collections::HashSet;
use std::sync::LazyLock;

/// The words, one a line. A capital letter is another word: of "Will" nothing is kept, of "will" the verb.
const LIST: &str = include_str!("words.txt");
/// Characters of a kept text at most.
pub const LONGEST: usize = 160;
/// A number with more digits might be somebody's telephone.
const MOST_DIGITS: usize = 5;
/// So may all numbers of a row together.
const MOST_IN_A_ROW: usize = 8;
/// Stands for whatever was left out.
const LEFT_OUT: char = '~';

static WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| LIST.lines().collect());

/// `text` with nothing in it but listed words, numbers of at most five digits that stand alone, and the signs between them; `~` for each
/// stretch that was left out. At most [`LONGEST`] characters.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        if kept.len() >= LONGEST {
            break;
        }
        let length = rest.find(|c: char| !is_of_a_word(c)).unwrap_or(rest.len());
        if length == 0 {
            put_sign(&mut kept, first);
            rest = &rest[first.len_utf8()..];
            before = first;
            continue;
        }
        if let Some(number) = telephone(rest) {
            put_left_out(&mut kept);
            rest = &rest[number..];
            before = 'x';
            continue;
        }
        let (word, after) = rest.split_at(length);
        if may_stay(word, before, after) {
            kept.push_str(word);
        } else {
            put_left_out(&mut kept);
        }
        before = 'x';
        rest = after;
    }
    kept.truncate(kept.floor_char_boundary(LONGEST));
    kept.trim().to_owned()
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
mod tests {
    use super::*;

    #[test]
    fn our_own_words_stay_and_others_go() {
        for (text, kept) in [
            ("disk I/O error", "disk ~ error"),
            (
                "No space left on device (os error 28)",
                "No space left on device (os error 28)",
            ),
            (
                "the pack \"Maryam's lessons\" is damaged",
                "the pack \"~ lessons\" is damaged",
            ),
            ("/media/Иван Петров/урок.zim: read", "/media/~.zim: read"),
            ("call +63 912 345 6789", "call ~"),
            ("call 912 345 67 at 10:30:05", "call ~ at 10:30:05"),
            ("call 912.345.6789 or 0.1.0", "call ~ or 0.1.0"),
            ("power_cut", "power_cut"),
            ("full", "full"),
        ] {
            assert_eq!(plain(text), kept, "{text}");
        }
    }

    #[test]
    fn a_name_in_an_encoding_is_left_out_whole() {
        for text in [
            "%41%62%65",
            "%61%62%65",
            "\\u0041\\u0062",
            "&#65;&#66;&#67;",
            "QWJlIE5hc2Vlcg==",
            "4162652e",
            "A b e N a s",
            "Ａｂｅ",
        ] {
            let kept = plain(text);
            assert!(
                !kept.bytes().any(|byte| byte.is_ascii_digit()) && kept.len() <= 12,
                "{text} -> {kept}"
            );
        }
    }

    #[test]
    fn a_long_text_is_cut() {
        let kept = plain(&"damaged ".repeat(10_000));
        assert!(kept.len() <= LONGEST && kept.starts_with("damaged damaged"));
        assert!(plain(&"é".repeat(100_000)).len() <= 1);
    }
}
