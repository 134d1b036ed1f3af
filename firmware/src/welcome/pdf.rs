//! Marks as PDF 1.7: a page a sheet, black on white, the glyphs that it needs embedded, its text to be searched and read aloud.

use super::drawing::Fill;
use super::face::{Face, Faces, Glyph, Set};
use super::path::{Path, Step};
use super::sheet::{Held, Line, Mark, Sheet};
use flate2::{Compression, write::ZlibEncoder};
use pdf_writer::types::{
    CidFontType, FontFlags, LineCapStyle, LineJoinStyle, SystemInfo, UnicodeCmap,
};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use std::collections::BTreeMap;
use std::io::Write as _;
use subsetter::GlyphRemapper;

/// Points of a millimetre.
const POINTS: f64 = 72.0 / 25.4;

/// A typeface's glyphs cannot be taken out of it.
#[derive(Debug, thiserror::Error)]
#[error("the glyphs of a typeface cannot be taken out of it ({0}); give another with --font")]
pub struct PdfError(String);

/// Glyphs of one typeface that the page uses.
#[derive(Default)]
struct Used {
    renumbered: GlyphRemapper,
    /// What each new number stands for.
    texts: BTreeMap<u16, (u16, String)>,
}

/// The sheet as a PDF file.
///
/// # Errors
/// [`PdfError`] for a typeface that is damaged.
pub fn sheet(sheet: &Sheet, faces: &Faces) -> Result<Vec<u8>, PdfError> {
    sheets(std::slice::from_ref(sheet), faces)
}

/// Sheets as a PDF file, a page each; it is called as the first is.
///
/// # Errors
/// [`PdfError`] for a typeface that is damaged.
pub fn sheets(sheets: &[Sheet], faces: &Faces) -> Result<Vec<u8>, PdfError> {
    let mut used = BTreeMap::new();
    let contents = sheets.iter().map(|sheet| {
        let mut page = Page {
            high: sheet.size.1,
            content: Content::new(),
            used: std::mem::take(&mut used),
            faces,
        };
        page.content.set_line_cap(LineCapStyle::RoundCap);
        page.content.set_line_join(LineJoinStyle::RoundJoin);
        for mark in &sheet.marks {
            match mark {
                Mark::Stroke(path, pen, fill) => page.stroke(path, *pen, *fill),
                Mark::Text(line) => page.text(line),
            }
        }
        used = page.used;
        (sheet, packed(&page.content.finish()))
    });
    let pages: Vec<(&Sheet, Vec<u8>)> = contents.collect();
    file(&pages, &used, faces)
}

fn file(
    sheets: &[(&Sheet, Vec<u8>)],
    used: &BTreeMap<usize, Used>,
    faces: &Faces,
) -> Result<Vec<u8>, PdfError> {
    let mut last = 0;
    let mut next = || {
        last += 1;
        Ref::new(last)
    };
    let (catalog, pages, info) = (next(), next(), next());
    let ids: Vec<(Ref, Ref)> = sheets.iter().map(|_| (next(), next())).collect();
    let fonts: Vec<(usize, &Used, FontRefs)> = (used.iter())
        .map(|(place, used)| (*place, used, FontRefs([(); 5].map(|()| next()))))
        .collect();
    let (tag, title) = (sheets.first()).map_or(("", ""), |(sheet, _)| (&sheet.tag, &sheet.title));
    let mut pdf = Pdf::new();
    pdf.catalog(catalog)
        .pages(pages)
        .lang(TextStr(tag))
        .viewer_preferences()
        .display_doc_title(true);
    pdf.document_info(info).title(TextStr(title));
    pdf.pages(pages)
        .kids(ids.iter().map(|(page, _)| *page))
        .count(i32::try_from(ids.len()).unwrap_or(i32::MAX));
    for ((sheet, content), (page_id, content_id)) in sheets.iter().zip(&ids) {
        let (wide, high) = (points(sheet.size.0), points(sheet.size.1));
        let mut page = pdf.page(*page_id);
        page.media_box(Rect::new(0.0, 0.0, wide, high));
        page.parent(pages).contents(*content_id);
        let mut resources = page.resources();
        let mut named = resources.fonts();
        for (place, _, refs) in &fonts {
            named.pair(Name(font_name(*place).as_bytes()), refs.0[0]);
        }
        named.finish();
        resources.finish();
        page.finish();
        pdf.stream(*content_id, content).filter(Filter::FlateDecode);
    }
    for (place, used, refs) in &fonts {
        if let Some(face) = faces.face(*place) {
            embed(&mut pdf, face, used, refs)?;
        }
    }
    Ok(pdf.finish())
}

/// The objects of a font: itself, its descendant, its descriptor, its file, its characters.
struct FontRefs([Ref; 5]);

fn embed(pdf: &mut Pdf, face: &Face, used: &Used, refs: &FontRefs) -> Result<(), PdfError> {
    let FontRefs([font, descendant, descriptor, file, characters]) = *refs;
    let subset = subsetter::subset(face.bytes(), 0, &used.renumbered)
        .map_err(|error| PdfError(error.to_string()))?;
    // Six letters before the name say that it is a part of the typeface (ISO 32000-1, 9.6.4).
    let name = Name(b"SCHOOL+Welcome");
    let system = SystemInfo {
        registry: Str(b"Adobe"),
        ordering: Str(b"Identity"),
        supplement: 0,
    };
    pdf.type0_font(font)
        .base_font(name)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(descendant)
        .to_unicode(characters);
    let mut cid = pdf.cid_font(descendant);
    cid.subtype(CidFontType::Type2)
        .base_font(name)
        .system_info(system)
        .font_descriptor(descriptor)
        .default_width(0.0)
        .cid_to_gid_map_predefined(Name(b"Identity"));
    let mut widths = cid.widths();
    for (new, (old, _)) in &used.texts {
        widths.same(*new, *new, face.advance(*old));
    }
    widths.finish();
    cid.finish();
    let measures = face.measures();
    let [left, bottom, right, top] = measures.bounds;
    pdf.font_descriptor(descriptor)
        .name(name)
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(left, bottom, right, top))
        .italic_angle(0.0)
        .ascent(top)
        .descent(bottom)
        .cap_height(measures.cap_height)
        .stem_v(80.0)
        .font_file2(file);
    let length = i32::try_from(subset.len()).unwrap_or(i32::MAX);
    let packed_file = packed(&subset);
    let mut stream = pdf.stream(file, &packed_file);
    stream.filter(Filter::FlateDecode);
    stream.pair(Name(b"Length1"), length);
    stream.finish();
    let mut map = UnicodeCmap::new(Name(b"Welcome"), system);
    for (new, (_, text)) in &used.texts {
        if !text.is_empty() {
            map.pair_with_multiple(*new, text.chars());
        }
    }
    let packed = packed(&map.finish());
    pdf.stream(characters, &packed).filter(Filter::FlateDecode);
    Ok(())
}

struct Page<'a> {
    high: f64,
    content: Content,
    used: BTreeMap<usize, Used>,
    faces: &'a Faces,
}

impl Page<'_> {
    fn at(&self, x: f64, y: f64) -> (f32, f32) {
        (points(x), points(self.high - y))
    }

    fn stroke(&mut self, path: &Path, pen: f64, fill: Fill) {
        self.content.set_fill_gray(match fill {
            Fill::Paper => 1.0,
            Fill::Nothing | Fill::Ink => 0.0,
        });
        self.content.set_line_width(points(pen));
        for step in &path.0 {
            match *step {
                Step::Move(x, y) => {
                    let (x, y) = self.at(x, y);
                    self.content.move_to(x, y);
                }
                Step::Line(x, y) => {
                    let (x, y) = self.at(x, y);
                    self.content.line_to(x, y);
                }
                Step::Curve([a, b, c, d, e, f]) => {
                    let ((a, b), (c, d), (e, f)) = (self.at(a, b), self.at(c, d), self.at(e, f));
                    self.content.cubic_to(a, b, c, d, e, f);
                }
                Step::Close => {
                    self.content.close_path();
                }
            }
        }
        match (fill, pen > 0.0) {
            (Fill::Nothing, false) => self.content.end_path(),
            (Fill::Nothing, true) => self.content.stroke(),
            (Fill::Paper | Fill::Ink, false) => self.content.fill_nonzero(),
            (Fill::Paper | Fill::Ink, true) => self.content.fill_nonzero_and_stroke(),
        };
    }

    fn text(&mut self, line: &Line) {
        let (face, set) = self.faces.set(&line.text, line.rtl);
        let Set { glyphs, width, .. } = set;
        let left = match line.held {
            Held::Left => line.at.0,
            Held::Middle => line.at.0 - width * line.size / 2.0,
            Held::Right => line.at.0 - width * line.size,
        };
        let (name, size) = (font_name(face), points(line.size));
        let mut span = (self.content).begin_marked_content_with_properties(Name(b"Span"));
        let mut properties = span.properties();
        if !line.tag.is_empty() {
            properties.pair(Name(b"Lang"), TextStr(&line.tag));
        }
        properties.finish();
        span.finish();
        self.content.set_fill_gray(0.0);
        self.content.begin_text();
        self.content.set_font(Name(name.as_bytes()), size);
        let used = self.used.entry(face).or_default();
        for Glyph { id, at, text } in glyphs {
            let new = used.renumbered.remap(id);
            let known = used.texts.entry(new).or_insert((id, String::new()));
            if known.1.is_empty() {
                known.1 = text;
            }
            let (x, y) = (left + at.0 * line.size, line.at.1 - at.1 * line.size);
            let (x, y) = (points(x), points(self.high - y));
            self.content.set_text_matrix([1.0, 0.0, 0.0, 1.0, x, y]);
            self.content.show(Str(&new.to_be_bytes()));
        }
        self.content.end_text();
        self.content.end_marked_content();
    }
}

fn font_name(place: usize) -> String {
    format!("F{place}")
}

/// Millimetres in points. A page has some hundreds of them, which a short number can tell to a thousandth.
#[allow(clippy::cast_possible_truncation, reason = "see above")]
fn points(mm: f64) -> f32 {
    (mm * POINTS) as f32
}

/// Writing into memory does not fail.
fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
