//! Marks as SVG: a whole sheet that stands alone, and drawings and codes that stand in a page.

use super::code::{Code, QUIET};
use super::drawing::{Drawing, Fill, HIGH, PEN};
use super::path::{Path, Step};
use super::sheet::{Held, Line, Mark, Sheet};
use std::fmt::Write as _;

/// A typeface for each script, by the name that the system may have it under; what prints chooses.
const TYPE: &str = "system-ui,'Noto Sans','Noto Sans Arabic','Noto Naskh Arabic','DejaVu Sans',Roboto,'Segoe UI','Geeza Pro',Tahoma,\
                    'Noto Sans Ethiopic','Noto Sans Khmer','Noto Sans Myanmar','Noto Sans Lao','Noto Sans CJK SC',sans-serif";

/// The sheet as a picture of its own.
#[must_use]
pub fn sheet(sheet: &Sheet) -> String {
    let (wide, high) = sheet.size;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}mm\" height=\"{high}mm\" viewBox=\"0 0 {wide} {high}\" lang=\"{}\">\n\
         <title>{}</title>\n<rect width=\"{wide}\" height=\"{high}\" fill=\"#fff\"/>\n\
         <g stroke-linecap=\"round\" stroke-linejoin=\"round\" font-family=\"{TYPE}\">\n",
        escaped(&sheet.tag),
        escaped(&sheet.title)
    );
    for mark in &sheet.marks {
        match mark {
            Mark::Stroke(path, pen, fill) => stroke(&mut svg, path, *pen, *fill),
            Mark::Text(line) => text(&mut svg, line),
        }
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

fn stroke(svg: &mut String, path: &Path, pen: f64, fill: Fill) {
    let fill = match fill {
        Fill::Nothing => "none",
        Fill::Paper => "#fff",
        Fill::Ink => "#000",
    };
    let _ = write!(svg, "<path fill=\"{fill}\"");
    if pen > 0.0 {
        let _ = write!(svg, " stroke=\"#000\" stroke-width=\"{}\"", short(pen));
    }
    let _ = writeln!(svg, " d=\"{}\"/>", data(path));
}

fn text(svg: &mut String, line: &Line) {
    // `start` and `end` are those of the direction.
    let anchor = match (line.held, line.rtl) {
        (Held::Left, false) | (Held::Right, true) => "start",
        (Held::Middle, _) => "middle",
        (Held::Right, false) | (Held::Left, true) => "end",
    };
    let _ = write!(
        svg,
        "<text x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"{anchor}\"",
        short(line.at.0),
        short(line.at.1),
        short(line.size)
    );
    if line.rtl {
        svg.push_str(" direction=\"rtl\"");
    }
    if !line.tag.is_empty() {
        let _ = write!(svg, " lang=\"{0}\" xml:lang=\"{0}\"", escaped(&line.tag));
    }
    let _ = writeln!(svg, ">{}</text>", escaped(&line.text));
}

/// A drawing that stands in a page, in the page's own colours; it says nothing that the words beside it do not say.
#[must_use]
pub fn drawing(drawing: &Drawing) -> String {
    let mut svg = format!(
        "<svg class=\"art\" viewBox=\"0 0 {} {HIGH}\" stroke-width=\"{PEN}\" aria-hidden=\"true\" focusable=\"false\">",
        drawing.wide
    );
    for stroke in &drawing.strokes {
        let class = match stroke.fill {
            Fill::Nothing => "",
            Fill::Paper => " class=\"wall\"",
            Fill::Ink => " class=\"ink\"",
        };
        let _ = write!(svg, "<path{class} d=\"{}\"/>", data(&stroke.path));
    }
    svg.push_str("</svg>");
    svg
}

/// A QR code that stands in a page, dark on light whatever the page's colours are, with the white that it needs; `name` is for who cannot see it.
#[must_use]
pub fn code(code: &Code, name: &str) -> String {
    let (side, quiet) = (u16::from(code.side()), u16::from(QUIET));
    let all = side + 2 * quiet;
    format!(
        "<svg class=\"code\" viewBox=\"-{quiet} -{quiet} {all} {all}\" role=\"img\" aria-label=\"{}\">\
         <path fill=\"#fff\" d=\"M-{quiet}-{quiet}h{all}v{all}h-{all}z\"/><path fill=\"#000\" d=\"{}\"/></svg>",
        escaped(name),
        squares(code)
    )
}

/// As [`Code::path`], in few letters.
fn squares(code: &Code) -> String {
    let mut data = String::new();
    for y in 0..code.side() {
        let mut x = 0;
        while x < code.side() {
            let run = (x..code.side()).take_while(|&at| code.dark(at, y)).count();
            if run > 0 {
                let _ = write!(data, "M{x} {y}h{run}v1h-{run}z");
            }
            x = x.saturating_add(u8::try_from(run.max(1)).unwrap_or(u8::MAX));
        }
    }
    data
}

/// The pen's steps as the attribute `d`.
fn data(path: &Path) -> String {
    let mut data = String::new();
    for step in &path.0 {
        let (letter, numbers): (char, &[f64]) = match step {
            Step::Move(x, y) => ('M', &[*x, *y]),
            Step::Line(x, y) => ('L', &[*x, *y]),
            Step::Curve(points) => ('C', points),
            Step::Close => ('Z', &[]),
        };
        data.push(letter);
        for (place, number) in numbers.iter().enumerate() {
            if place > 0 {
                data.push(' ');
            }
            data.push_str(&short(*number));
        }
    }
    data
}

/// To a hundredth, without zeros at its end.
fn short(number: f64) -> String {
    let text = format!("{number:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    match text {
        "-0" => "0".to_owned(),
        text => text.to_owned(),
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML knows no others, and no network's name needs them.
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
