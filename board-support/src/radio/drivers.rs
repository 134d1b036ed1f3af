//! What is known of drivers better than they tell: how many clients their firmware takes, and what does not work though it is offered.
//!
//! Where sources differ, the least that was seen counts: a device that is refused by us is told why, one that the firmware drops is not.
//! Names are those of the driver's folder in sysfs, without what stands behind the last of several of a family.

/// A radio as sysfs and the folder of firmware show it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Seen<'a> {
    /// The driver's folder, e.g. `brcmfmac`.
    pub(crate) driver: &'a str,
    /// The file that the firmware's usual name leads to, where it is a link, e.g. `cyfmac43455-sdio-minimal.bin`.
    pub(crate) firmware: Option<&'a str>,
}

/// What is believed of a radio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    /// The most clients that are served.
    clients: u16,
    /// WPA3 beside WPA2 works as an access point.
    pub(crate) wpa3: bool,
    /// Its survey of the channel may be asked for.
    pub(crate) survey: bool,
}

struct Row {
    /// The start of the driver's name.
    driver: &'static str,
    /// Within the name of the firmware's file; empty: whatever it is.
    firmware: &'static str,
    known: Known,
    /// Where that is from.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "for people, and for a test that none is empty")
    )]
    source: &'static str,
}

const fn row(
    driver: &'static str,
    firmware: &'static str,
    clients: u16,
    wpa3: bool,
    source: &'static str,
) -> Row {
    let known = Known {
        clients,
        wpa3,
        survey: true,
    };
    Row {
        driver,
        firmware,
        known,
        source,
    }
}

impl Row {
    const fn without_survey(mut self) -> Self {
        self.known.survey = false;
        self
    }
}

/// The first row that fits counts.
const ROWS: [Row; 18] = [
    row(
        "brcmfmac",
        "-minimal",
        19,
        false,
        "raspberrypi/documentation #2520: 19; SAE and PMF fail: raspberrypi/linux #4718, #3619, #7358; survey fills the log: #6049",
    )
    .without_survey(),
    row(
        "brcmfmac",
        "",
        7,
        false,
        "raspberrypi/documentation #2520: 7 to 10, raspberrypi/linux #3010: 8, iiab #823: 4 of some, 10 of others; SAE, PMF, survey as above",
    )
    .without_survey(),
    row(
        "mt7921",
        "",
        15,
        true,
        "Linux mt792x.h: MT792x_WTBL_STA is 20 - 1 - 4; morrownr/USB-WiFi #369, #561, #576; WPA2+3: garywill/linux-router #97",
    ),
    row(
        "mt7925",
        "",
        15,
        false,
        "morrownr/USB-WiFi #576: as mt7921, the same mt792x.h; nobody told of WPA3",
    ),
    row(
        "mt76x2",
        "",
        31,
        false,
        "morrownr/mt76 #50: a 32nd was refused by an adapter of that family; #576 there: mt7612u with 20, more for a while",
    ),
    row(
        "mt76x0",
        "",
        31,
        false,
        "as mt76x2: one library serves both (Linux mt76x02.h)",
    ),
    row(
        "mt7601u",
        "",
        7,
        false,
        "morrownr/USB-WiFi #44: no access point in the kernel's driver, as it says itself; so nobody counted",
    ),
    row(
        "rtl8812au",
        "",
        30,
        false,
        "diederikdehaas/rtl8812AU #111: 30, unstable beyond; WPA3 is claimed and fails: morrownr/8821au #4",
    ),
    row("rtl88", "", 30, false, "as rtl8812au: Realtek's own drivers, MACID_NUM_SW_LIMIT 32; morrownr/8814au #77"),
    row("8814au", "", 30, false, "morrownr/8814au #77: no room for a 33rd"),
    row(
        "rtw_88",
        "",
        15,
        false,
        "lwfinger/rtw88 #151, #168: some phones do not stay at all; nobody counted a class: cautious",
    ),
    row("rtw88_", "", 15, false, "the same driver under its newer name"),
    row(
        "rtw89_",
        "",
        32,
        false,
        "lwfinger/rtw89 #204: 32 connected, the maker tried 8",
    ),
    row(
        "ath9k_htc",
        "",
        7,
        false,
        "wireless.docs.kernel.org, ath9k_htc: up to 7 stations by its firmware; qca/open-ath9k-htc-firmware #43",
    ),
    row(
        "ath9k",
        "",
        60,
        false,
        "Linux ath.h: ATH_KEYMAX, 128 keys, half of them are counted on; PMF fails on older chips: morrownr/8821au #4",
    ),
    row(
        "rt2800usb",
        "",
        20,
        false,
        "morrownr/USB-WiFi #44: more than 20 at an RT5370",
    ),
    row(
        "iwlwifi",
        "",
        10,
        false,
        "Linux iwlwifi fw/api/sta.h: IWL_STATION_COUNT_MAX is 16, some of them its own",
    ),
    row(
        "mac80211_hwsim",
        "",
        31,
        true,
        "a radio of the kernel's own making, bound by memory alone: as many as an adapter for a class, so that a test can fill it",
    ),
];

/// Of a driver in no row: what the weakest of those that people buy take.
const UNKNOWN: Known = Known {
    clients: 7,
    wpa3: false,
    survey: true,
};

impl Known {
    /// The most clients; `told` is what the driver says of itself, and the lesser counts.
    pub(crate) fn clients_at_most(&self, told: Option<u32>) -> u16 {
        let told = told.and_then(|told| u16::try_from(told).ok());
        told.filter(|told| *told > 0)
            .map_or(self.clients, |told| told.min(self.clients))
    }
}

/// What is known of a radio.
pub(crate) fn known(seen: Seen<'_>) -> Known {
    let firmware = seen.firmware.unwrap_or_default();
    let mut fitting = ROWS
        .iter()
        .filter(|row| seen.driver.starts_with(row.driver) && firmware.contains(row.firmware));
    fitting.next().map_or(UNKNOWN, |row| row.known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    fn of(driver: &str, firmware: Option<&str>) -> Known {
        known(Seen { driver, firmware })
    }

    #[test]
    fn the_table() {
        let mut table = String::new();
        for row in &ROWS {
            assert!(!row.source.is_empty() && row.known.clients > 0);
            let Known {
                clients,
                wpa3,
                survey,
            } = row.known;
            let _ = writeln!(
                table,
                "{:15} {:9} clients {clients:4} wpa3 {wpa3:5} survey {survey:5}",
                row.driver, row.firmware
            );
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn the_first_row_that_fits_counts() {
        let all = |driver, firmware| of(driver, firmware).clients_at_most(None);
        assert_eq!(all("brcmfmac", None), 7);
        assert_eq!(all("brcmfmac", Some("cyfmac43455-sdio-standard.bin")), 7);
        assert_eq!(all("brcmfmac", Some("cyfmac43455-sdio-minimal.bin")), 19);
        assert_eq!(all("mt7921u", None), 15);
        assert_eq!(all("ath9k_htc", None), 7);
        assert_eq!(all("ath9k", None), 60);
        assert_eq!(all("rtl8812au", None), 30);
        for unknown in ["", "new_driver", "brcm"] {
            assert_eq!(of(unknown, Some("-minimal")), UNKNOWN, "{unknown}");
        }
    }

    #[test]
    fn no_row_is_hidden_by_one_before_it() {
        for (place, row) in ROWS.iter().enumerate() {
            let found = of(row.driver, Some(row.firmware));
            let before = ROWS.iter().take(place);
            let hidden = before.filter(|before| {
                row.driver.starts_with(before.driver) && row.firmware.contains(before.firmware)
            });
            assert_eq!(hidden.count(), 0, "{} {}", row.driver, row.firmware);
            assert_eq!(found, row.known);
        }
    }

    #[test]
    fn the_lesser_of_table_and_driver_counts() {
        let radio = of("mac80211_hwsim", None);
        for (told, at_most) in [
            (None, 31),
            (Some(0), 31),
            (Some(16), 16),
            (Some(5000), 31),
            (Some(u32::MAX), 31),
        ] {
            assert_eq!(radio.clients_at_most(told), at_most, "{told:?}");
        }
        assert_eq!(UNKNOWN.clients_at_most(Some(128)), 7, "nobody counted");
    }
}
