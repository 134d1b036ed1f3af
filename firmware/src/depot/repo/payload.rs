//! A payload of a repository, made as a box makes it: of its frames, or by a patch; whole only when its root hash is the one that was signed.

use super::{digest, disk, place};
use ota::bundle::Payload;
use ota::delta::{
    BlockIndex, Built, Chunk, DeltaError, Plan, ReadAt, Survey, Way, WriteAt, build, plan,
    plan_frames,
};
use ota::image::{BLOCK, Crown, TreeBuilder};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// A payload to be made.
pub(super) struct Made<'a> {
    pub(super) repo: &'a Path,
    pub(super) payload: &'a Payload,
}

impl Made<'_> {
    /// Makes it in memory, and lets it go: only whether it can be made is asked.
    pub(super) fn of_frames_in_memory(&self) -> Result<(), String> {
        let mut target = Held(vec![0; self.length()?]);
        self.of_frames(&mut target, &mut |_, _| {})
    }

    /// Makes it in a file that is as long as it, from what of it is there already. Tells bytes done, of all.
    pub(super) fn in_file(
        &self,
        file: File,
        told: &mut dyn FnMut(u64, u64),
    ) -> Result<File, String> {
        let mut target = OnDisk(file);
        self.of_frames(&mut target, told)?;
        Ok(target.0)
    }

    fn of_frames(
        &self,
        target: &mut dyn WriteAt,
        told: &mut dyn FnMut(u64, u64),
    ) -> Result<(), String> {
        let bytes = self.file(&self.payload.blocks.location)?;
        let index = BlockIndex::read(&bytes, &self.payload.seal).map_err(line)?;
        let survey = Survey::default();
        let plan = plan_frames(self.payload, index, &survey, &[]);
        self.make(&plan, &survey, &mut Held(Vec::new()), target, told)
    }

    /// By the patch from this base.
    pub(super) fn of_patch(&self, base: Vec<u8>) -> Result<(), String> {
        let bytes = base.len() as u64;
        let mut base = Held(base);
        let survey = Survey::of(&mut base, bytes, &[bytes]).map_err(|error| error.to_string())?;
        let mut target = Held(vec![0; self.length()?]);
        match plan(self.payload, &survey) {
            Some(plan) if matches!(plan.way, Way::Patch(_)) => {
                self.make(&plan, &survey, &mut base, &mut target, &mut |_, _| {})
            }
            Some(_) | None => Err("a box with its base would not take it".to_owned()),
        }
    }

    fn length(&self) -> Result<usize, String> {
        usize::try_from(self.payload.seal.bytes).map_err(|error| error.to_string())
    }

    fn make(
        &self,
        plan: &Plan,
        survey: &Survey,
        base: &mut Held,
        target: &mut dyn WriteAt,
        told: &mut dyn FnMut(u64, u64),
    ) -> Result<(), String> {
        let crown = self.file(&self.payload.crown.location)?;
        let crown = Crown::read(&crown, &self.payload.seal).map_err(|error| error.to_string())?;
        let mut parcel = self.parcel(plan)?;
        let mut pieces = |built: Built| told(built.pieces, built.of);
        let wanted = build(plan, &crown, survey, base, &mut parcel, target, &mut pieces);
        let wanted = wanted.map_err(line)?;
        let missing = wanted.iter().filter(|wanted| **wanted).count();
        if missing > 0 {
            return Err(format!("{missing} pieces of it are wrong"));
        }
        self.is_whole(target)
    }

    /// What a box would have fetched: the chunks of the plan, one after the other.
    fn parcel(&self, plan: &Plan) -> Result<Parcel, String> {
        let location = &plan.shipment.file.location;
        let path = place::target(self.repo, location);
        let unread = |error| format!("{location} cannot be read ({error})");
        let file = File::open(path).map_err(unread)?;
        let bytes = file.metadata().map_err(unread)?.len();
        let chunks = plan.shipment.chunks.clone();
        let beyond = |chunk: &Chunk| chunk.at.saturating_add(u64::from(chunk.bytes)) > bytes;
        match chunks.iter().any(beyond) {
            true => Err("a chunk of it lies beyond its end".to_owned()),
            false => Ok(Parcel { file, chunks }),
        }
    }

    fn is_whole(&self, target: &mut dyn WriteAt) -> Result<(), String> {
        let seal = &self.payload.seal;
        let salt = digest::from_hex(&seal.salt).ok_or("its salt is no hexadecimal number")?;
        let mut builder = TreeBuilder::new(&salt);
        let mut block = vec![0; BLOCK];
        let mut at = 0;
        while at < seal.bytes {
            let rest = usize::try_from(seal.bytes - at).unwrap_or(BLOCK);
            let part = block.get_mut(..rest.min(BLOCK)).unwrap_or_default();
            let read = target.read_at(at, part);
            read.map_err(|error| format!("what was made cannot be read ({error})"))?;
            builder.push(part);
            at += part.len() as u64;
        }
        let tree = builder.finish().map_err(|error| error.to_string())?;
        (tree.root() == seal.root)
            .then_some(())
            .ok_or_else(|| "its root hash is another".to_owned())
    }

    fn file(&self, location: &str) -> Result<Vec<u8>, String> {
        let bytes = disk::read(&place::target(self.repo, location));
        let bytes = bytes.map_err(|trouble| trouble.to_string())?;
        bytes.ok_or_else(|| format!("{location} is missing"))
    }
}

fn line(error: DeltaError) -> String {
    match std::error::Error::source(&error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// Chunks of a file, as if they stood one after the other.
struct Parcel {
    file: File,
    chunks: Vec<Chunk>,
}

impl ReadAt for Parcel {
    fn read_at(&mut self, mut at: u64, mut into: &mut [u8]) -> io::Result<()> {
        for chunk in &self.chunks {
            let bytes = u64::from(chunk.bytes);
            if at >= bytes {
                at -= bytes;
                continue;
            }
            let here = usize::try_from(bytes - at).unwrap_or(usize::MAX);
            let (part, rest) = into.split_at_mut(here.min(into.len()));
            self.file.read_exact_at(part, chunk.at + at)?;
            (at, into) = (0, rest);
            if into.is_empty() {
                return Ok(());
            }
        }
        match into.is_empty() {
            true => Ok(()),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// A file that is made.
struct OnDisk(File);

impl ReadAt for OnDisk {
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.0.read_exact_at(into, at)
    }
}

impl WriteAt for OnDisk {
    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all_at(bytes, at)
    }
}

/// Bytes in memory.
struct Held(Vec<u8>);

impl Held {
    fn range(&mut self, at: u64, length: usize) -> io::Result<&mut [u8]> {
        let from = usize::try_from(at).unwrap_or(usize::MAX);
        let rest = self.0.get_mut(from..);
        rest.and_then(|rest| rest.get_mut(..length))
            .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

impl ReadAt for Held {
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()> {
        into.copy_from_slice(self.range(at, into.len())?);
        Ok(())
    }
}

impl WriteAt for Held {
    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.range(at, bytes.len())?.copy_from_slice(bytes);
        Ok(())
    }
}
