//! A class in the guest: radios, and the devices that have them.

use std::time::Duration;
use system_tests::need::{Met, program};
use system_tests::vm::{Guest, RunningGuest, Said};

/// The programs of the devices, and of the box; Debian's packages.
const PROGRAMS: [(&str, &str); 8] = [
    ("hostapd", "hostapd"),
    ("hostapd_cli", "hostapd"),
    ("dnsmasq", "dnsmasq-base"),
    ("wpa_supplicant", "wpasupplicant"),
    ("wpa_passphrase", "wpasupplicant"),
    ("iw", "iw"),
    ("ip", "iproute2"),
    ("curl", "curl"),
];
/// The rules of all countries, as Debian signs them for its kernel.
const RULES: [&str; 2] = ["regulatory.db", "regulatory.db.p7s"];
/// A script, many times what the longest takes on a quiet machine.
const LONG: Duration = Duration::from_secs(600);

/// A running guest with radios: number 0 is the box's, the others belong to devices.
pub(crate) struct Class {
    guest: RunningGuest,
}

/// When a device got how far, in seconds of the guest.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Arrival {
    pub(crate) device: u8,
    /// The address it was given.
    pub(crate) address: Option<String>,
    pub(crate) joined: Option<f64>,
    pub(crate) leased: Option<f64>,
    pub(crate) portal: Option<f64>,
    pub(crate) part: Option<f64>,
    /// Why not farther, in curl's words.
    pub(crate) trouble: Option<String>,
}

impl Class {
    /// A guest with radios for a box and so many devices, and the programs of both sides; `None` means that the caller has to return: the test
    /// counts as skipped.
    pub(crate) fn found(test: &str, devices: u8) -> Met<Guest> {
        let mut guest = Guest::found(test)?;
        for (name, package) in PROGRAMS {
            guest = guest.program(&program(test, name, package)?);
        }
        for module in ["ctr", "aes_generic", "ccm", "cmac", "bridge"] {
            guest = guest.module(module, "");
        }
        for name in RULES {
            let bytes = Guest::unpacked(&format!("lib/firmware/{name}-debian"));
            guest = guest.file(&format!("usr/lib/firmware/{name}"), &bytes);
        }
        let radios = format!("radios={}", devices + 1);
        Some(
            guest
                .memory_mib(768)
                .module("mac80211_hwsim", &radios)
                .file("etc/resolv.conf", b"")
                .file("etc/air/class", include_bytes!("class"))
                .file("etc/air/lease", include_bytes!("lease")),
        )
    }

    /// Switches the guest on, and gives all radios but the first to devices.
    pub(crate) fn boot(guest: Guest, name: &str, devices: u8) -> Self {
        let mut class = Self {
            guest: guest.boot(name),
        };
        let script = format!("prepare; unpack 1 {devices}");
        let _ = class.run(&script).well();
        class
    }

    /// A script that knows the class's words.
    pub(crate) fn run(&mut self, script: &str) -> Said {
        self.guest
            .run_within(&format!(". /etc/air/class\n{script}"), LONG)
    }

    /// Lets devices come, four at the door at a time; each loads the portal and `part`, an address. They have `seconds` of the guest to join.
    pub(crate) fn arrive(&mut self, devices: &[u8], part: &str, seconds: u32) -> Vec<Arrival> {
        let all: Vec<String> = devices.iter().map(ToString::to_string).collect();
        let script = format!("arrive {part} {seconds} {}", all.join(" "));
        arrivals(&self.run(&script).well())
    }

    /// The same for devices of which none may fail; how long the last one took, seconds of the guest.
    pub(crate) fn all_arrive(&mut self, devices: &[u8], part: &str) -> f64 {
        let began = self.now();
        let came = self.arrive(devices, part, 180);
        let lost: Vec<&Arrival> = came.iter().filter(|one| one.part.is_none()).collect();
        if let Some(one) = lost.first() {
            let log = self.log_of(one.device);
            panic!("not all came all the way: {lost:?}\n{log}");
        }
        let last = came.iter().filter_map(|one| one.part);
        last.fold(began, f64::max) - began
    }

    /// How long after `fault`, a script, a device that was never there gets on the network, seconds of the guest; tries for `seconds`.
    pub(crate) fn back_after(&mut self, fault: &str, device: u8, seconds: u32) -> Option<f64> {
        let script = format!("{fault}\nnow; newcomer {device} {seconds}; switch_off {device}");
        let said = self.run(&script).well();
        let mut times = said
            .lines()
            .map(|line| line.parse::<f64>().expect("seconds"));
        let began = times.next().expect("when the fault was");
        times.next().map(|on| on - began)
    }

    /// What a device's programs said, for a failure.
    pub(crate) fn log_of(&mut self, device: u8) -> String {
        self.run(&format!("head -n 100 /run/class/{device}.*; true"))
            .text
    }

    /// Seconds since the guest's start.
    pub(crate) fn now(&mut self) -> f64 {
        let said = self.run("now").well();
        said.trim().parse().expect("seconds of the guest")
    }

    /// CPU time of the machine that the guest is.
    pub(crate) fn cpu_time(&self) -> Duration {
        self.guest.cpu_time()
    }
}

fn arrivals(said: &str) -> Vec<Arrival> {
    let mut all: Vec<Arrival> = Vec::new();
    for line in said.lines() {
        let (what, value) = line
            .split_once(' ')
            .unwrap_or_else(|| panic!("no note of a device: {line}"));
        if what == "device" {
            let device = value.parse().expect("a device");
            all.push(Arrival {
                device,
                ..Arrival::default()
            });
            continue;
        }
        let device = all.last_mut().expect("a device first");
        let seconds = value.parse().ok();
        match what {
            "address" => device.address = Some(value.to_owned()),
            "joined" => device.joined = seconds,
            "leased" => device.leased = seconds,
            "portal" => device.portal = seconds,
            "part" => device.part = seconds,
            "trouble" => device.trouble = Some(value.to_owned()),
            other => panic!("a device notes {other}"),
        }
    }
    all
}
