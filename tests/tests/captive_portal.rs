//! Phones of every platform join: the real binary over loopback, each host name as the phone would send it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use system_tests::world::http::{Answer, Connection, Request};
use system_tests::world::{RunningBox, World, folder_pack};

const APPLE: &str = "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>";
const CANONICAL: &str = "<meta http-equiv=\"refresh\" content=\"0;url=https://support.mozilla.org/kb/captive-portal\"/>";
const KINDLE: &str = "81ce4465-7167-4dcb-835b-dcc9e44c112a";

/// How a platform judges an answer, told as its source tells it: independent of the box's own table.
#[derive(Debug, Clone, Copy)]
enum Content {
    /// Status 204 (Android, Chromium, ChromeOS).
    Empty,
    /// The whole body.
    Whole(&'static str),
    /// The body holds this.
    Holds(&'static str),
    /// NetworkManager: the header, or a body that begins so.
    Begins(&'static str),
}

impl Content {
    fn is_met_by(self, answer: &Answer) -> bool {
        let text = answer.text();
        match self {
            Self::Empty => answer.status == 204 && answer.body.is_empty(),
            Self::Whole(body) => answer.status == 200 && text == body,
            Self::Holds(part) => answer.status == 200 && text.contains(part),
            Self::Begins(words) => {
                answer.header("x-networkmanager-status") == Some("online")
                    || (answer.status == 200 && text.starts_with(words))
            }
        }
    }
}

const PLATFORMS: [(&str, &str, Content); 20] = [
    ("clients3.google.com", "/generate_204", Content::Empty),
    (
        "connectivitycheck.gstatic.com",
        "/generate_204",
        Content::Empty,
    ),
    ("www.google.com", "/gen_204", Content::Empty),
    ("connect.rom.miui.com", "/generate_204", Content::Empty),
    (
        "connectivitycheck.platform.hicloud.com",
        "/generate_204",
        Content::Empty,
    ),
    (
        "a-vendor-nobody-knows.example",
        "/generate_204",
        Content::Empty,
    ),
    (
        "edge-http.microsoft.com",
        "/captiveportal/generate_204",
        Content::Empty,
    ),
    ("www.gstatic.com", "/generate_204", Content::Empty),
    (
        "captive.apple.com",
        "/hotspot-detect.html",
        Content::Whole(APPLE),
    ),
    (
        "www.apple.com",
        "/library/test/success.html",
        Content::Whole(APPLE),
    ),
    (
        "www.msftconnecttest.com",
        "/connecttest.txt",
        Content::Whole("Microsoft Connect Test"),
    ),
    (
        "www.msftncsi.com",
        "/ncsi.txt",
        Content::Whole("Microsoft NCSI"),
    ),
    (
        "detectportal.firefox.com",
        "/canonical.html",
        Content::Whole(CANONICAL),
    ),
    (
        "detectportal.firefox.com",
        "/success.txt?ipv4",
        Content::Whole("success\n"),
    ),
    (
        "nmcheck.gnome.org",
        "/check_network_status.txt",
        Content::Begins("NetworkManager is online"),
    ),
    (
        "network-test.debian.org",
        "/nm",
        Content::Begins("NetworkManager is online"),
    ),
    (
        "connectivity-check.ubuntu.com",
        "/",
        Content::Begins("NetworkManager is online"),
    ),
    (
        "fedoraproject.org",
        "/static/hotspot.txt",
        Content::Begins("OK"),
    ),
    (
        "ping.archlinux.org",
        "/nm-check.txt",
        Content::Begins("NetworkManager is online"),
    ),
    (
        "spectrum.s3.amazonaws.com",
        "/kindle-wifi/wifistub.html",
        Content::Holds(KINDLE),
    ),
];

/// A phone: an address of its own among the loopback ones.
struct Phone<'a> {
    running: &'a RunningBox,
    address: IpAddr,
}

impl<'a> Phone<'a> {
    fn joins(running: &'a RunningBox, number: u8) -> Self {
        let address = IpAddr::from([127, 0, 9, number]);
        Self { running, address }
    }

    fn send(&self, request: &Request) -> Answer {
        let connection = Connection::from(self.address, self.running.address());
        connection.unwrap().send(request).unwrap()
    }

    fn get(&self, host: &str, target: &str) -> Answer {
        self.send(&Request::get(target).host(host))
    }

    fn is_captive(&self) -> bool {
        let state = self.get("school.internal", "/captive-portal").expect(200);
        let kind = state.header("content-type");
        assert_eq!(kind, Some("application/captive+json"));
        let state = state.json();
        assert_eq!(state["user-portal-url"], "http://school.internal/");
        state["captive"].as_bool().unwrap()
    }

    /// Every platform's probe is sent to the portal, and none would be content.
    fn is_led_to_the_portal(&self) {
        for (host, path, content) in PLATFORMS {
            let answer = self.get(host, path);
            assert!(!content.is_met_by(&answer), "{host}: {answer:?}");
            let told = (answer.status, answer.header("location"));
            assert_eq!(told, (302, Some("http://school.internal/")), "{host}");
        }
        assert!(self.is_captive());
    }

    /// Every platform would be content.
    fn is_content(&self) {
        for (host, path, content) in PLATFORMS {
            let answer = self.get(host, path);
            assert!(content.is_met_by(&answer), "{host}: {answer:?}");
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{host}");
            assert_eq!(answer.header("set-cookie"), None, "{host}");
            assert!(answer.wire_bytes < 600, "{host}: {}", answer.wire_bytes);
        }
        assert!(!self.is_captive());
    }
}

#[test]
fn every_platform_opens_the_portal_first_and_stays_afterwards() {
    let world = World::new();
    world.import(&folder_pack(&world, "lessons"));
    let running = world.start();
    let (phone, other) = (Phone::joins(&running, 1), Phone::joins(&running, 2));
    phone.is_led_to_the_portal();
    let page = phone.get("school.internal", "/").expect(200).text();
    assert!(page.contains("http://lessons.school.internal/"), "{page}");
    phone.is_content();
    // The control: who has opened only a lesson, or nothing, stays captive, whatever others did.
    other
        .get("lessons.school.internal", "/water.html")
        .expect(200);
    other.is_led_to_the_portal();
    other.get("10.42.0.1", "/").expect(200);
    other.is_content();
    running.stop();
}

/// Files under `folder` in which `words` stand.
fn that_hold(folder: &Path, words: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(that_hold(&path, words));
        } else if let Ok(bytes) = std::fs::read(&path) {
            let mut windows = bytes.windows(words.len());
            found.extend(windows.any(|part| part == words.as_bytes()).then_some(path));
        }
    }
    found
}

/// Who has opened the portal is nobody's business: not in the log, not on the disk; a box that starts again knows nobody.
#[test]
fn nothing_is_kept_about_who_came() {
    let world = World::new();
    let running = world.start();
    let phone = Phone::joins(&running, 77);
    phone.get("school.internal", "/").expect(200);
    phone.is_content();
    running.stop();
    assert!(that_hold(&world.path(""), "127.0.9.77").is_empty());
    // The control: it would be found.
    let told = world.write("data/told.txt", "a phone came: 127.0.9.77");
    assert_eq!(that_hold(&world.path(""), "127.0.9.77"), [told]);
    let running = world.start();
    Phone::joins(&running, 77).is_led_to_the_portal();
    running.stop();
}

#[test]
fn what_phones_ask_in_the_background_ends_at_once() {
    let world = World::new();
    let running = world.start();
    let phone = Phone::joins(&running, 3);
    for (method, status) in [("GET", 302), ("HEAD", 302), ("POST", 303), ("PUT", 303)] {
        let request = Request::new(method, "/v1/telemetry?lang=fr").host("api.example.com");
        let answer = phone.send(&request).expect(status);
        assert_eq!(answer.header("location"), Some("http://school.internal/"));
        assert_eq!(answer.header("connection"), Some("close"));
        assert_eq!(answer.header("set-cookie"), None);
    }
    phone.is_led_to_the_portal();
    running.stop();
}
