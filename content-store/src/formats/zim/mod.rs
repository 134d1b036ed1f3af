//! The openZIM archive, read in place: versions 5 and 6, old and new namespaces, plain, xz and zstd clusters.
//!
//! ```text
//! header ─► path pointers ─► dirents ─► (cluster, blob) or redirect
//!        └► cluster pointers ─► clusters ─► table of offsets, blobs
//! ```
//! Every number in the file is checked against the file before it is used, and no memory is sized by it: a lying archive costs an
//! error line.

pub(crate) mod archive;
pub(crate) mod cluster;
mod copy;
pub(crate) mod dirent;
mod error;
pub(crate) mod header;
pub(crate) mod import;
mod language;
mod spill;
mod walk;

pub use error::ZimError;
