//! The technician's console on a serial line: a process of its own, so that it is there while everything else is down.
//!
//! ```text
//!   bytes ──► ear ──► desk ──► wish ──────────► the box's control socket, which wants its button pressed
//!             noise,  pages,      doing: the table of what may be asked
//!             pastes  questions
//!   look ───► seen ──► pages ──► screen ──► vt100 ──► bytes
//!   socket,   what is  lines of  ratatui    only what
//!   disk      known    text                 a VT100 knows
//! ```
//!
//! | file | holds |
//! |---|---|
//! | `ear` | keys out of bytes; nothing of noise or a paste (pure) |
//! | `desk` | what a person does at the screen (pure) |
//! | `doing` | what may be asked of the box from here (pure) |
//! | `ask` | the box's program, when something is to be done |
//! | `look` | the program by its socket, the disk by reading |
//! | `seen` | what is known |
//! | `head` | what stands on top of every page: what needs help, or how the box is (pure) |
//! | `pages` | what each page says (pure); `records`: the one of the records |
//! | `screen` | the pages at 80x24 and smaller (pure) |
//! | `vt100` | a backend of `ratatui` for a terminal of 1978 (pure) |
//! | `line` | the line mode's commands and answers (pure) |
//! | `drawn`, `output` | what the terminal shows, and the bytes on their way there |
//! | `session` | the loop on a terminal line |
//! | `script` | the line mode on standard input |
//!
//! It reads without a lock and writes nothing: the key that signs a support bundle is read, never drawn. What changes the state of the box is
//! done by the box's program alone, once somebody has pressed its button within 30 s of the asking. There is no shell, no learner, and no address of a device on any page.

mod ask;
mod desk;
mod doing;
mod drawn;
mod ear;
mod head;
mod line;
mod look;
mod output;
mod pages;
mod records;
mod screen;
mod script;
mod seen;
mod session;
#[cfg(test)]
mod tests;
mod vt100;

pub use look::Place;
pub use script::serve;
pub use session::{Console, Ended};
