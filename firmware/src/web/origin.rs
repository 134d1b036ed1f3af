//! Hosts: which of them is the portal, which a pack, and how links lead from one to the other. Pure.
//!
//! Each pack has a host name of its own, so that no pack shares an origin with the portal, a learner's session or another pack.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::net::IpAddr;

/// What may stand in a path as it is (RFC 3986 § 3.3).
const PLAIN_IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// What a `Host` header names, lower case and without its port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Host {
    /// An address.
    Ip(IpAddr),
    /// A name, without a dot at its end.
    Name(String),
}

/// A checked `Host` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authority {
    host: Host,
    port: Option<u16>,
}

/// Whose pages a host serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// The box's own.
    Portal,
    /// Those of the pack with this name, if there is one.
    Pack(String),
}

impl Authority {
    /// Reads `name`, `name:port`, `1.2.3.4:port` or `[::1]:port`; `None` when it is none of them.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, port) = rest.split_once(']')?;
                (
                    Host::Ip(address.parse::<std::net::Ipv6Addr>().ok()?.into()),
                    port,
                )
            }
            None => {
                let end = text.find(':').unwrap_or(text.len());
                let (host, port) = text.split_at(end);
                (host_name(host)?, port)
            }
        };
        let port = match port {
            "" | ":" => None,
            port => Some(
                port.strip_prefix(':')
                    .filter(|p| p.bytes().all(|b| b.is_ascii_digit()))?
                    .parse()
                    .ok()?,
            ),
        };
        Some(Self { host, port })
    }

    /// The name, where it is another's than the box that is called `configured`: no name of the box, of a pack, or address.
    pub(crate) fn foreign(&self, configured: &str) -> Option<&str> {
        match &self.host {
            Host::Ip(_) => None,
            Host::Name(_) if self.is_own(configured) => None,
            Host::Name(_) if self.place(configured) != Place::Portal => None,
            Host::Name(name) => Some(name),
        }
    }

    fn is_local(&self) -> bool {
        match &self.host {
            Host::Ip(address) => address.is_loopback(),
            Host::Name(name) => name == "localhost" || name.ends_with(".localhost"),
        }
    }

    /// Whether this is one of the names that the box called `configured` gives itself, or an address.
    pub(crate) fn is_own(&self, configured: &str) -> bool {
        match &self.host {
            Host::Ip(_) => true,
            Host::Name(name) => name == configured || self.is_local(),
        }
    }

    /// Whose pages this host serves on a box that is called `configured`. A name that nobody knows is the portal's, which leads
    /// those who ask for it to its own ([`Self::foreign`]).
    pub(crate) fn place(&self, configured: &str) -> Place {
        let Host::Name(name) = &self.host else {
            return Place::Portal;
        };
        [configured, "localhost"]
            .into_iter()
            .find_map(|own| name.strip_suffix(own)?.strip_suffix('.'))
            .map_or(Place::Portal, |label| Place::Pack(label.to_owned()))
    }
}

/// A name of letters, digits, hyphens, underscores and dots, at most 253 bytes; or an IPv4 address.
fn host_name(text: &str) -> Option<Host> {
    if let Ok(address) = text.parse::<std::net::Ipv4Addr>() {
        return Some(Host::Ip(address.into()));
    }
    let name = text.strip_suffix('.').unwrap_or(text);
    let sound = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let fits =
        !name.is_empty() && name.len() <= 253 && name.bytes().all(sound) && !name.starts_with('.');
    fits.then(|| Host::Name(name.to_ascii_lowercase()))
}

/// Where the links of one answer lead: the name of the box as this reader reaches it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    name: String,
    port: Option<u16>,
}

impl Origin {
    /// A reader on the desk (`localhost`, a loopback address) is led to `PACK.localhost`, everyone else to the configured
    /// name, for an address cannot carry a pack's name. The port stays.
    pub(crate) fn of(authority: Option<&Authority>, configured: &str) -> Self {
        let local = authority.is_some_and(Authority::is_local);
        let name = if local { "localhost" } else { configured };
        let port = authority
            .and_then(|authority| authority.port)
            .filter(|port| *port != 80);
        Self {
            name: name.to_owned(),
            port,
        }
    }

    /// `http://school.internal`, without a slash at its end.
    pub(crate) fn portal(&self) -> String {
        format!("http://{}{}", self.name, self.port_suffix())
    }

    /// `http://PACK.school.internal`, without a slash at its end.
    pub(crate) fn pack(&self, id: &str) -> String {
        format!("http://{id}.{}{}", self.name, self.port_suffix())
    }

    fn port_suffix(&self) -> String {
        self.port
            .map_or_else(String::new, |port| format!(":{port}"))
    }
}

/// `path` (of a pack, decoded) as it stands in a link: with one leading slash, so that it can never name another host.
pub(crate) fn link_path(path: &str) -> String {
    format!(
        "/{}",
        utf8_percent_encode(path.trim_start_matches('/'), PLAIN_IN_PATHS)
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::fmt::Write as _;

    #[test]
    fn hosts_and_where_they_lead() {
        let mut table = String::new();
        for host in [
            "school.internal",
            "SCHOOL.internal.",
            "school.internal:8080",
            "school.internal:80",
            "wiki.school.internal",
            "wiki.school.internal:8080",
            "a.b.school.internal",
            ".school.internal",
            "localhost",
            "localhost:8080",
            "wiki.localhost:8080",
            "WIKI.LOCALHOST",
            "127.0.0.1:8080",
            "127.0.0.9",
            "[::1]:8080",
            "[::1]",
            "192.168.4.1",
            "192.168.4.1:8080",
            "[fe80::1]:81",
            "connectivitycheck.gstatic.com",
            "evilschool.internal",
            "school.internal.evil.test",
            "",
            ":80",
            "a b",
            "a/b",
            "<script>",
            "a:b",
            "a:99999",
            "[::1",
            "[zz]",
            "user@school.internal",
            "localhost:",
            "a:+8",
        ] {
            let line = Authority::read(host).map_or_else(
                || "400".to_owned(),
                |authority| {
                    let origin = Origin::of(Some(&authority), "school.internal");
                    format!(
                        "{:?} → {}",
                        authority.place("school.internal"),
                        origin.pack("PACK")
                    )
                },
            );
            writeln!(table, "{host:32} {line}").unwrap();
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn without_a_host_the_configured_name_leads() {
        let origin = Origin::of(None, "school.internal");
        assert_eq!(origin.portal(), "http://school.internal");
        assert_eq!(origin.pack("wiki"), "http://wiki.school.internal");
    }

    #[test]
    fn paths_lead_to_themselves() {
        for (path, link) in [
            ("", "/"),
            ("A/Café ?#%", "/A/Caf%C3%A9%20%3F%23%25"),
            ("//evil.test/x", "/evil.test/x"),
            ("a\"><b", "/a%22%3E%3Cb"),
        ] {
            assert_eq!(link_path(path), link);
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(128))]
        #[test]
        fn what_is_read_can_stand_in_a_page(text in "\\PC{0,30}") {
            if let Some(authority) = Authority::read(&text) {
                let link = Origin::of(Some(&authority), "school.internal").pack("p");
                proptest::prop_assert!(link.bytes().all(|b| b.is_ascii_alphanumeric() || b":/.-_".contains(&b)));
            }
        }
    }
}
