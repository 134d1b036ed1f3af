//! Where everything on the sheet stands: three rows, one a step, each with its drawing, QR code, what can be typed, and the sentence in each
//! language. Where all languages run from right to left, so does the sheet.

use super::code::{Code, QUIET};
use super::drawing::{self, Drawing, Fill, PEN, SIGN};
use super::face::Faces;
use super::facts::Facts;
use super::path::Path;
use super::sheet::{A4, Held, Line, Mark, SheetError, Square};
use super::words::{STEPS, Words};

/// White at the edges, which no printer reaches.
const MARGIN: f64 = 12.0;
const WIDTH: f64 = A4.0 - 2.0 * MARGIN;
/// Where the first row begins, and how high each is.
const FIRST_ROW: f64 = 31.0;
const ROW: f64 = 84.5;
/// Height of a drawing.
const DRAWN: f64 = 52.0;
/// Side of a QR code, without the white around: 28 mm on A5.
const CODE: f64 = 40.0;
/// Baseline of what can be typed, and its largest type, in a row.
const VALUE: (f64, f64) = (60.0, 6.0);
/// Largest and smallest type of sentences.
const TYPE: (f64, f64) = (6.6, 2.8);
/// Height of the sentences of a row.
const SENTENCES: f64 = 19.5;
/// Between columns of sentences.
const BETWEEN: f64 = 6.0;
/// From one line to the next, in sizes of the type.
const PITCH: f64 = 1.4;
/// The radius of a step's number.
const NUMBER: f64 = 6.5;

/// The marks of the sheet on A4, and its codes.
pub(super) fn of(
    facts: &Facts,
    words: &[Words],
    faces: &Faces,
) -> Result<(Vec<Mark>, Vec<Square>), SheetError> {
    // The column of those who read from right to left is the right one, and it is the last.
    let mut words: Vec<&Words> = words.iter().collect();
    words.sort_by_key(|words| words.rtl);
    let mut layout = Layout {
        words: &words,
        faces,
        mirrored: words.iter().all(|words| words.rtl),
        marks: Vec::new(),
        codes: Vec::new(),
    };
    let size = layout.type_size()?;
    layout.greet();
    for (step, drawing) in drawing::steps().iter().enumerate() {
        layout.row(step, drawing, size);
    }
    layout.code(1, &facts.code_text())?;
    layout.code(2, &facts.address)?;
    let network = (drawing::network_sign(), facts.network.as_str());
    let key = (facts.phrase.as_deref()).map(|phrase| (drawing::key_sign(), phrase));
    layout.values(1, [network].into_iter().chain(key).collect());
    layout.values(2, vec![(drawing::page_sign(), facts.address.as_str())]);
    Ok((layout.marks, layout.codes))
}

struct Layout<'a> {
    words: &'a [&'a Words],
    faces: &'a Faces,
    mirrored: bool,
    marks: Vec<Mark>,
    codes: Vec<Square>,
}

/// A sentence and its place among those of its step.
struct Cell<'a> {
    words: &'a Words,
    text: &'a str,
    place: usize,
}

/// Top of a row.
fn top(step: usize) -> f64 {
    (0..step).fold(FIRST_ROW, |top, _| top + ROW)
}

impl<'a> Layout<'a> {
    /// Left end of what is `wide` and begins `from` the side where reading begins.
    fn left(&self, from: f64, wide: f64) -> f64 {
        match self.mirrored {
            true => A4.0 - MARGIN - from - wide,
            false => MARGIN + from,
        }
    }

    fn draw(&mut self, drawing: &Drawing, x: f64, y: f64, scale: f64) {
        self.marks.extend(
            drawing.strokes.iter().map(|stroke| {
                Mark::Stroke(stroke.path.placed(x, y, scale), PEN * scale, stroke.fill)
            }),
        );
    }

    /// The greetings in one line, in the middle.
    fn greet(&mut self) {
        const LARGEST: f64 = 9.0;
        // In sizes of the type.
        const GAP: f64 = 1.2;
        let widths: Vec<f64> = (self.words.iter())
            .map(|words| self.faces.width(&words.hello, words.rtl))
            .collect();
        let gaps = GAP * (1..widths.len()).fold(0.0, |gaps, _| gaps + 1.0);
        let wide = widths.iter().sum::<f64>() + gaps;
        let size = LARGEST.min(WIDTH / wide);
        let mut x = MARGIN + (WIDTH - wide * size) / 2.0;
        let y = FIRST_ROW - 9.0;
        for (place, (words, width)) in self.words.iter().zip(widths).enumerate() {
            if place > 0 {
                let middle = (x - GAP * size / 2.0, y - 0.25 * size);
                let dot = Path::default().circle(middle.0, middle.1, 0.09 * size);
                self.marks.push(Mark::Stroke(dot, 0.0, Fill::Ink));
            }
            self.marks.push(Mark::Text(Line {
                text: words.hello.clone(),
                tag: words.tag.clone(),
                rtl: words.rtl,
                at: (x + width * size / 2.0, y),
                held: Held::Middle,
                size,
            }));
            x += (width + GAP) * size;
        }
    }

    /// A step: its number, its drawing, and what it says.
    fn row(&mut self, step: usize, drawing: &Drawing, size: f64) {
        let top = top(step);
        let rule = Path::default().line(&[(MARGIN, top), (A4.0 - MARGIN, top)]);
        self.marks.push(Mark::Stroke(rule, 0.3, Fill::Nothing));
        let scale = DRAWN / drawing::HIGH;
        let x = self.left(2.0 * NUMBER + 5.0, drawing.wide * scale);
        let drawing = match self.mirrored {
            true => &drawing.mirrored(),
            false => drawing,
        };
        self.draw(drawing, x, top + 2.5, scale);
        self.number(step, top);
        let from = match step {
            0 => DRAWN + 8.0,
            _ => ROW - SENTENCES - 1.0,
        };
        for cell in self.cells(step) {
            self.sentence(&cell, top + from, size);
        }
    }

    fn number(&mut self, step: usize, top: f64) {
        let x = self.left(1.0, 2.0 * NUMBER) + NUMBER;
        let y = top + 3.0 + NUMBER;
        let ring = Path::default().circle(x, y, NUMBER);
        self.marks.push(Mark::Stroke(ring, 1.0, Fill::Paper));
        let own = match self.words {
            [words] => words.numbers.get(step).cloned(),
            _ => None,
        };
        self.marks.push(Mark::Text(Line {
            text: own.unwrap_or_else(|| (step + 1).to_string()),
            tag: String::new(),
            rtl: false,
            at: (x, y + 2.9),
            held: Held::Middle,
            size: 8.0,
        }));
    }

    /// The sentences of a step: one language alone is told more fully, more stand in two columns.
    fn cells(&self, step: usize) -> Vec<Cell<'a>> {
        let cell = |words: &'a Words, texts: &'a [String; STEPS], place: usize| {
            let text = texts.get(step)?;
            Some(Cell { words, text, place })
        };
        let all = self.words.iter().enumerate();
        match self.words {
            [one] => [cell(one, &one.steps, 0), cell(one, &one.more, 1)]
                .into_iter()
                .flatten()
                .collect(),
            _ => all
                .filter_map(|(place, one)| cell(one, &one.steps, place))
                .collect(),
        }
    }

    /// Columns of sentences, and how wide each is.
    fn columns(&self) -> (usize, f64) {
        match self.words {
            [_] => (1, WIDTH),
            _ => (2, (WIDTH - BETWEEN) / 2.0),
        }
    }

    /// The largest type in which all sentences of all steps have room.
    fn type_size(&self) -> Result<f64, SheetError> {
        let (columns, wide) = self.columns();
        let sizes = (0..STEPS).map(|step| {
            let cells = self.cells(step);
            let lines = cells.chunks(columns).fold(0.0, |lines, _| lines + 1.0);
            let longest = (cells.iter())
                .map(|cell| self.faces.width(cell.text, cell.words.rtl))
                .fold(0.0, f64::max);
            (SENTENCES / lines / PITCH).min(wide / longest)
        });
        let size = sizes.fold(TYPE.0, f64::min);
        match size < TYPE.1 {
            true => Err(SheetError::Crowded(self.words.len())),
            false => Ok(size),
        }
    }

    fn sentence(&mut self, cell: &Cell<'_>, top: f64, size: f64) {
        let Cell { words, text, place } = *cell;
        let (columns, wide) = self.columns();
        let (line, column) = (place / columns, place % columns);
        // One that is alone in its line stands in the column of its side.
        let alone = place + 1 == self.words.len() && column == 0;
        let aside = columns > 1 && alone && words.rtl && !self.mirrored;
        let from = match aside || column > 0 {
            true => wide + BETWEEN,
            false => 0.0,
        };
        let left = self.left(from, wide);
        let (x, held) = match words.rtl {
            true => (left + wide, Held::Right),
            false => (left, Held::Left),
        };
        let y = (0..line).fold(top + size, |y, _| y + size * PITCH);
        self.marks.push(Mark::Text(Line {
            text: text.to_owned(),
            tag: words.tag.clone(),
            rtl: words.rtl,
            at: (x, y),
            held,
            size,
        }));
    }

    /// The QR code of `text` at the end of a row.
    fn code(&mut self, step: usize, text: &str) -> Result<(), SheetError> {
        let code = Code::of(text)?;
        let square = CODE / f64::from(code.side());
        let quiet = square * f64::from(QUIET);
        let block = CODE + 2.0 * quiet;
        let x = self.left(WIDTH - block, block) + quiet;
        let y = top(step) + 1.5 + quiet;
        let white = Path::default().rect(x - quiet, y - quiet, block, block);
        self.marks.push(Mark::Stroke(white, 0.0, Fill::Paper));
        let dark = code.path().placed(x, y, square);
        self.marks.push(Mark::Stroke(dark, 0.0, Fill::Ink));
        self.codes.push(Square {
            at: (x, y),
            side: CODE,
            quiet,
        });
        Ok(())
    }

    /// What can be typed, each behind its sign, in one line: as large as there is room.
    fn values(&mut self, step: usize, values: Vec<(Drawing, &str)>) {
        // Widths of a sign, of the gap behind it and of that between values, in sizes of the type.
        const WIDE: (f64, f64, f64) = (1.3, 0.4, 1.6);
        let count = values.iter().fold(0.0, |count, _| count + 1.0);
        let text: f64 = (values.iter())
            .map(|(_, value)| self.faces.width(value, false))
            .sum();
        let wide = text + count * (WIDE.0 + WIDE.1) + (count - 1.0) * WIDE.2;
        let size = VALUE.1.min(WIDTH / wide);
        let y = top(step) + VALUE.0;
        let mut from = 0.0;
        for (sign, value) in values {
            let side = WIDE.0 * size;
            let x = self.left(from, side);
            self.draw(&sign, x, y - side * 0.8, side / SIGN);
            from += side + WIDE.1 * size;
            let wide = self.faces.width(value, false) * size;
            let left = self.left(from, wide);
            // Held beside its sign: a picture is set in other letters than those that were measured.
            let (x, held) = match self.mirrored {
                true => (left + wide, Held::Right),
                false => (left, Held::Left),
            };
            self.marks.push(Mark::Text(Line {
                text: value.to_owned(),
                tag: String::new(),
                rtl: false,
                at: (x, y),
                held,
                size,
            }));
            from += wide + WIDE.2 * size;
        }
    }
}
