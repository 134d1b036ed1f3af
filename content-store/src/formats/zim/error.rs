//! What can be wrong with an archive.

use std::io;

/// Why an archive cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ZimError {
    /// The first bytes are not those of a ZIM file.
    #[error("it is no ZIM file")]
    NotZim,
    /// Nothing is in it.
    #[error("it is empty")]
    Empty,
    /// It ends before its own end.
    #[error("it was cut short: it should be {expected} bytes long and has {actual}")]
    Cut {
        /// Length by its header, bytes.
        expected: u64,
        /// Length of the file, bytes.
        actual: u64,
    },
    /// A feature this reader does not have.
    #[error("it uses {what}, which this box cannot read")]
    Unsupported {
        /// The feature.
        what: String,
    },
    /// Its tables contradict one another or its length.
    #[error("it is damaged: {what}")]
    Broken {
        /// Which table says what.
        what: String,
    },
    /// Its bytes do not have the checksum at its end.
    #[error("it is damaged: its checksum does not match, copy it to the stick again")]
    Checksum,
    /// The file cannot be read.
    #[error("cannot read it")]
    Io(#[source] io::Error),
}

impl ZimError {
    pub(crate) fn broken(what: impl Into<String>) -> Self {
        Self::Broken { what: what.into() }
    }

    /// The bytes are wrong, as opposed to the disk that holds them.
    pub(crate) fn is_broken(&self) -> bool {
        match self {
            Self::Io(_) => false,
            Self::NotZim
            | Self::Empty
            | Self::Cut { .. }
            | Self::Unsupported { .. }
            | Self::Broken { .. }
            | Self::Checksum => true,
        }
    }
}

/// A damaged cluster shows itself while it is read; what was wrapped for `Read` is unwrapped here.
impl From<io::Error> for ZimError {
    fn from(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(own) => own,
            Err(other) => Self::Io(other),
        }
    }
}

impl From<ZimError> for io::Error {
    fn from(error: ZimError) -> Self {
        if let ZimError::Io(own) = error {
            return own;
        }
        io::Error::new(io::ErrorKind::InvalidData, error)
    }
}
