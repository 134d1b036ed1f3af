//! Another DHCP server on the network: an access point or router at the cable that was not set up to leave addresses to the box. Its devices get
//! addresses that lead nowhere.
//!
//! It is found by asking as a device would that has no address yet, from an address that our dnsmasq was told to leave alone. Nothing is
//! waited for: what came in is read at the next look.

use super::dnsmasq::config::ASKER;
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4, UdpSocket};
use std::time::Duration;

/// Between two questions: a server keeps an address for each, for a while.
const BETWEEN_QUESTIONS: Duration = Duration::from_mins(10);
/// For that long answers are read; some servers first look for three seconds whether the address is taken.
const ANSWERS_COME: Duration = Duration::from_secs(8);
/// Answers that are read at one look.
const ANSWERS: usize = 32;
/// Longer ones are no offers.
const ANSWER_BYTES: usize = 1500;

const SERVER_PORT: u16 = 67;
const CLIENT_PORT: u16 = 68;

/// RFC 2131, figure 1, and the magic number of its options.
mod at {
    pub(super) const XID: std::ops::Range<usize> = 4..8;
    pub(super) const CHADDR: std::ops::Range<usize> = 28..34;
    pub(super) const COOKIE: std::ops::Range<usize> = 236..240;
    pub(super) const OPTIONS: usize = 240;
}
const COOKIE: [u8; 4] = [99, 130, 83, 99];
/// RFC 2132.
mod option {
    pub(super) const PAD: u8 = 0;
    pub(super) const MESSAGE: u8 = 53;
    pub(super) const SERVER: u8 = 54;
    pub(super) const END: u8 = 255;
}
const DISCOVER: u8 = 1;
const OFFER: u8 = 2;

/// Who else gives addresses, as far as is known.
#[derive(Debug, Default)]
pub(crate) struct Rivals {
    asked: Option<Asked>,
    at: Option<Duration>,
    found: Option<Ipv4Addr>,
}

#[derive(Debug)]
struct Asked {
    socket: UdpSocket,
    xid: [u8; 4],
    heard: Option<Ipv4Addr>,
}

impl Rivals {
    /// The network has changed: the next look asks.
    pub(crate) fn ask_soon(&mut self) {
        self.at = None;
        self.asked = None;
    }

    /// Reads what came in, and asks where it is time to. `own` is our server's address.
    ///
    /// # Errors
    /// What the kernel said to a question that it did not take.
    pub(crate) fn look(
        &mut self,
        bridge: &str,
        own: Ipv4Addr,
        now: Duration,
    ) -> io::Result<Option<Ipv4Addr>> {
        let age = self.at.map(|at| now.saturating_sub(at));
        if let Some(asked) = &mut self.asked {
            asked.read(own);
            self.found = asked.heard.or(self.found);
            if age.is_none_or(|age| age >= ANSWERS_COME) {
                self.found = asked.heard;
                self.asked = None;
            }
        }
        if age.is_none_or(|age| age >= BETWEEN_QUESTIONS) {
            // Also where it fails: the next try is ten minutes away.
            self.at = Some(now);
            self.asked = Some(Asked::ask(bridge)?);
        }
        Ok(self.found)
    }
}

impl Asked {
    fn ask(bridge: &str) -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
        // A client of another interface may have the port already.
        socket.set_reuse_address(true)?;
        socket.bind_device(Some(bridge.as_bytes()))?;
        socket.set_broadcast(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, CLIENT_PORT).into())?;
        let mut xid = [0; 4];
        getrandom::fill(&mut xid).map_err(io::Error::other)?;
        let everybody = SocketAddrV4::new(Ipv4Addr::BROADCAST, SERVER_PORT);
        let socket = UdpSocket::from(socket);
        socket.send_to(&discover(xid), everybody)?;
        Ok(Self {
            socket,
            xid,
            heard: None,
        })
    }

    fn read(&mut self, own: Ipv4Addr) {
        for _ in 0..ANSWERS {
            let mut bytes = [0; ANSWER_BYTES];
            let Ok((length, from)) = self.socket.recv_from(&mut bytes) else {
                return;
            };
            let IpAddr::V4(from) = from.ip() else {
                continue;
            };
            let packet = bytes.get(..length).unwrap_or_default();
            let server = offer(packet, self.xid).map(|named| named.unwrap_or(from));
            if let Some(server) = server.filter(|server| *server != own) {
                self.heard = Some(server);
            }
        }
    }
}

/// A device without an address asks everybody (RFC 2131, 3.1), and wants the answer sent to everybody.
fn discover(xid: [u8; 4]) -> Vec<u8> {
    let mut packet = vec![0; at::OPTIONS];
    // A request; of Ethernet; addresses of six bytes.
    packet[..3].copy_from_slice(&[1, 1, 6]);
    packet[at::XID].copy_from_slice(&xid);
    packet[10] = 0x80;
    packet[at::CHADDR].copy_from_slice(&ASKER.0);
    packet[at::COOKIE].copy_from_slice(&COOKIE);
    packet.extend([option::MESSAGE, 1, DISCOVER, option::END]);
    // Some servers drop what is shorter than BOOTP's 300 bytes.
    packet.resize(300, option::PAD);
    packet
}

/// The packet offers an address to us: by whom, where it says so.
fn offer(packet: &[u8], xid: [u8; 4]) -> Option<Option<Ipv4Addr>> {
    let ours = packet.first() == Some(&2)
        && packet.get(at::XID) == Some(&xid)
        && packet.get(at::CHADDR) == Some(&ASKER.0)
        && packet.get(at::COOKIE) == Some(&COOKIE);
    let mut options = packet.get(at::OPTIONS..).filter(|_| ours)?;
    let (mut offers, mut server) = (false, None);
    while let [code, rest @ ..] = options {
        options = match (*code, rest) {
            (option::END, _) => break,
            (option::PAD, _) => rest,
            (code, [length, rest @ ..]) => {
                let Some((value, rest)) = rest.split_at_checked(usize::from(*length)) else {
                    break;
                };
                match (code, value) {
                    (option::MESSAGE, [kind]) => offers = *kind == OFFER,
                    (option::SERVER, &[a, b, c, d]) => server = Some(Ipv4Addr::new(a, b, c, d)),
                    _ => {}
                }
                rest
            }
            _ => break,
        };
    }
    offers.then_some(server)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const XID: [u8; 4] = [1, 2, 3, 4];

    fn answer(kind: u8, options: &[u8]) -> Vec<u8> {
        let mut packet = discover(XID);
        packet[0] = 2;
        packet.truncate(at::OPTIONS);
        packet.extend([option::MESSAGE, 1, kind]);
        packet.extend(options);
        packet
    }

    #[test]
    fn who_offers_is_told_and_nothing_else_is_an_offer() {
        let server = [option::SERVER, 4, 192, 168, 1, 1, option::END];
        let known = Some(Some(Ipv4Addr::new(192, 168, 1, 1)));
        assert_eq!(offer(&answer(OFFER, &server), XID), known);
        assert_eq!(offer(&answer(OFFER, &[0, 0, 12, 1, 65]), XID), Some(None));
        assert_eq!(offer(&answer(5, &server), XID), None, "an acknowledgement");
        assert_eq!(
            offer(&answer(OFFER, &server), [9; 4]),
            None,
            "to another question"
        );
        assert_eq!(offer(&discover(XID), XID), None, "a question");
        let mut other = answer(OFFER, &server);
        other[at::CHADDR.start] ^= 1;
        assert_eq!(offer(&other, XID), None, "to another device");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_packet_is_too_odd(tail in proptest::collection::vec(any::<u8>(), 0..200), cut in 0..400usize) {
            let mut packet = answer(OFFER, &tail);
            packet.truncate(cut);
            let _ = offer(&packet, XID);
        }
    }
}
