//! What is new of the lights and of what is wrong with the box, for the ring of events: a year later somebody asks when it began. Transitions alone.
//! Pure: it is looked at once a second, and says what is to be told.

use crate::events::words::plain;
use crate::panel::{Cause, State};
use std::collections::BTreeMap;

/// Looks in a row after which something is so. A moment is no news.
const BELIEVED_AFTER: u32 = 2;
/// Looks without a line after which it is mended: what comes and goes within a minute is one trouble, and told once.
const MENDED_AFTER: u32 = 60;

/// Something that has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum News {
    /// The lights tell another state.
    Panel {
        /// What they told before.
        from: State,
        /// What they tell now.
        to: State,
        /// What brought it about.
        cause: Cause,
    },
    /// A line of what is wrong is new.
    Degraded(String),
    /// It is gone.
    Mended(String),
}

impl News {
    /// Into the log, and so into the ring. A line may hold a word of somebody's, such as a file of settings that was refused: it is left out here,
    /// for the log is no better kept than the ring.
    pub(super) fn log(&self) {
        match self {
            Self::Panel { from, to, cause } => tracing::info!(
                from = from.row().name,
                to = to.row().name,
                cause = cause.as_str(),
                "panel.state_changed"
            ),
            Self::Degraded(line) => tracing::warn!(line = plain(line), "box.degraded"),
            Self::Mended(line) => tracing::info!(line = plain(line), "box.mended"),
        }
    }
}

/// A line of what is wrong.
#[derive(Debug, Default)]
struct Trouble {
    /// As it was last read.
    line: String,
    /// It was there at the look under way.
    is_here: bool,
    /// Looks in a row at which it was there, and then at which it was not.
    looks: u32,
    told: bool,
}

/// Follows lights and lines.
#[derive(Debug, Default)]
pub(super) struct Follower {
    /// The state that was told last. Before the first the panel was dark.
    told: Option<State>,
    /// The state of the last looks, and of how many in a row.
    seen: Option<(State, u32)>,
    troubles: BTreeMap<String, Trouble>,
}

impl Follower {
    /// A look: the cause of what the lights tell, `None` while they tell of the button, and the lines of what is wrong.
    pub(super) fn handle_look(&mut self, cause: Option<Cause>, degraded: &[String]) -> Vec<News> {
        let panel = cause.and_then(|cause| self.panel(cause));
        let mut news: Vec<News> = panel.into_iter().collect();
        for line in degraded {
            let trouble = self.troubles.entry(without_figures(line)).or_default();
            trouble.line.clone_from(line);
            trouble.is_here = true;
        }
        self.troubles.retain(|_, trouble| {
            news.extend(trouble.news());
            trouble.told || trouble.looks > 0
        });
        news
    }

    fn panel(&mut self, cause: Cause) -> Option<News> {
        let to = cause.state();
        let looks = match self.seen {
            Some((state, looks)) if state == to => looks.saturating_add(1),
            Some(_) | None => 1,
        };
        self.seen = Some((to, looks));
        if looks < BELIEVED_AFTER || self.told == Some(to) {
            return None;
        }
        let from = self.told.replace(to).unwrap_or(State::Asleep);
        Some(News::Panel { from, to, cause })
    }
}

impl Trouble {
    /// What a look has brought.
    fn news(&mut self) -> Option<News> {
        let is_here = std::mem::take(&mut self.is_here);
        let goes_on = is_here != self.told;
        // One that is told counts the looks without it, one that is not those with it.
        self.looks = if goes_on { self.looks + 1 } else { 0 };
        if !self.told && self.looks >= BELIEVED_AFTER {
            (self.told, self.looks) = (true, 0);
            return Some(News::Degraded(self.line.clone()));
        }
        if self.told && self.looks >= MENDED_AFTER {
            (self.told, self.looks) = (false, 0);
            return Some(News::Mended(self.line.clone()));
        }
        None
    }
}

/// By what a line is known again: "silent for 17 s" is the same a second later.
fn without_figures(line: &str) -> String {
    line.chars().filter(|c| !c.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SILENT: &str = "the battery sensor is silent: see that its plug is in";

    /// So many looks with this cause and these lines, and all that they told.
    fn looks(
        follower: &mut Follower,
        times: u32,
        cause: Option<Cause>,
        lines: &[&str],
    ) -> Vec<News> {
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        let mut news = Vec::new();
        for _ in 0..times {
            news.extend(follower.handle_look(cause, &lines));
        }
        news
    }

    fn panel(from: State, to: State, cause: Cause) -> News {
        News::Panel { from, to, cause }
    }

    #[test]
    fn each_cause_of_the_help_light_is_told_when_it_comes_and_when_it_goes() {
        for cause in [
            Cause::Sensor,
            Cause::Disk,
            Cause::Radio,
            Cause::Degraded,
            Cause::NoProgress,
        ] {
            let mut follower = Follower::default();
            let well = looks(&mut follower, 5, Some(Cause::Full), &[]);
            assert_eq!(well, [panel(State::Asleep, State::Well, Cause::Full)]);
            let ill = looks(&mut follower, 300, Some(cause), &[SILENT]);
            let told = [
                panel(State::Well, cause.state(), cause),
                News::Degraded(SILENT.to_owned()),
            ];
            assert_eq!(ill, told);
            let mended = looks(&mut follower, 300, Some(Cause::Full), &[]);
            let told = [
                panel(cause.state(), State::Well, Cause::Full),
                News::Mended(SILENT.to_owned()),
            ];
            assert_eq!(mended, told);
        }
    }

    #[test]
    fn what_comes_and_goes_is_told_once() {
        let mut follower = Follower::default();
        looks(&mut follower, 5, Some(Cause::Full), &[]);
        // For a moment.
        for _ in 0..100 {
            let short = looks(&mut follower, 1, Some(Cause::Radio), &[SILENT]);
            let after = looks(&mut follower, 1, Some(Cause::Full), &[]);
            assert_eq!([short, after].concat(), []);
        }
        // Every half minute, for an hour.
        let mut told = Vec::new();
        for _ in 0..60 {
            told.extend(looks(&mut follower, 30, Some(Cause::Full), &[SILENT]));
            told.extend(looks(&mut follower, 30, Some(Cause::Full), &[]));
        }
        assert_eq!(told, [News::Degraded(SILENT.to_owned())]);
        told = looks(&mut follower, 60, Some(Cause::Full), &[]);
        assert_eq!(told, [News::Mended(SILENT.to_owned())], "at last");
        assert!(follower.troubles.is_empty(), "nothing is left of it");
    }

    #[test]
    fn a_line_that_counts_is_one_line() {
        let mut follower = Follower::default();
        let mut told = Vec::new();
        for second in 90..1200 {
            let line = format!("no HTTP answer from the box itself for {second} s");
            told.extend(follower.handle_look(None, &[line.clone(), line]));
        }
        let first = "no HTTP answer from the box itself for 91 s".to_owned();
        assert_eq!(told, [News::Degraded(first)]);
    }

    #[test]
    fn while_the_button_has_the_lights_the_box_is_as_it_was() {
        let mut follower = Follower::default();
        looks(&mut follower, 5, Some(Cause::Full), &[]);
        assert_eq!(looks(&mut follower, 50, None, &[]), []);
        assert_eq!(looks(&mut follower, 50, Some(Cause::Full), &[]), []);
        let saving = looks(&mut follower, 50, Some(Cause::Eco), &[]);
        assert_eq!(saving, [panel(State::Well, State::Saving, Cause::Eco)]);
        // The lights show the same: it is no news of theirs.
        assert_eq!(looks(&mut follower, 50, Some(Cause::SureNight), &[]), []);
    }
}
