//! A QR code for a terminal, and as SVG.
//!
//! Two rows of squares in a line of characters: half a block is a square, as a character is twice as high as wide. With `colours` each line says black on
//! white, so that a reader sees dark on light in whatever colours the terminal has; without them ink is dark, as on paper.
//!
//! ASCII has nothing that looks like half a block to a camera, so there a square is two characters of a line of its own. A code that is to fit
//! [`COLUMNS`] is [`ASCII_SIDE`] squares wide at most, and has less white around it, but never none.

use crate::welcome::code::{Code, QUIET};
use std::fmt::Write as _;

/// Black on white, and back (ECMA-48, SGR).
const COLOURS: (&str, &str) = ("\x1b[0;30;107m", "\x1b[0m");
/// Of the terminal that a technician has.
pub const COLUMNS: usize = 80;
/// Squares of a side at most, in ASCII.
pub const ASCII_SIDE: u8 = 37;
/// As drawn on paper, mm a square.
const SQUARE_MM: f64 = 1.0;

/// How it is drawn in a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Half blocks, with colours.
    Colours,
    /// Half blocks, without: for a file, or a terminal that is dark on light.
    Plain,
    /// `##` for a dark square: for a line that knows ASCII alone. At most [`COLUMNS`] wide with a code of [`ASCII_SIDE`].
    Ascii,
}

/// White around a code in ASCII, squares: as much as there is room for.
fn quiet_in_ascii(code: &Code) -> usize {
    let room = (COLUMNS / 2).saturating_sub(code.side().into()) / 2;
    room.clamp(1, QUIET.into())
}

/// The code with the white around it, a line a string.
#[must_use]
pub fn terminal(code: &Code, style: Style) -> Vec<String> {
    let quiet = match style {
        Style::Ascii => quiet_in_ascii(code),
        Style::Colours | Style::Plain => usize::from(QUIET),
    };
    let whole = usize::from(code.side()) + 2 * quiet;
    let dark = |x: usize, y: usize| {
        let inside = |at: usize| at.checked_sub(quiet).and_then(|at| u8::try_from(at).ok());
        matches!((inside(x), inside(y)), (Some(x), Some(y)) if code.dark(x, y))
    };
    if style == Style::Ascii {
        let square = |dark: bool| if dark { "##" } else { "  " };
        let line = |y: usize| (0..whole).map(|x| square(dark(x, y))).collect();
        return (0..whole).map(line).collect();
    }
    let half = |x: usize, y: usize| match (dark(x, y), dark(x, y + 1)) {
        (true, true) => '\u{2588}',
        (true, false) => '\u{2580}',
        (false, true) => '\u{2584}',
        (false, false) => ' ',
    };
    let (before, after) = match style {
        Style::Colours => COLOURS,
        Style::Plain | Style::Ascii => ("", ""),
    };
    let line = |y: usize| -> String {
        let halves: String = (0..whole).map(|x| half(x, y)).collect();
        format!("{before}{halves}{after}")
    };
    (0..whole).step_by(2).map(line).collect()
}

/// The code alone, with the white around it.
#[must_use]
pub fn svg(code: &Code) -> String {
    let (side, quiet) = (f64::from(code.side()), f64::from(QUIET));
    let whole = side + 2.0 * quiet;
    let mm = whole * SQUARE_MM;
    let mut squares = String::new();
    for y in 0..code.side() {
        for x in (0..code.side()).filter(|x| code.dark(*x, y)) {
            let _ = write!(squares, "M{x} {y}h1v1h-1z");
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{mm}mm\" height=\"{mm}mm\" viewBox=\"-{quiet} -{quiet} {whole} {whole}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M-{quiet}-{quiet}h{whole}v{whole}h-{whole}z\"/><path d=\"{squares}\"/></svg>\n"
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const TEXT: &str =
        "SBT1/SB-PH-0042/2026.11/17/20261129T071405Z/87.5/250/OONNOOOOONOOFOO/1.1/6449519E";

    /// What a camera sees: a dot for a square, or for half a character.
    fn read(dots: &[Vec<bool>]) -> String {
        const SCALE: usize = 4;
        let (wide, high) = (dots[0].len() * SCALE, dots.len() * SCALE);
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(wide, high, |x, y| {
            if dots[y / SCALE][x / SCALE] { 0 } else { 255 }
        });
        let grids = image.detect_grids();
        grids[0].decode().unwrap().1
    }

    fn squares(lines: &[String]) -> Vec<Vec<bool>> {
        let of_line = |line: &String| line.as_bytes().chunks(2).map(|two| two == b"##").collect();
        lines.iter().map(of_line).collect()
    }

    fn halves(lines: &[String]) -> Vec<Vec<bool>> {
        let mut dots = Vec::new();
        for line in lines {
            dots.push(
                line.chars()
                    .map(|c| "\u{2588}\u{2580}".contains(c))
                    .collect(),
            );
            dots.push(
                line.chars()
                    .map(|c| "\u{2588}\u{2584}".contains(c))
                    .collect(),
            );
        }
        dots
    }

    #[test]
    fn what_is_drawn_is_read_back() {
        let code = Code::of(TEXT).unwrap();
        let plain = terminal(&code, Style::Plain);
        assert!(plain[0].chars().count() <= 80);
        assert_eq!(read(&halves(&plain)), TEXT);
        let coloured = terminal(&code, Style::Colours);
        let bare: Vec<String> = coloured
            .iter()
            .map(|line| {
                let inner = line.strip_prefix(COLOURS.0).unwrap();
                inner.strip_suffix(COLOURS.1).unwrap().to_owned()
            })
            .collect();
        assert_eq!(bare, plain);
        let ascii = squares(&terminal(&code, Style::Ascii));
        assert_eq!(read(&ascii), TEXT);
        // The control: one that is light on dark is no code to this reader.
        let inverted: Vec<Vec<bool>> = ascii
            .iter()
            .map(|line| line.iter().map(|dark| !dark).collect())
            .collect();
        assert_ne!(
            std::panic::catch_unwind(|| read(&inverted)).ok().as_deref(),
            Some(TEXT)
        );
    }

    /// Whatever length a result has that is drawn in ASCII at all: no line is broken by a terminal of 80 columns, and a reader reads it.
    #[test]
    fn in_ascii_it_fits_eighty_columns_and_is_read_back() {
        let mut sides = Vec::new();
        for length in [20, 77, 84, 90, 91, 114, 115, 154] {
            let text: String = TEXT.chars().cycle().take(length).collect();
            let code = Code::within(&text, ASCII_SIDE).unwrap();
            sides.push(code.side());
            let lines = terminal(&code, Style::Ascii);
            assert!(lines.iter().all(|line| line.len() <= COLUMNS), "{length}");
            let white = |line: &String| line.trim().is_empty();
            assert!(white(&lines[0]) && lines.last().is_some_and(white));
            assert!(
                lines
                    .iter()
                    .all(|line| line.starts_with("  ") && line.ends_with("  "))
            );
            assert_eq!(read(&squares(&lines)), text);
        }
        assert_eq!(sides, [21, 33, 33, 33, 37, 37, 37, 37]);
        let longer: String = TEXT.chars().cycle().take(155).collect();
        assert!(Code::within(&longer, ASCII_SIDE).is_err());
        // The control: at the strength of paper the same text is wider than the terminal.
        let strong = terminal(&Code::of(&longer).unwrap(), Style::Ascii);
        assert!(strong[0].len() > COLUMNS);
    }

    #[test]
    fn the_drawing_has_every_dark_square() {
        let code = Code::of(TEXT).unwrap();
        let svg = svg(&code);
        let dark = (0..code.side())
            .flat_map(|y| (0..code.side()).map(move |x| (x, y)))
            .filter(|(x, y)| code.dark(*x, *y))
            .count();
        assert_eq!(svg.matches("h1v1h-1z").count(), dark);
    }
}
