//! The box's own mark and key: drawn at the first start, kept as long as the box, printed on its label.
//!
//! They lie in two files, `DATA/air/identity` and `identity.copy`, each written aside and renamed: a label that does not match is a box
//! that nobody can join. A file that is damaged is made good by the other; the first holds where they differ. Only when neither can be
//! believed is another identity drawn, and [`Identity::notice`] says that the label has to be printed again.

use crate::config::air::Air;
use crate::hex::hex;
use content_store::disk;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The folder in the data folder.
const FOLDER: &str = "air";
const NAMES: [&str; 2] = ["identity", "identity.copy"];
/// No file of ours is larger, bytes.
const LARGEST: u64 = 1024;
/// Capital letters and digits that are not taken for one another.
const MARK_GLYPHS: &[u8; 24] = b"2345679ACDEFGHJKMNPRTWXY";
/// 24⁴: of a hundred boxes in one place, two bear the same mark once in 67 such places.
const MARK: usize = 4;
/// Digits alone, for they are the same on a keyboard of any script, and with `-` on one layer of it: four groups of five are 66 bits.
const GROUPS: usize = 4;
const GROUP: usize = 5;
/// Hexadecimal digits of the check line.
const CHECK: usize = 16;

/// The identity could not be kept.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} {}: the network's key is not kept; check the data disk", path.display())]
pub struct IdentityError {
    doing: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl IdentityError {
    fn new(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self {
            doing,
            path: path.to_owned(),
            source,
        }
    }
}

/// The mark in the network's name, and the network's key.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    mark: String,
    phrase: String,
    notice: Option<String>,
}

// A phrase must not get into a log.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("mark", &self.mark)
            .field("notice", &self.notice)
            .finish_non_exhaustive()
    }
}

/// What stands in one of the files.
enum Found {
    Sound(Identity),
    Nothing,
    /// It is there, and not to be believed.
    Damaged,
    /// Nobody knows.
    Unreadable(io::Error),
}

impl Identity {
    /// The identity of the box on `data`, drawn and kept at the first call. Blocks: the disk, and the kernel's randomness just after it started.
    ///
    /// # Errors
    /// [`IdentityError`] where it cannot be kept; [`Identity::for_now`] then serves until the next start.
    pub fn open_or_make(data: &Path) -> Result<Self, IdentityError> {
        let folder = data.join(FOLDER);
        let paths = NAMES.map(|name| folder.join(name));
        let [first, second] = paths.each_ref().map(|path| look(path));
        match (first, second) {
            (Found::Sound(one), Found::Sound(other)) if one == other => Ok(one),
            (Found::Sound(one), _) => {
                one.mend(&paths[1]);
                Ok(one)
            }
            (_, Found::Sound(other)) => {
                other.mend(&paths[0]);
                Ok(other)
            }
            (Found::Unreadable(error), _) => Err(IdentityError::new("read", &paths[0], error)),
            (_, Found::Unreadable(error)) => Err(IdentityError::new("read", &paths[1], error)),
            (Found::Nothing, Found::Nothing) => Self::made(&folder, &paths),
            (Found::Nothing | Found::Damaged, Found::Nothing | Found::Damaged) => {
                set_aside(&paths);
                let made = Self::made(&folder, &paths)?;
                tracing::error!(event = "air.identity_made_anew");
                Ok(Self {
                    notice: Some(ANEW.to_owned()),
                    ..made
                })
            }
        }
    }

    /// One that is drawn now and kept nowhere.
    ///
    /// # Errors
    /// The kernel has no randomness to give.
    pub fn for_now() -> io::Result<Self> {
        let mut mark = String::with_capacity(MARK);
        for _ in 0..MARK {
            mark.push(char::from(drawn(MARK_GLYPHS)?));
        }
        let mut groups = Vec::with_capacity(GROUPS);
        for _ in 0..GROUPS {
            let digits: io::Result<String> = (0..GROUP)
                .map(|_| drawn(b"0123456789").map(char::from))
                .collect();
            groups.push(digits?);
        }
        Ok(Self {
            mark,
            phrase: groups.join("-"),
            notice: None,
        })
    }

    /// The network's name, such as `School-7F3A`: at most 32 bytes.
    #[must_use]
    pub fn network_name(&self, air: &Air) -> String {
        format!("{}-{}", air.network, self.mark)
    }

    /// The network's key, such as `48213-90577-11604-73928`: 23 ASCII characters. It belongs on the label and into the daemon's
    /// configuration, and nowhere else.
    #[must_use]
    pub fn phrase(&self) -> &str {
        &self.phrase
    }

    /// What people have to be told of it: a line.
    #[must_use]
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    fn made(folder: &Path, paths: &[PathBuf; 2]) -> Result<Self, IdentityError> {
        let failed = IdentityError::new;
        disk::make_private_folder(folder).map_err(|error| failed("make", folder, error))?;
        let made = Self::for_now().map_err(|error| failed("draw a key for", &paths[0], error))?;
        for path in paths {
            made.write(path)
                .map_err(|error| failed("write", path, error))?;
        }
        Ok(made)
    }

    fn write(&self, path: &Path) -> io::Result<()> {
        disk::write_aside_private(path, self.text().as_bytes())
    }

    /// The other file is made good. A disk that does not take it will be told of by others; the identity stands all the same.
    fn mend(&self, path: &Path) {
        match self.write(path) {
            Ok(()) => tracing::warn!(event = "air.identity_mended"),
            Err(error) => {
                let error = crate::telemetry::chain(&error);
                tracing::error!(event = "air.identity_not_mended", error);
            }
        }
    }

    fn text(&self) -> String {
        let body = format!("mark={}\nphrase={}\n", self.mark, self.phrase);
        let check = check(&body);
        format!("{body}check={check}\n")
    }

    fn parse(text: &str) -> Option<Self> {
        let (body, rest) = text.split_at_checked(text.find("check=")?)?;
        let given = rest.strip_prefix("check=")?.strip_suffix('\n')?;
        let (mark, phrase) = body
            .strip_prefix("mark=")?
            .strip_suffix('\n')?
            .split_once("\nphrase=")?;
        let of_glyphs = mark.len() == MARK && mark.bytes().all(|b| MARK_GLYPHS.contains(&b));
        let groups = phrase.split('-').count() == GROUPS
            && phrase
                .split('-')
                .all(|group| group.len() == GROUP && group.bytes().all(|b| b.is_ascii_digit()));
        (given == check(body) && of_glyphs && groups).then(|| Self {
            mark: mark.to_owned(),
            phrase: phrase.to_owned(),
            notice: None,
        })
    }
}

const ANEW: &str = "the network's key was damaged on the disk, in both its copies, and has been made anew: print the label again \
                    with `school-box welcome`, and let every device join anew";

fn look(path: &Path) -> Found {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes));
    match read {
        Err(error) if error.kind() == ErrorKind::NotFound => Found::Nothing,
        Err(error) => Found::Unreadable(error),
        Ok(_) => std::str::from_utf8(&bytes)
            .ok()
            .and_then(Identity::parse)
            .map_or(Found::Damaged, Found::Sound),
    }
}

/// What is damaged stays for whoever wants to know why.
fn set_aside(paths: &[PathBuf; 2]) {
    for path in paths {
        let mut aside = path.clone().into_os_string();
        aside.push(".refused");
        let _ = fs::rename(path, aside);
    }
}

/// One of the glyphs, each as likely as any other.
fn drawn(glyphs: &[u8]) -> io::Result<u8> {
    let fair = 256 - 256 % glyphs.len();
    loop {
        let mut byte = [0];
        getrandom::fill(&mut byte).map_err(io::Error::other)?;
        let [byte] = byte.map(usize::from);
        if let Some(glyph) = glyphs.get(byte % glyphs.len()).filter(|_| byte < fair) {
            return Ok(*glyph);
        }
    }
}

fn check(body: &str) -> String {
    let hash = Sha256::digest(body.as_bytes());
    hex(&hash).chars().take(CHECK).collect()
}

#[cfg(test)]
mod tests;
