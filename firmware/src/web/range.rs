//! Byte ranges (RFC 9110 § 14). Pure.

/// More ranges than this in one request are nobody's video player: the whole body is sent.
const MAX_RANGES: usize = 8;

/// Bytes `start..end` of a body; never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// First byte.
    pub(crate) start: u64,
    /// One past the last byte.
    pub(crate) end: u64,
}

impl Span {
    /// Bytes in it.
    pub(crate) fn len(self) -> u64 {
        self.end - self.start
    }

    /// As `Content-Range` says it, of a body of `total` bytes.
    pub(crate) fn content_range(self, total: u64) -> String {
        format!("bytes {}-{}/{total}", self.start, self.end - 1)
    }
}

/// What a `Range` header asks of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Everything: no header, a unit or a syntax we do not know, or too many ranges.
    Whole,
    /// These, at least one, none overlapping another.
    Parts(Vec<Span>),
    /// 416: all of them lie behind the end.
    Unsatisfiable,
}

/// Reads a `Range` header for a body of `total` bytes. A header that breaks the grammar is ignored, as § 14.2 allows:
/// the reader then gets the whole body, which is never wrong.
pub(crate) fn asked(header: Option<&str>, total: u64) -> Asked {
    let Some(set) = header.and_then(byte_set) else {
        return Asked::Whole;
    };
    let mut spans = Vec::new();
    let mut members = 0_usize;
    for member in set
        .split(',')
        .map(str::trim)
        .filter(|member| !member.is_empty())
    {
        members += 1;
        match member_span(member, total) {
            Some(Some(span)) => spans.push(span),
            Some(None) => {}
            None => return Asked::Whole,
        }
        if members > MAX_RANGES {
            return Asked::Whole;
        }
    }
    match (members, spans.is_empty(), total) {
        (0, _, _) => Asked::Whole,
        // A suffix of an empty body is the whole of it; it has no `Content-Range`.
        (_, true, 0) if set.trim_start().starts_with('-') && !set.contains("-0") => Asked::Whole,
        (_, true, _) => Asked::Unsatisfiable,
        (_, false, _) => Asked::Parts(without_overlap(spans)),
    }
}

/// What follows `bytes=`, the unit's name in any case.
fn byte_set(header: &str) -> Option<&str> {
    let (unit, set) = header.split_once('=')?;
    unit.trim().eq_ignore_ascii_case("bytes").then_some(set)
}

/// `None` when the member breaks the grammar, `Some(None)` when it cannot be satisfied.
fn member_span(member: &str, total: u64) -> Option<Option<Span>> {
    let (first, last) = member.split_once('-')?;
    if first.is_empty() {
        let suffix = number(last)?.min(total);
        return Some((suffix > 0).then(|| Span {
            start: total - suffix,
            end: total,
        }));
    }
    let start = number(first)?;
    let end = if last.is_empty() {
        total
    } else {
        number(last)?.saturating_add(1)
    };
    if !last.is_empty() && end <= start {
        return None;
    }
    Some((start < total).then(|| Span {
        start,
        end: end.min(total),
    }))
}

/// Digits only; a number too large for a disk counts as the largest.
fn number(digits: &str) -> Option<u64> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u64::MAX))
}

/// Overlapping or touching spans become one, so that nobody can ask for the same bytes many times over. Spans that do not touch keep
/// the order in which they were asked for.
fn without_overlap(spans: Vec<Span>) -> Vec<Span> {
    let mut sorted = spans.clone();
    sorted.sort_by_key(|span| span.start);
    if sorted
        .windows(2)
        .all(|pair| matches!(pair, [a, b] if a.end < b.start))
    {
        return spans;
    }
    let mut merged: Vec<Span> = Vec::with_capacity(sorted.len());
    for span in sorted {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            Some(_) | None => merged.push(span),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "proptest's own macros")]
    use super::*;
    use proptest::prelude::*;

    fn parts(list: &[(u64, u64)]) -> Asked {
        Asked::Parts(
            list.iter()
                .map(|&(start, end)| Span { start, end })
                .collect(),
        )
    }

    #[test]
    fn the_table_of_rfc_9110() {
        for (header, wanted) in [
            (None, Asked::Whole),
            (Some("bytes=0-499"), parts(&[(0, 500)])),
            (Some("bytes=500-999"), parts(&[(500, 1000)])),
            (Some("bytes=-500"), parts(&[(9500, 10000)])),
            (Some("bytes=9500-"), parts(&[(9500, 10000)])),
            (Some("bytes=0-0,-1"), parts(&[(0, 1), (9999, 10000)])),
            (Some("bytes=0-0"), parts(&[(0, 1)])),
            (
                Some("bytes= 0-0, 4500-5499, -1000"),
                parts(&[(0, 1), (4500, 5500), (9000, 10000)]),
            ),
            (Some("bytes=500-600,601-999"), parts(&[(500, 1000)])),
            (Some("bytes=500-700,601-999"), parts(&[(500, 1000)])),
            (
                Some("bytes=7000-7999,0-99"),
                parts(&[(7000, 8000), (0, 100)]),
            ),
            (
                Some("bytes=0-99999999999999999999999"),
                parts(&[(0, 10000)]),
            ),
            (Some("bytes=-20000"), parts(&[(0, 10000)])),
            (Some("Bytes=0-1"), parts(&[(0, 2)])),
            (Some("bytes=10000-,0-0"), parts(&[(0, 1)])),
            (Some("bytes=10000-"), Asked::Unsatisfiable),
            (Some("bytes=20000-30000"), Asked::Unsatisfiable),
            (Some("bytes=-0"), Asked::Unsatisfiable),
            (Some("bytes=5-4"), Asked::Whole),
            (Some("bytes=abc"), Asked::Whole),
            (Some("bytes=-"), Asked::Whole),
            (Some("bytes="), Asked::Whole),
            (Some("bytes"), Asked::Whole),
            (Some("bytes=0-1;2-3"), Asked::Whole),
            (Some("bytes=+0-1"), Asked::Whole),
            (Some("lines=0-1"), Asked::Whole),
            (
                Some("bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14"),
                parts(&[
                    (0, 1),
                    (2, 3),
                    (4, 5),
                    (6, 7),
                    (8, 9),
                    (10, 11),
                    (12, 13),
                    (14, 15),
                ]),
            ),
            (
                Some("bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16"),
                Asked::Whole,
            ),
        ] {
            assert_eq!(asked(header, 10_000), wanted, "{header:?}");
        }
    }

    #[test]
    fn an_empty_body_has_no_parts() {
        assert_eq!(asked(Some("bytes=0-"), 0), Asked::Unsatisfiable);
        assert_eq!(asked(Some("bytes=-5"), 0), Asked::Whole);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn spans_lie_inside_and_never_overlap(header in "bytes=[0-9,\\- ]{0,40}", total in 0_u64..200) {
            if let Asked::Parts(mut spans) = asked(Some(&header), total) {
                prop_assert!(!spans.is_empty() && spans.len() <= MAX_RANGES);
                spans.sort_by_key(|span| span.start);
                prop_assert!(spans.iter().all(|span| span.start < span.end && span.end <= total));
                prop_assert!(spans.windows(2).all(|pair| pair[0].end < pair[1].start));
            }
        }

        #[test]
        fn any_header_is_read_without_a_fall(header in "\\PC{0,40}", total in proptest::num::u64::ANY) {
            let _ = asked(Some(&header), total);
        }
    }
}
