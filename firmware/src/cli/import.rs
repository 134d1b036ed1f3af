//! `school-box import`: parse and stage in this process, adopt in the one that runs the box.

use super::{DataFolder, Failure, ask, misunderstood};
use crate::control::{Answer, Request};
use crate::diagnostics::page::bytes;
use crate::telemetry::{self, chain, say};
use clap::Args;
use content_store::formats::{self, ImportPlan, ImportProgress};
use content_store::library::PackSummary;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Take lessons into the library: ZIM files, or folders with an index.html
///
/// Works while the box runs. An import that was cut goes on where it stopped when it is asked for again.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  school-box import wikipedia.zim our-lessons/ --data /var/lib/school-box"
)]
pub(super) struct Import {
    /// What to take in
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) data: DataFolder,
    /// Print the packs as JSON
    #[arg(long)]
    json: bool,
}

impl Import {
    pub(super) fn run(self) -> Result<(), Failure> {
        let data = &self.data.data;
        // All are planned before the first is copied: a bad one is told at once.
        let plans: Vec<ImportPlan> = self
            .paths
            .iter()
            .map(|path| formats::plan(path).map_err(|error| Failure::NotDone(chain(&error))))
            .collect::<Result<_, _>>()?;
        let mut packs = Vec::new();
        for plan in &plans {
            let pack = self.take_in(plan, data)?;
            if !self.json {
                let plural = if pack.pages == 1 { "" } else { "s" };
                say(&format!(
                    "{}: {} ({} page{plural}, {})",
                    pack.id.as_str(),
                    pack.title,
                    pack.pages,
                    bytes(pack.bytes)
                ));
            }
            packs.push(pack);
        }
        if self.json {
            super::print_json(&packs)
        } else {
            Ok(())
        }
    }

    fn take_in(&self, plan: &ImportPlan, data: &Path) -> Result<PackSummary, Failure> {
        if !self.json {
            say(&format!(
                "importing {} ({}) as {}",
                plan.source.display(),
                bytes(plan.copy_bytes),
                plan.id.as_str()
            ));
        }
        for note in &plan.notes {
            telemetry::warn(note);
        }
        let Answer::ImportTerms { keep_free } = ask(data, &Request::ImportTerms, &mut |_, _| {})?
        else {
            return Err(misunderstood());
        };
        let mut bar = Bar::default();
        let staged = formats::stage(plan, data, keep_free, &mut |progress| bar.show(progress));
        bar.end();
        let staged = staged.map_err(|error| Failure::NotDone(chain(&error)))?;
        let Answer::Pack(pack) = ask(data, &Request::Adopt { staged }, &mut |_, _| {})? else {
            return Err(misunderstood());
        };
        Ok(pack)
    }
}

/// Progress on standard error: in place on a terminal, a line at each tenth elsewhere.
#[derive(Default)]
struct Bar {
    shown: Option<(&'static str, u64)>,
}

impl Bar {
    fn show(&mut self, progress: ImportProgress) {
        let percent = (progress.done.saturating_mul(100))
            .checked_div(progress.total)
            .unwrap_or(100)
            .min(100);
        let terminal = io::stderr().is_terminal();
        let step = if terminal { percent } else { percent / 10 };
        if self.shown == Some((progress.phase, step)) {
            return;
        }
        self.shown = Some((progress.phase, step));
        let (lead, end) = if terminal {
            ("\r\x1b[K", "")
        } else {
            ("", "\n")
        };
        // A terminal that is gone needs no progress.
        let _ = write!(io::stderr(), "{lead}  {} {percent} %{end}", progress.phase);
    }

    fn end(&self) {
        if self.shown.is_some() && io::stderr().is_terminal() {
            let _ = writeln!(io::stderr());
        }
    }
}
