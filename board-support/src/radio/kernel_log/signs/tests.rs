#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::*;
use proptest::prelude::*;
use std::os::unix::fs::symlink;

fn radio(driver: &str, phy: &str, device: &str) -> Radio {
    Radio {
        driver: driver.to_owned(),
        phy: phy.to_owned(),
        device: device.to_owned(),
    }
}

fn told(text: &str) -> Option<Halt> {
    Halt::told(&format!("3,1288,94979799,-;{text}\n"))
}

/// Lines as people sent them in and as the sources write them; where from stands in the table.
const HALTS: [(&str, &str); 16] = [
    (
        "brcmfmac",
        "ieee80211 phy0: brcmf_fw_crashed: Firmware has halted or crashed",
    ),
    (
        "brcmfmac",
        "brcmfmac: brcmf_sdio_hostmail: mailbox indicates firmware halted",
    ),
    (
        "brcmfmac",
        "brcmfmac: brcmf_sdio_checkdied: firmware trap in dongle",
    ),
    (
        "brcmfmac",
        "ieee80211 phy0: brcmf_psm_watchdog_notify: PSM's watchdog has fired!",
    ),
    (
        "mt76x2e",
        "mt76x2e 0000:02:00.0: MCU message 31 (seq 1) timed out",
    ),
    (
        "mt7603e",
        "mt7603e 0000:02:00.0: MCU message 08 (seq 2) timed out",
    ),
    (
        "mt7915e",
        "mt7915e 0000:01:00.0: Message 00005aed (seq 9) timeout",
    ),
    (
        "mt76x2u",
        "mt76x2u 1-1.2:1.0: error: mt76x02u_mcu_wait_resp failed with -108",
    ),
    ("mt7921u", "mt7921u 1-1.3:1.3: chip reset failed"),
    ("mt7921e", "mt7921e 0000:62:00.0: Timeout for driver own"),
    (
        "ath10k_pci",
        "ath10k_pci 0000:01:00.0: firmware crashed! (guid 73b30611-5b1e-4bdd-90b4-64c81eb947b6)",
    ),
    (
        "ath9k_htc",
        "ath9k_htc 1-1:1.0: ath9k_htc: Target is unresponsive",
    ),
    ("ath9k_htc", "ath: phy3: Chip reset failed"),
    ("rtw88_8822bu", "firmware crash, start reset and recover"),
    ("rtw_8822bu", "firmware crash, start reset and recover"),
    (
        "iwlwifi",
        "iwlwifi 0000:12:00.0: Microcode SW error detected.  Restarting 0x82000000.",
    ),
];

#[test]
fn the_halts_that_people_met() {
    for (driver, line) in HALTS {
        let halt = told(line).unwrap_or_else(|| panic!("not found: {line}"));
        let own = halt.phy.clone().unwrap_or_default();
        assert!(halt.concerns(&radio(driver, &own, "")), "{line}");
        assert!(!halt.concerns(&radio("rt2800usb", &own, "")), "{line}");
    }
    assert!(SIGNS.iter().all(|sign| !sign.source.is_empty()));
}

/// Lines of the same drivers when all is well, or as well as it gets.
const NO_HALTS: [&str; 9] = [
    "ieee80211 phy1: Hardware restart was requested",
    "brcmfmac: brcmf_cfg80211_set_power_mgmt: power save enabled",
    "brcmfmac: brcmf_dump_obss: dump_obss error (-52)",
    "brcmfmac: brcmf_c_preinit_dcmds: Firmware: BCM4345/6 wl0: Jul 29 2022 02:15:20 version 7.45.250",
    "mt76x2e 0000:02:00.0: Firmware running!",
    "mt7921u 1-1.3:1.3: HW/SW Version: 0x8a108a10",
    "wlan0: authentication with 00:00:5e:00:53:01 timed out",
    "rtw_8821cu 1-1.4:1.0: timed out to flush queue 3",
    "ath10k_pci 0000:01:00.0: firmware ver 10.2.4 api 5",
];

#[test]
fn what_is_no_halt() {
    for line in NO_HALTS {
        assert_eq!(told(line), None, "{line}");
    }
    for record in ["", "no head", "6,1,2,-", HALTS[0].1] {
        assert_eq!(Halt::told(record), None, "{record}");
    }
}

#[test]
fn a_halt_is_of_the_radio_that_its_line_names() {
    let record = "3,12,9,-;mt7921u 1-1.3:1.3: Message 00020002 (seq 3) timeout\n SUBSYSTEM=usb\n DEVICE=+usb:1-1.3:1.3\n";
    let halt = Halt::told(record).unwrap();
    assert!(halt.concerns(&radio("mt7921u", "phy1", "1-1.3:1.3")));
    assert!(
        !halt.concerns(&radio("mt7921u", "phy2", "1-1.2:1.3")),
        "its twin"
    );

    let halt = told(HALTS[0].1).unwrap();
    assert!(halt.concerns(&radio("brcmfmac", "phy0", "mmc1:0001:1")));
    assert!(!halt.concerns(&radio("brcmfmac", "phy1", "mmc1:0001:1")));
    // One that names nothing is of every radio of its family.
    let halt = told(HALTS[1].1).unwrap();
    assert!(halt.concerns(&radio("brcmfmac", "phy1", "mmc1:0001:1")));
}

#[test]
fn a_radio_is_named_as_sysfs_has_it() {
    let sys = tempfile::tempdir().unwrap();
    let device = sys.path().join("devices/usb1/1-1/1-1.3:1.3");
    let net = device.join("net/wlan1");
    std::fs::create_dir_all(&net).unwrap();
    std::fs::create_dir_all(sys.path().join("class/net")).unwrap();
    symlink(&net, sys.path().join("class/net/wlan1")).unwrap();
    symlink(&device, net.join("device")).unwrap();
    symlink("../../ieee80211/phy3", net.join("phy80211")).unwrap();
    symlink("../../../bus/usb/drivers/mt7921u", device.join("driver")).unwrap();
    let found = Radio::in_sys(sys.path(), "wlan1");
    assert_eq!(found, radio("mt7921u", "phy3", "1-1.3:1.3"));
    assert_eq!(Radio::in_sys(sys.path(), "wlan7"), Radio::default());
    let halt = told(HALTS[0].1).unwrap();
    assert!(
        !halt.concerns(&Radio::default()),
        "of a radio that is not there"
    );
}

proptest! {
    #[test]
    fn no_record_makes_it_panic(record in "\\PC{0,80}") {
        let _ = Halt::told(&record);
        let _ = Halt::told(&format!("3,1,1,-;{record}\n DEVICE=+{record}"));
    }
}
