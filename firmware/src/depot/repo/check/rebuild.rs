//! Payloads made as a box makes them: of frames alone, and by each patch whose image is at hand.

use super::super::payload::Made;
use super::super::trouble::Trouble;
use super::super::{digest, disk};
use super::files::Read;
use super::{Findings, image};
use crate::depot::tell;
use std::path::Path;

pub(super) fn check(
    repo: &Path,
    images: Option<&Path>,
    read: &Read,
    findings: &mut Findings,
) -> Result<(), Trouble> {
    let folder = read.title.folder();
    for (name, file, payload) in read.offer.payloads() {
        tell::progress(&format!("{folder}: {name}"));
        let desk = Made { repo, payload };
        match desk.of_frames_in_memory() {
            Ok(()) => findings.checked.from_frames += 1,
            Err(why) => findings.faults.push(format!(
                "{folder}: {name}: its frames do not make it: {why}"
            )),
        }
        for patch in &payload.patches {
            let path = image(images, &folder, patch.from_version, file);
            let base = match &path {
                Some(path) => disk::read(path)?,
                None => None,
            };
            match base.filter(|base| digest::sha256(base) == patch.from_sha256) {
                None => findings.checked.patches_without_image += 1,
                Some(base) => match desk.of_patch(base) {
                    Ok(()) => findings.checked.from_patches += 1,
                    Err(why) => findings.faults.push(format!(
                        "{folder}: {name}: the patch from {} does not make it: {why}",
                        patch.from_version
                    )),
                },
            }
        }
    }
    tell::progress_done();
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::super::disk::{Folders, carry_out};
    use super::super::super::making::{Base, Image, clear};
    use super::super::super::offers::{Offer, Title};
    use super::super::super::place::Place;
    use super::*;
    use ota::bundle::{Bundle, Payload};
    use ota::image::BLOCK;
    use std::collections::BTreeMap;
    use std::fs;

    /// Two versions of an image that no packer makes smaller, offered; the image of the first is in the desk.
    struct Shop {
        _dir: tempfile::TempDir,
        place: Place,
        payloads: Vec<Payload>,
    }

    impl Shop {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let place = Place::create(&dir.path().join("repo")).unwrap();
            let mut shop = Self {
                _dir: dir,
                place,
                payloads: Vec::new(),
            };
            for version in 1..=2 {
                let made =
                    shop.image(version)
                        .make(&shop.place, &folder(version), &shop.bases(version));
                let made = made.unwrap();
                carry_out(&mut Folders, &made.steps).unwrap();
                shop.payloads.push(made.payload);
            }
            shop
        }

        fn path(&self, version: u64) -> std::path::PathBuf {
            self.place.images().join(folder(version)).join("root.img")
        }

        fn bases(&self, version: u64) -> Vec<Base> {
            let base = |version| Base {
                version,
                path: self.path(version),
            };
            (1..version).map(base).collect()
        }

        fn image(&self, version: u64) -> Image {
            let mut state = 1_u64;
            let mut bytes: Vec<u8> = (0..300 * BLOCK)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    state.to_be_bytes()[0]
                })
                .collect();
            bytes[100 * BLOCK] = u8::try_from(version).unwrap();
            let path = self.path(version);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, bytes).unwrap();
            Image::read(&path, "root", None).unwrap()
        }

        fn findings(&self, payload: Payload) -> Findings {
            let read = Read {
                title: Title::System {
                    board: "sim".to_owned(),
                    version: 2,
                },
                offer: Offer::System(Bundle {
                    format: 1,
                    board: "sim".to_owned(),
                    version: 2,
                    name: "2".to_owned(),
                    parts: BTreeMap::from([(ota::Part::Root, payload)]),
                }),
            };
            let mut findings = Findings::default();
            let images = self.place.images();
            check(self.place.repo(), Some(&images), &read, &mut findings).unwrap();
            findings
        }
    }

    fn folder(version: u64) -> String {
        format!("system/sim/{version}")
    }

    #[test]
    fn what_frames_and_patch_make_is_held_against_the_seal() {
        let shop = Shop::new();
        let [first, second] = shop.payloads.as_slice() else {
            return;
        };
        let good = shop.findings(second.clone());
        assert_eq!(good.faults, [""; 0]);
        assert_eq!(
            (good.checked.from_frames, good.checked.from_patches),
            (1, 1)
        );
        // Whole files with the right hashes, and another version's.
        let mut frames = second.clone();
        frames.frames = first.frames.clone();
        frames.blocks = first.blocks.clone();
        let found = shop.findings(frames).faults;
        assert!(
            found.len() == 1 && found[0].contains("its frames do not make it"),
            "{found:?}"
        );
        let mut sealed = second.clone();
        sealed.seal = first.seal.clone();
        sealed.crown = first.crown.clone();
        let found = shop.findings(sealed).faults;
        assert!(
            found
                .iter()
                .any(|fault| fault.contains("the patch from 1 does not make it")),
            "{found:?}"
        );
        // Without its image a patch is counted, not tried.
        fs::remove_file(shop.path(1)).unwrap();
        let found = shop.findings(second.clone());
        assert_eq!(
            (found.faults.len(), found.checked.patches_without_image),
            (0, 1)
        );
    }

    #[test]
    fn what_was_made_once_is_not_made_again() {
        let shop = Shop::new();
        let made = super::super::super::disk::files_below(&shop.place.made()).unwrap();
        // Two folders of four files, and a patch.
        assert_eq!(made.len(), 9);
        let times = || -> Vec<_> {
            let time = |path: &std::path::PathBuf| fs::metadata(path).unwrap().modified().unwrap();
            made.iter().map(time).collect()
        };
        let before = times();
        let again = shop
            .image(2)
            .make(&shop.place, &folder(2), &shop.bases(2))
            .unwrap();
        assert_eq!(times(), before);
        assert_eq!(Some(&again.payload), shop.payloads.last());
        clear(&shop.place).unwrap();
        clear(&shop.place).unwrap();
        assert!(!shop.place.made().exists());
    }
}
