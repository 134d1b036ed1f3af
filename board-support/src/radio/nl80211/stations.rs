//! Who is at an access point, and what its radio hears.

use super::uapi::{attribute, command as ask, station, survey};
use super::{Answer, Attributes, Kernel, KernelError, NLM_F_DUMP, body, index};
use crate::radio::route::Links;
use crate::radio::{Mac, Station};
use std::time::Duration;

pub(super) fn stations(kernel: &mut Kernel, interface: &str) -> Result<Vec<Station>, KernelError> {
    let question = kernel
        .question(ask::GET_STATION)
        .u32(attribute::IFINDEX, index(interface)?);
    let answers = kernel.doing(NLM_F_DUMP, &question, || {
        format!("list the devices at {interface}")
    })?;
    let mut stations = listed(&answers);
    stations.sort_by_key(|station| station.mac);
    Ok(stations)
}

/// Those who have shown that they know the phrase.
pub(super) fn listed(answers: &[Answer]) -> Vec<Station> {
    let told = answers.iter().filter_map(body);
    told.filter_map(|(_, told)| {
        let of = told.within(attribute::STA_INFO);
        if !may_be_there(of) {
            return None;
        }
        let signal = of.u8(station::SIGNAL).or(of.u8(station::SIGNAL_AVG));
        let idle = of.u32(station::INACTIVE_TIME).unwrap_or(0);
        Some(Station {
            mac: Mac(told.array(attribute::MAC)?),
            dbm: signal.map(|byte| i16::from(byte.cast_signed())),
            kbit_s: rate(of.within(station::TX_BITRATE)),
            idle: Duration::from_millis(u64::from(idle)),
            addresses: Vec::new(),
        })
    })
    .collect()
}

/// Whoever tries keys at the door has no seat, is no guest, and hides no deaf radio. A driver that tells nothing of it is believed.
fn may_be_there(of: Attributes<'_>) -> bool {
    let Some([t0, t1, t2, t3, s0, s1, s2, s3]) = of.array(station::FLAGS) else {
        return true;
    };
    let told = u32::from_ne_bytes([t0, t1, t2, t3]);
    let set = u32::from_ne_bytes([s0, s1, s2, s3]);
    told & station::AUTHORIZED == 0 || set & station::AUTHORIZED != 0
}

fn rate(of: Attributes<'_>) -> Option<u32> {
    let narrow = of.u16(station::BITRATE).map(u32::from);
    let hundreds = of.u32(station::BITRATE32).or(narrow)?;
    Some(hundreds.saturating_mul(100)).filter(|rate| *rate > 0)
}

pub(super) fn frames_heard(
    kernel: &mut Kernel,
    interface: &str,
) -> Result<Option<u64>, KernelError> {
    let frames = Links::open()?.find(interface)?.frames_received;
    let (_, known) = super::radios::known_of(&kernel.sys, interface);
    let air = if known.survey {
        // A driver without a survey refuses; then the frames are all there is.
        surveyed(kernel, index(interface)?)?
    } else {
        None
    };
    Ok(match (frames, air) {
        (None, None) => None,
        (frames, air) => Some(frames.unwrap_or(0).saturating_add(air.unwrap_or(0))),
    })
}

fn surveyed(kernel: &mut Kernel, index: u32) -> Result<Option<u64>, KernelError> {
    let question = kernel
        .question(ask::GET_SURVEY)
        .u32(attribute::IFINDEX, index);
    Ok(match kernel.asked(NLM_F_DUMP, &question)? {
        Ok(answers) => received_ms(&answers),
        Err(_) => None,
    })
}

/// Of the channel in use.
pub(super) fn received_ms(answers: &[Answer]) -> Option<u64> {
    let told = answers.iter().filter_map(body);
    told.map(|(_, told)| told.within(attribute::SURVEY_INFO))
        .filter(|of| of.has(survey::IN_USE))
        .find_map(|of| of.u64(survey::TIME_RX))
}
