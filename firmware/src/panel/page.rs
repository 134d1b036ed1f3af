//! A page of words and drawings in one language, laid out from above on A4, in millimetres; mirrored where the language runs from right to left.

use super::Sight;
use super::drawing::{WIDE, lights};
use crate::welcome::drawing::{Drawing, Fill, HIGH, PEN};
use crate::welcome::path::Path;
use crate::welcome::sheet::{A4, Held, Line, Mark};
use crate::welcome::{Faces, Paper, Sheet};

/// White at the edges, which no printer reaches.
const MARGIN: f64 = 13.0;
/// Between the edges.
pub(crate) const WIDTH: f64 = A4.0 - 2.0 * MARGIN;
/// From one line to the next, in sizes of the type.
const PITCH: f64 = 1.35;

/// A part of the page's width, from where reading begins, mm.
#[derive(Clone, Copy)]
pub(crate) struct Column {
    pub(crate) from: f64,
    pub(crate) wide: f64,
}

impl Column {
    pub(crate) const WHOLE: Self = Self {
        from: 0.0,
        wide: WIDTH,
    };
}

/// A page in one language, which is filled from above.
pub(crate) struct Page<'a> {
    tag: &'a str,
    rtl: bool,
    faces: &'a Faces,
    marks: Vec<Mark>,
    /// Where the next thing begins, from above.
    pub(crate) y: f64,
}

impl<'a> Page<'a> {
    pub(crate) fn new(tag: &'a str, rtl: bool, faces: &'a Faces) -> Self {
        Self {
            tag,
            rtl,
            faces,
            marks: Vec::new(),
            y: MARGIN,
        }
    }

    pub(crate) fn skip(&mut self, mm: f64) {
        self.y += mm;
    }

    /// Left end of what is `wide` and begins `from` the side where reading begins.
    fn left(&self, from: f64, wide: f64) -> f64 {
        match self.rtl {
            true => A4.0 - MARGIN - from - wide,
            false => MARGIN + from,
        }
    }

    pub(crate) fn rule(&mut self, y: f64) {
        let path = Path::default().line(&[(MARGIN, y), (A4.0 - MARGIN, y)]);
        self.marks.push(Mark::Stroke(path, 0.3, Fill::Nothing));
    }

    /// The lights, so high, `from` the side where reading begins.
    pub(crate) fn draw(&mut self, sight: Sight, top: f64, high: f64, from: f64) {
        self.picture(&lights(sight), top, high, from);
    }

    /// A drawing, so high, `from` the side where reading begins.
    pub(crate) fn picture(&mut self, drawing: &Drawing, top: f64, high: f64, from: f64) {
        let scale = high / HIGH;
        let left = self.left(from, drawing.wide * scale);
        self.marks.extend(drawing.strokes.iter().map(|stroke| {
            Mark::Stroke(
                stroke.path.placed(left, top, scale),
                PEN * scale,
                stroke.fill,
            )
        }));
    }

    /// Every way in which a state is seen: one large, more beside one another.
    pub(crate) fn pictures(&mut self, sights: &[Sight]) {
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

    pub(crate) fn head(&mut self, text: &str) {
        self.skip(6.0);
        self.rule(self.y);
        self.skip(3.0);
        self.text(text, Column::WHOLE, 5.0);
        self.skip(1.5);
    }

    /// A step: its number in a ring, its sentence beside it.
    pub(crate) fn step(&mut self, number: &str, text: &str) {
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

    /// A line to write on, behind its name.
    pub(crate) fn blank(&mut self, name: &str, column: Column, size: f64) {
        let named = self.faces.width(name, self.rtl) * size + size;
        let line = Column {
            from: column.from + named,
            wide: column.wide - named,
        };
        let left = self.left(line.from, line.wide);
        self.skip(size * 0.6);
        let y = self.y + size * 1.15;
        let path = Path::default().line(&[(left, y), (left + line.wide, y)]);
        self.marks.push(Mark::Stroke(path, 0.3, Fill::Nothing));
        self.text(name, column, size);
    }

    /// What is typed as it stands: it runs from left to right in every language.
    pub(crate) fn typed(&mut self, text: &str, column: Column, size: f64) {
        let left = self.left(column.from, column.wide);
        let (x, held) = match self.rtl {
            true => (left + column.wide, Held::Right),
            false => (left, Held::Left),
        };
        self.marks.push(Mark::Text(Line {
            text: text.to_owned(),
            tag: String::new(),
            rtl: false,
            at: (x, self.y + size),
            held,
            size,
        }));
        self.y += size * PITCH;
    }

    /// `text` in lines of `column`, below one another.
    pub(crate) fn text(&mut self, text: &str, column: Column, size: f64) {
        for line in self.lines(text, column.wide / size) {
            self.line(line, column, size);
        }
    }

    /// As [`Page::text`] in so many lines at most: smaller where it is longer.
    pub(crate) fn fit(&mut self, text: &str, column: Column, size: f64, lines: usize) {
        let mut size = size;
        while size > 2.5 && self.lines(text, column.wide / size).len() > lines {
            size *= 0.96;
        }
        self.text(text, column, size);
    }

    fn line(&mut self, text: String, column: Column, size: f64) {
        let left = self.left(column.from, column.wide);
        let (x, held) = match self.rtl {
            true => (left + column.wide, Held::Right),
            false => (left, Held::Left),
        };
        self.marks.push(Mark::Text(Line {
            text,
            tag: self.tag.to_owned(),
            rtl: self.rtl,
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
            let fitting = longer.filter(|line| self.faces.width(line, self.rtl) <= wide);
            match (fitting, lines.last_mut()) {
                (Some(longer), Some(line)) => *line = longer,
                (_, _) => lines.push(word.to_owned()),
            }
        }
        lines
    }

    pub(crate) fn sheet(self, title: String, paper: Paper) -> Sheet {
        let sheet = Sheet {
            size: A4,
            title,
            tag: self.tag.to_owned(),
            marks: self.marks,
            codes: Vec::new(),
        };
        sheet.on(paper)
    }
}
