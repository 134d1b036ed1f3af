//! Whose rules of the air hold.

use super::uapi::{attribute, command as ask};
use super::{Attributes, Deadline, Kernel, KernelError, Writer, body, database};
use crate::error::shortened;
use crate::files::read_bytes;
use crate::radio::Country;
use std::path::Path;
use std::time::Duration;

/// What [`super::Kernel::follow`] may take: the kernel reads its data base from the disk the first time.
const FOLLOWED_WITHIN: Duration = Duration::from_millis(1800);

/// Where the kernel reads its data base (net/wireless/reg.c).
const DATABASE: &str = "/lib/firmware/regulatory.db";

/// Two letters or digits as the kernel names rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rules([u8; 2]);

impl Rules {
    /// `98`: what a country's rules and the radio's own have in common (kernel, net/wireless/reg.c).
    const COMMON: Self = Self(*b"98");

    /// `None` for the world's (`00`) and for those that no country has.
    pub(super) fn country(self) -> Option<Country> {
        let letters = self.0.iter().all(u8::is_ascii_uppercase);
        letters.then_some(Country(self.0))
    }

    fn name(self) -> String {
        match self.country() {
            Some(Country(letters)) => String::from_utf8_lossy(&letters).into_owned(),
            None => "the whole world".to_owned(),
        }
    }
}

pub(super) fn holding(kernel: &mut Kernel) -> Result<Rules, KernelError> {
    let question = kernel.question(ask::GET_REG);
    asked(kernel, &question)
}

/// Those of one radio: it may have rules of its own.
pub(super) fn holding_for(kernel: &mut Kernel, wiphy: u32) -> Result<Rules, KernelError> {
    let question = kernel.question(ask::GET_REG).u32(attribute::WIPHY, wiphy);
    asked(kernel, &question)
}

fn asked(kernel: &mut Kernel, question: &Writer) -> Result<Rules, KernelError> {
    let answers = kernel.doing(0, question, || {
        "tell whose rules of the air hold".to_owned()
    })?;
    let told = answers.iter().filter_map(body);
    let rules = told.filter_map(|(_, told)| rules(told)).next();
    Ok(rules.unwrap_or(Rules(*b"00")))
}

pub(super) fn rules(told: Attributes<'_>) -> Option<Rules> {
    told.array(attribute::REG_ALPHA2).map(Rules)
}

pub(super) fn follow(kernel: &mut Kernel, country: Country) -> Result<(), KernelError> {
    let Country(letters) = country;
    let wanted = Rules(letters);
    // The list begins the file, and is shorter than what is read of it.
    let listed = read_bytes(Path::new(DATABASE)).ok();
    let known = listed.and_then(|bytes| database::knows(&bytes, country));
    if wanted.country().is_none() || known == Some(false) {
        return Err(KernelError::UnknownCountry {
            country: shortened(&String::from_utf8_lossy(&letters)),
        });
    }
    if holding(kernel)? == wanted {
        return Ok(());
    }
    let mut events = kernel.listening("regulatory")?;
    // One that was built in looked for it before there was a disk. Where there is none at all, what follows tells.
    let _ = kernel.asked(0, &kernel.question(ask::RELOAD_REGDB))?;
    let question = kernel
        .question(ask::REQ_SET_REG)
        .put(attribute::REG_ALPHA2, &[letters[0], letters[1], 0]);
    let name = wanted.name();
    let _ = kernel.doing(0, &question, || {
        format!("follow the rules of the air of {name}")
    })?;
    // The answer to that is always yes; what came of it is told as an event, or never.
    let until = Deadline::within(FOLLOWED_WITHIN);
    loop {
        let holds = holding(kernel)?;
        if holds == wanted || holds == Rules::COMMON {
            return Ok(());
        }
        if !matches!(events.events(until), Ok(Some(_))) {
            return Err(KernelError::NotFollowed {
                country: name,
                holds: holds.name(),
            });
        }
    }
}
