//! One request and its answer, on a connection that was kept or on a new one.

use super::body::data;
use super::engine::Ended;
use super::judge::Asked;
use super::link::{Link, LinkError};
use super::{Answer, HttpSource, Patience};
use crate::sources::address::{Elsewhere, Origin};
use bytes::Bytes;
use http::Request;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, HOST, HeaderValue, RANGE, USER_AGENT};
use http_body_util::Empty;
use hyper::body::Body as _;
use ota::SourceError;
use std::time::{Duration, Instant};

/// Who asks: the program, not the box.
const AGENT: &str = concat!("school-box/", env!("CARGO_PKG_VERSION"));
/// An answer that is of no use is read to its end, so that the connection can be kept, if it is no longer than this and comes at once.
const DRAIN_AT_MOST: u64 = 64 * 1024;
const DRAIN_WITHIN: Duration = Duration::from_secs(3);
/// Connections that are kept: to the repository, and to where it leads.
const KEPT: usize = 2;
/// For so long: routers on the way forget a connection on which nothing is said, and tell nobody.
const KEPT_FOR: Duration = Duration::from_secs(30);

/// Why a request got no answer.
enum Exchange {
    Broken(hyper::Error),
    Ended(Ended),
    NoRequest(http::Error),
}

impl HttpSource {
    /// One request and the head of its answer, on a connection that was kept or on a new one. One that was kept may have been closed meanwhile.
    pub(super) fn ask(&mut self, place: &Elsewhere, asked: Asked) -> Result<Answer, SourceError> {
        self.links.retain(|link| link.used.elapsed() < KEPT_FOR);
        let kept = self
            .links
            .iter()
            .position(|link| link.origin == place.origin);
        if let Some(kept) = kept {
            let link = self.links.remove(kept);
            match self.exchange(link, place, asked) {
                Err(Exchange::Broken(_)) => {}
                ended => return ended.map_err(|ended| self.exchange_failed(ended)),
            }
        }
        let link = self.connect(&place.origin)?;
        self.exchange(link, place, asked)
            .map_err(|ended| self.exchange_failed(ended))
    }

    fn exchange(
        &self,
        mut link: Link,
        place: &Elsewhere,
        asked: Asked,
    ) -> Result<Answer, Exchange> {
        let request = self.request(place, asked).map_err(Exchange::NoRequest)?;
        let answered = self.engine.run(self.patience.head, async {
            link.sender.ready().await?;
            link.sender.send_request(request).await
        });
        match answered {
            Ok(Ok(response)) => Ok(Answer { response, link }),
            Ok(Err(error)) => Err(Exchange::Broken(error)),
            Err(ended) => Err(Exchange::Ended(ended)),
        }
    }

    fn request(&self, place: &Elsewhere, asked: Asked) -> http::Result<Request<Empty<Bytes>>> {
        let mut request = Request::get(place.path.as_str())
            .header(HOST, place.origin.authority())
            .header(USER_AGENT, AGENT)
            .header(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if let Some(range) = asked.header() {
            request = request.header(RANGE, range);
        }
        if let Some(credentials) = &self.address.credentials
            && place.origin == self.address.origin
        {
            request = request.header(AUTHORIZATION, credentials);
        }
        request.body(Empty::new())
    }

    fn connect(&mut self, origin: &Origin) -> Result<Link, SourceError> {
        let Patience { connect, head, .. } = self.patience;
        let opening = Link::open(origin, &self.certificates, connect, head);
        let opened = match self.engine.run(connect + head, opening) {
            Ok(opened) => opened,
            Err(Ended::Stopped) => return Err(self.stopped()),
            Err(Ended::TimedOut) => Err(LinkError::Slow(connect + head)),
        };
        opened.map_err(|error| match error {
            LinkError::Refused(line) => self.refused(line),
            LinkError::Unreached(source) => SourceError::Gone {
                source_name: self.name.clone(),
                source,
            },
            LinkError::Slow(time) => self.too_slow(time),
        })
    }

    /// Reads what is left of an answer that is of no use, so that its connection is.
    pub(super) fn drain(&mut self, mut answer: Answer) {
        let short = answer.body().size_hint().lower() <= DRAIN_AT_MOST;
        let draining = async {
            let mut left = DRAIN_AT_MOST;
            while let Some(Ok(bytes)) = data(answer.body()).await {
                left = left.saturating_sub(bytes.len() as u64);
                if left == 0 {
                    return false;
                }
            }
            true
        };
        if short && self.engine.run(DRAIN_WITHIN, draining).unwrap_or(false) {
            self.keep(answer.link);
        }
    }

    pub(super) fn keep(&mut self, mut link: Link) {
        link.used = Instant::now();
        if self.links.len() >= KEPT {
            self.links.remove(0);
        }
        self.links.push(link);
    }

    fn exchange_failed(&self, ended: Exchange) -> SourceError {
        match ended {
            Exchange::Broken(error) => self.broken(error),
            Exchange::Ended(Ended::Stopped) => self.stopped(),
            Exchange::Ended(Ended::TimedOut) => self.too_slow(self.patience.head),
            Exchange::NoRequest(error) => self.refused(format!("to no such path: {error}")),
        }
    }
}
