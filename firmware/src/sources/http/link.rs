//! A connection to a web server: its name looked up, TCP, TLS, HTTP/1.1 spoken.

use crate::sources::address::Origin;
use crate::sources::tls::Certificates;
use bytes::Bytes;
use http_body_util::Empty;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::CertificateError;
use rustls::pki_types::ServerName;
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// Of a host's addresses so many are tried.
const MOST_ADDRESSES: usize = 6;
/// An address has this long before the next one is tried beside it: many networks promise IPv6 and do not have it (RFC 8305).
const HEAD_START: Duration = Duration::from_millis(300);
/// What is buffered of a connection at most, and what an answer's head may take of it.
const BUFFER: usize = 64 * 1024;
const MOST_OF_A_HEAD: usize = 16 * 1024;

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum LinkError {
    /// Nobody is there, or not yet, or no more.
    Unreached(io::Error),
    /// Somebody is, and is not taken.
    Refused(String),
    /// It took longer than this.
    Slow(Duration),
}

/// A connection on which requests can be made, one after the other.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) origin: Origin,
    pub(super) sender: SendRequest<Empty<Bytes>>,
    /// When something last came on it.
    pub(super) used: Instant,
}

impl Link {
    /// Connects within `connect`, sets up TLS within `head` more.
    pub(super) async fn open(
        origin: &Origin,
        certificates: &Certificates,
        connect: Duration,
        head: Duration,
    ) -> Result<Self, LinkError> {
        let stream = timeout(connect, tcp(origin))
            .await
            .map_err(|_| LinkError::Slow(connect))?
            .map_err(LinkError::Unreached)?;
        let sender = match origin.secure {
            false => spoken(stream).await?,
            true => {
                let name = ServerName::try_from(origin.host.clone())
                    .map_err(|_| LinkError::Refused("to no name that TLS knows".to_owned()))?;
                let connector = TlsConnector::from(certificates.0.clone());
                let stream = timeout(head, connector.connect(name, stream))
                    .await
                    .map_err(|_| LinkError::Slow(head))?
                    .map_err(not_secured)?;
                spoken(stream).await?
            }
        };
        Ok(Self {
            origin: origin.clone(),
            sender,
            used: Instant::now(),
        })
    }
}

/// The connection is driven by the source's own runtime: it ends with this source, or when its half here is dropped.
async fn spoken<S>(stream: S) -> Result<SendRequest<Empty<Bytes>>, LinkError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::Builder::new()
        .max_buf_size(BUFFER)
        .max_header_size(MOST_OF_A_HEAD)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| LinkError::Unreached(io::Error::other(error)))?;
    tokio::spawn(async move {
        // How it ended is told to whoever waits for an answer on it.
        let _ = connection.await;
    });
    Ok(sender)
}

async fn tcp(origin: &Origin) -> io::Result<TcpStream> {
    let found = lookup_host((origin.host.as_str(), origin.port)).await?;
    let mut waiting = by_turns(found.collect());
    let mut tries = JoinSet::new();
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    loop {
        if let Some(address) = waiting.pop_front() {
            tries.spawn(TcpStream::connect(address));
        }
        let done = match waiting.is_empty() {
            true => tries.join_next().await,
            false => timeout(HEAD_START, tries.join_next()).await.ok().flatten(),
        };
        match done {
            Some(Ok(Ok(stream))) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Some(Ok(Err(error))) => last = error,
            Some(Err(fallen)) => last = io::Error::other(fallen),
            None if waiting.is_empty() && tries.is_empty() => return Err(last),
            None => {}
        }
    }
}

/// One of each family in turn, as the system prefers them.
fn by_turns(addresses: Vec<SocketAddr>) -> VecDeque<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first_is_v6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut turns = VecDeque::new();
    while turns.len() < MOST_ADDRESSES {
        let before = turns.len();
        turns.extend(first.next());
        turns.extend(second.next());
        if turns.len() == before {
            break;
        }
    }
    turns.truncate(MOST_ADDRESSES);
    turns
}

/// What TLS found wrong, for people.
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "foreign enums that grow: the rest is told in their own words"
)]
fn not_secured(error: io::Error) -> LinkError {
    let wrong = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let line = match wrong {
        None => return LinkError::Unreached(error),
        Some(rustls::Error::InvalidCertificate(wrong)) => certificate(wrong),
        Some(rustls::Error::InvalidMessage(_)) => "something that is not TLS".to_owned(),
        Some(other) => format!("what TLS does not take: {other}"),
    };
    LinkError::Refused(line)
}

#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "a foreign enum that grows: the rest is told in its own words"
)]
fn certificate(wrong: &CertificateError) -> String {
    match wrong {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "with a certificate that has expired".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "with a certificate that is not valid yet: is the clock right?".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "with a certificate for another name".to_owned()
        }
        CertificateError::UnknownIssuer => {
            "with a certificate of an unknown authority: its own goes into update.ca_file"
                .to_owned()
        }
        other => format!("with a certificate that is not taken: {other}"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns() {
        let all = |texts: &[&str]| -> Vec<SocketAddr> {
            texts.iter().map(|text| text.parse().unwrap()).collect()
        };
        let (six, four) = (
            ["[::1]:1", "[::2]:1", "[::3]:1"],
            ["1.1.1.1:1", "1.1.1.2:1"],
        );
        for (found, turns) in [
            (all(&[]), all(&[])),
            (all(&four), all(&four)),
            (
                all(&[six.as_slice(), &four].concat()),
                all(&[six[0], four[0], six[1], four[1], six[2]]),
            ),
            (all(&["1.1.1.1:1"; 9]), all(&["1.1.1.1:1"; MOST_ADDRESSES])),
        ] {
            assert_eq!(Vec::from(by_turns(found)), turns);
        }
    }
}
