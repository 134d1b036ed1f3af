//! What a test asks a service to suffer.

use crate::files::read_text;
use std::path::PathBuf;

/// What a test asks a service to suffer, on a simulated board only (`DIR/faults`, lines of `SERVICE panic|hang|block|leak`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The service's task panics.
    Panic,
    /// The service's task stops making progress.
    Hang,
    /// The service's task blocks its thread.
    Block,
    /// The service loses memory and a descriptor at each turn.
    Leak,
}

/// Answers `None` for ever on a real board. The file is read at every question, so that a test turns a fault on and off while the
/// box runs; without the file a question costs one failed `open`.
#[derive(Debug, Clone, Default)]
pub struct FaultSwitch(Option<PathBuf>);

impl FaultSwitch {
    /// Faults as the file at `path` says; it need not be there.
    #[must_use]
    pub const fn at(path: PathBuf) -> Self {
        Self(Some(path))
    }

    /// What `service` is to suffer now. A line that cannot be understood asks for nothing.
    #[must_use]
    pub fn asked_of(&self, service: &str) -> Option<Fault> {
        let text = read_text(self.0.as_ref()?).ok().flatten()?;
        asked(&text, service)
    }
}

fn asked(text: &str, service: &str) -> Option<Fault> {
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        match (words.next(), words.next(), words.next()) {
            (Some(name), Some("panic"), None) if name == service => Some(Fault::Panic),
            (Some(name), Some("hang"), None) if name == service => Some(Fault::Hang),
            (Some(name), Some("block"), None) if name == service => Some(Fault::Block),
            (Some(name), Some("leak"), None) if name == service => Some(Fault::Leak),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_a_service() {
        let text = "web panic\n\n power   hang \nsync explode\nupdate panic now\n";
        assert_eq!(asked(text, "web"), Some(Fault::Panic));
        assert_eq!(asked(text, "power"), Some(Fault::Hang));
        assert_eq!(asked("store leak\n", "store"), Some(Fault::Leak));
        assert_eq!(asked("store block\n", "store"), Some(Fault::Block));
        for service in ["sync", "update", "we", ""] {
            assert_eq!(asked(text, service), None, "{service:?}");
        }
    }

    #[test]
    fn a_real_board_and_a_missing_file_ask_for_nothing() {
        assert_eq!(FaultSwitch::default().asked_of("web"), None);
        assert_eq!(
            FaultSwitch::at(PathBuf::from("/nonexistent/faults")).asked_of("web"),
            None
        );
    }
}
