//! A device that speaks DHCP as it likes (RFC 2131), from whatever address of its own.

use socket2::{Domain, Protocol, Socket, Type};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::time::Duration;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Who gives addresses?
    Discover,
    /// The same, and an address at once from who can (RFC 4039).
    Rapid,
    /// May I have this one, which this server offered?
    Request(Ipv4Addr, Ipv4Addr),
    /// I had this one before: does it hold?
    Again(Ipv4Addr),
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// 2: offer, 5: given, 6: refused.
    pub kind: u8,
    /// The address that it is about.
    pub address: Ipv4Addr,
    /// Options by number.
    pub options: Vec<(u8, Vec<u8>)>,
}

impl Answer {
    /// The value of an option.
    #[must_use]
    pub fn option(&self, code: u8) -> Option<&[u8]> {
        let found = self.options.iter().find(|(number, _)| *number == code);
        found.map(|(_, value)| value.as_slice())
    }

    /// An option that is an address.
    #[must_use]
    pub fn server(&self) -> Option<Ipv4Addr> {
        let four: [u8; 4] = self.option(54)?.try_into().ok()?;
        Some(Ipv4Addr::from(four))
    }
}

/// A socket on an interface from which to ask; the thread has to be inside the device's namespace.
#[derive(Debug)]
pub struct Asker {
    socket: UdpSocket,
}

impl Asker {
    /// On `interface`, which needs no address.
    ///
    /// # Panics
    /// When the port is taken, or there is no such interface.
    #[must_use]
    pub fn on(interface: &str) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).expect("a socket");
        socket.set_reuse_address(true).expect("an option");
        socket
            .bind_device(Some(interface.as_bytes()))
            .expect("the interface");
        socket.set_broadcast(true).expect("an option");
        let port = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 68);
        socket.bind(&port.into()).expect("the port of DHCP");
        Self {
            socket: socket.into(),
        }
    }

    /// Asks, and waits for the answer to this device; `None` when none comes in time.
    ///
    /// # Panics
    /// When the kernel does not take the question.
    #[must_use]
    pub fn ask(&self, device: [u8; 6], ask: Ask, patience: Duration) -> Option<Answer> {
        self.send(device, ask);
        self.socket
            .set_read_timeout(Some(patience))
            .expect("an option");
        loop {
            let mut bytes = [0; 1500];
            let length = self.socket.recv(&mut bytes).ok()?;
            if let Some(answer) = answer(&bytes[..length], device) {
                return Some(answer);
            }
        }
    }

    /// Asks, and does not listen.
    ///
    /// # Panics
    /// When the kernel does not take the question.
    pub fn send(&self, device: [u8; 6], ask: Ask) {
        let everybody = SocketAddrV4::new(Ipv4Addr::BROADCAST, 67);
        self.socket
            .send_to(&question(device, ask), everybody)
            .expect("the question goes out");
    }

    /// Gets an address with all four messages; `None` when nobody gives one.
    #[must_use]
    pub fn lease(&self, device: [u8; 6], patience: Duration) -> Option<Answer> {
        let offer = self.ask(device, Ask::Discover, patience)?;
        let request = Ask::Request(offer.address, offer.server()?);
        let given = self.ask(device, request, patience)?;
        (given.kind == 5).then_some(given)
    }
}

fn question(device: [u8; 6], ask: Ask) -> Vec<u8> {
    let mut packet = vec![0; 236];
    packet[..3].copy_from_slice(&[1, 1, 6]);
    packet[4..8].copy_from_slice(&device[2..]);
    // Answers go to everybody.
    packet[10] = 0x80;
    packet[28..34].copy_from_slice(&device);
    packet.extend([99, 130, 83, 99]);
    let kind = |kind: u8| [53, 1, kind];
    let address = |code: u8, address: Ipv4Addr| {
        let [a, b, c, d] = address.octets();
        [code, 4, a, b, c, d]
    };
    match ask {
        Ask::Discover => packet.extend(kind(1)),
        Ask::Rapid => {
            packet.extend(kind(1));
            packet.extend([80, 0]);
        }
        Ask::Request(wanted, server) => {
            packet.extend(kind(3));
            packet.extend(address(50, wanted));
            packet.extend(address(54, server));
        }
        Ask::Again(had) => {
            packet.extend(kind(3));
            packet.extend(address(50, had));
        }
    }
    // Mask, router, DNS, portal.
    packet.extend([55, 4, 1, 3, 6, 114, 255]);
    packet.resize(300, 0);
    packet
}

fn answer(packet: &[u8], device: [u8; 6]) -> Option<Answer> {
    if packet.len() < 240 || packet[0] != 2 || packet[28..34] != device {
        return None;
    }
    let mut options = Vec::new();
    let mut rest = &packet[240..];
    while let [code, tail @ ..] = rest {
        if *code == 255 {
            break;
        }
        let Some((length, tail)) = tail.split_first().filter(|_| *code != 0) else {
            rest = tail;
            continue;
        };
        let (value, tail) = tail.split_at_checked(usize::from(*length))?;
        options.push((*code, value.to_vec()));
        rest = tail;
    }
    let four: [u8; 4] = packet[16..20].try_into().ok()?;
    let mut answer = Answer {
        kind: 0,
        address: Ipv4Addr::from(four),
        options,
    };
    answer.kind = *answer.option(53)?.first()?;
    Some(answer)
}
