//! Every platform's connectivity probes: one row each. Pure.
//!
//! The first answer is the same for all: 302 to the portal. AOSP takes its `Location` for the window to open, ChromeOS takes a 200 with a
//! page for a doubt and a 302 for a portal, Windows, Apple, Firefox and NetworkManager take anything unexpected for a portal. What
//! satisfies a platform afterwards is in its row. Sources are named by project and file, or by document; "seen" marks what was
//! found in the published settings or decompiled framework of a vendor, not in a document of theirs.
//!
//! Not everything can be had by plain HTTP: see [`Row::then`].

use super::success::Success;

/// One platform, or one generation of it.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its name and versions.
    #[cfg_attr(not(test), expect(dead_code, reason = "for those who read the table"))]
    pub(crate) platform: &'static str,
    /// Host and path of each plain HTTP probe. What ends with the host's slash is that host's first page, and only there a probe.
    pub(crate) asks: &'static [&'static str],
    /// A part of the prober's `User-Agent` that marks a probe on any host and path.
    pub(crate) agent: Option<&'static str>,
    /// What satisfies it.
    pub(crate) success: Success,
    /// What the platform does: first, and once it is satisfied.
    #[cfg_attr(not(test), expect(dead_code, reason = "for those who read the table"))]
    pub(crate) then: &'static str,
    /// Where this is written.
    #[cfg_attr(not(test), expect(dead_code, reason = "for those who read the table"))]
    pub(crate) source: &'static str,
}

/// What one asks of a host that is ours: its path alone tells.
pub(crate) fn of_path(path: &str) -> Option<Success> {
    let asks = |row: &&Row| row.asks.iter().any(|ask| split(ask).1 == path);
    ROWS.iter()
        .find(asks)
        .filter(|_| !path.is_empty())
        .map(|row| row.success)
}

/// What one asks of another host, in the words of `agent`. A host that is in no row may be a vendor's that nobody has told of.
pub(crate) fn of_host(host: &str, path: &str, agent: &str) -> Option<Success> {
    let here = |row: &&Row| row.asks.iter().any(|ask| split(ask) == (host, path));
    let says = |row: &&Row| row.agent.is_some_and(|part| agent.contains(part));
    let row = ROWS.iter().find(here).or_else(|| ROWS.iter().find(says));
    row.map(|row| row.success).or_else(|| of_path(path))
}

/// Host and path, without the slash between them.
pub(super) fn split(ask: &'static str) -> (&'static str, &'static str) {
    ask.split_once('/').unwrap_or((ask, ""))
}

const AOSP_10: &str = "AOSP packages/modules/NetworkStack: res/values/config.xml, NetworkMonitor.java; CaptivePortalLoginActivity.java";
const AOSP_OLD: &str = "AOSP frameworks/base: services/core/.../connectivity/NetworkMonitor.java; CaptivePortalLoginActivity.java";
const NM: &str = "NetworkManager src/core/nm-connectivity.c, nm-config.h";
const VENDORS_204: &str = "as AOSP of its version, with its own hosts";

/// The table. Two rows that share an ask share its success.
pub(crate) const ROWS: &[Row] = &[
    Row {
        platform: "Android 5.0, 5.1",
        asks: &[
            "clients3.google.com/generate_204",
            "connectivitycheck.android.com/generate_204",
        ],
        agent: None,
        success: Success::NoContent,
        then: "notice \"sign in to the network\"; its window closes itself 1 s after a page once satisfied; then Wi-Fi leads, no HTTPS is asked",
        source: AOSP_OLD,
    },
    Row {
        platform: "Android 6",
        asks: &[
            "connectivitycheck.android.com/generate_204",
            "connectivitycheck.gstatic.com/generate_204",
        ],
        agent: None,
        success: Success::NoContent,
        then: "as Android 5",
        source: AOSP_OLD,
    },
    Row {
        platform: "Android 7 to 9",
        asks: &[
            "connectivitycheck.gstatic.com/generate_204",
            "www.google.com/gen_204",
            "play.googleapis.com/generate_204",
        ],
        agent: None,
        success: Success::NoContent,
        then: "as Android 5, but an HTTPS probe is asked too, which no box can answer: then \"no internet, stay connected?\", and a person says yes",
        source: AOSP_OLD,
    },
    Row {
        platform: "Android 10 to 16",
        asks: &[
            "connectivitycheck.gstatic.com/generate_204",
            "www.google.com/gen_204",
            "play.googleapis.com/generate_204",
        ],
        agent: None,
        success: Success::NoContent,
        then: "notice and window; HTTP without HTTPS is partial connectivity: \"limited connection\", a person stays; from 11 the window stays until closed",
        source: AOSP_10,
    },
    Row {
        platform: "Android 10 to 16 with a SIM of China",
        asks: &[
            "connectivitycheck.gstatic.cn/generate_204",
            "www.googleapis.cn/generate_204",
        ],
        agent: None,
        success: Success::NoContent,
        then: "as Android 10 to 16",
        source: "AOSP packages/modules/NetworkStack: res/values-mcc460/config.xml",
    },
    Row {
        platform: "Samsung, firmware for China",
        asks: &["connectivity.samsung.com.cn/generate_204"],
        agent: None,
        success: Success::NoContent,
        then: VENDORS_204,
        source: "Samsung framework NetworkMonitor, DEFAULT_HTTP_URL_CHINA (seen); elsewhere Samsung asks what AOSP asks",
    },
    Row {
        platform: "Xiaomi, Redmi, Poco",
        asks: &["connect.rom.miui.com/generate_204"],
        agent: None,
        success: Success::NoContent,
        then: VENDORS_204,
        source: "captive_portal_http_url of MIUI (seen)",
    },
    Row {
        platform: "Huawei, Honor",
        asks: &[
            "connectivitycheck.platform.hicloud.com/generate_204",
            "connectivitycheck.cbg-app.huawei.com/generate_204",
        ],
        agent: None,
        success: Success::NoContent,
        then: VENDORS_204,
        source: "captive_portal_http_url of EMUI (seen)",
    },
    Row {
        platform: "OPPO, realme, OnePlus",
        asks: &[
            "conn1.oppomobile.com/generate_204",
            "conn2.oppomobile.com/generate_204",
            "www.google.cn/generate_204",
        ],
        agent: None,
        success: Success::NoContent,
        then: VENDORS_204,
        source: "ColorOS framework, mInternalServers and mFallbackHttpServers (seen)",
    },
    Row {
        platform: "vivo",
        asks: &["wifi.vivo.com.cn/generate_204"],
        agent: None,
        success: Success::NoContent,
        then: VENDORS_204,
        source: "captive_portal_http_url of Funtouch OS (seen)",
    },
    Row {
        platform: "GrapheneOS",
        asks: &[
            "connectivitycheck.grapheneos.network/generate_204",
            "grapheneos.online/gen_204",
            "grapheneos.online/generate_204",
        ],
        agent: None,
        success: Success::NoContent,
        then: "as Android 10 to 16",
        source: "GrapheneOS ConnectivityCheckConstants.java",
    },
    Row {
        platform: "Fire OS (Amazon tablets)",
        asks: &["fireoscaptiveportal.com/generate_204"],
        agent: None,
        success: Success::NoContent,
        then: VENDORS_204,
        source: "captive_portal_http_url of Fire OS (seen)",
    },
    Row {
        platform: "Kindle readers, Echo",
        asks: &[
            "spectrum.s3.amazonaws.com/kindle-wifi/wifistub.html",
            "spectrum.s3.amazonaws.com/kindle-wifi/wifistub-eink.html",
        ],
        agent: None,
        success: Success::Kindle,
        then: "opens its browser at the portal; satisfied by the number in the page",
        source: "alexa/avs-device-sdk InternetConnectionMonitor.cpp, VALIDATION_STRING",
    },
    Row {
        platform: "iOS and iPadOS 9 to 26, macOS 10.11 to 26",
        asks: &[
            "captive.apple.com/hotspot-detect.html",
            "captive.apple.com/",
        ],
        agent: Some("CaptiveNetworkSupport"),
        success: Success::Apple,
        then: "a sheet over the settings with the portal; asks again after each page; satisfied: its button says \"Done\", Wi-Fi leads",
        source: "Wireless Broadband Alliance, Captive Network Portal Behavior; Cisco WLC 7.6 configuration guide, Captive Bypassing (any host, marked by its User-Agent)",
    },
    Row {
        platform: "iOS 7 and 8, macOS to 10.10, and fall-backs of later ones",
        asks: &[
            "www.apple.com/library/test/success.html",
            "www.appleiphonecell.com/library/test/success.html",
            "www.ibook.info/library/test/success.html",
            "www.itools.info/library/test/success.html",
            "www.airport.us/library/test/success.html",
            "www.thinkdifferent.us/library/test/success.html",
        ],
        agent: None,
        success: Success::Apple,
        then: "as iOS 9",
        source: "Wireless Broadband Alliance, Captive Network Portal Behavior; hosts as walled-garden guides list them (seen)",
    },
    Row {
        platform: "Windows 10 from 1607, Windows 11",
        asks: &[
            "www.msftconnecttest.com/connecttest.txt",
            "ipv6.msftconnecttest.com/connecttest.txt",
        ],
        agent: None,
        success: Success::Connect,
        then: "opens the browser at /redirect; satisfied if dns.msftncsi.com resolves to 131.107.255.255, too, which is for the box's DNS to answer",
        source: "Microsoft Networking Blog, NCSI Change Notification (2023)",
    },
    Row {
        platform: "Windows 7 to 8.1, Windows 10 1507 and 1511",
        asks: &["www.msftncsi.com/ncsi.txt", "ipv6.msftncsi.com/ncsi.txt"],
        agent: None,
        success: Success::Ncsi,
        then: "as Windows 10; Windows 7 opens no browser",
        source: "Microsoft Networking Blog, NCSI Change Notification (2023)",
    },
    Row {
        platform: "Windows: the browser it opens",
        asks: &[
            "www.msftconnecttest.com/redirect",
            "www.msftncsi.com/redirect",
        ],
        agent: None,
        success: Success::Portal,
        then: "a person sees the portal in their own browser",
        source: "Microsoft Learn, Captive Portal Detection and User Experience in Windows; textslashplain.com, Captive Portals (2022)",
    },
    Row {
        platform: "Edge",
        asks: &["edge-http.microsoft.com/captiveportal/generate_204"],
        agent: None,
        success: Success::NoContent,
        then: "a tab with the portal where a page fails to load; closes when satisfied",
        source: "Chromium components/captive_portal, with Edge's own address (seen)",
    },
    Row {
        platform: "Chrome and Chromium",
        asks: &[
            "connectivitycheck.gstatic.com/generate_204",
            "www.gstatic.com/generate_204",
        ],
        agent: None,
        success: Success::NoContent,
        then: "as Edge; 511 or any page is a portal to it, and it follows redirects while it looks",
        source: "Chromium components/captive_portal/core/captive_portal_detector.cc",
    },
    Row {
        platform: "ChromeOS",
        asks: &[
            "www.gstatic.com/generate_204",
            "connectivitycheck.gstatic.com/generate_204",
            "www.google.com/gen_204",
            "www.play.googleapis.com/generate_204",
            "safebrowsing.google.com/generate_204",
            "www.googleapis.com/generate_204",
        ],
        agent: None,
        success: Success::NoContent,
        then: "notice and window at the redirect's address; an HTTPS probe is asked too: without it \"no connectivity\", and it stays connected",
        source: "ChromiumOS platform2 shill/portal_detector.h",
    },
    Row {
        platform: "Firefox",
        asks: &["detectportal.firefox.com/canonical.html"],
        agent: None,
        success: Success::Canonical,
        then: "a bar \"open the network's sign-in page\"; goes when satisfied",
        source: "Firefox source docs, Captive Portal Detection; captivedetect.canonicalContent",
    },
    Row {
        platform: "Firefox before it asked for canonical.html, and its connectivity service",
        asks: &["detectportal.firefox.com/success.txt"],
        agent: None,
        success: Success::Line,
        then: "as Firefox",
        source: "Firefox source docs, Connectivity Checking; captivedetect.canonicalContent before",
    },
    Row {
        platform: "GNOME and distributions that ask with it",
        asks: &["nmcheck.gnome.org/check_network_status.txt"],
        agent: None,
        success: Success::NetworkManager,
        then: "GNOME's window with the portal; goes when satisfied",
        source: NM,
    },
    Row {
        platform: "Debian",
        asks: &["network-test.debian.org/nm"],
        agent: None,
        success: Success::NetworkManager,
        then: "notice of the desktop",
        source: "Debian network-manager, 20-connectivity-debian.conf (seen); NetworkManager src/core/nm-connectivity.c",
    },
    Row {
        platform: "Ubuntu, Mint",
        asks: &["connectivity-check.ubuntu.com/"],
        agent: None,
        success: Success::NetworkManager,
        then: "as GNOME",
        source: "Ubuntu network-manager, 20-connectivity-ubuntu.conf (seen); NetworkManager src/core/nm-connectivity.c",
    },
    Row {
        platform: "Fedora",
        asks: &["fedoraproject.org/static/hotspot.txt"],
        agent: None,
        success: Success::Ok,
        then: "as GNOME",
        source: "NetworkManager contrib/fedora/rpm/20-connectivity-fedora.conf",
    },
    Row {
        platform: "Red Hat Enterprise Linux",
        asks: &["static.redhat.com/test/rhel-networkmanager.txt"],
        agent: None,
        success: Success::Ok,
        then: "as GNOME",
        source: "NetworkManager contrib/fedora/rpm/20-connectivity-redhat.conf",
    },
    Row {
        platform: "Arch Linux",
        asks: &["ping.archlinux.org/nm-check.txt"],
        agent: None,
        success: Success::NetworkManager,
        then: "notice of the desktop",
        source: "Arch networkmanager PKGBUILD, 20-connectivity.conf; NetworkManager src/core/nm-connectivity.c",
    },
    Row {
        platform: "openSUSE",
        asks: &["conncheck.opensuse.org/"],
        agent: None,
        success: Success::NetworkManager,
        then: "notice of the desktop",
        source: "NetworkManager-branding-openSUSE, conncheck.conf; NetworkManager src/core/nm-connectivity.c",
    },
    Row {
        platform: "KDE",
        asks: &["networkcheck.kde.org/"],
        agent: None,
        success: Success::Ok,
        then: "notice of the desktop",
        source: "configurations of NetworkManager that name it (seen)",
    },
];
