//! Packs of lessons in the page of the box's state: which one is coming, how far it is, what came last. For teachers first. Pure.

use super::system::{Arrival, Said, arrival};
use crate::status::plain::{LINE, plain};
use crate::status::{Coming, Update};
use crate::web::texts::Words;

/// What is told of packs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lessons {
    /// The pack that is coming.
    pub(crate) coming: Option<Arrival>,
    /// What came of the last one, in English; empty before the first.
    pub(crate) last: String,
}

impl Lessons {
    /// `None` where there is nothing to tell.
    pub(crate) fn of(update: &Update, words: &Words<'_>) -> Option<Self> {
        let coming = update.coming_pack.as_ref();
        let lessons = Self {
            coming: coming.map(|coming| arrival(coming, words, &SAID)),
            last: plain(&update.last_pack, LINE),
        };
        (lessons.coming.is_some() || !lessons.last.is_empty()).then_some(lessons)
    }
}

const SAID: Said = Said {
    here: "lessons-here",
    doing,
};

/// What happens now: a text, and whether it tells numbers. A step that a later system calls otherwise is told as that it comes.
fn doing(coming: &Coming, waits: bool, known: bool) -> (&'static str, bool) {
    match coming.doing.as_str() {
        "fetching" if waits && known => ("lessons-waits-of", true),
        "fetching" if waits => ("lessons-waits", false),
        "fetching" if known => ("lessons-fetching-of", true),
        "fetching" => ("lessons-fetching", false),
        "surveying" => ("lessons-surveying", false),
        "building" if known => ("lessons-building-of", true),
        "building" => ("lessons-building", false),
        "importing" => ("lessons-importing", false),
        _ => ("lessons-comes", false),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::status::sample::coming;
    use crate::web::texts::Languages;
    use std::fmt::Write as _;

    /// Every step in every language.
    #[test]
    fn every_step_in_words() {
        let languages = Languages::load();
        let mut text = String::new();
        for tag in ["en", "fr", "es", "uk", "ar"] {
            let words = languages.choose(Some(tag), "");
            let _ = writeln!(text, "{tag}");
            for doing in ["fetching", "surveying", "building", "importing", "dancing"] {
                for waits_for in [None, Some("a source to come near".to_owned())] {
                    for of_bytes in [0, 6_400_000] {
                        let mut update = Update::idle(ota::Slot::A);
                        update.coming_pack = Some(Coming {
                            release: "reading".to_owned(),
                            doing: doing.to_owned(),
                            waits_for: waits_for.clone(),
                            of_bytes,
                            ..coming()
                        });
                        let lessons = Lessons::of(&update, &words).unwrap();
                        let coming = lessons.coming.unwrap();
                        let _ = writeln!(text, "  {doing}: {}", coming.sentences.join(" "));
                    }
                }
            }
        }
        insta::assert_snapshot!(text);
        let words = languages.choose(Some("en"), "");
        assert_eq!(Lessons::of(&Update::idle(ota::Slot::A), &words), None);
    }
}
