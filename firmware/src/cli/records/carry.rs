//! Bundles from the box onto a stick: each aside, synced, renamed.

use crate::cli::{Failure, misunderstood};
use crate::control::{Answer, Request};
use crate::outgoing::{Outgoing, OutgoingBundle};
use crate::sealed::bundle;
use crate::telemetry::chain;
use serde::Serialize;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// What lies there now.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Carried {
    store: String,
    programme: String,
    demo: bool,
    /// In the bundles below.
    statements: u64,
    /// Acknowledged before, and not carried again.
    received: u64,
    bundles: Vec<CarriedBundle>,
}

#[derive(Debug, Serialize)]
struct CarriedBundle {
    file: String,
    number: u64,
    statements: u64,
    bytes: u64,
    /// Now; else it lay there already.
    written: bool,
}

/// Why not all is there.
#[derive(Debug)]
pub(in crate::cli) enum CarryError {
    /// The box said so.
    Box(Failure),
    /// Somebody else carries to the same folder.
    Busy(PathBuf),
    /// That cannot be written.
    Unwritable(PathBuf, io::Error),
}

impl From<Failure> for CarryError {
    fn from(failure: Failure) -> Self {
        Self::Box(failure)
    }
}

impl From<CarryError> for Failure {
    fn from(error: CarryError) -> Self {
        match error {
            CarryError::Box(failure) => failure,
            CarryError::Busy(to) => Self::NotDone(format!(
                "another export is writing into {}; wait until it has ended, and export again",
                to.display()
            )),
            CarryError::Unwritable(path, error) => Self::NotDone(format!(
                "{} cannot be written: {}; {}, and export again: what is there already stays",
                path.display(),
                chain(&error),
                remedy(error.kind())
            )),
        }
    }
}

fn remedy(kind: io::ErrorKind) -> &'static str {
    if kind == io::ErrorKind::ReadOnlyFilesystem {
        "if it is a stick, see whether its switch is on LOCK"
    } else if kind == io::ErrorKind::StorageFull {
        "make room there, or give another folder or stick"
    } else {
        "give a folder with room that this user may write"
    }
}

/// Carries every bundle without a receipt to `to`.
pub(in crate::cli) fn carry(
    to: &Path,
    ask: &mut dyn FnMut(&Request) -> Result<Answer, Failure>,
) -> Result<Carried, CarryError> {
    let Answer::Outgoing(outgoing) = ask(&Request::Outgoing)? else {
        return Err(misunderstood().into());
    };
    make(to).map_err(|error| CarryError::Unwritable(to.to_owned(), error))?;
    let _alone = alone_in(to)?;
    let mut carried = Carried {
        store: outgoing.store.clone(),
        programme: outgoing.programme.clone(),
        demo: outgoing.demo,
        statements: 0,
        received: 0,
        bundles: Vec::new(),
    };
    for one in &outgoing.bundles {
        if one.received {
            carried.received += one.statements;
            continue;
        }
        let path = to.join(&one.file);
        let written = !lies_there(&path, one, &outgoing);
        if written {
            let number = one.number;
            let Answer::Sealed(sealed) = ask(&Request::Seal { number })? else {
                return Err(misunderstood().into());
            };
            let copied = copy(&sealed, &path);
            // Whatever became of the copy, and of this: the box makes it anew when it is asked again.
            let _ = ask(&Request::LetGo { sealed });
            copied.map_err(|error| CarryError::Unwritable(path, error))?;
        }
        carried.statements += one.statements;
        carried.bundles.push(CarriedBundle {
            file: one.file.clone(),
            number: one.number,
            statements: one.statements,
            bytes: one.bytes,
            written,
        });
    }
    Ok(carried)
}

/// While it is held nobody else carries to `to`: two would write the same file aside. Where a file system knows no locks, nobody is kept out.
fn alone_in(to: &Path) -> Result<Option<File>, CarryError> {
    let Ok(folder) = File::open(to) else {
        return Ok(None);
    };
    match folder.try_lock() {
        Err(TryLockError::WouldBlock) => Err(CarryError::Busy(to.to_owned())),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(folder)),
    }
}

impl Carried {
    /// Statements in the bundles that lie there, and how many bundles.
    pub(in crate::cli) fn counts(&self) -> (u64, u64) {
        (self.statements, self.bundles.len() as u64)
    }

    pub(in crate::cli) fn lines(&self, to: &Path) -> Vec<String> {
        let (count, written) = (
            self.bundles.len(),
            self.bundles.iter().filter(|one| one.written).count(),
        );
        if count == 0 {
            return vec![format!(
                "there is nothing to carry: the programme has acknowledged all {} statements",
                self.received
            )];
        }
        let mut lines = vec![
            format!(
                "{} statements in {count} sealed bundles are in {}, {written} of them written now",
                self.statements,
                to.display()
            ),
            format!(
                "only the programme {} can open them; bring its receipts back with `school-box records receipts`",
                self.programme
            ),
        ];
        if self.demo {
            lines.push(
                "DEMO KEY: this is a simulated box without a programme, and anyone can open them"
                    .to_owned(),
            );
        }
        lines
    }
}

fn make(to: &Path) -> io::Result<()> {
    if to.is_dir() {
        return Ok(());
    }
    fs::create_dir(to)
}

/// Whole: it bears its name only since it was.
fn lies_there(path: &Path, one: &OutgoingBundle, outgoing: &Outgoing) -> bool {
    let there = fs::metadata(path).is_ok_and(|there| there.is_file() && there.len() == one.bytes);
    let head = || bundle::head(&mut BufReader::new(File::open(path).ok()?)).ok();
    there
        && head().is_some_and(|head| {
            head.store == outgoing.store
                && head.number == one.number
                && head.programme == outgoing.programme
        })
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut aside = to.as_os_str().to_owned();
    aside.push(".new");
    let aside = Path::new(&aside);
    let mut input = File::open(from)?;
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(aside)?;
    let mut output = BufWriter::new(&file);
    let copied = io::copy(&mut input, &mut output)
        .and_then(|_| output.flush())
        .and_then(|()| file.sync_all());
    if let Err(error) = copied {
        let _ = fs::remove_file(aside);
        return Err(error);
    }
    fs::rename(aside, to)?;
    let folder = to.parent().unwrap_or(Path::new("."));
    // A stick's file system may have no way to sync a folder.
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        synced => synced,
    }
}
