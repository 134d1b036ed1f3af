//! What is made of an answer, from its head alone. Pure.

use http::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER,
};
use http::{HeaderValue, StatusCode};
use std::time::Duration;

/// A server that knows no ranges sends a file from its beginning: so much of it is thrown away to come to what was asked for.
pub(super) const SKIP_AT_MOST: u64 = 1 << 20;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// A whole file of metadata. Where it may well not exist, a store that does not tell who may not list it what is missing (403) means the same
    /// as 404.
    Whole { may_be_missing: bool },
    /// So many bytes, at least one, from this place.
    Range { from: u64, bytes: u64 },
}

impl Asked {
    /// The `Range` header that asks for it.
    pub(super) fn header(self) -> Option<HeaderValue> {
        let text = match self {
            Self::Whole { .. } => return None,
            Self::Range { from, bytes } => match from.checked_add(bytes) {
                Some(end) => format!("bytes={from}-{}", end.saturating_sub(1)),
                None => format!("bytes={from}-"),
            },
        };
        HeaderValue::try_from(text).ok()
    }
}

/// What an answer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The bytes: after `skip` of them come at most `most` that were asked for. Where they are `all` promised, fewer are a broken connection.
    Body { skip: u64, most: u64, all: bool },
    /// The file ends before what was asked for.
    PastTheEnd,
    /// There is no such file.
    Missing,
    /// It is elsewhere; for good, or for now.
    Elsewhere { location: String, for_good: bool },
    /// Not now: overload, a fault that may pass. It says when to come back, perhaps.
    Later { after: Option<Duration> },
    /// No repository answers so.
    No(String),
}

/// Judges an answer to `asked`.
pub(super) fn judge(status: StatusCode, headers: &HeaderMap, asked: Asked) -> Verdict {
    match status {
        StatusCode::OK | StatusCode::PARTIAL_CONTENT if is_encoded(headers) => {
            Verdict::No("with a compressed file, which was not asked for".to_owned())
        }
        StatusCode::OK => whole(headers, asked),
        StatusCode::PARTIAL_CONTENT => part(headers, asked),
        StatusCode::NOT_FOUND | StatusCode::GONE => Verdict::Missing,
        StatusCode::FORBIDDEN
            if asked
                == Asked::Whole {
                    may_be_missing: true,
                } =>
        {
            Verdict::Missing
        }
        StatusCode::RANGE_NOT_SATISFIABLE => past_the_end(headers, asked),
        StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT => {
            redirect(status, headers, true)
        }
        StatusCode::FOUND | StatusCode::SEE_OTHER | StatusCode::TEMPORARY_REDIRECT => {
            redirect(status, headers, false)
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => later(headers),
        // Not implemented, version not supported: no use in asking again.
        StatusCode::NOT_IMPLEMENTED | StatusCode::HTTP_VERSION_NOT_SUPPORTED => {
            Verdict::No(said(status))
        }
        _ if status.is_server_error() => later(headers),
        _ => Verdict::No(said(status)),
    }
}

/// A status as people know it.
pub(super) fn said(status: StatusCode) -> String {
    let reason = status.canonical_reason().unwrap_or_default();
    format!("{} {reason}", status.as_u16())
        .trim_end()
        .to_owned()
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    text(headers, name).and_then(|text| text.trim().parse().ok())
}

fn is_encoded(headers: &HeaderMap) -> bool {
    headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
}

fn whole(headers: &HeaderMap, asked: Asked) -> Verdict {
    let length = number(headers, &CONTENT_LENGTH);
    match asked {
        Asked::Whole { .. } => Verdict::Body {
            skip: 0,
            most: u64::MAX,
            all: false,
        },
        Asked::Range { from, .. } if length.is_some_and(|length| length <= from) => {
            Verdict::PastTheEnd
        }
        Asked::Range { from, .. } if from > SKIP_AT_MOST => Verdict::No(
            "with the whole file where a part was asked for: it knows no ranges".to_owned(),
        ),
        Asked::Range { from, bytes } => Verdict::Body {
            skip: from,
            most: bytes,
            all: false,
        },
    }
}

fn part(headers: &HeaderMap, asked: Asked) -> Verdict {
    let Asked::Range { from, bytes } = asked else {
        return Verdict::No("with a part of a file that was asked for whole".to_owned());
    };
    let range = text(headers, &CONTENT_RANGE).and_then(bytes_of);
    match range {
        Some((first, last)) if first == from && last - first < bytes => Verdict::Body {
            skip: 0,
            most: last - first + 1,
            all: true,
        },
        Some(_) | None => Verdict::No("with another range than the one asked for".to_owned()),
    }
}

/// First and last byte of `bytes 1-2/3` or `bytes 1-2/*`.
fn bytes_of(range: &str) -> Option<(u64, u64)> {
    let (unit, rest) = range.trim().split_once(' ')?;
    let (span, total) = rest.trim().split_once('/')?;
    let (first, last) = span.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    let within = total == "*" || total.parse::<u64>().is_ok_and(|total| last < total);
    (unit.eq_ignore_ascii_case("bytes") && first <= last && within).then_some((first, last))
}

/// `bytes */N` says that the file has N bytes: where that is more than the place asked for, the server contradicts itself.
fn past_the_end(headers: &HeaderMap, asked: Asked) -> Verdict {
    let length = text(headers, &CONTENT_RANGE)
        .and_then(|text| text.trim().strip_prefix("bytes */")?.parse::<u64>().ok());
    match asked {
        Asked::Range { from, .. } if length.is_none_or(|length| length <= from) => {
            Verdict::PastTheEnd
        }
        Asked::Range { .. } | Asked::Whole { .. } => {
            Verdict::No(said(StatusCode::RANGE_NOT_SATISFIABLE))
        }
    }
}

fn redirect(status: StatusCode, headers: &HeaderMap, for_good: bool) -> Verdict {
    match text(headers, &LOCATION) {
        Some(location) => Verdict::Elsewhere {
            location: location.to_owned(),
            for_good,
        },
        None => Verdict::No(format!("{} without saying where", said(status))),
    }
}

fn later(headers: &HeaderMap) -> Verdict {
    Verdict::Later {
        after: number(headers, &RETRY_AFTER).map(Duration::from_secs),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    fn judged(asked: Asked, status: u16, headers: &[(&'static str, &str)]) -> Verdict {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        judge(StatusCode::from_u16(status).unwrap(), &map, asked)
    }

    #[test]
    fn the_whole_table() {
        let range = Asked::Range {
            from: 100,
            bytes: 50,
        };
        let late = Asked::Range {
            from: SKIP_AT_MOST + 1,
            bytes: 1,
        };
        let whole = Asked::Whole {
            may_be_missing: false,
        };
        let perhaps = Asked::Whole {
            may_be_missing: true,
        };
        let mut table = String::new();
        for (asked, status, headers) in [
            (whole, 200, &[][..]),
            (whole, 206, &[("content-range", "bytes 0-9/10")]),
            (whole, 200, &[("content-encoding", "gzip")]),
            (whole, 200, &[("content-encoding", "Identity")]),
            (whole, 404, &[]),
            (whole, 403, &[]),
            (perhaps, 403, &[]),
            (perhaps, 401, &[]),
            (range, 206, &[("content-range", "bytes 100-149/1000")]),
            (range, 206, &[("content-range", "Bytes 100-119/120")]),
            (range, 206, &[("content-range", "bytes 100-149/*")]),
            (range, 206, &[("content-range", "bytes 100-150/1000")]),
            (range, 206, &[("content-range", "bytes 0-49/1000")]),
            (range, 206, &[("content-range", "bytes 149-100/1000")]),
            (range, 206, &[("content-range", "bytes 100-149/120")]),
            (
                range,
                206,
                &[("content-range", "bytes 100-99999999999999999999/*")],
            ),
            (
                range,
                206,
                &[("content-type", "multipart/byteranges; boundary=x")],
            ),
            (
                range,
                206,
                &[
                    ("content-range", "bytes 100-149/1000"),
                    ("content-encoding", "br"),
                ],
            ),
            (range, 200, &[("content-length", "1000")]),
            (range, 200, &[("content-length", "100")]),
            (range, 200, &[]),
            (late, 200, &[("content-length", "9000000")]),
            (range, 416, &[("content-range", "bytes */100")]),
            (range, 416, &[("content-range", "bytes */1000")]),
            (range, 416, &[]),
            (whole, 416, &[]),
            (range, 410, &[]),
            (range, 204, &[]),
            (range, 304, &[]),
            (range, 301, &[("location", "https://b/x")]),
            (range, 302, &[("location", "/y")]),
            (range, 307, &[]),
            (range, 503, &[("retry-after", "5")]),
            (
                range,
                503,
                &[("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT")],
            ),
            (range, 429, &[]),
            (range, 500, &[]),
            (range, 501, &[]),
            (range, 400, &[]),
            (range, 299, &[]),
        ] {
            writeln!(
                table,
                "{asked:?} {status} {headers:?}\n    {:?}",
                judged(asked, status, headers)
            )
            .unwrap();
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn a_range_that_ends_beyond_all_numbers_has_no_end() {
        for (from, bytes, header) in [
            (0, 1, "bytes=0-0"),
            (100, 50, "bytes=100-149"),
            (1, u64::MAX, "bytes=1-"),
            (1 << 63, 1 << 63, "bytes=9223372036854775808-"),
        ] {
            assert_eq!(Asked::Range { from, bytes }.header().unwrap(), header);
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(256))]
        /// Whatever a server says of the range, no more comes out than was asked for.
        #[test]
        fn never_more_than_asked(range in "(bytes )?[0-9]{0,21}-[0-9]{0,21}/[0-9*]{0,21}", status in 100_u16..600) {
            let asked = Asked::Range { from: 7, bytes: 1000 };
            if let Verdict::Body { skip, most, .. } = judged(asked, status, &[("content-range", &range)]) {
                proptest::prop_assert!(most <= 1000 && (skip == 0 || skip == 7));
            }
        }
    }
}
