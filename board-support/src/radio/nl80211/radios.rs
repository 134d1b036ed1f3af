//! Wiphys and interfaces to radios.

use super::uapi::{attribute, band, command as ask, frequency, iftype};
use super::{Answer, Attributes, Kernel, KernelError, NLM_F_DUMP, body, regulatory};
use crate::files::read_bytes;
use crate::radio::drivers::{self, Known, Seen};
use crate::radio::{Band, Channel, Mac, Permission, RadioFacts};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

/// Where the driver finds the firmware of the BCM43455 (Pi 3B+, 4, 5).
const CYPRESS_FIRMWARE: &str = "/lib/firmware/cypress/cyfmac43455-sdio.bin";
/// Linux, include/linux/mmc/sdio_ids.h: `SDIO_DEVICE_ID_BROADCOM_43455`.
const SDIO_43455: &[u8] = b"0xa9bf";

/// What the kernel tells of a wiphy, over several messages.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Wiphy {
    pub(super) access_point: bool,
    pub(super) stations_at_most: Option<u32>,
    /// By MHz.
    pub(super) channels: BTreeMap<u16, Channel>,
}

/// An interface of a wiphy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Interface {
    pub(super) index: u32,
    pub(super) wiphy: u32,
    pub(super) name: String,
    pub(super) mac: Mac,
    pub(super) kind: u32,
}

pub(super) fn radios(kernel: &mut Kernel) -> Result<Vec<RadioFacts>, KernelError> {
    let question = kernel
        .question(ask::GET_WIPHY)
        .put(attribute::SPLIT_WIPHY_DUMP, &[]);
    let told = kernel.doing(NLM_F_DUMP, &question, || "list its radios".to_owned())?;
    let wiphys = wiphys(&told);
    let question = kernel.question(ask::GET_INTERFACE);
    let told = kernel.doing(NLM_F_DUMP, &question, || {
        "list the interfaces of its radios".to_owned()
    })?;
    let mut radios = Vec::new();
    for interface in first_of_each(interfaces(&told)) {
        let Some(wiphy) = wiphys.get(&interface.wiphy) else {
            continue;
        };
        // A radio that is pulled out just now has rules no longer.
        let holding = regulatory::holding_for(kernel, interface.wiphy).ok();
        let (driver, known) = known_of(&kernel.sys, &interface.name);
        radios.push(RadioFacts {
            access_point: wiphy.access_point,
            clients_at_most: known.clients_at_most(wiphy.stations_at_most),
            wpa3: known.wpa3,
            channels: wiphy.channels.values().copied().collect(),
            country: holding.and_then(|holding| holding.country()),
            mac: interface.mac,
            interface: interface.name,
            driver,
        });
    }
    radios.sort_by(|a, b| a.interface.cmp(&b.interface));
    Ok(radios)
}

pub(super) fn wiphys(answers: &[Answer]) -> BTreeMap<u32, Wiphy> {
    let mut wiphys: BTreeMap<u32, Wiphy> = BTreeMap::new();
    for (_, told) in answers.iter().filter_map(body) {
        if let Some(number) = told.u32(attribute::WIPHY) {
            wiphys.entry(number).or_default().learn(told);
        }
    }
    wiphys
}

impl Wiphy {
    fn learn(&mut self, told: Attributes<'_>) {
        let mut kinds = told.within(attribute::SUPPORTED_IFTYPES).iter();
        self.access_point |= kinds.any(|(kind, _)| u32::from(kind) == iftype::AP);
        self.stations_at_most = told
            .u32(attribute::MAX_AP_ASSOC_STA)
            .or(self.stations_at_most);
        for (number, of_band) in told.within(attribute::WIPHY_BANDS).each() {
            let Some(band) = band_of(number) else {
                continue;
            };
            let channels = of_band.within(band::FREQS).each();
            let channels = channels.filter_map(|(_, told)| channel(band, told));
            self.channels
                .extend(channels.map(|channel| (channel.mhz, channel)));
        }
    }
}

/// The bands that a school's phones have.
const fn band_of(number: u16) -> Option<Band> {
    match number {
        band::TWO => Some(Band::Two),
        band::FIVE => Some(Band::Five),
        _ => None,
    }
}

fn channel(band: Band, told: Attributes<'_>) -> Option<Channel> {
    let mhz = u16::try_from(told.u32(frequency::FREQ)?).ok()?;
    let hundredths = told.u32(frequency::MAX_TX_POWER).unwrap_or(0);
    let permission = if told.has(frequency::DISABLED) {
        Permission::Forbidden
    } else if told.has(frequency::NO_IR) {
        Permission::NoInitiate
    } else if told.has(frequency::RADAR) {
        Permission::Radar
    } else {
        Permission::Free
    };
    Some(Channel {
        band,
        number: number_of(band, mhz)?,
        mhz,
        dbm_at_most: u8::try_from(hundredths / 100).unwrap_or(u8::MAX),
        permission,
    })
}

/// IEEE 802.11-2020, 17.3.8.4.2 and annex E: 2.4 GHz counts from 2,407 MHz, its channel 14 aside; 5 GHz from 5,000; Japan's 4.9 from 4,000.
fn number_of(band: Band, mhz: u16) -> Option<u8> {
    let from = match (band, mhz) {
        (Band::Two, 2484) => return Some(14),
        (Band::Two, _) => 2407,
        (Band::Five, ..5000) => 4000,
        (Band::Five, _) => 5000,
    };
    u8::try_from(mhz.checked_sub(from)? / 5).ok()
}

pub(super) fn interfaces(answers: &[Answer]) -> Vec<Interface> {
    let told = answers.iter().filter_map(body);
    told.filter_map(|(_, told)| {
        Some(Interface {
            index: told.u32(attribute::IFINDEX)?,
            wiphy: told.u32(attribute::WIPHY)?,
            name: told.text(attribute::IFNAME)?,
            mac: Mac(told.array(attribute::MAC)?),
            kind: told.u32(attribute::IFTYPE)?,
        })
    })
    .collect()
}

/// One interface of each radio: the oldest that is station or access point, as drivers make it.
pub(super) fn first_of_each(mut interfaces: Vec<Interface>) -> Vec<Interface> {
    interfaces.retain(|interface| matches!(interface.kind, iftype::STATION | iftype::AP));
    interfaces.sort_by_key(|interface| (interface.wiphy, interface.index));
    interfaces.dedup_by_key(|interface| interface.wiphy);
    interfaces
}

/// The driver, as its folder in sysfs is called (empty where it says nothing), and what is known of it.
pub(super) fn known_of(sys: &Path, interface: &str) -> (String, Known) {
    let named = |link: &Path| {
        let leads_to = std::fs::read_link(link).unwrap_or_default();
        let name = leads_to.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    let device = sys.join("class/net").join(interface).join("device");
    let driver = named(&device.join("driver"));
    // The one family with a choice of firmware: Raspberry Pi's package links it (firmware-nonfree, debian/config/brcm80211).
    let firmware = Path::new(CYPRESS_FIRMWARE).canonicalize();
    let firmware = firmware.as_deref().ok().and_then(Path::file_name);
    let chip = read_bytes(&device.join("device")).unwrap_or_default();
    let is_43455 = chip.trim_ascii() == SDIO_43455;
    let seen = Seen {
        driver: &driver,
        firmware: firmware.and_then(OsStr::to_str).filter(|_| is_43455),
    };
    let known = drivers::known(seen);
    (driver, known)
}
