//! `depot welcome`: the sheet that goes into the kit, a page for each language: switch the box on, find its network, open its page, read its lights.
//!
//! There is no secret on it, and nothing of one box: each box draws its network's name and key when it is first switched on, and prints them itself
//! (`school-box welcome`). Here is room to write them down.

use super::{Failure, tell};
use crate::config::Config;
use crate::panel::page::{Column, Page, WIDTH};
use crate::panel::{self, State};
use crate::texts::{self, Languages};
use crate::welcome::drawing::{self, Drawing, HIGH};
use crate::welcome::print::{Form, lacking, unspoken};
use crate::welcome::{self, Faces, Paper, Sheet};
use clap::Args;
use std::path::PathBuf;

/// The states of the lights that a class meets first; the others stand on the card of the lights.
const LIGHTS: [State; 4] = [State::Well, State::Low, State::Asleep, State::Look];
/// Height of the drawing of a step, and of the lights, mm.
const STEP: f64 = 36.0;
const SEEN: f64 = 16.0;

/// The welcome sheet for the kit, to print: how to switch on, find the network and read the lights
///
/// It is the same for every box and holds no secret: the network's key is drawn by the box, which prints it with `school-box welcome`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  depot welcome --profile philippines.toml --pdf --out welcome.pdf\n  depot welcome --svg --lang uk > welcome.svg"
)]
pub(super) struct Welcome {
    /// A country's profile: its address and its languages [default: those of any box]
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
    /// The paper
    #[arg(long, value_enum, default_value_t = Paper::A4)]
    paper: Paper,
    /// A language of the box, by its tag (can be given again) [default: those of the profile, or all]
    #[arg(long = "lang", value_name = "TAG")]
    languages: Vec<String>,
    /// A TrueType file, for letters that the box has none for (can be given again)
    #[arg(long = "font", value_name = "FILE")]
    fonts: Vec<PathBuf>,
}

impl Welcome {
    pub(super) fn run(self) -> Result<(), Failure> {
        self.form.checked()?;
        let config = match &self.profile {
            None => Config::default(),
            Some(path) => {
                super::card::settings(path).map_err(|error| Failure::Usage(error.to_string()))?
            }
        };
        let faces =
            Faces::with(&self.fonts).map_err(|error| Failure::NotDone(error.to_string()))?;
        let said = Said::chosen(&Languages::load(), &self.asked(&config))?;
        let said = match self.form.is_pdf() {
            true => printable(said, &faces)?,
            false => said,
        };
        if !self.form.is_pdf() && said.len() > 1 {
            return Err(Failure::Usage(format!(
                "a picture has one page, and there are {} languages; choose one with --lang, or take --pdf",
                said.len()
            )));
        }
        let address = format!("http://{}/", config.host);
        let sheets: Vec<Sheet> = (said.iter())
            .map(|said| sheet(said, &address, &faces, self.paper))
            .collect();
        Ok(self.form.print(&sheets, &faces)?)
    }

    /// Tags of the languages; none: all.
    fn asked(&self, config: &Config) -> Vec<String> {
        match self.languages.is_empty() {
            true => config.languages.clone(),
            false => self.languages.clone(),
        }
    }
}

/// What the sheet says in one language.
struct Said {
    welcome: welcome::Words,
    panel: panel::Words,
    title: String,
    /// How to find the network, in a few words and more fully.
    find: [String; 2],
    /// Names of what is written by hand: the network, its key.
    blanks: [String; 2],
    /// How to open the page without a code.
    write: String,
}

impl Said {
    fn of(speech: &texts::Words<'_>) -> Self {
        Self {
            welcome: welcome::Words::of(speech),
            panel: panel::Words::of(speech),
            title: speech.text("welcome-title"),
            find: ["welcome-find", "welcome-find-more"].map(|key| speech.text(key)),
            blanks: ["welcome-network", "welcome-key"].map(|key| speech.text(key)),
            write: speech.text("welcome-open-write"),
        }
    }

    /// Of the languages that were asked for, in that order; of all where none was.
    fn chosen(languages: &Languages, asked: &[String]) -> Result<Vec<Self>, Failure> {
        let mut all: Vec<Option<Self>> = (languages.words())
            .map(|speech| Some(Self::of(&speech)))
            .collect();
        if asked.is_empty() {
            return Ok(all.into_iter().flatten().collect());
        }
        let tags: Vec<String> = (all.iter().flatten())
            .map(|said| said.welcome.tag.clone())
            .collect();
        let spoken: Vec<&str> = tags.iter().map(String::as_str).collect();
        let mut chosen = Vec::new();
        for tag in asked {
            let place = spoken.iter().position(|known| known == tag);
            let place = place.ok_or_else(|| unspoken(tag, &spoken))?;
            chosen.extend(all.get_mut(place).and_then(Option::take));
        }
        Ok(chosen)
    }

    /// A letter of theirs that no typeface of `faces` has.
    fn lack(&self, faces: &Faces) -> Option<char> {
        let own = [&self.title, &self.write].into_iter();
        let mut own = own.chain(&self.find).chain(&self.blanks);
        let lacking = |text: &String| faces.set(text, self.welcome.rtl).1.lacks;
        (self.welcome.lack(faces))
            .or_else(|| self.panel.lack(faces))
            .or_else(|| own.find_map(lacking))
    }
}

/// Those whose letters are at hand; each of the others is told.
fn printable(said: Vec<Said>, faces: &Faces) -> Result<Vec<Said>, Failure> {
    let mut kept = Vec::new();
    let mut told = Vec::new();
    for said in said {
        match said.lack(faces) {
            None => kept.push(said),
            Some(letter) => told.push(lacking(letter, &said.welcome.tag)),
        }
    }
    match (
        kept.is_empty(),
        told.into_iter()
            .reduce(|all, more| format!("{all}; {more}")),
    ) {
        (true, Some(why)) => Err(Failure::NotDone(why)),
        (false, Some(why)) => {
            tell::warn(&format!("left out: {why}"));
            Ok(kept)
        }
        (_, None) => Ok(kept),
    }
}

/// The page of one language.
fn sheet(said: &Said, address: &str, faces: &Faces, paper: Paper) -> Sheet {
    let mut page = Page::new(&said.welcome.tag, said.welcome.rtl, faces);
    page.fit(&said.title, Column::WHOLE, 9.0, 1);
    page.skip(2.0);
    let [on, find, open] = drawing::steps();
    let [on_words, _, open_words] = &said.welcome.steps;
    let [on_more, ..] = &said.welcome.more;
    step(&mut page, &on, said.welcome.rtl, &mut |page, beside| {
        page.fit(on_words, beside, 8.0, 1);
        page.fit(on_more, beside, 5.5, 2);
    });
    step(&mut page, &find, said.welcome.rtl, &mut |page, beside| {
        let [find, more] = &said.find;
        page.fit(find, beside, 8.0, 1);
        page.fit(more, beside, 4.4, 3);
        said.blanks
            .iter()
            .for_each(|name| page.blank(name, beside, 4.4));
    });
    step(&mut page, &open, said.welcome.rtl, &mut |page, beside| {
        page.fit(open_words, beside, 8.0, 1);
        page.fit(&said.write, beside, 5.5, 2);
        page.typed(address, beside, 6.5);
    });
    lights(&mut page, said);
    page.sheet(said.title.clone(), paper)
}

/// A drawing, and what is said beside it.
fn step(
    page: &mut Page<'_>,
    drawing: &Drawing,
    rtl: bool,
    say: &mut dyn FnMut(&mut Page<'_>, Column),
) {
    page.rule(page.y);
    page.skip(2.5);
    let top = page.y;
    let drawn = match rtl {
        true => &drawing.mirrored(),
        false => drawing,
    };
    page.picture(drawn, top, STEP, 0.0);
    let from = drawing.wide * STEP / HIGH + 6.0;
    page.skip(1.0);
    let beside = Column {
        from,
        wide: WIDTH - from,
    };
    say(page, beside);
    page.y = page.y.max(top + STEP) + 2.5;
}

/// The first states of the lights.
fn lights(page: &mut Page<'_>, said: &Said) {
    page.rule(page.y);
    page.skip(2.5);
    page.fit(&said.panel.how, Column::WHOLE, 4.4, 2);
    page.skip(1.5);
    for row in LIGHTS.map(State::row) {
        let (Some(sight), Some(told)) = (row.sights.first(), said.panel.told(row)) else {
            continue;
        };
        let top = page.y;
        page.draw(*sight, top, SEEN, 0.0);
        let from = panel::drawing::WIDE * SEEN / HIGH + 5.0;
        let beside = Column {
            from,
            wide: WIDTH - from,
        };
        page.skip(0.8);
        page.fit(&told.seen, beside, 4.8, 1);
        page.fit(&told.means, beside, 4.2, 2);
        page.y = page.y.max(top + SEEN) + 2.5;
    }
    page.fit(&said.panel.legend, Column::WHOLE, 3.4, 2);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::welcome::sheet::{A4, Held, Line, Mark};

    fn texts(sheet: &Sheet) -> Vec<&Line> {
        let marks = sheet.marks.iter();
        marks
            .filter_map(|mark| match mark {
                Mark::Text(line) => Some(line),
                Mark::Stroke(..) => None,
            })
            .collect()
    }

    #[test]
    fn every_language_keeps_to_its_page_and_says_every_step() {
        let faces = Faces::own();
        let all = Said::chosen(&Languages::load(), &[]).unwrap();
        assert!(all.len() >= 5, "{}", all.len());
        for said in &all {
            assert_eq!(said.lack(&faces), None, "{}", said.welcome.tag);
            let sheet = sheet(said, "http://school.internal/", &faces, Paper::A4);
            let lines = texts(&sheet);
            for line in &lines {
                let wide = faces.width(&line.text, line.rtl) * line.size;
                let (from, to) = match line.held {
                    Held::Left => (line.at.0, line.at.0 + wide),
                    Held::Right => (line.at.0 - wide, line.at.0),
                    Held::Middle => (line.at.0 - wide / 2.0, line.at.0 + wide / 2.0),
                };
                assert!(from >= 12.99 && to <= A4.0 - 12.99, "{line:?}");
                assert!(line.at.1 <= A4.1 - 10.0, "{}: {line:?}", said.welcome.tag);
                assert!(line.size >= 3.0, "{line:?}");
            }
            let whole: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
            let whole = whole.join(" ");
            let [on, _, open] = &said.welcome.steps;
            for text in [
                on,
                open,
                &said.find[0],
                &said.find[1],
                &said.blanks[1],
                &said.write,
            ] {
                assert!(
                    whole.contains(text.as_str()),
                    "{}: {text}",
                    said.welcome.tag
                );
            }
            assert!(whole.contains("http://school.internal/"));
        }
    }

    #[test]
    fn languages_come_in_the_order_in_which_they_are_asked_for() {
        let tags = |asked: &[&str]| -> Vec<String> {
            let asked: Vec<String> = asked.iter().map(|tag| (*tag).to_owned()).collect();
            let said = Said::chosen(&Languages::load(), &asked).unwrap();
            said.into_iter().map(|said| said.welcome.tag).collect()
        };
        assert_eq!(tags(&["uk", "ar", "uk"]), ["uk", "ar"]);
        let strange = Said::chosen(&Languages::load(), &["xx".to_owned()]);
        assert!(strange.is_err());
    }
}
