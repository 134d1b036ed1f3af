//! Taking in the body of a request: bounded in bytes and in time.

use super::fault::Fault;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Body;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Between two pieces of a body.
const PIECE_WITHIN: Duration = Duration::from_secs(20);
/// For the whole of it.
const WHOLE_WITHIN: Duration = Duration::from_secs(60);

/// Reads all of `body`, at most `limit` bytes. A body that announces more is refused before a byte of it is read.
///
/// # Errors
/// [`Fault::LargeBody`] beyond `limit`, [`Fault::SlowBody`] when it does not come, [`Fault::BadRequest`] when it breaks off.
pub(crate) async fn read<B>(mut body: B, limit: usize) -> Result<Bytes, Fault>
where
    B: Body<Data = Bytes> + Unpin,
{
    if body.size_hint().lower() > limit as u64 {
        return Err(Fault::LargeBody);
    }
    let end = Instant::now() + WHOLE_WITHIN;
    let mut whole = BytesMut::new();
    loop {
        let patience = end.min(Instant::now() + PIECE_WITHIN);
        let piece = timeout_at(patience, body.frame())
            .await
            .map_err(|_| Fault::SlowBody)?;
        let Some(piece) = piece else {
            return Ok(whole.freeze());
        };
        let Ok(data) = piece.map_err(|_| Fault::BadRequest)?.into_data() else {
            continue;
        };
        if whole.len() + data.len() > limit {
            return Err(Fault::LargeBody);
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
            read(announced(10), 10).await.map(|whole| whole.len()),
            Ok(10)
        );
        assert_eq!(read(announced(11), 10).await, Err(Fault::LargeBody));
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
        assert_eq!(read(Pieces(2), 10).await.map(|whole| whole.len()), Ok(8));
        assert_eq!(read(Pieces(3), 10).await, Err(Fault::LargeBody));
    }
}
