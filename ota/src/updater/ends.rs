//! What the straight lines' results mean to the machine.

use super::{FetchEnd, InstallEnd, Looked};
use crate::fetch::{FetchError, Fetched};
use crate::install::InstallError;
use crate::look::{LookError, Offer};
use crate::source::SourceError;
use crate::trust::{TrustError, Trusted};
use std::error::Error;

impl Looked {
    /// Of [`look`](crate::look::look); a release that is offered is wanted from here on: [`want`](crate::install::want) was called.
    #[must_use]
    pub fn of<S: Error + 'static>(looked: &Result<(Offer, Trusted), LookError<S>>) -> Self {
        match looked {
            Ok((Offer::Release { wanted, .. }, _)) => Self::Release(wanted.clone()),
            Ok((Offer::UpToDate { .. } | Offer::NotYet { .. } | Offer::GivenUp { .. }, _)) => {
                Self::Nothing
            }
            Err(LookError::Source(error) | LookError::Trust(TrustError::Repository(error))) => {
                if error.is_transient() {
                    Self::Gone
                } else {
                    Self::Refused
                }
            }
            // Nothing is wrong with the source: this box's disk.
            Err(LookError::Trust(TrustError::Store(_))) => Self::Gone,
            Err(
                LookError::Trust(TrustError::Refused(_) | TrustError::Missing(_))
                | LookError::Bundle(_),
            ) => Self::Refused,
        }
    }
}

impl FetchEnd {
    /// Of [`fetch`](crate::install::fetch).
    #[must_use]
    pub fn of(fetched: &Result<Fetched, InstallError>) -> Self {
        match fetched {
            Ok(Fetched::All) => Self::All,
            Ok(Fetched::BudgetSpent) => Self::BudgetSpent,
            Ok(Fetched::Stopped) => Self::Stopped,
            Err(InstallError::Fetch(FetchError::Source(error))) => Self::of_source(error),
            // Without its bundle a release cannot be got from any source: the next look brings it.
            Err(InstallError::Fetch(FetchError::Wrong { .. }) | InstallError::Nothing) => {
                Self::Refused
            }
            Err(
                InstallError::Fetch(FetchError::Room { .. } | FetchError::Keep(_))
                | InstallError::Bundle(_)
                | InstallError::Delta { .. }
                | InstallError::ReadBack { .. }
                | InstallError::Incomplete
                | InstallError::Slot(_)
                | InstallError::Step(_)
                | InstallError::Boot(_)
                | InstallError::Keep(_)
                | InstallError::GivenUp { .. },
            ) => Self::Stuck,
        }
    }

    const fn of_source(error: &SourceError) -> Self {
        if error.is_transient() {
            Self::Gone
        } else {
            Self::Refused
        }
    }
}

impl InstallEnd {
    /// Of [`install`](crate::install::install).
    #[must_use]
    pub fn of(installed: &Result<Fetched, InstallError>) -> Self {
        match installed {
            Ok(Fetched::All) => Self::Done,
            Ok(Fetched::BudgetSpent | Fetched::Stopped) => Self::Stopped,
            Err(error) => Self::of_error(error),
        }
    }

    /// Of [`activate`](crate::install::activate).
    #[must_use]
    pub fn of_activation(activated: &Result<(), InstallError>) -> Self {
        match activated {
            Ok(()) => Self::Done,
            Err(error) => Self::of_error(error),
        }
    }

    const fn of_error(error: &InstallError) -> Self {
        match error {
            InstallError::Incomplete | InstallError::Nothing => Self::Incomplete,
            InstallError::GivenUp { .. } => Self::GivenUp,
            InstallError::Bundle(_)
            | InstallError::Fetch(_)
            | InstallError::Delta { .. }
            | InstallError::ReadBack { .. }
            | InstallError::Slot(_)
            | InstallError::Step(_)
            | InstallError::Boot(_)
            | InstallError::Keep(_) => Self::Failed,
        }
    }
}
