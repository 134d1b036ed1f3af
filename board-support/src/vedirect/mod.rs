//! Victron's VE.Direct, the text protocol: solar chargers and battery monitors on a serial line of 19,200 baud, 8N1, that speak once a second
//! without being asked. We only listen.
//!
//! | module | holds |
//! |---|---|
//! | [`text`] | bytes to checked blocks of fields (pure) |
//! | [`device`] | who speaks, and what the fields mean (pure) |
//! | `line`, `ports` | the terminal lines: opened, read without waiting, found again after the cable was pulled |
//!
//! Source of the frame, the fields, the product numbers and the codes: Victron's white paper "VE.Direct Protocol", version 3.34, and its frame
//! handler of reference.

pub mod device;
mod line;
mod ports;
#[cfg(test)]
pub(crate) mod pulled;
pub mod text;

pub(crate) use ports::Ports;
