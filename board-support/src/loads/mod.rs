//! What a load plan does to the machine: rails, processor, picture output, radio. The power latch is not among them: the kernel raises
//! it, last of all, when the machine is shut down.
//!
//! | file | follows | by |
//! |---|---|---|
//! | `rails` | `usb_charging`, `projector`, `radio` | lines of the board |
//! | `cpu` | `cpu` | the governor of each frequency policy |
//! | `display` | `display` | the force word of each HDMI connector |
//! | `rfkill` | `radio` | the soft block of every Wi-Fi radio, those that are plugged in later too |
//!
//! `radio_dbm` is for the service that runs the access point.

mod cpu;
mod display;
mod rails;
mod rfkill;

pub(crate) use rails::{LineLoads, set};

use crate::absent::NoSwitches;
use crate::boot_control::booted_slot;
use crate::error::chain;
use crate::files::{self, write_error};
use crate::{BoardError, error};
use cpu::Governors;
use display::Displays;
use embedded_hal::digital::OutputPin;
use ota::Slot;
use power_mgmt::LoadPlan;
use rfkill::WifiBlock;
use std::convert::Infallible;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What the plan switches on this board.
pub trait LoadSwitches: Send {
    /// Switches everything as the plan says. The same plan again changes nothing, but reaches what has come since (a module that was loaded late).
    ///
    /// # Errors
    /// [`BoardError::Write`] or [`BoardError::Read`], several in one; everything was tried. What fails again in the same words is told once.
    fn apply(&mut self, plan: &LoadPlan) -> Result<(), BoardError>;

    /// Drops every rail, for the box is about to be switched off. The machine itself is shut down afterwards by whoever started the box.
    ///
    /// # Errors
    /// As [`LoadSwitches::apply`].
    fn power_off(&mut self) -> Result<(), BoardError>;
}

/// The switches of a board with rails.
pub(crate) fn of_the_machine<P>(rails: LineLoads<P>) -> Box<dyn LoadSwitches>
where
    P: OutputPin<Error = Infallible> + Send + 'static,
{
    let mut parts = machine_parts(booted_slot(), Path::new("/"));
    // First: they are what draws most, and they cannot fail.
    parts.insert(0, Box::new(rails));
    Box::new(Together::new(parts))
}

/// The switches of a board without rails; `booted` is the slot of our image that runs, if it does.
pub(crate) fn without_rails(booted: Option<Slot>) -> Box<dyn LoadSwitches> {
    match machine_parts(booted, Path::new("/")) {
        none if none.is_empty() => Box::new(NoSwitches),
        parts => Box::new(Together::new(parts)),
    }
}

/// Processor, picture output and radio of the machine whose file systems are below `root`. Only a machine that runs our image is a box through and
/// through: on any other they are its owner's, who would find a slow computer with a dark screen and no network.
fn machine_parts(booted: Option<Slot>, root: &Path) -> Vec<Box<dyn LoadSwitches>> {
    match booted {
        None => Vec::new(),
        Some(_) => vec![
            Box::new(Governors::new(root)),
            Box::new(Displays::new(root)),
            Box::new(WifiBlock::new(root)),
        ],
    }
}

/// Several switches as one: all are tried, whichever fail.
struct Together {
    parts: Vec<Box<dyn LoadSwitches>>,
    /// What was wrong at the last try.
    told: Option<String>,
}

impl Together {
    const fn new(parts: Vec<Box<dyn LoadSwitches>>) -> Self {
        Self { parts, told: None }
    }

    fn each(
        &mut self,
        act: impl Fn(&mut dyn LoadSwitches) -> Result<(), BoardError>,
    ) -> Result<(), BoardError> {
        let tried = self.parts.iter_mut().map(|part| act(part.as_mut()));
        let outcome = error::all(tried);
        let now = outcome.as_ref().err().map(|error| chain(error));
        let known = now.is_some() && now == self.told;
        self.told = now;
        if known { Ok(()) } else { outcome }
    }
}

impl LoadSwitches for Together {
    fn apply(&mut self, plan: &LoadPlan) -> Result<(), BoardError> {
        self.each(|part| part.apply(plan))
    }

    fn power_off(&mut self) -> Result<(), BoardError> {
        self.each(|part| part.power_off())
    }
}

/// Writes `bytes` at once into a file of the kernel's. `false`: there is no such file.
fn put(path: &Path, bytes: &[u8]) -> Result<bool, BoardError> {
    match files::write_in_place(path, bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(source) => Err(write_error(path, source)),
    }
}

/// What lies in `folder` under a name that `is_meant`, in the order of the names; nothing where there is no such folder.
fn entries(folder: &Path, is_meant: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, BoardError> {
    let read = |source| BoardError::Read {
        path: folder.to_owned(),
        source,
    };
    let listed = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed.map_err(read)?,
    };
    let mut paths = Vec::new();
    for entry in listed {
        let path = entry.map_err(read)?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if name.is_some_and(&is_meant) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests;
