//! What a person does at the screen: keys in, pages, questions and wishes out. Pure.
//!
//! Call [`handle_key`](Desk::handle_key) for every key, drain [`poll_wish`](Desk::poll_wish), and tell what came of it with
//! [`handle_done`](Desk::handle_done). Time never runs back.

use super::doing::Action;
use super::ear::Key;
use super::pages::Page;
use std::time::Duration;

/// What the console is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// Ask the box for this.
    Do(Action),
    /// Draw everything anew.
    Redraw,
    /// Go over to the line mode.
    LineMode,
    /// Leave.
    Quit,
}

/// What the person was asked, or waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pending {
    /// Nothing.
    Nothing,
    /// Whether it is meant.
    Sure(Action),
    /// The words for it.
    Words(Action),
    /// The button, since then; then the box.
    Button(Action, Duration),
}

/// The button is waited for so long.
pub(super) const BUTTON: Duration = Duration::from_secs(30);

/// Letters that are typed as words at most.
const LONGEST_WORDS: usize = 30;
const NOTHING: &str = "Nothing was done.";

/// The screen's state.
#[derive(Debug)]
pub(super) struct Desk {
    /// The page that is shown.
    pub(super) page: Page,
    /// Its first line on the screen.
    pub(super) top: usize,
    /// What was asked.
    pub(super) pending: Pending,
    /// What was typed of the words.
    pub(super) typed: String,
    /// How far the box is with what it was asked.
    pub(super) progress: Option<String>,
    /// What came of the last wish.
    pub(super) notice: Option<String>,
    /// Why the box cannot be handed over yet.
    pub(super) held_up: Option<String>,
    /// The person came by a command line and may leave.
    pub(super) may_quit: bool,
    wish: Option<Wish>,
}

impl Desk {
    /// At the first page.
    #[must_use]
    pub(super) const fn new(may_quit: bool) -> Self {
        Self {
            page: Page::Box,
            top: 0,
            pending: Pending::Nothing,
            typed: String::new(),
            progress: None,
            notice: None,
            held_up: None,
            may_quit,
            wish: None,
        }
    }

    /// A key at `now`; the screen has room for `height` of the page's `lines`.
    pub(super) fn handle_key(&mut self, key: Key, (lines, height): (usize, usize), now: Duration) {
        self.notice = None;
        if let Pending::Words(_) = self.pending {
            self.handle_word(key, now);
            return;
        }
        if let Pending::Sure(action) = self.pending {
            self.pending = Pending::Nothing;
            if key == Key::Letter('y') {
                self.begin(action, now);
            } else {
                self.notice = Some(NOTHING.to_owned());
            }
            return;
        }
        match key {
            Key::Redraw => self.wish = Some(Wish::Redraw),
            Key::Next => self.turn(1),
            Key::Previous => self.turn(Page::ALL.len() - 1),
            Key::Down | Key::Letter('n' | ' ') | Key::Enter => self.down(lines, height),
            Key::Up | Key::Letter('b') => self.top = self.top.saturating_sub(height.max(1)),
            Key::Letter('l') => self.wish = Some(Wish::LineMode),
            Key::Letter('q') if self.may_quit => self.wish = Some(Wish::Quit),
            Key::Letter(letter) => self.handle_letter(letter),
            Key::Back | Key::Escape | Key::Cancel | Key::At(..) => {}
        }
    }

    fn begin(&mut self, action: Action, now: Duration) {
        self.pending = Pending::Button(action, now);
        self.wish = Some(Wish::Do(action));
    }

    /// Whatever is typed belongs to the words, until they are ended or given up.
    fn handle_word(&mut self, key: Key, now: Duration) {
        match key {
            Key::Letter(letter) if self.typed.len() < LONGEST_WORDS => self.typed.push(letter),
            Key::Back => {
                self.typed.pop();
            }
            Key::Enter => {
                let typed = std::mem::take(&mut self.typed);
                self.pending = Pending::Nothing;
                match Action::of_words(&typed) {
                    Some(action) => self.begin(action, now),
                    None => self.notice = Some(format!("{NOTHING} Those were not the words.")),
                }
            }
            Key::Escape | Key::Cancel => {
                self.pending = Pending::Nothing;
                self.notice = Some(NOTHING.to_owned());
            }
            Key::Redraw => self.wish = Some(Wish::Redraw),
            Key::Letter(_) | Key::Next | Key::Previous | Key::Down | Key::Up | Key::At(..) => {}
        }
    }

    fn handle_letter(&mut self, letter: char) {
        let number = letter.to_digit(10).and_then(|number| number.checked_sub(1));
        let page = number.and_then(|number| Page::ALL.get(usize::try_from(number).ok()?));
        if let Some(page) = page {
            (self.page, self.top) = (*page, 0);
        } else if let Some(action) = Action::of_key(self.page, letter) {
            match self.pending {
                // Nobody types words for nothing.
                Pending::Nothing if action == Action::HandOver && self.held_up.is_some() => {
                    self.notice.clone_from(&self.held_up);
                }
                Pending::Nothing if action.words().is_some() => {
                    self.typed.clear();
                    self.pending = Pending::Words(action);
                }
                Pending::Nothing => self.pending = Pending::Sure(action),
                Pending::Sure(_) | Pending::Words(_) | Pending::Button(..) => {
                    self.notice =
                        Some("One thing at a time: the box is still at the last.".to_owned());
                }
            }
        }
    }

    fn turn(&mut self, by: usize) {
        let at = Page::ALL.iter().position(|page| *page == self.page);
        let next = (at.unwrap_or(0) + by) % Page::ALL.len();
        (self.page, self.top) = (Page::ALL[next], 0);
    }

    fn down(&mut self, lines: usize, height: usize) {
        let next = self.top + height.max(1);
        self.top = if next < lines { next } else { 0 };
    }

    /// A page got shorter than where it is looked at.
    pub(super) const fn handle_lines(&mut self, lines: usize) {
        if self.top >= lines {
            self.top = 0;
        }
    }

    /// The box is at it, and says how far.
    pub(super) fn handle_progress(&mut self, said: String) {
        self.progress = Some(said);
    }

    /// What came of the wish to do something.
    pub(super) fn handle_done(&mut self, said: String) {
        self.pending = Pending::Nothing;
        self.progress = None;
        self.notice = Some(said);
    }

    /// What the console is to do next.
    pub(super) const fn poll_wish(&mut self) -> Option<Wish> {
        self.wish.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(100);

    fn press(desk: &mut Desk, keys: &str) {
        for key in keys.chars() {
            desk.handle_key(Key::Letter(key), (50, 19), NOW);
        }
    }

    #[test]
    fn every_page_has_a_key_and_arrows_go_round() {
        let mut desk = Desk::new(false);
        for (key, page) in ('1'..='9').zip(Page::ALL) {
            press(&mut desk, &key.to_string());
            assert_eq!(desk.page, page);
        }
        desk.handle_key(Key::Next, (5, 19), NOW);
        assert_eq!(desk.page, Page::Box);
        desk.handle_key(Key::Previous, (5, 19), NOW);
        assert_eq!(desk.page, Page::Records);
        press(&mut desk, "0");
        assert_eq!(desk.page, Page::Records, "no such page");
    }

    #[test]
    fn a_long_page_is_leafed_through_and_a_short_one_begins_at_its_top() {
        let mut desk = Desk::new(false);
        let tops: Vec<usize> = (0..4)
            .map(|_| {
                press(&mut desk, "n");
                desk.top
            })
            .collect();
        assert_eq!(tops, [19, 38, 0, 19]);
        press(&mut desk, "n");
        desk.handle_lines(30);
        assert_eq!(desk.top, 0);
        press(&mut desk, "nb");
        assert_eq!(desk.top, 0);
    }

    #[test]
    fn nothing_is_done_unless_it_is_meant() {
        let mut desk = Desk::new(false);
        press(&mut desk, "4r");
        assert_eq!(desk.pending, Pending::Sure(Action::RollBack));
        assert_eq!(desk.poll_wish(), None);
        press(&mut desk, "n");
        assert_eq!((desk.pending, desk.poll_wish()), (Pending::Nothing, None));
        press(&mut desk, "ry");
        assert_eq!(desk.poll_wish(), Some(Wish::Do(Action::RollBack)));
        assert_eq!(desk.pending, Pending::Button(Action::RollBack, NOW));
        // Meanwhile one may look around, but not ask for more.
        press(&mut desk, "2s");
        assert!(desk.notice.is_some());
        press(&mut desk, "y");
        assert_eq!(desk.poll_wish(), None);
        desk.handle_done("slot b boots next".to_owned());
        assert_eq!(desk.pending, Pending::Nothing);
        press(&mut desk, "1");
        assert_eq!(desk.notice, None, "read");
    }

    #[test]
    fn words_are_typed_whole_and_every_key_but_their_end_belongs_to_them() {
        let mut desk = Desk::new(true);
        let enter = |desk: &mut Desk| desk.handle_key(Key::Enter, (5, 19), NOW);
        for (keys, wish) in [
            ("hand over", Some(Wish::Do(Action::HandOver))),
            ("hand over without receipts", Some(Wish::Do(Action::GiveUp))),
            ("hand", None),
            ("y", None),
            ("", None),
        ] {
            press(&mut desk, "9h");
            assert_eq!(desk.pending, Pending::Words(Action::HandOver));
            // Keys of pages, of leafing and of leaving among them.
            press(&mut desk, keys);
            assert_eq!((desk.page, desk.poll_wish()), (Page::Records, None));
            assert_eq!(desk.typed, keys);
            enter(&mut desk);
            assert_eq!(desk.poll_wish(), wish, "{keys:?}");
            assert_eq!(desk.notice.is_some(), wish.is_none());
            desk.handle_done(String::new());
        }
        press(&mut desk, "9hhand overx");
        desk.handle_key(Key::Back, (5, 19), NOW);
        assert_eq!(desk.typed, "hand over");
        desk.handle_key(Key::Escape, (5, 19), NOW);
        enter(&mut desk);
        assert_eq!((desk.pending, desk.poll_wish()), (Pending::Nothing, None));
        // What was given up is not there the next time.
        press(&mut desk, "h");
        assert_eq!(desk.typed, "");
        press(&mut desk, &"x".repeat(500));
        assert!(desk.typed.len() <= LONGEST_WORDS);
    }

    #[test]
    fn no_words_are_asked_for_while_something_waits_for_receipts() {
        let mut desk = Desk::new(false);
        let why = "Not yet: 2 statements are not known to have arrived";
        desk.held_up = Some(why.to_owned());
        press(&mut desk, "9h");
        assert_eq!((desk.pending, desk.poll_wish()), (Pending::Nothing, None));
        assert_eq!(desk.notice.as_deref(), Some(why));
        // The control: nothing waits any more.
        desk.held_up = None;
        press(&mut desk, "h");
        assert_eq!(desk.pending, Pending::Words(Action::HandOver));
        assert_eq!(desk.notice, None, "read");
    }

    #[test]
    fn only_who_came_by_a_command_line_may_leave() {
        for (may, wish) in [(false, None), (true, Some(Wish::Quit))] {
            let mut desk = Desk::new(may);
            press(&mut desk, "q");
            assert_eq!(desk.poll_wish(), wish);
        }
    }
}
