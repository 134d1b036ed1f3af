//! What a VT100 is told: a backend of `ratatui` that writes into memory. Pure.
//!
//! Nothing but what the VT100 of 1978 knows goes out: cursor addressing, clearing, plain ASCII. No other screen, no colour, no mouse, no
//! hidden cursor. Letters are bytes, so nothing that others wrote can give the terminal an order. A gap of a few letters that stay is
//! written again: that is shorter than an address, and words stay whole in a record of the line.

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use std::convert::Infallible;

/// No wider and no higher screen is drawn; a terminal that says more is believed so far.
pub(super) const LARGEST: Size = Size::new(80, 24);
/// Shorter gaps are written over rather than leapt.
const GAP: u16 = 6;
/// No end of a line wraps, letters are ASCII, no part of the screen scrolls by itself, nothing is bright.
const PLAIN: &[u8] = b"\x1b[?7l\x1b(B\x0f\x1b[r\x1b[m";

/// A screen of at most 80 by 24, and the bytes that bring a terminal to it.
#[derive(Debug)]
pub(super) struct Vt100 {
    size: Size,
    shown: Vec<u8>,
    cursor: Option<Position>,
    out: Vec<u8>,
}

impl Vt100 {
    /// A screen of `size`, cut to the [`LARGEST`].
    #[must_use]
    pub(super) fn new(size: Size) -> Self {
        let size = Size::new(
            size.width.clamp(1, LARGEST.width),
            size.height.clamp(1, LARGEST.height),
        );
        Self {
            size,
            shown: vec![b' '; usize::from(size.width) * usize::from(size.height)],
            cursor: None,
            out: Vec::new(),
        }
    }

    /// The bytes to be sent since the last call.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    fn index(&self, x: u16, y: u16) -> usize {
        usize::from(y) * usize::from(self.size.width) + usize::from(x)
    }

    fn go_to(&mut self, x: u16, y: u16) {
        match self.cursor {
            Some(at) if at.y == y && at.x == x => return,
            Some(at) if at.y == y && at.x < x && x - at.x <= GAP => {
                let gap = self.index(at.x, y)..self.index(x, y);
                self.out.extend_from_slice(&self.shown[gap]);
            }
            Some(_) | None => {
                let order = format!("\x1b[{};{}H", y + 1, x + 1);
                self.out.extend_from_slice(order.as_bytes());
            }
        }
        self.cursor = Some(Position::new(x, y));
    }

    fn put(&mut self, x: u16, y: u16, letter: u8) {
        if x >= self.size.width || y >= self.size.height {
            return;
        }
        self.go_to(x, y);
        self.out.push(letter);
        let index = self.index(x, y);
        self.shown[index] = letter;
        // At the edge terminals differ in where the cursor is.
        self.cursor = (x + 1 < self.size.width).then(|| Position::new(x + 1, y));
    }
}

/// The byte for a cell: what is no printable ASCII is a `?`.
fn letter(cell: &Cell) -> u8 {
    match cell.symbol().as_bytes() {
        [byte @ 0x20..0x7f] => *byte,
        _ => b'?',
    }
}

impl Backend for Vt100 {
    type Error = Infallible;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        for (x, y, cell) in content {
            self.put(x, y, letter(cell));
        }
        Ok(())
    }

    /// A VT100 cannot: its cursor is parked where the frame says.
    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(self.cursor.unwrap_or(Position::ORIGIN))
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        let Position { x, y } = position.into();
        self.go_to(x.min(self.size.width - 1), y.min(self.size.height - 1));
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        self.out.extend_from_slice(PLAIN);
        self.out.extend_from_slice(b"\x1b[H\x1b[2J");
        self.shown.fill(b' ');
        self.cursor = Some(Position::ORIGIN);
        Ok(())
    }

    /// Whatever part is asked for: all of it is drawn anew.
    fn clear_region(&mut self, _part: ClearType) -> Result<(), Infallible> {
        self.clear()
    }

    fn size(&self) -> Result<Size, Infallible> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize {
            columns_rows: self.size,
            pixels: Size::ZERO,
        })
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ratatui::Terminal;
    use ratatui::widgets::Paragraph;

    fn drawn(ours: &mut Terminal<Vt100>, text: &str) -> Vec<u8> {
        ours.draw(|frame| frame.render_widget(Paragraph::new(text), frame.area()))
            .unwrap();
        ours.backend_mut().take()
    }

    fn terminal(rows: u16, columns: u16) -> vt100::Parser {
        let number = |number| std::num::NonZeroU16::new(number).unwrap();
        vt100::Parser::new(number(rows), number(columns), 0)
    }

    fn screen(parser: &vt100::Parser) -> Vec<String> {
        parser.screen().rows(0, 80).collect()
    }

    /// A blank that was written is a blank.
    fn trimmed(parser: &vt100::Parser) -> Vec<String> {
        let rows = screen(parser);
        rows.iter().map(|row| row.trim_end().to_owned()).collect()
    }

    /// All that may stand in what goes out.
    fn only_a_vt100(bytes: &[u8]) -> bool {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let mut rest = text.replace('\x0f', "");
        for plain in [
            "\x1b[?7l", "\x1b(B", "\x1b[r", "\x1b[m", "\x1b[H", "\x1b[2J",
        ] {
            rest = rest.replace(plain, "");
        }
        rest.split('\x1b').skip(1).all(|order| {
            let end = order.find('H').unwrap_or(0);
            order.starts_with('[')
                && order[1..end]
                    .split(';')
                    .all(|number| number.parse::<u16>().is_ok())
        }) && rest
            .bytes()
            .all(|byte| byte == 0x1b || (0x20..0x7f).contains(&byte))
    }

    #[test]
    fn only_what_changed_goes_out_and_words_stay_whole() {
        let mut ours = Terminal::new(Vt100::new(Size::new(80, 24))).unwrap();
        ours.clear().unwrap();
        let mut seen = terminal(24, 80);
        let first = drawn(&mut ours, "the box can teach until 16:30\nand then 4 h");
        seen.process(&first);
        assert_eq!(screen(&seen)[0], "the box can teach until 16:30");
        assert!(String::from_utf8_lossy(&first).contains("the box can teach until 16:30"));
        let second = drawn(&mut ours, "the box can teach until 16:40\nand then 4 h");
        seen.process(&second);
        assert_eq!(screen(&seen)[0], "the box can teach until 16:40");
        assert!(second.len() < 12, "{second:?}");
        assert_eq!(
            drawn(&mut ours, "the box can teach until 16:40\nand then 4 h"),
            b""
        );
        assert!(only_a_vt100(&first) && only_a_vt100(&second));
    }

    #[test]
    fn no_letter_gives_the_terminal_an_order() {
        let mut ours = Terminal::new(Vt100::new(Size::new(20, 5))).unwrap();
        let bytes = drawn(&mut ours, "a\x1b[2Jb \u{9b}2J \u{202e}é\u{7f}");
        assert!(only_a_vt100(&bytes), "{bytes:?}");
    }

    #[test]
    fn a_wrong_size_is_a_size() {
        for (asked, got) in [((0, 0), (1, 1)), ((20, 5), (20, 5)), ((500, 500), (80, 24))] {
            let size = Vt100::new(Size::new(asked.0, asked.1)).size().unwrap();
            assert_eq!((size.width, size.height), got);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever the pages are, after each of them a real terminal shows what a fresh one would.
        #[test]
        fn differences_lead_to_the_same_screen(pages in proptest::collection::vec("([ -~]{0,30}\n){0,6}", 1..6)) {
            let size = Size::new(24, 5);
            let mut ours = Terminal::new(Vt100::new(size)).unwrap();
            ours.clear().unwrap();
            let mut seen = terminal(5, 24);
            for page in pages {
                let bytes = drawn(&mut ours, &page);
                prop_assert!(only_a_vt100(&bytes), "{:?}", bytes);
                seen.process(&bytes);
                let mut fresh = Terminal::new(Vt100::new(size)).unwrap();
                fresh.clear().unwrap();
                let mut wanted = terminal(5, 24);
                wanted.process(&drawn(&mut fresh, &page));
                prop_assert_eq!(trimmed(&seen), trimmed(&wanted));
            }
        }
    }
}
