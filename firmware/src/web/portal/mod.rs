//! The portal: the pages of the box itself. Plain HTML, no script; the style and the drawings are in the page.
//!
//! `energy`, `drawing`, `film`, `power_chart`, `power_day`, `lessons` and `system` are pure; `home`, `day`, `search`, `state`, `lights`, `waiting`, `welcome`
//! and `error` make pages; this module holds what they share.

pub(crate) mod day;
pub(crate) mod drawing;
pub(crate) mod energy;
pub(crate) mod error;
pub(crate) mod film;
pub(crate) mod home;
mod lessons;
pub(crate) mod lights;
mod power_chart;
pub(crate) mod power_day;
pub(crate) mod search;
pub(crate) mod state;
mod system;
pub(crate) mod waiting;
pub(crate) mod welcome;

use super::answer::Wishes;
use super::origin::Origin;
use super::texts::{Languages, Words};
use energy::Energy;
use http::HeaderValue;
use std::sync::LazyLock;

/// The style, stripped of what only its authors read.
static STYLE: LazyLock<String> =
    LazyLock::new(|| stripped(include_str!("../../../assets/portal.css")));

/// What the portal's pages may do: wear their style, show their pictures, send their form. No script, no frame, no other origin.
pub(crate) static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let style = super::hash::policy_source(&STYLE);
    let text = format!(
        "default-src 'none'; style-src {style}; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
});

/// The picture in the browser's tab.
pub(crate) const ICON: &str = include_str!("../../../assets/icon.svg");

/// One reader and their words.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    /// How they want to be answered.
    pub(crate) wishes: Wishes,
    /// How they reach the box.
    pub(crate) origin: Origin,
    /// Their language.
    pub(crate) words: Words<'a>,
    /// All languages, for the chooser.
    pub(crate) languages: &'a Languages,
    /// They look at a pack's host: links home need the portal's name.
    pub(crate) away: bool,
    /// The box keeps nothing of what they do.
    pub(crate) forgotten: bool,
}

impl Reader<'_> {
    /// That nothing they do is kept, where that is so.
    fn forgets(&self) -> Option<String> {
        self.forgotten.then(|| {
            let words = ["forgets", "forgets-do"].map(|key| self.words.text(key));
            words.join(" ")
        })
    }

    /// What they should mind before they begin.
    fn notices(&self, energy: &Energy) -> Vec<String> {
        self.forgets()
            .into_iter()
            .chain(energy.notice(&self.words, self.forgotten))
            .collect()
    }
}

/// A link of the language chooser.
#[derive(Debug)]
pub(crate) struct LanguageLink {
    pub(crate) tag: String,
    pub(crate) name: String,
    pub(crate) direction: &'static str,
    pub(crate) current: bool,
}

/// What every page has around it.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) words: Words<'a>,
    pub(crate) style: &'static str,
    /// `""` at the portal, its origin elsewhere: stands before every path.
    pub(crate) base: String,
    /// The page that the language chooser leads back to, path and query up to `lang=`.
    pub(crate) here: String,
    pub(crate) languages: Vec<LanguageLink>,
    /// What the reader has searched for.
    pub(crate) query: String,
}

impl<'a> Frame<'a> {
    /// The frame of the page at `here` (a path, perhaps with a query).
    pub(crate) fn new(reader: &Reader<'a>, here: &str) -> Self {
        let current = reader.words.tag();
        let links = reader
            .languages
            .names()
            .map(|(tag, name, direction)| LanguageLink {
                tag: tag.to_owned(),
                name,
                direction,
                current: tag == current,
            });
        let joint = if here.contains('?') { '&' } else { '?' };
        Self {
            words: reader.words,
            style: &STYLE,
            base: if reader.away {
                reader.origin.portal()
            } else {
                String::new()
            },
            here: format!("{here}{joint}"),
            languages: links.collect(),
            query: String::new(),
        }
    }

    /// A message in the reader's language.
    pub(crate) fn text(&self, key: &str) -> String {
        self.words.text(key)
    }
}

/// Comments and the white space of line ends go; nothing inside a line is touched.
fn stripped(css: &str) -> String {
    let without_comments = css
        .split("/*")
        .enumerate()
        .map(|(place, part)| match place {
            0 => part,
            _ => part.split_once("*/").map_or("", |(_, after)| after),
        });
    without_comments
        .collect::<String>()
        .lines()
        .map(str::trim)
        .collect()
}

/// Renders a page. Our templates cannot fail on what they are given; if one did, an empty page is better than a dead connection.
pub(crate) fn rendered(template: &impl askama::Template) -> String {
    template.render().unwrap_or_else(|error| {
        tracing::error!(
            event = "web.template_failed",
            error = &error as &dyn std::error::Error
        );
        String::new()
    })
}

/// Right-to-left scripts, by the language's first subtag: those that schools write.
pub(crate) fn direction_of(language: &str) -> &'static str {
    let first = language
        .split('-')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    match first.as_str() {
        "ar" | "arc" | "ckb" | "dv" | "fa" | "he" | "ks" | "nqo" | "ps" | "rhg" | "sd" | "syr"
        | "ug" | "ur" | "yi" => "rtl",
        _ => "ltr",
    }
}

#[cfg(test)]
mod tests;
