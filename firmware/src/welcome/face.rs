//! A typeface: which glyphs a line is made of, and how wide they are. The letters of a script that joins them are joined, those of a script
//! that runs from right to left run so, and mixed lines do both.

use harfrust::font::Blob;
use harfrust::{Buffer, ClusterLevel, Direction, Font, GlyphId, ShapeOptions, ShaperFont, shape};
use std::cmp::Reverse;
use std::path::Path;
use unicode_bidi::{BidiInfo, Level};

/// A typeface file larger than this is none, bytes.
const LARGEST: u64 = 64 << 20;

/// Why a file gives no letters.
#[derive(Debug, thiserror::Error)]
pub enum FaceError {
    /// It cannot be read.
    #[error("the typeface {file} cannot be read; give a TrueType file that is there")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is something else.
    #[error(
        "{0} is no typeface with TrueType outlines; give one, such as NotoSans-Regular.ttf of Debian's fonts-noto-core"
    )]
    Foreign(String),
}

/// One typeface.
pub struct Face {
    bytes: Blob,
    font: Font,
}

/// Measures of a typeface, in thousandths of its size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measures {
    /// Height of capitals.
    pub cap_height: f32,
    /// What all glyphs keep within: left, bottom, right, top.
    pub bounds: [f32; 4],
}

/// A glyph at its place; lengths are in sizes of the type.
#[derive(Debug, Clone, PartialEq)]
pub struct Glyph {
    /// Its number in the typeface.
    pub id: u16,
    /// Where it is drawn: from the line's left end, and above the line.
    pub at: (f64, f64),
    /// The text that it stands for; empty where another glyph of the same letters has it.
    pub text: String,
}

/// A line of glyphs from left to right.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Set {
    /// The glyphs.
    pub glyphs: Vec<Glyph>,
    /// How long it is, in sizes of the type.
    pub width: f64,
    /// A letter that the typeface does not have.
    pub lacks: Option<char>,
}

impl Face {
    fn new(bytes: Blob) -> Option<Self> {
        // An outline of another kind would have to be embedded in another way.
        let head = bytes.as_ref().get(..4);
        let truetype = matches!(head, Some([0, 1, 0, 0] | b"true"));
        let font = Font::new(bytes.clone(), 0).filter(|_| truetype)?;
        (font.units_per_em() > 0).then_some(Self { bytes, font })
    }

    /// The file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// How wide a glyph is, in thousandths of the size.
    #[must_use]
    pub fn advance(&self, glyph: u16) -> f32 {
        let advance = ShaperFont::new(&self.font).glyph_h_advance(GlyphId::new(glyph.into()));
        let em = f64::from(self.font.units_per_em());
        #[allow(clippy::cast_possible_truncation, reason = "a width of a glyph")]
        let thousandths = (f64::from(advance) * 1000.0 / em) as f32;
        thousandths
    }

    /// Its measures.
    #[must_use]
    pub fn measures(&self) -> Measures {
        let (metrics, em) = (self.font.metrics(), f32::from(self.font.units_per_em()));
        let bounds = metrics.bounds;
        let sides = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max];
        let capitals = metrics.cap_height.unwrap_or(bounds.y_max);
        Measures {
            cap_height: capitals.to_f32() * 1000.0 / em,
            bounds: sides.map(|units| units.to_f32() * 1000.0 / em),
        }
    }

    /// Sets `text` as one line of a language that runs from right to left or not.
    #[must_use]
    pub fn set(&self, text: &str, rtl: bool) -> Set {
        let font = ShaperFont::new(&self.font);
        let base = if rtl { Level::rtl() } else { Level::ltr() };
        let order = BidiInfo::new(text, Some(base));
        let mut set = Set::default();
        for paragraph in &order.paragraphs {
            let (levels, runs) = order.visual_runs(paragraph, paragraph.range.clone());
            for run in runs {
                let backwards = levels.get(run.start).is_some_and(Level::is_rtl);
                if let Some(part) = text.get(run) {
                    self.append(&font, part, backwards, &mut set);
                }
            }
        }
        set
    }

    fn append(&self, font: &ShaperFont<'_, '_>, text: &str, backwards: bool, set: &mut Set) {
        let mut buffer = Buffer::new();
        buffer.push_str(text);
        // A mark is told apart from the letter that it sits on.
        buffer.set_cluster_level(ClusterLevel::MonotoneCharacters);
        buffer.guess_segment_properties();
        buffer.set_direction(match backwards {
            true => Direction::RightToLeft,
            false => Direction::LeftToRight,
        });
        if shape(font, &mut buffer, ShapeOptions::default()).is_err() {
            set.lacks = set.lacks.or(text.chars().next());
            return;
        }
        let em = f64::from(self.font.units_per_em());
        let (infos, positions) = (buffer.glyph_infos(), buffer.glyph_positions());
        for ((info, position), letters) in
            infos.iter().zip(positions).zip(letters_of(&buffer, text))
        {
            if info.glyph_id == 0 {
                set.lacks = set.lacks.or(text
                    .get(info.cluster as usize..)
                    .and_then(|rest| rest.chars().next()));
            }
            set.glyphs.push(Glyph {
                // A TrueType file has no more.
                id: u16::try_from(info.glyph_id).unwrap_or(0),
                at: (
                    set.width + f64::from(position.x_offset) / em,
                    f64::from(position.y_offset) / em,
                ),
                text: letters.to_owned(),
            });
            set.width += f64::from(position.x_advance) / em;
        }
    }
}

/// The letters that each glyph of `buffer` stands for, of the `text` that it was shaped from. Of glyphs that share letters the widest has them:
/// the others are its marks.
fn letters_of<'a>(buffer: &Buffer, text: &'a str) -> Vec<&'a str> {
    let infos = buffer.glyph_infos();
    let wide = |place: usize| buffer.glyph_positions().get(place).map(|at| at.x_advance);
    let mut starts: Vec<u32> = infos.iter().map(|info| info.cluster).collect();
    starts.sort_unstable();
    starts.dedup();
    let letters = infos.iter().enumerate().map(|(place, info)| {
        let end = starts.iter().find(|next| **next > info.cluster);
        let end = end.map_or(text.len(), |end| *end as usize);
        let widest = (infos.iter().enumerate())
            .filter(|(_, other)| other.cluster == info.cluster)
            .max_by_key(|(other, _)| (wide(*other), Reverse(*other)));
        match widest.is_some_and(|(widest, _)| widest == place) {
            true => text.get(info.cluster as usize..end).unwrap_or_default(),
            false => "",
        }
    });
    letters.collect()
}

/// The typefaces at hand. The first is the one that every box has: DejaVu Sans, with the letters of Latin, Cyrillic and Arabic scripts.
pub struct Faces(Vec<Face>);

impl Faces {
    /// The box's own, and those of `files` for letters that it lacks.
    ///
    /// # Errors
    /// [`FaceError`] for a file that is none.
    pub fn with(files: &[impl AsRef<Path>]) -> Result<Self, FaceError> {
        let own = Face::new(dejavu::sans::regular().into());
        let mut faces: Vec<Face> = own.into_iter().collect();
        for file in files {
            let file = file.as_ref();
            let name = file.display().to_string();
            let unreadable = |source| FaceError::Unreadable {
                file: name.clone(),
                source,
            };
            if file.metadata().map_err(unreadable)?.len() > LARGEST {
                return Err(FaceError::Foreign(name));
            }
            let bytes = std::fs::read(file).map_err(unreadable)?;
            faces.push(Face::new(bytes.into()).ok_or(FaceError::Foreign(name))?);
        }
        Ok(Self(faces))
    }

    /// The box's own alone.
    #[must_use]
    pub fn own() -> Self {
        Self(
            Face::new(dejavu::sans::regular().into())
                .into_iter()
                .collect(),
        )
    }

    /// A typeface by its place.
    #[must_use]
    pub fn face(&self, place: usize) -> Option<&Face> {
        self.0.get(place)
    }

    /// Sets `text` with the first typeface that has all of its letters, else with the first; and says which.
    #[must_use]
    pub fn set(&self, text: &str, rtl: bool) -> (usize, Set) {
        let mut sets = self.0.iter().map(|face| face.set(text, rtl)).enumerate();
        let first = sets.next().unwrap_or_default();
        match first.1.lacks {
            None => first,
            Some(_) => sets.find(|(_, set)| set.lacks.is_none()).unwrap_or(first),
        }
    }

    /// How long `text` is, in sizes of the type.
    #[must_use]
    pub fn width(&self, text: &str, rtl: bool) -> f64 {
        self.set(text, rtl).1.width
    }
}

impl std::fmt::Debug for Faces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Faces").field(&self.0.len()).finish()
    }
}

#[cfg(test)]
mod tests;
