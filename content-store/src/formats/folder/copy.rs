//! One file → its blob, and a compressed twin where that pays.

use super::super::error::ImportError;
use super::super::html::PAGE_MAX;
use super::super::mime;
use super::super::space::Space;
use super::super::staging::Stage;
use super::walk::Found;
use crate::library::hash::BlobHash;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

/// First bytes that tell whether text is UTF-8; pages are looked at further.
const HEAD: usize = 64 * 1024;
/// A twin is kept when it saves at least a tenth.
const TWIN_SAVES: u64 = 10;

/// A copied file.
#[derive(Debug)]
pub(crate) struct Copied {
    pub(crate) hash: BlobHash,
    pub(crate) bytes: u64,
    pub(crate) gzip: Option<(BlobHash, u64)>,
    pub(crate) mime: String,
    /// The beginning of the file; of a page, all that is indexed.
    pub(crate) head: Vec<u8>,
}

pub(crate) struct Copier<'a> {
    stage: &'a Stage,
    space: &'a mut Space,
    buffer: Vec<u8>,
}

impl<'a> Copier<'a> {
    pub(crate) fn new(stage: &'a Stage, space: &'a mut Space) -> Self {
        Self {
            stage,
            space,
            buffer: vec![0; 128 * 1024],
        }
    }

    /// Copies into the stage; nothing is synced yet.
    pub(crate) fn copy(&mut self, found: &Found) -> Result<Copied, ImportError> {
        let mut source = open(found)?;
        let head = read_head(&mut source, found)?;
        let mime = mime::of_file(&found.relative, &head[..head.len().min(HEAD)]);
        let part = self.stage.folder().join("copy.part");
        let twin_part = self.stage.folder().join("copy.gz.part");
        let mut plain = Hashing::create(&part)?;
        let mut twin = match mime::shrinks(&mime) {
            true => Some(GzEncoder::new(
                Hashing::create(&twin_part)?,
                Compression::best(),
            )),
            false => None,
        };
        let mut write = |bytes: &[u8]| -> Result<(), ImportError> {
            self.space.spend(bytes.len() as u64)?;
            plain.write_all(bytes).map_err(ImportError::write(&part))?;
            match &mut twin {
                Some(twin) => twin
                    .write_all(bytes)
                    .map_err(ImportError::write(&twin_part)),
                None => Ok(()),
            }
        };
        write(&head)?;
        loop {
            match source.read(&mut self.buffer) {
                Ok(0) => break,
                Ok(n) => write(&self.buffer[..n])?,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(ImportError::read(&found.path)(e)),
            }
        }
        let (hash, bytes) = self.keep(plain)?;
        let gzip = match twin {
            None => None,
            Some(twin) => {
                let twin = twin.finish().map_err(ImportError::write(&twin_part))?;
                if twin.bytes.saturating_mul(TWIN_SAVES) <= bytes.saturating_mul(TWIN_SAVES - 1) {
                    Some(self.keep(twin)?)
                } else {
                    fs::remove_file(&twin.path).map_err(ImportError::write(&twin_part))?;
                    None
                }
            }
        };
        Ok(Copied {
            hash,
            bytes,
            gzip,
            mime,
            head,
        })
    }

    /// Names a finished part by its hash. An earlier file of that name may be a cut one, so it is replaced.
    fn keep(&self, part: Hashing) -> Result<(BlobHash, u64), ImportError> {
        let hash = BlobHash::finish(part.hasher);
        let path = self.stage.blob(&hash);
        fs::rename(&part.path, &path).map_err(ImportError::write(path))?;
        Ok((hash, part.bytes))
    }
}

/// Opens the file that the walk found. It may have become something else since then, whose opening or reading would never end.
fn open(found: &Found) -> Result<File, ImportError> {
    let source = OpenOptions::new()
        .read(true)
        .custom_flags(nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK)
        .open(&found.path)
        .map_err(ImportError::read(&found.path))?;
    let is_file = source
        .metadata()
        .map_err(ImportError::read(&found.path))?
        .is_file();
    match is_file {
        true => Ok(source),
        false => Err(ImportError::Changed {
            path: found.path.clone(),
        }),
    }
}

fn read_head(source: &mut File, found: &Found) -> Result<Vec<u8>, ImportError> {
    let page = mime::is_html(&mime::of_file(&found.relative, &[]));
    let wanted = if page { PAGE_MAX } else { HEAD as u64 };
    let mut head = Vec::new();
    source
        .take(wanted)
        .read_to_end(&mut head)
        .map_err(ImportError::read(&found.path))?;
    Ok(head)
}

/// A file that is hashed as it is written.
struct Hashing {
    path: PathBuf,
    file: File,
    hasher: Sha256,
    bytes: u64,
}

impl Hashing {
    fn create(path: &std::path::Path) -> Result<Self, ImportError> {
        let file = File::create(path).map_err(ImportError::write(path))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            hasher: Sha256::new(),
            bytes: 0,
        })
    }
}

impl Write for Hashing {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let n = self.file.write(buffer)?;
        self.hasher.update(&buffer[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
