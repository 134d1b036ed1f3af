//! The verb's side: ask the running box, or do it in its place.

use super::{Answer, Line, NO_BOX, Request, address_in, carry_out};
use crate::config::Config;
use crate::erase;
use crate::slots::UpdateWish;
use crate::stores::{self, Stores, StoresError};
use crate::telemetry;
use socket2::{Domain, SockAddr, Socket, Type};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// Why there is no answer: each is one whole line.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The data folder does not exist, so there is nothing to ask of it.
    #[error("there is no data folder {0}; give the box's folder with --data")]
    NoData(String),
    /// The box said no, and why.
    #[error("{0}")]
    Refused(String),
    /// The box went away in the middle.
    #[error("the box on {data} went away while it answered; see that it runs, and try again")]
    Lost {
        /// Its folder.
        data: String,
        /// How.
        source: io::Error,
    },
    /// The box runs and says nothing.
    #[error(
        "the box on {0} does not answer: it has much to do, or hangs; wait a minute and try again, or restart it"
    )]
    Silent(String),
    /// No box runs, and the data can't be opened either.
    #[error("{}", telemetry::chain(.0))]
    Stores(StoresError),
}

impl AskError {
    /// What became of the conversation with the box on `data`.
    fn of_the_line(data: &Path, source: io::Error) -> Self {
        let data = data.display().to_string();
        let silent = [io::ErrorKind::WouldBlock, io::ErrorKind::TimedOut];
        if silent.contains(&source.kind()) {
            Self::Silent(data)
        } else {
            Self::Lost { data, source }
        }
    }
}

/// A box that is just starting holds the lock before it listens: wait for one or the other.
const STARTING_TAKES_AT_MOST: Duration = Duration::from_secs(5);

/// A box that says nothing for so long, not even how far it is, will say nothing more.
const SILENCE_TAKES_AT_MOST: Duration = Duration::from_secs(120);

/// Carries out `request` on the box whose data is `data`; `progress` hears of long work.
///
/// # Errors
/// [`AskError`], whose text is one line for the person.
pub fn ask(
    data: &Path,
    config: &Config,
    request: &Request,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Answer, AskError> {
    ask_and_follow(data, config, request, &mut |line| {
        if let Line::Progress(done, total) = line {
            progress(*done, *total);
        }
    })
}

/// As [`ask`]; `told` hears every line before the last.
///
/// # Errors
/// [`AskError`].
pub fn ask_and_follow(
    data: &Path,
    config: &Config,
    request: &Request,
    told: &mut dyn FnMut(&Line),
) -> Result<Answer, AskError> {
    // Only an import may begin a data folder: of a mistyped one there is nothing to ask.
    if !data.is_dir() && !matches!(request, Request::ImportTerms | Request::Adopt { .. }) {
        return Err(AskError::NoData(data.display().to_string()));
    }
    let began = Instant::now();
    loop {
        match connect(data) {
            Ok(stream) => {
                let said = converse(stream, request, SILENCE_TAKES_AT_MOST, told);
                return said.map_err(|source| AskError::of_the_line(data, source))?;
            }
            Err(Unanswered::NotRunning) => {}
            Err(Unanswered::Silent | Unanswered::Refused(_)) => {
                return Err(AskError::Silent(data.display().to_string()));
            }
        }
        if matches!(request, Request::Status) && !stores::in_use(data) {
            // Only a box has a state: a folder of nobody's must not become a data folder by being asked.
            return Err(AskError::Refused(NO_BOX.to_owned()));
        }
        if let Request::Update { wish, board } = request
            && *wish == UpdateWish::Status
            && !stores::in_use(data)
        {
            // Being told of the slots needs no stores, and writes nothing.
            return carry_out::update(*wish, board, data).map_err(AskError::Refused);
        }
        match Stores::open(data, config) {
            Ok(stores) => {
                let answer = carry_out(&stores, request, told).map_err(AskError::Refused);
                stores.records().close();
                return answer;
            }
            Err(StoresError::InUse { .. }) if began.elapsed() < STARTING_TAKES_AT_MOST => {
                std::thread::park_timeout(Duration::from_millis(50));
            }
            // What is wrong with the stores must not keep what is in them.
            Err(_) if matches!(request, Request::Erase) => {
                let erased = erase::unopened(data).map(Answer::Erased);
                return erased.map_err(AskError::Refused);
            }
            Err(error) => {
                // Stores that cannot be opened are what a self-test is to find.
                if let Request::Selftest { wishes, board } = request {
                    let stores = Err(telemetry::chain(&error));
                    let place = (board, data, config);
                    let outcome = carry_out::selftest(*wishes, place, stores, told);
                    return outcome.map_err(AskError::Refused);
                }
                return Err(AskError::Stores(error));
            }
        }
    }
}

/// Whether a box listens on `data`.
#[must_use]
pub fn answers(data: &Path) -> bool {
    !matches!(connect(data), Err(Unanswered::NotRunning))
}

/// Why a running box gave no answer to who does not wait.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// Nobody listens.
    #[error("the box's program is not running")]
    NotRunning,
    /// Somebody listens, and says nothing.
    #[error("the box's program does not answer")]
    Silent,
    /// It said no, and why.
    #[error("{0}")]
    Refused(String),
}

/// As [`ask_and_follow`], of a running box alone, and no longer than `patience` a line: nothing is opened in its place, and nothing is locked.
///
/// # Errors
/// [`Unanswered`].
pub fn ask_running(
    data: &Path,
    request: &Request,
    patience: Duration,
    told: &mut dyn FnMut(&Line),
) -> Result<Answer, Unanswered> {
    let said = converse(connect(data)?, request, patience, told);
    match said.map_err(|_| Unanswered::Silent)? {
        Ok(answer) => Ok(answer),
        Err(AskError::Refused(why)) => Err(Unanswered::Refused(why)),
        Err(_) => Err(Unanswered::Silent),
    }
}

/// A box that hangs takes no more connections: whoever waited for it would hang, too.
fn connect(data: &Path) -> Result<UnixStream, Unanswered> {
    let folder = File::open(data).map_err(|_| Unanswered::NotRunning)?;
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None).map_err(|_| Unanswered::Silent)?;
    let address = SockAddr::unix(address_in(&folder)).map_err(|_| Unanswered::NotRunning)?;
    let connected = socket
        .set_nonblocking(true)
        .and_then(|()| socket.connect(&address));
    connected.map_err(|error| {
        if error.kind() == io::ErrorKind::WouldBlock {
            Unanswered::Silent
        } else {
            Unanswered::NotRunning
        }
    })?;
    let stream = socket.set_nonblocking(false);
    stream
        .map(|()| UnixStream::from(socket))
        .map_err(|_| Unanswered::Silent)
}

fn converse(
    mut stream: UnixStream,
    request: &Request,
    patience: Duration,
    told: &mut dyn FnMut(&Line),
) -> io::Result<Result<Answer, AskError>> {
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    serde_json::to_writer(&stream, request)?;
    stream.write_all(b"\n")?;
    for line in BufReader::new(stream).lines() {
        match serde_json::from_str(&line?)? {
            line @ (Line::Progress(..) | Line::Update(_) | Line::Selftest(_)) => told(&line),
            Line::Done(answer) => return Ok(Ok(answer)),
            Line::Refused(why) => return Ok(Err(AskError::Refused(why))),
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}
