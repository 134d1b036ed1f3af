//! The word to stop.

use std::sync::Arc;
use tokio::sync::watch;

/// Ends whatever a source waits for: the blocked call returns at once, with an error that says so, and so does every later one. Clones are the same word.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Stop {
    /// Says it. There is no way back: later contacts get a word of their own.
    pub fn ask(&self) {
        self.0.send_replace(true);
    }

    /// Whether it was said.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits for it.
    pub(super) async fn asked(&self) {
        let mut word = self.0.subscribe();
        // Its sender is `self`: it cannot be gone.
        let _ = word.wait_for(|asked| *asked).await;
    }
}
