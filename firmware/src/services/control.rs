//! The control service: answers the verbs on the box's socket.

use super::ServiceName;
use crate::control::{self, Answer, LONGEST_REQUEST, Line, Request};
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
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};

/// Verbs answered at once: a technician has one terminal, an import one process.
const AT_ONCE: usize = 8;
/// A verb that does not say its request in this time is hung up on.
const PATIENCE: Duration = Duration::from_secs(5);
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
pub fn service(listener: UnixListener, stores: Stores, view: View) -> Service {
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
            Ok(request) => self.answer(request, stream).await,
            Err(error) => {
                say(
                    &mut stream,
                    &Line::Refused(format!("the request is not understood: {error}")),
                )
                .await
            }
        }
    }

    /// The work blocks, so it has a thread; its lines come back through a channel that bounds how far it runs ahead.
    async fn answer(&self, request: Request, mut stream: UnixStream) {
        if matches!(request, Request::Status) {
            let status = Box::new(self.view.now());
            return say(&mut stream, &Line::Done(Answer::Status(status))).await;
        }
        let (lines, mut said) = mpsc::channel(4);
        let stores = self.stores.clone();
        let work = tokio::task::spawn_blocking(move || {
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
            say(&mut stream, &line).await;
        }
        let _ = work.await;
    }
}

async fn say(stream: &mut UnixStream, line: &Line) {
    if let Ok(mut text) = serde_json::to_vec(line) {
        text.push(b'\n');
        // A verb that hung up has no use for the rest.
        let _ = stream.write_all(&text).await;
    }
}
