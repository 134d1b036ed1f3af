//! A cell by the box's own code, at radios of the kernel's own making: `air_probe` drives the air as the service does, `wpa_supplicant` is the phone.
//!
//! Proved: what is planned is on the air as `iw` sees it; a phone with the phrase gets in, an address and a name, one with another phrase does
//! not; one too many is refused and counted; who alone may be there changes while these stay, and the others are sent away; a hostapd that is killed or stands still is seen, and
//! each rung brings the cell back; a channel that the country forbids is named; nothing of the phrase or of a device's address is told.

use std::time::Duration;
use system_tests::need::{Met, program};
use system_tests::vm::{Guest, RunningGuest};
use system_tests::world::example;

const PHRASE: &str = "river-stone-42";
const RULES: [&str; 2] = ["regulatory.db", "regulatory.db.p7s"];

/// Asks the probe, which runs on, for one line; waits for its answer.
const ASK: &str = r#"#!/bin/sh
before=$(wc -l </tmp/air.out)
echo "$*" >/tmp/air.in
while [ "$(wc -l </tmp/air.out)" -le "$before" ]; do sleep 0.05; done
tail -n 1 /tmp/air.out
"#;

fn phone(key: &str) -> String {
    format!("ctrl_interface=/tmp/wpa\nnetwork={{\nssid=\"School Box\"\nscan_ssid=1\n{key}\n}}\n")
}

fn guest(test: &str) -> Met<Guest> {
    let mut guest = Guest::found(test)?;
    for (name, package) in [
        ("hostapd", "hostapd"),
        ("dnsmasq", "dnsmasq-base"),
        ("wpa_supplicant", "wpasupplicant"),
        ("iw", "iw"),
        ("ip", "iproute2"),
    ] {
        guest = guest.program(&program(test, name, package)?);
    }
    for name in RULES {
        let bytes = Guest::unpacked(&format!("lib/firmware/{name}-debian"));
        guest = guest.file(&format!("usr/lib/firmware/{name}"), &bytes);
    }
    let wpa2 = format!("key_mgmt=WPA-PSK\npsk=\"{PHRASE}\"");
    let wpa3 = format!("key_mgmt=SAE\nieee80211w=2\npsk=\"{PHRASE}\"");
    Some(
        guest
            .program(&example("board-support", "air_probe"))
            .module("ctr", "")
            .module("ccm", "")
            .module("cmac", "")
            .module("aes_generic", "")
            .module("bridge", "")
            .module("mac80211_hwsim", "radios=4")
            .file("etc/phone.conf", phone(&wpa2).as_bytes())
            .file("etc/new.conf", phone(&wpa3).as_bytes())
            .file(
                "etc/wrong.conf",
                phone("key_mgmt=WPA-PSK\npsk=\"another-phrase\"").as_bytes(),
            )
            .file("etc/ask", ASK.as_bytes())
            .memory_mib(384),
    )
}

/// Asks the air for one line.
fn ask(guest: &mut RunningGuest, line: &str) -> String {
    guest.run(&format!("sh /etc/ask '{line}'")).well()
}

/// Looks until the signs hold all of it.
fn await_signs(guest: &mut RunningGuest, wanted: &[&str]) -> String {
    let mut last = String::new();
    for _ in 0..40 {
        last = ask(guest, "signs");
        if wanted.iter().all(|part| last.contains(part)) {
            return last;
        }
        std::thread::sleep(Duration::from_millis(250));
    }
    panic!("{wanted:?} is not in {last}")
}

fn joins(guest: &mut RunningGuest, interface: &str, settings: &str) -> bool {
    let script = format!(
        "wpa_supplicant -B -i {interface} -c /etc/{settings} -P /tmp/{interface}.pid -f /tmp/{interface}.log
         for n in $(seq 1 40); do grep -q CTRL-EVENT-CONNECTED /tmp/{interface}.log && exit 0; sleep 0.25; done
         exit 1"
    );
    guest.run(&script).code == 0
}

fn leaves(guest: &mut RunningGuest, interface: &str) {
    let script = format!(
        "kill $(cat /tmp/{interface}.pid); while [ -e /tmp/{interface}.pid ]; do sleep 0.1; done; rm -f /tmp/{interface}.log"
    );
    let _ = guest.run(&script).well();
}

fn started(test: &str, log: &str) -> Met<RunningGuest> {
    let mut guest = guest(test)?.boot(log);
    let script = "mkdir -p /tmp /run; ip link set lo up; mkfifo /tmp/air.in; : >/tmp/air.out
        (while :; do sleep 1000; done) >/tmp/air.in 2>/dev/null </dev/null &
        air_probe /run/air /tmp/data </tmp/air.in >>/tmp/air.out 2>/tmp/air.err &";
    let _ = guest.run(script).well();
    Some(guest)
}

#[test]
fn a_cell_is_served_followed_and_healed() {
    let Some(mut guest) = started("image::air_cell", "air-cell") else {
        return;
    };
    let guest = &mut guest;
    ask(guest, "cell wlan0 channel=6 clients=1 dbm=15");
    assert_eq!(ask(guest, "serve").trim_end(), "done");
    await_signs(guest, &["names=Answers", "wlan0=Answers", "on_air=true"]);
    let seen = guest.run("iw dev wlan0 info").well();
    assert!(
        seen.contains("ssid School Box") && seen.contains("channel 6"),
        "{seen}"
    );
    assert!(seen.contains("txpower 15.00 dBm"), "{seen}");
    phones_come(guest);
    guests_wait(guest);
    power_changes_without_a_restart(guest);
    it_is_healed(guest);
    other_plans(guest);
    let told = guest.run("cat /tmp/air.out /tmp/air.err").well();
    assert!(!told.contains(PHRASE));
    assert_eq!(ask(guest, "silence").trim_end(), "done");
    let left = guest
        .run("ps | grep -c '[h]ostapd\\|[d]nsmasq' || true")
        .well();
    assert_eq!(left.trim_end(), "0");
    eprintln!("a cell: {:?} of CPU", guest.cpu_time());
}

fn phones_come(guest: &mut RunningGuest) {
    assert!(
        !joins(guest, "wlan1", "wrong.conf"),
        "another phrase does not do"
    );
    leaves(guest, "wlan1");
    assert!(joins(guest, "wlan1", "phone.conf"));
    let lease = guest.run(
        "printf '#!/bin/sh\\n[ -z \"$ip\" ] || ip address replace $ip/$mask dev $interface\\n' >/tmp/up; chmod +x /tmp/up
         udhcpc -i wlan1 -n -q -t 8 -T 1 -s /tmp/up 2>&1",
    );
    assert!(
        lease.text.contains("obtained from 10.73.0.1"),
        "{}",
        lease.text
    );
    let signs = await_signs(guest, &["stations=1", "leases=1", "at=[10.73."]);
    assert!(signs.contains("dbm=Some(-"), "{signs}");
    let port = guest
        .run("cat /sys/class/net/box0/brif/wlan0/isolated")
        .well();
    assert_eq!(port.trim_end(), "1");
}

fn guests_wait(guest: &mut RunningGuest) {
    assert!(ask(guest, "signs").contains("refused=0"));
    assert!(!joins(guest, "wlan2", "phone.conf"), "all seats are taken");
    await_signs(guest, &["stations=1", "refused=1"]);
    let id = "cat /sys/class/net/wlan2/address";
    let tablet = guest.run(id).well();
    leaves(guest, "wlan2");
    // The kit's own tablet has a seat beside the guest that is in, who has not to go.
    let guest_in = guest.run("cat /sys/class/net/wlan1/address").well();
    let only = |who: &[&str]| {
        let who: Vec<&str> = who.iter().map(|address| address.trim_end()).collect();
        let who = who.join(",");
        format!("cell wlan0 channel=6 clients=1 dbm=15 only={who}")
    };
    ask(guest, &only(&[&tablet, &guest_in]));
    let before = guest.run("pidof hostapd").well();
    assert_eq!(ask(guest, "serve").trim_end(), "done");
    assert_eq!(guest.run("pidof hostapd").well(), before);
    await_signs(guest, &["stations=1", "on_air=true"]);
    assert!(!joins(guest, "wlan3", "phone.conf"), "a guest waits");
    await_signs(guest, &["stations=1", "refused=2"]);
    leaves(guest, "wlan3");
    // No seat is the guest's any more: it is sent away by the same daemon, and does not come back, however often it asks.
    ask(guest, &only(&[&tablet]));
    assert_eq!(ask(guest, "serve").trim_end(), "done");
    assert_eq!(guest.run("pidof hostapd").well(), before);
    await_signs(guest, &["stations=0", "on_air=true"]);
    assert!(joins(guest, "wlan2", "phone.conf"), "the tablet comes in");
    await_signs(guest, &["stations=1", "on_air=true"]);
    leaves(guest, "wlan1");
    leaves(guest, "wlan2");
    ask(guest, "cell wlan0 channel=6 clients=1 dbm=15");
    assert_eq!(ask(guest, "serve").trim_end(), "done");
    assert_eq!(guest.run("pidof hostapd").well(), before);
    assert!(joins(guest, "wlan3", "phone.conf"), "everybody may come");
    leaves(guest, "wlan3");
}

fn power_changes_without_a_restart(guest: &mut RunningGuest) {
    let before = guest.run("pidof hostapd").well();
    ask(guest, "cell wlan0 channel=6 clients=1 dbm=5");
    ask(guest, "serve");
    await_signs(guest, &["on_air=true"]);
    let seen = guest.run("iw dev wlan0 info").well();
    assert!(seen.contains("txpower 5.00 dBm"), "{seen}");
    assert_eq!(guest.run("pidof hostapd").well(), before);
    // The control: another channel is another start.
    ask(guest, "cell wlan0 channel=11 clients=1 dbm=5");
    ask(guest, "serve");
    await_signs(guest, &["wlan0=Answers", "on_air=true"]);
    assert_ne!(guest.run("pidof hostapd").well(), before);
    assert!(guest.run("iw dev wlan0 info").well().contains("channel 11"));
}

fn it_is_healed(guest: &mut RunningGuest) {
    for (harm, sign, rung) in [
        ("kill -KILL $(pidof hostapd)", "wlan0=Gone", "daemon"),
        ("kill -STOP $(pidof hostapd)", "wlan0=Silent", "daemon"),
        ("ip link set wlan0 down", "on_air=false", "interface"),
    ] {
        let _ = guest.run(harm).well();
        let signs = await_signs(guest, &[sign]);
        assert!(signs.contains("trouble={"), "{signs}");
        let up = "s=$(cut -d' ' -f1 /proc/uptime)";
        let script = format!(
            "{up}; sh /etc/ask 'climb wlan0 {rung}'; e=$(cut -d' ' -f1 /proc/uptime); echo $s $e"
        );
        let said = guest.run(&script).well();
        let mut lines = said.lines();
        assert_eq!(lines.next(), Some("done"), "{rung} after {harm}");
        let times: Vec<f64> = lines
            .next()
            .unwrap()
            .split(' ')
            .map(|time| time.parse().unwrap())
            .collect();
        let took = times[1] - times[0];
        eprintln!("{harm}: {rung} took {took:.2} s of guest time");
        assert!(took < 10.0, "{took}");
        await_signs(guest, &["wlan0=Answers", "on_air=true"]);
    }
    assert_eq!(ask(guest, "climb wlan0 reload").trim_end(), "done");
    assert!(joins(guest, "wlan1", "phone.conf"), "as before");
    leaves(guest, "wlan1");
    let refused = ask(guest, "climb wlan0 device");
    // A radio of the kernel's own making has no device to reset; it is back on the air all the same.
    assert!(
        refused.starts_with("error: wlan0 cannot be reset"),
        "{refused}"
    );
    await_signs(guest, &["wlan0=Answers", "on_air=true"]);
}

fn other_plans(guest: &mut RunningGuest) {
    ask(guest, "cell wlan0 channel=36 five wpa3");
    assert_eq!(ask(guest, "serve").trim_end(), "done");
    await_signs(guest, &["wlan0=Answers", "on_air=true"]);
    for settings in ["new.conf", "phone.conf"] {
        assert!(joins(guest, "wlan1", settings), "{settings}");
        leaves(guest, "wlan1");
    }
    // Channel 13 is not allowed in the United States: named, and the network goes on.
    ask(guest, "cell wlan0 channel=13 country=US");
    ask(guest, "serve");
    let signs = await_signs(
        guest,
        &["names=Answers", "wlan0=Gone", "trouble={hostapd has ended"],
    );
    eprintln!("a forbidden channel: {signs}");
    ask(guest, "cell wlan0 channel=52 five radar country=US");
    ask(guest, "serve");
    let signs = await_signs(guest, &["wlan0=Answers", "listens for radar on channel 52"]);
    assert!(signs.contains("on_air=false"), "{signs}");
    ask(guest, "cell wlan0 off");
    ask(guest, "serve");
    let signs = await_signs(guest, &["names=Answers"]);
    assert!(!signs.contains("wlan0"), "{signs}");
    assert!(guest.run("pidof hostapd").code != 0);
}
