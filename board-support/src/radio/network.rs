//! The network that all cells and the cables share: the bridge `box0`, its addresses and its ports.
//!
//! hostapd puts its cells on it (`bridge=`), [`Bridge::add_cable`] an external access point. Every call changes what differs and nothing
//! else, so that it may be made again at any time. Its own address on the wire, and its IPv6 prefix, come from a value of the box: they
//! stay over restarts and over ports that come and go, and no two boxes share them.

use super::Mac;
use super::netlink::KernelError;
use super::route::{Address, Link, Links, appears};
use sha2::{Digest as _, Sha256};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

/// The bridge's name on a box.
pub const BRIDGE: &str = "box0";
/// Bits of its IPv6 prefix.
const SIX_PREFIX: u8 = 64;

/// A bridge of the box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bridge {
    name: String,
    mac: Mac,
    six: Ipv6Addr,
}

impl Bridge {
    /// `name` is that of the interface, usually [`BRIDGE`], at most 15 bytes; `secret` is what no other box has and nobody learns from its
    /// hash, e.g. 16 random bytes that were made at its first start.
    #[must_use]
    pub fn new(name: &str, secret: &[u8]) -> Self {
        let digest: [u8; 32] = Sha256::new()
            .chain_update(b"school-box bridge\0")
            .chain_update(secret)
            .finalize()
            .into();
        let [m1, m2, m3, m4, m5, a, b, c, d, e, ..] = digest;
        Self {
            name: name.to_owned(),
            // Locally administered, of one device (IEEE 802, 8.4).
            mac: Mac([0x02, m1, m2, m3, m4, m5]),
            // RFC 4193, 3.2: `fd`, 40 bits of chance; then subnet 0 and the first address of it.
            six: Ipv6Addr::from_octets([0xfd, a, b, c, d, e, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The box's IPv6 address on it; its prefix has 64 bits.
    #[must_use]
    pub const fn six(&self) -> Ipv6Addr {
        self.six
    }

    /// Makes it if it is missing, gives it `address` with so many bits of prefix and its IPv6 address, takes others off, and takes it up.
    ///
    /// # Errors
    /// [`KernelError`] without `CAP_NET_ADMIN`, or where another kind of interface has that name.
    pub fn hold(&self, address: Ipv4Addr, prefix: u8) -> Result<(), KernelError> {
        let mut links = Links::open()?;
        let link = self.made(&mut links)?;
        if link.mac != Some(self.mac) {
            links.set_mac(&link, self.mac)?;
        }
        if !link.up {
            links.set_up(&self.name, true)?;
        }
        let wanted = [
            Address {
                ip: IpAddr::V4(address),
                prefix,
            },
            Address {
                ip: IpAddr::V6(self.six),
                prefix: SIX_PREFIX,
            },
        ];
        let has = links.addresses(&link)?;
        for stale in has.iter().filter(|address| !wanted.contains(address)) {
            links.remove_address(&link, *stale)?;
        }
        // Seen anew: with the first address of a network the kernel takes the others of it.
        let has = links.addresses(&link)?;
        for address in wanted.iter().filter(|address| !has.contains(address)) {
            links.add_address(&link, *address)?;
        }
        Ok(())
    }

    fn made(&self, links: &mut Links) -> Result<Link, KernelError> {
        let link = match links.find(&self.name) {
            Err(KernelError::NoInterface { .. }) => {
                links.add(&self.name, "bridge", self.mac)?;
                links.find(&self.name)?
            }
            found => found?,
        };
        if link.kind.as_deref() == Some("bridge") {
            return Ok(link);
        }
        Err(KernelError::Refused {
            what: format!("make the bridge {}", self.name),
            why: "another interface has that name; rename it".to_owned(),
        })
    }

    /// Makes an interface, e.g. `eth0`, a port and takes it up.
    ///
    /// # Errors
    /// [`KernelError::NoInterface`] where there is no such cable; else as [`Bridge::hold`], which comes first.
    pub fn add_cable(&self, cable: &str) -> Result<(), KernelError> {
        let mut links = Links::open()?;
        let bridge = links.find(&self.name)?;
        let link = links.find(cable)?;
        if link.master != Some(bridge.index) {
            links.set_master(&link, Some(&bridge))?;
        }
        if !link.up {
            links.set_up(cable, true)?;
        }
        Ok(())
    }

    /// Takes a port off it; one that is not there, or is none of its, is left alone.
    ///
    /// # Errors
    /// [`KernelError`] where the kernel refuses.
    pub fn drop_cable(&self, cable: &str) -> Result<(), KernelError> {
        let mut links = Links::open()?;
        let bridge = links.find(&self.name)?;
        match links.find(cable) {
            Ok(link) if link.master == Some(bridge.index) => links.set_master(&link, None),
            Ok(_) | Err(KernelError::NoInterface { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Keeps a port's devices from those at other ports that are kept so; the box itself they reach. hostapd's `ap_isolate` does that
    /// within a cell only.
    ///
    /// # Errors
    /// [`KernelError`] where it is no port of a bridge.
    pub fn isolate(&self, port: &str) -> Result<(), KernelError> {
        let mut links = Links::open()?;
        let link = links.find(port)?;
        links.isolate(&link)
    }

    /// The interfaces on it, by name.
    ///
    /// # Errors
    /// [`KernelError`] where it is not there.
    pub fn ports(&self) -> Result<Vec<String>, KernelError> {
        let mut links = Links::open()?;
        let index = links.find(&self.name)?.index;
        let all = links.all()?.into_iter();
        let mut ports: Vec<String> = all
            .filter(|link| link.master == Some(index))
            .map(|link| link.name)
            .collect();
        ports.sort();
        Ok(ports)
    }

    /// Who was met on it: addresses of the network and of the device.
    ///
    /// # Errors
    /// [`KernelError`] where it is not there.
    pub fn neighbours(&self) -> Result<Vec<(IpAddr, Mac)>, KernelError> {
        let mut links = Links::open()?;
        let link = links.find(&self.name)?;
        links.neighbours(&link)
    }

    /// Removes it; one that is not there is as good.
    ///
    /// # Errors
    /// [`KernelError`] where the kernel refuses.
    pub fn remove(&self) -> Result<(), KernelError> {
        let mut links = Links::open()?;
        match links.find(&self.name) {
            Ok(link) => links.remove(&link),
            Err(KernelError::NoInterface { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Takes an interface down and up again.
///
/// # Errors
/// [`KernelError`] where it is not there, or does not come up (a radio that rfkill blocks).
pub fn down_up(interface: &str) -> Result<(), KernelError> {
    let mut links = Links::open()?;
    links.set_up(interface, false)?;
    links.set_up(interface, true)
}

/// Takes an interface up or down; one that is so already is left alone.
///
/// # Errors
/// As [`down_up`].
pub fn set_up(interface: &str, up: bool) -> Result<(), KernelError> {
    let mut links = Links::open()?;
    if links.find(interface)?.up == up {
        return Ok(());
    }
    links.set_up(interface, up)
}

/// Waits until there is an interface of that name, as after [`super::reset::reset`].
///
/// # Errors
/// [`KernelError::NoInterface`] when there is none by then.
pub fn wait_for(interface: &str, within: Duration) -> Result<(), KernelError> {
    appears(interface, within)
}

#[cfg(test)]
mod tests;
