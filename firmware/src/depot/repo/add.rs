//! `depot repo add`: a release, or a pack, is offered.

use super::disk::{self, Step};
use super::draft::Draft;
use super::making::{self, Base, Image};
use super::offers::{self, Title};
use super::options::SigningOptions;
use super::place;
use super::rollout::boxes;
use super::session::Session;
use super::trouble::Trouble;
use super::{system, tally};
use crate::causes::chain;
use crate::depot::tell;
use clap::{Args, ValueEnum};
use content_store::formats;
use content_store::library::PackKind;
use ota::bundle::{BUNDLE_AT_MOST, Bundle, Payload};
use ota::publish::{Offered, PackOffer, Saving};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Offer a system, or a pack: whole, and as patches from the versions before it
#[derive(Debug, Args)]
#[command(after_help = HELP, group = clap::ArgGroup::new("what").required(true))]
pub(super) struct Add {
    /// The repository's folder
    repo: PathBuf,
    /// A system: the folder that the build of images leaves, with root.img, root.roothash and boot-area.img
    #[arg(long, value_name = "DIR", group = "what", requires = "board")]
    system: Option<PathBuf>,
    /// A root file system alone, for a board without a boot area (the simulated one)
    #[arg(long, value_name = "FILE", group = "what", requires = "board")]
    root: Option<PathBuf>,
    /// A pack: a file that boxes import, which is a ZIM file
    #[arg(long, value_name = "FILE", group = "what", requires = "id")]
    pack: Option<PathBuf>,
    /// The kind of board: IMAGE_ID of the system's os-release
    #[arg(long, value_parser = place::name)]
    board: Option<String>,
    /// The pack's id
    #[arg(long, value_parser = place::name, conflicts_with = "board")]
    id: Option<String>,
    /// Its number, higher than all before: IMAGE_VERSION of the system's os-release
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    version: u64,
    /// Its name for people, such as 2026.11; by default the number
    #[arg(long, conflicts_with = "pack")]
    name: Option<String>,
    /// Offer the system to so many of a hundred boxes at first
    #[arg(long, value_name = "PERCENT", default_value_t = 100, value_parser = clap::value_parser!(u8).range(0..=100), conflicts_with = "pack")]
    rollout: u8,
    /// What a box without a fitting patch saves: bytes, for poor networks; work, for sticks: a seventh more bytes, unpacked several times as fast
    #[arg(long, value_enum, default_value_t = Saves::Bytes)]
    saves: Saves,
    /// Make patches from so many versions before this one
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(0..=20))]
    patches: u8,
    /// Keep so many versions of this board or pack, this one too; older ones are withdrawn
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=50))]
    keep: u8,
    #[command(flatten)]
    signing: SigningOptions,
}

/// The words of `--saves`.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Saves {
    Bytes,
    Work,
}

impl From<Saves> for Saving {
    fn from(saves: Saves) -> Self {
        match saves {
            Saves::Bytes => Self::Bytes,
            Saves::Work => Self::Work,
        }
    }
}

const HELP: &str = "\
The images stay in REPO.desk/images, unpublished: later versions are patched from them. What takes long is made once: after an interruption the \
same command goes on where it was.

Example:
  depot repo add REPO --system target/image --board school-box-rpi4 --version 12 --name 2026.11 --rollout 10
  depot repo add REPO --root root.img --board school-box-sim --version 12
  depot repo add REPO --pack reading.zim --id reading --version 3";

impl Add {
    pub(super) fn run(self) -> Result<(), Trouble> {
        let session = Session::open(&self.repo, &self.signing, &[])?;
        session.nothing_waits()?;
        let title = self.title()?;
        let mut offered = session.published.offered()?;
        let line = offers::line_of(&offered, &title);
        self.is_newer(&title, line.first())?;
        let mut images = self.images()?;
        for (_, image) in &mut images {
            image.saving = self.saves.into();
        }
        let release = Release::make(&session, &title, &line, &images, self.patches)?;
        let bytes = self.offer(&title, &release)?;
        let mut file = Offered::of(&bytes);
        offers::set_rollout(&mut file, self.rollout);
        let mut first = keep_images(&session, &title, &images);
        first.extend(release.steps);
        first.push(Step::Write {
            to: session
                .place
                .target(&place::location(&title.path(), &file.sha256)),
            bytes,
        });
        offered.insert(title.path(), file);
        for old in line.iter().skip(usize::from(self.keep) - 1) {
            offered.remove(&old.path());
        }
        let mut draft = Draft::default();
        draft.set_targets(&session.signing(&session.keys), &offered)?;
        let ended = session.end(draft, first, &mut disk::Folders)?;
        self.tidy(&session, &title, &line)?;
        let who = boxes(self.rollout);
        let mut lines = vec![format!("{} is for {who}.", title.folder())];
        lines.extend(
            release
                .parts
                .iter()
                .map(|(_, name, payload)| tally::of_payload(name, payload)),
        );
        lines.extend(ended.lines(&self.repo));
        tell::say(&lines.join("\n"));
        Ok(())
    }

    fn title(&self) -> Result<Title, Trouble> {
        let version = self.version;
        match (&self.board, &self.id) {
            (Some(board), None) if self.pack.is_none() => Ok(Title::System {
                board: board.clone(),
                version,
            }),
            (None, Some(id)) if self.pack.is_some() => Ok(Title::Pack {
                id: id.clone(),
                version,
            }),
            (_, _) => Err(Trouble::Usage(
                "a system has --board, a pack has --id".to_owned(),
            )),
        }
    }

    fn is_newer(&self, title: &Title, newest: Option<&Title>) -> Result<(), Trouble> {
        match newest {
            Some(newest) if newest.version() >= title.version() => Err(Trouble::Refused(format!(
                "{} is there already: boxes never go back; give a --version above {}",
                newest.folder(),
                newest.version()
            ))),
            Some(_) | None => Ok(()),
        }
    }

    fn images(&self) -> Result<Vec<(Option<ota::Part>, Image)>, Trouble> {
        let parts = match (&self.system, &self.root, &self.pack) {
            (Some(folder), _, _) => system::of_folder(folder)?,
            (_, Some(file), _) => system::of_root(file)?,
            (_, _, Some(file)) => {
                self.importable(file)?;
                return Ok(vec![(None, Image::read(file, "pack", None)?)]);
            }
            (None, None, None) => Vec::new(),
        };
        let parts = parts.into_iter();
        Ok(parts.map(|(part, image)| (Some(part), image)).collect())
    }

    /// What no box would take is refused here, and not at each school.
    fn importable(&self, file: &Path) -> Result<(), Trouble> {
        let plan = formats::plan(file).map_err(|error| {
            let advice = match error.is_corrupt() {
                true => "; no box would take it: give a ZIM file",
                false => "",
            };
            Trouble::Refused(format!("{}{advice}", chain(&error)))
        })?;
        if plan.kind != PackKind::Zim {
            return Err(Trouble::Refused(format!(
                "{} is a folder, and a repository offers files: give a ZIM file",
                file.display()
            )));
        }
        if self.id.as_deref() != Some(plan.id.as_str()) {
            tell::warn(&format!(
                "{} calls itself {}, and boxes take it under no other --id",
                file.display(),
                plan.id
            ));
        }
        Ok(())
    }

    fn offer(&self, title: &Title, release: &Release) -> Result<Vec<u8>, Trouble> {
        let bytes = match title {
            Title::System { board, version } => {
                let parts = release.parts.iter();
                serde_json::to_vec(&Bundle {
                    format: 1,
                    board: board.clone(),
                    version: *version,
                    name: self.name.clone().unwrap_or_else(|| version.to_string()),
                    parts: parts
                        .filter_map(|(part, _, payload)| Some(((*part)?, payload.clone())))
                        .collect::<BTreeMap<_, _>>(),
                })
            }
            Title::Pack { id, version } => {
                let Some((_, _, payload)) = release.parts.first() else {
                    return Err(Trouble::Usage("give a pack".to_owned()));
                };
                let file = self.pack.as_deref().and_then(Path::file_name);
                serde_json::to_vec(&PackOffer {
                    format: 1,
                    id: id.clone(),
                    version: *version,
                    file: file.unwrap_or_default().to_string_lossy().into_owned(),
                    payload: payload.clone(),
                })
            }
        };
        let bytes = bytes.unwrap_or_default();
        if bytes.len() as u64 > BUNDLE_AT_MOST {
            return Err(Trouble::Refused(format!(
                "{} has a bundle of {} bytes, and boxes read {BUNDLE_AT_MOST}: give fewer --patches",
                title.folder(),
                bytes.len()
            )));
        }
        Ok(bytes)
    }

    /// What was made is in place; images of versions that are withdrawn are of no use.
    fn tidy(&self, session: &Session, title: &Title, line: &[Title]) -> Result<(), Trouble> {
        making::clear(&session.place)?;
        let kept = usize::from(self.keep.max(self.patches + 1)) - 1;
        let wanted: Vec<PathBuf> = [title]
            .into_iter()
            .chain(line.iter().take(kept))
            .map(|title| images_of(session, title))
            .collect();
        let images = images_of(session, title);
        let there = disk::files_below(images.parent().unwrap_or(&images))?.into_iter();
        let gone = there.filter(|path| {
            disk::is_left_over(path) || !wanted.iter().any(|folder| path.starts_with(folder))
        });
        let steps: Vec<Step> = gone.map(Step::Remove).collect();
        disk::carry_out(&mut disk::Folders, &steps)
    }
}

/// What is made of the images.
struct Release {
    parts: Vec<(Option<ota::Part>, &'static str, Payload)>,
    steps: Vec<Step>,
}

impl Release {
    fn make(
        session: &Session,
        title: &Title,
        line: &[Title],
        images: &[(Option<ota::Part>, Image)],
        patches: u8,
    ) -> Result<Self, Trouble> {
        let (mut parts, mut steps) = (Vec::new(), Vec::new());
        for (part, image) in images {
            let base = |old: &Title| Base {
                version: old.version(),
                path: images_of(session, old).join(image_name(*part)),
            };
            let bases: Vec<Base> = line.iter().take(usize::from(patches)).map(base).collect();
            let made = image.make(&session.place, &title.folder(), &bases)?;
            let name = part.map_or("pack", |_| image.stem);
            parts.push((*part, name, made.payload));
            steps.extend(made.steps);
        }
        Ok(Self { parts, steps })
    }
}

fn image_name(part: Option<ota::Part>) -> &'static str {
    part.map_or("pack", offers::image_name)
}

fn images_of(session: &Session, title: &Title) -> PathBuf {
    session.place.images().join(title.folder())
}

/// Copies, for the build writes its own over.
fn keep_images(
    session: &Session,
    title: &Title,
    images: &[(Option<ota::Part>, Image)],
) -> Vec<Step> {
    let step = |(part, image): &(Option<ota::Part>, Image)| Step::Copy {
        from: image.path.clone(),
        to: images_of(session, title).join(image_name(*part)),
    };
    images.iter().map(step).collect()
}
