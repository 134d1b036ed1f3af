//! Measures what the box promises in numbers, beside its peers in the same run, and prints one table.
//!
//! ```text
//!   cargo run --release -p system-tests --bin bench
//! ```
//!
//! Nothing here fails on time: machines differ, so mind the ratios. A peer that is not installed (`kiwix-tools`,
//! `nginx-light`) or a sample library that is not there (`tests/setup/sample-library.sh`) is named as not measured.
//!
//! ```text
//!   server   one server process: the box, kiwix-serve or nginx, serving the same bytes
//!   load     requests over kept-alive connections, and the CPU time they cost the server
//!   measure  one function a line (or a few) of the table
//!   table    the lines
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a program for the desk: it prints, and has nobody to hand an error to"
)]

mod load;
mod measure;
mod server;
mod table;

use server::Shelf;
use system_tests::world;
use table::Table;

fn main() {
    assert!(
        world::is_release(),
        "{} is no release build: cargo build --release -p firmware, then run the bench with --release",
        world::school_box().display()
    );
    let shelf = Shelf::lay_out();
    let mut table = Table::default();
    for (what, measure) in measure::ALL {
        eprintln!("measuring {what} …");
        measure(&shelf, &mut table);
    }
    println!("{table}");
    for line in shelf.not_measured() {
        println!("not measured: {line}");
    }
}
