//! The files of the targets.

use super::super::duty::Duty;
use super::super::offers::{self, Offer, Title};
use super::super::published::Published;
use super::super::trouble::Trouble;
use super::super::{digest, disk, place};
use super::{Findings, Pack, Patch, Release, Sizes};
use ota::bundle::{CHUNK, Payload};
use ota::publish::Offered;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is offered, read.
pub(super) struct Read {
    pub(super) title: Title,
    pub(super) offer: Offer,
}

/// Every file is what its name says, and everything that is referred to is there.
pub(super) fn check(
    repo: &Path,
    published: &Published,
    findings: &mut Findings,
) -> Result<Vec<Read>, Trouble> {
    let mut there = BTreeMap::new();
    for path in disk::files_below(&repo.join("targets"))? {
        if disk::is_left_over(&path) {
            continue;
        }
        let (bytes, sha256) = digest::of_file(&path)?;
        findings.checked.files += 1;
        findings.checked.bytes += bytes;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.split_once('.').is_none_or(|(hash, _)| hash != sha256) {
            let shown = path.display();
            findings.faults.push(format!(
                "{shown}: its bytes are not those that its name tells"
            ));
        } else {
            there.insert(path, bytes);
        }
    }
    let there = There { repo, files: there };
    let mut read = Vec::new();
    for (path, file) in offered(published, findings) {
        match there.offer(&path, &file) {
            Ok(offer) => {
                offer.tell(&file, findings);
                findings.faults.extend(there.faults(&offer));
                read.push(offer);
            }
            Err(fault) => findings.faults.push(format!("{path}: {fault}")),
        }
    }
    Ok(read)
}

fn offered(published: &Published, findings: &mut Findings) -> BTreeMap<String, Offered> {
    match published.newest(Duty::Targets).map(|file| file.offered()) {
        Some(Ok(offered)) => offered,
        Some(Err(error)) => {
            findings.faults.push(format!("the newest targets: {error}"));
            BTreeMap::new()
        }
        None => BTreeMap::new(),
    }
}

/// Files that are what their names say, and their lengths.
struct There<'a> {
    repo: &'a Path,
    files: BTreeMap<PathBuf, u64>,
}

impl There<'_> {
    fn holds(&self, location: &str, bytes: u64) -> Result<(), String> {
        match self.files.get(&place::target(self.repo, location)) {
            Some(found) if *found == bytes => Ok(()),
            Some(found) => Err(format!("it has {found} bytes and should have {bytes}")),
            None => Err("it is missing, or damaged".to_owned()),
        }
    }

    fn offer(&self, path: &str, file: &Offered) -> Result<Read, String> {
        let title = Title::parse(path).ok_or("it is neither a system nor a pack")?;
        let location = place::location(path, &file.sha256);
        self.holds(&location, file.length)?;
        if offers::rollout(file).is_none() {
            return Err("its roll-out is not 0 to 100".to_owned());
        }
        let bytes = disk::read(&place::target(self.repo, &location));
        let bytes = bytes.map_err(|trouble| trouble.to_string())?;
        let offer = Offer::read(&title, &bytes.unwrap_or_default())?;
        let (format, says) = match &offer {
            Offer::System(bundle) => {
                let (board, version) = (bundle.board.clone(), bundle.version);
                (bundle.format, Title::System { board, version })
            }
            Offer::Pack(pack) => {
                let (id, version) = (pack.id.clone(), pack.version);
                (pack.format, Title::Pack { id, version })
            }
        };
        if says != title {
            return Err(format!("it says that it is {}", says.folder()));
        }
        if format != 1 || offer.payloads().is_empty() {
            return Err("boxes do not know its form, or it has no parts".to_owned());
        }
        Ok(Read { title, offer })
    }

    /// What is wrong with the files of an offer.
    fn faults(&self, read: &Read) -> Vec<String> {
        let mut faults = Vec::new();
        let folder = format!("{}/", read.title.folder());
        for (name, _, payload) in read.offer.payloads() {
            for (what, file) in offers::files_of(payload) {
                let name_in_folder = file.location.strip_prefix(&folder);
                let fault = match name_in_folder {
                    Some(name) if name.starts_with(&file.sha256) && !name.contains('/') => {
                        self.holds(&file.location, file.bytes).err()
                    }
                    Some(_) | None => Some("it lies elsewhere".to_owned()),
                };
                let fault = fault.map(|fault| format!("{folder}: {name}: {what}: {fault}"));
                faults.extend(fault);
            }
            faults.extend(
                self.chunks(payload)
                    .map(|fault| format!("{folder}: {name}: {fault}")),
            );
        }
        faults
    }

    /// The hashes of a patch's chunks, by which a box checks it as it comes.
    fn chunks(&self, payload: &Payload) -> Option<String> {
        payload.patches.iter().find_map(|patch| {
            let bytes = disk::read(&place::target(self.repo, &patch.file.location)).ok()??;
            let chunks: Vec<String> = bytes.chunks(CHUNK as usize).map(digest::sha256).collect();
            (chunks != patch.chunks)
                .then(|| format!("patch from {}: its chunks are others", patch.from_version))
        })
    }
}

impl Read {
    fn tell(&self, file: &Offered, findings: &mut Findings) {
        let payloads = self.offer.payloads();
        let sizes = payloads
            .iter()
            .map(|(part, _, payload)| Sizes::of(part, payload));
        match &self.offer {
            Offer::System(bundle) => findings.releases.push(Release {
                board: bundle.board.clone(),
                version: bundle.version,
                name: bundle.name.clone(),
                rollout_percent: offers::rollout(file).unwrap_or_default(),
                parts: sizes.collect(),
            }),
            Offer::Pack(pack) => findings.packs.push(Pack {
                id: pack.id.clone(),
                version: pack.version,
                file: pack.file.clone(),
                sizes: Sizes::of("pack", &pack.payload),
            }),
        }
    }
}

impl Sizes {
    fn of(part: &str, payload: &Payload) -> Self {
        let patches = payload.patches.iter();
        Self {
            part: part.to_owned(),
            bytes: payload.seal.bytes,
            frames_bytes: payload.frames.bytes,
            patches: patches
                .map(|patch| Patch {
                    from_version: patch.from_version,
                    bytes: patch.file.bytes,
                })
                .collect(),
        }
    }
}
