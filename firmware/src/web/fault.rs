//! What can go wrong with a request, and the one place that turns it into a status and words.

use http::StatusCode;

/// Why a request does not get what it asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Its path, host or form makes no sense.
    BadRequest,
    /// A form that no page of the portal has sent.
    NotFromHere,
    /// No such page.
    NoPage,
    /// No pack has this name.
    NoPack,
    /// The method is not for this page; with those that are.
    WrongMethod(&'static str),
    /// `If-Match` named another version.
    OtherVersion,
    /// The body is larger than what the path takes.
    LargeBody,
    /// The body came too slowly.
    SlowBody,
    /// The address is too long.
    LongUri,
    /// No byte of the range exists; with the length of the body.
    BadRange(u64),
    /// The headers are too long.
    LongHeaders,
    /// Our own mistake, or a disk's.
    Internal,
    /// Too much at once.
    Busy,
    /// Who asks waits for a seat on the radio, as so-manieth.
    Waits(u16),
    /// It is a film, and the box saves its light.
    FilmsWait,
}

impl Fault {
    /// The status that programs see.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::NotFromHere => StatusCode::FORBIDDEN,
            Self::NoPage | Self::NoPack => StatusCode::NOT_FOUND,
            Self::WrongMethod(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::OtherVersion => StatusCode::PRECONDITION_FAILED,
            Self::LargeBody => StatusCode::PAYLOAD_TOO_LARGE,
            Self::LongUri => StatusCode::URI_TOO_LONG,
            Self::BadRange(_) => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::LongHeaders => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Busy | Self::FilmsWait | Self::Waits(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The message that says what happened; with `-do` behind it, the one that says what to do.
    pub(crate) fn words(&self) -> &'static str {
        match self {
            Self::NoPage => "fault-no-page",
            Self::NoPack => "fault-no-pack",
            Self::BadRequest
            | Self::NotFromHere
            | Self::WrongMethod(_)
            | Self::OtherVersion
            | Self::BadRange(_) => "fault-not-understood",
            Self::LongUri | Self::LongHeaders => "fault-too-long",
            Self::LargeBody => "fault-too-large",
            Self::Internal => "fault-ours",
            Self::SlowBody | Self::Busy => "fault-busy",
            Self::FilmsWait => "fault-films-wait",
            Self::Waits(_) => "waiting",
        }
    }
}
