//! What is refused, with which status and in which words.

use super::super::fault::Fault;
use super::{BODY_LIMIT, reply};
use bytes::Bytes;
use content_store::records::{RecordsError, StatementError};
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

/// Seconds after which a busy store is worth another try.
const RETRY_AFTER: &str = "2";
/// Seconds after which one without a disk may have been mended.
const RETRY_MENDED: &str = "600";

#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error(
        "a credential is needed: the box's keeper makes one with `school-box records credential NAME`"
    )]
    Unauthorized,
    #[error("the header X-Experience-API-Version is missing")]
    NoVersion,
    #[error("the header X-Experience-API-Version must be 1.0 or 1.0.x")]
    Version,
    #[error("{0}")]
    Parameter(String),
    #[error("Content-Type must be application/json")]
    ContentType,
    #[error(
        "multipart/mixed is not taken: send application/json; an attachment needs a fileUrl, its file is not kept"
    )]
    Multipart,
    #[error("a compressed body is not taken: send it as it is")]
    Compressed,
    #[error("the body is larger than {BODY_LIMIT} bytes: send fewer statements at once")]
    BodyTooLarge,
    #[error("the body did not come whole and in time: send it again")]
    BrokenBody(StatusCode),
    #[error("{0}")]
    Statement(#[source] StatementError),
    #[error("the statement's id is not the statementId of the address")]
    OtherId,
    #[error("there is no such statement")]
    NoStatement,
    #[error("there is no such resource: about and statements are here")]
    NoResource,
    #[error("this resource is not kept on this box")]
    NotKept,
    #[error("this resource takes {0}")]
    Method(&'static str),
    #[error("{0}")]
    Records(#[source] RecordsError),
    #[error(
        "this box cannot keep records now: its data lies in memory; keep the statements, look after the box's card, and send them again"
    )]
    Forgetful,
    /// The writer let the question fall, which it does only when it dies.
    #[error("the records gave no answer")]
    NoAnswer,
}

impl Refusal {
    /// For a body that could not be taken in.
    pub(super) fn of_body(fault: &Fault) -> Self {
        match fault.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::BodyTooLarge,
            status => Self::BrokenBody(status),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::NoVersion
            | Self::Version
            | Self::Parameter(_)
            | Self::ContentType
            | Self::OtherId => StatusCode::BAD_REQUEST,
            Self::Multipart | Self::Compressed => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BrokenBody(status) => *status,
            Self::Statement(error) => match error {
                StatementError::TooLarge { .. } | StatementError::TooMany(_) => {
                    StatusCode::PAYLOAD_TOO_LARGE
                }
                StatementError::Json(_) | StatementError::Invalid { .. } => StatusCode::BAD_REQUEST,
            },
            Self::NoStatement | Self::NoResource => StatusCode::NOT_FOUND,
            Self::NotKept => StatusCode::NOT_IMPLEMENTED,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Records(error) => records_status(error),
            Self::Forgetful | Self::NoAnswer => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Plain text, or an RFC 9457 object for who asks for one.
    pub(super) fn response(&self, headers: &HeaderMap) -> Response<Bytes> {
        let status = self.status();
        let wants_object = headers
            .get(header::ACCEPT)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|accept| accept.contains("application/problem+json"));
        let mut response = if wants_object {
            let object = serde_json::json!({
                "title": status.canonical_reason(),
                "status": status.as_u16(),
                "detail": self.to_string(),
            });
            reply::with_type(status, "application/problem+json", object.to_string())
        } else {
            reply::with_type(status, "text/plain; charset=utf-8", format!("{self}\n"))
        };
        let extra = if let Self::Method(allowed) = self {
            Some((header::ALLOW, *allowed))
        } else if status == StatusCode::UNAUTHORIZED {
            Some((
                header::WWW_AUTHENTICATE,
                r#"Basic realm="xapi", charset="UTF-8""#,
            ))
        } else if matches!(self, Self::Forgetful) {
            Some((header::RETRY_AFTER, RETRY_MENDED))
        } else if status == StatusCode::SERVICE_UNAVAILABLE {
            Some((header::RETRY_AFTER, RETRY_AFTER))
        } else {
            None
        };
        if let Some((name, value)) = extra {
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

fn records_status(error: &RecordsError) -> StatusCode {
    match error {
        RecordsError::Conflict { .. } => StatusCode::CONFLICT,
        // A box that stops or restarts is back in a moment, and the statement's id makes the repeat harmless.
        RecordsError::Busy | RecordsError::Closed | RecordsError::WriterDied { .. } => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        RecordsError::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
        RecordsError::Refused { .. }
        | RecordsError::Database { .. }
        | RecordsError::Io { .. }
        | RecordsError::TooNew { .. }
        | RecordsError::BadName { .. }
        | RecordsError::Random(_)
        | RecordsError::Key { .. }
        | RecordsError::KeyLost
        | RecordsError::NotReceived { .. }
        | RecordsError::Sealing
        | RecordsError::Unreadable { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
