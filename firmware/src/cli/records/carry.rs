//! Bundles from the box onto a stick: each aside, synced, renamed.

use crate::cli::{Failure, misunderstood};
use crate::control::{Answer, Request, counted};
use crate::outgoing::{Outgoing, OutgoingBundle};
use crate::sealed::bundle;
use crate::telemetry::chain;
use serde::Serialize;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Bytes that are copied at once.
const PIECE: usize = 64 * 1024;

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
    /// What the box sealed cannot be read.
    Unreadable(PathBuf, io::Error),
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
            CarryError::Unreadable(path, error) => Self::NotDone(format!(
                "{} cannot be read: {}; see to the box's card, and export again: what is carried already stays",
                path.display(),
                chain(&error)
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
            copied?;
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
        let count = self.bundles.len() as u64;
        if count == 0 {
            return vec![self.nothing()];
        }
        let now = self.bundles.iter().filter(|one| one.written).count();
        let (them, written) = match (count, now) {
            (1, 0) => ("it", "which lay there before".to_owned()),
            (1, _) => ("it", "written now".to_owned()),
            (_, now) => ("them", format!("{now} of them written now")),
        };
        let are = if self.statements == 1 { "is" } else { "are" };
        let mut lines = vec![
            format!(
                "{} in {} {are} in {}, {written}",
                counted(self.statements, "statement"),
                counted(count, "sealed bundle"),
                to.display()
            ),
            format!(
                "only the programme {} can open {them}; bring its receipts back with `school-box records receipts`",
                self.programme
            ),
        ];
        if self.demo {
            lines.push(format!(
                "DEMO KEY: this is a simulated box without a programme, and anyone can open {them}"
            ));
        }
        lines
    }

    fn nothing(&self) -> String {
        let why = match self.received {
            0 => "there are no statements yet".to_owned(),
            1 => "the programme has acknowledged the one statement".to_owned(),
            all => format!("the programme has acknowledged all {all} statements"),
        };
        format!("there is nothing to carry: {why}")
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

/// Whose file it is that fails decides what a person is told: the box's `from`, or `to`.
fn copy(from: &Path, to: &Path) -> Result<(), CarryError> {
    let unreadable = |error| CarryError::Unreadable(from.to_owned(), error);
    let unwritable = |error| CarryError::Unwritable(to.to_owned(), error);
    let mut aside = to.as_os_str().to_owned();
    aside.push(".new");
    let aside = Path::new(&aside);
    let mut input = File::open(from).map_err(unreadable)?;
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(aside)
        .map_err(unwritable)?;
    if let Err(error) = pour(&mut input, &file, unreadable, unwritable) {
        let _ = fs::remove_file(aside);
        return Err(error);
    }
    fs::rename(aside, to).map_err(unwritable)?;
    let folder = to.parent().unwrap_or(Path::new("."));
    // A stick's file system may have no way to sync a folder.
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        synced => synced.map_err(unwritable),
    }
}

/// All of `input`, synced.
fn pour(
    input: &mut File,
    mut output: &File,
    unreadable: impl Fn(io::Error) -> CarryError,
    unwritable: impl Fn(io::Error) -> CarryError,
) -> Result<(), CarryError> {
    let mut bytes = vec![0; PIECE];
    loop {
        match input.read(&mut bytes) {
            Ok(0) => return output.sync_all().map_err(unwritable),
            Ok(read) => output.write_all(&bytes[..read]).map_err(&unwritable)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
}
