#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::*;
use crate::welcome::Paper;
use crate::welcome::tests::{choices, facts, sheet_of};

/// The objects of a PDF file by its own table (ISO 32000-1, 7.5.4): each begins where the table says.
fn objects(pdf: &[u8]) -> usize {
    let find = |from: usize, what: &[u8]| {
        let place = pdf[from..]
            .windows(what.len())
            .position(|bytes| bytes == what);
        from + place.unwrap_or_else(|| panic!("no {}", String::from_utf8_lossy(what)))
    };
    let start = find(0, b"startxref\n") + 10;
    let tail = String::from_utf8(pdf[start..].to_vec()).unwrap();
    let table: usize = tail.lines().next().unwrap().parse().unwrap();
    assert!(pdf[table..].starts_with(b"xref\n"));
    let lines = String::from_utf8_lossy(&pdf[table..]).into_owned();
    let used = lines
        .lines()
        .skip(2)
        .filter(|line| line.ends_with(" n") || line.ends_with(" n\r"));
    let places: Vec<usize> = used.map(|line| line[..10].parse().unwrap()).collect();
    for place in &places {
        let head = String::from_utf8_lossy(&pdf[*place..*place + 12]).into_owned();
        assert!(head.contains(" 0 obj"), "{head}");
    }
    places.len()
}

#[test]
fn the_pdf_is_whole_small_and_the_same_each_time() {
    let faces = Faces::own();
    for words in choices() {
        let page = sheet_of(&facts(), &words, Paper::A4);
        let pdf = sheet(&page, &faces).unwrap();
        assert!(pdf.starts_with(b"%PDF-1.7") && pdf.trim_ascii_end().ends_with(b"%%EOF"));
        assert_eq!(objects(&pdf), 10);
        assert!(pdf.len() < 50_000, "{} bytes", pdf.len());
        assert_eq!(sheet(&page, &faces).unwrap(), pdf);
    }
}
