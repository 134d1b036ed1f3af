//! Films follow the load plan: a ceiling for each that is sent, and none are sent when there is no rate for them.
//!
//! What is sent of a film keeps the radio on the air: it is the one thing that lessons ask for by the minute. A film under way follows the plan:
//! it slows down and speeds up with it, and when films have to wait it waits too, a minute at most. Then its answer ends, for it holds a seat that
//! thirty readers could use; the player asks for the rest when there is light again, and nothing that it has is lost.

use super::pace::{Pace, Turn};
use crate::activity::Activity;
use crate::clock::Clock;
use power_mgmt::LoadPlan;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, Sleep, sleep_until};

/// How long an answer under way waits for films to be permitted again.
const HALT_PATIENCE: Duration = Duration::from_secs(60);
/// While learners are at work another box gets its update no faster than they get a film, but this much in any case.
const REPOSITORY_LEAST_KBIT_S: u32 = 1_000;
/// Nobody is at work: as fast as it is taken.
const UNHURRIED_KBIT_S: u32 = 1_000_000;
/// So long after their last request learners are still at work.
const AT_WORK: Duration = Duration::from_secs(60);
/// A waiting answer looks at the plan again after this time.
const LOOK: Duration = Duration::from_secs(1);

/// Whether a body of this media type is a film.
pub(crate) fn is_film(mime: &str) -> bool {
    let video = mime.trim_start().get(..6);
    video.is_some_and(|start| start.eq_ignore_ascii_case("video/"))
}

/// What the plan in force says of films.
#[derive(Debug, Clone)]
pub(crate) struct Films(watch::Receiver<LoadPlan>);

impl Films {
    /// As `plan` says, now and later.
    pub(crate) const fn new(plan: watch::Receiver<LoadPlan>) -> Self {
        Self(plan)
    }

    /// No film is sent now.
    pub(crate) fn wait(&self) -> bool {
        !self.0.borrow().permits_films()
    }

    /// The pace of a film that is begun now.
    pub(crate) fn begin(&self) -> Paced {
        Paced::new(Ceiling::Film(self.clone()), None)
    }

    /// The pace of a file for another box, beside the lessons; it keeps its seat while it lives.
    pub(crate) fn beside(
        &self,
        activity: Activity,
        clock: Clock,
        seat: OwnedSemaphorePermit,
    ) -> Paced {
        let ceiling = Ceiling::Repository {
            films: self.clone(),
            activity,
            clock,
        };
        Paced::new(ceiling, Some(seat))
    }

    fn kbit_s(&self) -> u32 {
        self.0.borrow().video_kbit_s
    }
}

/// How fast something may go, now.
#[derive(Debug)]
enum Ceiling {
    Film(Films),
    Repository {
        films: Films,
        activity: Activity,
        clock: Clock,
    },
}

impl Ceiling {
    fn kbit_s(&self) -> u32 {
        match self {
            Self::Film(films) => films.kbit_s(),
            Self::Repository {
                films,
                activity,
                clock,
            } => match activity.within(AT_WORK, clock.since_boot()) {
                true => films.kbit_s().max(REPOSITORY_LEAST_KBIT_S),
                false => UNHURRIED_KBIT_S,
            },
        }
    }
}

/// One film, or one file for another box, on its way out. While it waits it holds a timer: no thread, no bytes.
#[derive(Debug)]
pub(crate) struct Paced {
    ceiling: Ceiling,
    _seat: Option<OwnedSemaphorePermit>,
    pace: Pace,
    began: Instant,
    alarm: Option<Pin<Box<Sleep>>>,
    halted_at: Option<Duration>,
}

impl Paced {
    fn new(ceiling: Ceiling, seat: Option<OwnedSemaphorePermit>) -> Self {
        Self {
            pace: Pace::new(ceiling.kbit_s(), Duration::ZERO),
            ceiling,
            _seat: seat,
            began: Instant::now(),
            alarm: None,
            halted_at: None,
        }
    }

    /// Ready when the next chunk may go.
    ///
    /// # Errors
    /// [`io::ErrorKind::TimedOut`]: films have had to wait for a minute.
    pub(crate) fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            if let Some(alarm) = &mut self.alarm {
                ready!(alarm.as_mut().poll(cx));
                self.alarm = None;
            }
            let now = self.began.elapsed();
            let wait = match self.pace.turn(self.ceiling.kbit_s(), now) {
                Turn::Now => {
                    self.halted_at = None;
                    return Poll::Ready(Ok(()));
                }
                Turn::In(wait) => {
                    self.halted_at = None;
                    wait.min(LOOK)
                }
                Turn::Halted => {
                    let halted_at = *self.halted_at.get_or_insert(now);
                    if now.saturating_sub(halted_at) >= HALT_PATIENCE {
                        return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                    }
                    LOOK
                }
            };
            self.alarm = Some(Box::pin(sleep_until(Instant::now() + wait)));
        }
    }

    /// So many bytes have gone.
    pub(crate) fn spend(&mut self, bytes: usize) {
        self.pace.spend(bytes);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use power_mgmt::PowerState;
    use std::future::poll_fn;

    const CHUNK: usize = 64 * 1024;

    fn plan(state: PowerState) -> watch::Sender<LoadPlan> {
        watch::channel(LoadPlan::for_state(state)).0
    }

    async fn send(paced: &mut Paced, time: Duration) -> io::Result<usize> {
        let (began, mut bytes) = (Instant::now(), 0);
        while began.elapsed() < time {
            let turn = poll_fn(|cx| paced.poll_turn(cx));
            match tokio::time::timeout(time.saturating_sub(began.elapsed()), turn).await {
                Err(_) => break,
                Ok(turn) => turn?,
            }
            paced.spend(CHUNK);
            bytes += CHUNK;
        }
        Ok(bytes)
    }

    #[test]
    fn films_are_known_by_their_type() {
        for mime in [
            "video/mp4",
            "video/webm; codecs=\"vp9\"",
            " Video/MP2T",
            "video/",
        ] {
            assert!(is_film(mime), "{mime}");
        }
        for mime in [
            "audio/mpeg",
            "image/gif",
            "text/vtt",
            "video",
            "videos/mp4",
            "",
            "vidéo/x",
        ] {
            assert!(!is_film(mime), "{mime}");
        }
    }

    /// In simulated time.
    #[tokio::test(start_paused = true)]
    async fn a_film_under_way_follows_the_plan() {
        let minute = Duration::from_secs(60);
        let plan = plan(PowerState::Full);
        let mut paced = Films::new(plan.subscribe()).begin();
        let full = send(&mut paced, minute).await.unwrap();
        plan.send_replace(LoadPlan::for_state(PowerState::Eco));
        let eco = send(&mut paced, minute).await.unwrap();
        assert!(full.abs_diff(64_000_000) < 200_000, "{full}");
        assert!(eco.abs_diff(11_250_000) < 200_000, "{eco}");

        plan.send_replace(LoadPlan::for_state(PowerState::Minimal));
        let half = minute / 2;
        assert!(send(&mut paced, half).await.unwrap() <= CHUNK, "it waits");
        plan.send_replace(LoadPlan::for_state(PowerState::Eco));
        let again = send(&mut paced, half).await.unwrap();
        assert!(again.abs_diff(5_625_000) < 400_000, "{again}: and goes on");

        plan.send_replace(LoadPlan::for_state(PowerState::Minimal));
        let ended = send(&mut paced, 2 * minute).await.unwrap_err();
        assert_eq!(ended.kind(), io::ErrorKind::TimedOut, "but not for ever");
    }
}
