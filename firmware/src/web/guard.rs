//! A fall inside one answer stays inside it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;

/// Runs `answer`; `None` when it panicked. What it was working on is dropped with it: answers share nothing that could be left
/// half changed but values behind locks, and those are replaced whole.
pub(crate) async fn unharmed<T>(answer: impl Future<Output = T>) -> Option<T> {
    let mut answer = pin!(answer);
    std::future::poll_fn(
        |cx| match catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Some),
            Err(_) => std::task::Poll::Ready(None),
        },
    )
    .await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "the fall under test")]
    use super::*;

    #[tokio::test]
    async fn a_fall_is_caught_and_an_answer_passes() {
        assert_eq!(unharmed(async { 1 }).await, Some(1));
        let falls = async {
            tokio::task::yield_now().await;
            if std::hint::black_box(true) {
                panic!("on purpose");
            }
        };
        assert_eq!(unharmed(falls).await, None);
    }
}
