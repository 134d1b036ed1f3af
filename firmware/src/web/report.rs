//! The support bundle, for a technician with a telephone. It names nobody, so anybody may have it; one at a time is made, and the last one serves for a minute,
//! unless everyone was forgotten since: then it is another box's.

use super::Site;
use super::answer::{Answer, plain};
use super::fault::Fault;
use crate::report::{collect, key};
use bytes::Bytes;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, HeaderValue};
use std::path::PathBuf;
use std::sync::{Mutex, TryLockError};
use std::time::Duration;

/// A bundle is made so often at most.
const SERVES: Duration = Duration::from_secs(60);

/// The last one.
#[derive(Debug)]
pub(super) struct Reports {
    data: PathBuf,
    last: Mutex<Option<Made>>,
}

/// A bundle that was made.
#[derive(Debug)]
struct Made {
    at: Duration,
    /// The number of the box when it was begun.
    box_id: String,
    name: String,
    bytes: Bytes,
}

impl Reports {
    /// Of the box in `data`.
    pub(super) const fn of(data: PathBuf) -> Self {
        Self {
            data,
            last: Mutex::new(None),
        }
    }
}

/// The file. Blocks.
///
/// # Errors
/// [`Fault::Busy`]: one is being made just now. [`Fault::Internal`]: it cannot be made.
pub(super) fn file(site: &Site) -> Result<Answer, Fault> {
    let mut last = match site.reports.last.try_lock() {
        Ok(last) => last,
        Err(TryLockError::Poisoned(fallen)) => fallen.into_inner(),
        Err(TryLockError::WouldBlock) => return Err(Fault::Busy),
    };
    let (now, box_id) = (site.clock.since_boot(), site.view.box_id());
    let serves = |made: &Made| now.saturating_sub(made.at) < SERVES && made.box_id == box_id;
    if !last.as_ref().is_some_and(serves) {
        let (data, state) = (&site.reports.data, site.view.now());
        let made = key::open_or_make(data).and_then(|key| collect::file(data, Some(&state), &key));
        let (name, bytes) = made.map_err(|problem| {
            tracing::error!(event = "web.report_failed", problem);
            Fault::Internal
        })?;
        let bytes = Bytes::from(bytes);
        *last = Some(Made {
            at: now,
            box_id,
            name,
            bytes,
        });
    }
    let Made { name, bytes, .. } = last.as_ref().ok_or(Fault::Internal)?;
    let mut answer = plain(StatusCode::OK, "application/octet-stream", bytes.clone());
    let name = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_DISPOSITION, name.map_err(|_| Fault::Internal)?);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}
