#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::texts::Languages;
use crate::welcome::tests::{facts, sheet_of};
use crate::welcome::{Paper, Words, pdf};

#[test]
fn letters_are_joined_run_their_way_and_lack_is_told() {
    let faces = Faces::own();
    let glyphs = |text: &str, rtl| faces.set(text, rtl).1.glyphs;
    let ids = |text: &str, rtl| {
        glyphs(text, rtl)
            .iter()
            .map(|glyph| glyph.id)
            .collect::<Vec<_>>()
    };
    // Beh alone, and three times joined: last, middle and first form, from left to right.
    let alone = ids("ب", true);
    let joined = ids("ببب", true);
    assert_eq!((alone.len(), joined.len()), (1, 3));
    assert!(
        joined.iter().all(|id| *id != alone[0]) && joined[0] != joined[1] && joined[1] != joined[2]
    );
    // Lam and alef are one glyph, and it tells both.
    let both = glyphs("لا", true);
    assert_eq!(both.len(), 1);
    assert_eq!(both[0].text, "لا");
    // A word from right to left, within which Latin letters run from left to right.
    let told: String = glyphs("رمز QR هنا", true)
        .iter()
        .map(|glyph| glyph.text.clone())
        .collect();
    assert_eq!(told, "انه QR زمر");
    // Cyrillic.
    assert_eq!(ids("їє", false).len(), 2);
    // Khmer is not in the box's own typeface; what is there, is.
    assert_eq!(faces.set("Hello ក", false).1.lacks, Some('ក'));
    for words in Words::of_all(&Languages::load()) {
        assert_eq!(words.lack(&faces), None, "{}", words.tag);
    }
    let khmer = Words {
        hello: "សួស្តី".to_owned(),
        ..Words::of_all(&Languages::load()).remove(0)
    };
    assert_eq!(khmer.lack(&faces), Some('ស'));
}

/// Letters that the box's own typeface lacks come from the next that has them; each of both is embedded in part.
#[test]
fn another_typeface_gives_the_letters_that_the_first_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mono.ttf");
    std::fs::write(&file, dejavu::sans_mono::regular()).unwrap();
    let words = Words {
        hello: "\u{2335}".to_owned(),
        ..Words::of_all(&Languages::load()).remove(1)
    };
    assert_eq!(words.lack(&Faces::own()), Some('\u{2335}'));
    let faces = Faces::with(&[&file]).unwrap();
    assert_eq!(words.lack(&faces), None);
    assert_eq!(
        (faces.set(&words.hello, false).0, faces.set("a", false).0),
        (1, 0)
    );
    let sheet = sheet_of(&facts(), &[words], Paper::A4);
    let fonts = |faces: &Faces| {
        let pdf = pdf::sheet(&sheet, faces).unwrap();
        String::from_utf8_lossy(&pdf).matches("/FontFile2").count()
    };
    assert_eq!((fonts(&faces), fonts(&Faces::own())), (2, 1));
}

#[test]
fn what_is_no_typeface_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("a.ttf");
    std::fs::write(&text, "not a typeface").unwrap();
    let told = Faces::with(&[&text]).unwrap_err().to_string();
    assert!(told.contains("a.ttf is no typeface"), "{told}");
    let told = Faces::with(&[folder.path().join("none.ttf")])
        .unwrap_err()
        .to_string();
    assert!(told.contains("none.ttf cannot be read"), "{told}");
    // The start of a real one.
    std::fs::write(&text, &dejavu::sans::regular()[..400]).unwrap();
    let faces = Faces::with(&[&text]);
    let set = faces.map(|faces| faces.set("ក", false));
    assert!(set.is_err() || set.is_ok_and(|(place, set)| place == 0 && set.lacks.is_some()));
}
