//! What a technician may do from the line: a short table. Each of it wants somebody at the box: who asks has to press its button.

use super::pages::Page;
use crate::control::{Answer, Line, Request, StorageWish, counted};
use crate::erase::handover::{WORDS, WORDS_WITHOUT_RECEIPTS};
use crate::selftest::{Said, Wishes};
use crate::slots::UpdateWish;
use board_support::BoardChoice;

/// Something that changes the state of the box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Action {
    /// Restart the machine.
    Restart,
    /// Take the slot on trial as good.
    Confirm,
    /// Boot the other slot from the next start on.
    RollBack,
    /// Into the warehouse.
    Store,
    /// Out of it.
    Use,
    /// Try every part.
    Test,
    /// To another school, once nothing waits for receipts.
    HandOver,
    /// To another school, whatever waits: only ever by its words.
    GiveUp,
}

impl Action {
    /// All that are offered.
    pub(super) const ALL: [Self; 7] = [
        Self::Restart,
        Self::Confirm,
        Self::RollBack,
        Self::Store,
        Self::Use,
        Self::Test,
        Self::HandOver,
    ];

    /// The page that offers it, its key there, and its name at the bottom.
    #[must_use]
    pub(super) const fn place(self) -> (Page, char, &'static str) {
        match self {
            Self::Restart => (Page::Box, 'r', "restart"),
            Self::Confirm => (Page::System, 'c', "confirm"),
            Self::RollBack => (Page::System, 'r', "roll back"),
            Self::Store => (Page::Battery, 's', "store"),
            Self::Use => (Page::Battery, 'u', "use again"),
            Self::Test => (Page::Test, 't', "test"),
            Self::HandOver => (Page::Records, 'h', "hand over"),
            Self::GiveUp => (Page::Records, 'h', "hand over without receipts"),
        }
    }

    /// Its command in the line mode.
    #[must_use]
    pub(super) const fn command(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Confirm => "confirm",
            Self::RollBack => "rollback",
            Self::Store => "store",
            Self::Use => "use",
            Self::Test => "selftest",
            Self::HandOver => WORDS,
            Self::GiveUp => WORDS_WITHOUT_RECEIPTS,
        }
    }

    /// What is typed in the place of a yes; `None`: a key is enough.
    #[must_use]
    pub(super) const fn words(self) -> Option<&'static str> {
        match self {
            Self::HandOver => Some(WORDS),
            Self::GiveUp => Some(WORDS_WITHOUT_RECEIPTS),
            Self::Restart
            | Self::Confirm
            | Self::RollBack
            | Self::Store
            | Self::Use
            | Self::Test => None,
        }
    }

    /// The action that wants these words.
    #[must_use]
    pub(super) fn of_words(typed: &str) -> Option<Self> {
        [Self::HandOver, Self::GiveUp].into_iter().find(|action| {
            let words = action.words().unwrap_or_default();
            typed.split_whitespace().eq(words.split_whitespace())
        })
    }

    /// What the person at the box is to do now.
    #[must_use]
    pub(super) fn press(self) -> String {
        format!("{}: press the box's button now, shortly", self.place().2)
    }

    /// What is asked before it is done.
    #[must_use]
    pub(super) const fn question(self) -> &'static str {
        match self {
            Self::Restart => "Restart the box?",
            Self::Confirm => "Take the running slot as good?",
            Self::RollBack => "Boot the other slot from the next start on?",
            Self::Store => "Store the box: monthly alarm, and off?",
            Self::Use => "Take the box out of storage?",
            Self::Test => "Try every part, up to ten minutes?",
            Self::HandOver | Self::GiveUp => "Forget everyone? Type \"hand over\" and Enter:",
        }
    }

    /// The action of this key on this page.
    #[must_use]
    pub(super) fn of_key(page: Page, key: char) -> Option<Self> {
        let here = |action: &Self| matches!(action.place(), (at, letter, _) if (at, letter) == (page, key));
        Self::ALL.into_iter().find(here)
    }

    /// What the box is asked, once somebody has pressed its button.
    #[must_use]
    pub(super) fn request(self) -> Request {
        let update = |wish| Request::Update {
            wish,
            board: BoardChoice::Auto,
        };
        let storage = |wish| Request::Storage {
            wish,
            board: BoardChoice::Auto,
        };
        let then = match self {
            Self::Restart => Request::Restart,
            Self::Confirm => update(UpdateWish::Confirm),
            Self::RollBack => update(UpdateWish::RollBack),
            Self::Store => storage(StorageWish::Enter),
            Self::Use => storage(StorageWish::Leave),
            Self::Test => Request::Selftest {
                wishes: Wishes { unattended: false },
                board: BoardChoice::Auto,
            },
            Self::HandOver | Self::GiveUp => Request::HandOver {
                without_receipts: self == Self::GiveUp,
            },
        };
        Request::AtTheBox {
            then: Box::new(then),
        }
    }

    /// How far it is, a line; `None`: nothing new.
    pub(super) fn progress(line: &Line) -> Option<String> {
        let Line::Selftest(said) = line else {
            return None;
        };
        Some(match said {
            Said::Ask(text) => text.clone(),
            Said::Tried(tried) => format!("{}: {}", tried.part.as_str(), tried.verdict.word()),
            Said::Doing(what, _, 0) => what.clone(),
            Said::Doing(what, done, total) => {
                format!("{what}: {} %", done.saturating_mul(100) / total)
            }
        })
    }

    /// That it is done, a line.
    #[must_use]
    pub(super) fn done(self, answer: &Answer) -> String {
        match (self, answer) {
            (_, Answer::Selftest(outcome)) => outcome.verdict.clone(),
            (_, Answer::Erased(erased)) => format!(
                "Everyone is forgotten: {}; the lessons are as they were. Switch the box off: its network has another name and key from the next start on, and its label is to be printed anew.",
                counted(erased.statements, "statement")
            ),
            (_, Answer::Update(update)) => crate::slots::words(update).join("; "),
            (Self::Restart, _) => "The box restarts now.".to_owned(),
            (Self::Store, _) => "The box is stored and switches off.".to_owned(),
            (Self::Use, _) => "The box is in use.".to_owned(),
            (Self::Confirm | Self::RollBack | Self::Test | Self::HandOver | Self::GiveUp, _) => {
                "Done.".to_owned()
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn keys_and_commands_are_told_apart_and_each_wants_the_button() {
        let mut keys = HashSet::new();
        let mut commands: HashSet<&str> = Page::ALL.iter().map(|page| page.command()).collect();
        for action in Action::ALL {
            let (page, key, _) = action.place();
            assert!(keys.insert((page, key)), "{action:?}");
            assert!(commands.insert(action.command()), "{action:?}");
            assert!(
                !"lqynb".contains(key) && !key.is_ascii_digit(),
                "{action:?}"
            );
            assert_eq!(Action::of_key(page, key), Some(action));
            assert!(matches!(action.request(), Request::AtTheBox { .. }));
        }
        assert_eq!(Action::of_key(Page::Events, 'r'), None);
    }

    #[test]
    fn only_all_of_the_words_hand_over_and_nothing_is_given_up_without_its_own() {
        for (typed, action) in [
            ("hand over", Some(Action::HandOver)),
            (" hand  over ", Some(Action::HandOver)),
            ("hand over without receipts", Some(Action::GiveUp)),
            ("hand over without", None),
            ("handover", None),
            ("Hand over", None),
            ("y", None),
            ("", None),
        ] {
            assert_eq!(Action::of_words(typed), action, "{typed:?}");
        }
        for (action, gives_up) in [(Action::HandOver, false), (Action::GiveUp, true)] {
            let Request::AtTheBox { then } = action.request() else {
                panic!("without the button: {action:?}");
            };
            assert!(
                matches!(*then, Request::HandOver { without_receipts } if without_receipts == gives_up)
            );
        }
        assert!(!Action::ALL.contains(&Action::GiveUp), "offered to nobody");
    }
}
