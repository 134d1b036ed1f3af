//! "Can we show ninety minutes at 14:00?": the question and the booking as forms say them. Pure.

use crate::services::power::DayStory;
use crate::status::day::{clock, minutes};
use crate::web::origin::{Authority, Place};
use crate::web::texts::{Value, Words};
use http::HeaderMap;
use http::header::{ORIGIN, REFERER};
use percent_encoding::percent_decode;
use power_mgmt::units::Watts;
use power_mgmt::{Film, FilmAnswer, LocalTime};

/// Lengths that are offered, minutes.
const LENGTHS: [u16; 5] = [30, 45, 60, 90, 120];
/// What is offered first.
const USUAL_LENGTH: u16 = 90;
/// What a projector for a classroom draws, W.
const PROJECTOR_W: f64 = 60.0;
/// Starts are offered so far apart, minutes.
const APART: u16 = 30;

/// What a reader asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Question {
    /// Minute of today.
    pub(crate) start: u16,
    /// How long.
    pub(crate) minutes: u16,
}

/// What a form asks to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Book this film.
    Book(Question),
    /// Drop the one that is booked.
    Cancel,
}

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The question.
    pub(crate) question: Question,
    /// `None`: the power service did not answer.
    pub(crate) answer: Option<FilmAnswer>,
}

impl Question {
    /// From a query or a form's body, `start=HH:MM&minutes=N`; `None` when it asks nothing that makes sense.
    pub(crate) fn read(form: &[u8]) -> Option<Self> {
        let (hour, minute) = field(form, "start").and_then(|start| {
            let (hour, minute) = start.split_once(':')?;
            Some((hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?))
        })?;
        let minutes = field(form, "minutes")?.parse::<u16>().ok()?;
        let sound = hour < 24 && minute < 60 && (1..=LENGTHS[LENGTHS.len() - 1]).contains(&minutes);
        sound.then_some(Self {
            start: hour * 60 + minute,
            minutes,
        })
    }

    /// The film that is meant; `None` while the box does not know what day it is.
    pub(crate) fn film(self, story: &DayStory) -> Option<Film> {
        Some(Film {
            start: LocalTime::new(story.at?.day(), self.start)?,
            minutes: self.minutes,
            projector: Watts::new(PROJECTOR_W)?,
        })
    }

    /// `HH:MM`, as forms carry it.
    pub(crate) fn start_text(self) -> String {
        format!("{:02}:{:02}", self.start / 60, self.start % 60)
    }
}

impl Wish {
    /// From a form's body.
    pub(crate) fn read(form: &[u8]) -> Option<Self> {
        match field(form, "cancel") {
            Some(_) => Some(Self::Cancel),
            None => Question::read(form).map(Self::Book),
        }
    }
}

fn field(form: &[u8], name: &str) -> Option<String> {
    form.split(|byte| *byte == b'&').find_map(|pair| {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let value = halves
            .next()
            .filter(|key| *key == name.as_bytes())
            .and(halves.next())?;
        Some(percent_decode(value).decode_utf8_lossy().into_owned())
    })
}

/// Whether a form was sent from a page of the portal itself: a pack's page, or a page from elsewhere that made the reader's browser
/// call this address, books nothing. The origin has to be the host that was asked, and that one of the box's own names: a name from
/// elsewhere that leads here is nobody's own.
pub(crate) fn is_from_here(
    headers: &HeaderMap,
    asked: Option<&Authority>,
    configured: &str,
) -> bool {
    let Some(asked) =
        asked.filter(|asked| asked.is_own(configured) && asked.place(configured) == Place::Portal)
    else {
        return false;
    };
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let from = match text(ORIGIN) {
        Some(origin) => origin.strip_prefix("http://"),
        // Old browsers send no origin with a form to their own.
        None => text(REFERER)
            .and_then(|page| page.strip_prefix("http://"))
            .and_then(|page| page.split('/').next()),
    };
    from.and_then(Authority::read)
        .is_some_and(|from| from == *asked)
}

/// A choice of a list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) chosen: bool,
}

/// What the page says of films.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct FilmTalk {
    /// Why no film can be asked for.
    pub(crate) closed: Option<String>,
    /// The film that is booked, in sentences.
    pub(crate) booked: Vec<String>,
    /// The answer to a question.
    pub(crate) answer: Option<String>,
    /// What to book, when the answer allows it: start and minutes.
    pub(crate) offer: Option<(String, u16)>,
    pub(crate) starts: Vec<Choice>,
    pub(crate) lengths: Vec<Choice>,
}

impl FilmTalk {
    /// At `now`, with what was asked.
    pub(crate) fn of(
        story: &DayStory,
        now: LocalTime,
        asked: Option<Asked>,
        words: &Words<'_>,
    ) -> Self {
        if !story.clock_trusted {
            let closed = Some(words.text("film-no-clock"));
            return Self {
                closed,
                ..Self::default()
            };
        }
        let booked = match &story.film {
            Some((film, answer)) if film.start.day() == now.day() => booked(film, *answer, words),
            Some(_) | None => Vec::new(),
        };
        let starts = starts(now, asked, words);
        if starts.is_empty() && booked.is_empty() {
            let closed = Some(words.text("film-late"));
            return Self {
                closed,
                ..Self::default()
            };
        }
        let possible = matches!(
            asked,
            Some(Asked {
                answer: Some(FilmAnswer::Yes | FilmAnswer::Until(_)),
                ..
            })
        );
        Self {
            closed: None,
            answer: asked.map(|asked| answered(asked, words)),
            offer: asked
                .filter(|_| possible && booked.is_empty())
                .map(|asked| (asked.question.start_text(), asked.question.minutes)),
            booked,
            lengths: lengths(asked, words),
            starts,
        }
    }
}

fn booked(film: &Film, answer: FilmAnswer, words: &Words<'_>) -> Vec<String> {
    let keeps = timed(words, "film-booked", film.minutes, clock(film.start));
    let less = match answer {
        FilmAnswer::Yes => None,
        FilmAnswer::Until(end) => {
            Some(words.say("film-until", &[("time", Value::Ready(clock(end)))]))
        }
        // A film under way is no question any more.
        FilmAnswer::NotToday => None,
        FilmAnswer::No => Some(words.text("film-no")),
    };
    std::iter::once(keeps).chain(less).collect()
}

fn answered(asked: Asked, words: &Words<'_>) -> String {
    let question = asked.question;
    match asked.answer {
        Some(FilmAnswer::Yes) => timed(words, "film-yes", question.minutes, question.start_text()),
        Some(FilmAnswer::Until(end)) => {
            words.say("film-until", &[("time", Value::Ready(clock(end)))])
        }
        Some(FilmAnswer::No) => words.text("film-no"),
        Some(FilmAnswer::NotToday) => words.text("film-not-today"),
        None => words.text("film-no-answer"),
    }
}

fn timed(words: &Words<'_>, key: &str, minutes: u16, time: String) -> String {
    words.say(
        key,
        &[
            ("minutes", Value::Count(minutes.into())),
            ("time", Value::Ready(time)),
        ],
    )
}

/// The half hours of today that are still to come, those in which a film of the shortest length ends today.
fn starts(now: LocalTime, asked: Option<Asked>, words: &Words<'_>) -> Vec<Choice> {
    let first = (now.minute() / APART + 1) * APART;
    let chosen = asked.map(|asked| asked.question.start);
    (first..=1440 - LENGTHS[0])
        .step_by(usize::from(APART))
        .map(|start| {
            let value = format!("{:02}:{:02}", start / 60, start % 60);
            Choice {
                label: words.digits(&value),
                value,
                chosen: chosen == Some(start),
            }
        })
        .collect()
}

fn lengths(asked: Option<Asked>, words: &Words<'_>) -> Vec<Choice> {
    let chosen = asked.map_or(USUAL_LENGTH, |asked| asked.question.minutes);
    LENGTHS
        .iter()
        .map(|minutes| Choice {
            value: minutes.to_string(),
            label: words.say(
                "film-minutes",
                &[("minutes", Value::Count((*minutes).into()))],
            ),
            chosen: *minutes == chosen,
        })
        .collect()
}

/// `now` of a story: when it was written, and `age` minutes.
pub(crate) fn now_of(story: &DayStory, age: u64) -> Option<LocalTime> {
    let now = minutes(story.at?) + i64::try_from(age).ok()?;
    LocalTime::new(
        now.div_euclid(1440),
        u16::try_from(now.rem_euclid(1440)).ok()?,
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use http::HeaderValue;

    #[test]
    fn what_a_form_asks() {
        let question = |start, minutes| Some(Question { start, minutes });
        for (form, read) in [
            ("start=14%3A00&minutes=90", question(840, 90)),
            ("minutes=30&start=09:30&lang=en", question(570, 30)),
            ("start=14:00", None),
            ("minutes=90", None),
            ("start=24:00&minutes=90", None),
            ("start=14:60&minutes=90", None),
            ("start=14:00&minutes=0", None),
            ("start=14:00&minutes=121", None),
            ("start=14:00&minutes=99999999", None),
            ("start=-1:00&minutes=90", None),
            ("start=%ff&minutes=90", None),
            ("", None),
        ] {
            assert_eq!(Question::read(form.as_bytes()), read, "{form}");
        }
        assert_eq!(Wish::read(b"cancel=1"), Some(Wish::Cancel));
        assert_eq!(
            Wish::read(b"start=14:00&minutes=90").map(|wish| wish == Wish::Cancel),
            Some(false)
        );
        assert_eq!(Wish::read(b"x=1"), None);
    }

    #[test]
    fn only_the_portals_own_pages_may_send_the_form() {
        let sent = |host: &str, name: Option<(&'static str, &str)>| {
            let mut headers = HeaderMap::new();
            if let Some((name, value)) = name {
                headers.insert(name, HeaderValue::from_str(value).unwrap());
            }
            is_from_here(&headers, Authority::read(host).as_ref(), "school.internal")
        };
        let origin = |host: &str, origin: &str| sent(host, Some(("origin", origin)));
        assert!(origin("school.internal", "http://school.internal"));
        assert!(origin("localhost:8080", "http://localhost:8080"));
        assert!(origin("192.168.4.1", "http://192.168.4.1"));
        assert!(sent(
            "school.internal",
            Some(("referer", "http://school.internal/sun?start=14:00"))
        ));
        for (host, from) in [
            ("school.internal", "http://wiki.school.internal"),
            ("school.internal", "http://evil.test"),
            ("school.internal", "http://school.internal:8080"),
            ("school.internal", "https://school.internal"),
            ("school.internal", "null"),
            ("school.internal", ""),
            ("evil.test", "http://evil.test"),
            ("wiki.school.internal", "http://wiki.school.internal"),
            ("localhost:8080", "http://wiki.localhost:8080"),
        ] {
            assert!(!origin(host, from), "{from} to {host}");
        }
        assert!(!sent(
            "school.internal",
            Some(("referer", "http://wiki.school.internal/"))
        ));
        assert!(!sent("school.internal", None));
    }
}
