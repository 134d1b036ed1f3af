//! The support bundle: what a technician sends, and what support reads. It names nobody.
//!
//! ```text
//!   box: collect ── events, health history, state, self-test, settings ─► scrub ─► Bundle ─► file, signed with the box's own key
//!   desk: file ─► signature, then bounded unpacking ─► Bundle ─► findings, page
//! ```
//!
//! | module | holds |
//! |---|---|
//! | [`bundle`] | the file: magic, public key, signature, gzip of JSON lines |
//! | [`scrub`] | what of a value may stand in it: numbers, yes and no, words of our own |
//! | [`findings`] | what stands out, the gravest first: pure |
//! | [`page`] | the bundle for people |
//! | `key` | the box's own key: made at the first start, gone when the box is handed over or erased |
//! | `collect` | gathers a bundle from a data folder, with a running box or without |

pub mod bundle;
#[cfg(feature = "box")]
pub mod collect;
pub mod findings;
#[cfg(feature = "box")]
pub mod key;
pub mod page;
pub mod scrub;

pub use bundle::{Bundle, BundleError, Manifest};
