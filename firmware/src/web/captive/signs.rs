//! What a request's headers tell of who asks. Pure.

use http::Method;
use http::header::{ACCEPT, HeaderMap, HeaderName, USER_AGENT};

/// Android's window for signing in names its program here (WebView's own header).
const PROGRAM: HeaderName = HeaderName::from_static("x-requested-with");
/// Set by browsers that fetch a page nobody has asked for yet.
const PURPOSES: [HeaderName; 3] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-moz"),
];
/// Programs that look for a portal and follow its redirect: no person sees what they get.
const LOOKERS: [&str; 3] = ["CaptiveNetworkSupport", "Microsoft NCSI", "NetworkManager"];

fn value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// Whether a person sees the page that answers this request, as far as its headers tell.
///
/// Not with HEAD, not what is fetched ahead, not the programs that look for a portal. Chromium on desks follows a portal's redirect
/// when it looks for one; unlike a person's request that one does not say that it takes HTML.
pub(crate) fn sees_pages(method: &Method, headers: &HeaderMap) -> bool {
    let agent = value(headers, &USER_AGENT);
    let ahead = PURPOSES
        .iter()
        .any(|name| value(headers, name).contains("prefetch"));
    let desk_chromium = agent.contains("Chrome/") && !agent.contains("Android");
    let looks = LOOKERS.iter().any(|looker| agent.contains(looker))
        || (desk_chromium && !value(headers, &ACCEPT).contains("text/html"));
    *method == Method::GET && !ahead && !looks
}

/// Whether the page is shown in the small window that a phone opens for a portal, or in another program's: it has no address bar, keeps
/// nothing, and goes when the phone is content.
pub(crate) fn in_a_window(headers: &HeaderMap) -> bool {
    let agent = value(headers, &USER_AGENT);
    let apple = agent.contains("AppleWebKit") && !agent.contains("Safari/");
    apple || agent.contains("; wv)") || reads_first(headers)
}

/// Whether the window closes itself as soon as a probe succeeds, which Android's does up to version 10 one second after a page has
/// come: then the page would be gone before it was read.
pub(crate) fn reads_first(headers: &HeaderMap) -> bool {
    value(headers, &PROGRAM).contains("captiveportallogin")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
    const ANDROID: &str =
        "Mozilla/5.0 (Linux; Android 9; Pixel 2) AppleWebKit/537.36 (KHTML, like Gecko)";
    const DESK: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36";
    const HTML: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let read = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), value.parse().unwrap())
        };
        pairs.iter().map(read).collect()
    }

    #[test]
    fn a_person_is_told_from_a_program_that_looks() {
        let get = |pairs: &[_]| sees_pages(&Method::GET, &headers(pairs));
        for (pairs, sees) in [
            (&[] as &[_], true),
            (&[("user-agent", "curl/8.5.0"), ("accept", "*/*")], true),
            (&[("user-agent", IPHONE), ("accept", "*/*")], true),
            (&[("user-agent", ANDROID), ("accept", HTML)], true),
            (&[("user-agent", DESK), ("accept", HTML)], true),
            (&[("user-agent", DESK), ("accept", "*/*")], false),
            (
                &[
                    ("user-agent", DESK),
                    ("accept", HTML),
                    ("purpose", "prefetch"),
                ],
                false,
            ),
            (&[("sec-purpose", "prefetch;prerender")], false),
            (
                &[("user-agent", "CaptiveNetworkSupport-355.200.27 wispr")],
                false,
            ),
            (&[("user-agent", "Microsoft NCSI")], false),
        ] {
            assert_eq!(get(pairs), sees, "{pairs:?}");
        }
        assert!(!sees_pages(&Method::HEAD, &headers(&[])));
    }

    #[test]
    fn a_small_window_is_told_from_a_browser() {
        let safari = format!("{IPHONE} Version/17.4 Mobile/15E148 Safari/604.1");
        let sheet = format!("{IPHONE} Mobile/15E148");
        let chrome = format!("{ANDROID} Chrome/120.0.0.0 Mobile Safari/537.36");
        let view = chrome.replace("Pixel 2)", "Pixel 2; wv)");
        for (agent, window) in [
            ("", false),
            ("curl/8.5.0", false),
            (DESK, false),
            (&safari, false),
            (&chrome, false),
            (&sheet, true),
            (&view, true),
        ] {
            let headers = headers(&[("user-agent", agent)]);
            assert_eq!(in_a_window(&headers), window, "{agent}");
            assert!(!reads_first(&headers), "{agent}");
        }
        for program in [
            "com.android.captiveportallogin",
            "com.google.android.captiveportallogin",
        ] {
            let headers = headers(&[("user-agent", &view), ("x-requested-with", program)]);
            assert!(
                reads_first(&headers)
                    && in_a_window(&headers)
                    && sees_pages(&Method::GET, &headers)
            );
        }
    }
}
