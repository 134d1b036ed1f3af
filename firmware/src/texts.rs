//! What the box says, in the languages it speaks: one Fluent file for each under `firmware/texts`.
//!
//! A language is added by adding its file: the file itself says how the language calls itself (`language-name`), which way it
//! runs (`direction`), which digits it writes (`digits`) and how it marks decimals (`decimal-mark`). No list of languages stands in the code.
//!
//! Free text (titles, what a reader typed) never enters a message: pages set it beside the message inside `<bdi>`. That is what
//! makes it safe to write the digits of a whole message in the language's own.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use rust_embed::Embed;
use std::fmt;

#[derive(Embed)]
#[folder = "texts/"]
struct TextFiles;

/// The language that the others fall back to, key by key.
const FALLBACK: &str = "en";

/// A value in a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Value {
    /// A whole number: it chooses the plural form.
    Count(u64),
    /// A number or time ready to be read, in Latin digits.
    Ready(String),
}

/// One language.
pub(crate) struct Language {
    tag: String,
    bundle: FluentBundle<FluentResource>,
    digits: Option<Vec<char>>,
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Language")
            .field("tag", &self.tag)
            .finish_non_exhaustive()
    }
}

impl Language {
    fn read(tag: &str, source: &str) -> Self {
        let mut bundle = FluentBundle::new_concurrent(tag.parse().into_iter().collect());
        bundle.set_use_isolating(false);
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(readable, errors)| {
            tracing::error!(event = "web.text_unreadable", language = tag, error = ?errors.first());
            readable
        });
        bundle.add_resource_overriding(resource);
        let mut language = Self {
            tag: tag.to_owned(),
            bundle,
            digits: None,
        };
        let digits: Vec<char> = language
            .own("digits", &[])
            .unwrap_or_default()
            .chars()
            .collect();
        language.digits = (digits.len() == 10 && digits.first() != Some(&'0')).then_some(digits);
        language
    }

    /// BCP 47 tag: the name of its file.
    pub(crate) fn tag(&self) -> &str {
        &self.tag
    }

    /// `ltr` or `rtl`.
    pub(crate) fn direction(&self) -> &'static str {
        if self.own("direction", &[]).as_deref() == Some("rtl") {
            "rtl"
        } else {
            "ltr"
        }
    }

    fn own(&self, key: &str, values: &[(&str, Value)]) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let arguments: FluentArgs<'_> = values
            .iter()
            .map(|(name, value)| match value {
                Value::Count(count) => (*name, FluentValue::from(*count)),
                Value::Ready(text) => (*name, FluentValue::from(text.as_str())),
            })
            .collect();
        let mut errors = Vec::new();
        let text = self
            .bundle
            .format_pattern(pattern, Some(&arguments), &mut errors)
            .into_owned();
        errors.is_empty().then(|| self.in_own_digits(text))
    }

    fn in_own_digits(&self, text: String) -> String {
        let Some(digits) = &self.digits else {
            return text;
        };
        let own = |c: char| {
            c.to_digit(10)
                .and_then(|place| digits.get(usize::try_from(place).ok()?).copied())
        };
        text.chars().map(|c| own(c).unwrap_or(c)).collect()
    }
}

/// Every language of the box.
#[derive(Debug)]
pub struct Languages {
    /// Sorted by tag.
    all: Vec<Language>,
    /// The place of the one for whoever asks for none of them; `None`: the fallback.
    usual: Option<usize>,
    fallback: Language,
}

impl Languages {
    /// Reads the texts that were built into the program.
    #[must_use]
    pub fn load() -> Self {
        let source = |name: &str| {
            TextFiles::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned())
        };
        let mut all: Vec<Language> = TextFiles::iter()
            .filter_map(|name| Some(Language::read(name.strip_suffix(".ftl")?, &source(&name)?)))
            .collect();
        all.sort_by(|a, b| a.tag.cmp(&b.tag));
        let fallback = Language::read(FALLBACK, &source("en.ftl").unwrap_or_default());
        Self {
            all,
            usual: None,
            fallback,
        }
    }

    /// Of these tags alone, the first for whoever asks for none of them; all languages where no tag is given. A tag that is unknown is left out.
    #[must_use]
    pub fn of(tags: &[String]) -> Self {
        let mut languages = Self::load();
        if !tags.is_empty() {
            languages
                .all
                .retain(|language| tags.contains(&language.tag));
        }
        let all = &languages.all;
        let place = |first: &String| all.iter().position(|language| language.tag == *first);
        languages.usual = tags.first().and_then(place);
        languages
    }

    /// How each language calls itself, with its tag and direction, in the order of the tags.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, String, &'static str)> {
        self.all.iter().map(|one| {
            (
                one.tag(),
                one.own("language-name", &[]).unwrap_or_default(),
                one.direction(),
            )
        })
    }

    /// The words of each language, in the order of the tags.
    pub(crate) fn words(&self) -> impl Iterator<Item = Words<'_>> {
        self.all.iter().map(|language| Words {
            language,
            fallback: &self.fallback,
        })
    }

    #[cfg(feature = "box")]
    /// The language of a reader: what they chose on the box, else what their browser asks for, else English.
    pub(crate) fn choose(&self, chosen: Option<&str>, accept_language: &str) -> Words<'_> {
        let tags: Vec<&str> = self.all.iter().map(Language::tag).collect();
        let by_choice = chosen.and_then(|tag| tags.iter().position(|known| *known == tag));
        let place = by_choice.or_else(|| crate::web::negotiate::language(accept_language, &tags));
        let language = place
            .or(self.usual)
            .and_then(|place| self.all.get(place))
            .unwrap_or(&self.fallback);
        Words {
            language,
            fallback: &self.fallback,
        }
    }

    /// Whether the box speaks `tag`, written exactly as its file is.
    pub(crate) fn speaks(&self, tag: &str) -> bool {
        self.all.iter().any(|language| language.tag == tag)
    }
}

/// The texts of one reader.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words<'a> {
    language: &'a Language,
    fallback: &'a Language,
}

impl Words<'_> {
    /// A message without values; the English one where this language lacks it.
    pub(crate) fn text(&self, key: &str) -> String {
        self.say(key, &[])
    }

    /// A message with values.
    pub(crate) fn say(&self, key: &str, values: &[(&str, Value)]) -> String {
        let own = self.language.own(key, values);
        own.or_else(|| self.fallback.own(key, values))
            .unwrap_or_else(|| key.to_owned())
    }

    /// BCP 47 tag of the language.
    pub(crate) fn tag(&self) -> &str {
        self.language.tag()
    }

    /// `ltr` or `rtl`.
    pub(crate) fn direction(&self) -> &'static str {
        self.language.direction()
    }

    /// A number or a time that stands alone, in the language's own digits.
    pub(crate) fn digits(&self, latin: &str) -> String {
        self.language.in_own_digits(latin.to_owned())
    }

    /// A measured value with `places` decimals, in Latin digits (its unit stands beside it) and with the language's mark.
    pub(crate) fn decimal(&self, value: f64, places: usize) -> String {
        format!("{value:.places$}").replace('.', &self.text("decimal-mark"))
    }
}

#[cfg(test)]
mod tests;
