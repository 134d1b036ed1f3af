//! The page that a teacher prints: how to join the network and open the page, with the key for who may read it.

use super::{Frame, Reader, rendered};
use crate::texts::Words as Speech;
use crate::welcome::code::{Code, TooLong};
use crate::welcome::{Facts, Words, drawing, svg};
use askama::Template;

/// What can be typed.
#[derive(Debug)]
struct Value {
    name: String,
    value: String,
}

/// A step of the page.
#[derive(Debug)]
struct Step {
    number: String,
    /// What to do, and the same told more fully.
    told: String,
    more: String,
    /// Markup.
    drawing: String,
    extra: Extra,
}

#[derive(Template)]
#[template(path = "welcome.html")]
struct WelcomePage<'a> {
    frame: Frame<'a>,
    steps: Vec<Step>,
    /// The whole sheet may be fetched.
    whole: bool,
}

/// What a step has beside its drawing.
#[derive(Debug, Default)]
struct Extra {
    /// Markup.
    code: Option<String>,
    values: Vec<Value>,
    /// What has to be minded.
    notice: Option<String>,
}

impl Extra {
    /// How to join the network; all of it if `whole`.
    fn join(speech: &Speech<'_>, facts: &Facts, whole: bool) -> Result<Self, TooLong> {
        let key = facts.phrase.as_deref().filter(|_| whole);
        let key = key.map(|phrase| value(speech, "welcome-key", phrase));
        Ok(Self {
            code: match whole {
                true => Some(code(speech, "welcome-join-code", &facts.code_text())?),
                false => None,
            },
            values: [value(speech, "welcome-network", &facts.network)]
                .into_iter()
                .chain(key)
                .collect(),
            notice: match (&facts.phrase, whole) {
                (None, _) => Some(speech.text("welcome-open-air")),
                (Some(_), false) => Some(speech.text("welcome-key-hidden")),
                (Some(_), true) => None,
            },
        })
    }

    fn open(speech: &Speech<'_>, facts: &Facts) -> Result<Self, TooLong> {
        Ok(Self {
            code: Some(code(speech, "welcome-open-code", &facts.address)?),
            values: vec![value(speech, "welcome-address", &facts.address)],
            notice: None,
        })
    }
}

fn value(speech: &Speech<'_>, key: &str, value: &str) -> Value {
    Value {
        name: speech.text(key),
        value: value.to_owned(),
    }
}

fn code(speech: &Speech<'_>, key: &str, text: &str) -> Result<String, TooLong> {
    Code::of(text).map(|code| svg::code(&code, &speech.text(key)))
}

/// Pure: the page as text; with the network's key if `admitted`.
///
/// # Errors
/// [`TooLong`] for a name or an address that no QR code holds.
pub(crate) fn html(reader: &Reader<'_>, facts: &Facts, admitted: bool) -> Result<String, TooLong> {
    let speech = &reader.words;
    let words = Words::of(speech);
    let whole = admitted || facts.phrase.is_none();
    let extras = [
        Extra::default(),
        Extra::join(speech, facts, whole)?,
        Extra::open(speech, facts)?,
    ];
    let told = (words.numbers.into_iter()).zip(words.steps).zip(words.more);
    let steps =
        told.zip(drawing::steps())
            .zip(extras)
            .map(|((((number, told), more), drawing), extra)| Step {
                number,
                told,
                more,
                // Who looks at the code looks to where it stands.
                drawing: match words.rtl {
                    true => svg::drawing(&drawing.mirrored()),
                    false => svg::drawing(&drawing),
                },
                extra,
            });
    Ok(rendered(&WelcomePage {
        steps: steps.collect(),
        whole,
        frame: Frame::new(reader, "/welcome"),
    }))
}

#[cfg(test)]
mod tests;
