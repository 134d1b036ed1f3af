//! The web: the portal, the packs' pages, search, the record store's HTTP face.
//!
//! ```text
//! server.rs       the door: accepts, seats as many as the load plan permits, stops in order
//! full.rs         what a newcomer without a seat is told
//! seat.rs         one connection's seat: busy or idle, asked to leave
//! patience.rs     a connection that cuts readers who stopped reading
//! origin.rs       pure: hosts → portal or pack; links between them
//! route.rs        pure: method, host, path → the answer's kind
//! captive/        connectivity probes of phones: the portal first, success afterwards
//! negotiate.rs    pure: Accept, Accept-Encoding, Accept-Language
//! conditional.rs  pure: entity tags and conditions
//! range.rs        pure: byte ranges
//! asked.rs        the head of a request
//! request.rs      one request to one answer
//! day.rs          the page of the sun and the booking of a film
//! pack.rs         pages of packs
//! lights.rs       the page of the four lights, their card and playbooks
//! welcome.rs      the welcome to print, and who may read the key on it
//! updates.rs      the box's own repository, for other boxes
//! films.rs        films follow the load plan; pace.rs: pure, how fast one goes out
//! turns.rs        the long answers of one device take turns
//! portal/         pages of the box itself
//! fault.rs        what can go wrong, and its status
//! answer.rs       headers, compression; body.rs: streamed bodies; intake.rs: bodies of requests; guard.rs: a panic stays in its answer
//! xapi/           the record store's HTTP face
//! ```
//!
//! A request is routed by pure functions; what blocks (library, rendering after a change) runs in one visit to the blocking pool; the
//! body is streamed in bounded chunks. No task is detached: the door holds every connection, a connection holds its answer.

mod answer;
mod asked;
mod body;
mod captive;
mod conditional;
mod day;
mod fault;
mod films;
mod full;
mod guard;
mod hash;
mod intake;
mod lights;
pub(crate) mod negotiate;
mod origin;
mod pace;
mod pack;
mod patience;
mod portal;
mod range;
mod report;
mod request;
mod route;
mod seat;
mod server;
mod turns;
mod updates;
mod welcome;
pub mod xapi;

pub(crate) use crate::texts;
pub use crate::texts::Languages;
pub use portal::state::of_any as status_page;
pub use server::serve;

use crate::activity::Activity;
use crate::clock::Clock;
use crate::services::access_point::Waiting;
use crate::services::power::PowerDesk;
use crate::status::View;
use crate::supervisor::health::Healthz;
use crate::welcome::{Facts, Gate};
use content_store::library::Library;
use content_store::records::Records;
use std::fmt;
use std::path::PathBuf;
use tokio::sync::watch;

/// What a [`Site`] is made of.
pub struct SiteParts {
    /// Packs, catalogue, search.
    pub library: Library,
    /// The learners' records.
    pub records: Records,
    /// The state of the box.
    pub view: View,
    /// The clocks.
    pub clock: Clock,
    /// What `/healthz` answers.
    pub health: watch::Receiver<Healthz>,
    /// The box's own host name, for example `school.internal`.
    pub host: String,
    /// The languages of the portal.
    pub languages: Languages,
    /// Told of every request of a learner.
    pub activity: Activity,
    /// Nothing that learners do can be kept.
    pub data_in_memory: bool,
    /// Who is asked for a film.
    pub power: PowerDesk,
    /// The data folder: its `updates/repository`, which may not be there yet, is the box's own repository; support bundles are gathered from it.
    pub data: PathBuf,
    /// What the welcome tells; `None` where there is no network to tell of.
    pub welcome: Option<Facts>,
    /// Who may read the network's key.
    pub gate: Gate,
    /// Who waits for a seat on the radio.
    pub waiting: watch::Receiver<Waiting>,
}

/// Everything that pages are made of; shared by all connections.
pub struct Site {
    /// Packs, catalogue, search.
    pub library: Library,
    /// The learners' records.
    pub records: Records,
    /// The state of the box.
    pub view: View,
    /// The clocks.
    pub clock: Clock,
    /// What `/healthz` answers.
    pub health: watch::Receiver<Healthz>,
    /// The box's own host name, lower case, without a dot at its end.
    pub host: String,
    /// Told of every request of a learner.
    pub activity: Activity,
    /// Who is asked for a film.
    pub power: PowerDesk,
    /// Nothing that learners do can be kept: the record store is closed, and the pages say so.
    pub data_in_memory: bool,
    /// The languages of the portal.
    pub languages: Languages,
    /// What the welcome tells.
    welcome: Option<Facts>,
    /// Who may read the network's key.
    gate: Gate,
    /// Who waits for a seat on the radio: they get a page that says so, and nothing else.
    waiting: watch::Receiver<Waiting>,
    /// In what order long answers to the same address go.
    turns: turns::Turns,
    /// Its own repository, for other boxes.
    repository: updates::Repository,
    /// Support bundles.
    reports: report::Reports,
    /// Which addresses have opened the portal.
    guests: captive::Guests,
    /// First pages made before.
    kept: portal::home::Kept,
}

impl Site {
    /// Puts the parts together and reads the texts.
    #[must_use]
    pub fn new(parts: SiteParts) -> Self {
        let SiteParts {
            library,
            records,
            view,
            clock,
            health,
            host,
            languages,
            activity,
            data_in_memory,
            power,
            data,
            welcome,
            gate,
            waiting,
        } = parts;
        Self {
            view,
            clock,
            health,
            host: host.trim_end_matches('.').to_ascii_lowercase(),
            activity,
            // Records that this system cannot write are closed in the same words.
            data_in_memory: data_in_memory || records.is_shut().is_some(),
            library,
            records,
            power,
            languages,
            welcome,
            gate,
            waiting,
            turns: turns::Turns::default(),
            repository: updates::Repository::new(data.join("updates/repository")),
            reports: report::Reports::of(data),
            guests: captive::Guests::default(),
            kept: portal::home::Kept::default(),
        }
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site")
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
