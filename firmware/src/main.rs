//! `school-box`: the supervisor of the box and its verbs.

use clap::Parser;
use firmware::cli::Cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    board_support::memory::give_back_large_buffers();
    Cli::parse().run()
}
