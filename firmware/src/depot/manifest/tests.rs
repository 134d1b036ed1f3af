//! Manifests with torn and strange lines.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;

pub(crate) fn line(serial: &str) -> CardLine {
    CardLine {
        format: FORMAT,
        serial: Some(serial.to_owned()),
        profile: "philippines".to_owned(),
        programme: Some("Learning in Siargao".to_owned()),
        written: "2026-11-29".to_owned(),
        depot: "0.1.0".to_owned(),
        image: ImageLine {
            version: "2026.11".to_owned(),
            sha256: "00".repeat(32),
            parts: Vec::new(),
        },
        data: DataLine {
            at: 1 << 20,
            sha256: "11".repeat(32),
            bytes: 4096,
            serial_at: (1 << 20) + 4096,
        },
        packs: Vec::new(),
        battery_wh: 256.0,
    }
}

/// Serial numbers of a manifest with this content, and how many lines were torn.
fn read(path: &Path) -> (Vec<String>, usize) {
    let manifest = Manifest::read(path).unwrap();
    let serials = manifest.cards.into_iter().filter_map(|card| card.serial);
    (serials.collect(), manifest.torn.len())
}

/// Of a manifest that `whole` or `read` refuses.
fn refused(path: &Path) -> String {
    let whole = Manifest::read(path).and_then(Manifest::whole);
    whole.unwrap_err().to_string()
}

#[test]
fn lines_are_added_and_read_and_a_strange_one_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cards.jsonl");
    assert!(refused(&path).contains("cards.jsonl"));
    append(&path, &line("SB-1")).unwrap();
    append(&path, &line("SB-2")).unwrap();
    let manifest = Manifest::read(&path).unwrap();
    assert_eq!(manifest.cards, [line("SB-1"), line("SB-2")]);
    std::fs::write(&path, "\n{\"format\":1}\n").unwrap();
    let strange = refused(&path);
    assert!(
        strange.contains("line 2: missing field `profile`"),
        "{strange}"
    );
    let newer = CardLine {
        format: 2,
        ..line("SB-4")
    };
    let text = serde_json::to_string(&newer).unwrap();
    assert!(CardLine::parse(&text).unwrap_err().contains("format 2"));
}

#[test]
fn a_strange_line_among_others_is_left_out_and_nothing_is_taken_for_the_last_card() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cards.jsonl");
    append(&path, &line("SB-1")).unwrap();
    let one = std::fs::read(&path).unwrap();
    let strange = "\"card\"\n".repeat(MOST_TOLD + 5);
    std::fs::write(&path, [strange.as_bytes(), &one[..]].concat()).unwrap();
    let manifest = Manifest::read(&path).unwrap();
    assert_eq!(manifest.cards, [line("SB-1")]);
    assert_eq!(manifest.last(), Some(&line("SB-1")));
    assert_eq!(manifest.strange.len(), MOST_TOLD);
    let told = manifest.shortfall().unwrap();
    assert!(told.starts_with("25 lines of the manifest"), "{told}");
    assert!(refused(&path).contains("line 1: "));
    // Behind the card: which one is the last nobody knows.
    std::fs::write(&path, [&one[..], b"\"card\"\n"].concat()).unwrap();
    let manifest = Manifest::read(&path).unwrap();
    assert_eq!((manifest.cards.len(), manifest.last()), (1, None));
    // Control: a manifest without a strange line, and one without any other.
    std::fs::write(&path, &one).unwrap();
    let manifest = Manifest::read(&path).unwrap();
    assert_eq!(manifest.shortfall(), None);
    assert!(manifest.whole().is_ok());
    std::fs::write(&path, "\"card\"\n").unwrap();
    assert!(Manifest::read(&path).is_err());
}

#[test]
fn a_cut_at_any_byte_of_a_line_loses_that_line_alone_and_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cards.jsonl");
    let accented = CardLine {
        programme: Some("Leçons d’été".to_owned()),
        ..line("SB-2")
    };
    append(&path, &line("SB-1")).unwrap();
    let whole = std::fs::read(&path).unwrap().len();
    append(&path, &accented).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    for cut in whole + 1..bytes.len() - 1 {
        for zeros in [0, 7] {
            let mut left = bytes[..cut].to_vec();
            left.resize(cut + zeros, 0);
            std::fs::write(&path, &left).unwrap();
            assert_eq!(read(&path), (vec!["SB-1".to_owned()], 1), "{cut}");
            // The next line begins anew: the torn one is in the middle from now on.
            append(&path, &line("SB-3")).unwrap();
            assert_eq!(
                read(&path),
                (vec!["SB-1".to_owned(), "SB-3".to_owned()], 1),
                "{cut}"
            );
            let manifest = Manifest::read(&path).unwrap();
            assert!(manifest.torn[0].contains("cards.jsonl, line 2: a cut tore"));
            // As an editor counts the lines.
            let third = manifest.at_line(3).unwrap();
            assert_eq!(third.serial.as_deref(), Some("SB-3"));
            assert_eq!(manifest.at_line(2), None);
        }
    }
    // Only the line's end is missing: the line counts.
    std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    append(&path, &line("SB-3")).unwrap();
    assert_eq!(read(&path).0.len(), 3);
    // Control: a line that is no card and was not torn is no torn one, wherever it stands.
    std::fs::write(&path, [&bytes[..], b"[1, 2]\n"].concat()).unwrap();
    assert!(refused(&path).contains("line 3"));
}
