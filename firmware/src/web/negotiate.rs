//! What a reader asks for in `Accept`, `Accept-Encoding` and `Accept-Language` (RFC 9110 § 12.5). Pure.

/// The form that an answer should take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A page for people.
    Html,
    /// Data for programs; errors as RFC 9457 objects.
    Json,
}

/// The members of a list header with their weights in thousandths, in the order of the header.
fn weighed(header: &str) -> impl Iterator<Item = (&str, u16)> {
    header.split(',').filter_map(|member| {
        let mut parts = member.split(';').map(str::trim);
        let name = parts.next().filter(|name| !name.is_empty())?;
        let weight = parts
            .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
            .map_or(Some(1000), thousandths)?;
        Some((name, weight))
    })
}

/// `0.5` → 500. `None` when it is no weight; that member is then ignored.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let fraction = format!("{fraction:0<3}").parse::<u16>().ok()?;
    match whole {
        "0" => Some(fraction),
        "1" if fraction == 0 => Some(1000),
        _ => None,
    }
}

/// Whether gzip is welcome. No header means that nothing but the plain bytes is sure to be understood.
pub(crate) fn accepts_gzip(accept_encoding: &str) -> bool {
    let mut any = None;
    for (name, weight) in weighed(accept_encoding) {
        if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
            return weight > 0;
        }
        if name == "*" {
            any = Some(weight > 0);
        }
    }
    any.unwrap_or(false)
}

/// HTML unless a JSON type is named and no HTML type is liked as much. `*/*` names nobody: it gets the page.
pub(crate) fn form(accept: &str) -> Form {
    let (mut json, mut html) = (0, 0);
    for (name, weight) in weighed(accept) {
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "application/json" | "application/problem+json" => json = json.max(weight),
            "text/html" | "application/xhtml+xml" | "text/*" => html = html.max(weight),
            _ => {}
        }
    }
    if json > html { Form::Json } else { Form::Html }
}

/// The place in `known` of the language that the reader likes best, `None` when it has none of theirs.
///
/// `pt-BR` finds `pt`, and `pt` finds `pt-BR`; an exact match wins over both.
pub(crate) fn language(accept_language: &str, known: &[&str]) -> Option<usize> {
    let mut best: Option<(u16, usize)> = None;
    for (name, weight) in weighed(accept_language) {
        let Some(place) = find(name, known) else {
            continue;
        };
        if weight > 0 && best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, place));
        }
    }
    best.map(|(_, place)| place)
}

fn find(wanted: &str, known: &[&str]) -> Option<usize> {
    let primary = |tag: &str| {
        tag.split('-')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    let exact = known
        .iter()
        .position(|tag| tag.eq_ignore_ascii_case(wanted));
    exact.or_else(|| known.iter().position(|tag| primary(tag) == primary(wanted)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_only_where_it_is_welcome() {
        for (header, welcome) in [
            ("", false),
            ("gzip", true),
            ("gzip, deflate, br", true),
            ("br;q=1.0, gzip;q=0.8, *;q=0.1", true),
            ("GZIP", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000", false),
            ("*", true),
            ("*;q=0", false),
            ("identity, *;q=0.5", true),
            ("gzip;q=0, *", false),
            ("deflate", false),
            ("gzip;q=nonsense", false),
            (",,;", false),
        ] {
            assert_eq!(accepts_gzip(header), welcome, "{header:?}");
        }
    }

    #[test]
    fn a_program_gets_data_and_a_browser_a_page() {
        for (header, form_of) in [
            ("", Form::Html),
            ("*/*", Form::Html),
            ("application/json", Form::Json),
            ("application/problem+json", Form::Json),
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                Form::Html,
            ),
            ("application/json, text/html;q=0.5", Form::Json),
            ("application/json;q=0.5, text/html", Form::Html),
            ("application/json;q=0", Form::Html),
        ] {
            assert_eq!(form(header), form_of, "{header:?}");
        }
    }

    #[test]
    fn the_best_language_of_the_reader_that_the_box_speaks() {
        let known = ["ar", "en", "es", "fr", "uk"];
        for (header, tag) in [
            ("", None),
            ("fr", Some("fr")),
            ("FR-ca", Some("fr")),
            ("de, es;q=0.3, fr;q=0.7", Some("fr")),
            ("ar-SY,ar;q=0.9,en;q=0.8", Some("ar")),
            ("de", None),
            ("en;q=0, uk;q=0.1", Some("uk")),
            ("*", None),
            ("\u{0};q=x, es", Some("es")),
        ] {
            assert_eq!(
                language(header, &known).map(|place| known[place]),
                tag,
                "{header:?}"
            );
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn any_header_is_read_without_a_fall(header in "[ -~]{0,80}") {
            let _ = (accepts_gzip(&header), form(&header), language(&header, &["en", "ar"]));
        }
    }
}
