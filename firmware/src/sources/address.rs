//! The parts of a repository's address. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use http::uri::Authority;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::fmt;
use std::str::FromStr;

/// What stands in a path as it is: letters, digits and these. Everything else is encoded, so that no name changes the path.
const IN_A_NAME: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Why a text is no repository's address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It begins with something else.
    #[error("an address begins with http:// or https://, not with {0}://")]
    Scheme(String),
    /// There is nothing between the slashes.
    #[error("the address names no host")]
    Host,
    /// It breaks the grammar of addresses.
    #[error("the address has characters, or a port, that no address has")]
    Grammar,
    /// A repository's files are found below its address.
    #[error("the address ends in `{0}…`; a repository's address ends with its folder")]
    Tail(char),
}

/// Where a request goes: scheme, host, port.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) secure: bool,
    /// Without the brackets of an IPv6 address, lower case.
    pub(super) host: String,
    pub(super) port: u16,
}

impl Origin {
    const fn usual_port(secure: bool) -> u16 {
        if secure { 443 } else { 80 }
    }

    /// As the `Host` header says it.
    pub(super) fn authority(&self) -> String {
        let host = match self.host.contains(':') {
            true => format!("[{}]", self.host),
            false => self.host.clone(),
        };
        match self.port == Self::usual_port(self.secure) {
            true => host,
            false => format!("{host}:{}", self.port),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority())
    }
}

/// The address of a repository: the parent of its `metadata` and `targets`.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    pub(super) origin: Origin,
    /// Of the folder, as sent, without a slash at its end.
    pub(super) path: String,
    /// The value of `Authorization`, where the address holds a name and a password.
    pub(super) credentials: Option<String>,
}

impl Address {
    /// The path of a file of metadata, as sent. A role's name may hold anything, also a slash: none changes the path.
    pub(super) fn of_metadata(&self, name: &str) -> Option<String> {
        let step = encoded(name)?;
        Some(format!("{}/metadata/{step}", self.path))
    }

    /// The path of a file below the targets, as sent. `None` for a name that leads nowhere: an empty step, `.`, `..`.
    pub(super) fn of_target(&self, name: &str) -> Option<String> {
        let steps: Option<Vec<String>> = name.split('/').map(encoded).collect();
        Some(format!("{}/targets/{}", self.path, steps?.join("/")))
    }
}

fn encoded(step: &str) -> Option<String> {
    (!matches!(step, "" | "." | "..")).then(|| utf8_percent_encode(step, IN_A_NAME).to_string())
}

/// Without name and password.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.path)
    }
}

/// As told to people: it gets into logs.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (scheme, rest) = text.split_once("://").unwrap_or((text, ""));
        let secure = is_secure(scheme)
            .ok_or_else(|| AddressError::Scheme(scheme.chars().take(20).collect()))?;
        if let Some(mark) = rest.chars().find(|mark| matches!(mark, '?' | '#')) {
            return Err(AddressError::Tail(mark));
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        let path = path.trim_end_matches('/');
        // The path goes into a request as it is: it must be one that may.
        if !path.is_empty() && path.parse::<Uri>().is_err() {
            return Err(AddressError::Grammar);
        }
        Ok(Self {
            origin: origin(secure, host)?,
            path: path.to_owned(),
            credentials: user.map(basic),
        })
    }
}

fn is_secure(scheme: &str) -> Option<bool> {
    match scheme.to_ascii_lowercase().as_str() {
        "http" => Some(false),
        "https" => Some(true),
        _ => None,
    }
}

fn origin(secure: bool, authority: &str) -> Result<Origin, AddressError> {
    if authority.is_empty() || authority.starts_with(':') {
        return Err(AddressError::Host);
    }
    let read: Authority = authority.parse().map_err(|_| AddressError::Grammar)?;
    let after_host = authority.get(read.host().len()..).unwrap_or_default();
    let port = match after_host.strip_prefix(':') {
        None => Origin::usual_port(secure),
        Some(port) => port.parse().map_err(|_| AddressError::Grammar)?,
    };
    let host = read
        .host()
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_ascii_lowercase();
    Ok(Origin { secure, host, port })
}

/// RFC 7617. Both halves may be percent-encoded in an address.
fn basic(user: &str) -> String {
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let mut pair: Vec<u8> = percent_decode_str(name).collect();
    pair.push(b':');
    pair.extend(percent_decode_str(password));
    format!("Basic {}", STANDARD.encode(pair))
}

/// Where a redirect leads: an origin, and a path with its query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Elsewhere {
    pub(super) origin: Origin,
    pub(super) path: String,
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What `Location: text` means in the answer to a request for `path` at `origin`; `None` where it means no address. A path that is relative to the
/// file's own folder is not understood: no server sends one.
pub(super) fn elsewhere(origin: &Origin, text: &str) -> Option<Elsewhere> {
    let text = text.trim();
    let (origin, path) = match (text.strip_prefix("//"), text.split_once("://")) {
        (Some(rest), _) => (None, rest).resolved(origin.secure)?,
        (None, Some((scheme, rest))) => (Some(scheme), rest).resolved(origin.secure)?,
        (None, None) if text.starts_with('/') => (origin.clone(), text.to_owned()),
        (None, None) => return None,
    };
    let path = path
        .split_once('#')
        .map_or(path.as_str(), |(path, _)| path)
        .to_owned();
    path.parse::<Uri>().ok()?;
    Some(Elsewhere { origin, path })
}

trait Resolved {
    fn resolved(self, secure: bool) -> Option<(Origin, String)>;
}

impl Resolved for (Option<&str>, &str) {
    fn resolved(self, secure: bool) -> Option<(Origin, String)> {
        let secure = match self.0 {
            Some(scheme) => is_secure(scheme)?,
            None => secure,
        };
        let (authority, path) = self
            .1
            .split_at(self.1.find(['/', '?', '#']).unwrap_or(self.1.len()));
        let path = match path.starts_with('/') {
            true => path.to_owned(),
            false => format!("/{path}"),
        };
        // A redirect that brings a name and a password along is not followed with them, nor without.
        let origin = (!authority.contains('@')).then(|| origin(secure, authority))?;
        Some((origin.ok()?, path))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Address, AddressError> {
        text.parse()
    }

    #[test]
    fn addresses_and_their_names() {
        for (text, name, authority) in [
            ("http://a.example", "http://a.example", "a.example"),
            (
                "HTTPS://A.Example:443/x/",
                "https://a.example/x",
                "a.example",
            ),
            (
                "https://a.example:80/x//",
                "https://a.example:80/x",
                "a.example:80",
            ),
            (
                "http://[2001:db8::1]:8080/u",
                "http://[2001:db8::1]:8080/u",
                "[2001:db8::1]:8080",
            ),
            ("http://[::1]", "http://[::1]", "[::1]"),
            (
                "http://me:my%20word@10.0.0.1:81/",
                "http://10.0.0.1:81",
                "10.0.0.1:81",
            ),
        ] {
            let address = read(text).unwrap();
            assert_eq!(
                (
                    address.to_string().as_str(),
                    address.origin.authority().as_str()
                ),
                (name, authority)
            );
        }
        let secret = read("http://me:my%20word@10.0.0.1/").unwrap();
        assert_eq!(
            secret.credentials.as_deref(),
            Some("Basic bWU6bXkgd29yZA==")
        );
        assert!(!format!("{secret:?}").contains("word"));
    }

    #[test]
    fn what_is_no_address() {
        for (text, error) in [
            ("gopher://a", AddressError::Scheme("gopher".to_owned())),
            ("http:///x", AddressError::Host),
            ("http://:80/x", AddressError::Host),
            ("http://me@/x", AddressError::Host),
            ("http://a:99999/", AddressError::Grammar),
            ("http://a:/", AddressError::Grammar),
            ("http://a b/", AddressError::Grammar),
            ("http://a/x y", AddressError::Grammar),
            ("http://a/x?y=1", AddressError::Tail('?')),
            ("http://a/#x", AddressError::Tail('#')),
        ] {
            assert_eq!(read(text), Err(error), "{text}");
        }
    }

    #[test]
    fn names_of_files_stay_below_the_address() {
        let address = read("http://a/x").unwrap();
        for (name, path) in [
            ("1.root.json", Some("/x/metadata/1.root.json")),
            ("1.a role?.json", Some("/x/metadata/1.a%20role%3F.json")),
            ("1.../a.json", Some("/x/metadata/1...%2Fa.json")),
            ("..", None),
            ("", None),
        ] {
            assert_eq!(address.of_metadata(name).as_deref(), path, "{name}");
        }
        for (name, path) in [
            ("system/b/f", Some("/x/targets/system/b/f")),
            ("a%2f/..f", Some("/x/targets/a%252f/..f")),
            ("../f", None),
            ("a/./f", None),
            ("a//f", None),
            ("/f", None),
            ("", None),
        ] {
            assert_eq!(address.of_target(name).as_deref(), path, "{name}");
        }
    }

    #[test]
    fn redirects() {
        let here = read("http://a/x").unwrap().origin;
        for (text, there) in [
            ("/y/f?k=1#top", Some("http://a|/y/f?k=1")),
            ("https://b/f", Some("https://b|/f")),
            ("//b:81", Some("http://b:81|/")),
            ("https://b?x", Some("https://b|/?x")),
            ("f", None),
            ("ftp://b/f", None),
            ("http://me:word@b/f", None),
            ("http:///f", None),
            ("/a b", None),
        ] {
            let found = elsewhere(&here, text).map(|to| format!("{}|{}", to.origin, to.path));
            assert_eq!(found.as_deref(), there, "{text}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(128))]
        #[test]
        fn any_text_is_read_without_a_fall(text in "(https?://)?[a-z0-9:@/?#.%\\[\\] -]{0,30}") {
            let _ = (read(&text), elsewhere(&read("http://a").unwrap().origin, &text));
        }
    }
}
