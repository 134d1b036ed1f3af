//! Signed A/B updates of the school box. Pure planning; everything outside is reached through ports.
//!
//! | module | holds |
//! |---|---|
//! | [`slot`] | [`Slot`], [`SlotStatus`] |
//! | [`boot`] | [`BootFlags`], the boot choice as a value one edits; the port [`BootControl`] that reads and commits it |
//! | [`image`] | what a payload must be: [`Seal`](image::Seal), [`Crown`](image::Crown), [`HashTree`](image::HashTree) |
//! | [`bundle`] | [`Bundle`]: what a release is made of |
//! | [`delta`] | getting a payload with the fewest bytes: blocks that are here, a patch, frames |
//! | [`source`], [`parcel`], [`ledger`] | the ports: where files come from, where they wait, what is remembered |
//! | [`look`](mod@look), [`fetch`], [`install`](mod@install) | the straight lines: what a source offers, from there to the data disk, from there into the slot |
//! | [`packs`] | packs of lessons: what is offered, which one is next, whose turn it is |
//! | [`updater`] | what to do next, when: pure |
//! | [`reconcile`](mod@reconcile) | running slot × boot choice × record → what to do at start: one table |
//! | [`trust`] | whom an update is believed: the rules of TUF 1.0 that hold without a clock |
//! | [`publish`] | the publisher's half: metadata made and signed |
//! | [`trial`] | [`TrialVerdict`]: when a slot on trial is confirmed or given up |
//!
//! # Slots
//!
//! The disk has two root slots. One runs; the other is where an update is written. What the boot loader does next is one small
//! value, [`BootChoice`]:
//!
//! ```text
//!                  retire(other)                     activate(other, tries)
//!   Settled A, B spare ──────► Settled A, B retired ──────► Trial of B, A good
//!        ▲    ▲  │ roll_back()          ▲                      │  │  │
//!        │    └──┘ (A and B swap)       │     roll_back(),     │  │  │ boot(): tries left? B and one try less,
//!        │                              └──── retire(B) ───────┘  │  │         else A (and the choice stays)
//!        │                                                        │  └──┐
//!        │            confirm(), only while B runs                │  ◄──┘
//!        └────────────── (A and B swap their places) ─────────────┘
//! ```
//!
//! # Invariants
//!
//! - Some slot can always boot. The running one is never made ready to be written to, nor put on trial.
//! - Tries are counted only between an activation and its confirmation: an ordinary boot writes nothing.
//! - A change is one [`BootControl::commit`]; a power cut leaves the choice before it or the choice after it.
//!
//! # Order of writes of an update
//!
//! Retire the inactive slot, write it, sync and read it back, record the intent, activate, boot on trial, confirm, raise the version
//! floor. After a cut at any of them the box boots a slot that was good before, or the new one on trial.

pub mod boot;
pub mod bundle;
pub mod delta;
pub mod fetch;
pub mod image;
pub mod install;
pub mod ledger;
pub mod look;
pub mod packs;
pub mod parcel;
pub mod publish;
pub mod reconcile;
pub mod slot;
pub mod source;
pub mod trial;
pub mod trust;
pub mod updater;

pub use boot::{BootChoice, BootControl, BootError, BootFlags, MAX_TRIES, Restart, StepError};
pub use bundle::{Bundle, BundleError, FileRef, PatchRef, Payload};
pub use ledger::{Ledger, PackRecord, StateStore, Wanted};
pub use packs::PackOffer;
pub use parcel::Parcels;
pub use reconcile::{AtStart, Failure, Reconciled, Stored, UpdateRecord, reconcile};
pub use slot::{Part, Slot, SlotDisks, SlotError, SlotReader, SlotStatus, SlotWriter, UnknownSlot};
pub use source::{Source, SourceError};
pub use trial::{BatterySign, Lack, Signs, TrialPolicy, TrialVerdict, Verdict};
