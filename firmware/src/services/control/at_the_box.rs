//! Somebody at the box: a request that wants one waits for a tap of the button. One request at a time: a tap is a yes to one thing, and who taps
//! has to know to which.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

/// How long a request waits for the button.
const PRESENCE: Duration = Duration::from_secs(30);
const NOBODY: &str =
    "nobody pressed the button within 30 s: nothing was done; stand at the box, and ask again";
const ANOTHER_WAITS: &str = "another request waits for the button just now: nothing was done; press it or wait for 30 s, and ask again";

/// Where a request asks whether somebody stands at the box. A clone is the same place.
#[derive(Debug, Clone)]
pub struct AtTheBox {
    taps: watch::Receiver<u64>,
    turn: Arc<Semaphore>,
}

impl AtTheBox {
    /// `taps` changes whenever somebody taps the button.
    #[must_use]
    pub fn new(taps: watch::Receiver<u64>) -> Self {
        let turn = Arc::new(Semaphore::new(1));
        Self { taps, turn }
    }

    /// Waits for a tap that comes after the asking.
    ///
    /// # Errors
    /// One line: there was none, or it would be a yes to another request.
    pub(super) async fn somebody(&self) -> Result<(), String> {
        let turn = self.turn.try_acquire();
        let _turn = turn.map_err(|_| ANOTHER_WAITS.to_owned())?;
        let mut taps = self.taps.clone();
        taps.borrow_and_update();
        match timeout(PRESENCE, taps.changed()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(NOBODY.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_tap_is_a_yes_to_one_request_alone() {
        let (tap, taps) = watch::channel(0);
        let place = AtTheBox::new(taps);
        // A tap before the asking is none.
        tap.send_modify(|taps| *taps += 1);
        let first = place.somebody();
        tokio::pin!(first);
        let waits = timeout(Duration::from_secs(10), &mut first).await;
        assert!(waits.is_err(), "it waits");
        let second = place.clone();
        assert_eq!(second.somebody().await, Err(ANOTHER_WAITS.to_owned()));
        tap.send_modify(|taps| *taps += 1);
        assert_eq!(first.await, Ok(()));
        // Then it is another's turn, and so it is when nobody came.
        for _ in 0..2 {
            assert_eq!(second.somebody().await, Err(NOBODY.to_owned()));
        }
    }
}
