//! The patch from one payload to another: file by file where both are file systems that are understood, else as a whole.
//!
//! | file | holds |
//! |---|---|
//! | `pairs` | which file was which |
//! | `matches` | which bytes of the one are in the other |
//! | `program` | what is an ARM64 program, where its segments are, which of it is code |
//! | `copies` | from matches to the script's copies |
//! | `fill` | tables of addresses in programs, where no byte is equal but all is foretold |
//! | `view` | a program as it is compared; `elf` and `btf`: its tables |
//! | `write` | script and changes, coded |

mod btf;
mod copies;
mod elf;
mod fill;
mod matches;
mod pairs;
mod program;
mod view;
mod write;

pub use write::Figures;

use super::payload::PublishError;

/// A patch from `base` to `payload`; `told` hears how far it is, 0 to 1.
///
/// # Errors
/// [`PublishError`].
pub fn patch(
    base: &[u8],
    payload: &[u8],
    told: &mut dyn FnMut(f32),
) -> Result<Vec<u8>, PublishError> {
    patch_with_figures(base, payload, told).map(|(patch, _)| patch)
}

/// As [`patch`], and what its bytes are spent on.
///
/// # Errors
/// [`PublishError`].
pub fn patch_with_figures(
    base: &[u8],
    payload: &[u8],
    told: &mut dyn FnMut(f32),
) -> Result<(Vec<u8>, Figures), PublishError> {
    let mut script = copies::script(base, payload, told);
    let patch = write::patch(base, payload, &mut script)?;
    told(1.0);
    Ok(patch)
}
