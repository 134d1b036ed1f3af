//! What the box knows of its radios, at radios of the kernel's own making (`mac80211_hwsim`) in a small guest.
//!
//! Proved through `radio_probe`, which asks as the box does: every channel and what is allowed there, before and after a country's rules hold, agrees
//! with what `iw` says; a country that no data base has is refused, and a kernel without the data base that says yes to every country is caught; a
//! scan hears an access point by its name, and one that hides it; the power that is set is sent with; a device at an access point is listed; a line
//! of a firmware that halted is found in the kernel's log, and said to be of its own radio only.
//!
//! Controls: the same scan before anybody is on the air; the same country with the data base; the same line before the box listens.

use system_tests::need::{Met, program};
use system_tests::vm::{Guest, RunningGuest, Said};
use system_tests::world::example;

const RULES: [&str; 2] = ["regulatory.db", "regulatory.db.p7s"];

/// A guest with three radios and the probe; the radios are called wlan0 to wlan2.
fn guest(test: &str) -> Met<Guest> {
    let mut guest = Guest::found(test)?;
    for (name, package) in [("hostapd", "hostapd"), ("iw", "iw"), ("ip", "iproute2")] {
        guest = guest.program(&program(test, name, package)?);
    }
    let probe = example("board-support", "radio_probe");
    Some(guest.program(&probe).module("mac80211_hwsim", "radios=3"))
}

/// With the rules of all countries, of Debian's package.
fn with_rules(guest: Guest) -> Guest {
    RULES.into_iter().fold(guest, |guest, name| {
        let bytes = Guest::unpacked(&format!("lib/firmware/{name}-debian"));
        guest.file(&format!("usr/lib/firmware/{name}"), &bytes)
    })
}

/// A neighbour's access point on a radio.
fn access_point(interface: &str, channel: u8, more: &str) -> String {
    format!(
        "interface={interface}\ndriver=nl80211\nssid=neighbour-{interface}\nhw_mode=g\nchannel={channel}\n{more}\n"
    )
}

/// One line a channel, as `radio_probe radios` has them after the head of a radio.
fn channels_of<'a>(said: &'a str, interface: &str) -> Vec<&'a str> {
    let head = format!("radio {interface} ");
    let of = said.lines().skip_while(|line| !line.starts_with(&head));
    of.skip(1)
        .take_while(|line| line.starts_with("channel "))
        .collect()
}

/// The same out of `iw phy`, e.g. `* 5260 MHz [52] (20.0 dBm) (no IR, radar detection)`.
fn channels_of_iw(said: &str) -> Vec<String> {
    let lines = said.lines().filter_map(|line| {
        let (mhz, rest) = line.trim().strip_prefix("* ")?.split_once(" MHz [")?;
        let (number, rest) = rest.split_once(']')?;
        let mhz: u16 = mhz.split('.').next()?.parse().ok()?;
        // 6 GHz and the band below 1 GHz are nothing for a school's phones; hwsim has them.
        if !(2000..=5930).contains(&mhz) {
            return None;
        }
        let permission = if rest.contains("disabled") {
            "forbidden"
        } else if rest.contains("no IR") {
            "no_initiate"
        } else if rest.contains("radar detection") {
            "radar"
        } else {
            "free"
        };
        Some((number.to_owned(), mhz, rest.to_owned(), permission))
    });
    lines
        .map(|(number, mhz, rest, permission)| {
            let dbm = rest
                .split_once('(')
                .and_then(|(_, rest)| rest.split_once('.'));
            let dbm = dbm.map_or("", |(dbm, _)| dbm);
            format!("channel {number} mhz={mhz} dbm={dbm} {permission}")
        })
        .collect()
}

fn facts_agree_with_iw(guest: &mut RunningGuest, country: &str) {
    let said = guest.run("radio_probe radios").well();
    let iw = channels_of_iw(&guest.run("iw phy phy0 info").well());
    let ours = channels_of(&said, "wlan0");
    assert!(iw.len() > 30, "{iw:?}");
    assert_eq!(ours.len(), iw.len(), "{ours:#?} {iw:#?}");
    for (ours, iws) in ours.iter().zip(&iw) {
        // iw says no power where nothing may be sent.
        let same = *ours == iws.as_str()
            || (iws.ends_with("forbidden")
                && ours.ends_with("forbidden")
                && ours.split(" dbm").next() == iws.split(" dbm").next());
        assert!(same, "we say {ours}, iw says {iws}");
    }
    for radio in ["wlan0", "wlan1", "wlan2"] {
        let head = said
            .lines()
            .find(|line| line.starts_with(&format!("radio {radio} ")));
        let head = head.unwrap_or_else(|| panic!("no {radio}: {said}"));
        let wanted = format!(
            "driver=mac80211_hwsim access_point=true clients_at_most=31 wpa3=true country={country} "
        );
        assert!(head.contains(&wanted), "{head}");
    }
}

#[test]
fn radios_are_as_the_kernel_has_them() {
    let Some(guest) = guest("image::radio_facts") else {
        return;
    };
    let mut guest = with_rules(guest)
        .file("etc/one.conf", access_point("wlan1", 6, "").as_bytes())
        .file(
            "etc/two.conf",
            access_point("wlan2", 11, "ignore_broadcast_ssid=1").as_bytes(),
        )
        .boot("radio-facts");
    facts_agree_with_iw(&mut guest, "none");
    countries_are_followed(&mut guest);
    neighbours_are_heard(&mut guest);
    power_is_sent_with(&mut guest);
    devices_are_listed(&mut guest);
    halts_are_found(&mut guest);
    a_reset_that_is_refused_is_told(&mut guest);
    eprintln!("radio facts: {:?} of CPU", guest.cpu_time());
}

fn countries_are_followed(guest: &mut RunningGuest) {
    for unknown in ["XZ", "kE", "00"] {
        let refused = guest.run(&format!("radio_probe follow {unknown}")).failed();
        assert_eq!(
            refused.trim_end(),
            format!(
                "error: the rules of the air of `{unknown}` are not known: set the two letters of the country (ISO 3166-1), e.g. KE"
            )
        );
    }
    assert!(guest.run("iw reg get").well().contains("country 00"));
    for country in ["KE", "UA", "KE", "KE"] {
        let said = guest.run(&format!("radio_probe follow {country}")).well();
        assert_eq!(said, format!("country {country}\n"));
        let iw = guest.run("iw reg get").well();
        assert!(iw.contains(&format!("country {country}")), "{iw}");
        facts_agree_with_iw(guest, country);
    }
}

fn neighbours_are_heard(guest: &mut RunningGuest) {
    let names = |said: &str| -> Vec<String> {
        let mut names: Vec<String> = said
            .lines()
            .filter_map(|line| Some(line.split_once(" mhz=")?.1.to_owned()))
            .map(|line| {
                let (mhz, rest) = line.split_once(" dbm=").expect("how loud");
                let (dbm, name) = rest.split_once(" name=").expect("a name");
                let dbm: i16 = dbm.parse().expect("dBm");
                assert!((-90..0).contains(&dbm), "{line}");
                format!("{mhz} {name}")
            })
            .collect();
        names.sort();
        names
    };
    let quiet = guest.run("radio_probe scan wlan0").well();
    assert!(names(&quiet).is_empty(), "nobody is on the air: {quiet}");
    let _ = guest
        .run("hostapd -B /etc/one.conf && hostapd -B /etc/two.conf")
        .well();
    let heard = guest.run("radio_probe scan wlan0").well();
    assert_eq!(names(&heard), ["2437 neighbour-wlan1", "2462 "]);
    let down = guest.run("cat /sys/class/net/wlan0/flags").well();
    assert_eq!(down.trim(), "0x1002", "it was down before, and is so again");
    // An access point listens too, and goes on being one.
    let heard = guest.run("radio_probe scan wlan1").well();
    assert_eq!(names(&heard), ["2462 "]);
    assert!(guest.run("iw dev wlan1 info").well().contains("type AP"));
    let none = guest.run("radio_probe scan wlan9").failed();
    assert!(
        none.contains("there is no network interface wlan9"),
        "{none}"
    );
}

fn power_is_sent_with(guest: &mut RunningGuest) {
    for dbm in [7, 12] {
        let said = guest.run(&format!("radio_probe power wlan1 {dbm}")).well();
        assert_eq!(said, format!("power dbm={dbm}\n"));
        let iw = guest.run("iw dev wlan1 info").well();
        assert!(iw.contains(&format!("txpower {dbm}.00 dBm")), "{iw}");
    }
}

fn devices_are_listed(guest: &mut RunningGuest) {
    let empty = guest.run("radio_probe stations wlan1").well();
    assert_eq!(empty.lines().count(), 1, "nobody is there: {empty}");
    let joined = guest.run(
        "ip link set wlan0 up && iw dev wlan0 connect neighbour-wlan1 2437
         for i in 1 2 3 4 5 6 7 8 9 10; do iw dev wlan0 link | grep -q Connected && break; sleep 0.5; done
         iw dev wlan0 link | grep Connected; sleep 1",
    );
    let _ = joined.well();
    let said = guest.run("radio_probe stations wlan1").well();
    let station = said
        .lines()
        .nth(1)
        .unwrap_or_else(|| panic!("nobody: {said}"));
    let own = guest.run("cat /sys/class/net/wlan0/address").well();
    assert!(
        station.starts_with(&format!("station {} dbm=-", own.trim())),
        "{station}"
    );
    let iw = guest.run("iw dev wlan1 station dump").well();
    assert!(iw.contains(own.trim()), "{iw}");
    let number = |key: &str| -> u32 {
        let words = station.split_whitespace();
        let value = words.filter_map(|word| word.strip_prefix(key)).next();
        value
            .and_then(|value| value.parse().ok())
            .unwrap_or_else(|| panic!("no {key} {station}"))
    };
    assert!(number("kbit_s=") >= 1000 && number("idle_ms=") < 60_000);
}

fn halts_are_found(guest: &mut RunningGuest) {
    const HALT: &str = "ieee80211 phy7: brcmf_fw_crashed: Firmware has halted or crashed";
    let listened = |line: &str| {
        format!(
            "echo '<3>{HALT}' >/dev/kmsg
             mkfifo /tmp/go && {{ radio_probe halts wlan1 </tmp/go >/tmp/halts & }}
             exec 9>/tmp/go
             until grep -q listening /tmp/halts; do sleep 0.1; done
             echo '<3>{line}' >/dev/kmsg
             exec 9>&-; wait; rm /tmp/go; cat /tmp/halts"
        )
    };
    // The one before it listened is none of its business.
    let said = guest.run(&listened("wlan1: all is well")).well();
    assert_eq!(said, "listening\nhalts 0 own=0\n");
    let said = guest.run(&listened(HALT)).well();
    assert_eq!(
        said, "listening\nhalts 1 own=0\n",
        "of another driver's radio"
    );
}

/// A radio of the kernel's own making hangs on no bus: its driver refuses, and the file is named.
fn a_reset_that_is_refused_is_told(guest: &mut RunningGuest) {
    let refused = guest.run("radio_probe reset wlan0").failed();
    assert!(
        refused.starts_with("error: wlan0 cannot be reset: "),
        "{refused}"
    );
    assert_eq!(refused.trim_end().lines().count(), 1, "{refused}");
    let radios = guest.run("radio_probe radios | grep -c ^radio").well();
    assert_eq!(radios.trim(), "3", "nothing was lost by it");
}

#[test]
fn a_kernel_without_the_rules_is_caught() {
    let Some(guest) = guest("image::radio_facts_without_rules") else {
        return;
    };
    let mut guest = guest.boot("radio-facts-without-rules");
    let said: Said = guest.run("radio_probe follow KE");
    assert_eq!(
        said.failed().trim_end(),
        "error: the rules of the air stay those of the whole world and do not become those of `KE`: see that the package wireless-regdb is in the image, and restart the box"
    );
    assert!(guest.run("iw reg get").well().contains("country 00"));
    // The radios are facts all the same.
    facts_agree_with_iw(&mut guest, "none");
}

#[test]
fn a_kernel_without_radios_has_none() {
    let Some(guest) = Guest::found("image::radio_facts_no_radio") else {
        return;
    };
    let probe = example("board-support", "radio_probe");
    let mut guest = guest.program(&probe).boot("radio-facts-no-radio");
    assert_eq!(guest.run("radio_probe radios").well().trim(), "");
    let refused = guest.run("radio_probe follow KE").failed();
    assert_eq!(
        refused.trim_end(),
        "error: this kernel has no Wi-Fi: no radio is plugged in, or its driver is not loaded"
    );
}
