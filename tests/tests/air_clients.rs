//! Devices at a box without a radio: the real `school-box run` serves its network on a cable, as to an access point there, below the image's own
//! firewall; each device is a set of namespaces of its own.
//!
//! Proved with other people's programs: three DHCP clients lease and keep their addresses over the box's restart; NetworkManager finds a portal first
//! and is content afterwards; Chromium comes from its own probe to the portal and loads pages by the packs' names; `dig` gets an answer to whatever a
//! phone asks; devices with IPv4 alone and with IPv6 alone load the portal. A client that floods DHCP or DNS does not keep others out; a second
//! DHCP server is named.
//!
//! Controls: the flood without the firewall takes the leases; NetworkManager's judgement before and after; a box without a rival.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

#[path = "air_clients/school.rs"]
mod school;

use school::School;
use std::time::Instant;
use system_tests::lan::Machine;
use system_tests::need::program;

const HOST: &str = "school.internal";

#[test]
fn dhcp_clients_lease_and_keep_their_addresses() {
    let test = "air_clients::dhcp";
    let Some(mut school) = School::opened(test) else {
        return;
    };
    let Some(clients) = dhcp_clients(test) else {
        return;
    };
    let devices: Vec<(&str, Machine, String)> = clients
        .into_iter()
        .map(|(name, command)| (name, school.device(), command))
        .collect();
    let lease = |machine: &Machine, name: &str, command: &str| {
        let said = machine.shell(command);
        let address =
            machine.shell("ip -4 -o addr show dev eth0 scope global | awk '{ print $4 }'");
        assert!(
            address.text.starts_with("10.48."),
            "{name}: {said}\n{address}"
        );
        let page = machine.shell(&format!("curl -sf --max-time 20 http://{HOST}/"));
        assert!(
            page.text.contains("lessons.school.internal"),
            "{name}: {page}\n{said}"
        );
        address.text
    };
    let first: Vec<String> = devices
        .iter()
        .map(|(name, machine, command)| lease(machine, name, command))
        .collect();
    school.restart();
    for ((name, machine, command), before) in devices.iter().zip(&first) {
        machine.shell("ip addr flush dev eth0 scope global");
        assert_eq!(
            &lease(machine, name, command),
            before,
            "{name} keeps its address"
        );
    }
}

/// Name, and what is run to get a lease; each knows the names of its own script.
fn dhcp_clients(test: &str) -> Option<Vec<(&'static str, String)>> {
    program(test, "dhclient", "isc-dhcp-client")?;
    program(test, "udhcpc", "udhcpc")?;
    program(test, "dhcpcd", "dhcpcd-base")?;
    let script = "cat >/run/lease <<'END'\n#!/bin/sh\n\
        [ \"$1\" = bound ] || exit 0\nip addr add $ip/$mask dev $interface\nip route replace default via $router\necho nameserver $dns >/etc/resolv.conf\nEND\nchmod +x /run/lease";
    Some(vec![
        (
            "dhclient",
            "dhclient -1 -v -pf /run/dhclient.pid eth0 2>&1; pkill -F /run/dhclient.pid".to_owned(),
        ),
        (
            "udhcpc",
            format!("{script}\nudhcpc -n -q -f -t 10 -i eth0 -s /run/lease 2>&1"),
        ),
        ("dhcpcd", "dhcpcd -1 -4 -w -t 30 eth0 2>&1".to_owned()),
    ])
}

#[test]
fn network_manager_finds_a_portal_and_is_content_afterwards() {
    let test = "air_clients::network_manager";
    let Some(school) = School::opened(test) else {
        return;
    };
    let (Some(_), Some(_)) = (
        program(test, "NetworkManager", "network-manager"),
        program(test, "dbus-daemon", "dbus-daemon"),
    ) else {
        return;
    };
    let device = school.device();
    let said = device.shell(include_str!("air_clients/network-manager"));
    assert_eq!(said.code, 0, "{said}");
    let until = |wanted: &str| {
        let said = device.shell(&format!(
            "for n in $(seq 60); do [ \"$(timeout 10 nmcli networking connectivity check)\" = {wanted} ] && exit 0; sleep 1; done
             nmcli general; tail -n 40 /run/nm.log; exit 1"
        ));
        assert_eq!(said.code, 0, "{wanted}: {said}");
    };
    until("portal");
    let page = device.shell(&format!("curl -sf http://{HOST}/"));
    assert!(page.text.contains("lessons.school.internal"), "{page}");
    until("full");
}

#[test]
fn chromium_comes_to_the_portal_and_to_packs_by_their_names() {
    let test = "air_clients::chromium";
    let Some(school) = School::opened(test) else {
        return;
    };
    if program(test, "chromium", "chromium").is_none() {
        return;
    }
    let device = school.leased_device();
    let page = |address: &str| {
        let said = device.shell(&format!(
            "timeout 90 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
             --disable-component-update --disable-sync --user-data-dir=/run/chromium --dump-dom '{address}' 2>/run/chromium.log"
        ));
        assert_eq!(said.code, 0, "{address}: {said}");
        said.text
    };
    let portal = page("http://www.gstatic.com/generate_204");
    assert!(
        portal.contains("lessons.school.internal"),
        "its own probe leads to the portal: {portal}"
    );
    let pack = page(&format!("http://lessons.{HOST}/water.html"));
    assert!(pack.contains("Water"), "{pack}");
}

#[test]
fn whatever_a_phone_asks_is_answered() {
    let test = "air_clients::dig";
    let Some(school) = School::opened(test) else {
        return;
    };
    if program(test, "dig", "dnsutils").is_none() {
        return;
    }
    let device = school.leased_device();
    let dig = |question: &str| {
        let began = Instant::now();
        let said = device.shell(&format!("dig +tries=1 +time=5 @10.48.0.1 {question}"));
        assert_eq!(said.code, 0, "{question}: {said}");
        assert!(
            began.elapsed().as_secs() < 4,
            "{question}: {:?}",
            began.elapsed()
        );
        said.text
    };
    for name in [
        HOST,
        "lessons.school.internal",
        "captive.apple.com",
        "connectivitycheck.gstatic.com",
        "a.b.c.example",
    ] {
        let said = dig(&format!("{name} A"));
        assert!(
            said.contains("status: NOERROR") && said.contains("\tA\t10.48.0.1"),
            "{said}"
        );
        let over_tcp = dig(&format!("+tcp {name} A"));
        assert!(over_tcp.contains("\tA\t10.48.0.1"), "{over_tcp}");
    }
    // No address that nobody listens at, and no silence: what else phones ask (RFC 9460, RFC 6763).
    for question in [
        "www.apple.com HTTPS",
        "example.org TXT",
        "example.org MX",
        "lb._dns-sd._udp.example.org PTR",
        "example.org AAAA",
    ] {
        let said = dig(question);
        assert!(
            !said.contains("SERVFAIL") && !said.contains("REFUSED"),
            "{said}"
        );
    }
    // Firefox's canary and the wpad of Windows are not there.
    for name in ["use-application-dns.net", "wpad"] {
        let said = dig(&format!("{name} A"));
        assert!(!said.contains("\tA\t10."), "{said}");
    }
}

#[test]
fn devices_with_one_kind_of_address_load_the_portal() {
    let test = "air_clients::addresses";
    if program(test, "rdisc6", "ndisc6").is_none() {
        return;
    }
    let Some(school) = School::opened(test) else {
        return;
    };
    let four = school.leased_device();
    let said = four.shell(&format!(
        "sysctl -qw net.ipv6.conf.all.disable_ipv6=1; curl -sf --max-time 20 http://{HOST}/"
    ));
    assert!(
        said.text.contains("lessons.school.internal"),
        "IPv4 alone: {said}"
    );

    let six = school.device();
    let offered =
        six.shell("for n in $(seq 20); do rdisc6 -1 -w 2000 eth0 && break; sleep 0.5; done");
    let by = |words: &str| offered.text.lines().any(|line| line.contains(words));
    assert!(
        by("Recursive DNS server") && by("Autonomous address conf."),
        "names and a prefix are announced: {offered}"
    );
    // The box's address is the first of the prefix that it announces.
    let said = six.shell(&format!(
        "ip -4 addr flush dev eth0
         for n in $(seq 60); do own=$(ip -6 -o addr show dev eth0 scope global -tentative | sed -n 's/.*inet6 \\([^/]*\\).*/\\1/p' | head -n 1); [ -n \"$own\" ] && break; sleep 0.5; done
         gate=$(python3 -c \"import ipaddress; print(ipaddress.ip_network('$own/64', strict=False)[1])\")
         box=$(dig +short +time=3 @$gate {HOST} AAAA); echo own $own gate $gate box $box
         curl -sfg --max-time 20 -H 'Host: {HOST}' \"http://[$box]/\""
    ));
    assert!(
        said.text.contains("lessons.school.internal"),
        "IPv6 alone: {said}"
    );
}

#[test]
fn a_flood_of_questions_keeps_nobody_out() {
    let test = "air_clients::flood";
    let Some(mut school) = School::opened(test) else {
        return;
    };
    if program(test, "python3", "python3").is_none() {
        return;
    }
    let flooder = school.leased_device();
    let flood = include_str!("air_clients/flood.py");
    let flood = |what: &str| {
        let said = flooder.shell(&format!("python3 - {what} <<'END'\n{flood}\nEND"));
        assert_eq!(said.code, 0, "{said}");
        said.text
            .trim()
            .parse::<u32>()
            .unwrap_or_else(|_| panic!("{said}"))
    };
    let offers = flood("leases");
    assert!(
        offers <= 20,
        "a device that asks for a thousand leases gets {offers}"
    );
    let other = school.leased_device();
    drop(other);
    let answers = flood("names");
    assert!(
        answers < 2000,
        "of 4,000 questions at once {answers} are answered"
    );
    let said = school.device().shell("true");
    assert_eq!(said.code, 0);
    school.firewall_down();
    let offers = flood("leases");
    assert!(offers > 100, "control: without the firewall {offers}");
}

#[test]
fn a_second_dhcp_server_is_named() {
    let test = "air_clients::rival";
    let Some(mut school) = School::opened(test) else {
        return;
    };
    assert_eq!(
        school.radio()["rival_dhcp"],
        serde_json::Value::Null,
        "control: there is none"
    );
    let rival = school.device();
    let said = rival.shell(
        "ip addr add 192.168.7.1/24 dev eth0; dnsmasq --conf-file=/dev/null --interface=eth0 --bind-dynamic --port=0 --user=root --no-ping \
         --dhcp-range=192.168.7.10,192.168.7.90,1h --dhcp-leasefile=/run/leases",
    );
    assert_eq!(said.code, 0, "{said}");
    // It asks at its start, then every ten minutes.
    school.restart();
    school.until("the rival", |radio| radio["rival_dhcp"] == "192.168.7.1");
}
