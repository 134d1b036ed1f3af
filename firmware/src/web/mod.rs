//! The web: the portal, the packs' pages, search, the record store's HTTP face.
//!
//! ```text
//! server.rs       the door: accepts, seats as many as the load plan permits, stops in order
//! full.rs         what a newcomer without a seat is told
//! seat.rs         one connection's seat: busy or idle, asked to leave
//! patience.rs     a connection that cuts readers who stopped reading
//! origin.rs       pure: hosts → portal or pack; links between them
//! route.rs        pure: method, host, path → the answer's kind
//! negotiate.rs    pure: Accept, Accept-Encoding, Accept-Language
//! conditional.rs  pure: entity tags and conditions
//! range.rs        pure: byte ranges
//! request.rs      one request to one answer
//! day.rs          the page of the sun and the booking of a film
//! pack.rs         pages of packs
//! films.rs        films follow the load plan; pace.rs: pure, how fast one goes out
//! portal/         pages of the box itself
//! texts.rs        what it says, in every language (`firmware/texts`)
//! fault.rs        what can go wrong, and its status
//! answer.rs       headers, compression; body.rs: streamed bodies; intake.rs: bodies of requests; guard.rs: a panic stays in its answer
//! xapi/           the record store's HTTP face
//! ```
//!
//! A request is routed by pure functions; what blocks (library, rendering after a change) runs in one visit to the blocking pool; the
//! body is streamed in bounded chunks. No task is detached: the door holds every connection, a connection holds its answer.

mod answer;
mod body;
mod conditional;
mod day;
mod fault;
mod films;
mod full;
mod guard;
mod hash;
mod intake;
mod negotiate;
mod origin;
mod pace;
mod pack;
mod patience;
mod portal;
mod range;
mod request;
mod route;
mod seat;
mod server;
mod texts;
pub mod xapi;

pub use server::serve;
pub use texts::Languages;

use crate::activity::Activity;
use crate::clock::Clock;
use crate::services::power::PowerDesk;
use crate::status::View;
use crate::supervisor::health::Healthz;
use content_store::library::Library;
use content_store::records::Records;
use std::fmt;
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
    /// Told of every request of a learner.
    pub activity: Activity,
    /// Nothing that learners do can be kept.
    pub data_in_memory: bool,
    /// Who is asked for a film.
    pub power: PowerDesk,
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
            activity,
            data_in_memory,
            power,
        } = parts;
        Self {
            library,
            records,
            view,
            clock,
            health,
            host: host.trim_end_matches('.').to_ascii_lowercase(),
            activity,
            data_in_memory,
            power,
            languages: Languages::load(),
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
