//! The verb's side: ask the running box, or do it in its place.

use super::{Answer, Line, Request, address_in, carry_out};
use crate::config::Config;
use crate::stores::{Stores, StoresError};
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

fn connect(data: &Path) -> Option<UnixStream> {
    UnixStream::connect(address_in(&File::open(data).ok()?)).ok()
}

fn converse(
    mut stream: UnixStream,
    request: &Request,
    progress: &mut dyn FnMut(u64, u64),
) -> io::Result<Result<Answer, AskError>> {
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
