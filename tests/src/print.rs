//! What a printer makes of a PDF file: rasterised by poppler, its QR codes read by a reader that the box does not have.

use crate::need::{self, Met};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Dots of an inch: as an old office printer's draft.
const DOTS: u32 = 150;
const MM_OF_AN_INCH: f64 = 25.4;

/// A QR code that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// Its text.
    pub text: String,
    /// Its side without the white around, mm.
    pub side_mm: f64,
    /// Its upper left corner on the page, mm.
    pub at_mm: (f64, f64),
}

/// A printed page.
#[derive(Debug, Clone)]
pub struct Page {
    /// Width and height, mm.
    pub size_mm: (f64, f64),
    /// The codes on it, from the upper to the lower.
    pub codes: Vec<Read>,
}

/// Poppler's programs.
#[derive(Debug)]
pub struct Printer {
    rasters: PathBuf,
    texts: PathBuf,
    fonts: PathBuf,
}

impl Printer {
    /// Finds what is needed; a lack is said and counted.
    #[must_use]
    pub fn find(test: &str) -> Met<Self> {
        let program = |name| need::program(test, name, "poppler-utils");
        Some(Self {
            rasters: program("pdftoppm")?,
            texts: program("pdftotext")?,
            fonts: program("pdffonts")?,
        })
    }

    /// The pages of `pdf`; each is left in `tests/output/print` to be looked at, as `NAME-1.png`.
    ///
    /// # Panics
    /// When poppler does not take the file.
    #[must_use]
    pub fn pages(&self, pdf: &Path, name: &str) -> Vec<Page> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let output = need::output_dir().join("print");
        std::fs::create_dir_all(&output).expect("tests/output/print");
        let dots = DOTS.to_string();
        let run = |form: &str, to: &Path| {
            said(
                Command::new(&self.rasters)
                    .args(["-r", &dots, form])
                    .arg(pdf)
                    .arg(to),
            )
        };
        run("-png", &output.join(name));
        run("-gray", &folder.path().join("page"));
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder.path())
            .expect("the pages")
            .map(|entry| entry.expect("a page").path())
            .collect();
        files.sort();
        files
            .iter()
            .map(|file| page(&std::fs::read(file).expect("a page")))
            .collect()
    }

    /// Its text, as a screen reader or a search gets it.
    #[must_use]
    pub fn text(&self, pdf: &Path) -> String {
        said(Command::new(&self.texts).arg(pdf).arg("-"))
    }

    /// Its typefaces: a line each, in poppler's columns, without their heads.
    #[must_use]
    pub fn fonts(&self, pdf: &Path) -> Vec<String> {
        let table = said(Command::new(&self.fonts).arg(pdf));
        table.lines().skip(2).map(str::to_owned).collect()
    }
}

fn said(command: &mut Command) -> String {
    let output = command.output().expect("poppler starts");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && complaints.is_empty(),
        "{command:?}: {complaints}"
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A page as a PGM file: `P5`, width, height, the largest grey, then the dots.
fn page(pgm: &[u8]) -> Page {
    let mut rest = pgm;
    let mut word = || {
        let end = rest
            .iter()
            .position(u8::is_ascii_whitespace)
            .expect("a PGM header");
        let (word, behind) = rest.split_at(end);
        rest = &behind[1..];
        String::from_utf8_lossy(word).into_owned()
    };
    assert_eq!(word(), "P5");
    let [wide, high, largest] = [(); 3].map(|()| word().parse::<usize>().expect("a number"));
    assert_eq!((largest, rest.len()), (255, wide * high));
    let dots = rest.to_vec();
    let mut image =
        rqrr::PreparedImage::prepare_from_greyscale(wide, high, |x, y| dots[y * wide + x]);
    let mm = |dots: f64| dots * MM_OF_AN_INCH / f64::from(DOTS);
    let mut codes: Vec<Read> = (image.detect_grids().iter())
        .filter_map(|grid| {
            let (_, text) = grid.decode().ok()?;
            let [left, right, ..] = grid.bounds;
            let (across, down) = (right.x - left.x, right.y - left.y);
            Some(Read {
                text,
                side_mm: mm(f64::from(across).hypot(f64::from(down))),
                at_mm: (mm(f64::from(left.x)), mm(f64::from(left.y))),
            })
        })
        .collect();
    codes.sort_by(|one, other| one.at_mm.1.total_cmp(&other.at_mm.1));
    #[allow(clippy::cast_precision_loss, reason = "some thousand dots")]
    let size_mm = (mm(wide as f64), mm(high as f64));
    Page { size_mm, codes }
}

/// The QR code that a program drew in half blocks on a terminal that is dark on light, with text around it; `None` where there is none that reads.
#[must_use]
pub fn in_terminal(text: &str) -> Option<String> {
    let blocks = |line: &&str| {
        let drawn = |c: char| " \u{2580}\u{2584}\u{2588}".contains(c);
        line.chars().count() > 20 && line.chars().all(drawn)
    };
    let lines: Vec<Vec<char>> = text
        .lines()
        .filter(blocks)
        .map(|line| line.chars().collect())
        .collect();
    let rows = (0..2 * lines.len()).map(|y| {
        let dark = |half: &char| match half {
            '\u{2588}' => true,
            '\u{2580}' => y % 2 == 0,
            '\u{2584}' => y % 2 == 1,
            _ => false,
        };
        lines[y / 2].iter().map(dark).collect()
    });
    read(&rows.collect::<Vec<_>>())
}

/// As [`in_terminal`], of a code in ASCII: `##` is a dark square.
#[must_use]
pub fn in_ascii(text: &str) -> Option<String> {
    let squares =
        |line: &&str| line.len() > 20 && line.bytes().all(|byte| matches!(byte, b' ' | b'#'));
    let rows = text.lines().filter(squares);
    let dark = |line: &str| {
        let pairs = line.as_bytes().chunks(2);
        pairs.map(|pair| pair == b"##").collect()
    };
    read(&rows.map(dark).collect::<Vec<_>>())
}

/// Of rows of dark squares and light ones.
fn read(rows: &[Vec<bool>]) -> Option<String> {
    /// Dots of a square: a reader wants some.
    const SCALE: usize = 4;
    let wide = rows.first()?.len();
    let (width, height) = (wide * SCALE, rows.len() * SCALE);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        if rows[y / SCALE].get(x / SCALE) == Some(&true) {
            0
        } else {
            255
        }
    });
    let grids = image.detect_grids();
    grids.first()?.decode().ok().map(|(_, text)| text)
}
