//! From an image to the files that are offered of it: crown, block index, frames, patches. What takes long is kept in the desk until it is
//! published, whole or not at all, so that a second go makes only what the first did not.

use super::digest;
use super::disk::{self, Step};
use super::place::{Place, location};
use super::trouble::Trouble;
use crate::depot::tell;
use ota::bundle::{CHUNK, FileRef, PatchRef, Payload};
use ota::image::Seal;
use ota::publish::{PublishError, Saving, describe_for, patch};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// An image that is to be offered.
pub(super) struct Image {
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
    pub(super) sha256: String,
    /// Hexadecimal: of the hash tree.
    pub(super) salt: String,
    /// Of its files: `root`.
    pub(super) stem: &'static str,
    /// What its frames save the boxes.
    pub(super) saving: Saving,
}

/// An image that boxes may have.
#[derive(Debug, Clone)]
pub(super) struct Base {
    pub(super) version: u64,
    pub(super) path: PathBuf,
}

/// A payload, and what is to be done for it to be in the repository.
pub(super) struct Made {
    pub(super) payload: Payload,
    pub(super) steps: Vec<Step>,
}

impl Image {
    /// The salt is the image's own hash where nobody gives another, as the build of images does.
    pub(super) fn read(
        path: &Path,
        stem: &'static str,
        salt: Option<String>,
    ) -> Result<Self, Trouble> {
        let bytes = fs::read(path).map_err(Trouble::disk("read", path))?;
        let sha256 = digest::sha256(&bytes);
        Ok(Self {
            path: path.to_owned(),
            salt: salt.unwrap_or_else(|| sha256.clone()),
            bytes,
            sha256,
            stem,
            saving: Saving::default(),
        })
    }

    /// Makes what is offered of it, in `folder` of the targets.
    pub(super) fn make(
        &self,
        place: &Place,
        folder: &str,
        bases: &[Base],
    ) -> Result<Made, Trouble> {
        let made = self.described(place)?;
        let seal_path = made.join("seal.json");
        let seal = fs::read(&seal_path).map_err(Trouble::disk("read", &seal_path))?;
        let seal: Seal = serde_json::from_slice(&seal).map_err(|error| {
            Trouble::disk("read", &seal_path)(io::Error::other(error.to_string()))
        })?;
        let mut steps = Vec::new();
        let mut offer = |file: &str, name: String| -> Result<FileRef, Trouble> {
            let from = made.join(file);
            let file = offered(&from, &format!("{folder}/{name}"))?;
            let to = place.target(&file.location);
            steps.push(Step::Place { from, to });
            Ok(file)
        };
        let stem = self.stem;
        let mut payload = Payload {
            seal,
            crown: offer("crown", format!("{stem}.crown"))?,
            blocks: offer("blocks", format!("{stem}.blocks"))?,
            frames: offer("frames", format!("{stem}.frames"))?,
            patches: Vec::new(),
        };
        for base in bases {
            if let Some((patch, step)) = self.patched(place, folder, base, &payload)? {
                payload.patches.push(patch);
                steps.push(step);
            }
        }
        Ok(Made { payload, steps })
    }

    /// The folder with seal, crown, block index and frames.
    fn described(&self, place: &Place) -> Result<PathBuf, Trouble> {
        let name = format!("{}-{}-{:?}", self.sha256, key(&self.salt), self.saving);
        let folder = place.made().join(key(&name));
        if folder.is_dir() {
            return Ok(folder);
        }
        tell::progress(&format!("{}: compressing", self.path.display()));
        let aside = place.made().join(format!(".{}.new", key(&name)));
        if aside.is_dir() {
            fs::remove_dir_all(&aside).map_err(Trouble::disk("remove", &aside))?;
        }
        disk::make_folder(&aside).map_err(Trouble::disk("make", &aside))?;
        let path = aside.join("frames");
        let file = File::create(&path).map_err(Trouble::disk("write", &path))?;
        let mut frames = BufWriter::new(file);
        let described = describe_for(&self.bytes, &self.salt, self.saving, &mut frames)
            .map_err(self.unpublishable())?;
        let written = frames.flush().and_then(|()| frames.get_ref().sync_all());
        written.map_err(Trouble::disk("write", &path))?;
        let seal = serde_json::to_vec(&described.seal).unwrap_or_default();
        for (name, bytes) in [
            ("crown", &described.crown),
            ("blocks", &described.blocks),
            ("seal.json", &seal),
        ] {
            let path = aside.join(name);
            disk::write(&path, &mut |file| file.write_all(bytes))
                .map_err(Trouble::disk("write", &path))?;
        }
        disk::named(&aside, &folder).map_err(Trouble::disk("write", &folder))?;
        tell::progress_done();
        Ok(folder)
    }

    /// A patch from an image that is at hand; none where it would be no less than the frames.
    fn patched(
        &self,
        place: &Place,
        folder: &str,
        base: &Base,
        payload: &Payload,
    ) -> Result<Option<(PatchRef, Step)>, Trouble> {
        let Some(from) = disk::read(&base.path)? else {
            let version = base.version;
            tell::warn(&format!(
                "no patch from version {version}: its image {} is not at hand",
                base.path.display()
            ));
            return Ok(None);
        };
        let from_sha256 = digest::sha256(&from);
        let path = place.made().join(format!(
            "{}.patch",
            key(&format!("{from_sha256}-{}", self.sha256))
        ));
        if !path.is_file() {
            let told = format!("{}: patch from {}", self.path.display(), base.version);
            let mut tell = |share: f32| tell::progress(&format!("{told}, {:.0} %", share * 100.0));
            let bytes = patch(&from, &self.bytes, &mut tell).map_err(self.unpublishable())?;
            disk::write(&path, &mut |file| file.write_all(&bytes))
                .map_err(Trouble::disk("write", &path))?;
            tell::progress_done();
        }
        let bytes = fs::read(&path).map_err(Trouble::disk("read", &path))?;
        if bytes.len() as u64 >= payload.frames.bytes {
            return Ok(None);
        }
        let name = format!("{folder}/{}.from-{}.patch", self.stem, base.version);
        let file = offered(&path, &name)?;
        let step = Step::Place {
            from: path,
            to: place.target(&file.location),
        };
        let patch = PatchRef {
            from_version: base.version,
            from_bytes: from.len() as u64,
            from_sha256,
            chunks: bytes.chunks(CHUNK as usize).map(digest::sha256).collect(),
            file,
        };
        Ok(Some((patch, step)))
    }

    fn unpublishable(&self) -> impl FnOnce(PublishError) -> Trouble {
        let path = self.path.clone();
        move |source| Trouble::Payload { path, source }
    }
}

/// Nothing that was made by another version of this program, or in another form, is taken for the same.
fn key(inputs: &str) -> String {
    let of = format!("1 {} {inputs}", env!("CARGO_PKG_VERSION"));
    let mut key = digest::sha256(of.as_bytes());
    key.truncate(32);
    key
}

/// A file as it will be offered at this path.
fn offered(file: &Path, path: &str) -> Result<FileRef, Trouble> {
    let (bytes, sha256) = digest::of_file(file)?;
    Ok(FileRef {
        location: location(path, &sha256),
        bytes,
        sha256,
    })
}

/// What was made is in the repository: the desk need not keep it.
pub(super) fn clear(place: &Place) -> Result<(), Trouble> {
    let made = place.made();
    match fs::remove_dir_all(&made) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Trouble::disk("remove", &made)(error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}
