//! Text → searchable words: the same folding for pages and for what a person types.
//!
//! SQLite's `unicode61` folds case and Latin diacritics. What it does not know is done here: Arabic vowel signs and letter variants
//! that people type differently, and scripts without spaces, whose runs become overlapping pairs of characters.

/// Folds `text` and appends it to `out`, words apart by single spaces.
pub(crate) fn fold_into(out: &mut String, text: &str) {
    let mut previous: Option<char> = None;
    let mut paired = false;
    if !out.is_empty() {
        out.push(' ');
    }
    for c in text.chars().filter_map(fold_char) {
        if is_unspaced(c) {
            match previous {
                Some(before) if paired => out.extend([before, c, ' ']),
                Some(before) => {
                    // The first character of a run waits for its pair.
                    out.extend([before, c, ' ']);
                    paired = true;
                }
                None => {}
            }
            if previous.is_none() && !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
            previous = Some(c);
            continue;
        }
        end_run(out, &mut previous, &mut paired);
        if c.is_alphanumeric() || is_mark(c) {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    end_run(out, &mut previous, &mut paired);
    out.truncate(out.trim_end().len());
}

/// A run of one character is a word by itself.
fn end_run(out: &mut String, previous: &mut Option<char>, paired: &mut bool) {
    if let Some(lone) = previous.take()
        && !*paired
    {
        out.extend([lone, ' ']);
    }
    *paired = false;
}

/// The FTS5 expression that finds pages with all words of `text`, the last one as a beginning; `None` without a word.
///
/// Every word is quoted, so nothing a person types is syntax. Words beyond the 16th are dropped.
pub(crate) fn match_expression(text: &str) -> Option<String> {
    let mut folded = String::new();
    let bounded: String = text.chars().take(256).collect();
    fold_into(&mut folded, &bounded);
    let words: Vec<&str> = folded
        .split(' ')
        .filter(|w| w.chars().any(char::is_alphanumeric))
        .take(16)
        .collect();
    let last = words.last()?;
    let mut expression = words
        .iter()
        .map(|w| format!("\"{w}\""))
        .collect::<Vec<_>>()
        .join(" ");
    // One Latin letter begins half of all words: not worth the walk. One character of an unspaced script is a word.
    if last.chars().count() > 1 || last.chars().all(is_unspaced) {
        expression.push('*');
    }
    Some(expression)
}

fn fold_char(c: char) -> Option<char> {
    match c {
        // combining Latin accents, Arabic vowel signs and tatweel, zero-width joiners
        '\u{0300}'..='\u{036f}'
        | '\u{064b}'..='\u{065f}'
        | '\u{0670}'
        | '\u{0640}'
        | '\u{200b}'..='\u{200f}' => None,
        'أ' | 'إ' | 'آ' | 'ٱ' => Some('ا'),
        'ى' => Some('ي'),
        'ة' => Some('ه'),
        // An apostrophe of either shape inside Ukrainian and French words
        '\u{2019}' | '\u{02bc}' => Some('\''),
        '\0' => Some(' '),
        _ => Some(c),
    }
}

/// Vowel signs of Indic and South-East Asian scripts belong to their word.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{0900}'..='\u{0dff}' | '\u{0f00}'..='\u{0fff}')
}

/// Thai, Lao, Myanmar, Khmer, Han and Kana are written without spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0e01}'..='\u{0e4e}' | '\u{0e81}'..='\u{0ece}' | '\u{1000}'..='\u{1049}' | '\u{1050}'..='\u{109f}'
        | '\u{1780}'..='\u{17d3}' | '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3134f}')
}

#[cfg(test)]
mod tests {
    use super::{fold_into, match_expression};
    use proptest::prelude::*;

    fn folded(text: &str) -> String {
        let mut out = String::new();
        fold_into(&mut out, text);
        out
    }

    #[test]
    fn words_of_many_scripts() {
        assert_eq!(folded("  Hello,   world! "), "Hello world");
        assert_eq!(folded("كِتَابٌ"), "كتاب");
        assert_eq!(folded("أحمد مدرسة"), "احمد مدرسه");
        assert_eq!(folded("水循环"), "水循 循环");
        assert_eq!(folded("a水b"), "a 水 b");
        assert_eq!(folded("x 水循 y"), "x 水循 y");
        assert_eq!(folded("हिन्दी"), "हिन्दी");
    }

    #[test]
    fn expressions() {
        assert_eq!(
            match_expression("solar pan").as_deref(),
            Some("\"solar\" \"pan\"*")
        );
        assert_eq!(
            match_expression("\" OR title:x NEAR(").as_deref(),
            Some("\"OR\" \"title\" \"x\" \"NEAR\"*")
        );
        assert_eq!(match_expression(" -*\"' "), None);
        assert_eq!(match_expression("a").as_deref(), Some("\"a\""));
        assert_eq!(match_expression("水").as_deref(), Some("\"水\"*"));
    }

    proptest! {
        #[test]
        fn folding_never_leaves_double_spaces_or_quotes(text in any::<String>()) {
            let out = folded(&text);
            prop_assert!(!out.contains("  ") && !out.contains('"') && !out.starts_with(' '));
        }
    }
}
