//! The verb's side: ask the running box, or do it in its place.

use super::{Answer, Line, NO_BOX, Request, address_in, carry_out};
use crate::config::Config;
use crate::slots::UpdateWish;
use crate::stores::{self, Stores, StoresError};
use crate::telemetry;
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
    /// No box runs, and the data can't be opened either.
    #[error("{}", telemetry::chain(.0))]
    Stores(StoresError),
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
    // Only an import may begin a data folder: of a mistyped one there is nothing to ask.
    if !data.is_dir() && !matches!(request, Request::ImportTerms | Request::Adopt { .. }) {
        return Err(AskError::NoData(data.display().to_string()));
    }
    let began = Instant::now();
    loop {
        if let Some(stream) = connect(data) {
            return converse(stream, request, progress).map_err(|source| AskError::Lost {
                data: data.display().to_string(),
                source,
            })?;
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
                let answer = carry_out(&stores, request, progress).map_err(AskError::Refused);
                stores.records().close();
                return answer;
            }
            Err(StoresError::InUse { .. }) if began.elapsed() < STARTING_TAKES_AT_MOST => {
                std::thread::park_timeout(Duration::from_millis(50));
            }
            Err(error) => return Err(AskError::Stores(error)),
        }
    }
}

/// Whether a box listens on `data`.
#[must_use]
pub fn answers(data: &Path) -> bool {
    connect(data).is_some()
}

fn connect(data: &Path) -> Option<UnixStream> {
    UnixStream::connect(address_in(&File::open(data).ok()?)).ok()
}

fn converse(
    mut stream: UnixStream,
    request: &Request,
    progress: &mut dyn FnMut(u64, u64),
) -> io::Result<Result<Answer, AskError>> {
    stream.set_read_timeout(Some(SILENCE_TAKES_AT_MOST))?;
    stream.set_write_timeout(Some(SILENCE_TAKES_AT_MOST))?;
    serde_json::to_writer(&stream, request)?;
    stream.write_all(b"\n")?;
    for line in BufReader::new(stream).lines() {
        match serde_json::from_str(&line?)? {
            Line::Progress(done, total) => progress(done, total),
            Line::Done(answer) => return Ok(Ok(answer)),
            Line::Refused(why) => return Ok(Err(AskError::Refused(why))),
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}
