//! Asking the running box to do what a person wished at this line.

use super::doing::Action;
use crate::control::{Line, Unanswered, ask_running};
use std::path::Path;
use std::time::Duration;

/// The button, and the work behind it.
const DOING_TAKES_AT_MOST: Duration = Duration::from_secs(120);

/// Asks the running box to do something, once somebody has pressed its button.
///
/// # Errors
/// Why it was not done, a line.
pub(super) fn ask(
    data: &Path,
    action: Action,
    told: &mut dyn FnMut(String),
) -> Result<String, String> {
    let mut said = |line: &Line| {
        if let Some(said) = Action::progress(line) {
            told(said);
        }
    };
    match ask_running(data, &action.request(), DOING_TAKES_AT_MOST, &mut said) {
        Ok(answer) => Ok(action.done(&answer)),
        Err(Unanswered::Refused(why)) => Err(why),
        Err(Unanswered::NotRunning) => {
            Err("the box's program is not running: nothing was done".to_owned())
        }
        Err(Unanswered::Silent) => {
            Err("the box's program does not answer: look again whether it was done".to_owned())
        }
    }
}
