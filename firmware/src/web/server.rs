//! The door: accepts connections, seats as many as the load plan permits, tells the others to come back, stops in order.
//!
//! hyper has no limit on connections, and its header timeout is off without a timer: both are set here. A seat is kept by a connection
//! until it ends; when all are taken, the one that has been idle longest is given to the newcomer, so that a crowd of silent phones (or
//! ten thousand idle connections) keeps nobody out. A newcomer who finds only busy seats is told 503 and when to knock again.

use super::answer::Answer;
use super::films::Films;
use super::patience::Patient;
use super::seat::{Busy, Seat};
use super::{Site, full, request, turns};
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use power_mgmt::LoadPlan;
use socket2::SockRef;
use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};

/// How long the door waits for whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// A request's header must be whole after this time; a kept-alive connection on which nothing is asked ends after it.
    pub(crate) header: Duration,
    /// A reader who takes no byte for this long is cut.
    pub(crate) stall: Duration,
    /// A seat idle for this long may be given to a newcomer: longer than a browser takes between a page and its pictures.
    pub(crate) spare_after: Duration,
}

impl Limits {
    /// What every box runs with.
    pub(crate) const HOUSE: Self = Self {
        header: Duration::from_secs(10),
        stall: Duration::from_secs(60),
        spare_after: Duration::from_secs(2),
    };
}

/// Most that is buffered of a request's header, and of an answer that its reader does not take.
const BUFFER: usize = 64 * 1024;
/// A connection that was asked to leave and has nothing under way is cut after this time.
const LEAVE_WITHIN: Duration = Duration::from_millis(300);
/// Connections at once, those that were asked to leave among them, in multiples of the seats.
const CROWDING: usize = 2;
/// Newcomers who are told 503 in good order at once; those beyond get it without waiting for their request.
const TURNED_AWAY: usize = 64;
/// Seats that one address may have at least: a browser opens six connections to each host name, and a lesson has two or three.
const LEAST_SHARE: usize = 16;
/// After the process ran out of descriptors: time for some to come back.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop` is true; then closes the door, lets answers under way go on for `grace`, cuts the rest, and returns.
///
/// `beat` is called for each connection that was accepted, seated or not.
///
/// # Errors
/// The listener is broken: nothing can be accepted on it any more.
pub async fn serve(
    listener: TcpListener,
    site: Arc<Site>,
    plan: watch::Receiver<LoadPlan>,
    beat: impl Fn() + Send + Sync + 'static,
    stop: watch::Receiver<bool>,
    grace: Duration,
) -> io::Result<()> {
    let door = Door::new(site, Films::new(plan.clone()), Limits::HOUSE);
    keep_door(door, listener, plan, beat, stop, grace).await
}

/// [`serve`] with a door of one's own.
pub(crate) async fn keep_door(
    mut door: Door,
    listener: TcpListener,
    mut plan: watch::Receiver<LoadPlan>,
    beat: impl Fn(),
    mut stop: watch::Receiver<bool>,
    grace: Duration,
) -> io::Result<()> {
    door.permit(usize::from(plan.borrow_and_update().http_connections));
    loop {
        tokio::select! {
            biased;
            () = stopped(&mut stop) => break,
            Some(left) = door.seated.join_next_with_id() => door.free(left),
            Some(_) = door.turned_away.join_next() => {}
            Ok(()) = plan.changed() => door.permit(usize::from(plan.borrow_and_update().http_connections)),
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    door.admit(stream, peer.ip());
                    beat();
                }
                Err(error) => door.not_accepted(error).await?,
            },
        }
    }
    drop(listener);
    door.close(grace).await;
    Ok(())
}

/// Waits for the word to stop; whoever could have said it being gone says the same.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Whether `from` has as many of the `permitted` seats as one address may have: a device that reads its downloads drop by drop shuts
/// nobody out but itself. The box itself (its probe, a desk) has no such limit.
fn has_its_share(seated: impl Iterator<Item = IpAddr>, from: IpAddr, permitted: usize) -> bool {
    let share = LEAST_SHARE.max(permitted / 4);
    !from.to_canonical().is_loopback() && seated.filter(|address| *address == from).count() >= share
}

/// Who sits, and how many may.
pub(crate) struct Door {
    site: Arc<Site>,
    films: Films,
    limits: Limits,
    permitted: usize,
    seats: HashMap<Id, Arc<Seat>>,
    seated: JoinSet<()>,
    turned_away: JoinSet<()>,
    /// The process ran out of descriptors at the last accept.
    exhausted: bool,
}

impl Door {
    /// An empty room without a seat.
    pub(crate) fn new(site: Arc<Site>, films: Films, limits: Limits) -> Self {
        Self {
            site,
            films,
            limits,
            permitted: 0,
            seats: HashMap::new(),
            seated: JoinSet::new(),
            turned_away: JoinSet::new(),
            exhausted: false,
        }
    }

    fn admit(&mut self, stream: TcpStream, from: IpAddr) {
        self.exhausted = false;
        if !self.has_room() || !self.has_seat_for(from) {
            return self.turn_away(stream);
        }
        // A pack's page is many small answers: none should wait for another's acknowledgement.
        if stream.set_nodelay(true).is_err() {
            return;
        }
        if !turns::is_the_box(from)
            && SockRef::from(&stream)
                .set_tcp_notsent_lowat(turns::UNSENT)
                .is_err()
        {
            tracing::debug!(event = "web.unsent_not_bounded");
        }
        let seat = Seat::new(Instant::now(), from);
        let task = self.seated.spawn(attend(
            stream,
            Arc::clone(&seat),
            Arc::clone(&self.site),
            self.films.clone(),
            self.limits,
        ));
        self.seats.insert(task.id(), seat);
    }

    /// Whether `from` may sit down, perhaps in the place of somebody idle.
    fn has_seat_for(&mut self, from: IpAddr) -> bool {
        if has_its_share(
            self.seats.values().map(|seat| seat.from),
            from,
            self.permitted,
        ) {
            return self.spare_one(|seat| seat.from == from);
        }
        self.seats.len() < self.permitted || self.spare_one(|_| true)
    }

    /// Whoever was asked to leave may still end a request that came in meanwhile, so there are more connections than seats. They are
    /// counted too: else a crowd that ends its requests just when it is asked to leave would grow without a bound.
    fn has_room(&self) -> bool {
        self.permitted > 0 && self.seated.len() < self.permitted.saturating_mul(CROWDING)
    }

    /// Takes the seat of who has been idle longest `among` those sitting; `false` when nobody has been for long enough.
    fn spare_one(&mut self, among: impl Fn(&Seat) -> bool) -> bool {
        let now = Instant::now();
        let idle = self
            .seats
            .iter()
            .filter(|(_, seat)| among(seat))
            .filter_map(|(id, seat)| Some((*id, seat.idle_for(now)?)));
        let longest = idle
            .max_by_key(|(_, idle)| *idle)
            .filter(|(_, idle)| *idle >= self.limits.spare_after);
        let taken = longest.and_then(|(id, _)| self.seats.remove(&id));
        taken.inspect(|seat| seat.dismiss()).is_some()
    }

    fn turn_away(&mut self, stream: TcpStream) {
        if self.turned_away.len() < TURNED_AWAY {
            let site = Arc::clone(&self.site);
            self.turned_away
                .spawn(async move { full::tell(stream, &site).await });
        } else {
            // A first write into a fresh socket's buffer does not wait; should it, the closed connection says the same.
            let _ = stream.try_write(full::BARE);
        }
    }

    fn free(&mut self, left: Result<(Id, ()), JoinError>) {
        let id = match left {
            Ok((id, ())) => id,
            Err(fallen) => {
                tracing::error!(event = "web.connection_panicked");
                fallen.id()
            }
        };
        self.seats.remove(&id);
    }

    /// A new plan. Connections above its number are asked to leave at once, the idle ones first; a busy one goes when its answer is
    /// whole: none under way is ever cut.
    fn permit(&mut self, permitted: usize) {
        self.permitted = permitted;
        while self.seats.len() > self.permitted
            && (self.spare_any_idle() || self.spare_first(|_| true))
        {}
    }

    fn spare_any_idle(&mut self) -> bool {
        let now = Instant::now();
        self.spare_first(|seat| seat.idle_for(now).is_some())
    }

    /// Asks one of those who are meant to leave; `false` when there is none.
    fn spare_first(&mut self, is_meant: impl Fn(&Seat) -> bool) -> bool {
        let found = self.seats.iter().find(|(_, seat)| is_meant(seat));
        let id = found.map(|(id, _)| *id);
        id.and_then(|id| self.seats.remove(&id))
            .inspect(|seat| seat.dismiss())
            .is_some()
    }

    /// Most errors of `accept` belong to one connection that is gone again; running out of descriptors passes when seats fall free.
    async fn not_accepted(&mut self, error: io::Error) -> io::Result<()> {
        use nix::errno::Errno;
        match error.raw_os_error().map(Errno::from_raw) {
            Some(Errno::EMFILE | Errno::ENFILE | Errno::ENOBUFS | Errno::ENOMEM) => {
                if !std::mem::replace(&mut self.exhausted, true) {
                    tracing::warn!(
                        event = "web.descriptors_exhausted",
                        seats = self.seats.len()
                    );
                }
                self.spare_any_idle();
                sleep_until(Instant::now() + EXHAUSTED_PAUSE).await;
                Ok(())
            }
            Some(Errno::EBADF | Errno::EINVAL | Errno::ENOTSOCK | Errno::EFAULT) => Err(error),
            Some(_) | None => Ok(()),
        }
    }

    async fn close(mut self, grace: Duration) {
        self.turned_away.shutdown().await;
        for seat in self.seats.values() {
            seat.dismiss();
        }
        let all_left = async { while self.seated.join_next().await.is_some() {} };
        if timeout(grace, all_left).await.is_err() {
            tracing::info!(event = "web.answers_cut", connections = self.seated.len());
        }
        self.seated.shutdown().await;
    }
}

/// One connection, from its first byte to its last.
async fn attend(stream: TcpStream, seat: Arc<Seat>, site: Arc<Site>, films: Films, limits: Limits) {
    let io = TokioIo::new(Patient::new(stream, limits.stall));
    let own_seat = Arc::clone(&seat);
    // A box whose clock is not trusted states no date (RFC 9110 § 6.6.1).
    let dated = site.clock.wall_trusted().is_some();
    let service = service_fn(move |request| {
        let (site, seat) = (Arc::clone(&site), Arc::clone(&own_seat));
        answered(site, films.clone(), seat, request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header)
        .max_buf_size(BUFFER)
        .auto_date_header(dated)
        .serve_connection(io, service);
    let mut connection = pin!(connection);
    tokio::select! {
        ended = connection.as_mut() => return note_end(ended),
        () = seat.dismissed() => connection.as_mut().graceful_shutdown(),
    }
    loop {
        match timeout(LEAVE_WITHIN, connection.as_mut()).await {
            Ok(ended) => return note_end(ended),
            Err(_)
                if seat
                    .idle_for(Instant::now())
                    .is_some_and(|idle| idle >= LEAVE_WITHIN) =>
            {
                return;
            }
            Err(_) => {}
        }
    }
}

async fn answered(
    site: Arc<Site>,
    films: Films,
    seat: Arc<Seat>,
    request: Request<Incoming>,
) -> Result<Answer, Infallible> {
    let from = seat.from;
    let busy = Busy::at(seat);
    let turns = site.turns.clone();
    let answer = request::answer(site, films, from, request).await;
    Ok(answer.map(|body| body.in_turn(|| turns.ticket(from)).keep_busy(busy)))
}

/// Readers leave in the middle all the time; that is nobody's fault and worth a line only to who looks for it.
fn note_end(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(
            event = "web.connection_ended",
            error = &error as &dyn std::error::Error
        );
    }
}

#[cfg(test)]
mod tests {
    use super::has_its_share;
    use std::net::IpAddr;

    #[test]
    fn one_address_never_has_every_seat_of_a_class() {
        let phone = |last| IpAddr::from([10, 0, 0, last]);
        let full = |from, own, others, permitted| {
            let seated = (0..own).map(|_| from).chain((0..others).map(|_| phone(9)));
            has_its_share(seated, from, permitted)
        };
        for (permitted, share) in [(32, 16), (64, 16), (256, 64)] {
            assert!(!full(phone(1), share - 1, 99, permitted));
            assert!(full(phone(1), share, 0, permitted));
        }
        assert!(!full(IpAddr::from([127, 0, 0, 1]), 300, 0, 256));
    }
}
