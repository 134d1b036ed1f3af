//! The verb `panel`, which two programs have: what each says of itself.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Stdio};
use system_tests::world::{Outcome, depot, school_box};

const VERBS: [&str; 5] = ["list", "show", "simulate", "card", "playbook"];

fn help(program: &Path, verb: &str) -> String {
    let mut command = Command::new(program);
    command.args(["panel", verb, "--help"]).stdin(Stdio::null());
    Outcome::of(command).succeeded().stdout
}

#[test]
fn examples_have_the_name_of_the_program_that_is_asked() {
    for program in [depot(), school_box()] {
        let name = program.file_name().unwrap().to_str().unwrap();
        for verb in VERBS {
            let help = help(program, verb);
            let (_, examples) = help.split_once("Example:\n").unwrap();
            let begin = format!("  {name} panel {verb} ");
            let typed: Vec<&str> = examples.lines().collect();
            assert!(
                !typed.is_empty() && typed.iter().all(|line| line.starts_with(&begin)),
                "{begin}: {help}"
            );
        }
    }
}

#[test]
fn an_example_can_be_typed_as_it_stands() {
    for program in [depot(), school_box()] {
        let help = help(program, "show");
        let (_, example) = help.split_once("Example:\n").unwrap();
        let words = example.split_whitespace().skip(1);
        let mut command = Command::new(program);
        command.args(words).stdin(Stdio::null());
        Outcome::of(command).succeeded();
    }
}
