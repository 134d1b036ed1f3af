//! A question to a name server in bytes (RFC 1035), and its answer in bytes.

use std::net::{IpAddr, UdpSocket};
use std::time::Duration;

/// Types that a question may be of.
pub mod kind {
    /// An IPv4 address.
    pub const A: u16 = 1;
    /// Text.
    pub const TXT: u16 = 16;
    /// An IPv6 address.
    pub const AAAA: u16 = 28;
    /// Keys of a zone, the longest of answers elsewhere.
    pub const DNSKEY: u16 = 48;
    /// What a browser asks before it connects.
    pub const HTTPS: u16 = 65;
    /// All there is.
    pub const ANY: u16 = 255;
}

/// What came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// Of the question.
    pub asked_bytes: usize,
    /// Of the answer.
    pub bytes: usize,
    /// 0: no error, 3: no such name, 5: refused.
    pub code: u8,
    /// Records in the answer.
    pub records: u16,
}

/// Asks `server` for `name`; with `edns` the question says that an answer of 4,096 bytes is welcome. The thread has to be inside the device's
/// namespace. `None` when no answer comes in time.
///
/// # Panics
/// When the question does not go out.
#[must_use]
pub fn ask(server: IpAddr, name: &str, kind: u16, edns: bool) -> Option<Answer> {
    let mut question = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, u8::from(edns)];
    for label in name.split('.').filter(|label| !label.is_empty()) {
        question.push(u8::try_from(label.len()).expect("a short label"));
        question.extend(label.as_bytes());
    }
    question.push(0);
    question.extend(kind.to_be_bytes());
    question.extend([0, 1]);
    if edns {
        question.extend([0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0]);
    }
    let any: IpAddr = match server {
        IpAddr::V4(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).expect("a socket");
    socket
        .set_read_timeout(Some(Duration::from_secs(5)))
        .expect("an option");
    socket
        .send_to(&question, (server, 53))
        .expect("the question goes out");
    let mut answer = [0; 8192];
    let bytes = socket.recv(&mut answer).ok()?;
    Some(Answer {
        asked_bytes: question.len(),
        bytes,
        code: answer[3] & 0x0f,
        records: u16::from_be_bytes([answer[6], answer[7]]),
    })
}
