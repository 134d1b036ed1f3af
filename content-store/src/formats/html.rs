//! What a page says about itself and what can be searched in it.

use html5gum::Tokenizer;
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use std::convert::Infallible;

/// Bytes of a page that are looked at; what stands behind is served and not found.
pub(crate) const PAGE_MAX: u64 = 4 << 20;
/// Characters of the first words shown under a search result.
const SUMMARY_CHARS: usize = 160;
/// Descriptions beyond this are cut, characters.
pub(crate) const DESCRIPTION_CHARS: usize = 2 * SUMMARY_CHARS;
/// Titles beyond this are cut, characters.
pub(crate) const TITLE_CHARS: usize = 200;

/// A page's own words, white space folded.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// Of `<title>`, else of the first heading; may be empty.
    pub(crate) title: String,
    /// Of `<html lang>`.
    pub(crate) language: String,
    /// Of `<meta name="description">`.
    pub(crate) description: String,
    /// Everything a reader sees.
    pub(crate) text: String,
    /// The first words, of paragraphs if there are any.
    pub(crate) summary: String,
}

#[derive(Default)]
struct Reader {
    page: Page,
    heading: String,
    /// Text inside paragraphs, as much as a summary needs.
    paragraphs: String,
    tag: Vec<u8>,
    attribute: Vec<u8>,
    meta_name: Vec<u8>,
    meta_content: String,
    /// Depth of elements whose text nobody reads.
    hidden: usize,
    in_title: bool,
    in_heading: bool,
    in_paragraph: bool,
}

/// Reads any bytes as HTML; wrong UTF-8 and wrong markup are read as a browser would.
pub(crate) fn read_page(bytes: &[u8]) -> Page {
    let mut reader = Reader::default();
    let mut emitter =
        CallbackEmitter::<_, Infallible>::new(|event: CallbackEvent<'_>, _: html5gum::Span<()>| {
            reader.take(event);
            None
        });
    emitter.naively_switch_states(true);
    let Ok(()) = Tokenizer::new_with_emitter(bytes, emitter).finish();
    reader.finish()
}

impl Reader {
    fn take(&mut self, event: CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag = name.to_vec();
                self.meta_name.clear();
                self.meta_content.clear();
            }
            CallbackEvent::AttributeName { name } => self.attribute = name.to_ascii_lowercase(),
            CallbackEvent::AttributeValue { value } => self.attribute_value(value),
            CallbackEvent::CloseStartTag { .. } => self.open(),
            CallbackEvent::EndTag { name } => self.close(name),
            CallbackEvent::String { value } => self.text(&String::from_utf8_lossy(value)),
            CallbackEvent::Comment { .. }
            | CallbackEvent::Doctype { .. }
            | CallbackEvent::Error(_) => {}
        }
    }

    fn attribute_value(&mut self, value: &[u8]) {
        match (self.tag.as_slice(), self.attribute.as_slice()) {
            (b"html", b"lang") => {
                let tag = String::from_utf8_lossy(value).trim().to_owned();
                if is_language_tag(&tag) {
                    self.page.language = tag;
                }
            }
            (b"meta", b"name") => self.meta_name = value.to_ascii_lowercase(),
            (b"meta", b"content") => {
                append(&mut self.meta_content, &String::from_utf8_lossy(value))
            }
            _ => {}
        }
    }

    fn open(&mut self) {
        match self.tag.as_slice() {
            b"script" | b"style" | b"template" | b"noscript" => self.hidden += 1,
            b"title" => self.in_title = self.page.title.is_empty(),
            b"h1" | b"h2" => self.in_heading = self.heading.is_empty(),
            b"p" => self.in_paragraph = true,
            b"meta" if self.meta_name == b"description" && self.page.description.is_empty() => {
                self.page.description = cut(&self.meta_content, DESCRIPTION_CHARS);
            }
            _ => {}
        }
        self.boundary();
    }

    fn close(&mut self, name: &[u8]) {
        match name {
            b"script" | b"style" | b"template" | b"noscript" => {
                self.hidden = self.hidden.saturating_sub(1)
            }
            b"title" => self.in_title = false,
            b"h1" | b"h2" => self.in_heading = false,
            b"p" | b"div" | b"section" | b"article" | b"main" => self.in_paragraph = false,
            _ => {}
        }
        self.tag = name.to_vec();
        self.boundary();
    }

    /// Words of two blocks never run together; inside a line a tag may stand in the middle of a word.
    fn boundary(&mut self) {
        const INLINE: [&[u8]; 16] = [
            b"a", b"abbr", b"b", b"bdi", b"cite", b"code", b"em", b"font", b"i", b"mark", b"q",
            b"s", b"small", b"span", b"strong", b"u",
        ];
        if !INLINE.contains(&self.tag.as_slice()) {
            for text in [&mut self.page.text, &mut self.paragraphs, &mut self.heading] {
                if !text.is_empty() && !text.ends_with(' ') {
                    text.push(' ');
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        if self.hidden > 0 {
            return;
        }
        if self.in_title {
            append(&mut self.page.title, text);
            return;
        }
        if self.in_heading {
            append(&mut self.heading, text);
        }
        if self.in_paragraph && self.paragraphs.len() < 8 * SUMMARY_CHARS {
            append(&mut self.paragraphs, text);
        }
        append(&mut self.page.text, text);
    }

    fn finish(self) -> Page {
        let mut page = self.page;
        let title = if page.title.trim().is_empty() {
            &self.heading
        } else {
            &page.title
        };
        page.title = cut(title, TITLE_CHARS);
        let first = if self.paragraphs.trim().is_empty() {
            &page.text
        } else {
            &self.paragraphs
        };
        page.summary = cut(first, SUMMARY_CHARS);
        page.text.truncate(page.text.trim_end().len());
        page
    }
}

/// Appends with white space folded to single spaces.
fn append(out: &mut String, text: &str) {
    if text.starts_with(char::is_whitespace) && !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
    for (at, word) in text.split_whitespace().enumerate() {
        if at > 0 {
            out.push(' ');
        }
        out.push_str(word);
    }
    if text.ends_with(char::is_whitespace) && !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

/// Letters, digits and hyphens, as long as a tag may be (RFC 5646 § 4.4.1): whatever else stands there says nothing about the page.
fn is_language_tag(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    (2..=35).contains(&text.len()) && text.bytes().all(fits)
}

/// What moves a terminal's cursor or turns the text around it over: nothing of it belongs into a title.
fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The first `chars` characters, ended at a word where that is near, on one line.
pub(crate) fn cut(text: &str, chars: usize) -> String {
    let printable = text.replace(is_unprintable, " ");
    let text = printable.trim();
    let Some((end, _)) = text.char_indices().nth(chars) else {
        return text.to_owned();
    };
    let head = &text[..end];
    let word_end = head
        .rfind(' ')
        .filter(|&space| space > end / 2)
        .unwrap_or(end);
    format!("{}…", head[..word_end].trim_end())
}

#[cfg(test)]
mod tests {
    use super::{cut, read_page};
    use proptest::prelude::*;

    #[test]
    fn a_page() {
        let page = read_page(
            b"<!doctype html><html lang=uk><head><title>Sun &amp;\n  rain</title><style>p{}</style>\
              <meta name=Description content='About  weather'></head><body><nav>Menu</nav><h1>Weather</h1>\
              <script>var hidden = '<p>';</script><p>It <b>rai</b>ns <i>today</i>.</p><p>Not so tomorrow.<br>Really.</body>",
        );
        assert_eq!(page.title, "Sun & rain");
        assert_eq!(page.language, "uk");
        assert_eq!(page.description, "About weather");
        assert_eq!(
            page.text,
            "Menu Weather It rains today. Not so tomorrow. Really."
        );
        assert_eq!(page.summary, "It rains today. Not so tomorrow. Really.");
    }

    #[test]
    fn without_a_title_the_heading_is_it() {
        assert_eq!(read_page(b"<h1>One <em>two</em></h1><p>x").title, "One two");
        assert_eq!(read_page(b"").title, "");
    }

    #[test]
    fn long_text_ends_at_a_word() {
        assert_eq!(cut("one two three", 9), "one two…");
        assert_eq!(cut("one", 3), "one");
        assert_eq!(cut("ééééé", 3), "ééé…");
    }

    #[test]
    fn a_title_moves_no_cursor_and_turns_no_text() {
        assert_eq!(cut("\u{1b}[2JTwo\nlines\u{202e}", 40), "[2JTwo lines");
        assert_eq!(cut("مرحبا بكم", 40), "مرحبا بكم");
    }

    #[test]
    fn a_language_is_a_tag() {
        let language = |tag: &str| read_page(format!("<html lang='{tag}'>").as_bytes()).language;
        assert_eq!(language("zh-Hant-TW"), "zh-Hant-TW");
        for tag in ["", "x", "en_US", "a b", &"a".repeat(36)] {
            assert_eq!(language(tag), "", "{tag:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_page(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
            read_page(&bytes);
        }
    }
}
