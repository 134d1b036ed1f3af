#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

use super::*;
use crate::skip::skip;
use nix::sched::{CloneFlags, unshare};

const SECRET: &[u8] = b"a box's own";
const GATE: Ipv4Addr = Ipv4Addr::new(10, 42, 0, 1);

/// Runs in a network namespace that ends with the test; skipped where none may be made.
fn in_own_network(test: &str, body: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        let own = scope.spawn(|| {
            if let Err(error) = unshare(CloneFlags::CLONE_NEWNET) {
                skip(
                    test,
                    &format!("no network namespace: {error}"),
                    "run as root",
                );
                return;
            }
            body();
        });
        if let Err(panic) = own.join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// A bridge, and a cable whose other end is nobody's.
fn bridge_and_cable() -> Bridge {
    let bridge = Bridge::new(BRIDGE, SECRET);
    let mut links = Links::open().unwrap();
    links
        .add("cable0", "veth", Mac([2, 0, 0, 0, 0, 9]))
        .unwrap();
    bridge
}

fn addresses() -> Vec<String> {
    let mut links = Links::open().unwrap();
    let link = links.find(BRIDGE).unwrap();
    let all = links.addresses(&link).unwrap();
    let mut all: Vec<String> = all
        .iter()
        .map(|address| format!("{}/{}", address.ip, address.prefix))
        .collect();
    all.sort();
    all
}

#[test]
fn the_bridge_is_made_as_asked_and_again_without_a_change() {
    in_own_network("network::bridge_is_made", || {
        let bridge = bridge_and_cable();
        bridge.remove().unwrap();
        bridge.hold(GATE, 22).unwrap();
        let six = format!("{}/64", bridge.six());
        assert_eq!(addresses(), ["10.42.0.1/22".to_owned(), six.clone()]);
        let link = Links::open().unwrap().find(BRIDGE).unwrap();
        assert!(link.up && link.kind.as_deref() == Some("bridge"));
        assert_eq!(link.mac, Some(bridge.mac));

        bridge.hold(GATE, 22).unwrap();
        assert_eq!(addresses().len(), 2);
        assert_eq!(
            Links::open().unwrap().find(BRIDGE).unwrap().index,
            link.index,
            "the same one"
        );

        // Another plan: the old address goes, also the one of the same network.
        bridge.hold(Ipv4Addr::new(10, 42, 0, 2), 22).unwrap();
        assert_eq!(addresses(), ["10.42.0.2/22".to_owned(), six.clone()]);
        bridge.hold(Ipv4Addr::new(192, 168, 7, 1), 24).unwrap();
        assert_eq!(addresses(), ["192.168.7.1/24".to_owned(), six]);

        // What somebody else did to it is undone.
        Links::open().unwrap().set_up(BRIDGE, false).unwrap();
        bridge.hold(GATE, 22).unwrap();
        assert!(Links::open().unwrap().find(BRIDGE).unwrap().up);
        assert_eq!(
            addresses().len(),
            2,
            "the kernel took the IPv6 address with it"
        );

        bridge.remove().unwrap();
        bridge.remove().unwrap();
        assert!(matches!(
            Links::open().unwrap().find(BRIDGE),
            Err(KernelError::NoInterface { .. })
        ));
    });
}

#[test]
fn cables_come_and_go_and_the_box_keeps_its_address() {
    in_own_network("network::cables_come_and_go", || {
        let bridge = bridge_and_cable();
        bridge.hold(GATE, 22).unwrap();
        let own = Links::open().unwrap().find(BRIDGE).unwrap().mac;
        bridge.add_cable("cable0").unwrap();
        bridge.add_cable("cable0").unwrap();
        bridge.isolate("cable0").unwrap();
        assert_eq!(bridge.ports().unwrap(), ["cable0"]);
        let mut links = Links::open().unwrap();
        assert!(links.find("cable0").unwrap().up);
        assert_eq!(links.find(BRIDGE).unwrap().mac, own, "a lower one came");
        let missing = bridge.add_cable("cable7").unwrap_err().to_string();
        assert!(missing.contains("cable7"), "{missing}");
        assert!(bridge.isolate("lo").is_err(), "lo is no port");

        bridge.drop_cable("cable0").unwrap();
        bridge.drop_cable("cable0").unwrap();
        bridge.drop_cable("cable7").unwrap();
        assert!(bridge.ports().unwrap().is_empty());
        down_up("cable0").unwrap();
        set_up("cable0", false).unwrap();
        assert!(!links.find("cable0").unwrap().up);
        assert!(bridge.neighbours().unwrap().is_empty());
    });
}

#[test]
fn an_interface_of_that_name_that_is_no_bridge_is_left_alone() {
    in_own_network("network::no_bridge", || {
        let mut links = Links::open().unwrap();
        links.add(BRIDGE, "veth", Mac([2, 0, 0, 0, 0, 9])).unwrap();
        let refused = Bridge::new(BRIDGE, SECRET).hold(GATE, 22).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the kernel does not make the bridge box0: another interface has that name; rename it"
        );
        assert_eq!(links.find(BRIDGE).unwrap().kind.as_deref(), Some("veth"));
    });
}

#[test]
fn an_interface_is_waited_for() {
    in_own_network("network::waited_for", || {
        let soon = Duration::from_millis(50);
        let missing = wait_for("later0", soon).unwrap_err();
        assert!(
            matches!(missing, KernelError::NoInterface { .. }),
            "{missing}"
        );
        let mut links = Links::open().unwrap();
        links
            .add("later0", "bridge", Mac([2, 0, 0, 0, 0, 9]))
            .unwrap();
        wait_for("later0", Duration::from_secs(5)).unwrap();
    });
}

#[test]
fn what_an_address_comes_from() {
    let one = Bridge::new(BRIDGE, SECRET);
    assert_eq!(one, Bridge::new(BRIDGE, SECRET));
    let other = Bridge::new(BRIDGE, b"another box's");
    assert!(one.six() != other.six() && one.mac != other.mac);
    for box_ in [one, other] {
        assert!(box_.six().is_unique_local());
        assert_eq!(box_.mac.0[0], 0x02);
    }
}
