//! Which radio serves where. Pure: from what the radios can and what they hear to a place for each.
//!
//! * 2.4 GHz first: every phone has it, and the cheap ones have nothing else. Of several radios one serves it, the next 5 GHz if it can,
//!   then they take turns; no two radios share a channel.
//! * On 2.4 GHz channels 1, 6 and 11, which do not overlap; on 5 GHz every channel.
//! * Only channels on which beacons may be sent at once. One that wants a minute of listening for radar is taken only where a radio has
//!   no other, and never one that is forbidden.
//! * Of those the one with the least load: the sum over all networks heard of how far they overlap, times how far they stand above
//!   [`NOISE_DBM`]. At night a radio moves only to a channel that has a quarter less.
//! * What was asked for and cannot be is served otherwise, and said in a line.

use board_support::radio::{Band, Channel, Heard, Permission, RadioFacts};
use std::collections::HashMap;

/// What cannot be told from noise, dBm: the sensitivity that IEEE 802.11 asks of a receiver at its lowest rates, and some.
const NOISE_DBM: i16 = -95;
/// A network is 20 MHz wide.
const WIDTH_MHZ: u16 = 20;
/// Channels of 2.4 GHz that do not overlap.
const APART: [u8; 3] = [1, 6, 11];

/// What the configuration asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Asked {
    pub(super) band: Option<Band>,
    pub(super) channel: Option<u8>,
}

/// A radio and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) interface: String,
    pub(super) channel: Channel,
}

/// Where all serve, and a line for each that does not, or not as asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Choice {
    pub(super) placed: Vec<Placed>,
    pub(super) trouble: Vec<String>,
}

/// The place of each radio. `now`: where they serve at present, to be left only for a clear gain.
pub(super) fn choose(
    radios: &[RadioFacts],
    heard: &[Heard],
    asked: Asked,
    now: &HashMap<String, Channel>,
) -> Choice {
    let mut choice = Choice::default();
    for radio in radios.iter().filter(|radio| !radio.access_point) {
        choice.trouble.push(format!(
            "radio {} ({}) cannot be an access point: use a USB adapter of the list, or an access point on the cable",
            radio.interface, radio.driver
        ));
    }
    // Who has one band only chooses first.
    let mut able: Vec<&RadioFacts> = radios.iter().filter(|radio| radio.access_point).collect();
    able.sort_by_key(|radio| bands(radio).len());
    let mut unmet = None;
    for radio in able {
        let taken: Vec<Channel> = choice.placed.iter().map(|placed| placed.channel).collect();
        let best = place(radio, heard, asked, &taken, now.get(&radio.interface));
        match best {
            Some((channel, met)) => {
                if !met {
                    unmet.get_or_insert((radio, channel));
                }
                choice.placed.push(Placed {
                    interface: radio.interface.clone(),
                    channel,
                });
            }
            None => choice.trouble.push(no_place(radio, &taken)),
        }
    }
    choice
        .trouble
        .extend(unmet.map(|(radio, channel)| not_as_asked(radio, asked, &channel)));
    if radios.is_empty() {
        choice.trouble.push(
            "there is no radio: plug in a USB adapter of the list, or an access point into the cable".to_owned(),
        );
    }
    choice
}

fn bands(radio: &RadioFacts) -> Vec<Band> {
    let has = |band| {
        let may = |channel: &&Channel| channel.band == band && usable(channel);
        radio.channels.iter().any(|channel| may(&channel))
    };
    [Band::Two, Band::Five]
        .into_iter()
        .filter(|band| has(*band))
        .collect()
}

const fn usable(channel: &Channel) -> bool {
    matches!(channel.permission, Permission::Free | Permission::Radar)
}

/// The best channel of a radio beside those taken, and whether it is as asked.
fn place(
    radio: &RadioFacts,
    heard: &[Heard],
    asked: Asked,
    taken: &[Channel],
    now: Option<&Channel>,
) -> Option<(Channel, bool)> {
    let free = |channel: &&Channel| {
        channel.permission == Permission::Free
            && taken
                .iter()
                .all(|other| overlap(channel.mhz, other.mhz) == 0)
    };
    let apart = |channel: &&Channel| channel.band == Band::Five || APART.contains(&channel.number);
    let of_band = |channel: &&Channel| asked.band.is_none_or(|band| channel.band == band);
    if let Some(number) = asked.channel.filter(|_| taken.is_empty()) {
        let is_it = |channel: &&Channel| channel.number == number;
        if let Some(channel) = radio
            .channels
            .iter()
            .filter(is_it)
            .filter(of_band)
            .find(free)
        {
            return Some((*channel, true));
        }
    }
    // Two radios do not fit on one asked channel: the second serves beside it, which is no trouble.
    let met_channel = asked.channel.is_none() || !taken.is_empty();
    let all = || radio.channels.iter();
    let fits = |channel: &&Channel| {
        taken
            .iter()
            .all(|other| overlap(channel.mhz, other.mhz) == 0)
    };
    let radar = |channel: &&Channel| channel.permission == Permission::Radar && fits(channel);
    let sets: [Vec<&Channel>; 6] = [
        all().filter(free).filter(of_band).filter(apart).collect(),
        all().filter(free).filter(of_band).collect(),
        all().filter(free).filter(apart).collect(),
        all().filter(free).collect(),
        all().filter(radar).filter(of_band).collect(),
        all().filter(radar).collect(),
    ];
    let set = sets.into_iter().find(|set| !set.is_empty())?;
    let best = quietest(&in_wanted_band(set, taken), heard, now)?;
    Some((best, met_channel && of_band(&&best)))
}

/// 2.4 GHz as long as no radio serves it, else the band with fewer radios.
fn in_wanted_band<'a>(set: Vec<&'a Channel>, taken: &[Channel]) -> Vec<&'a Channel> {
    let serving = |band| taken.iter().filter(|channel| channel.band == band).count();
    let wanted = match serving(Band::Two) > serving(Band::Five) {
        true => Band::Five,
        false => Band::Two,
    };
    let wished: Vec<&Channel> = set
        .iter()
        .copied()
        .filter(|channel| channel.band == wanted)
        .collect();
    if wished.is_empty() { set } else { wished }
}

/// The least load; of equals the lowest number. `now` stays where no other has a quarter less.
fn quietest(set: &[&Channel], heard: &[Heard], now: Option<&Channel>) -> Option<Channel> {
    let best = set
        .iter()
        .min_by_key(|channel| (load(channel.mhz, heard), channel.number))?;
    let stays = now.and_then(|now| set.iter().find(|channel| channel.mhz == now.mhz));
    match stays {
        Some(stays) if load(best.mhz, heard) * 4 >= load(stays.mhz, heard) * 3 => Some(**stays),
        Some(_) | None => Some(**best),
    }
}

/// What the networks heard ask of a channel.
pub(super) fn load(mhz: u16, heard: &[Heard]) -> u64 {
    let one = |heard: &Heard| {
        let above = u64::try_from(heard.dbm.saturating_sub(NOISE_DBM)).unwrap_or(0);
        above * u64::from(overlap(mhz, heard.mhz))
    };
    heard.iter().map(one).sum()
}

/// MHz that two networks share.
fn overlap(one: u16, other: u16) -> u16 {
    WIDTH_MHZ.saturating_sub(one.abs_diff(other))
}

fn no_place(radio: &RadioFacts, taken: &[Channel]) -> String {
    let rules = rules(radio);
    match bands(radio).is_empty() {
        true => format!(
            "radio {} may send on no channel under the rules {rules}: set air.country to the country that the school is in",
            radio.interface
        ),
        false => format!(
            "radio {} stays silent: {} others leave no channel free for it; unplug it",
            radio.interface,
            taken.len()
        ),
    }
}

fn rules(radio: &RadioFacts) -> String {
    radio.country.map_or_else(
        || "that hold everywhere".to_owned(),
        |country| format!("of {}", String::from_utf8_lossy(&country.0)),
    )
}

fn not_as_asked(radio: &RadioFacts, asked: Asked, served: &Channel) -> String {
    let ghz = |band| match band {
        Band::Two => "2.4",
        Band::Five => "5",
    };
    let place = format!("channel {} ({} GHz)", served.number, ghz(served.band));
    let Some(number) = asked.channel else {
        let band = asked.band.map_or("?", ghz);
        return format!(
            "air.band_ghz = {band}: radio {} may not serve there under the rules {}: it serves on {place}; remove the key",
            radio.interface,
            rules(radio)
        );
    };
    let there = radio.channels.iter().find(|channel| {
        channel.number == number && asked.band.is_none_or(|band| band == channel.band)
    });
    let why = match there.map(|channel| channel.permission) {
        None => "is none of the radio's".to_owned(),
        Some(Permission::Radar) => {
            format!("may be taken by radar under the rules {}", rules(radio))
        }
        Some(Permission::Free | Permission::NoInitiate | Permission::Forbidden) => {
            format!("is not allowed under the rules {}", rules(radio))
        }
    };
    format!(
        "air.channel = {number} {why}: {} serves on {place}; give another channel, or remove the key",
        radio.interface
    )
}

/// Somebody else's network of our name: phones would join whichever is louder.
pub(super) fn namesake(name: &str, heard: &[Heard], radios: &[RadioFacts]) -> Option<String> {
    let ours = |heard: &Heard| radios.iter().any(|radio| radio.mac == heard.mac);
    heard
        .iter()
        .any(|heard| heard.name == name && !ours(heard))
        .then(|| {
            format!("another network nearby is called {name} too: phones may join the wrong one; give this one another name with air.network")
        })
}

#[cfg(test)]
mod tests;
