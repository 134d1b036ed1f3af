//! Interfaces, addresses and neighbours of the kernel's network (rtnetlink), as far as the air needs them.

use super::Mac;
use super::netlink::{
    Answer, Attributes, Deadline, KernelError, Line, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL,
    NLM_F_REPLACE, PATIENCE, Refusal, Writer,
};
use nix::errno::Errno;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// The numbers of include/uapi/linux/{rtnetlink,if_link,if_addr,neighbour}.h.
mod uapi {
    pub(super) const NEWLINK: u16 = 16;
    pub(super) const DELLINK: u16 = 17;
    pub(super) const GETLINK: u16 = 18;
    pub(super) const SETLINK: u16 = 19;
    pub(super) const NEWADDR: u16 = 20;
    pub(super) const DELADDR: u16 = 21;
    pub(super) const GETADDR: u16 = 22;
    pub(super) const GETNEIGH: u16 = 30;
    pub(super) const GROUP_LINK: u32 = 1;
    pub(super) const IFF_UP: u32 = 1;
    pub(super) const IFLA_ADDRESS: u16 = 1;
    pub(super) const IFLA_IFNAME: u16 = 3;
    pub(super) const IFLA_MASTER: u16 = 10;
    pub(super) const IFLA_PROTINFO: u16 = 12;
    pub(super) const IFLA_LINKINFO: u16 = 18;
    pub(super) const IFLA_INFO_KIND: u16 = 1;
    pub(super) const IFLA_STATS64: u16 = 23;
    pub(super) const IFLA_BRPORT_ISOLATED: u16 = 33;
    pub(super) const IFA_ADDRESS: u16 = 1;
    pub(super) const IFA_LOCAL: u16 = 2;
    pub(super) const IFA_BROADCAST: u16 = 4;
    pub(super) const IFA_FLAGS: u16 = 8;
    /// No pause in which an IPv6 address is not yet one's own.
    pub(super) const IFA_F_NODAD: u32 = 2;
    /// `RT_SCOPE_UNIVERSE`.
    pub(super) const SCOPE_ALL: u8 = 0;
    pub(super) const NDA_DST: u16 = 1;
    pub(super) const NDA_LLADDR: u16 = 2;
    /// `NUD_INCOMPLETE`, `NUD_FAILED` (nobody there) and `NUD_NOARP` (groups, not devices).
    pub(super) const NUD_NOBODY: u16 = 0x01 | 0x20 | 0x40;
    /// AF_INET, AF_INET6, AF_BRIDGE.
    pub(super) const FOUR: u8 = 2;
    pub(super) const SIX: u8 = 10;
    pub(super) const BRIDGE: u8 = 7;
}
use uapi::*;

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) index: u32,
    pub(crate) name: String,
    pub(crate) up: bool,
    /// The bridge that it is a port of.
    pub(crate) master: Option<u32>,
    pub(crate) mac: Option<Mac>,
    /// What it is where it is made of software, e.g. `bridge`.
    pub(crate) kind: Option<String>,
    /// Since it is there.
    pub(crate) frames_received: Option<u64>,
}

/// An address of an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) ip: IpAddr,
    /// Bits.
    pub(crate) prefix: u8,
}

/// The kernel's interfaces.
#[derive(Debug)]
pub(crate) struct Links(Line);

impl Links {
    pub(crate) fn open() -> Result<Self, KernelError> {
        Line::open(netlink_sys::protocols::NETLINK_ROUTE)
            .map(Self)
            .map_err(|error| Refusal::Line(error).into_error("open a line to its network"))
    }

    fn ask(&mut self, kind: u16, flags: u16, question: &Writer) -> Result<Vec<Answer>, Refusal> {
        self.0
            .ask(kind, flags, question.bytes(), Deadline::within(PATIENCE))
    }

    /// Does something; `what` says what, and on what.
    fn set(
        &mut self,
        kind: u16,
        flags: u16,
        question: &Writer,
        what: impl FnOnce() -> String,
    ) -> Result<(), KernelError> {
        let done = self.ask(kind, flags, question);
        let _ = done.map_err(|refusal| refusal.into_error(what()))?;
        Ok(())
    }

    pub(crate) fn all(&mut self) -> Result<Vec<Link>, KernelError> {
        let answers = self
            .ask(GETLINK, NLM_F_DUMP, &link_head(0, 0, 0, 0))
            .map_err(|refusal| refusal.into_error("list its network interfaces"))?;
        Ok(answers.iter().filter_map(link).collect())
    }

    pub(crate) fn find(&mut self, name: &str) -> Result<Link, KernelError> {
        let question = link_head(0, 0, 0, 0).text(IFLA_IFNAME, name);
        match self.ask(GETLINK, 0, &question) {
            Ok(answers) => answers.iter().find_map(link).ok_or_else(|| missing(name)),
            Err(refusal) if is_missing(&refusal) => Err(missing(name)),
            Err(refusal) => Err(refusal.into_error(format!("tell of {name}"))),
        }
    }

    pub(crate) fn set_up(&mut self, name: &str, up: bool) -> Result<(), KernelError> {
        let index = self.find(name)?.index;
        let flags = if up { IFF_UP } else { 0 };
        let question = link_head(0, index, flags, IFF_UP);
        self.set(SETLINK, 0, &question, || {
            let to = if up { "up" } else { "down" };
            format!("take {name} {to}")
        })
    }

    /// Makes an interface of software, e.g. of kind `bridge`.
    pub(crate) fn add(&mut self, name: &str, kind: &str, mac: Mac) -> Result<(), KernelError> {
        let question = link_head(0, 0, 0, 0)
            .text(IFLA_IFNAME, name)
            .put(IFLA_ADDRESS, &mac.0)
            .nest(IFLA_LINKINFO, |of| of.text(IFLA_INFO_KIND, kind));
        self.set(NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &question, || {
            format!("make the {kind} {name}")
        })
    }

    /// Fixes the address of an interface.
    pub(crate) fn set_mac(&mut self, link: &Link, mac: Mac) -> Result<(), KernelError> {
        let question = link_head(0, link.index, 0, 0).put(IFLA_ADDRESS, &mac.0);
        self.set(SETLINK, 0, &question, || {
            format!("give {} its address", link.name)
        })
    }

    /// Takes an interface of software away.
    pub(crate) fn remove(&mut self, link: &Link) -> Result<(), KernelError> {
        let question = link_head(0, link.index, 0, 0);
        self.set(DELLINK, 0, &question, || format!("remove {}", link.name))
    }

    /// Makes a link a port of a bridge, or of none.
    pub(crate) fn set_master(
        &mut self,
        link: &Link,
        bridge: Option<&Link>,
    ) -> Result<(), KernelError> {
        let index = bridge.map_or(0, |bridge| bridge.index);
        let question = link_head(0, link.index, 0, 0).u32(IFLA_MASTER, index);
        self.set(SETLINK, 0, &question, || match bridge {
            Some(bridge) => format!("put {} on the bridge {}", link.name, bridge.name),
            None => format!("take {} off its bridge", link.name),
        })
    }

    /// Keeps a port's frames from every other port that is kept so: only the box itself is reached.
    pub(crate) fn isolate(&mut self, port: &Link) -> Result<(), KernelError> {
        let question = link_head(BRIDGE, port.index, 0, 0)
            .nest(IFLA_PROTINFO, |of| of.put(IFLA_BRPORT_ISOLATED, &[1]));
        self.set(SETLINK, 0, &question, || {
            format!("keep the devices at {} from others", port.name)
        })
    }

    /// Its addresses that are valid beyond the link.
    pub(crate) fn addresses(&mut self, link: &Link) -> Result<Vec<Address>, KernelError> {
        let answers = self
            .ask(GETADDR, NLM_F_DUMP, &Writer::after(&[0; 8]))
            .map_err(|refusal| {
                refusal.into_error(format!("list the addresses of {}", link.name))
            })?;
        let of_all = answers.iter().filter_map(address);
        let own = of_all.filter(|(index, ..)| *index == link.index);
        Ok(own.map(|(_, address)| address).collect())
    }

    pub(crate) fn add_address(&mut self, link: &Link, address: Address) -> Result<(), KernelError> {
        let mut question = address_head(link, address);
        match address.ip {
            IpAddr::V4(ip) => {
                let broadcast = broadcast(ip, address.prefix);
                question = question
                    .put(IFA_LOCAL, &ip.octets())
                    .put(IFA_ADDRESS, &ip.octets())
                    .put(IFA_BROADCAST, &broadcast.octets());
            }
            IpAddr::V6(ip) => {
                question = question
                    .put(IFA_ADDRESS, &ip.octets())
                    .u32(IFA_FLAGS, IFA_F_NODAD);
            }
        }
        self.set(NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &question, || {
            format!(
                "give {} the address {}/{}",
                link.name, address.ip, address.prefix
            )
        })
    }

    pub(crate) fn remove_address(
        &mut self,
        link: &Link,
        address: Address,
    ) -> Result<(), KernelError> {
        let question = match address.ip {
            IpAddr::V4(ip) => address_head(link, address).put(IFA_LOCAL, &ip.octets()),
            IpAddr::V6(ip) => address_head(link, address).put(IFA_ADDRESS, &ip.octets()),
        };
        self.set(DELADDR, 0, &question, || {
            format!("take the address {} off {}", address.ip, link.name)
        })
    }

    /// Who was met on an interface: the address of the network, and of the device.
    pub(crate) fn neighbours(&mut self, link: &Link) -> Result<Vec<(IpAddr, Mac)>, KernelError> {
        let answers = self
            .ask(GETNEIGH, NLM_F_DUMP, &Writer::after(&[0; 12]))
            .map_err(|refusal| refusal.into_error(format!("list who was met on {}", link.name)))?;
        let all = answers.iter().filter_map(neighbour);
        let own = all.filter(|(index, ..)| *index == link.index);
        Ok(own.map(|(_, ip, mac)| (ip, mac)).collect())
    }
}

/// Waits until an interface of that name is there.
pub(crate) fn appears(name: &str, within: Duration) -> Result<(), KernelError> {
    let until = Deadline::within(within);
    let mut links = Links::open()?;
    let joined = links.0.join(GROUP_LINK);
    joined.map_err(|error| Refusal::Line(error).into_error("tell of new interfaces"))?;
    loop {
        let there = Links::open()?.find(name);
        if !matches!(there, Err(KernelError::NoInterface { .. })) {
            return there.map(|_| ());
        }
        match links.0.events(until) {
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => return Err(missing(name)),
        }
    }
}

fn missing(name: &str) -> KernelError {
    KernelError::NoInterface {
        interface: name.to_owned(),
    }
}

fn is_missing(refusal: &Refusal) -> bool {
    matches!(
        refusal.errno(),
        Some(Errno::ENODEV | Errno::ERANGE | Errno::EINVAL)
    )
}

/// `struct ifinfomsg`.
fn link_head(family: u8, index: u32, flags: u32, change: u32) -> Writer {
    let mut head = [0; 16];
    head[0] = family;
    head[4..8].copy_from_slice(&index.to_ne_bytes());
    head[8..12].copy_from_slice(&flags.to_ne_bytes());
    head[12..].copy_from_slice(&change.to_ne_bytes());
    Writer::after(&head)
}

/// `struct ifaddrmsg`.
fn address_head(link: &Link, address: Address) -> Writer {
    let family = if address.ip.is_ipv4() { FOUR } else { SIX };
    let mut head = [family, address.prefix, 0, SCOPE_ALL, 0, 0, 0, 0];
    head[4..].copy_from_slice(&link.index.to_ne_bytes());
    Writer::after(&head)
}

fn broadcast(ip: Ipv4Addr, prefix: u8) -> Ipv4Addr {
    let host = u32::MAX.checked_shr(u32::from(prefix)).unwrap_or(0);
    Ipv4Addr::from_bits(ip.to_bits() | host)
}

fn head_and_rest<const N: usize>(answer: &Answer) -> Option<(&[u8; N], Attributes<'_>)> {
    let (head, rest) = answer.payload.split_first_chunk()?;
    Some((head, Attributes::new(rest)))
}

fn link(answer: &Answer) -> Option<Link> {
    if answer.kind != NEWLINK {
        return None;
    }
    let (head, told) = head_and_rest::<16>(answer)?;
    let [.., i0, i1, i2, i3, f0, f1, f2, f3, _, _, _, _] = *head;
    let flags = u32::from_ne_bytes([f0, f1, f2, f3]);
    let statistics = told.get(IFLA_STATS64).and_then(|bytes| bytes.first_chunk());
    Some(Link {
        index: u32::from_ne_bytes([i0, i1, i2, i3]),
        name: told.text(IFLA_IFNAME)?,
        up: flags & IFF_UP != 0,
        master: told.u32(IFLA_MASTER),
        mac: told.array(IFLA_ADDRESS).map(Mac),
        kind: told.within(IFLA_LINKINFO).text(IFLA_INFO_KIND),
        frames_received: statistics.copied().map(u64::from_ne_bytes),
    })
}

fn address(answer: &Answer) -> Option<(u32, Address)> {
    if answer.kind != NEWADDR {
        return None;
    }
    let (head, told) = head_and_rest::<8>(answer)?;
    let [family, prefix, _, scope, index @ ..] = *head;
    let ip = match family {
        FOUR => IpAddr::from(told.array::<4>(IFA_LOCAL).or(told.array(IFA_ADDRESS))?),
        SIX => IpAddr::from(told.array::<16>(IFA_ADDRESS)?),
        _ => return None,
    };
    let address = Address { ip, prefix };
    (scope == SCOPE_ALL).then_some((u32::from_ne_bytes(index), address))
}

fn neighbour(answer: &Answer) -> Option<(u32, IpAddr, Mac)> {
    let (head, told) = head_and_rest::<12>(answer)?;
    let [family, _, _, _, i0, i1, i2, i3, s0, s1, _, _] = *head;
    if u16::from_ne_bytes([s0, s1]) & NUD_NOBODY != 0 {
        return None;
    }
    let ip = match family {
        FOUR => IpAddr::from(told.array::<4>(NDA_DST)?),
        SIX => IpAddr::from(told.array::<16>(NDA_DST)?),
        _ => return None,
    };
    let index = u32::from_ne_bytes([i0, i1, i2, i3]);
    Some((index, ip, Mac(told.array(NDA_LLADDR)?)))
}
