//! A repository behind HTTP or HTTPS: hyper's client on a runtime of its own, one thread that is the caller's.
//!
//! Every wait has its limit and hears the word to stop at once. A connection is kept from one request to the next; what is found to be elsewhere for good
//! is asked for there from then on.

mod body;
mod contact;
mod engine;
mod judge;
mod link;
mod pace;

pub use pace::Patience;

use super::Around;
use super::address::{Address, Elsewhere, elsewhere};
use super::stop::Stop;
use super::tls::{Certificates, CertificatesError};
use crate::causes::chain;
use body::Body;
use engine::{Ended, Engine};
use http::Response;
use hyper::body::Incoming;
use judge::{Asked, Verdict, judge, said};
use link::Link;
use ota::{Source, SourceError};
use std::io::{self, Read};
use std::time::Duration;

/// Redirects from one file at most.
const MOST_HOPS: u32 = 3;
/// A server that is busy is asked again so often, if it says when, and says no more than this.
const MOST_WAITS: u32 = 3;
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// A repository on the web. Not for threads of an async runtime: every call blocks, in bounded time.
pub struct HttpSource {
    name: String,
    address: Address,
    certificates: Certificates,
    patience: Patience,
    links: Vec<Link>,
    engine: Engine,
}

/// An answer's body, with the connection it comes on.
struct Answer {
    response: Response<Incoming>,
    link: Link,
}

impl Answer {
    fn body(&mut self) -> &mut Incoming {
        self.response.body_mut()
    }
}

/// What a request came to.
enum Found {
    Body {
        answer: Box<Answer>,
        bounds: (u64, u64),
        all: bool,
    },
    PastTheEnd,
    Missing,
}

impl HttpSource {
    /// The repository at `address`. Nothing is asked of it yet.
    ///
    /// # Errors
    /// [`CertificatesError`]: the certificates to trust cannot be read, or there are no descriptors left.
    pub fn new(address: Address, around: &Around) -> Result<Self, CertificatesError> {
        Ok(Self {
            name: address.to_string(),
            certificates: Certificates::new(around)?,
            address,
            patience: around.patience,
            links: Vec::new(),
            engine: Engine::start(around.stop.clone()).map_err(CertificatesError::Client)?,
        })
    }

    /// Asks for a file until there is an answer to it: after redirects, and pauses that a busy server asks for.
    fn find(&mut self, path: String, asked: Asked) -> Result<Found, SourceError> {
        let tail = path
            .get(self.address.path.len()..)
            .unwrap_or_default()
            .to_owned();
        let mut place = Elsewhere {
            origin: self.address.origin.clone(),
            path,
        };
        let (mut hops, mut waits, mut moved) = (0, 0, true);
        loop {
            let answer = self.ask(&place, asked)?;
            let status = answer.response.status();
            match judge(status, answer.response.headers(), asked) {
                Verdict::Body { skip, most, all } => {
                    if moved && hops > 0 {
                        self.move_to(&place, &tail);
                    }
                    return Ok(Found::Body {
                        answer: Box::new(answer),
                        bounds: (skip, most),
                        all,
                    });
                }
                Verdict::PastTheEnd => return Ok(self.nothing(answer, Found::PastTheEnd)),
                Verdict::Missing => return Ok(self.nothing(answer, Found::Missing)),
                Verdict::Elsewhere { location, for_good } => {
                    (hops, moved) = (hops + 1, moved && for_good);
                    place = self.follow(&place, &location, hops)?;
                    self.drain(answer);
                }
                Verdict::Later { after } => {
                    waits += 1;
                    self.pause(answer, after.filter(|_| waits <= MOST_WAITS))?;
                }
                Verdict::No(line) => return Err(self.refused(line)),
            }
        }
    }

    fn nothing(&mut self, answer: Answer, found: Found) -> Found {
        self.drain(answer);
        found
    }

    /// Waits as long as a busy server says, if it says so and not too much.
    fn pause(&mut self, answer: Answer, time: Option<Duration>) -> Result<(), SourceError> {
        let status = answer.response.status();
        self.drain(answer);
        match time.filter(|time| *time <= LONGEST_WAIT) {
            Some(time) => self.engine.pause(time).map_err(|_| self.stopped()),
            None => {
                let line = format!("it answers {}", said(status));
                Err(self.gone(io::ErrorKind::ResourceBusy, &line))
            }
        }
    }

    /// Where a redirect leads: to the same server, or to one whose name is proved.
    fn follow(
        &self,
        from: &Elsewhere,
        location: &str,
        hops: u32,
    ) -> Result<Elsewhere, SourceError> {
        if hops > MOST_HOPS {
            return Err(self.refused("with one redirect after the other".to_owned()));
        }
        let Some(to) = elsewhere(&from.origin, location) else {
            return Err(self.refused("with a redirect to what is no address".to_owned()));
        };
        match to.origin.secure || to.origin == from.origin {
            true => Ok(to),
            false => Err(self.refused(format!(
                "with a redirect to {}, which is not followed: a network that wants a sign-in does so",
                to.origin
            ))),
        }
    }

    /// The whole repository has moved: what was found at `place` stands there at the same place below another address.
    fn move_to(&mut self, place: &Elsewhere, tail: &str) {
        if let Some(path) = place.path.strip_suffix(tail) {
            let same = place.origin == self.address.origin;
            self.address = Address {
                origin: place.origin.clone(),
                path: path.to_owned(),
                credentials: self.address.credentials.take().filter(|_| same),
            };
        }
    }

    /// What hyper could not do with what came.
    fn broken(&self, error: hyper::Error) -> SourceError {
        if error.is_parse_too_large() {
            self.refused("with a head that is too long".to_owned())
        } else if error.is_parse() {
            self.refused(format!("something that is not HTTP: {}", chain(&error)))
        } else {
            SourceError::Gone {
                source_name: self.name.clone(),
                source: io::Error::other(error),
            }
        }
    }

    fn refused(&self, answer: String) -> SourceError {
        SourceError::Refused {
            source_name: self.name.clone(),
            answer,
        }
    }

    fn too_slow(&self, time: Duration) -> SourceError {
        SourceError::TooSlow {
            source_name: self.name.clone(),
            bytes: 0,
            seconds: time.as_secs(),
        }
    }

    fn gone(&self, kind: io::ErrorKind, why: &str) -> SourceError {
        SourceError::Gone {
            source_name: self.name.clone(),
            source: io::Error::new(kind, why),
        }
    }

    fn stopped(&self) -> SourceError {
        self.gone(io::ErrorKind::ConnectionAborted, "it was told to stop")
    }

    fn missing(&self, location: &str) -> SourceError {
        SourceError::Missing {
            source_name: self.name.clone(),
            location: location.to_owned(),
        }
    }
}

impl std::fmt::Debug for HttpSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("HttpSource").field(&self.name).finish()
    }
}

impl Source for HttpSource {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn metadata(&mut self, name: &str, most: u64) -> Result<Option<Vec<u8>>, SourceError> {
        let Some(path) = self.address.of_metadata(name) else {
            return Ok(None);
        };
        let may_be_missing = name.ends_with(".root.json");
        let found = self.find(path, Asked::Whole { may_be_missing })?;
        let Found::Body {
            answer,
            bounds: (skip, _),
            all,
        } = found
        else {
            return Ok(None);
        };
        let time = self.patience.metadata;
        let bounds = (skip, most.saturating_add(1));
        let mut body = Body::new(self, *answer, bounds, all).within(time);
        let mut bytes = Vec::new();
        match body.read_to_end(&mut bytes) {
            Ok(_) => Ok(Some(bytes)),
            Err(error) => Err(inner(error, &self.name)),
        }
    }

    fn open(
        &mut self,
        location: &str,
        from: u64,
        bytes: u64,
    ) -> Result<Box<dyn Read + '_>, SourceError> {
        if bytes == 0 {
            return Ok(Box::new(io::empty()));
        }
        let Some(path) = self.address.of_target(location) else {
            return Err(self.missing(location));
        };
        match self.find(path, Asked::Range { from, bytes })? {
            Found::Body {
                answer,
                bounds,
                all,
            } => Ok(Box::new(Body::new(self, *answer, bounds, all))),
            Found::PastTheEnd => Ok(Box::new(io::empty())),
            Found::Missing => Err(self.missing(location)),
        }
    }
}

/// The error that a read holds.
fn inner(error: io::Error, name: &str) -> SourceError {
    match error.downcast::<SourceError>() {
        Ok(error) => error,
        Err(source) => SourceError::Gone {
            source_name: name.to_owned(),
            source,
        },
    }
}
