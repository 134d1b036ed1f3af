//! The body of an answer: bytes at hand, then pieces of stored content that are read one bounded chunk at a time.

use bytes::{Bytes, BytesMut};
use content_store::library::Content;
use hyper::body::{Body, Frame, SizeHint};
use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use tokio::task::JoinHandle;

use super::films::Paced;
use super::seat::Busy;
use super::turns::Ticket;

/// Bytes read at once where many answers are under way, and at the start of each: an answer never holds more than one chunk here and
/// one in hyper's hands, however long the body is.
pub(crate) const CHUNK: usize = 64 * 1024;
/// Bytes read at once where few are: what a long answer costs is the visits to the blocking pool.
const LARGEST_CHUNK: usize = 256 * 1024;
/// Bytes that the chunks of all long answers share: with more of them under way, each gets smaller ones.
const CHUNKS_TOGETHER: usize = 8 * 1024 * 1024;

/// Long answers under way in this process: the memory that they share is the process's.
static STREAMS: AtomicUsize = AtomicUsize::new(0);

/// Counts one long answer for as long as it lives.
#[derive(Debug)]
struct Counted;

impl Counted {
    fn new() -> Self {
        STREAMS.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        STREAMS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Bytes to read at once while `streams` long answers are under way.
fn chunk_for(streams: usize) -> usize {
    (CHUNKS_TOGETHER / streams.max(1)).clamp(CHUNK, LARGEST_CHUNK)
}

/// Where bytes lie that are sent a chunk at a time.
#[derive(Debug, Clone)]
pub(crate) enum Stored {
    /// In the library.
    Library(Content),
    /// In a file of the box's own repository.
    File(Arc<File>),
}

impl Stored {
    fn read_at(&self, offset: u64, room: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Library(content) => content.read_at(offset, room),
            Self::File(file) => file.read_at(room, offset),
        }
    }
}

/// A run of bytes of stored content.
#[derive(Debug)]
pub(crate) struct Run {
    /// Where they are.
    pub(crate) content: Stored,
    /// First byte.
    pub(crate) offset: u64,
    /// How many.
    pub(crate) len: u64,
}

/// A piece of a streamed body.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Bytes at hand.
    Ready(Bytes),
    /// Bytes to be read.
    Stored(Run),
}

/// The body of an answer.
#[derive(Debug)]
pub(crate) struct AnswerBody {
    /// Sent first.
    ready: Bytes,
    /// What follows, where not everything is at hand.
    rest: Option<Box<Rest>>,
    /// Marks the connection as busy until the body is gone.
    busy: Option<Busy>,
}

#[derive(Debug)]
struct Rest {
    pieces: VecDeque<Piece>,
    left: u64,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
    /// A film's, or a repository's: everything else goes as fast as it is taken.
    paced: Option<Paced>,
    /// Its place among the answers to the same address; `None`: it takes no turns.
    turn: Option<Ticket>,
    _counted: Counted,
}

impl AnswerBody {
    /// Bytes at hand, perhaps none.
    pub(crate) fn full(bytes: impl Into<Bytes>) -> Self {
        Self {
            ready: bytes.into(),
            rest: None,
            busy: None,
        }
    }

    /// Pieces one after the other.
    pub(crate) fn pieces(pieces: VecDeque<Piece>) -> Self {
        let left = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Ready(bytes) => bytes.len() as u64,
                Piece::Stored(run) => run.len,
            })
            .sum();
        Self {
            ready: Bytes::new(),
            rest: Some(Box::new(Rest {
                pieces,
                left,
                reading: None,
                paced: None,
                turn: None,
                _counted: Counted::new(),
            })),
            busy: None,
        }
    }

    /// Sends what is not yet at hand at this pace.
    pub(crate) fn at_pace(mut self, paced: Paced) -> Self {
        if let Some(rest) = &mut self.rest {
            rest.paced = Some(paced);
        }
        self
    }

    /// Sends what is not yet at hand in turns with the other answers to the same address.
    pub(crate) fn in_turn(mut self, ticket: impl FnOnce() -> Option<Ticket>) -> Self {
        if let Some(rest) = &mut self.rest {
            rest.turn = ticket();
        }
        self
    }

    /// Keeps the connection marked as busy as long as this body lives.
    pub(crate) fn keep_busy(mut self, busy: Busy) -> Self {
        self.busy = Some(busy);
        self
    }

    /// Bytes still to come.
    pub(crate) fn len(&self) -> u64 {
        self.ready.len() as u64 + self.rest.as_ref().map_or(0, |rest| rest.left)
    }
}

/// Reads the first `most` bytes of `run` (or all of it, where it is shorter). Blocks.
///
/// # Errors
/// Reading failed, or the content ended before the run did: then the answer cannot keep the length it has promised.
pub(crate) fn read_chunk(run: &Run, most: usize) -> io::Result<Bytes> {
    let want = usize::try_from(run.len).unwrap_or(most).min(most);
    let mut chunk = BytesMut::zeroed(want);
    let mut filled = 0;
    while let Some(room) = chunk.get_mut(filled..).filter(|room| !room.is_empty()) {
        match run.content.read_at(run.offset + filled as u64, room)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => filled += read,
        }
    }
    Ok(chunk.freeze())
}

impl Rest {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        if let Some(reading) = &mut self.reading {
            let read = ready!(Pin::new(reading).poll(cx));
            self.reading = None;
            let read = read.unwrap_or_else(|gone| Err(io::Error::other(gone)));
            return Poll::Ready(Some(read.inspect(|bytes| self.gone(bytes.len()))));
        }
        // Before a chunk is read, not after: who waits for their turn holds no bytes.
        if let Some(paced) = self.paced.as_mut().filter(|_| !self.pieces.is_empty()) {
            match paced.poll_turn(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(error))),
                Poll::Pending => {
                    if let Some(turn) = &mut self.turn {
                        turn.step_back();
                    }
                    return Poll::Pending;
                }
            }
        }
        if let Some(turn) = self.turn.as_mut().filter(|_| !self.pieces.is_empty()) {
            ready!(turn.poll_turn(cx));
        }
        match self.pieces.pop_front() {
            None => Poll::Ready(None),
            Some(Piece::Ready(bytes)) => {
                self.gone(bytes.len());
                Poll::Ready(Some(Ok(bytes)))
            }
            Some(Piece::Stored(run)) => {
                self.start_reading(run);
                self.poll_next(cx)
            }
        }
    }

    /// So many bytes are handed over.
    fn gone(&mut self, bytes: usize) {
        self.left -= bytes as u64;
        if let Some(paced) = &mut self.paced {
            paced.spend(bytes);
        }
    }

    /// Sends one chunk of `run` to the blocking pool and puts what remains of it back in front.
    fn start_reading(&mut self, run: Run) {
        let most = match (&self.paced, &self.turn) {
            // Small and often: an even stream, short turns.
            (Some(_), _) | (_, Some(_)) => CHUNK,
            (None, None) => chunk_for(STREAMS.load(Ordering::Relaxed)),
        };
        let now = run.len.min(most as u64);
        if run.len > now {
            let content = run.content.clone();
            self.pieces.push_front(Piece::Stored(Run {
                content,
                offset: run.offset + now,
                len: run.len - now,
            }));
        }
        let run = Run { len: now, ..run };
        self.reading = Some(tokio::task::spawn_blocking(move || read_chunk(&run, most)));
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if !self.ready.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.ready)))));
        }
        let Some(rest) = &mut self.rest else {
            return Poll::Ready(None);
        };
        rest.poll_next(cx).map_ok(Frame::data)
    }

    fn is_end_stream(&self) -> bool {
        self.len() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_long_answers_share_what_few_have_for_themselves() {
        assert_eq!(
            [0, 1, 32, 64, 128, 1_000].map(chunk_for),
            [256, 256, 256, 128, 64, 64].map(|kibibytes| kibibytes * 1024)
        );
    }
}
