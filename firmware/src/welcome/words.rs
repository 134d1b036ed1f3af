//! What the sheet says in one language.

use super::face::Faces;
use crate::texts::{self, Languages};

/// The steps of the sheet.
pub const STEPS: usize = 3;

/// What the sheet says in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// BCP 47 tag.
    pub tag: String,
    /// It runs from right to left.
    pub rtl: bool,
    /// A greeting of a word or two.
    pub hello: String,
    /// What to do in each step, in a few words.
    pub steps: [String; STEPS],
    /// The same, told more fully.
    pub more: [String; STEPS],
    /// The numbers of the steps, in the language's own digits.
    pub numbers: [String; STEPS],
}

impl Words {
    /// Of the texts of one language.
    pub(crate) fn of(speech: &texts::Words<'_>) -> Self {
        Self {
            tag: speech.tag().to_owned(),
            rtl: speech.direction() == "rtl",
            hello: speech.text("welcome-hello"),
            steps: ["welcome-on", "welcome-join", "welcome-open"].map(|key| speech.text(key)),
            more: ["welcome-on-more", "welcome-join-more", "welcome-open-more"]
                .map(|key| speech.text(key)),
            numbers: ["1", "2", "3"].map(|number| speech.digits(number)),
        }
    }

    /// Of every language, in the order of their tags.
    #[must_use]
    pub fn of_all(languages: &Languages) -> Vec<Self> {
        languages.words().map(|speech| Self::of(&speech)).collect()
    }

    /// A letter of theirs that no typeface of `faces` has.
    #[must_use]
    pub fn lack(&self, faces: &Faces) -> Option<char> {
        let texts = [&self.hello].into_iter().chain(&self.steps);
        let mut texts = texts.chain(&self.more).chain(&self.numbers);
        texts.find_map(|text| faces.set(text, self.rtl).1.lacks)
    }
}
