//! Leases: kept, mended, enough of them.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::Duration;
use system_tests::need;
use system_tests::net::dhcp::{Ask, Asker};
use system_tests::net::{AirBox, Namespace};

const PATIENCE: Duration = Duration::from_secs(10);

fn device(n: u16) -> [u8; 6] {
    let [high, low] = n.to_be_bytes();
    [0x02, 0, 0, 0, high, low]
}

fn four(address: IpAddr) -> Ipv4Addr {
    let IpAddr::V4(four) = address else {
        panic!("{address} is none of IPv4")
    };
    four
}

/// Asks whether a device may have again what it had before: 5 is yes, 6 no.
fn again(at: &Namespace, device: [u8; 6], had: Ipv4Addr) -> Option<u8> {
    at.inside(|| {
        let asker = Asker::on(AirBox::PORT);
        asker
            .ask(device, Ask::Again(had), PATIENCE)
            .map(|answer| answer.kind)
    })
}

fn leased(at: &Namespace, device: [u8; 6]) -> Ipv4Addr {
    let given = at.inside(|| Asker::on(AirBox::PORT).lease(device, PATIENCE));
    given.expect("an address").address
}

fn kept(world: &AirBox) -> String {
    std::fs::read_to_string(world.data_folder().join("leases")).unwrap()
}

#[test]
fn leases_outlive_a_restart_of_the_machine_and_a_power_cut() {
    const TEST: &str = "leases_outlive_a_restart_of_the_machine_and_a_power_cut";
    if need::program(TEST, "udhcpc", "udhcpc").is_none() {
        return;
    }
    let Some(mut world) = AirBox::new(TEST) else {
        return;
    };
    let at = world.joined(TEST).unwrap();
    world.serve();
    let first = four(world.udhcpc(&at, &[]));
    assert_eq!(world.signs().leases, 1);
    assert!(kept(&world).contains(&first.to_string()));
    let other = leased(&at, device(1));
    world.restart();
    world.serve();
    assert_eq!(world.signs().leases, 2);
    assert_eq!(again(&at, device(1), other), Some(5));
    assert_eq!(again(&at, device(2), other), Some(6), "it is another's");
    assert_eq!(four(world.udhcpc(&at, &[])), first);

    world.power_cut();
    world.serve();
    assert_eq!(world.signs().leases, 2);
    assert_eq!(again(&at, device(2), other), Some(6), "it is another's");
    // The control: with the kept list gone nobody is known, and who comes first has it.
    world.power_cut();
    std::fs::remove_file(world.data_folder().join("leases")).unwrap();
    world.serve();
    assert_eq!(world.signs().leases, 0);
    assert_eq!(again(&at, device(2), other), Some(5));
}

#[test]
fn a_damaged_list_of_leases_is_told_once_and_stops_nothing() {
    const TEST: &str = "a_damaged_list_of_leases_is_told_once_and_stops_nothing";
    let Some(mut world) = AirBox::new(TEST) else {
        return;
    };
    let at = world.joined(TEST).unwrap();
    world.serve();
    let had = leased(&at, device(1));
    world.restart();
    let good = kept(&world);
    assert!(good.contains(&had.to_string()));
    let damaged = format!("\0\u{1}9999 garbage 10.73.0.77\nduid zz\n{good}1764360000 02:00:00:00");
    std::fs::write(world.data_folder().join("leases"), damaged).unwrap();
    world.heard();
    world.serve();
    world.signs();
    let heard = world.heard();
    let [trouble] = &heard[..] else {
        panic!("told once: {heard:?}")
    };
    assert!(trouble.contains("2 lines were damaged"), "{trouble}");
    assert_eq!(
        again(&at, device(2), had),
        Some(6),
        "what was whole is kept"
    );
    assert_eq!(again(&at, device(1), had), Some(5));
}

#[test]
fn a_thousand_made_up_devices_leave_room_for_a_class_and_a_real_one_is_served() {
    const TEST: &str = "a_thousand_made_up_devices_leave_room_for_a_class_and_a_real_one_is_served";
    if need::program(TEST, "dhclient", "isc-dhcp-client").is_none() {
        return;
    }
    let Some(mut world) = AirBox::new(TEST) else {
        return;
    };
    let (at, pupil) = (world.joined(TEST).unwrap(), world.joined(TEST).unwrap());
    world.serve();
    let given = at.inside(|| {
        let asker = Asker::on(AirBox::PORT);
        let rapid = |n| asker.ask(device(n), Ask::Rapid, PATIENCE);
        let answers = (0..1000).filter_map(|n| rapid(n).map(|answer| answer.address));
        answers.collect::<BTreeSet<_>>()
    });
    assert_eq!(given.len(), 1000, "each has an address of its own");
    let signs = world.signs();
    assert_eq!(signs.leases, 1000);
    let own = world.dhclient(&pupil, &[]);
    assert!(!given.contains(&four(own)));
    let memory = resident_kb(&world.daemons());
    eprintln!("dnsmasq has {memory} kB with a thousand leases");
    assert!(memory < 20_000, "{memory} kB");
    assert!(kept(&world).lines().count() <= 1001);
}

fn resident_kb(ids: &[String]) -> u64 {
    let [id] = ids else {
        panic!("one daemon: {ids:?}")
    };
    let status = std::fs::read_to_string(Path::new("/proc").join(id).join("status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn the_portal_is_told_only_where_the_plan_names_it() {
    const TEST: &str = "the_portal_is_told_only_where_the_plan_names_it";
    const API: &str = "https://box.example.org/captive-portal";
    let Some(mut world) = AirBox::new(TEST) else {
        return;
    };
    let at = world.joined(TEST).unwrap();
    world.serve();
    let portal = |at: &Namespace, n| {
        let given = at
            .inside(|| Asker::on(AirBox::PORT).lease(device(n), PATIENCE))
            .unwrap();
        assert_eq!(
            given.option(3),
            Some(&AirBox::ADDRESS.octets()[..]),
            "the router"
        );
        assert_eq!(
            given.option(6),
            Some(&AirBox::ADDRESS.octets()[..]),
            "the names"
        );
        given.option(114).map(<[u8]>::to_vec)
    };
    assert_eq!(portal(&at, 1), None);
    world.plan().portal_api = Some(API.to_owned());
    world.serve();
    assert_eq!(portal(&at, 2).as_deref(), Some(API.as_bytes()));
}
