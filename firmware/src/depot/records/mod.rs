//! `depot records`: the programme's key, and what boxes have sealed to it.
//!
//! | file | is |
//! |---|---|
//! | `keygen` | a new key, and its public line |
//! | `open` | bundles back into statements, a receipt for each |
//! | `kept` | files at the desk: for its owner alone, whole or not there |

mod kept;
mod keygen;
mod open;

use super::Failure;
use clap::Subcommand;

/// Learners' records at the programme's desk
#[derive(Debug, Subcommand)]
pub(super) enum Records {
    Keygen(keygen::Keygen),
    Open(open::Open),
}

impl Records {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Keygen(keygen) => keygen.run(),
            Self::Open(open) => open.run(),
        }
    }
}
