//! The guises of a name.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use std::collections::HashSet;
use std::fmt::Write as _;

/// A name as it may stand somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Guise {
    /// The name.
    pub name: String,
    /// How it is disguised.
    pub how: &'static str,
    /// Its bytes then.
    pub bytes: Vec<u8>,
}

/// Letters, composed and decomposed; what other letters a name has, has no other form.
const FORMS: [(char, &str); 59] = [
    ('á', "a\u{301}"),
    ('é', "e\u{301}"),
    ('í', "i\u{301}"),
    ('ó', "o\u{301}"),
    ('ú', "u\u{301}"),
    ('ý', "y\u{301}"),
    ('Á', "A\u{301}"),
    ('ñ', "n\u{303}"),
    ('Ñ', "N\u{303}"),
    ('ü', "u\u{308}"),
    ('ö', "o\u{308}"),
    ('Ö', "O\u{308}"),
    ('ï', "i\u{308}"),
    ('ë', "e\u{308}"),
    ('è', "e\u{300}"),
    ('î', "i\u{302}"),
    ('ç', "c\u{327}"),
    ('Ç', "C\u{327}"),
    ('å', "a\u{30a}"),
    ('Å', "A\u{30a}"),
    ('ř', "r\u{30c}"),
    ('š', "s\u{30c}"),
    ('Š', "S\u{30c}"),
    ('č', "c\u{30c}"),
    ('Č', "C\u{30c}"),
    ('ě', "e\u{30c}"),
    ('ž', "z\u{30c}"),
    ('ż', "z\u{307}"),
    ('Ż', "Z\u{307}"),
    ('ś', "s\u{301}"),
    ('ș', "s\u{326}"),
    ('Ș', "S\u{326}"),
    ('ț', "t\u{326}"),
    ('ş', "s\u{327}"),
    ('ğ', "g\u{306}"),
    ('ă', "a\u{306}"),
    ('ṣ', "s\u{323}"),
    ('ễ', "e\u{302}\u{303}"),
    ('ả', "a\u{309}"),
    ('ỳ', "y\u{300}"),
    ('ơ', "o\u{31b}"),
    ('ư', "u\u{31b}"),
    ('й', "и\u{306}"),
    ('ї', "і\u{308}"),
    ('Ї', "І\u{308}"),
    ('ё', "е\u{308}"),
    ('أ', "ا\u{654}"),
    ('إ', "ا\u{655}"),
    ('آ', "ا\u{653}"),
    ('ؤ', "و\u{654}"),
    ('ئ', "ي\u{654}"),
    ('â', "a\u{302}"),
    ('ê', "e\u{302}"),
    ('ô', "o\u{302}"),
    ('û', "u\u{302}"),
    ('à', "a\u{300}"),
    ('ù', "u\u{300}"),
    ('ã', "a\u{303}"),
    ('õ', "o\u{303}"),
];

/// A way to write a text as bytes.
type Way = fn(&str) -> Vec<u8>;

const WAYS: [(&str, Way); 14] = [
    ("UTF-8", |text| text.as_bytes().to_vec()),
    ("UTF-16LE", |text| {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }),
    ("UTF-16BE", |text| {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }),
    ("percent, capitals", |text| {
        each_byte(text, |byte| format!("%{byte:02X}"))
    }),
    ("percent, small", |text| {
        each_byte(text, |byte| format!("%{byte:02x}"))
    }),
    ("percent of what is not plain", |text| {
        each_byte(text, |byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
    }),
    ("hex, small", |text| {
        each_byte(text, |byte| format!("{byte:02x}"))
    }),
    ("hex, capitals", |text| {
        each_byte(text, |byte| format!("{byte:02X}"))
    }),
    ("JSON escapes of all", |text| {
        escaped(text, |unit| format!("\\u{unit:04x}"), false)
    }),
    ("JSON escapes, capitals", |text| {
        escaped(text, |unit| format!("\\u{unit:04X}"), false)
    }),
    ("JSON escapes of what is not ASCII", |text| {
        escaped(text, |unit| format!("\\u{unit:04x}"), true)
    }),
    ("HTML, decimal", |text| {
        entities(text, |c| format!("&#{c};"))
    }),
    ("HTML, hexadecimal", |text| {
        entities(text, |c| format!("&#x{c:x};"))
    }),
    ("Latin-1", |text| {
        let latin: Option<Vec<u8>> = text
            .chars()
            .map(|c| u8::try_from(u32::from(c)).ok())
            .collect();
        latin.unwrap_or_default()
    }),
];

fn each_byte(text: &str, how: fn(u8) -> String) -> Vec<u8> {
    text.bytes().map(how).collect::<String>().into_bytes()
}

fn escaped(text: &str, how: fn(u16) -> String, plain_ascii: bool) -> Vec<u8> {
    let mut out = String::new();
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if plain_ascii && byte.is_ascii() => out.push(char::from(byte)),
            _ => out.push_str(&how(unit)),
        }
    }
    out.into_bytes()
}

fn entities(text: &str, how: fn(u32) -> String) -> Vec<u8> {
    let mut out = String::new();
    for c in text.chars() {
        let _ = write!(out, "{}", how(u32::from(c)));
    }
    out.into_bytes()
}

/// The letters of the base64 of `text` that do not depend on what stands before and after, for each of the three alignments.
fn base64(text: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for (before, skip) in [(0, 0), (1, 2), (2, 3)] {
        let bytes = [vec![0; before], text.as_bytes().to_vec()].concat();
        let bits = bytes.len() * 8;
        for engine in [&STANDARD, &URL_SAFE] {
            let whole = engine.encode(&bytes);
            found.push(whole.as_bytes()[skip..bits / 6].to_vec());
        }
    }
    found
}

/// Every guise of `name`: normal forms and cases, each in every way. What is shorter than four bytes is none: it is found in everything.
#[must_use]
pub fn guises(name: &str) -> Vec<Guise> {
    let apart: String = name
        .chars()
        .map(|c| {
            let form = FORMS.iter().find(|(composed, _)| *composed == c);
            form.map_or_else(|| c.to_string(), |(_, apart)| (*apart).to_owned())
        })
        .collect();
    let mut texts = HashSet::new();
    for text in [name.to_owned(), apart] {
        texts.extend([text.to_lowercase(), text.to_uppercase(), text]);
    }
    let mut found = HashSet::new();
    let mut put = |how, bytes: Vec<u8>| {
        if bytes.len() >= 4 {
            let name = name.to_owned();
            found.insert(Guise { name, how, bytes });
        }
    };
    for text in &texts {
        WAYS.iter().for_each(|(how, way)| put(how, way(text)));
        base64(text)
            .into_iter()
            .for_each(|bytes| put("base64", bytes));
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::super::{NAMES, Search};
    use super::*;

    #[test]
    fn base64_is_found_at_each_alignment() {
        let search = Search::for_names(&["Maryam"]);
        for before in ["", "x", "xy", "xyz"] {
            let text = STANDARD.encode(format!("{before}Maryam and more"));
            assert!(!search.found_in(text.as_bytes()).is_empty(), "{text}");
        }
        assert!(search.found_in(b"Mary had a little lamb").is_empty());
    }

    #[test]
    fn every_name_has_its_guises_and_is_found_in_each() {
        let search = Search::for_names(&NAMES);
        for name in NAMES {
            let all = guises(name);
            let ways: HashSet<_> = all.iter().map(|guise| guise.how).collect();
            for how in WAYS.iter().map(|(how, _)| *how).chain(["base64"]) {
                // In three letters as they are there is too little to look for, and Latin-1 has not every letter.
                let short = name.chars().count() < 4;
                let foreign = how == "Latin-1" && name.chars().any(|c| u32::from(c) > 0xff);
                assert!(ways.contains(how) || short || foreign, "{name}: {how}");
            }
            for guise in all {
                let text = [b"before ", &guise.bytes[..], b" after"].concat();
                let found = search.found_in(&text);
                assert!(found.iter().any(|found| found.name == name), "{guise:?}");
            }
        }
    }
}
