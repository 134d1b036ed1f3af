//! What a phone joins and opens, the text of the QR code by which it does, and who may read the network's key.

#[cfg(feature = "box")]
use crate::air::Identity;
use crate::config::air::Air;
#[cfg(feature = "box")]
use crate::config::air::Lock;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

/// What the sheet tells of a box.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The network's name, 1 to 32 bytes.
    pub network: String,
    /// Its key, 8 to 63 ASCII characters; `None`: it is open.
    pub phrase: Option<String>,
    /// The first page's address, such as `http://school.internal/`.
    pub address: String,
    /// What whoever prints has to be told: a line.
    pub notice: Option<String>,
}

// A phrase must not get into a log.
impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Facts")
            .field("network", &self.network)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Facts {
    #[cfg(feature = "box")]
    /// Of the box with this identity, which serves `host` on `port`.
    #[must_use]
    pub fn of(air: &Air, identity: &Identity, host: &str, port: u16) -> Self {
        Self {
            network: identity.network_name(air),
            phrase: match air.lock {
                Lock::Open => None,
                Lock::Wpa2 | Lock::Wpa3 => Some(identity.phrase().to_owned()),
            },
            address: match port {
                80 => format!("http://{host}/"),
                port => format!("http://{host}:{port}/"),
            },
            notice: identity.notice().map(str::to_owned),
        }
    }

    /// The text of the QR code that joins the network: `WIFI:T:WPA;S:name;P:phrase;;`.
    ///
    /// Its origin is the barcode reader ZXing ("Barcode Contents", Wi-Fi network config), and the readers that phones come with follow it. A
    /// backslash stands before `\`, `;`, `,`, `"` and `:`. A name or key of hexadecimal digits alone is not put in quotes, as ZXing's page
    /// advises: Android's own reader takes them for a part of it. (WPA3's specification, § 7, escapes with `%`, which those readers do not
    /// undo.) The type is `WPA` with WPA3 too: the box always offers WPA2 beside it, and `SAE` is unknown to older phones that could join.
    #[must_use]
    pub fn code_text(&self) -> String {
        let name = escaped(&self.network);
        match &self.phrase {
            None => format!("WIFI:T:nopass;S:{name};;"),
            Some(phrase) => format!("WIFI:T:WPA;S:{name};P:{};;", escaped(phrase)),
        }
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | ';' | ',' | '"' | ':') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Who may read the network's key in a page: who has joined the network and so knows it, and who sits at the box itself. Whoever comes over another
/// network that the box hangs on (a school's router, a modem, another box) may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// The box's address in its own network.
    pub address: Ipv4Addr,
    /// Bits of that network's prefix, 0 to 32.
    pub prefix: u8,
}

impl Gate {
    /// That of the network that the configuration names.
    #[must_use]
    pub fn of(air: &Air) -> Self {
        let (address, prefix) = air.address;
        Self { address, prefix }
    }

    /// Whether the key may be shown to `from`. An address of IPv6 does not say from which of the box's networks it comes (all of them have
    /// `fe80::/10`), so it is a stranger's.
    #[must_use]
    pub fn admits(self, from: IpAddr) -> bool {
        let from = from.to_canonical();
        let differing = match from {
            IpAddr::V4(from) => from.to_bits() ^ self.address.to_bits(),
            IpAddr::V6(_) => u32::MAX,
        };
        let of_the_host = u32::MAX.checked_shr(self.prefix.into()).unwrap_or(0);
        from.is_loopback() || differing & !of_the_host == 0
    }
}
