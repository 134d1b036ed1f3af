//! Words that a person types before something that cannot be undone.

use super::Failure;
use clap::Args;
use std::io::{self, BufRead, Read, Write};

/// Longer than any words that are asked for, bytes.
const LONGEST: u64 = 256;

/// Given with `--yes`, or typed.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Confirmation {
    /// Do it without asking
    #[arg(long)]
    yes: bool,
}

impl Confirmation {
    /// Whether somebody is going to be asked.
    pub(super) const fn asks(self) -> bool {
        !self.yes
    }

    /// Asks for `words` on standard error and reads them from standard input.
    pub(super) fn or_refuse(self, words: &str, what: &str) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        let _ = write!(io::stderr(), "{what}; type \"{words}\" to go on: ");
        if typed(&mut io::stdin().lock(), words) {
            return Ok(());
        }
        let _ = writeln!(io::stderr());
        Err(Failure::NotDone(format!(
            "nothing was done: \"{words}\" was not typed; type it when asked, or give --yes"
        )))
    }
}

fn typed(input: &mut impl BufRead, words: &str) -> bool {
    let mut line = String::new();
    let read = input.take(LONGEST).read_line(&mut line);
    read.is_ok() && line.split_whitespace().eq(words.split_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_words_are_a_yes() {
        for (line, yes) in [
            ("forget everyone\n", true),
            ("  forget  everyone", true),
            ("forget", false),
            ("yes\n", false),
            ("", false),
            ("forget everyone and more\n", false),
            ("\u{0}\n", false),
        ] {
            assert_eq!(
                typed(&mut line.as_bytes(), "forget everyone"),
                yes,
                "{line:?}"
            );
        }
    }
}
