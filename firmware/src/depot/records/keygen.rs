//! `depot records keygen`: the programme's key.

use super::kept::{failed, private};
use crate::depot::{Failure, tell};
use crate::sealed::key::ProgrammeSecret;
use clap::Args;
use std::io::{self, Write as _};
use std::path::PathBuf;

/// Make the programme's key, in a file that only you can read; its public line goes into every box
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  depot records keygen --out programme.key")]
pub(in crate::depot) struct Keygen {
    /// A file that is not there yet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The demo programme's, which is nobody's secret: for boxes that run with `--board sim`
    #[arg(long)]
    demo: bool,
    /// Print {"file": …, "public": …, "programme": …}
    #[arg(long)]
    json: bool,
}

impl Keygen {
    pub(super) fn run(self) -> Result<(), Failure> {
        let undrawn = |error| Failure::NotDone(format!("no key can be made: {error}"));
        let secret = if self.demo {
            ProgrammeSecret::demo()
        } else {
            ProgrammeSecret::draw().map_err(undrawn)?
        };
        let public = secret.public().map_err(undrawn)?;
        let text = format!(
            "# The private key of the programme {}: whoever has it can read its learners' records. It is in no box.\n{}\n",
            public.id(),
            secret.text()
        );
        let there = |error: io::Error| {
            if error.kind() != io::ErrorKind::AlreadyExists {
                return failed("written", &self.out, "give another place")(error);
            }
            Failure::NotDone(format!(
                "{} is there already, and a key is never written over: give another name",
                self.out.display()
            ))
        };
        let mut file = private(&self.out, true).map_err(there)?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(failed("written", &self.out, "give another place"))?;
        if self.json {
            tell::say(
                &serde_json::json!({
                    "file": self.out,
                    "public": public.to_string(),
                    "programme": public.id(),
                })
                .to_string(),
            );
            return Ok(());
        }
        tell::say(&format!(
            "{} is the private key of the programme {}: only you can read it. Keep it, and a copy, where nobody else comes; nothing replaces it.\n\
             Put this into config.toml of every box, or into the profile of its card:\n\n[records]\nprogramme_key = \"{public}\"",
            self.out.display(),
            public.id()
        ));
        Ok(())
    }
}
