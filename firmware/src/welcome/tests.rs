#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::code::{Code, QUIET};
use super::drawing::{self, Fill};
use super::path::Step;
use super::sheet::{Held, Mark, Square};
use super::*;
use crate::texts::Languages;
use proptest::prelude::*;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

pub(super) fn facts() -> Facts {
    Facts {
        network: "School-7F3A".to_owned(),
        phrase: Some("48213-90577-11604-73928".to_owned()),
        address: "http://school.internal/".to_owned(),
        notice: None,
    }
}

fn words(tags: &[&str]) -> Vec<Words> {
    let all = Words::of_all(&Languages::load());
    let one = |tag: &&str| all.iter().find(|words| words.tag == **tag).unwrap().clone();
    tags.iter().map(one).collect()
}

/// Each language alone, and all together.
pub(super) fn choices() -> Vec<Vec<Words>> {
    let all = Words::of_all(&Languages::load());
    let alone = all.iter().map(|words| vec![words.clone()]);
    alone.chain([all.clone()]).collect()
}

pub(super) fn sheet_of(facts: &Facts, words: &[Words], paper: Paper) -> Sheet {
    Sheet::of(facts, words, &Faces::own(), paper).unwrap()
}

/// What a reader that we did not write reads of `code`, drawn with `dots` to a square.
fn read_back(code: &Code, dots: usize) -> String {
    let all = usize::from(code.side()) + 2 * usize::from(QUIET);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(all * dots, all * dots, |x, y| {
        let square = |at: usize| u8::try_from(at / dots).unwrap().checked_sub(QUIET);
        let dark = square(x).zip(square(y));
        if dark.is_some_and(|(x, y)| code.dark(x, y)) {
            0
        } else {
            255
        }
    });
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1, "{code:?}");
    grids[0].decode().unwrap().1
}

#[test]
fn the_text_of_the_network_s_code_for_every_kind_of_name_and_key() {
    let text = |network: &str, phrase: Option<&str>| {
        let (network, phrase) = (network.to_owned(), phrase.map(str::to_owned));
        Facts {
            network,
            phrase,
            ..facts()
        }
        .code_text()
    };
    for (network, phrase, code) in [
        (
            "School-7F3A",
            Some("48213-90577"),
            "WIFI:T:WPA;S:School-7F3A;P:48213-90577;;",
        ),
        ("School", None, "WIFI:T:nopass;S:School;;"),
        (
            r#"a;b,c:d"e\"#,
            Some(r"\;,:"),
            r#"WIFI:T:WPA;S:a\;b\,c\:d\"e\\;P:\\\;\,\:;;"#,
        ),
        ("ABCD", Some("12345678"), "WIFI:T:WPA;S:ABCD;P:12345678;;"),
        ("Школа", None, "WIFI:T:nopass;S:Школа;;"),
    ] {
        assert_eq!(text(network, phrase), code);
    }
}

#[test]
fn a_phrase_is_in_no_debug_text() {
    let told = format!("{:?}", facts());
    assert!(
        told.contains("School-7F3A") && !told.contains("48213"),
        "{told}"
    );
}

#[test]
fn the_key_is_shown_in_the_box_s_own_network_and_at_the_box_and_nowhere_else() {
    let gate = Gate {
        address: Ipv4Addr::new(10, 48, 0, 1),
        prefix: 22,
    };
    for (from, admitted) in [
        ("10.48.0.77", true),
        ("10.48.3.254", true),
        ("::ffff:10.48.1.2", true),
        ("127.0.0.1", true),
        ("::1", true),
        ("10.48.4.1", false),
        ("10.47.255.255", false),
        ("192.168.1.20", false),
        ("::ffff:192.168.1.20", false),
        ("fe80::1", false),
        ("2001:db8::1", false),
    ] {
        assert_eq!(
            gate.admits(from.parse::<IpAddr>().unwrap()),
            admitted,
            "{from}"
        );
    }
    let all = Gate { prefix: 0, ..gate };
    assert!(all.admits("192.168.1.20".parse().unwrap()));
    let one = Gate { prefix: 32, ..gate };
    assert!(!one.admits("10.48.0.2".parse().unwrap()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any name of 32 bytes with any key of 63.
    #[test]
    fn every_network_s_code_reads_back(name in "[ -~]{1,32}", phrase in "[ -~]{8,63}", dots in 3_usize..6) {
        let facts = Facts { network: name, phrase: Some(phrase), ..facts() };
        let code = Code::of(&facts.code_text()).unwrap();
        prop_assert_eq!(read_back(&code, dots), facts.code_text());
    }
}

#[test]
fn what_no_code_holds_is_told() {
    let facts = Facts {
        address: format!("http://{}/", "a".repeat(3_000)),
        ..facts()
    };
    let refused = Sheet::of(&facts, &words(&["en"]), &Faces::own(), Paper::A4).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "a text of 3008 bytes has no room in a QR code; make it shorter"
    );
}

/// What a text or a code covers: left, top, right, low.
type Area = [f64; 4];

fn area_of(code: &Square) -> Area {
    let [x, y] = [code.at.0, code.at.1].map(|at| at - code.quiet);
    let side = code.side + 2.0 * code.quiet;
    [x, y, x + side, y + side]
}

fn texts(sheet: &Sheet) -> Vec<(String, Area)> {
    let faces = Faces::own();
    let area = |line: &sheet::Line| {
        let wide = faces.width(&line.text, line.rtl) * line.size;
        let left = match line.held {
            Held::Left => line.at.0,
            Held::Middle => line.at.0 - wide / 2.0,
            Held::Right => line.at.0 - wide,
        };
        let (top, low) = (line.at.1 - 0.76 * line.size, line.at.1 + 0.24 * line.size);
        [left, top, left + wide, low]
    };
    let lines = sheet.marks.iter().filter_map(|mark| match mark {
        Mark::Text(line) => Some((line.text.clone(), area(line))),
        Mark::Stroke(..) => None,
    });
    lines.collect()
}

fn overlap(one: &Area, other: &Area) -> bool {
    one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3]
}

#[test]
fn on_either_paper_in_every_language_all_is_large_enough_and_nothing_covers_anything() {
    let long = Facts {
        network: "W".repeat(32),
        phrase: Some("W".repeat(63)),
        address: "http://a-very-long-name-of-a-box.school.internal:8080/".to_owned(),
        notice: None,
    };
    let open = Facts {
        phrase: None,
        ..facts()
    };
    for (facts, words, paper) in [facts(), long, open].into_iter().flat_map(|facts| {
        let all = choices().into_iter();
        all.flat_map(move |words| {
            [Paper::A4, Paper::A5].map(|paper| (facts.clone(), words.clone(), paper))
        })
    }) {
        let sheet = sheet_of(&facts, &words, paper);
        let page = [0.0, 0.0, sheet.size.0, sheet.size.1];
        assert_eq!(sheet.codes.len(), 2);
        let codes: Vec<Area> = sheet.codes.iter().map(area_of).collect();
        for (code, text) in sheet
            .codes
            .iter()
            .zip([facts.code_text(), facts.address.clone()])
        {
            let squares = f64::from(Code::of(&text).unwrap().side());
            assert!(code.side >= 25.0, "{} mm", code.side);
            assert!(code.quiet >= 3.999 * code.side / squares, "{code:?}");
            // Two dots of an office printer.
            assert!(
                code.side / squares >= 0.34,
                "squares of {} mm",
                code.side / squares
            );
        }
        let texts = texts(&sheet);
        for (place, (text, area)) in texts.iter().enumerate() {
            // No printer reaches the last 5 mm.
            let inside = area[0] >= 5.0
                && area[1] >= 5.0
                && area[2] <= page[2] - 5.0
                && area[3] <= page[3] - 5.0;
            assert!(inside, "{text}: {area:?}");
            let others = texts.iter().skip(place + 1).map(|(_, other)| other);
            for other in codes.iter().chain(others) {
                assert!(
                    !overlap(area, other),
                    "{paper:?} {text}: {area:?} {other:?}"
                );
            }
        }
        // No line of a drawing reaches into a code's white.
        for mark in &sheet.marks {
            let Mark::Stroke(path, pen, _) = mark else {
                continue;
            };
            let ends = path.0.iter().filter_map(|step| match *step {
                Step::Move(x, y) | Step::Line(x, y) | Step::Curve([_, _, _, _, x, y]) => {
                    Some([x - pen / 2.0, y - pen / 2.0, x + pen / 2.0, y + pen / 2.0])
                }
                Step::Close => None,
            });
            let mut ends = ends.filter(|_| *pen > 0.0);
            assert!(!ends.any(|end| codes.iter().any(|code| overlap(&end, code))));
        }
        // Drawings are larger than words: their bounds against those of the largest sentence.
        let high = |area: &Area| area[3] - area[1];
        let largest = texts.iter().map(|(_, area)| high(area)).fold(0.0, f64::max);
        assert!(sheet.size.1 / 297.0 * 52.0 > 4.0 * largest);
    }
}

#[test]
fn words_that_have_no_room_are_refused() {
    let many: Vec<Words> = choices().concat().into_iter().cycle().take(30).collect();
    let refused = Sheet::of(&facts(), &many, &Faces::own(), Paper::A4).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the words of 30 languages have no room on one sheet; choose some with --lang"
    );
    let none = Sheet::of(&facts(), &[], &Faces::own(), Paper::A4).unwrap_err();
    assert_eq!(none, SheetError::Wordless);
}

/// Every text at its place, and the codes: what a change of the layout moves.
fn outline(sheet: &Sheet) -> String {
    let mut outline = format!("{:?} {} {}\n", sheet.size, sheet.tag, sheet.title);
    for mark in &sheet.marks {
        if let Mark::Text(line) = mark {
            let (x, y) = line.at;
            let way = if line.rtl { "rtl" } else { "ltr" };
            let (held, tag, text) = (line.held, &line.tag, &line.text);
            writeln!(
                outline,
                "{x:6.1} {y:6.1} {:4.2} {held:?} {way} {tag:2} {text}",
                line.size
            )
            .unwrap();
        }
    }
    for code in &sheet.codes {
        let (x, y) = code.at;
        writeln!(
            outline,
            "{x:6.1} {y:6.1} code {:.1} + {:.1}",
            code.side, code.quiet
        )
        .unwrap();
    }
    outline
}

#[test]
fn where_everything_stands() {
    let all = Words::of_all(&Languages::load());
    let mut outlines = outline(&sheet_of(&facts(), &all, Paper::A4));
    for (tag, paper) in [("en", Paper::A4), ("ar", Paper::A5), ("uk", Paper::A5)] {
        outlines += &outline(&sheet_of(&facts(), &words(&[tag]), paper));
    }
    insta::assert_snapshot!(outlines);
}

#[test]
fn the_sheet_as_a_picture_stands_alone() {
    let svg = svg::sheet(&sheet_of(&facts(), &words(&["ar", "en"]), Paper::A5));
    assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"148mm\" height=\"210mm\" viewBox=\"0 0 148 210\""));
    assert!(svg.contains("direction=\"rtl\" lang=\"ar\""), "{svg}");
    // Only what is text is told as text, and nothing is fetched.
    assert_eq!(
        svg.matches("http://").count(),
        2,
        "the name of the format, the address of the page"
    );
    assert!(!svg.contains("href") && !svg.contains("<image") && !svg.contains("<script"));
    let hostile = Facts {
        network: "<script>\"&\u{1}".to_owned(),
        ..facts()
    };
    let svg = svg::sheet(&sheet_of(&hostile, &words(&["en"]), Paper::A4));
    assert!(svg.contains("&lt;script&gt;&quot;&amp;\u{fffd}") && !svg.contains("<script"));
}

#[test]
fn drawings_keep_within_their_frames_and_turn_in_a_mirror() {
    let signs = [
        drawing::network_sign(),
        drawing::key_sign(),
        drawing::page_sign(),
    ];
    let steps = drawing::steps().map(|drawing| (drawing, drawing::HIGH));
    for (drawing, high) in signs
        .map(|sign| (sign, drawing::SIGN))
        .into_iter()
        .chain(steps)
    {
        let mirrored = drawing.mirrored();
        let strokes = drawing.strokes.iter().chain(&mirrored.strokes);
        let points = strokes.clone().flat_map(|stroke| &stroke.path.0);
        for step in points {
            let (x, y) = match *step {
                Step::Move(x, y) | Step::Line(x, y) | Step::Curve([_, _, _, _, x, y]) => (x, y),
                Step::Close => continue,
            };
            assert!(
                x > -0.1 && x < drawing.wide + 0.1 && y > 0.0 && y < high + 0.1,
                "{step:?}"
            );
        }
        assert!(
            drawing
                .strokes
                .iter()
                .any(|stroke| stroke.fill != Fill::Ink)
        );
    }
}
