//! The printed welcome: how a class meets the box. One sheet with three drawings (switch the box on, join the network, open the page), two QR
//! codes, and a sentence for each step in each of the box's languages.
//!
//! ```text
//! facts.rs     what a phone joins and opens, the text of its QR code, who may read the key
//! code.rs      a QR code as squares in the light and in the dark
//! path.rs      lines and curves, drawn with a pen
//! drawing.rs   the three drawings, drawn by hand with that pen
//! face.rs      a typeface: which glyphs a line is made of, and how wide they are
//! words.rs     what the sheet says in one language
//! sheet.rs     the sheet: every mark at its place, in millimetres; layout.rs: which place
//! svg.rs       marks as SVG, whole or in parts; pdf.rs: as PDF, with the glyphs that it needs
//! print.rs     what every verb that prints asks: in which form, and where it goes
//! ```
//!
//! Pure: facts and words in, bytes out. Which network, and who may see its key, is others' business.

pub mod code;
pub mod drawing;
pub mod face;
pub mod facts;
mod layout;
pub mod path;
pub mod pdf;
pub mod print;
pub mod sheet;
pub mod svg;
pub mod words;

pub use face::Faces;
pub use facts::{Facts, Gate};
pub use sheet::{Paper, Sheet, SheetError};
pub use words::Words;

#[cfg(test)]
mod tests;
