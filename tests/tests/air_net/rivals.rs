//! Another DHCP server on the wire.

use std::fs;
use std::net::Ipv4Addr;
use std::process::{Child, Command};
use system_tests::need;
use system_tests::net::{AirBox, Namespace};
use system_tests::world::wait_until;

/// An access point as it comes out of its box: its own network, its own DHCP.
struct Rival {
    program: Child,
    _folder: tempfile::TempDir,
}

impl Rival {
    fn at(device: &Namespace) -> Self {
        device.ip(&["address", "add", "192.168.88.1/24", "dev", AirBox::PORT]);
        let folder = tempfile::tempdir().unwrap();
        let leases = folder.path().join("leases");
        let mut command: Command = device.command("dnsmasq");
        command
            .args([
                "--keep-in-foreground",
                "--conf-file=/dev/null",
                "--port=0",
                "--no-ping",
                "--user=",
            ])
            .args([
                "--interface",
                AirBox::PORT,
                "--dhcp-range=192.168.88.10,192.168.88.99",
            ])
            .arg(format!("--dhcp-leasefile={}", leases.display()));
        let program = command.spawn().unwrap();
        wait_until("the rival", || fs::exists(&leases).unwrap());
        Self {
            program,
            _folder: folder,
        }
    }
}

impl Drop for Rival {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

#[test]
fn another_dhcp_server_is_found_and_a_quiet_wire_has_none() {
    const TEST: &str = "another_dhcp_server_is_found_and_a_quiet_wire_has_none";
    let Some(mut world) = need::program(TEST, "nft", "nftables").and_then(|_| AirBox::new(TEST))
    else {
        return;
    };
    let device = world.joined(TEST).unwrap();
    world.serve();
    // As on a box: its rules of what comes in let the offers through.
    super::firewall::wall(&world);
    // The control. Long enough for an answer: each look reads what came in since the one before.
    for _ in 0..10 {
        let signs = world.signs();
        assert_eq!(signs.rival, None, "the box is not its own rival");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(world.signs().leases, 0, "and to ask takes no address");
    let _rival = Rival::at(&device);
    // A cable that is plugged in is asked at once, else every ten minutes.
    let _other = world.joined(TEST).unwrap();
    world.serve();
    let signs = world.await_signs("the rival", |signs| signs.rival.is_some());
    assert_eq!(signs.rival, Some(Ipv4Addr::new(192, 168, 88, 1)));
    assert_eq!(signs.leases, 0);
}
