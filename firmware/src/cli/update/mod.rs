//! `school-box update`: the two system slots, and newer systems for them.

mod offer;

use super::{DataFolder, Failure, ask, misunderstood, print_json};
use crate::control::{Answer, Request};
use crate::slots::{UpdateWish, words};
use crate::telemetry::say;
use crate::updates::told;
use board_support::BoardChoice;
use clap::{Args, Subcommand};

/// Newer systems, and the two slots for them: what runs, what comes, what is on trial, what failed
#[derive(Debug, Subcommand)]
pub(super) enum Update {
    /// Say what runs and what comes, what is known of both slots, and what boots next
    #[command(after_help = "Example:\n  school-box update status --data /var/lib/school-box")]
    Status(Where),
    /// Take a newer system from a stick, a folder or an address
    Offer(offer::OfferVerb),
    /// Take the slot on trial as good, before the box does so by itself
    #[command(after_help = "Example:\n  school-box update confirm --data /var/lib/school-box")]
    Confirm(Where),
    /// Boot the other slot from the next start on
    #[command(after_help = "Example:\n  school-box update rollback --data /var/lib/school-box")]
    Rollback(Where),
}

#[derive(Debug, Args)]
pub(super) struct Where {
    #[command(flatten)]
    data: DataFolder,
    /// The board, where no box runs on the data
    #[arg(long, value_name = "auto|sim|sim:DIR", default_value = "auto")]
    board: BoardChoice,
    /// Print the state of the slots as JSON
    #[arg(long)]
    json: bool,
}

impl Update {
    pub(super) const fn data(&self) -> &DataFolder {
        match self {
            Self::Status(place) | Self::Confirm(place) | Self::Rollback(place) => &place.data,
            Self::Offer(offer) => &offer.place.data,
        }
    }

    /// What is read of the person's own files.
    pub(super) fn sources(&self) -> &[std::path::PathBuf] {
        match self {
            Self::Offer(offer) => &offer.source.folder,
            Self::Status(_) | Self::Confirm(_) | Self::Rollback(_) => &[],
        }
    }

    pub(super) fn run(self) -> Result<(), Failure> {
        let (wish, place) = match self {
            Self::Status(place) => (UpdateWish::Status, place),
            Self::Confirm(place) => (UpdateWish::Confirm, place),
            Self::Rollback(place) => (UpdateWish::RollBack, place),
            Self::Offer(offer) => return offer.run(),
        };
        let request = Request::Update {
            wish,
            board: place.board,
        };
        let Answer::Update(update) = ask(&place.data.data, &request, &mut |_, _| {})? else {
            return Err(misunderstood());
        };
        if place.json {
            return print_json(&*update);
        }
        for line in words(&update).into_iter().chain(told::words(&update)) {
            say(&line);
        }
        Ok(())
    }
}
