//! The bytes of an answer, as they come.

use super::pace::Pace;
use super::{Answer, Ended, HttpSource};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use ota::SourceError;
use std::io::{self, Read};
use std::time::{Duration, Instant};

/// A body that is through may still have its end to come: so long is waited for it, to keep the connection.
const FOR_THE_END: Duration = Duration::from_millis(250);

/// What is read of an answer.
pub(super) struct Body<'a> {
    source: &'a mut HttpSource,
    answer: Option<Answer>,
    chunk: Bytes,
    /// Bytes to throw away first.
    skip: u64,
    /// Bytes to give at most.
    left: u64,
    /// All of them were promised.
    all: bool,
    pace: Pace,
    came: u64,
    /// When all of it must be here: how long that is, and from when.
    within: Option<(Duration, Instant)>,
}

impl<'a> Body<'a> {
    pub(super) fn new(
        source: &'a mut HttpSource,
        answer: Answer,
        (skip, left): (u64, u64),
        all: bool,
    ) -> Self {
        let pace = Pace::new(source.patience);
        Self {
            source,
            answer: Some(answer),
            chunk: Bytes::new(),
            skip,
            left,
            all,
            pace,
            came: 0,
            within: None,
        }
    }

    /// All of it has to come in this time, however evenly it does.
    pub(super) fn within(mut self, time: Duration) -> Self {
        self.within = Some((time, Instant::now()));
        self
    }

    /// The next bytes; `None` at the end.
    fn next(&mut self) -> Result<Option<Bytes>, SourceError> {
        let total = self
            .within
            .map(|(time, from)| time.saturating_sub(from.elapsed()));
        let wait = self.pace.left().min(total.unwrap_or(Duration::MAX));
        let Some(answer) = &mut self.answer else {
            return Err(self
                .source
                .gone(io::ErrorKind::NotConnected, "the connection is gone"));
        };
        let began = Instant::now();
        let next = match wait.is_zero() {
            true => Err(Ended::TimedOut),
            false => self.source.engine.run(wait, data(answer.body())),
        };
        match next {
            Ok(Some(Ok(bytes))) => {
                self.pace.came(bytes.len() as u64, began.elapsed());
                self.came += bytes.len() as u64;
                Ok(Some(bytes))
            }
            Ok(None) => Ok(None),
            Ok(Some(Err(error))) => Err(self.source.broken(error)),
            Err(Ended::Stopped) => Err(self.source.stopped()),
            Err(Ended::TimedOut) => Err(self.too_slow(total)),
        }
    }

    fn too_slow(&self, total: Option<Duration>) -> SourceError {
        let (bytes, time) = match (self.within, total) {
            (Some((time, _)), Some(total)) if total <= self.pace.left() => (self.came, time),
            _ => (self.pace.so_far(), self.source.patience.window),
        };
        SourceError::TooSlow {
            source_name: self.source.name.clone(),
            bytes,
            seconds: time.as_secs(),
        }
    }

    fn take(&mut self, mut bytes: Bytes) {
        let skipped = self.skip.min(bytes.len() as u64);
        self.skip -= skipped;
        self.chunk = bytes.split_off(usize::try_from(skipped).unwrap_or(bytes.len()));
    }

    fn fill(&mut self) -> Result<(), SourceError> {
        while self.left > 0 && self.chunk.is_empty() {
            match self.next() {
                Ok(Some(bytes)) => self.take(bytes),
                Ok(None) => {
                    let short = std::mem::take(&mut self.left);
                    self.end();
                    return match self.all && short > 0 {
                        true => Err(self.source.gone(
                            io::ErrorKind::UnexpectedEof,
                            "the connection ended before the bytes did",
                        )),
                        false => Ok(()),
                    };
                }
                Err(error) => {
                    // What comes after is nothing that could be read: the connection goes.
                    self.answer = None;
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Keeps the connection for the next request, if nothing more comes on it.
    fn end(&mut self) {
        let Some(mut answer) = self.answer.take() else {
            return;
        };
        let through = answer.body().is_end_stream()
            || (answer.body().size_hint().lower() == 0
                && matches!(
                    self.source.engine.run(FOR_THE_END, data(answer.body())),
                    Ok(None)
                ));
        if through {
            self.source.keep(answer.link);
        }
    }
}

impl Read for Body<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        self.fill().map_err(io::Error::other)?;
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let now = self.chunk.len().min(into.len()).min(most);
        if let Some(room) = into.get_mut(..now) {
            room.copy_from_slice(&self.chunk.split_to(now));
        }
        self.left -= now as u64;
        if self.left == 0 {
            self.end();
        }
        Ok(now)
    }
}

/// The next bytes of a body; trailers are passed over.
pub(super) async fn data(body: &mut Incoming) -> Option<hyper::Result<Bytes>> {
    loop {
        match body.frame().await? {
            Ok(frame) => match frame.into_data() {
                Ok(bytes) if bytes.is_empty() => {}
                Ok(bytes) => return Some(Ok(bytes)),
                Err(_trailers) => {}
            },
            Err(error) => return Some(Err(error)),
        }
    }
}
