//! The formats of strings in a statement, each a pure predicate or parser.

use jiff::Timestamp;
use jiff::civil;

/// An absolute IRI (RFC 3987), best effort: a scheme, something after it, none of the characters an IRI excludes.
pub(super) fn is_iri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let mut letters = scheme.bytes();
    letters.next().is_some_and(|b| b.is_ascii_alphabetic())
        && letters.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        && !rest.is_empty()
        && rest.chars().all(|c| {
            !c.is_whitespace()
                && !c.is_control()
                && !matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`')
        })
        && escapes_are_whole(rest)
}

fn escapes_are_whole(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().all(|(at, byte)| {
        *byte != b'%'
            || (bytes.get(at + 1).is_some_and(u8::is_ascii_hexdigit)
                && bytes.get(at + 2).is_some_and(u8::is_ascii_hexdigit))
    })
}

/// `mailto:` and one address, as the specification's mbox.
pub(super) fn is_mbox(text: &str) -> bool {
    let Some(address) = text.strip_prefix("mailto:") else {
        return false;
    };
    let Some((local, domain)) = address.rsplit_once('@') else {
        return false;
    };
    let clean = |part: &str| {
        !part.is_empty() && part.chars().all(|c| !c.is_whitespace() && !c.is_control())
    };
    clean(local)
        && !local.contains(['@', ',', '<', '>'])
        && clean(domain)
        && domain
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
        && domain.split('.').all(|label| !label.is_empty())
}

/// Lower- or upper-case hexadecimal of exactly `digits` digits.
pub(super) fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The standard string form of a UUID (RFC 4122): 8-4-4-4-12 hexadecimal digits.
pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// `type/subtype`, with parameters allowed after `;` (RFC 2046).
pub(super) fn is_media_type(text: &str) -> bool {
    let essence = text.split(';').next().unwrap_or_default().trim_end();
    let token = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    essence
        .split_once('/')
        .is_some_and(|(kind, sub)| token(kind) && token(sub))
}

/// `1.0` or `1.0.x`.
pub(super) fn is_version(text: &str) -> bool {
    text == "1.0"
        || text
            .strip_prefix("1.0.")
            .is_some_and(|patch| !patch.is_empty() && patch.bytes().all(|b| b.is_ascii_digit()))
}

/// The sequence of token lengths of an RFC 5646 language tag (what the specification asks an LRS to check at least).
pub(super) fn is_language_tag(tag: &str) -> bool {
    let tokens: Vec<&str> = tag.split('-').collect();
    if tokens
        .iter()
        .any(|t| !(1..=8).contains(&t.len()) || !t.bytes().all(|b| b.is_ascii_alphanumeric()))
    {
        return false;
    }
    let Some((first, rest)) = tokens.split_first() else {
        return false;
    };
    match first.len() {
        // Private use (x-…) and the grandfathered i-….
        1 => matches!(first.as_bytes(), [b'x' | b'X' | b'i' | b'I']) && !rest.is_empty(),
        _ => first.bytes().all(|b| b.is_ascii_alphabetic()) && language_rest(first.len(), rest),
    }
}

fn language_rest(first: usize, mut rest: &[&str]) -> bool {
    let alphabetic = |t: &str| t.bytes().all(|b| b.is_ascii_alphabetic());
    let mut take = |limit: usize, fits: &dyn Fn(&str) -> bool| {
        for _ in 0..limit {
            match rest.split_first() {
                Some((token, more)) if fits(token) => rest = more,
                _ => break,
            }
        }
    };
    if first <= 3 {
        take(3, &|t| t.len() == 3 && alphabetic(t));
    }
    take(1, &|t| t.len() == 4 && alphabetic(t));
    take(1, &|t| {
        (t.len() == 2 && alphabetic(t)) || (t.len() == 3 && t.bytes().all(|b| b.is_ascii_digit()))
    });
    take(usize::MAX, &|t| {
        t.len() >= 5 || (t.len() == 4 && t.as_bytes()[0].is_ascii_digit())
    });
    extensions(rest)
}

/// `singleton 1*("-" 2*8alphanum)`, then at last `x 1*("-" 1*8alphanum)`.
fn extensions(mut rest: &[&str]) -> bool {
    while let Some((singleton, more)) = rest.split_first() {
        if singleton.len() != 1 || more.is_empty() {
            return false;
        }
        if singleton.eq_ignore_ascii_case("x") {
            return true;
        }
        let taken = more.iter().take_while(|t| t.len() >= 2).count();
        if taken == 0 {
            return false;
        }
        rest = &more[taken..];
    }
    true
}

/// ISO 8601 4.4.3.2: `PnYnMnDTnHnMnS` or `PnW`, the smallest unit with a fraction at most.
pub(super) fn is_duration(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('P') else {
        return false;
    };
    if let Some(weeks) = rest.strip_suffix('W') {
        return is_amount(weeks);
    }
    let (date, time) = match rest.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (rest, None),
    };
    let mut fraction_seen = false;
    let date_units = units(date, "YMD", &mut fraction_seen);
    let time_units = time.map(|time| units(time, "HMS", &mut fraction_seen));
    match (date_units, time_units) {
        (Some(n), None) => n > 0,
        (Some(_), Some(Some(n))) => n > 0,
        (None, _) | (_, Some(None)) => false,
    }
}

fn is_amount(text: &str) -> bool {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    digits(whole) && digits(fraction)
}

/// How many units `text` has, in the order of `letters`; `None` when it does not fit.
fn units(text: &str, letters: &str, fraction_seen: &mut bool) -> Option<usize> {
    let mut left = letters;
    let mut count = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let at = rest.find(|c: char| c.is_ascii_uppercase())?;
        let (amount, tail) = rest.split_at(at);
        let place = left.find(tail.get(..1)?)?;
        if *fraction_seen || !is_amount(amount) {
            return None;
        }
        *fraction_seen = amount.contains(['.', ',']);
        left = left.get(place + 1..)?;
        rest = tail.get(1..)?;
        count += 1;
    }
    Some(count)
}

/// A duration with its seconds cut to hundredths, as durations are compared.
pub(super) fn comparable_duration(text: &str) -> String {
    let Some(at) = text.find(['.', ',']) else {
        return text.to_owned();
    };
    let (whole, fraction) = text.split_at(at);
    let Some(digits) = fraction[1..].strip_suffix('S') else {
        return text.to_owned();
    };
    let cut = digits.get(..2).unwrap_or(digits).trim_end_matches('0');
    if cut.is_empty() {
        format!("{whole}S")
    } else {
        format!("{whole}.{cut}S")
    }
}

/// RFC 3339 with a zone; `+hh` and `+hhmm` are taken too, as ISO 8601 has them. `-00:00` and its short forms say
/// "zone unknown" and are refused, as the specification wants.
pub(super) fn parse_timestamp(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    if !text.is_ascii() || bytes.len() < 20 || !matches!(bytes[10], b'T' | b't') {
        return None;
    }
    let shape = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
    if shape.iter().any(|(at, byte)| bytes[*at] != *byte) {
        return None;
    }
    let date = civil::Date::new(
        field(text, 0, 4)?.try_into().ok()?,
        field(text, 5, 7)?.try_into().ok()?,
        field(text, 8, 10)?.try_into().ok()?,
    )
    .ok()?;
    let (hour, minute, second) = (
        field(text, 11, 13)?,
        field(text, 14, 16)?,
        field(text, 17, 19)?,
    );
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (nanosecond, zone) = fraction(text.get(19..)?)?;
    let offset = zone_seconds(zone)?;
    let day = date
        .to_zoned(jiff::tz::TimeZone::UTC)
        .ok()?
        .timestamp()
        .as_second();
    // A leap second (":60") is the last second of its minute here: SQLite, jiff and the phones know no 61st.
    let within = i64::from(hour * 3600 + minute * 60 + second.min(59));
    Timestamp::new(day + within - offset, nanosecond).ok()
}

fn field(text: &str, from: usize, to: usize) -> Option<i32> {
    let digits = text.get(from..to)?;
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        digits.parse().ok()
    } else {
        None
    }
}

fn fraction(rest: &str) -> Option<(i32, &str)> {
    let Some(tail) = rest.strip_prefix(['.', ',']) else {
        return Some((0, rest));
    };
    let len = tail.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, zone) = tail.split_at(len);
    if digits.is_empty() {
        return None;
    }
    let nanos = format!("{:0<9.9}", digits).parse().ok()?;
    Some((nanos, zone))
}

fn zone_seconds(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = zone.get(1..)?;
    let (hours, minutes) = match digits.len() {
        2 => (field(digits, 0, 2)?, 0),
        4 => (field(digits, 0, 2)?, field(digits, 2, 4)?),
        5 if digits.as_bytes()[2] == b':' => (field(digits, 0, 2)?, field(digits, 3, 5)?),
        _ => return None,
    };
    if hours > 23 || minutes > 59 || (sign < 0 && hours == 0 && minutes == 0) {
        return None;
    }
    Some(i64::from(sign * (hours * 3600 + minutes * 60)))
}
