//! Words that others wrote (a publisher's, a source's), made fit to be shown: on one line, bounded, without what moves a terminal or turns
//! text over.

/// Letters of a release's name that are shown.
pub(crate) const NAME: usize = 40;
/// Letters of a line.
pub(crate) const LINE: usize = 160;

/// `text` without control, direction and invisible letters, on one line of at most `most` letters.
#[must_use]
pub(crate) fn plain(text: &str, most: usize) -> String {
    // What lies far behind the bound is not even looked at.
    let words = text.chars().take(most.saturating_mul(8));
    let spaced: String = words
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !is_hidden(*c))
        .collect();
    let joined = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    if joined.chars().count() <= most {
        return joined;
    }
    let kept: String = joined.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// Control letters, marks of direction (Unicode Bidi: embeddings, overrides, isolates, marks), and those without width that can hide words.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_publisher_writes_moves_no_cursor_and_turns_no_text() {
        for (text, shown) in [
            ("2026.11", "2026.11"),
            ("\u{1b}[2J2026\u{7}.11\r\n now", "[2J2026.11 now"),
            ("\u{202e}11.6202\u{2066}x\u{2069}", "11.6202x"),
            ("a\u{2028}b\u{200b}c\u{e0041}", "a bc"),
            ("النظام 2026", "النظام 2026"),
            // Joiners are letters of Persian and of the scripts of India.
            ("می\u{200c}شود", "می\u{200c}شود"),
            ("  \t ", ""),
        ] {
            assert_eq!(plain(text, NAME), shown, "{text:?}");
        }
        let long = plain(&"x".repeat(100_000), NAME);
        assert_eq!((long.chars().count(), long.ends_with('…')), (NAME, true));
    }
}
