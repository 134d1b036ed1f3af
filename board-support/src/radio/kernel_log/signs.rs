//! The lines by which drivers tell that their firmware stands still (pure but for [`Radio::of`]).

use std::path::Path;

/// A firmware that halted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Halt {
    sign: &'static Sign,
    /// E.g. `phy0`.
    phy: Option<String>,
    /// The device as the bus calls it, e.g. `1-1.2:1.0` or `0000:01:00.0`.
    device: Option<String>,
}

/// What stands in a line of one family of drivers when that happens.
#[derive(Debug, PartialEq, Eq)]
struct Sign {
    /// Starts of the drivers' names in sysfs.
    drivers: &'static [&'static str],
    /// What the line holds, all of it, in this order.
    words: &'static [&'static str],
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "for people, and for a test that none is empty")
    )]
    source: &'static str,
}

const fn sign(
    drivers: &'static [&'static str],
    words: &'static [&'static str],
    source: &'static str,
) -> Sign {
    Sign {
        drivers,
        words,
        source,
    }
}

/// Some of these firmwares are started again by their drivers, which does not always help: what is done about it is not decided here.
static SIGNS: [Sign; 14] = [
    sign(
        &["brcmfmac"],
        &["brcmf_fw_crashed: Firmware has halted or crashed"],
        "RPi-Distro/firmware-nonfree #43",
    ),
    sign(
        &["brcmfmac"],
        &["brcmf_sdio_hostmail: mailbox indicates firmware halted"],
        "raspberrypi/linux #3408, raspberrypi/firmware #1403",
    ),
    sign(
        &["brcmfmac"],
        &["brcmf_sdio_checkdied: firmware trap in dongle"],
        "RPi-Distro/firmware-nonfree #43",
    ),
    sign(
        &["brcmfmac"],
        &["brcmf_psm_watchdog_notify: PSM"],
        "Linux brcmfmac/core.c: the microcode's own watchdog",
    ),
    sign(
        &["mt7"],
        &["MCU message", "timed out"],
        "openwrt/mt76 #228, #515, #690: mt76x2, mt7628, mt7603",
    ),
    sign(
        &["mt7"],
        &["Message ", "(seq ", "timeout"],
        "openwrt/mt76 #690: mt7915; Linux mt76/mcu.c",
    ),
    sign(
        &["mt76"],
        &["mt76x02u_mcu_wait_resp failed with"],
        "morrownr/USB-WiFi #313: mt76x2u",
    ),
    sign(&["mt7"], &["chip reset failed"], "Linux mt7921/mac.c"),
    sign(
        &["mt7"],
        &["Timeout for driver own"],
        "Linux mt7615, mt7915, mt792x",
    ),
    sign(
        &["ath10k"],
        &["firmware crashed! (guid"],
        "Linux ath10k/pci.c, snoc.c",
    ),
    sign(
        &["ath9k_htc"],
        &["Target is unresponsive"],
        "Linux ath9k/htc_hst.c",
    ),
    sign(
        &["ath9k"],
        &["ath: phy", "Chip reset failed"],
        "Linux ath9k/hw.c",
    ),
    sign(
        &["rtw88", "rtw_8"],
        &["firmware crash, start reset and recover"],
        "Linux rtw88/main.c; the driver's name is the older one in kernels before 6.4",
    ),
    sign(
        &["iwlwifi"],
        &["Microcode SW error detected"],
        "Linux iwlwifi/pcie/rx.c",
    ),
];

impl Halt {
    /// What a record of `/dev/kmsg` tells of a halt (kernel, Documentation/ABI/testing/dev-kmsg: head, `;`, text, then lines of names).
    pub(super) fn told(record: &str) -> Option<Self> {
        let (_, rest) = record.split_once(';')?;
        let mut lines = rest.lines();
        let text = lines.next()?;
        let device = lines
            .filter_map(|line| line.strip_prefix(" DEVICE=+"))
            .find_map(|device| Some(device.split_once(':')?.1.to_owned()));
        let words = text.split_whitespace();
        let phy = words
            .filter_map(|word| word.strip_suffix(':'))
            .find(|word| is_phy(word))
            .map(str::to_owned);
        let sign = SIGNS.iter().find(|sign| sign.is_in(text))?;
        Some(Self { sign, phy, device })
    }

    /// Whether it is of that radio: its driver and, where the line names one, its device.
    #[must_use]
    pub fn concerns(&self, radio: &Radio) -> bool {
        let same =
            |told: &Option<String>, own: &str| told.as_deref().is_none_or(|told| told == own);
        let mut drivers = self.sign.drivers.iter();
        drivers.any(|start| radio.driver.starts_with(start))
            && same(&self.phy, &radio.phy)
            && same(&self.device, &radio.device)
    }
}

/// The kernel's name of a radio, `phy` and a number.
fn is_phy(word: &str) -> bool {
    let number = word.strip_prefix("phy");
    number.is_some_and(|number| number.parse::<u32>().is_ok())
}

impl Sign {
    fn is_in(&self, text: &str) -> bool {
        let mut rest = Some(text);
        for words in self.words {
            rest = rest.and_then(|rest| Some(rest.split_once(words)?.1));
        }
        rest.is_some()
    }
}

/// A radio, as lines of the log name it. Found while it works: a radio that halted may be gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Radio {
    driver: String,
    phy: String,
    device: String,
}

impl Radio {
    /// The radio of an interface; one that is not there is in no line.
    #[must_use]
    pub fn of(interface: &str) -> Self {
        Self::in_sys(Path::new("/sys"), interface)
    }

    fn in_sys(sys: &Path, interface: &str) -> Self {
        let folder = sys.join("class/net").join(interface);
        let leads_to = |link: &str| {
            let leads_to = std::fs::read_link(folder.join(link)).unwrap_or_default();
            let name = leads_to.file_name().unwrap_or_default();
            name.to_string_lossy().into_owned()
        };
        Self {
            driver: leads_to("device/driver"),
            phy: leads_to("phy80211"),
            device: leads_to("device"),
        }
    }
}

#[cfg(test)]
mod tests;
