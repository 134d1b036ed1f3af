//! The image's rules of what comes in, around the box's own network.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::time::{Duration, Instant};
use system_tests::need::{self, Met};
use system_tests::net::dhcp::{Ask, Asker};
use system_tests::net::{AirBox, Namespace, dns};

const RULES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../yocto-layer/recipes-core/school-box/files/nftables.conf"
);
const PATIENCE: Duration = Duration::from_secs(2);

/// A box that serves, before the rules hold, and a device.
fn walled(test: &str) -> Met<(AirBox, Namespace)> {
    need::program(test, "nft", "nftables")?;
    let mut world = AirBox::new(test)?;
    let device = world.joined(test)?;
    world.serve();
    Some((world, device))
}

pub(crate) fn wall(world: &AirBox) {
    assert!(Path::new(RULES).is_file());
    let said = world.network().run("nft", &["--file", RULES]);
    assert!(
        said.status.success(),
        "{}",
        String::from_utf8_lossy(&said.stderr)
    );
}

fn knock(device: &Namespace, port: u16) -> ErrorKind {
    let at = SocketAddr::from((AirBox::ADDRESS, port));
    let knocked = device.inside(|| TcpStream::connect_timeout(&at, PATIENCE));
    knocked.expect_err("nobody is there").kind()
}

#[test]
fn devices_get_address_and_names_and_what_is_not_served_is_refused_at_once() {
    const TEST: &str = "devices_get_address_and_names_and_what_is_not_served_is_refused_at_once";
    let Some((mut world, device)) = walled(TEST) else {
        return;
    };
    if need::program(TEST, "udhcpc", "udhcpc").is_none() {
        return;
    }
    wall(&world);
    world.udhcpc(&device, &[]);
    let ask = || dns::ask(AirBox::ADDRESS.into(), AirBox::HOST, dns::kind::A, true);
    assert_eq!(device.inside(ask).map(|answer| answer.records), Some(1));
    for port in [443, 853, 8080] {
        let before = Instant::now();
        assert_eq!(knock(&device, port), ErrorKind::ConnectionRefused, "{port}");
        assert!(before.elapsed() < PATIENCE, "{port}");
    }
    let quic = device.inside(|| {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.connect((AirBox::ADDRESS, 443)).unwrap();
        socket.send(b"hello").unwrap();
        socket.recv(&mut [0; 1]).unwrap_err().kind()
    });
    assert_eq!(quic, ErrorKind::ConnectionRefused);
    let signs = world.signs();
    assert_eq!(
        signs.names,
        board_support::radio::Daemon::Answers,
        "the box asks itself"
    );
    // The control: a wall that only drops leaves a phone waiting.
    let drop = [
        "add",
        "rule",
        "inet",
        "school_box",
        "raw",
        "tcp",
        "dport",
        "443",
        "drop",
    ];
    let chain = "add chain inet school_box raw { type filter hook input priority -10; }";
    assert!(world.network().run("nft", &[chain]).status.success());
    assert!(world.network().run("nft", &drop).status.success());
    assert_eq!(knock(&device, 443), ErrorKind::TimedOut);
}

#[test]
fn a_flood_from_one_device_takes_few_addresses() {
    const TEST: &str = "a_flood_from_one_device_takes_few_addresses";
    let Some((mut world, device)) = walled(TEST) else {
        return;
    };
    let flood = |device: &Namespace| {
        device.inside(|| {
            let asker = Asker::on(AirBox::PORT);
            for n in 0..300u16 {
                let [high, low] = n.to_be_bytes();
                asker.send([0x02, 0, 0, 1, high, low], Ask::Rapid);
                // As fast as a radio would carry them.
                std::thread::sleep(Duration::from_millis(2));
            }
        });
    };
    wall(&world);
    flood(&device);
    std::thread::sleep(Duration::from_millis(500));
    let walled = world.signs().leases;
    eprintln!("300 made-up devices at one radio get {walled} leases");
    assert!((1..=30).contains(&walled), "{walled}");
    // The control: without the rules all get one.
    assert!(
        world
            .network()
            .run("nft", &["flush", "ruleset"])
            .status
            .success()
    );
    flood(&device);
    // Some get lost where the machine is loaded.
    world.await_signs("most of them", |signs| signs.leases > 5 * walled);
}
