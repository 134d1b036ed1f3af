//! The control service: answers the verbs on the box's socket.

use super::ServiceName;
use super::power::PowerDesk;
use super::update::Asked;
use crate::control::{self, Answer, LONGEST_REQUEST, Line, Request, StorageWish};
use crate::slots::UpdateWish;
use crate::status::View;
use crate::stores::Stores;
use crate::supervisor::health::Criticality;
use crate::supervisor::restart::RestartPolicy;
use crate::supervisor::{Life, LifeError, Service};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::sync::{Semaphore, mpsc, oneshot};
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

/// The service, on a listener that outlives each of its lives.
#[must_use]
pub fn service(
    listener: UnixListener,
    stores: Stores,
    view: View,
    update: mpsc::Sender<Asked>,
    power: PowerDesk,
) -> Service {
    let listener = Arc::new(listener);
    Service {
        name: ServiceName::Control,
        criticality: Criticality::Essential,
        policy: RestartPolicy::HOUSE,
        silence_limit: TURN * 3,
        stop_within: Duration::from_secs(1),
        begin: Box::new(move |life| {
            let (listener, desk) = (
                Arc::clone(&listener),
                Desk {
                    stores: stores.clone(),
                    view: view.clone(),
                    update: update.clone(),
                    power: power.clone(),
                },
            );
            Box::pin(async move { live(life, &listener, desk).await })
        }),
    }
}

#[derive(Clone)]
struct Desk {
    stores: Stores,
    view: View,
    update: mpsc::Sender<Asked>,
    power: PowerDesk,
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
        match serde_json::from_str(&text) {
            Ok(Request::Update { wish, .. }) => {
                let _ = say(&mut stream, &self.ask_update(wish).await).await;
            }
            Ok(Request::Storage { wish, .. }) => {
                let _ = say(&mut stream, &self.ask_power(wish).await).await;
            }
            Ok(request) => self.answer(request, stream).await,
            Err(error) => {
                let why = format!("the request is not understood: {error}");
                let _ = say(&mut stream, &Line::Refused(why)).await;
            }
        }
    }

    /// The slots belong to their own service.
    async fn ask_update(&self, wish: UpdateWish) -> Line {
        let (answer, told) = oneshot::channel();
        let asked = timeout(PATIENCE, self.update.send((wish, answer))).await;
        match (asked, timeout(UPDATE_PATIENCE, told).await) {
            (Ok(Ok(())), Ok(Ok(Ok(update)))) => Line::Done(Answer::Update(Box::new(update))),
            (Ok(Ok(())), Ok(Ok(Err(why)))) => Line::Refused(why),
            (_, _) => Line::Refused(
                "the box does not come to look after its slots just now; see `school-box status`, and try again".to_owned(),
            ),
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

    /// The work blocks, so it has a thread; its lines come back through a channel that bounds how far it runs ahead.
    async fn answer(&self, request: Request, mut stream: UnixStream) {
        let (lines, mut said) = mpsc::channel(4);
        let Self { stores, view, .. } = self.clone();
        let work = tokio::task::spawn_blocking(move || {
            if matches!(request, Request::Status) {
                let status = Box::new(view.now());
                let _ = lines.blocking_send(Line::Done(Answer::Status(status)));
                return;
            }
            let mut progress = |done, total| {
                // A verb that is not there any more is no reason to leave the work half done.
                let _ = lines.try_send(Line::Progress(done, total));
            };
            let last = match control::carry_out(&stores, &request, &mut progress) {
                Ok(answer) => Line::Done(answer),
                Err(why) => Line::Refused(why),
            };
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
}

async fn say(stream: &mut UnixStream, line: &Line) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    timeout(READER_PATIENCE, stream.write_all(&text)).await?
}
