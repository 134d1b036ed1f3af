//! A year in the life of the real binary, at a day in some seconds: lessons, brown-outs, wrong clocks, radio halts, a full disk, sticks. What it holds and
//! writes is printed week by week and stays within budgets.
//!
//! `make test` lives two weeks; `make soak` a year, or `SCHOOL_BOX_SOAK_DAYS`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "tests"
)]

mod judge;
mod life;

use judge::{judge, table};
use life::{Life, Wish};
use std::time::Duration;

/// Of a year and of two weeks: the same life.
fn days() -> u32 {
    let told = std::env::var("SCHOOL_BOX_SOAK_DAYS").ok();
    told.map_or(14, |days| {
        days.parse()
            .expect("SCHOOL_BOX_SOAK_DAYS is a number of days")
    })
}

#[test]
fn nothing_grows_and_nothing_is_lost() {
    let wish = Wish {
        days: days(),
        day: Duration::from_millis(3500),
        fault: None,
    };
    let Some(lived) = Life::live(&wish, "a year") else {
        return;
    };
    eprintln!("{}", table(&lived));
    let wrong = judge(&lived);
    assert!(wrong.is_empty(), "{wrong:#?}\n{}", table(&lived));
    assert!(lived.looks > 0, "the box looked itself over: {lived:?}");
}

/// The control: a service that loses memory and a descriptor at each turn is caught.
#[test]
fn a_leak_is_caught() {
    let wish = Wish {
        days: 7,
        day: Duration::from_millis(3500),
        fault: Some(("diagnostics", "leak")),
    };
    let Some(lived) = Life::live(&wish, "a leak") else {
        return;
    };
    let wrong = judge(&lived);
    assert!(
        wrong.iter().any(|line| line.contains("memory"))
            && wrong.iter().any(|line| line.contains("descriptors")),
        "{wrong:#?}\n{}",
        table(&lived)
    );
}
