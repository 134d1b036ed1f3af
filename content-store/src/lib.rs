//! What the box keeps: the library of lessons, and the learners' records. No HTTP, no hardware, no async.
//!
//! ```text
//! formats   an input (ZIM file, plain folder) ─► a staged pack         its own process beside a running box
//! library   staged packs ─► catalogue, pages, search                   can be rebuilt from the packs
//! records   learners' statements ─► synced, sealed rows                        precious: nothing is acknowledged before the disk has it
//!
//! schema    numbered tables: a database outlives an update, and the way back
//! sqlite    opening databases the one way we do                        disk   write aside, sync, rename, sync the folder; free space
//! ```
//!
//! # Durability
//! * Each change has one commit point, a row in SQLite (WAL, `synchronous=FULL`), and a test that cuts the power on each side of it.
//! * Files are written under another name, synced, renamed, and their folder is synced, before a row names them.
//! * A failed sync is final (`is_fatal`): the process exits and opens anew; nothing is tried again.
//! * Each database has one writer thread; readers never wait for it.
//!
//! # Who keeps the order
//! The caller holds one lock on the data directory for [`library::Library`] and [`records::Records`]; [`formats::stage`] needs none.

pub mod disk;
pub mod formats;
pub mod library;
pub mod records;
pub mod schema;
mod sqlite;
