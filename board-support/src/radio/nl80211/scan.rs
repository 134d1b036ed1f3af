//! Who else is on the air.

use super::uapi::{SCAN_FLAG_AP, SCAN_FLAG_FLUSH, attribute, bss, command as ask};
use super::{Answer, Attributes, Deadline, Kernel, KernelError, NLM_F_DUMP, body, index};
use crate::radio::netlink::{Line, Refusal};
use crate::radio::route::Links;
use crate::radio::{Band, Channel, Heard, Mac, Permission};
use nix::errno::Errno;
use std::time::Duration;

/// Forty channels at 111 ms each (Linux, net/mac80211/scan.c), and as much again for the driver's own pauses.
const SCANNED_WITHIN: Duration = Duration::from_secs(8);
/// Of what is told, older sightings are left out: the kernel keeps them for 30 s.
const FRESH_MS: u32 = 10_000;
/// IEEE 802.11, 9.4.2.2: the element of the name.
const NAME_ELEMENT: u8 = 0;
const NAME_BYTES: usize = 32;

pub(super) fn scan(kernel: &mut Kernel, interface: &str) -> Result<Vec<Heard>, KernelError> {
    let index = index(interface)?;
    let mut links = Links::open()?;
    let was_up = links.find(interface)?.up;
    if !was_up {
        links.set_up(interface, true)?;
    }
    let heard = listen(kernel, interface, index);
    if !was_up {
        let _ = links.set_up(interface, false);
    }
    heard
}

fn listen(kernel: &mut Kernel, interface: &str, index: u32) -> Result<Vec<Heard>, KernelError> {
    let radios = kernel.radios()?;
    let channels = radios
        .into_iter()
        .find(|radio| radio.interface == interface);
    let channels = channels.map_or_else(Vec::new, |radio| radio.channels);
    let mut events = kernel.listening("scan")?;
    let what = || format!("scan on {interface}");
    trigger(kernel, index, &channels)?.map_err(|refusal| refusal.into_error(what()))?;
    wait(&mut events, index).map_err(|refusal| refusal.into_error(what()))?;
    let question = kernel
        .question(ask::GET_SCAN)
        .u32(attribute::IFINDEX, index);
    let answers = kernel.doing(NLM_F_DUMP, &question, || {
        format!("tell what {interface} heard")
    })?;
    Ok(heard(&answers))
}

/// Starts a scan; as an access point's where the radio is one and its driver wants that said. It listens and asks for no name: the wait for
/// an answer is shorter than the time between two beacons, and one that hides its name does not answer.
fn trigger(
    kernel: &mut Kernel,
    index: u32,
    channels: &[Channel],
) -> Result<Result<(), Refusal>, KernelError> {
    let mut refused = Refusal::Late;
    for flags in [
        Some(SCAN_FLAG_FLUSH),
        Some(SCAN_FLAG_FLUSH | SCAN_FLAG_AP),
        None,
    ] {
        let mut question = kernel
            .question(ask::TRIGGER_SCAN)
            .u32(attribute::IFINDEX, index);
        if channels.iter().any(is_heard) {
            let allowed = channels.iter().filter(|channel| is_heard(channel));
            question = question.nest(attribute::SCAN_FREQUENCIES, |list| {
                (1_u16..).zip(allowed).fold(list, |list, (place, channel)| {
                    list.u32(place, u32::from(channel.mhz))
                })
            });
        }
        if let Some(flags) = flags {
            question = question.u32(attribute::SCAN_FLAGS, flags);
        }
        match kernel.asked(0, &question)? {
            Ok(_) => return Ok(Ok(())),
            // Another program's scan: its end is ours.
            Err(refusal) if refusal.errno() == Some(Errno::EBUSY) => return Ok(Ok(())),
            Err(refusal) if refusal.errno() == Some(Errno::EOPNOTSUPP) => refused = refusal,
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    Ok(Err(refused))
}

/// Where a neighbour matters: on 5 GHz channels do not overlap, and where nothing may be sent first no cell of ours will be. A start of the box waits
/// for each channel a ninth of a second, and the world's rules have some twenty-five such.
fn is_heard(channel: &Channel) -> bool {
    match channel.permission {
        Permission::Forbidden => false,
        Permission::NoInitiate => channel.band == Band::Two,
        Permission::Free | Permission::Radar => true,
    }
}

fn wait(events: &mut Line, index: u32) -> Result<(), Refusal> {
    let until = Deadline::within(SCANNED_WITHIN);
    while let Some(told) = events.events(until)? {
        for (command, attributes) in told.iter().filter_map(body) {
            if attributes.u32(attribute::IFINDEX) != Some(index) {
                continue;
            }
            match command {
                ask::NEW_SCAN_RESULTS => return Ok(()),
                ask::SCAN_ABORTED => {
                    return Err(Refusal::Line(std::io::Error::other(
                        "it broke off; try again later",
                    )));
                }
                _ => {}
            }
        }
    }
    Err(Refusal::Late)
}

pub(super) fn heard(answers: &[Answer]) -> Vec<Heard> {
    let told = answers.iter().filter_map(body);
    told.filter_map(|(_, told)| one(told.within(attribute::BSS)))
        .collect()
}

fn one(told: Attributes<'_>) -> Option<Heard> {
    if told.u32(bss::SEEN_MS_AGO).unwrap_or(0) > FRESH_MS {
        return None;
    }
    let answered = told.get(bss::INFORMATION_ELEMENTS).and_then(name);
    let beacon = told.get(bss::BEACON_IES).and_then(name);
    let mac = told.array(bss::BSSID)?;
    Some(Heard {
        name: answered.or(beacon).unwrap_or_default(),
        mac: Mac(mac),
        mhz: u16::try_from(told.u32(bss::FREQUENCY)?).ok()?,
        dbm: dbm(told),
    })
}

/// Drivers that know no unit tell 0 to 100: taken as from -100 to -50 dBm, as wpa_supplicant's tools show it.
fn dbm(told: Attributes<'_>) -> i16 {
    let hundredths = told.i32(bss::SIGNAL_MBM);
    let exact = hundredths.and_then(|hundredths| i16::try_from(hundredths.div_euclid(100)).ok());
    let vague = || {
        told.u8(bss::SIGNAL_UNSPEC)
            .map(|share| i16::from(share.min(100)) / 2 - 100)
    };
    exact.or_else(vague).unwrap_or(-100)
}

/// The name among the elements; `None` where there is none or it is hidden (empty, or zeros).
fn name(mut elements: &[u8]) -> Option<String> {
    while let [kind, length, rest @ ..] = elements {
        let (value, after) = rest.split_at_checked(usize::from(*length))?;
        if *kind == NAME_ELEMENT {
            let hidden = value.iter().all(|byte| *byte == 0) || value.len() > NAME_BYTES;
            return (!hidden).then(|| String::from_utf8_lossy(value).into_owned());
        }
        elements = after;
    }
    None
}
