//! Taking in the body of a request: bounded in bytes and in time, and all bodies together in memory.

use super::fault::Fault;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Body;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

/// Between two pieces of a body.
const PIECE_WITHIN: Duration = Duration::from_secs(20);
/// For the whole of it.
const WHOLE_WITHIN: Duration = Duration::from_secs(60);

/// A body up to this size is simply taken: every seat may bring one.
const SMALL: usize = 16 * 1024;
/// Larger bodies that are in memory at once, from their seventeenth kilobyte until they are answered; others wait.
const LARGE_AT_ONCE: usize = 4;

/// The memory that large bodies share is the process's.
static LARGE: Semaphore = Semaphore::const_new(LARGE_AT_ONCE);

/// A whole body; a large one keeps its place until it is dropped.
#[derive(Debug)]
pub(crate) struct Taken {
    /// All of it.
    pub(crate) bytes: Bytes,
    _place: Option<SemaphorePermit<'static>>,
}

/// Whether `body` announces more than `limit` bytes: it can be refused before a byte of it is read.
pub(crate) fn announces_more<B: Body>(body: &B, limit: usize) -> bool {
    body.size_hint().lower() > limit as u64
}

/// Reads all of `body`, at most `limit` bytes. A body that announces more is refused before a byte of it is read.
///
/// # Errors
/// [`Fault::LargeBody`] beyond `limit`, [`Fault::SlowBody`] when it does not come, [`Fault::BadRequest`] when it breaks off,
/// [`Fault::Busy`] when other large bodies take up the room for too long.
pub(crate) async fn read<B>(body: B, limit: usize) -> Result<Taken, Fault>
where
    B: Body<Data = Bytes> + Unpin,
{
    read_beside(&LARGE, PIECE_WITHIN, body, limit).await
}

/// [`read`], waiting `patience` at most for one of the places of `large`.
async fn read_beside<B>(
    large: &'static Semaphore,
    patience: Duration,
    mut body: B,
    limit: usize,
) -> Result<Taken, Fault>
where
    B: Body<Data = Bytes> + Unpin,
{
    if announces_more(&body, limit) {
        return Err(Fault::LargeBody);
    }
    let end = Instant::now() + WHOLE_WITHIN;
    let mut whole = BytesMut::new();
    let mut place = None;
    loop {
        let until = end.min(Instant::now() + PIECE_WITHIN);
        let piece = timeout_at(until, body.frame())
            .await
            .map_err(|_| Fault::SlowBody)?;
        let Some(piece) = piece else {
            return Ok(Taken {
                bytes: whole.freeze(),
                _place: place,
            });
        };
        let Ok(data) = piece.map_err(|_| Fault::BadRequest)?.into_data() else {
            continue;
        };
        if whole.len() + data.len() > limit {
            return Err(Fault::LargeBody);
        }
        if place.is_none() && whole.len() + data.len() > SMALL {
            let free = timeout_at(Instant::now() + patience, large.acquire()).await;
            // The semaphore is never closed.
            place = free.map_err(|_| Fault::Busy)?.ok();
        }
        whole.extend_from_slice(&data);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::Full;
    use hyper::body::Frame;
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    #[tokio::test]
    async fn a_body_is_taken_up_to_its_limit() {
        let announced = |len| Full::new(Bytes::from(vec![b'x'; len]));
        assert_eq!(
            read(announced(10), 10).await.map(|whole| whole.bytes.len()),
            Ok(10)
        );
        assert_eq!(read(announced(11), 10).await.err(), Some(Fault::LargeBody));
    }

    #[tokio::test]
    async fn large_bodies_wait_for_one_another_and_small_ones_do_not() {
        static ONE: Semaphore = Semaphore::const_new(1);
        let take = |len| {
            let body = Full::new(Bytes::from(vec![b'x'; len]));
            read_beside(&ONE, Duration::from_millis(20), body, 2 * SMALL)
        };
        let held = take(SMALL + 1).await;
        assert_eq!(take(SMALL + 1).await.err(), Some(Fault::Busy));
        assert!(take(SMALL).await.is_ok());
        drop(held);
        assert!(take(SMALL + 1).await.is_ok());
    }

    /// Pieces of four bytes, their number unknown beforehand.
    struct Pieces(usize);

    impl Body for Pieces {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            let left = self.0.checked_sub(1);
            self.0 = left.unwrap_or(0);
            Poll::Ready(left.map(|_| Ok(Frame::data(Bytes::from_static(b"four")))))
        }
    }

    #[tokio::test]
    async fn a_body_that_does_not_say_its_length_is_counted() {
        assert_eq!(
            read(Pieces(2), 10).await.map(|whole| whole.bytes.len()),
            Ok(8)
        );
        assert_eq!(read(Pieces(3), 10).await.err(), Some(Fault::LargeBody));
    }
}
