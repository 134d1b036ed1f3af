//! Validators and conditions (RFC 9110 § 8.8 and 13). Pure.
//!
//! The box has no dates: a clock of 1970 would make every date a lie. All validators are entity tags made of hashes.

/// What the conditions of a request come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Answer as if nothing had been asked.
    Proceed,
    /// 304: the reader has it already.
    NotModified,
    /// 412: the reader asked for another version.
    Failed,
}

/// The conditions of a request, each header's lines joined; empty where the header is absent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    /// `If-Match`.
    pub(crate) if_match: Option<String>,
    /// `If-None-Match`.
    pub(crate) if_none_match: Option<String>,
}

impl Conditions {
    /// Judges a `GET` or `HEAD` of a thing whose strong tag is `etag`, with its quotes.
    pub(crate) fn judge(&self, etag: &str) -> Verdict {
        if self
            .if_match
            .as_deref()
            .is_some_and(|list| !names(list, etag, Compare::Strong))
        {
            return Verdict::Failed;
        }
        if self
            .if_none_match
            .as_deref()
            .is_some_and(|list| names(list, etag, Compare::Weak))
        {
            return Verdict::NotModified;
        }
        Verdict::Proceed
    }
}

/// Whether an `If-Range` header lets the ranges stand. A date never does, for nothing here carries one.
pub(crate) fn range_stands(if_range: Option<&str>, etag: &str) -> bool {
    if_range.is_none_or(|value| value.trim() == etag)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Compare {
    Strong,
    Weak,
}

/// Whether `list` (`*`, or tags between commas) names `etag`.
fn names(list: &str, etag: &str, compare: Compare) -> bool {
    if list.trim() == "*" {
        return true;
    }
    let mut rest = list;
    while let Some((weak, tag, after)) = next_tag(rest) {
        if tag == etag && (compare == Compare::Weak || !weak) {
            return true;
        }
        rest = after;
    }
    false
}

/// The next tag of a list with its quotes, whether it is weak, and what follows it.
///
/// A tag may hold commas, so the list is walked from quote to quote.
fn next_tag(list: &str) -> Option<(bool, &str, &str)> {
    let start = list.find('"')?;
    let weak = list.get(..start)?.ends_with("W/");
    let inner = list.get(start + 1..)?;
    let end = start + 1 + inner.find('"')? + 1;
    Some((weak, list.get(start..end)?, list.get(end..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(if_match: Option<&str>, if_none_match: Option<&str>) -> Verdict {
        let own = |value: Option<&str>| value.map(str::to_owned);
        Conditions {
            if_match: own(if_match),
            if_none_match: own(if_none_match),
        }
        .judge("\"abc\"")
    }

    #[test]
    fn the_table_of_rfc_9110() {
        use Verdict::{Failed, NotModified, Proceed};
        for (if_match, if_none_match, verdict) in [
            (None, None, Proceed),
            (None, Some("\"abc\""), NotModified),
            (None, Some("W/\"abc\""), NotModified),
            (None, Some("*"), NotModified),
            (None, Some("\"x\", \"abc\""), NotModified),
            (None, Some("\"x,y\",W/\"z\" , \"abc\""), NotModified),
            (None, Some("\"abcd\""), Proceed),
            (None, Some("abc"), Proceed),
            (None, Some(""), Proceed),
            (None, Some("\"abc"), Proceed),
            (Some("\"abc\""), None, Proceed),
            (Some("*"), None, Proceed),
            (Some("W/\"abc\""), None, Failed),
            (Some("\"x\""), None, Failed),
            (Some("\"x\""), Some("\"abc\""), Failed),
            (Some("\"abc\""), Some("\"abc\""), NotModified),
        ] {
            assert_eq!(
                judge(if_match, if_none_match),
                verdict,
                "{if_match:?} {if_none_match:?}"
            );
        }
    }

    #[test]
    fn ranges_stand_only_with_the_very_same_tag() {
        for (if_range, stands) in [
            (None, true),
            (Some("\"abc\""), true),
            (Some("W/\"abc\""), false),
            (Some("\"old\""), false),
            (Some("Sat, 29 Oct 1994 19:43:31 GMT"), false),
        ] {
            assert_eq!(range_stands(if_range, "\"abc\""), stands, "{if_range:?}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn any_list_is_read_without_a_fall(list in "[\"W/,a-c* ]{0,40}") {
            let _ = judge(Some(&list), Some(&list));
        }
    }
}
