//! What the kernel may refuse.

use std::fmt;
use std::io;

/// How a question to the kernel failed.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It said no, by number and perhaps in words.
    Said { why: io::Error, words: String },
    /// It said nothing in time.
    Late,
    /// The question did not get to it, or it answered what cannot be meant.
    Line(io::Error),
}

impl Refusal {
    /// The number of an error, as in errno.h.
    pub(crate) fn errno(&self) -> Option<nix::errno::Errno> {
        match self {
            Self::Said { why, .. } | Self::Line(why) => {
                why.raw_os_error().map(nix::errno::Errno::from_raw)
            }
            Self::Late => None,
        }
    }

    pub(crate) fn into_error(self, what: impl Into<String>) -> KernelError {
        KernelError::Refused {
            what: what.into(),
            why: self.to_string(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said { why, words } if words.is_empty() => write!(f, "{why}"),
            Self::Said { why, words } => write!(f, "{words}: {why}"),
            Self::Late => f.write_str("it does not answer in time; restart the box if that lasts"),
            Self::Line(why) => write!(f, "{why}"),
        }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Line(error)
    }
}

/// The kernel did not do with radios and networks what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KernelError {
    /// It refused, or did not answer.
    #[error("the kernel does not {what}: {why}")]
    Refused {
        /// What it was asked for, and on what.
        what: String,
        /// Its reason.
        why: String,
    },
    /// No such interface.
    #[error("there is no network interface {interface}: plug the radio or the cable in again")]
    NoInterface {
        /// Its name.
        interface: String,
    },
    /// A country that nobody knows.
    #[error(
        "the rules of the air of `{country}` are not known: set the two letters of the country (ISO 3166-1), e.g. KE"
    )]
    UnknownCountry {
        /// As asked for.
        country: String,
    },
    /// The rules did not become those of the country.
    #[error(
        "the rules of the air stay those of {holds} and do not become those of `{country}`: see that the package wireless-regdb is in the image, and restart the box"
    )]
    NotFollowed {
        /// As asked for.
        country: String,
        /// What holds instead.
        holds: String,
    },
    /// No wireless kernel.
    #[error("this kernel has no Wi-Fi: no radio is plugged in, or its driver is not loaded")]
    NoWifi,
}
