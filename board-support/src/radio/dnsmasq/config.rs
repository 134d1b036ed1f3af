//! dnsmasq's configuration. dnsmasq 2.90 (Debian) and 2.92 (the image) take it.

use crate::error::{BoardError, shortened};
use crate::radio::hostapd::config::path;
use crate::radio::{Mac, NetPlan};
use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;

/// Our own question for other DHCP servers comes from here, so that ours can leave it alone. Locally administered, of nobody's device.
pub(crate) const ASKER: Mac = Mac([0x02, 0x73, 0x62, 0x61, 0x73, 0x6b]);

/// Addresses at the beginning of the network that no lease has: the box, and what people give fixed ones to, as an external access point.
const FIXED: u32 = 16;
/// Leases at once. A class has 40, a school some hundreds; what a flood could make dnsmasq keep in memory and write at every lease ends here.
const MOST_LEASES: u32 = 8192;
/// dnsmasq takes nothing shorter than two minutes; a week later nobody remembers.
const LEASE_S: std::ops::RangeInclusive<u64> = 120..=7 * 24 * 3600;
/// Longest name that DNS has, characters.
const NAME: usize = 253;

/// Names that must not lead to the box, because an answer would mean something else than "here is a page".
const NO_SUCH_NAME: [(&str, &str); 5] = [
    (
        "ipv4only.arpa",
        "Phones look there for a translator of IPv6 (RFC 7050).",
    ),
    (
        "use-application-dns.net",
        "Firefox then asks us and nobody on the internet (support.mozilla.org, canary domain).",
    ),
    (
        "mask.icloud.com",
        "iPhones then go without Apple's relay (developer.apple.com, iCloud Private Relay).",
    ),
    ("mask-h2.icloud.com", "The same."),
    (
        "wpad",
        "Windows would take the portal for the settings of a proxy.",
    ),
];

/// What the configuration needs besides the plan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places<'a> {
    /// The interface that is served.
    pub(crate) bridge: &'a str,
    /// Where dnsmasq keeps its leases while it runs.
    pub(crate) leases: &'a Path,
    /// The box's IPv6 address there; its prefix has 64 bits.
    pub(crate) six: Ipv6Addr,
}

/// The configuration of `net`.
///
/// # Errors
/// [`BoardError::BadPlan`] for what dnsmasq could not take, or would take for something else.
pub(crate) fn text(net: &NetPlan, places: Places<'_>) -> Result<String, BoardError> {
    let mut text = Text(String::from(
        "# Made by the box from its own configuration: a change here is lost.\n",
    ));
    text.set("interface", places.bridge);
    // What other network this machine is in is not served, itself neither; the bridge may come later, and come back.
    text.set("except-interface", "lo");
    text.key("bind-dynamic");
    // It is started as who it stays: it must not try to become somebody else.
    text.set("user", "");
    // Nobody needs its number in a file.
    text.set("pid-file", "");
    // To us, who read its complaints; no question of anybody, no lease.
    text.set("log-facility", "-");
    text.key("quiet-dhcp");
    text.key("quiet-ra");
    names(&mut text, net, places.six)?;
    leases(&mut text, net, places)?;
    six(&mut text, places);
    Ok(text.0)
}

/// Every name leads here, so that every phone's probe does and nothing hangs; of what is no address there is none, at once.
fn names(text: &mut Text, net: &NetPlan, six: Ipv6Addr) -> Result<(), BoardError> {
    if !is_host(&net.host) {
        return Err(bad("the host name", &net.host, "labels of a-z, 0-9 and -"));
    }
    text.set("port", 53);
    // Nobody else is asked, no file of this machine is looked into, so there is nothing to remember.
    text.key("no-resolv");
    text.key("no-hosts");
    text.key("no-poll");
    text.set("cache-size", 0);
    // Long enough for a page and its pictures; short, since elsewhere the same names lead elsewhere.
    text.set("local-ttl", 60);
    text.set("address", format_args!("/#/{}", net.address));
    text.set("address", format_args!("/#/{six}"));
    // TXT, HTTPS, ANY and so on: no data, instead of a refusal, which some phones take for a dead server.
    text.set("local", "/#/");
    // The box's own name above any exception below.
    text.set("address", format_args!("/{}/{}", net.host, net.address));
    text.set("address", format_args!("/{}/{six}", net.host));
    text.set("local", format_args!("/{}/", net.host));
    for (name, why) in NO_SUCH_NAME {
        text.say(why);
        text.set("local", format_args!("/{name}/"));
    }
    Ok(())
}

fn leases(text: &mut Text, net: &NetPlan, places: Places<'_>) -> Result<(), BoardError> {
    let Range { first, last, mask } = range(net)?;
    let lease = net.lease.as_secs();
    if !LEASE_S.contains(&lease) {
        return Err(bad(
            "a lease of",
            &format!("{lease} s"),
            "2 minutes to a week",
        ));
    }
    text.set("dhcp-range", format_args!("{first},{last},{mask},{lease}"));
    let pool = u32::from(last) - u32::from(first) + 1;
    text.set("dhcp-lease-max", pool.min(MOST_LEASES));
    text.set("dhcp-leasefile", path(places.leases)?);
    // The only server here: who asks for the address it had before gets it at once, also when its lease was lost.
    text.key("dhcp-authoritative");
    // Phones that can are in with two messages instead of four.
    text.key("dhcp-rapid-commit");
    // An address is offered without three seconds of waiting whether somebody has it: it is made from the device's own, and leases are kept.
    text.key("no-ping");
    // What a device calls itself is nobody's business: not stored, not in the names.
    text.key("dhcp-ignore-names");
    text.set("dhcp-host", format_args!("{ASKER},ignore"));
    // Windows: there is no proxy, so that none is looked for.
    text.set("dhcp-option", "252,\"\\n\"");
    if let Some(url) = &net.portal_api {
        if !is_portal(url) {
            return Err(bad(
                "the portal's API",
                url,
                "an https address without quotes and commas",
            ));
        }
        text.say("RFC 8910: the portal's API.");
        text.set("dhcp-option", format_args!("114,{url}"));
    }
    Ok(())
}

/// An address for those who have IPv6 alone, and DNS with it (RFC 8106). No router, for there is nothing behind the box: a phone then knows at once
/// that an address of the internet is not to be had, instead of waiting for it.
fn six(text: &mut Text, places: Places<'_>) {
    let [a, b, c, d, ..] = places.six.segments();
    let network = Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0);
    text.key("enable-ra");
    text.set("dhcp-range", format_args!("{network},ra-only,64,3600"));
    text.set("ra-param", format_args!("{},60,0", places.bridge));
}

struct Range {
    first: Ipv4Addr,
    last: Ipv4Addr,
    mask: Ipv4Addr,
}

/// The addresses for devices: all behind the fixed ones; where the box itself lies among them, the longer side of it.
fn range(net: &NetPlan) -> Result<Range, BoardError> {
    if !(16..=26).contains(&net.prefix) {
        return Err(bad("a prefix of", &net.prefix.to_string(), "16 to 26 bits"));
    }
    let mask = u32::MAX << (32 - net.prefix);
    let own = u32::from(net.address);
    let network = own & mask;
    let broadcast = network | !mask;
    if own == network || own == broadcast {
        return Err(bad(
            "the address",
            &net.address.to_string(),
            "one of a device in its network",
        ));
    }
    let (first, last) = (network + FIXED, broadcast - 1);
    let (first, last) = if own < first {
        (first, last)
    } else if own - first > last - own {
        (first, own - 1)
    } else {
        (own + 1, last)
    };
    Ok(Range {
        first: Ipv4Addr::from(first),
        last: Ipv4Addr::from(last),
        mask: Ipv4Addr::from(mask),
    })
}

fn is_host(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    name.len() <= NAME && name.split('.').all(label)
}

fn is_portal(url: &str) -> bool {
    url.starts_with("https://")
        && url.len() <= 255
        && url
            .bytes()
            .all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b',' | b'\\'))
}

fn bad(what: &'static str, asked: &str, expected: &'static str) -> BoardError {
    BoardError::BadPlan {
        what,
        asked: shortened(asked),
        expected,
    }
}

struct Text(String);

// Writing into a string cannot fail.
impl Text {
    fn key(&mut self, key: &str) {
        let _ = writeln!(self.0, "{key}");
    }

    fn set(&mut self, key: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.0, "{key}={value}");
    }

    fn say(&mut self, comment: &str) {
        let _ = writeln!(self.0, "# {comment}");
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
