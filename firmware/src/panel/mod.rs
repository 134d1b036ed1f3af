//! What the four lights say: the states that anybody learns from one printed card.
//!
//! ```text
//! table.rs     the states: what is seen of each, who can act, the keys of its words      cause.rs   what brings each about
//! timeline.rs  when a light is lit
//! drawing.rs   the four lights, drawn
//! words.rs     what is said in one language
//! sheets.rs    the card and the playbooks, to be printed; page.rs: a page of one language
//! frames.rs    the lights in a terminal, frame by frame
//! command.rs   the verb `panel` of both programs
//! ```
//!
//! Pure, and built without the feature `box`: the desk prints cards for kits. What lights when is `diagnostics/indicator.rs`, which is held
//! to this table for every input.

mod cause;
pub mod command;
pub mod drawing;
pub mod frames;
pub(crate) mod page;
pub mod sheets;
mod table;
mod timeline;
mod words;

pub use cause::Cause;
pub use table::{ROWS, Row, Seen, Sight, State, Who};
pub use words::{Told, Words};
