//! `school-box`: the supervisor of the box and its verbs.

use clap::Parser;
use firmware::cli::Cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    Cli::parse().run()
}
