//! What this system knows of a disk that is about to be erased, and what follows from it. The facts are read from files; the judgement is pure.

use super::bytes::{ReadAt as _, blank};
use super::linux::{Linux, numbered};
use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// What is known of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) kind: Kind,
    /// Its size, bytes; 0 for a file that is not there yet.
    pub(super) bytes: u64,
    /// Who uses it.
    pub(super) uses: Vec<UsedBy>,
    /// The running system stands on it.
    pub(super) system: bool,
    /// This system can tell the two above.
    pub(super) known: bool,
    /// Which card it is, among all that this computer has seen in any reader; `None` where the system does not count them.
    pub(super) seen_as: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Disk,
    /// A part of one.
    Partition,
    /// A file; with something in it or not.
    File {
        holds: bool,
    },
    /// Neither.
    Other,
}

/// Who uses a disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum UsedBy {
    /// Whoever reads and writes the files of a file system on it: it is mounted there.
    Mount(PathBuf),
    /// The system, as memory.
    Swap,
    /// A disk that is made of it, by its name.
    Disk(String),
}

impl UsedBy {
    /// How a person ends it; `None`: this program unmounts.
    fn ended_by(&self) -> Option<&'static str> {
        match self {
            Self::Mount(_) => None,
            Self::Swap => Some("end that with swapoff"),
            Self::Disk(_) => Some("close that (cryptsetup close, vgchange -an, mdadm --stop)"),
        }
    }
}

/// Places and disks were named by strangers: what gives a terminal orders is not shown.
impl fmt::Display for UsedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |name: &str| name.replace(char::is_control, "\u{fffd}");
        match self {
            Self::Mount(place) => write!(f, "is mounted on {}", shown(&place.to_string_lossy())),
            Self::Swap => f.write_str("is used as memory (swap)"),
            Self::Disk(name) => {
                let name = shown(name);
                write!(f, "is a part of {name} (encrypted, joined or mapped)")
            }
        }
    }
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Go,
    /// A person has to type its name: why.
    Ask(String),
    /// Whatever anybody types: why.
    Refuse(String),
}

/// Whether a target may be erased. `largest`: bytes, above which nobody expects a card.
pub(super) fn judge(facts: &Facts, largest: u64) -> Verdict {
    if let Some(why) = refusal(facts) {
        return Verdict::Refuse(why);
    }
    let mut doubts: Vec<String> = facts.uses.iter().map(ToString::to_string).collect();
    if facts.bytes > largest {
        doubts.push(format!(
            "holds {} GB, more than a card of {} GB",
            facts.bytes / 1_000_000_000,
            largest / 1_000_000_000
        ));
    }
    match facts.kind {
        Kind::Disk if !facts.known => {
            doubts.push("may be in use, which this system cannot tell".to_owned());
        }
        Kind::File { holds: true } => doubts.push("is a file with something in it".to_owned()),
        Kind::Disk | Kind::Partition | Kind::File { .. } | Kind::Other => {}
    }
    match doubts.is_empty() {
        true => Verdict::Go,
        false => Verdict::Ask(doubts.join(", ")),
    }
}

/// Why nobody's word is enough.
fn refusal(facts: &Facts) -> Option<String> {
    let why = match facts.kind {
        _ if facts.system => "this computer runs from it; name the card",
        Kind::Partition => {
            "it is a part of a disk, or made of others; name the whole card, such as /dev/sdb"
        }
        Kind::Other => "it is neither a card nor a file",
        Kind::Disk if facts.bytes == 0 => "there is no card in it",
        // The system holds on to it, and would write to it beside us.
        Kind::Disk | Kind::File { .. } => {
            return facts.uses.iter().find_map(|used| {
                let how = used.ended_by()?;
                Some(format!("it {used}; {how}, and write it again"))
            });
        }
    };
    Some(why.to_owned())
}

/// Whether a card, or a file that stands for one, can be read there.
pub(super) fn is_card_or_file(found: &fs::Metadata) -> bool {
    let kind = found.file_type();
    // Raw disks of macOS are character devices.
    let raw = kind.is_char_device() && !cfg!(target_os = "linux");
    found.is_file() || kind.is_block_device() || raw
}

/// The facts of `path`.
pub(super) fn of(path: &Path, linux: &Linux) -> io::Result<Facts> {
    let none = |kind, bytes| Facts {
        kind,
        bytes,
        uses: Vec::new(),
        system: false,
        known: true,
        seen_as: None,
    };
    let found = match path.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // A reader that is not plugged in: a file in its place would be made of memory.
            let kind = match among_devices(path) {
                true => Kind::Disk,
                false => Kind::File { holds: false },
            };
            return Ok(none(kind, 0));
        }
        found => found?,
    };
    if found.is_file() && among_devices(path) {
        return Ok(none(Kind::Other, 0));
    }
    if found.is_file() {
        let holds = holds(path, found.len())?;
        return Ok(none(Kind::File { holds }, found.len()));
    }
    let kind = found.file_type();
    if !kind.is_block_device() && !kind.is_char_device() {
        return Ok(none(Kind::Other, 0));
    }
    let number = numbered(found.rdev());
    match linux.disk(&number) {
        Some(facts) if kind.is_block_device() => Ok(facts),
        // Raw disks of macOS are character devices; `/dev/zero` is no disk, and has no size.
        _ if cfg!(target_os = "linux") && kind.is_char_device() => Ok(none(Kind::Other, 0)),
        _ => Ok(Facts {
            known: false,
            ..none(Kind::Disk, size(path)?)
        }),
    }
}

/// It names a device, or would, were it there.
fn among_devices(path: &Path) -> bool {
    let folder = path
        .parent()
        .and_then(|folder| fs::canonicalize(folder).ok());
    let dangling = path.is_symlink() && !path.exists();
    dangling
        || folder
            .is_some_and(|folder| folder.starts_with("/dev") && !folder.starts_with("/dev/shm"))
}

/// Something stands where a table or a file system would begin.
fn holds(path: &Path, bytes: u64) -> io::Result<bool> {
    let len = usize::try_from(bytes.min(1 << 20)).unwrap_or(0);
    let mut first = vec![0; len];
    fs::File::open(path)?.read_at(0, &mut first)?;
    Ok(!blank(&first))
}

fn size(path: &Path) -> io::Result<u64> {
    io::Seek::seek(&mut fs::File::open(path)?, io::SeekFrom::End(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GB: u64 = 1_000_000_000;

    #[test]
    fn the_whole_table() {
        let card = Facts {
            kind: Kind::Disk,
            bytes: 64 * GB,
            uses: Vec::new(),
            system: false,
            known: true,
            seen_as: None,
        };
        let file = |holds| Facts {
            kind: Kind::File { holds },
            ..card.clone()
        };
        let used = |by: UsedBy| Facts {
            uses: vec![by],
            ..card.clone()
        };
        let mounted = |place: &str| used(UsedBy::Mount(place.into()));
        let cases = [
            ("a card", card.clone()),
            ("a blank file", file(false)),
            ("a file", file(true)),
            ("mounted", mounted("/media/card")),
            ("memory", used(UsedBy::Swap)),
            ("encrypted", used(UsedBy::Disk("luks-7f3a".to_owned()))),
            (
                "a large disk",
                Facts {
                    bytes: 2000 * GB,
                    ..card.clone()
                },
            ),
            (
                "large and mounted",
                Facts {
                    bytes: 2000 * GB,
                    ..mounted("/srv")
                },
            ),
            (
                "not Linux",
                Facts {
                    known: false,
                    ..card.clone()
                },
            ),
            (
                "the system's",
                Facts {
                    system: true,
                    ..mounted("/")
                },
            ),
            (
                "a partition",
                Facts {
                    kind: Kind::Partition,
                    ..card.clone()
                },
            ),
            (
                "an empty reader",
                Facts {
                    bytes: 0,
                    ..card.clone()
                },
            ),
            (
                "a terminal",
                Facts {
                    kind: Kind::Other,
                    ..card
                },
            ),
        ];
        let lines = cases.map(|(name, facts)| format!("{name:18} {:?}", judge(&facts, 256 * GB)));
        insta::assert_snapshot!(lines.join("\n"));
    }
}
