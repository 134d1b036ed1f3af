//! `depot card write`.

use super::device::Device;
use super::plan::{END, Plan};
use super::prepare::{Prepared, Recipe, Tell};
use super::profile::{Instead, MANUAL, Profile};
use super::serials::{self, Listed};
use super::shown::{self, Progress};
use super::system::{self, Seen};
use super::table::Table;
use super::targets::{self, Target};
use super::write::{self, CardError, Phase, Sources};
use crate::depot::manifest::{self, CardLine, DataLine, ImageLine, Manifest};
use crate::depot::repo::options::now;
use crate::depot::repo::shop::{Shop, ShopPack};
use crate::depot::{Failure, tell};
use crate::serial::Serial;
use clap::Args;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// Write cards from a country's profile: the system, and its whole library
///
/// The library is imported once, at the desk; every card gets the same. A card that was cut short goes on where it stopped when it is written again.
/// Names and keys are drawn by each box when it is first switched on: no card has any.
/// What a box kept on a card before, records and their key among it, is cleared first, its earlier copies in free blocks too: a card with a box's partition
/// table is read through to its end, a quarter of an hour for 64 GB in a good reader, and longer where much has to be cleared. Any other card is not.
#[derive(Debug, Args)]
#[command(after_help = format!("Example:
  depot card write --profile philippines.toml --serial-from SB-0001 --manifest cards.jsonl /dev/sdb /dev/sdc
  depot card write --profile philippines.toml --serials printed.txt /dev/sdb /dev/sdc

The profile, every key with an example:

{MANUAL}"))]
pub(super) struct Write {
    /// The country's profile
    #[arg(long, value_name = "FILE")]
    profile: PathBuf,
    /// Another image than the profile's
    #[arg(long, value_name = "FILE", requires = "image_version")]
    image: Option<PathBuf>,
    /// What the manifest and the label call that image
    #[arg(long, value_name = "VERSION", requires = "image")]
    image_version: Option<String>,
    /// What that image must be, as sha256sum prints it: wanted where the profile has image.sha256
    #[arg(long, value_name = "DIGITS", requires = "image")]
    image_sha256: Option<String>,
    /// Cards for a trial at the desk: no programme's key is asked for, and such a box believes nobody's updates
    #[arg(long)]
    trial: bool,
    /// The serial number of the first card; the others are counted up from it
    #[arg(long, value_name = "NUMBER")]
    serial_from: Option<Serial>,
    /// The serial numbers of the cards, in their order: a file with one in each line
    #[arg(long, value_name = "FILE", conflicts_with = "serial_from")]
    serials: Option<PathBuf>,
    /// Where each card's line is added [default: PROFILE's name with .cards.jsonl]
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// Where the library is prepared, and kept for the next cards [default: PROFILE's name with .desk]
    #[arg(long, value_name = "DIR")]
    desk: Option<PathBuf>,
    /// Erase this one though it is mounted (it is unmounted then), or larger than a card is: the last part of its path (can be given again)
    #[arg(long, value_name = "NAME")]
    yes_erase: Vec<String>,
    /// The cards; or files, each made as a card's image
    #[arg(required = true, value_name = "DEVICE-OR-FILE")]
    targets: Vec<PathBuf>,
}

/// Words of writers that wait to be shown.
const HEARD: usize = 64;

/// What all cards have in common.
struct Common {
    profile: Profile,
    image: File,
    table: Table,
    seen: Seen,
    prepared: Prepared,
    plan: Plan,
}

/// What a writer says.
enum Said {
    Progress(usize, Phase, u64, u64),
    Ended(usize, Result<(), CardError>),
}

impl Write {
    pub(super) fn run(self) -> Result<(), Failure> {
        let profile = Profile::read(&self.profile, self.instead().as_ref(), self.trial);
        let profile = profile.map_err(|error| Failure::Usage(error.to_string()))?;
        let targets = targets::judged(&self.targets, profile.largest, &self.yes_erase)?;
        let (serials, next) = self.serials()?;
        let manifest = self.beside(self.manifest.as_ref(), "cards.jsonl");
        self.warn_of_known(&manifest, &serials)?;
        // Before the hours of preparing: one that stays mounted is told now.
        let targets = targets::unmounted(targets)?;
        let desk = self.beside(self.desk.as_ref(), "desk");
        let offered = offered(&profile, &desk)?;
        let common = Common::of(profile, &offered, &desk).map_err(Failure::NotDone)?;
        let kept = common.prepared.map.keep(&manifest);
        kept.map_err(Failure::NotDone)?;
        if common.profile.root.is_none() {
            tell::warn(
                "these cards are for a trial: their boxes believe nobody's updates, and are not for the field",
            );
        }
        targets::unchanged(&targets)?;
        let opened = open(&targets, &common.plan)?;
        let failed = write_all(&common, &opened, &serials, &mut |number| {
            let line = common.line(serials.get(number).cloned().flatten());
            manifest::append(&manifest, &line).map_err(|error| error.to_string())
        });
        if let (Some(next), Some(list)) = (next, &self.serials) {
            tell::warn(&format!(
                "{} has numbers for more cards: the next one is {next}",
                list.display()
            ));
        }
        ended(failed, opened.len())
    }

    /// What was given, or what has the profile's name with this ending.
    fn beside(&self, given: Option<&PathBuf>, ending: &str) -> PathBuf {
        given.map_or_else(|| self.profile.with_extension(ending), PathBuf::clone)
    }

    /// A manifest that cannot be read is told before hours of writing, and numbers that stand in it.
    fn warn_of_known(&self, manifest: &Path, serials: &[Option<Serial>]) -> Result<(), Failure> {
        if !manifest.exists() {
            return Ok(());
        }
        let known = Manifest::read(manifest)?.whole()?.told().cards;
        let twice = (serials.iter().flatten()).filter(|serial| {
            (known.iter()).any(|line| line.serial.as_deref() == Some(serial.as_str()))
        });
        for serial in twice {
            tell::warn(&format!(
                "{serial} is in {} already: right for the same card written again; else stop, and give other numbers",
                manifest.display()
            ));
        }
        Ok(())
    }

    /// The image of the command line.
    fn instead(&self) -> Option<Instead<'_>> {
        Some(Instead {
            file: self.image.as_deref()?,
            version: self.image_version.as_deref()?,
            sha256: self.image_sha256.as_deref(),
        })
    }

    /// The number of each card, and the next one of a list.
    fn serials(&self) -> Result<(Vec<Option<Serial>>, Option<Serial>), Failure> {
        let cards = self.targets.len();
        let found = match (&self.serial_from, &self.serials) {
            (Some(first), _) => Listed {
                serials: serials::counted(first, cards)?,
                next: None,
            },
            (None, Some(list)) => serials::listed(list, cards)?,
            (None, None) => return Ok((vec![None; cards], None)),
        };
        Ok((found.serials.into_iter().map(Some).collect(), found.next))
    }
}

/// The last line, where one is wanted.
fn ended(failed: usize, cards: usize) -> Result<(), Failure> {
    let all = tell::number_of(cards, "card");
    let line = match failed {
        0 => return Ok(()),
        1 => format!("1 of {all} is not done; write it again"),
        failed => format!("{failed} of {all} are not done; write them again"),
    };
    Err(Failure::NotDone(line))
}

/// What of the profile's packs repositories offer: signatures, expiry and age are looked at before anything is copied.
fn offered(profile: &Profile, desk: &Path) -> Result<Vec<ShopPack>, Failure> {
    let root = profile.root.as_deref().unwrap_or_default();
    let pack = |wish: &super::profile::Wish| {
        let shop = Shop::open(&wish.repository, root, &desk.join("trust"), now())?;
        shop.pack(&wish.id, wish.version)
    };
    profile.offered.iter().map(pack).collect()
}

impl Common {
    fn of(profile: Profile, offered: &[ShopPack], desk: &Path) -> Result<Self, String> {
        let mut said = String::new();
        let mut told = |what: &str, done: u64, total: u64| {
            let percent = (done.saturating_mul(100)).checked_div(total).unwrap_or(100);
            tell::progress(&format!("{what}: {percent} %"));
            if said != what {
                said = what.to_owned();
                tell::step(what);
            }
        };
        let recipe = Recipe {
            profile: &profile,
            offered,
        };
        let both = both(&recipe, desk, &mut told);
        tell::progress_done();
        let ((image, table, seen), prepared) = both?;
        let plan = Plan::new(
            &table,
            &seen.blank,
            &prepared.used,
            prepared.facts.serial_at,
        );
        Ok(Self {
            profile,
            image,
            table,
            seen,
            prepared,
            plan,
        })
    }

    fn line(&self, serial: Option<Serial>) -> CardLine {
        CardLine {
            format: manifest::FORMAT,
            serial: serial.map(|serial| serial.to_string()),
            profile: self.profile.name.clone(),
            programme: self.profile.programme.clone(),
            written: now().strftime("%Y-%m-%d").to_string(),
            depot: env!("CARGO_PKG_VERSION").to_owned(),
            image: ImageLine {
                version: self.profile.image.version.clone(),
                sha256: self.seen.sha256.clone(),
                parts: self.seen.parts.clone(),
            },
            data: DataLine {
                at: self.table.data.at,
                sha256: self.prepared.facts.sha256.clone(),
                bytes: self.prepared.facts.bytes,
                serial_at: self.plan.serial_at,
            },
            packs: self.prepared.facts.packs.clone(),
            battery_wh: self.profile.config.policy.capacity().get(),
        }
    }
}

/// The image, looked at, and the data, prepared.
fn both(
    recipe: &Recipe<'_>,
    desk: &Path,
    tell: Tell<'_>,
) -> Result<((File, Table, Seen), Prepared), String> {
    let looked = system::look(&recipe.profile.image, desk, tell)?;
    Ok((looked, Prepared::of(recipe, desk, tell)?))
}

/// Opens every card before the first is written: one that cannot be opened, or is too small, is told while nothing is lost.
fn open<'a>(targets: &'a [Target], plan: &Plan) -> Result<Vec<(&'a Target, Device)>, Failure> {
    let file = plan.least().next_multiple_of(END);
    let open = |target: &'a Target| {
        let device = Device::open(&target.path, target.used, file).map_err(|error| {
            Failure::NotDone(format!(
                "{} cannot be opened ({error}): is it in use, and may you write it?",
                target.path.display()
            ))
        })?;
        match write::small(&device, plan) {
            None => Ok((target, device)),
            Some(small) => Err(Failure::NotDone(format!(
                "{}: {small}",
                target.path.display()
            ))),
        }
    };
    targets.iter().map(open).collect()
}

/// A thread for each card. A card that fails is told, and the others go on; `done` keeps the line of one that is done. Answers how many failed.
fn write_all(
    common: &Common,
    cards: &[(&Target, Device)],
    serials: &[Option<Serial>],
    done: &mut dyn FnMut(usize) -> Result<(), String>,
) -> usize {
    let (say, heard) = mpsc::sync_channel(HEARD);
    thread::scope(|scope| {
        for (number, (_, device)) in cards.iter().enumerate() {
            let say = say.clone();
            let (image, data) = (&common.image, &common.prepared.file);
            let serial = serials.get(number).and_then(Option::as_ref);
            scope.spawn(move || {
                let sources = Sources {
                    image,
                    data,
                    serial,
                };
                let mut told = |phase, done, total| {
                    // What is not heard in time is old.
                    let _ = say.try_send(Said::Progress(number, phase, done, total));
                };
                let ended = write::write(device, &common.plan, &sources, &mut told);
                let _ = say.send(Said::Ended(number, ended));
            });
        }
        drop(say);
        follow(&heard, cards, serials, done)
    })
}

/// Tells what the writers say, until the last one has ended; how many failed.
fn follow(
    heard: &Receiver<Said>,
    cards: &[(&Target, Device)],
    serials: &[Option<Serial>],
    done: &mut dyn FnMut(usize) -> Result<(), String>,
) -> usize {
    let began = Instant::now();
    let names = cards.iter().map(|(target, _)| target.name.as_str());
    let mut shown: Vec<Progress> = names.map(Progress::new).collect();
    let (mut failed, mut last) = (0, Duration::ZERO);
    loop {
        let now = began.elapsed();
        match heard.recv_timeout(Duration::from_millis(500)) {
            Ok(Said::Progress(number, phase, done, total)) => {
                let card = shown.get_mut(number);
                let begun = card.is_some_and(|card| card.set(phase, done, total, now));
                if !begun && now < last + Duration::from_millis(250) && done < total {
                    continue;
                }
            }
            Ok(Said::Ended(number, ended)) => {
                shown::done();
                let name = shown.get_mut(number).map(|card| {
                    card.end();
                    card.name.as_str()
                });
                let (name, serial) = (name.unwrap_or_default(), serials.get(number));
                let well = ended_well(name, ended, serial, &mut || done(number));
                failed += usize::from(!well);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        last = now;
        shown::show(&mut shown, now);
    }
    shown::done();
    failed
}

/// Tells how one card ended; whether it is done, and its line kept.
fn ended_well(
    name: &str,
    ended: Result<(), CardError>,
    serial: Option<&Option<Serial>>,
    keep: &mut dyn FnMut() -> Result<(), String>,
) -> bool {
    let kept = ended.map_err(|error| error.to_string());
    match kept.and_then(|()| keep()) {
        Ok(()) => {
            let serial = serial
                .and_then(Option::as_ref)
                .map_or(String::new(), |serial| format!(", {serial}"));
            tell::say(&format!("{name}: written and compared{serial}"));
            true
        }
        Err(line) => {
            tell::warn(&format!("{name}: {line}"));
            false
        }
    }
}
