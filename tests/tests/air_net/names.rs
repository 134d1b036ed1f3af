//! Names and IPv6: what devices are told.

use board_support::radio::Air;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv6Addr, TcpListener, TcpStream};
use std::process::Output;
use std::time::Duration;
use system_tests::need;
use system_tests::net::dns::{self, kind};
use system_tests::net::{AirBox, Namespace};
use system_tests::world::{DEADLINE, wait_for};

/// The lines of `dig +short`.
fn dig(device: &Namespace, arguments: &[&str]) -> Vec<String> {
    let said = said(device, &[&["+short"], arguments].concat());
    let lines = String::from_utf8(said.stdout).unwrap();
    lines.lines().map(str::to_owned).collect()
}

/// As `status: NOERROR`.
fn status(device: &Namespace, arguments: &[&str]) -> String {
    let text = String::from_utf8(said(device, arguments).stdout).unwrap();
    let (_, rest) = text.split_once("status: ").expect("an answer");
    rest.split(',').next().unwrap().to_owned()
}

fn said(device: &Namespace, arguments: &[&str]) -> Output {
    let said = device.run(
        "dig",
        &[&["@10.73.0.1", "+tries=1", "+time=5"], arguments].concat(),
    );
    assert!(
        said.status.success(),
        "{}",
        String::from_utf8_lossy(&said.stdout)
    );
    said
}

fn six(device: &Namespace) -> Ipv6Addr {
    wait_for("an IPv6 address", DEADLINE, || {
        let all = device.addresses(AirBox::PORT);
        all.into_iter().find_map(|address| match address {
            IpAddr::V6(six) => Some(six),
            IpAddr::V4(_) => None,
        })
    })
}

#[test]
fn two_dhcp_clients_find_the_box_a_pack_and_every_probe_and_nothing_hangs() {
    const TEST: &str = "two_dhcp_clients_find_the_box_a_pack_and_every_probe_and_nothing_hangs";
    let Some(()) = need::program(TEST, "dhclient", "isc-dhcp-client")
        .and_then(|_| need::program(TEST, "udhcpc", "udhcpc"))
        .and_then(|_| need::program(TEST, "dig", "bind9-dnsutils"))
        .map(|_| ())
    else {
        return;
    };
    let Some(mut world) = AirBox::new(TEST) else {
        return;
    };
    let (one, two) = (world.joined(TEST).unwrap(), world.joined(TEST).unwrap());
    world.serve();
    let named = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&named, "send host-name \"tablet-of-amina\";\n").unwrap();
    let addresses = [
        world.dhclient(&one, &["-cf", named.path().to_str().unwrap()]),
        world.udhcpc(&two, &["-x", "hostname:tablet-of-bilal"]),
    ];
    assert_ne!(addresses[0], addresses[1]);
    let signs = world.signs();
    assert_eq!((signs.leases, signs.trouble.len()), (2, 0), "{signs:?}");

    for device in [&one, &two] {
        for name in [
            AirBox::HOST,
            "physics.school.internal",
            "connectivitycheck.gstatic.com",
            "captive.apple.com",
            "www.a-school-far-away.example",
            "school",
        ] {
            assert_eq!(dig(device, &[name, "A"]), ["10.73.0.1"], "{name}");
            let [six] = &dig(device, &[name, "AAAA"])[..] else {
                panic!("one address of {name}")
            };
            assert!(six.starts_with("fd") && six.ends_with("::1"), "{six}");
            for other in ["HTTPS", "SVCB", "TXT", "MX", "PTR", "SOA"] {
                assert_eq!(status(device, &[name, other]), "NOERROR", "{name} {other}");
                assert_eq!(dig(device, &[name, other]).len(), 0, "{name} {other}");
            }
        }
        assert_eq!(dig(device, &["+tcp", AirBox::HOST]), ["10.73.0.1"]);
        for name in [
            "ipv4only.arpa",
            "use-application-dns.net",
            "mask.icloud.com",
            "wpad",
        ] {
            assert_eq!(status(device, &[name, "A"]), "NXDOMAIN", "{name}");
            assert_eq!(status(device, &[name, "AAAA"]), "NXDOMAIN", "{name}");
        }
    }
    no_names_are_kept(&mut world);
    devices_do_not_reach_one_another(&one, &two, addresses);
}

fn no_names_are_kept(world: &mut AirBox) {
    world.act(Air::silence);
    let mut looked = 0;
    for folder in [world.run_folder(), world.data_folder()] {
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_file() {
                let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
                assert!(
                    !text.contains("amina") && !text.contains("bilal"),
                    "{}",
                    path.display()
                );
                looked += usize::from(text.contains("10.73."));
            }
        }
    }
    // The control: the files with the leases were among them.
    assert!(looked >= 2, "{looked}");
    world.serve();
}

fn devices_do_not_reach_one_another(one: &Namespace, two: &Namespace, addresses: [IpAddr; 2]) {
    let reaches = |from: &Namespace, to: IpAddr| {
        let patience = Duration::from_secs(2);
        from.inside(|| TcpStream::connect_timeout(&(to, 4000).into(), patience).is_ok())
    };
    let listener = two.inside(|| TcpListener::bind("0.0.0.0:4000")).unwrap();
    assert!(!reaches(one, addresses[1]));
    // The control: who is not kept apart reaches it.
    assert!(reaches(two, addresses[1]));
    drop(listener);
}

#[test]
fn a_device_with_ipv6_alone_gets_an_address_and_reaches_the_box_by_name() {
    const TEST: &str = "a_device_with_ipv6_alone_gets_an_address_and_reaches_the_box_by_name";
    if need::program(TEST, "dig", "bind9-dnsutils").is_none() {
        return;
    }
    let Some(mut world) = AirBox::new(TEST) else {
        return;
    };
    let device = world.joined(TEST).unwrap();
    world.serve();
    let own = six(&device);
    assert_eq!(own.octets()[0], 0xfd);
    // No router: what is nowhere is known to be nowhere at once.
    assert!(!device.ip(&["-6", "route"]).contains("default"));

    let server = IpAddr::V6(world_six(&device));
    let asked = format!("@{server}");
    let said = device.run("dig", &[&asked, "+short", AirBox::HOST, "AAAA"]);
    assert_eq!(
        String::from_utf8(said.stdout).unwrap().trim(),
        server.to_string()
    );
    let listener = world
        .network()
        .inside(|| TcpListener::bind("[::]:80"))
        .unwrap();
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"lessons").unwrap();
    });
    let page = device.inside(|| {
        let mut stream = TcpStream::connect((server, 80)).unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).unwrap();
        page
    });
    served.join().unwrap();
    assert_eq!(page, "lessons");
    let signs = world.signs();
    assert_eq!(signs.leases, 0, "an IPv6 device needs no lease");
}

/// The box's own address: the first one of the prefix that it announced.
fn world_six(device: &Namespace) -> Ipv6Addr {
    let [a, b, c, d, ..] = six(device).segments();
    Ipv6Addr::new(a, b, c, d, 0, 0, 0, 1)
}

#[test]
fn no_question_is_answered_with_much_more_than_it_was() {
    const TEST: &str = "no_question_is_answered_with_much_more_than_it_was";
    let Some(mut world) = AirBox::new(TEST) else {
        return;
    };
    let device = world.joined(TEST).unwrap();
    world.serve();
    device.ip(&["address", "add", "10.73.0.9/20", "dev", AirBox::PORT]);
    let mut most = 0.0f64;
    for name in [
        "",
        "com",
        AirBox::HOST,
        "physics.school.internal",
        "a.example",
    ] {
        for kind in [
            kind::A,
            kind::AAAA,
            kind::ANY,
            kind::TXT,
            kind::DNSKEY,
            kind::HTTPS,
        ] {
            for edns in [false, true] {
                let ask = || dns::ask(AirBox::ADDRESS.into(), name, kind, edns);
                let answer = device.inside(ask).expect("an answer");
                assert_eq!(answer.code, 0, "{name} {kind}");
                let factor = answer.bytes as f64 / answer.asked_bytes as f64;
                assert!(
                    answer.records <= 1 && factor < 2.7,
                    "{name} {kind}: {answer:?}"
                );
                most = most.max(factor);
            }
        }
    }
    eprintln!("the longest answer is {most:.2} times its question");
    // The control: an answer is counted at all.
    assert!(most > 1.0);
}
