//! The booted image is on the air by itself: radios of the kernel's making (`mac80211_hwsim`), hostapd and dnsmasq as the supervisor's children
//! below the sandbox of its unit, and a device with `wpa_supplicant` and a DHCP client in a network of its own.
//!
//! Proved: the device joins with the key of the label, leases, and loads the portal by its name; what the supervisor may do is no more than before
//! (`systemd-analyze security`). From the start of the kernel to the first beacon is measured and printed, with the steps between.
//!
//! Control: with another key the same device does not join.

use ota::Slot;
use std::fs;
use std::path::Path;
use system_tests::need::skip;
use system_tests::vm::{BOOT, Bench, Card, FirstBeacon, Inside, Launch, Made, Vm};

/// The most that `systemd-analyze security` may count against the unit.
const EXPOSURE: f64 = 2.6;

const DEVICE: &str = include_str!("air_boot/device");

#[test]
fn on_the_air_by_itself() {
    let Some(made) = Made::found("image::air_boot") else {
        return;
    };
    let phone = made.part("phone/sbin/wpa_supplicant");
    if !phone.is_file() {
        let _ = skip::<()>("image::air_boot", "no target/image/phone", "make image");
        return;
    }
    let (card, bench) = (Card::fresh(&made), Bench::new());
    card.lay_over(Slot::A, &Inside::shell().radios());
    carry(&made, &bench);
    let mut vm = Launch::of(&card, "air-boot").with_bench(&bench).boot();
    vm.wait_for_page();
    let radio = vm.wait("the air", BOOT, |vm| {
        let radio = vm.status()["radio"].clone();
        (radio["cells"][0]["on_air"] == true).then_some(radio)
    });
    eprintln!("air in the booted image: {radio}");
    let beacon = FirstBeacon::asked(&mut vm);
    eprintln!("{beacon}");

    let said = vm.shell(&format!("{DEVICE}\njoin right && load"));
    assert!(said.contains("school.internal"), "the portal: {said}");
    let said = vm.shell(&format!(
        "{DEVICE}\njoin wrong && echo joined || echo refused"
    ));
    assert!(said.ends_with("refused\n"), "control: another key: {said}");
    the_unit_is_as_closed_as_before(&mut vm);
    let failed = vm.shell("systemctl --failed --no-legend");
    assert_eq!(failed, "", "nothing failed");
    eprintln!("air in the booted image: {:?} of CPU", vm.cpu_time());
}

/// What the device is made of, into the folder that both sides see.
fn carry(made: &Made, bench: &Bench) {
    let files = [
        "sbin/wpa_supplicant",
        "usr/bin/wpa_passphrase",
        "usr/lib/aarch64-linux-gnu/libpcsclite.so.1",
    ];
    let into = bench.path().join("device");
    fs::create_dir(&into).unwrap();
    for file in files {
        let name = Path::new(file).file_name().unwrap();
        fs::copy(made.part("phone").join(file), into.join(name)).unwrap();
    }
}

fn the_unit_is_as_closed_as_before(vm: &mut Vm<'_>) {
    let said = vm.shell("systemd-analyze security --no-pager school-box.service | tail -n 1");
    let words: Vec<&str> = said.split_whitespace().collect();
    let number = words.iter().find_map(|word| word.parse::<f64>().ok());
    eprintln!("{}", said.trim());
    assert!(number.is_some_and(|number| number <= EXPOSURE), "{said}");
}
