//! What the terminal shows, and its size.

use super::desk::Desk;
use super::screen;
use super::seen::Seen;
use super::vt100::{LARGEST, Vt100};
use crate::clock::Clock;
use ratatui::Terminal;
use ratatui::layout::Size;
use std::time::Duration;

/// Whatever else wrote on the line (the kernel), after so long all is drawn anew.
const ANEW: Duration = Duration::from_secs(60);

/// What the terminal shows, as far as we know.
pub(super) struct Drawn {
    pub(super) size: Size,
    /// What a terminal said that stands at the end of a line which says nothing.
    answered: Option<Size>,
    terminal: Terminal<Vt100>,
    anew_at: Duration,
    clock: Clock,
}

/// Where is your cursor, at the far corner? A VT100 answers; what does not leaves us at 80 by 24.
const ASK_SIZE: &[u8] = b"\x1b[999;999H\x1b[6n";

/// The same where no screen is drawn: the cursor comes back to what is typed.
const ASK_SIZE_ASIDE: &[u8] = b"\x1b7\x1b[999;999H\x1b[6n\x1b8";

impl Drawn {
    pub(super) fn new(said: Option<Size>) -> Self {
        let size = said.unwrap_or(LARGEST);
        Self {
            size,
            answered: None,
            terminal: screen_of(size),
            anew_at: Duration::ZERO,
            clock: Clock::of_the_desk(),
        }
    }

    pub(super) fn terminal_ends_at(&mut self, columns: u16, rows: u16) {
        if columns > 0 && rows > 0 {
            self.answered = Some(Size::new(columns, rows));
        }
    }

    pub(super) fn fit(&mut self, said: Option<Size>) {
        let size = said.or(self.answered).unwrap_or(LARGEST);
        let size = Size::new(
            size.width.min(LARGEST.width),
            size.height.min(LARGEST.height),
        );
        if size != self.size {
            self.size = size;
            self.terminal = screen_of(size);
            self.anew();
        }
    }

    pub(super) fn anew(&mut self) {
        self.anew_at = Duration::ZERO;
    }

    /// Whether the terminal has grown, once in a while, while there is no room for a screen.
    pub(super) fn ask_aside(&mut self) -> Vec<u8> {
        let now = self.clock.since_boot();
        if now < self.anew_at {
            return Vec::new();
        }
        self.anew_at = now + ANEW;
        ASK_SIZE_ASIDE.to_vec()
    }

    /// The bytes that bring the terminal from what it shows to what it shall show.
    pub(super) fn frame(&mut self, desk: &Desk, seen: &Seen) -> Vec<u8> {
        let now = self.clock.since_boot();
        let mut bytes = Vec::new();
        if now >= self.anew_at {
            self.anew_at = now + ANEW;
            bytes.extend_from_slice(ASK_SIZE);
            let Ok(()) = self.terminal.clear();
        }
        let Ok(_) = self.terminal.draw(|frame| screen::draw(frame, desk, seen));
        bytes.extend(self.terminal.backend_mut().take());
        bytes
    }
}

fn screen_of(size: Size) -> Terminal<Vt100> {
    let Ok(terminal) = Terminal::new(Vt100::new(size));
    terminal
}
