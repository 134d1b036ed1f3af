//! What each platform calls success, to the byte.

/// What satisfies a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Success {
    /// 204, nothing else.
    NoContent,
    /// Apple's page.
    Apple,
    /// Windows from 10 version 1607 on.
    Connect,
    /// Windows before.
    Ncsi,
    /// NetworkManager's own words.
    NetworkManager,
    /// `OK`, the words some distributions give NetworkManager.
    Ok,
    /// Firefox's page.
    Canonical,
    /// Firefox's line.
    Line,
    /// The page of Kindles and Echos.
    Kindle,
    /// None: a person's browser was sent here, and goes to the portal each time.
    Portal,
}

impl Success {
    /// Type and body, to the byte; `None` is 204.
    pub(super) const fn body(self) -> Option<(&'static str, &'static str)> {
        const TEXT: &str = "text/plain";
        const HTML: &str = "text/html";
        match self {
            Self::NoContent | Self::Portal => None,
            Self::Apple => Some((
                HTML,
                "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>",
            )),
            Self::Connect => Some((TEXT, "Microsoft Connect Test")),
            Self::Ncsi => Some((TEXT, "Microsoft NCSI")),
            Self::NetworkManager => Some((TEXT, "NetworkManager is online\n")),
            Self::Ok => Some((TEXT, "OK\n")),
            Self::Canonical => Some((
                HTML,
                "<meta http-equiv=\"refresh\" content=\"0;url=https://support.mozilla.org/kb/captive-portal\"/>",
            )),
            Self::Line => Some((TEXT, "success\n")),
            Self::Kindle => Some((
                HTML,
                "<html><head><title>Kindle Reachability Probe Page</title></head>\
                 <body>81ce4465-7167-4dcb-835b-dcc9e44c112a</body></html>",
            )),
        }
    }

    /// Whether NetworkManager asks: a header satisfies it, whatever words its distribution has configured.
    pub(super) const fn is_networkmanagers(self) -> bool {
        matches!(self, Self::NetworkManager | Self::Ok)
    }
}
