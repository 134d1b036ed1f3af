use super::*;
use proptest::prelude::*;
use std::time::Duration;

fn plan() -> NetPlan {
    NetPlan {
        address: Ipv4Addr::new(10, 73, 0, 1),
        prefix: 20,
        host: "school.internal".to_owned(),
        lease: Duration::from_secs(12 * 3600),
        portal_api: None,
        cables: Vec::new(),
    }
}

fn made(plan: &NetPlan) -> Result<String, BoardError> {
    text(
        plan,
        Places {
            bridge: "box0",
            leases: Path::new("/run/school-box/air/leases"),
            six: "fd73:6262:1::1".parse().unwrap(),
        },
    )
}

#[test]
fn a_network_for_a_school() {
    insta::assert_snapshot!(made(&plan()).unwrap());
}

#[test]
fn with_a_certificate_the_portal_is_told() {
    let plan = NetPlan {
        portal_api: Some("https://box.example.org/captive-portal".to_owned()),
        ..plan()
    };
    let text = made(&plan).unwrap();
    assert!(text.contains("\ndhcp-option=114,https://box.example.org/captive-portal\n"));
    assert!(!made(&self::plan()).unwrap().contains("114"));
}

#[test]
fn addresses_for_devices() {
    let table = [
        ("10.73.0.1", 20, "10.73.0.16", "10.73.15.254"),
        ("172.16.0.1", 16, "172.16.0.16", "172.16.255.254"),
        ("192.168.1.1", 24, "192.168.1.16", "192.168.1.254"),
        ("192.168.1.254", 24, "192.168.1.16", "192.168.1.253"),
        ("192.168.1.16", 24, "192.168.1.17", "192.168.1.254"),
        ("192.168.1.200", 24, "192.168.1.16", "192.168.1.199"),
        ("192.168.1.65", 26, "192.168.1.80", "192.168.1.126"),
    ];
    for (address, prefix, first, last) in table {
        let net = NetPlan {
            address: address.parse().unwrap(),
            prefix,
            ..plan()
        };
        let range = range(&net).unwrap();
        assert_eq!(range.first.to_string(), first, "{address}/{prefix}");
        assert_eq!(range.last.to_string(), last, "{address}/{prefix}");
    }
}

#[test]
fn what_dnsmasq_could_not_take_is_named() {
    let mut named = Vec::new();
    let mut refused = |change: fn(&mut NetPlan)| {
        let mut plan = plan();
        change(&mut plan);
        named.push(made(&plan).unwrap_err().to_string());
    };
    refused(|p| p.prefix = 15);
    refused(|p| p.prefix = 27);
    refused(|p| p.address = Ipv4Addr::new(10, 73, 0, 0));
    refused(|p| p.address = Ipv4Addr::new(10, 73, 15, 255));
    refused(|p| p.lease = Duration::from_secs(119));
    refused(|p| p.lease = Duration::from_secs(8 * 24 * 3600));
    refused(|p| p.host = String::new());
    refused(|p| p.host = "school/#/.internal".to_owned());
    refused(|p| p.host = "school.internal\nconf-script=/bin/sh".to_owned());
    refused(|p| p.portal_api = Some("http://box.example.org/".to_owned()));
    refused(|p| p.portal_api = Some("https://box.example.org/\",1".to_owned()));
    insta::assert_snapshot!(named.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_slips_into_another_line(host in ".{1,20}", api in ".{0,40}") {
        let lines = made(&plan()).unwrap().lines().count();
        let odd = NetPlan { host, portal_api: Some(format!("https://{api}")), ..plan() };
        if let Ok(text) = made(&odd) {
            prop_assert_eq!(text.lines().count(), lines + 2);
        }
    }

    #[test]
    fn the_box_is_never_among_the_addresses_for_devices(address: u32, prefix in 16..=26u8) {
        let net = NetPlan { address: Ipv4Addr::from(address), prefix, ..plan() };
        if let Ok(range) = range(&net) {
            prop_assert!(range.first <= range.last);
            prop_assert!(!(range.first..=range.last).contains(&net.address));
            let mask = u32::from(range.mask);
            prop_assert_eq!(u32::from(range.first) & mask, address & mask);
            prop_assert_eq!(u32::from(range.last) & mask, address & mask);
        }
    }
}
