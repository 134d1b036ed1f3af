//! The card and the playbooks, ready to be printed: marks at their places on A4, in millimetres, from the same table. Pure.

use super::drawing::{WIDE, lights};
use super::words::{Told, Words};
use super::{ROWS, Row, Sight};
use crate::welcome::drawing::{Fill, HIGH, PEN};
use crate::welcome::path::Path;
use crate::welcome::sheet::{A4, Held, Line, Mark};
use crate::welcome::{Faces, Paper, Sheet};

/// White at the edges, which no printer reaches.
const MARGIN: f64 = 13.0;
const WIDTH: f64 = A4.0 - 2.0 * MARGIN;
/// From one line to the next, in sizes of the type.
const PITCH: f64 = 1.35;

/// The card: every state with its lights, what is seen and what it means.
#[must_use]
pub fn card(words: &Words, faces: &Faces, paper: Paper) -> Sheet {
    const ROW: f64 = 19.6;
    const DRAWN: f64 = 17.2;
    let mut page = Page::new(words, faces);
    page.text(&words.title, Column::WHOLE, 8.0);
    page.skip(1.0);
    page.fit(&words.how, Column::WHOLE, 4.0, 2);
    let first = page.y + 1.0;
    let wide = DRAWN * WIDE / HIGH;
    let beside = Column {
        from: wide + 5.0,
        wide: WIDTH - wide - 5.0,
    };
    let mut top = first;
    for (row, told) in ROWS.iter().zip(&words.states) {
        page.rule(top);
        if let Some(sight) = row.sights.first() {
            page.draw(*sight, top + (ROW - DRAWN) / 2.0, DRAWN, 0.0);
        }
        page.y = top + 1.3;
        page.fit(&told.seen, beside, 4.7, 1);
        page.skip(0.6);
        page.fit(&told.means, beside, 4.0, 2);
        top += ROW;
    }
    page.rule(top);
    page.y = top + 1.0;
    page.fit(&words.legend, Column::WHOLE, 3.3, 2);
    page.fit(&words.button, Column::WHOLE, 3.3, 1);
    page.sheet(words.title.clone(), paper)
}

/// The playbook of one state: what is seen, what it means, what to do, when to call.
#[must_use]
pub fn playbook(row: &Row, words: &Words, faces: &Faces, paper: Paper) -> Sheet {
    let mut page = Page::new(words, faces);
    let blank = Told {
        seen: String::new(),
        means: String::new(),
        who: String::new(),
        steps: Vec::new(),
        call: String::new(),
    };
    let told = words.told(row).unwrap_or(&blank);
    page.text(&told.seen, Column::WHOLE, 10.0);
    page.skip(5.0);
    page.pictures(row.sights);
    page.text(&words.legend, Column::WHOLE, 4.0);
    let [means, to_do, when] = &words.heads;
    page.head(means);
    page.text(&told.means, Column::WHOLE, 6.5);
    page.head(to_do);
    page.text(&told.who, Column::WHOLE, 5.0);
    page.skip(2.0);
    for (number, step) in &told.steps {
        page.step(number, step);
    }
    page.head(when);
    page.text(&told.call, Column::WHOLE, 6.5);
    page.sheet(told.seen.clone(), paper)
}

/// A part of the page's width, from where reading begins, mm.
#[derive(Clone, Copy)]
struct Column {
    from: f64,
    wide: f64,
}

impl Column {
    const WHOLE: Self = Self {
        from: 0.0,
        wide: WIDTH,
    };
}

struct Page<'a> {
    words: &'a Words,
    faces: &'a Faces,
    marks: Vec<Mark>,
    /// Where the next thing begins, from above.
    y: f64,
}

impl<'a> Page<'a> {
    fn new(words: &'a Words, faces: &'a Faces) -> Self {
        Self {
            words,
            faces,
            marks: Vec::new(),
            y: MARGIN,
        }
    }

    fn skip(&mut self, mm: f64) {
        self.y += mm;
    }

    /// Left end of what is `wide` and begins `from` the side where reading begins.
    fn left(&self, from: f64, wide: f64) -> f64 {
        match self.words.rtl {
            true => A4.0 - MARGIN - from - wide,
            false => MARGIN + from,
        }
    }

    fn rule(&mut self, y: f64) {
        let path = Path::default().line(&[(MARGIN, y), (A4.0 - MARGIN, y)]);
        self.marks.push(Mark::Stroke(path, 0.3, Fill::Nothing));
    }

    /// The lights, so high, `from` the side where reading begins.
    fn draw(&mut self, sight: Sight, top: f64, high: f64, from: f64) {
        let scale = high / HIGH;
        let left = self.left(from, WIDE * scale);
        let drawing = lights(sight);
        self.marks.extend(drawing.strokes.iter().map(|stroke| {
            Mark::Stroke(
                stroke.path.placed(left, top, scale),
                PEN * scale,
                stroke.fill,
            )
        }));
    }

    /// Every way in which a state is seen: one large, more beside one another.
    fn pictures(&mut self, sights: &[Sight]) {
        const GAP: f64 = 6.0;
        let count = sights.iter().fold(0.0, |count, _| count + 1.0);
        let wide = ((WIDTH - (count - 1.0) * GAP) / count).min(118.0);
        let high = wide * HIGH / WIDE;
        let mut from = 0.0;
        for sight in sights {
            self.draw(*sight, self.y, high, from);
            from += wide + GAP;
        }
        self.y += high + 4.0;
    }

    fn head(&mut self, text: &str) {
        self.skip(6.0);
        self.rule(self.y);
        self.skip(3.0);
        self.text(text, Column::WHOLE, 5.0);
        self.skip(1.5);
    }

    /// A step: its number in a ring, its sentence beside it.
    fn step(&mut self, number: &str, text: &str) {
        const RING: f64 = 5.0;
        const SIZE: f64 = 6.5;
        let (x, y) = (self.left(0.0, 2.0 * RING) + RING, self.y + RING);
        let ring = Path::default().circle(x, y, RING);
        self.marks.push(Mark::Stroke(ring, 0.7, Fill::Paper));
        self.marks.push(Mark::Text(Line {
            text: number.to_owned(),
            tag: String::new(),
            rtl: false,
            at: (x, y + 2.1),
            held: Held::Middle,
            size: 6.0,
        }));
        let top = self.y;
        let from = 2.0 * RING + 5.0;
        self.skip(1.4);
        let beside = Column {
            from,
            wide: WIDTH - from,
        };
        self.text(text, beside, SIZE);
        self.y = self.y.max(top + 2.0 * RING) + 2.5;
    }

    /// `text` in lines of `column`, below one another.
    fn text(&mut self, text: &str, column: Column, size: f64) {
        for line in self.lines(text, column.wide / size) {
            self.line(line, column, size);
        }
    }

    /// As [`Page::text`] in so many lines at most: smaller where it is longer.
    fn fit(&mut self, text: &str, column: Column, size: f64, lines: usize) {
        let mut size = size;
        while size > 2.5 && self.lines(text, column.wide / size).len() > lines {
            size *= 0.96;
        }
        self.text(text, column, size);
    }

    fn line(&mut self, text: String, column: Column, size: f64) {
        let left = self.left(column.from, column.wide);
        let (x, held) = match self.words.rtl {
            true => (left + column.wide, Held::Right),
            false => (left, Held::Left),
        };
        self.marks.push(Mark::Text(Line {
            text,
            tag: self.words.tag.clone(),
            rtl: self.words.rtl,
            at: (x, self.y + size),
            held,
            size,
        }));
        self.y += size * PITCH;
    }

    /// `text` broken where words end, for a line that is `wide` sizes of the type.
    fn lines(&self, text: &str, wide: f64) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split(' ') {
            let longer = lines.last().map(|line| format!("{line} {word}"));
            let fitting = longer.filter(|line| self.faces.width(line, self.words.rtl) <= wide);
            match (fitting, lines.last_mut()) {
                (Some(longer), Some(line)) => *line = longer,
                (_, _) => lines.push(word.to_owned()),
            }
        }
        lines
    }

    fn sheet(self, title: String, paper: Paper) -> Sheet {
        let sheet = Sheet {
            size: A4,
            title,
            tag: self.words.tag.clone(),
            marks: self.marks,
            codes: Vec::new(),
        };
        sheet.on(paper)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use crate::texts::Languages;

    fn texts(sheet: &Sheet) -> Vec<&Line> {
        let marks = sheet.marks.iter();
        marks
            .filter_map(|mark| match mark {
                Mark::Text(line) => Some(line),
                Mark::Stroke(..) => None,
            })
            .collect()
    }

    /// Nothing leaves the paper, and no type is too small to be read, in any language.
    #[test]
    fn every_sheet_keeps_to_its_paper() {
        let faces = Faces::own();
        for words in Words::of_all(&Languages::load()) {
            assert_eq!(words.lack(&faces), None, "{}", words.tag);
            let books = ROWS
                .iter()
                .map(|row| playbook(row, &words, &faces, Paper::A4));
            for sheet in books.chain([card(&words, &faces, Paper::A4)]) {
                for line in texts(&sheet) {
                    let wide = faces.width(&line.text, line.rtl) * line.size;
                    let what = format!("{}: {line:?}", sheet.title);
                    assert!(wide <= WIDTH + 0.01, "{what}");
                    assert!(line.at.1 <= A4.1 - 8.0, "{what}");
                    assert!(line.size >= 3.0, "{what}");
                }
            }
        }
    }

    /// The card in words, in all languages; whoever changes the table or a text reads what becomes of it.
    #[test]
    fn every_playbook_in_every_language() {
        for words in Words::of_all(&Languages::load()) {
            let mut text = format!("{}\n{}\n", words.title, words.how);
            for (row, told) in ROWS.iter().zip(&words.states) {
                text += &format!(
                    "\n{} — {}\n{}\n{}\n",
                    row.name, told.seen, told.means, told.who
                );
                for (number, step) in &told.steps {
                    text += &format!("{number} {step}\n");
                }
                text += &format!("{}\n", told.call);
            }
            insta::assert_snapshot!(format!("playbooks-{}", words.tag), text);
        }
    }

    #[test]
    fn the_card_draws_every_state() {
        let words = Words::of_all(&Languages::load());
        let english = words.iter().find(|words| words.tag == "en").unwrap();
        let sheet = card(english, &Faces::own(), Paper::A5);
        assert_eq!(sheet.size, (148.0, 210.0));
        let said: Vec<&str> = texts(&sheet)
            .iter()
            .map(|line| line.text.as_str())
            .collect();
        for told in &english.states {
            assert!(said.contains(&told.seen.as_str()), "{}", told.seen);
        }
    }
}
