//! For whom the learners' records are sealed.

use super::ConfigError;
use super::source::Source;
use crate::sealed::key::ProgrammeKey;
use serde::Deserialize;

/// Whose key seals what leaves the box.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Programme {
    /// Nobody's: nothing leaves it.
    #[default]
    None,
    /// The demo programme's, whose private half anyone can have: on the simulated school day alone.
    Demo(ProgrammeKey),
    /// The programme's own.
    Own(ProgrammeKey),
}

impl Programme {
    /// The key, whosever it is.
    #[must_use]
    pub const fn key(&self) -> Option<&ProgrammeKey> {
        match self {
            Self::None => None,
            Self::Demo(key) | Self::Own(key) => Some(key),
        }
    }

    /// On the simulated school day, where no programme is named, the demo one.
    #[must_use]
    pub fn or_demo(self) -> Self {
        match self {
            Self::None => ProgrammeKey::demo().map_or(Self::None, Self::Demo),
            named @ (Self::Demo(_) | Self::Own(_)) => named,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawRecords {
    programme_key: Option<String>,
}

impl RawRecords {
    pub(super) fn checked(&self, source: &Source<'_>) -> Result<Programme, ConfigError> {
        source.check(
            "records.programme_key",
            self.programme_key.clone(),
            "the line that `depot records keygen` printed; it begins with school-box-programme:1:",
            |text| text.parse().ok().map(Programme::Own),
            Programme::None,
        )
    }
}
