//! Which answer a request gets, from its method, host and path alone. Pure.

use super::captive::Success;
use super::captive::table::{of_host, of_path};
use super::origin::{Authority, Place};
use http::Method;
use percent_encoding::percent_decode_str;

/// A path and query longer than this are nobody's page.
pub(crate) const MAX_URI: usize = 8 * 1024;

/// What can be done to a page.
const READ: &str = "GET, HEAD";
/// What can be done to the address of a form.
const SEND: &str = "POST";

/// The answer that a request gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// The portal's first page.
    Home,
    /// The search page.
    Search,
    /// The page of the box's state, for teachers and technicians.
    Status,
    /// The same as data.
    StatusJson,
    /// The page of the sun and the plan of the day.
    Day,
    /// The same as data.
    DayJson,
    /// The booking of a film: a form is sent here.
    Film,
    /// The page of the four lights.
    Lights,
    /// Their card, or a playbook, as PDF.
    LightsSheet,
    /// The welcome to print.
    Welcome,
    /// The same, in all languages, as PDF.
    WelcomeSheet,
    /// The support bundle, for a technician.
    Report,
    /// Whether the box is well.
    Health,
    /// The picture in the browser's tab.
    Icon,
    /// The record store: methods and paths are its own business.
    Xapi,
    /// A file of the box's own repository, for other boxes: `metadata/…` or `targets/…`.
    Repository(String),
    /// A connectivity probe, and what satisfies it.
    Probe(Success),
    /// The captive portal API (RFC 8908).
    CaptiveApi,
    /// Anything else of a host that is not ours.
    Elsewhere,
    /// A path inside a pack, decoded, without leading slash.
    Pack {
        /// The host's first label; perhaps no pack has it.
        label: String,
        /// Decoded path.
        path: String,
    },
    /// 404 at the portal.
    Missing,
    /// 400: a path that nobody means well.
    BadPath,
    /// 405, with what is allowed.
    WrongMethod(&'static str),
    /// 414.
    LongUri,
}

impl Route {
    /// Whether whoever waits for a seat on the radio gets this all the same: what tells of the box, and what leads to the page that says
    /// so. That page stands at [`Route::Home`], and probes lead there: see `request`.
    pub(crate) fn is_for_those_who_wait(&self) -> bool {
        match self {
            Self::Status
            | Self::StatusJson
            | Self::Lights
            | Self::Report
            | Self::Health
            | Self::Icon
            | Self::Elsewhere => true,
            Self::Home
            | Self::Search
            | Self::Day
            | Self::DayJson
            | Self::Film
            | Self::LightsSheet
            | Self::Welcome
            | Self::WelcomeSheet
            | Self::Xapi
            | Self::Repository(_)
            | Self::Probe(_)
            | Self::CaptiveApi
            | Self::Pack { .. }
            | Self::Missing
            | Self::BadPath
            | Self::WrongMethod(_)
            | Self::LongUri => false,
        }
    }

    /// Whether this is what learners ask for, not what programs and technicians look at.
    pub(crate) fn is_a_learners(&self) -> bool {
        match self {
            Self::Home | Self::Search | Self::Xapi | Self::Pack { .. } => true,
            Self::Status
            | Self::StatusJson
            | Self::Day
            | Self::DayJson
            | Self::Film
            | Self::Lights
            | Self::LightsSheet
            | Self::Welcome
            | Self::WelcomeSheet
            | Self::Report
            | Self::Health
            | Self::Icon
            | Self::Repository(_)
            | Self::Probe(_)
            | Self::CaptiveApi
            | Self::Elsewhere
            | Self::Missing
            | Self::BadPath
            | Self::WrongMethod(_)
            | Self::LongUri => false,
        }
    }
}

/// Routes one request of `agent` (its `User-Agent`). `authority` is `None` for an HTTP/1.0 request without a `Host`: it means the portal.
pub(crate) fn route(
    method: &Method,
    authority: Option<&Authority>,
    configured: &str,
    uri: &http::Uri,
    agent: &str,
) -> Route {
    if uri
        .path_and_query()
        .is_some_and(|all| all.as_str().len() > MAX_URI)
    {
        return Route::LongUri;
    }
    let Some(path) = decoded(uri.path()) else {
        return Route::BadPath;
    };
    if let Some(host) = authority.and_then(|authority| authority.foreign(configured)) {
        return foreign(method, host, &path, agent);
    }
    let place = authority.map_or(Place::Portal, |authority| authority.place(configured));
    let route = match place {
        Place::Pack(label) => Route::Pack { label, path },
        Place::Portal => portal(&path),
    };
    let (fits, allowed) = match route == Route::Film {
        true => (*method == Method::POST, SEND),
        false => (reads(method), READ),
    };
    if fits || route == Route::Xapi {
        route
    } else {
        Route::WrongMethod(allowed)
    }
}

fn reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Of a host that is not ours: a probe, or nothing that we have.
fn foreign(method: &Method, host: &str, path: &str, agent: &str) -> Route {
    of_host(host, path, agent)
        .filter(|_| reads(method))
        .map_or(Route::Elsewhere, Route::Probe)
}

fn portal(path: &str) -> Route {
    match path {
        "" => Route::Home,
        "search" => Route::Search,
        "status" => Route::Status,
        "api/v1/status" => Route::StatusJson,
        "sun" => Route::Day,
        "api/v1/power/day" => Route::DayJson,
        "sun/film" => Route::Film,
        "lights" => Route::Lights,
        "lights.pdf" => Route::LightsSheet,
        "welcome" => Route::Welcome,
        "welcome.pdf" => Route::WelcomeSheet,
        "report.sbr" => Route::Report,
        "healthz" => Route::Health,
        "favicon.svg" | "favicon.ico" => Route::Icon,
        "captive-portal" => Route::CaptiveApi,
        _ if path == "xapi" || path.starts_with("xapi/") => Route::Xapi,
        _ => match path
            .strip_prefix("updates/")
            .filter(|file| in_a_repository(file))
        {
            Some(file) => Route::Repository(file.to_owned()),
            None => of_path(path).map_or(Route::Missing, Route::Probe),
        },
    }
}

/// Whether a file of a repository may be called so: in one of its two folders, of plain characters, no step hidden.
fn in_a_repository(file: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let sound = |step: &str| {
        step.starts_with(|first: char| first.is_ascii_alphanumeric()) && step.bytes().all(plain)
    };
    let mut steps = file.split('/');
    matches!(steps.next(), Some("metadata" | "targets")) && file.contains('/') && steps.all(sound)
}

/// The path decoded once, without its leading slash. `None` when it holds what no page's name holds: bytes that are no text, NUL,
/// a backslash, or a step `.` or `..`. Nothing is ever opened by such a name (pages are looked up by key); it is refused all the same.
fn decoded(path: &str) -> Option<String> {
    let path = percent_decode_str(path.strip_prefix('/')?)
        .decode_utf8()
        .ok()?;
    let sound =
        !path.contains(['\0', '\\']) && path.split('/').all(|step| step != ".." && step != ".");
    sound.then(|| path.into_owned())
}

/// The first value of `name` in a query (`a=b&c=d`), decoded; bytes that are no text become `�`.
pub(crate) fn query_value(uri: &http::Uri, name: &str) -> Option<String> {
    uri.query()?.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key == name).then(|| {
            percent_decode_str(&value.replace('+', " "))
                .decode_utf8_lossy()
                .into_owned()
        })
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::fmt::Write as _;

    fn routed(method: &str, host: &str, path: &str) -> Route {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        route(
            &method,
            Authority::read(host).as_ref(),
            "school.internal",
            &path.parse().unwrap(),
            "",
        )
    }

    #[test]
    fn the_whole_table() {
        let mut table = String::new();
        for (method, host, path) in [
            ("GET", "school.internal", "/"),
            ("HEAD", "192.168.4.1", "/?lang=fr"),
            ("GET", "unknown.example", "/"),
            ("POST", "unknown.example", "/xapi/statements"),
            ("GET", "unknown.example", "/captive-portal"),
            ("GET", "unknown.example", "/generate_204"),
            ("POST", "unknown.example", "/generate_204"),
            ("GET", "unknown.example", "/%2e%2e/x"),
            ("GET", "captive.apple.com", "/"),
            ("GET", "www.msftconnecttest.com", "/redirect"),
            ("GET", "192.168.4.1", "/generate_204"),
            ("HEAD", "school.internal", "/connecttest.txt"),
            ("PUT", "school.internal", "/connecttest.txt"),
            ("GET", "school.internal", "/captive-portal"),
            ("POST", "school.internal", "/captive-portal"),
            ("GET", "wiki.school.internal", "/generate_204"),
            ("POST", "school.internal", "/"),
            ("DELETE", "wiki.school.internal", "/A/Page"),
            ("OPTIONS", "school.internal", "/search"),
            ("GET", "localhost:8080", "/search?q=a"),
            ("GET", "localhost:8080", "/status"),
            ("GET", "localhost:8080", "/api/v1/status"),
            ("GET", "localhost:8080", "/sun?start=14:00&minutes=90"),
            ("GET", "localhost:8080", "/api/v1/power/day"),
            ("GET", "localhost:8080", "/sun/film"),
            ("POST", "localhost:8080", "/sun/film"),
            ("POST", "localhost:8080", "/sun"),
            ("POST", "wiki.localhost:8080", "/sun/film"),
            ("GET", "school.internal", "/lights"),
            ("GET", "school.internal", "/lights.pdf?state=disk"),
            ("POST", "school.internal", "/lights"),
            ("GET", "school.internal", "/welcome"),
            ("GET", "school.internal", "/welcome.pdf?paper=a5"),
            ("POST", "school.internal", "/welcome"),
            ("GET", "wiki.school.internal", "/welcome"),
            ("GET", "localhost:8080", "/healthz"),
            ("GET", "localhost:8080", "/favicon.ico"),
            ("POST", "school.internal", "/xapi/statements"),
            ("GET", "school.internal", "/xapi"),
            ("GET", "school.internal", "/xapiary"),
            ("GET", "school.internal", "/opds"),
            ("GET", "school.internal", "/%2e%2e/etc/passwd"),
            ("GET", "school.internal", "/../etc/passwd"),
            ("GET", "school.internal", "/a%00b"),
            ("GET", "school.internal", "/a%5cb"),
            ("GET", "school.internal", "/%ff"),
            ("GET", "school.internal", "/updates/metadata/timestamp.json"),
            (
                "HEAD",
                "school.internal",
                "/updates/targets/system/b/1/ab.root",
            ),
            ("PUT", "school.internal", "/updates/metadata/timestamp.json"),
            ("GET", "school.internal", "/updates"),
            ("GET", "school.internal", "/updates/"),
            ("GET", "school.internal", "/updates/targets"),
            ("GET", "school.internal", "/updates/targets/"),
            ("GET", "school.internal", "/updates/targets/a//b"),
            ("GET", "school.internal", "/updates/targets/.a"),
            ("GET", "school.internal", "/updates/targets/a%20b"),
            (
                "GET",
                "school.internal",
                "/updates/targets/%2e%2e/trust/root.json",
            ),
            ("GET", "school.internal", "/updates/trust/root.json"),
            ("GET", "wiki.school.internal", "/updates/targets/a"),
            ("GET", "wiki.school.internal", "/"),
            ("GET", "wiki.school.internal", "/A/Caf%C3%A9%20%3F?x=1"),
            ("GET", "wiki.school.internal", "/healthz"),
            ("GET", "wiki.school.internal", "/xapi/statements"),
            ("POST", "wiki.school.internal", "/xapi/statements"),
            ("GET", "wiki.school.internal", "/..%2f..%2fetc/passwd"),
            ("GET", "wiki.school.internal", "/%252e%252e/x"),
            ("GET", "wiki.school.internal", "/a..b/...html"),
            ("GET", "wiki.localhost:8080", "//x"),
            ("GET", "a.b.localhost", "/x"),
            ("GET", "school.internal", "http://school.internal/search"),
            ("OPTIONS", "school.internal", "*"),
        ] {
            writeln!(
                table,
                "{method:7} {host:22} {path:34} {:?}",
                routed(method, host, path)
            )
            .unwrap();
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn a_path_of_kilobytes_is_refused() {
        let long = format!("/{}", "a".repeat(MAX_URI));
        assert_eq!(routed("GET", "school.internal", &long), Route::LongUri);
        assert_eq!(
            routed("GET", "school.internal", &long[..MAX_URI]),
            Route::Missing
        );
    }

    #[test]
    fn query_values_are_decoded_once() {
        let uri = "/search?x=1&q=a+b%26c%2520&q=other".parse().unwrap();
        assert_eq!(query_value(&uri, "q").as_deref(), Some("a b&c%20"));
        assert_eq!(query_value(&uri, "x").as_deref(), Some("1"));
        assert_eq!(query_value(&uri, "y"), None);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(256))]
        #[test]
        fn no_path_of_a_pack_climbs(path in "/[a-c./%25\\\\ef]{0,30}") {
            let Ok(uri) = path.parse::<http::Uri>() else { return Ok(()) };
            let routed = route(&Method::GET, Authority::read("p.localhost").as_ref(), "school.internal", &uri, "");
            if let Route::Pack { path, .. } = routed {
                proptest::prop_assert!(!path.contains('\\') && path.split('/').all(|step| step != ".."));
            }
        }
    }
}
