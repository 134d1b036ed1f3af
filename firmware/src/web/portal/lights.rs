//! The page of the four lights: what they say now, and all that they can say. From the same table as the card.

use super::{Frame, Reader, rendered};
use crate::panel::drawing::{centre, lights};
use crate::panel::frames::sight_of;
use crate::panel::{ROWS, Row, Seen, Sight, State, Told};
use crate::status::Panel;
use crate::texts::Words;
use crate::welcome::svg;
use askama::Template;

#[derive(Template)]
#[template(path = "lights.html")]
struct LightsPage<'a> {
    frame: Frame<'a>,
    now: Now,
    states: Vec<Shown>,
}

/// The lights at this moment.
struct Now {
    /// Markup.
    picture: Option<String>,
    seen: String,
    told: Option<Told>,
}

/// A row of the table.
struct Shown {
    name: &'static str,
    /// Markup.
    picture: String,
    told: Told,
}

/// Pure: the page as text.
pub(crate) fn html(reader: &Reader<'_>, panel: Option<&Panel>) -> String {
    let words = &reader.words;
    let state = |row: &'static Row| Shown {
        name: row.name,
        picture: row
            .sights
            .first()
            .map_or_else(String::new, |sight| picture(*sight, None)),
        told: Told::of(row, words),
    };
    rendered(&LightsPage {
        now: now(words, panel),
        states: ROWS.iter().map(state).collect(),
        frame: Frame::new(reader, "/lights"),
    })
}

fn now(words: &Words<'_>, panel: Option<&Panel>) -> Now {
    let sight = panel.and_then(|panel| sight_of(&panel.lights));
    let state = panel.and_then(|panel| State::named(panel.state.as_deref()?));
    let told = state.map(|state| Told::of(state.row(), words));
    Now {
        picture: sight.map(|sight| picture(sight, told.as_ref())),
        seen: match (&told, sight) {
            (Some(told), _) => told.seen.clone(),
            (None, Some(_)) => words.text("panel-button"),
            (None, None) => words.text("panel-unseen"),
        },
        told,
    }
}

/// The drawing of the lights in their colours, which say nothing that it does not say without them. Where it is the state at this moment, the help
/// light blinks as it does on the box, unless the reader wants nothing to move.
fn picture(sight: Sight, now: Option<&Told>) -> String {
    let drawn = svg::drawing(&lights(sight));
    let mut more = String::new();
    for (place, seen) in sight.into_iter().enumerate() {
        let lit = seen.tells() && seen != Seen::Dark;
        let (x, y) = centre(place);
        if lit {
            let colour = colour(place, seen);
            more += &format!("<circle class=\"{colour}\" cx=\"{x}\" cy=\"{y}\" r=\"9\"/>");
        }
        if let Some(rhythm) = rhythm(seen).filter(|_| now.is_some() && place == HELP) {
            more += &format!(
                "<g class=\"veil {rhythm}\"><circle class=\"bare\" cx=\"{x}\" cy=\"{y}\" r=\"22\"/><circle class=\"wall\" cx=\"{x}\" cy=\"{y}\" r=\"11\"/></g>"
            );
        }
    }
    drawn.replace("</svg>", &format!("{more}</svg>"))
}

/// Place of the help light.
const HELP: usize = 3;

/// How the veil over a light comes and goes.
const fn rhythm(seen: Seen) -> Option<&'static str> {
    match seen {
        Seen::Quick => Some("b0"),
        Seen::Flashes(1) => Some("b1"),
        Seen::Flashes(2) => Some("b2"),
        Seen::Flashes(3) => Some("b3"),
        Seen::Flashes(_) => Some("b4"),
        Seen::Dark | Seen::Steady | Seen::Slow | Seen::Calm | Seen::Still | Seen::Free => None,
    }
}

const fn colour(place: usize, seen: Seen) -> &'static str {
    match (place, seen) {
        (0, Seen::Slow) => "sun",
        (0, Seen::Quick) | (HELP, _) => "help",
        (0, _) => "leaf",
        (1, _) => "act",
        (_, _) => "wall",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::Languages;
    use crate::web::portal::tests::reader;

    fn page(tag: &str, panel: Option<(&str, Option<&str>)>) -> String {
        let languages = Languages::load();
        let reader = reader(&languages, tag);
        let panel = panel.map(|(lights, state)| Panel {
            lights: lights.to_owned(),
            state: state.map(str::to_owned),
        });
        html(&reader, panel.as_ref())
    }

    /// Only the help light moves, only now, and only where the reader lets things move.
    #[test]
    fn nothing_blinks_but_the_help_light_of_this_moment() {
        let low = "battery=red:quick wifi=off lessons=off help=off";
        let disk = "battery=red:quick wifi=off lessons=off help=blink2";
        assert_eq!(
            page("en", Some((low, Some("low")))).matches("veil").count(),
            1,
            "the style alone"
        );
        let shown = page("en", Some((disk, Some("disk"))));
        assert_eq!(shown.matches("class=\"veil b2\"").count(), 1);
        assert!(shown.contains("Red help light, twice"));
    }

    #[test]
    fn the_button_and_a_panel_that_nobody_drives_are_told() {
        let held = page(
            "en",
            Some(("battery=amber wifi=on lessons=off help=off", None)),
        );
        assert!(held.contains("<p class=\"told\">While you hold the button"));
        let unseen = page("en", None);
        assert!(unseen.contains("cannot see the lights"));
        let hostile = page("ar", Some(("<script>", Some("<script>"))));
        assert!(!hostile.contains("<script>") && hostile.contains("dir=\"rtl\""));
    }

    #[test]
    fn every_state_is_on_the_page() {
        let page = page("fr", None);
        for row in &ROWS {
            assert!(
                page.contains(&format!("/lights.pdf?state={}\"", row.name)),
                "{}",
                row.name
            );
        }
    }
}
