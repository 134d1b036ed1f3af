//! `depot`: the supply team's and the publisher's side. It never ships on a box.

use clap::Parser;
use firmware::depot::Cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    Cli::parse().run()
}
