//! hostapd and dnsmasq by hand, nobody behind them: what the devices of the rig do is proved, and that what stays away is noticed.

use super::class::Class;
use system_tests::vm::Guest;

const HOSTAPD: &str = "interface=wlan0
bridge=box0
driver=nl80211
ctrl_interface=/run/hostapd
ssid=school
hw_mode=g
channel=1
wpa=2
wpa_key_mgmt=WPA-PSK
rsn_pairwise=CCMP
wpa_passphrase=correct horse
max_num_sta=3
";
const DNSMASQ: &str = "interface=box0
bind-dynamic
no-resolv
no-hosts
dhcp-range=10.42.0.10,10.42.3.250,12h
dhcp-leasefile=/run/leases
address=/#/10.42.0.1
local=/#/
dhcp-authoritative
user=
no-ping
";

/// With settings for both daemons.
pub(crate) fn daemons(guest: Guest) -> Guest {
    guest
        .file("etc/air/hostapd.conf", HOSTAPD.as_bytes())
        .file("etc/air/dnsmasq.conf", DNSMASQ.as_bytes())
}

/// A full radio sends a device off; a killed and a stopped daemon take nobody in, for twice as long as the box has to heal.
pub(crate) fn nobody_heals(mut class: Class) {
    let _ = class
        .run(
            "set -e; ip link add box0 type bridge; ip addr add 10.42.0.1/20 dev box0; ip link set box0 up; know school 'correct horse' 2412
             hostapd -B -t -f /run/hostapd.log /etc/air/hostapd.conf >/dev/null
             dnsmasq -C /etc/air/dnsmasq.conf --log-facility=/run/dnsmasq.log
             mkdir -p /run/www; echo portal >/run/www/index.html; head -c 300000 /dev/urandom >/run/www/part; httpd -h /run/www -p 80
             until_within 10 grep -q AP-ENABLED /run/hostapd.log",
        )
        .well();
    class.all_arrive(&[1, 2, 3], "http://$HOST/part");
    let sent_off = class.arrive(&[4], "http://$HOST/part", 5);
    assert_eq!(sent_off[0].joined, None, "no seat was left");

    let leave = "switch_off 4; switch_off 3; hostapd_cli -p /run/hostapd disassociate $(radio_of 3) >/dev/null";
    let good = class.back_after(leave, 3, 10);
    assert!(good.is_some(), "a newcomer gets on where nothing is wrong");
    let stopped = class.back_after("kill -STOP $(pidof hostapd)", 3, 20);
    assert_eq!(stopped, None, "a stopped daemon takes nobody in");
    let killed = class.back_after("kill -KILL $(pidof hostapd)", 3, 20);
    assert_eq!(killed, None, "a killed daemon takes nobody in");
    eprintln!("air, bare daemons: {:?} of CPU", class.cpu_time());
}
