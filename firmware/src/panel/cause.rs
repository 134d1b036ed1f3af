//! What brings the states of the light panel about, each in the words of a program.

use super::table::State;

/// What brings a state about, in terms of what the lights are made of. Each input of theirs has exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// Full service, network and lessons there.
    Full,
    /// The power state `eco`.
    Eco,
    /// A `minimal` night that the plan carries through for hours.
    SureNight,
    /// Woken in the warehouse to look itself over.
    StorageCheck,
    /// Less than half an hour is sure.
    Soon,
    /// The power state `minimal`, and hours are not sure.
    Minimal,
    /// The network is silent: by night, to save, or switched off.
    NetworkSilent,
    /// No pack can be opened.
    NoLessons,
    /// The power state `off`.
    Off,
    /// The power state `storage`.
    Storage,
    /// A line of `degraded` that none of the others tells.
    Degraded,
    /// The disk is full, missing or not written, or records or library cannot be used.
    Disk,
    /// The battery sensor is silent.
    Sensor,
    /// The network should be on the air, and is not.
    Radio,
    /// The supervisor's verdict is `failing`.
    NoProgress,
    /// The last self-test passed, just now.
    TestPassed,
    /// The last self-test failed, just now.
    TestFailed,
}

impl Cause {
    /// A word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Eco => "eco",
            Self::SureNight => "sure-night",
            Self::StorageCheck => "storage-check",
            Self::Soon => "soon",
            Self::Minimal => "minimal",
            Self::NetworkSilent => "network-silent",
            Self::NoLessons => "no-lessons",
            Self::Off => "off",
            Self::Storage => "storage",
            Self::Degraded => "degraded",
            Self::Disk => "disk",
            Self::Sensor => "sensor",
            Self::Radio => "radio",
            Self::NoProgress => "no-progress",
            Self::TestPassed => "test-passed",
            Self::TestFailed => "test-failed",
        }
    }

    /// The state that it brings about.
    #[must_use]
    pub const fn state(self) -> State {
        match self {
            Self::Full => State::Well,
            Self::Eco | Self::SureNight | Self::StorageCheck => State::Saving,
            Self::Soon | Self::Minimal => State::Low,
            Self::NetworkSilent | Self::NoLessons => State::Resting,
            Self::Off | Self::Storage => State::Asleep,
            Self::Degraded => State::Look,
            Self::Disk => State::Disk,
            Self::Sensor => State::Sensor,
            Self::Radio => State::Radio,
            Self::NoProgress => State::Stuck,
            Self::TestPassed => State::Passed,
            Self::TestFailed => State::Failed,
        }
    }
}
