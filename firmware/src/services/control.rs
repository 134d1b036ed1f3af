//! The control service: answers the verbs on the box's socket.

mod at_the_box;
mod bench;

pub use at_the_box::AtTheBox;
pub use bench::TestParts;

use super::ServiceName;
use super::power::PowerDesk;
use super::update::{Asked, UpdateHandle};
use crate::control::{self, Answer, LONGEST_REQUEST, Line, Request, StorageWish};
use crate::events::Events;
use crate::outgoing::StickTold;
use crate::selftest::{Said, Wishes};
use crate::slots::UpdateWish;
use crate::status::View;
use crate::stores::Stores;
use crate::supervisor::health::Criticality;
use crate::supervisor::restart::RestartPolicy;
use crate::supervisor::{Life, LifeError, Service, Stop, StopRequester};
use crate::updates::offer::Offer;
use crate::welcome::Facts;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};

/// Verbs answered at once: a technician has one terminal, an import one process.
const AT_ONCE: usize = 8;
/// A verb that does not say its request in this time is hung up on.
const PATIENCE: Duration = Duration::from_secs(5);
/// A verb that takes no line of its answer for this long is left with what it has: the work goes on, its seat falls free.
const READER_PATIENCE: Duration = Duration::from_secs(30);
/// The boot choice is written and read back on a card.
const UPDATE_PATIENCE: Duration = Duration::from_secs(20);
const NO_ANSWER: &str = "the box does not come to look after its slots just now; see `school-box status`, and try again";
const NO_NETWORK: &str = "the box has no name and key for its network: its data disk does not keep them; see `school-box status`";
const NO_EVENTS: &str = "the box keeps no events just now: its disk is not there, or another box keeps them; see `school-box status`";
/// How often the service shows that it lives while nobody asks.
const TURN: Duration = Duration::from_secs(10);

/// Binds the socket anew: the caller holds the data's lock, so an old one is a dead box's.
///
/// # Errors
/// When the folder can't be written.
pub fn listen(data: &Path) -> io::Result<UnixListener> {
    let path = data.join(control::SOCKET);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(control::address_in(&fs::File::open(data)?))?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Whom the verbs are answered by.
#[derive(Clone)]
pub struct Desk {
    /// Library and records.
    pub stores: Stores,
    /// The state of the box.
    pub view: View,
    /// The slots' own service.
    pub update: UpdateHandle,
    /// The latch's.
    pub power: PowerDesk,
    /// What the printed welcome tells; `None` where no network has a name.
    pub welcome: Option<Facts>,
    /// What a self-test tries.
    pub test: TestParts,
    /// One test at a time.
    pub testing: Arc<Semaphore>,
    /// Whether somebody stands at the box.
    pub at_the_box: AtTheBox,
    /// What was logged and is not on the disk yet.
    pub events: Events,
    /// What became of the last stick that was plugged in for records.
    pub stick: Arc<watch::Sender<Option<StickTold>>>,
    /// To restart the machine.
    pub stop: StopRequester,
}

/// The service, on a listener that outlives each of its lives.
#[must_use]
pub fn service(listener: UnixListener, desk: Desk) -> Service {
    let listener = Arc::new(listener);
    Service {
        name: ServiceName::Control,
        criticality: Criticality::Essential,
        policy: RestartPolicy::HOUSE,
        silence_limit: TURN * 3,
        stop_within: Duration::from_secs(1),
        begin: Box::new(move |life| {
            let (listener, desk) = (Arc::clone(&listener), desk.clone());
            Box::pin(async move { live(life, &listener, desk).await })
        }),
    }
}

async fn live(mut life: Life, listener: &UnixListener, desk: Desk) -> Result<(), LifeError> {
    let listener = tokio::net::UnixListener::from_std(listener.try_clone()?)?;
    let seats = Arc::new(Semaphore::new(AT_ONCE));
    let mut turns = interval(TURN);
    let mut talks = JoinSet::new();
    let pulse = life.pulse.clone();
    loop {
        tokio::select! {
            biased;
            _ = life.stopped() => break,
            Some(_) = talks.join_next() => {}
            _ = turns.tick() => pulse.beat().await,
            accepted = accept(&listener, &seats) => {
                let (stream, seat) = accepted?;
                let desk = desk.clone();
                talks.spawn(async move {
                    desk.talk(stream).await;
                    drop(seat);
                });
            }
        }
    }
    Ok(())
}

async fn accept(
    listener: &tokio::net::UnixListener,
    seats: &Arc<Semaphore>,
) -> Result<(UnixStream, tokio::sync::OwnedSemaphorePermit), LifeError> {
    let seat = Arc::clone(seats).acquire_owned().await?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, seat))
}

impl Desk {
    async fn talk(&self, mut stream: UnixStream) {
        let mut text = String::new();
        let mut request = BufReader::new((&mut stream).take(LONGEST_REQUEST));
        if timeout(PATIENCE, request.read_line(&mut text))
            .await
            .is_err()
        {
            return;
        }
        let request = match serde_json::from_str(&text) {
            Ok(Request::AtTheBox { then }) => self.at_the_box.somebody().await.map(|()| *then),
            asked => asked.map_err(|error| format!("the request is not understood: {error}")),
        };
        let line = match request {
            Err(why) => Line::Refused(why),
            Ok(Request::Restart) => return self.restart(stream).await,
            Ok(Request::Offer { offer, .. }) => return self.take_offer(offer, stream).await,
            Ok(Request::Selftest { wishes, .. }) => return self.test(wishes, stream).await,
            Ok(Request::Stick { told }) => {
                told.log();
                self.stick.send_replace(Some(told));
                Line::Done(Answer::Noted)
            }
            Ok(Request::Devices) => Line::Done(Answer::Devices(self.view.devices())),
            Ok(Request::Unwritten) => unwritten(&self.events),
            Ok(Request::Update { wish, .. }) => self.ask_update(wish).await,
            Ok(Request::Storage { wish, .. }) => self.ask_power(wish).await,
            Ok(Request::Welcome) => match self.welcome.clone() {
                Some(facts) => Line::Done(Answer::Welcome(facts)),
                None => Line::Refused(NO_NETWORK.to_owned()),
            },
            Ok(request) => return self.answer(request, stream).await,
        };
        let _ = say(&mut stream, &line).await;
    }

    /// Who asked hears of it before the box is gone.
    async fn restart(&self, mut stream: UnixStream) {
        let _ = say(&mut stream, &Line::Done(Answer::Restarts)).await;
        tracing::warn!("box.restart_asked_for");
        self.stop.ask(Stop::Restart);
    }

    /// The slots belong to their own service.
    async fn ask_update(&self, wish: UpdateWish) -> Line {
        let (answer, told) = oneshot::channel();
        let asked = timeout(PATIENCE, self.update.wishes.send(Asked::Wish(wish, answer))).await;
        match (asked, timeout(UPDATE_PATIENCE, told).await) {
            (Ok(Ok(())), Ok(Ok(Ok(update)))) => Line::Done(Answer::Update(Box::new(update))),
            (Ok(Ok(())), Ok(Ok(Err(why)))) => Line::Refused(why),
            (_, _) => Line::Refused(NO_ANSWER.to_owned()),
        }
    }

    /// The way there is told as it goes. A verb that hangs up does not stop the box.
    async fn take_offer(&self, offer: Offer, mut stream: UnixStream) {
        let (answer, told) = oneshot::channel();
        let asked = self.update.wishes.send(Asked::Offer(offer, answer));
        if !matches!(timeout(PATIENCE, asked).await, Ok(Ok(()))) {
            let _ = say(&mut stream, &Line::Refused(NO_ANSWER.to_owned())).await;
            return;
        }
        let mut update = self.update.update.clone();
        let mut alive = interval(TURN);
        tokio::pin!(told);
        loop {
            let line = tokio::select! {
                biased;
                outcome = &mut told => {
                    let last = match outcome {
                        Ok(Ok(offered)) => Line::Done(Answer::Offered(Box::new(offered))),
                        Ok(Err(why)) => Line::Refused(why),
                        Err(_) => Line::Refused("the box stops: it goes on with the update when it has started again".to_owned()),
                    };
                    let _ = say(&mut stream, &last).await;
                    return;
                }
                Ok(()) = update.changed() => Line::Update(Box::new(update.borrow_and_update().clone())),
                _ = alive.tick() => Line::Update(Box::new(update.borrow().clone())),
            };
            if say(&mut stream, &line).await.is_err() {
                return;
            }
        }
    }

    /// The latch belongs to the power service.
    async fn ask_power(&self, wish: StorageWish) -> Line {
        let told = match wish {
            StorageWish::Enter => self.power.enter_storage().await,
            StorageWish::Leave => self.power.leave_storage().await,
        };
        match told {
            Some(Ok(told)) => Line::Done(Answer::Storage(Box::new(told))),
            Some(Err(why)) => Line::Refused(why),
            None => Line::Refused(
                "the box does not come to look after its power just now; see `school-box status`, and try again".to_owned(),
            ),
        }
    }

    /// What is asked of the person must arrive; how far it is may be left out. A verb that hangs up does not stop the test.
    async fn test(&self, wishes: Wishes, mut stream: UnixStream) {
        let Ok(turn) = Arc::clone(&self.testing).try_acquire_owned() else {
            let busy = "a self-test is under way; wait until it has ended".to_owned();
            let _ = say(&mut stream, &Line::Refused(busy)).await;
            return;
        };
        let desk = self.clone();
        follow(stream, move |lines| {
            let _turn = turn;
            let mut told = |said: Said| {
                // What is being done may be missed, what was found may not.
                let may_be_missed = matches!(said, Said::Doing(..));
                let line = Line::Selftest(said);
                let _ = match may_be_missed {
                    true => lines.try_send(line).is_ok(),
                    false => lines.blocking_send(line).is_ok(),
                };
            };
            let around = (&desk.view, &desk.stores, &desk.power);
            let outcome = bench::test(&desk.test, around, wishes, &mut told);
            Line::Done(Answer::Selftest(Box::new(outcome)))
        })
        .await;
    }

    /// The work blocks, so it has a thread; its lines come back through a channel that bounds how far it runs ahead.
    async fn answer(&self, request: Request, stream: UnixStream) {
        let Self { stores, view, .. } = self.clone();
        follow(stream, move |lines| {
            if matches!(request, Request::Status) {
                return Line::Done(Answer::Status(Box::new(view.now())));
            }
            let mut progress = |line: &Line| {
                // A verb that is not there any more is no reason to leave the work half done.
                let _ = lines.try_send(line.clone());
            };
            match control::carry_out(&stores, &request, &mut progress) {
                Ok(answer) => Line::Done(answer),
                Err(why) => Line::Refused(why),
            }
        })
        .await;
    }
}

/// What was logged and not written yet.
fn unwritten(events: &Events) -> Line {
    match events.unwritten() {
        Some(lines) => Line::Done(Answer::Unwritten(lines)),
        None => Line::Refused(NO_EVENTS.to_owned()),
    }
}

/// Does `work` on a thread and says its lines, the last one after them.
async fn follow(
    mut stream: UnixStream,
    work: impl FnOnce(&mpsc::Sender<Line>) -> Line + Send + 'static,
) {
    let (lines, mut said) = mpsc::channel(4);
    let work = tokio::task::spawn_blocking(move || {
        let last = work(&lines);
        let _ = lines.blocking_send(last);
    });
    while let Some(line) = said.recv().await {
        // A verb that hung up, or does not read, has no use for the rest.
        if say(&mut stream, &line).await.is_err() {
            said.close();
        }
    }
    let _ = work.await;
}

async fn say(stream: &mut UnixStream, line: &Line) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    timeout(READER_PATIENCE, stream.write_all(&text)).await?
}
