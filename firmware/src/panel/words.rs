//! What the card and the playbooks say in one language.

use super::{ROWS, Row};
use crate::texts::{self, Languages};
use crate::welcome::Faces;

/// The words of one language: heads and rules that all states share, then what is said of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// BCP 47 tag.
    pub tag: String,
    /// It runs from right to left.
    pub rtl: bool,
    /// The card's title.
    pub title: String,
    /// Which light to look at first.
    pub how: String,
    /// What the lines under the lights are.
    pub legend: String,
    /// What the lights say while the button is held.
    pub button: String,
    /// Heads of a playbook: what it means, what to do, when to call.
    pub heads: [String; 3],
    /// Of each row of the table, in its order.
    pub states: Vec<Told>,
}

/// What is said of one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What is seen.
    pub seen: String,
    /// What it means.
    pub means: String,
    /// Who can act.
    pub who: String,
    /// What to do; each with its number in the language's own digits.
    pub steps: Vec<(String, String)>,
    /// When to call, and what to say.
    pub call: String,
}

impl Told {
    /// Of one row.
    pub(crate) fn of(row: &Row, speech: &texts::Words<'_>) -> Self {
        let number = |place: usize| speech.digits(&(place + 1).to_string());
        let steps = row.steps.iter().enumerate();
        Self {
            seen: speech.text(row.seen),
            means: speech.text(row.means),
            who: speech.text(row.who.words()),
            steps: steps
                .map(|(place, key)| (number(place), speech.text(key)))
                .collect(),
            call: speech.text(row.call),
        }
    }
}

impl Words {
    /// Of the texts of one language.
    pub(crate) fn of(speech: &texts::Words<'_>) -> Self {
        Self {
            tag: speech.tag().to_owned(),
            rtl: speech.direction() == "rtl",
            title: speech.text("panel-title"),
            how: speech.text("panel-how"),
            legend: speech.text("panel-legend"),
            button: speech.text("panel-button"),
            heads: ["panel-means", "panel-do", "panel-when"].map(|key| speech.text(key)),
            states: ROWS.iter().map(|row| Told::of(row, speech)).collect(),
        }
    }

    /// Of every language, in the order of their tags.
    #[must_use]
    pub fn of_all(languages: &Languages) -> Vec<Self> {
        languages.words().map(|speech| Self::of(&speech)).collect()
    }

    /// Of `row`.
    #[must_use]
    pub fn told(&self, row: &Row) -> Option<&Told> {
        let place = ROWS.iter().position(|one| one.state == row.state)?;
        self.states.get(place)
    }

    /// A letter of theirs that no typeface of `faces` has.
    #[must_use]
    pub fn lack(&self, faces: &Faces) -> Option<char> {
        let shared = [&self.title, &self.how, &self.legend, &self.button];
        let own = self.states.iter().flat_map(|told| {
            let steps = told.steps.iter().flat_map(|(number, step)| [number, step]);
            steps.chain([&told.seen, &told.means, &told.who, &told.call])
        });
        let mut all = shared.into_iter().chain(&self.heads).chain(own);
        all.find_map(|text| faces.set(text, self.rtl).1.lacks)
    }
}
