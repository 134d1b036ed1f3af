//! What the box does from one start to the next: the loader picks a slot, the start is reconciled, a trial is confirmed, an update is looked for,
//! fetched, installed, activated. And what must hold at each start, whatever was cut before.

use super::Draw;
use super::card::{Card, Cut, Media};
use super::ports::{Choice, Fetched, Memory, Slots, Trust, store, stored};
use super::repository::BOARD;
use super::world::World;
use ota::fetch::Fetched as Ended;
use ota::fetch::{Budget, Go};
use ota::install::{Desk, InstallError, TRIES};
use ota::ledger::ATTEMPTS_AT_MOST;
use ota::look::{Here, Offer, look};
use ota::source::Source;
use ota::trust::Today;
use ota::{AtStart, BootControl as _, Slot, StateStore as _, Stored, reconcile};
use std::fmt;

/// Why a life ended before its aim.
#[derive(Debug)]
pub(crate) enum End {
    /// The power was cut.
    Cut,
    /// What must hold did not.
    Broken(String),
}

/// A box that is switched on.
pub(crate) struct Power<'a> {
    pub(crate) card: Card,
    pub(crate) world: &'a World,
}

impl Power<'_> {
    fn end<E: fmt::Display>(&self, what: &'static str) -> impl Fn(E) -> End + use<E> {
        let dead = self.card.media().dead;
        move |error| match dead {
            true => End::Cut,
            false => End::Broken(format!("{what}: {error}")),
        }
    }

    fn failed<E: fmt::Display>(&self, what: &'static str, error: E) -> End {
        self.end(what)(error)
    }

    /// From the loader to a restart on purpose; `true`: there is nothing left to do.
    pub(crate) fn live(&self) -> Result<bool, End> {
        let (slot, version) = self.boot()?;
        let trial = self.start(slot, version)?;
        if trial && Some(version) == self.world.bad {
            self.give_up(slot)?;
            return Ok(false);
        }
        if trial {
            self.confirm(slot, version)?;
        }
        let mut memory = Memory(self.card.clone());
        let mut parcels = Fetched(self.card.clone());
        ota::install::confirmed(slot, version, &mut parcels, &mut memory)
            .map_err(|error| self.failed("confirmed", error))?;
        if memory.load().floor < version {
            return Err(End::Broken(format!("the floor is below {version}")));
        }
        self.update(slot, version)
    }

    /// The model of the boot loader: it reads the choice, spends a try, starts the slot. The kernel and dm-verity start only what is whole.
    fn boot(&self) -> Result<(Slot, u64), End> {
        let Some((_, _, choice)) = stored(&self.card) else {
            return Err(End::Broken("no boot choice is whole".to_owned()));
        };
        let (slot, after) = choice.boot();
        if after != choice {
            store(&self.card, after).map_err(|error| self.failed("the loader", error))?;
        }
        let Some(version) = self.world.in_slot(&self.card, slot) else {
            let why = format!("{choice:?} boots {slot}, which holds no release that was trusted");
            return Err(End::Broken(why));
        };
        let confirmed = self.card.media().confirmed;
        if version < confirmed {
            let why = format!("version {version} runs after {confirmed} was confirmed");
            return Err(End::Broken(why));
        }
        Ok((slot, version))
    }

    fn start(&self, slot: Slot, version: u64) -> Result<bool, End> {
        let mut choice = self.choice(slot);
        let flags = choice.load().map_err(|error| self.failed("load", error))?;
        let memory = Memory(self.card.clone());
        let before = memory.record();
        let step = reconcile(slot, Stored::Choice(flags.choice()), &before);
        if step.record != before {
            memory
                .save_record(&step.record)
                .map_err(|error| self.failed("record", error))?;
        }
        if let Some(settled) = step.choice {
            let flags = ota::BootFlags::new(slot, settled);
            choice
                .commit(&flags)
                .map_err(|error| self.failed("reconcile", error))?;
        }
        match step.found {
            AtStart::Trial { .. } => Ok(true),
            // Nothing is settled on that was not confirmed; a cut may have come between the confirmation and its being told.
            AtStart::Settled => {
                self.card.media().confirmed = version;
                Ok(false)
            }
            AtStart::FellBack { .. } => Ok(false),
            found @ (AtStart::Untried { .. }
            | AtStart::Leaving { .. }
            | AtStart::Unnamed { .. }) => {
                Err(End::Broken(format!("version {version} found {found:?}")))
            }
        }
    }

    fn choice(&self, running: Slot) -> Choice {
        Choice {
            card: self.card.clone(),
            running,
        }
    }

    fn confirm(&self, slot: Slot, version: u64) -> Result<(), End> {
        let mut choice = self.choice(slot);
        let mut flags = choice.load().map_err(|error| self.failed("load", error))?;
        flags
            .confirm()
            .map_err(|error| self.failed("confirm", error))?;
        choice
            .commit(&flags)
            .map_err(|error| self.failed("confirm", error))?;
        self.card.media().confirmed = version;
        Ok(())
    }

    /// Back to the slot that was good, and not for ever anew.
    fn give_up(&self, slot: Slot) -> Result<(), End> {
        let mut choice = self.choice(slot);
        let mut flags = choice.load().map_err(|error| self.failed("load", error))?;
        flags
            .roll_back()
            .map_err(|error| self.failed("give up", error))?;
        let at_most = u32::from(ATTEMPTS_AT_MOST) * u32::from(TRIES);
        self.card.media().trials += 1;
        if self.card.media().trials > at_most {
            return Err(End::Broken("it is tried again and again".to_owned()));
        }
        choice
            .commit(&flags)
            .map_err(|error| self.failed("give up", error))
    }

    fn update(&self, slot: Slot, version: u64) -> Result<bool, End> {
        let at = self.world.releases.iter();
        let at = at.take_while(|release| release.version < version).count();
        let mut shelf = self.world.shelves[at].clone();
        self.update_from(&mut shelf, slot, version)
    }

    pub(crate) fn update_from(
        &self,
        source: &mut dyn Source,
        slot: Slot,
        version: u64,
    ) -> Result<bool, End> {
        let here = Here {
            board: BOARD.to_owned(),
            version,
            box_id: "00112233445566778899aabbccddeeff".to_owned(),
        };
        let mut memory = Memory(self.card.clone());
        let ledger = memory.load();
        let mut trust = Trust(self.card.clone());
        let looked = look(source, &mut trust, Today::Unknown, &here, &ledger, false);
        let (offer, _) = looked.map_err(|error| self.failed("look", error))?;
        let (wanted, bytes) = match offer {
            Offer::Release { wanted, bytes, .. } => (wanted, bytes),
            Offer::UpToDate { .. } if version == self.world.newest() => return Ok(true),
            Offer::GivenUp { version } if Some(version) == self.world.bad => return Ok(true),
            offer @ (Offer::UpToDate { .. } | Offer::NotYet { .. } | Offer::GivenUp { .. }) => {
                return Err(End::Broken(format!(
                    "version {version} is offered {offer:?}"
                )));
            }
        };
        let (mut disks, mut boot) = (
            Slots {
                card: self.card.clone(),
                running: slot,
            },
            self.choice(slot),
        );
        let mut parcels = Fetched(self.card.clone());
        let mut desk = Desk {
            disks: &mut disks,
            boot: &mut boot,
            parcels: &mut parcels,
            state: &mut memory,
        };
        ota::install::want(&mut desk, &wanted, &bytes)
            .map_err(|error| self.failed("want", error))?;
        self.get(&mut desk, source)?;
        match ota::install::activate(&mut desk) {
            // It looks once more, and is told so.
            Ok(()) | Err(InstallError::GivenUp { .. }) => Ok(false),
            Err(error) => Err(self.failed("activate", error)),
        }
    }

    /// Fetch, install, and once more where more is needed.
    fn get(&self, desk: &mut Desk<'_>, source: &mut dyn Source) -> Result<(), End> {
        for _ in 0..4 {
            let mut budget = Budget(u64::MAX);
            let fetched = ota::install::fetch(desk, source, &mut budget, &mut |_| Go::On);
            let fetched = fetched.map_err(|error| self.failed("fetch", Told(error)))?;
            if fetched != Ended::All {
                return Err(End::Broken(format!("the fetch ended {fetched:?}")));
            }
            match ota::install::install(desk, &mut |_| Go::On) {
                Ok(Ended::All) => return Ok(()),
                Err(InstallError::Incomplete) => {}
                Ok(other) => return Err(End::Broken(format!("the install ended {other:?}"))),
                Err(error) => return Err(self.failed("install", Told(error))),
            }
        }
        Err(End::Broken("it never has all".to_owned()))
    }
}

/// An error with its causes.
pub(crate) struct Told<E>(pub(crate) E);

impl<E: std::error::Error> fmt::Display for Told<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// Lives until the newest release is confirmed, cut at these steps of the lives that follow each other; in the end nothing is cut. Gives the card
/// as it is then.
pub(crate) fn live_on(
    mut media: Media,
    world: &World,
    cuts: &[(u64, Cut)],
    draw: &mut Draw,
) -> Result<Media, End> {
    let mut cuts = cuts.iter();
    let mut next = cuts.next();
    for _ in 0..60 {
        if let Some((step, _)) = next {
            media.cut_at(*step);
        }
        let card = Card::new(media);
        let lived = live_once(&card, world);
        media = card.media().clone();
        match lived {
            Ok(true) => return Ok(media),
            // Restarted on purpose.
            Ok(false) => {}
            Err(End::Cut) => {
                let cut = next.map_or(Cut::Lost, |(_, cut)| *cut);
                media.cut(cut, draw);
                next = cuts.next();
            }
            Err(broken @ End::Broken(_)) => return Err(broken),
        }
    }
    Err(End::Broken("the box never comes to rest".to_owned()))
}

/// From one start to a cut, a restart on purpose, or, `true`, to the end: the newest release runs, confirmed.
pub(crate) fn live_once(card: &Card, world: &World) -> Result<bool, End> {
    let card = card.clone();
    let power = Power { card, world };
    let done = power.live()?;
    let confirmed = power.card.media().confirmed;
    if done && confirmed != world.aim() {
        return Err(End::Broken("the newest was never confirmed".to_owned()));
    }
    Ok(done)
}

/// The card as a cut at each step of a life without cuts would find it.
pub(crate) fn every_step(world: &World, first: Media) -> Vec<Media> {
    let mut media = first;
    let mut seen = Vec::new();
    loop {
        let card = Card::watched(media);
        let done = live_once(&card, world).unwrap();
        seen.extend(card.seen());
        media = card.media().clone();
        if done {
            return seen;
        }
    }
}
