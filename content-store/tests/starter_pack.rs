//! The starter pack is written by hand in five languages: here its pages are held together. Every language has the
//! same pages, of the same build and with the same drawings; every reference leads somewhere inside the pack; nothing
//! is foreign and nothing is script. The last test shows that each of these checks can fail.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a broken test tree may stop the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const LANGUAGES: [&str; 5] = ["en", "fr", "ar", "es", "uk"];
const PAGES: [&str; 6] = [
    "index.html",
    "child.html",
    "first-day.html",
    "one-tablet-five-learners.html",
    "red-light.html",
    "safe-net.html",
];
/// Written from right to left.
const RIGHT_TO_LEFT: [&str; 1] = ["ar"];
/// A page with the style, and the drawings, uncompressed: a phone on a crowded radio fetches them at once.
const PAGE_BYTES_MAX: usize = 20_000;

/// Every file of the pack by its path inside it, e.g. `en/child.html`.
type Files = BTreeMap<String, String>;

fn pack() -> Files {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("starter-pack/start");
    let mut files = Files::new();
    gather(&root, &root, &mut files);
    files
}

fn gather(root: &Path, folder: &Path, files: &mut Files) {
    for entry in fs::read_dir(folder).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        if path.is_dir() {
            gather(root, &path, files);
        } else {
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

fn is_page(name: &str) -> bool {
    name.ends_with(".html")
}

/// The values of `attribute` in `text`, in order. The pack quotes every value with `"`.
fn values<'a>(text: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    text.split(start.as_str())
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

/// The names of the tags that open in `text`, in order.
fn tags(text: &str) -> Vec<&str> {
    text.split('<')
        .skip(1)
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
        .filter_map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric()).next())
        .collect()
}

/// Whether some tag carries an attribute such as `onclick`.
fn handles_events(text: &str) -> bool {
    text.split('<')
        .filter_map(|rest| rest.split_once('>'))
        .any(|(tag, _)| {
            tag.split_whitespace()
                .any(|word| word.starts_with("on") && word.contains('='))
        })
}

/// `reference` as seen from the page `from`, as a path inside the pack and a fragment.
fn resolve(from: &str, reference: &str) -> (String, Option<String>) {
    let (path, fragment) = reference
        .split_once('#')
        .map_or((reference, None), |(path, fragment)| {
            (path, Some(fragment.to_owned()))
        });
    if path.is_empty() {
        return (from.to_owned(), fragment);
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            ".." => assert!(parts.pop().is_some(), "{from}: {reference} leaves the pack"),
            part => parts.push(part),
        }
    }
    (parts.join("/"), fragment)
}

fn references(text: &str) -> Vec<&str> {
    ["href", "src", "xlink:href"]
        .iter()
        .flat_map(|attribute| values(text, attribute))
        .collect()
}

/// References that lead nowhere.
fn dead_references(files: &Files) -> Vec<String> {
    let mut dead = Vec::new();
    for (name, text) in files.iter().filter(|(name, _)| is_page(name)) {
        for reference in references(text) {
            let (path, fragment) = resolve(name, reference);
            let alive = files.get(&path).is_some_and(|target| {
                fragment.is_none_or(|id| values(target, "id").contains(&id.as_str()))
            });
            if !alive {
                dead.push(format!("{name}: {reference}"));
            }
        }
    }
    dead
}

/// What makes one page, by itself, unfit: language, direction, headings, script, foreign things, weight.
fn faults(name: &str, text: &str, style_bytes: usize) -> Vec<&'static str> {
    let language = name.split_once('/').map_or("en", |(folder, _)| folder);
    let direction = if RIGHT_TO_LEFT.contains(&language) {
        "rtl"
    } else {
        "ltr"
    };
    let tags = tags(text);
    let count = |tag: &str| tags.iter().filter(|found| **found == tag).count();
    let levels: Vec<u32> = tags
        .iter()
        .filter_map(|tag| tag.strip_prefix('h'))
        .filter_map(|level| level.parse().ok())
        .collect();
    let ids = values(text, "id");
    [
        (
            text.starts_with("<!doctype html>\n"),
            "does not open as HTML",
        ),
        (
            text.contains(&format!("<html lang=\"{language}\" dir=\"{direction}\">")),
            "has the wrong lang or dir",
        ),
        (
            count("title") == 1 && !text.contains("<title></title>"),
            "needs one title",
        ),
        (
            count("h1") == 1 && levels.first() == Some(&1),
            "needs one h1, first",
        ),
        (
            levels.windows(2).all(|pair| pair[1] <= pair[0] + 1),
            "leaves out a level of headings",
        ),
        (
            count("main") == 1 && ids.contains(&"page"),
            "needs one main with the id page",
        ),
        (
            ids.iter().collect::<BTreeSet<_>>().len() == ids.len(),
            "names one id twice",
        ),
        (
            count("script") == 0 && !text.contains("javascript:") && !handles_events(text),
            "holds script",
        ),
        (
            !text.contains("://") && !text.contains("=\"//"),
            "refers to another place",
        ),
        (
            count("svg") == text.matches("aria-hidden=\"true\"").count(),
            "has a drawing that is read aloud",
        ),
        (text.len() + style_bytes <= PAGE_BYTES_MAX, "is too heavy"),
    ]
    .into_iter()
    .filter_map(|(holds, fault)| (!holds).then_some(fault))
    .collect()
}

/// What must be alike in every language: tags and drawings in order. Words differ, and so may inline marks.
fn build(text: &str) -> (Vec<&str>, Vec<&str>) {
    let inline = ["bdi", "b", "span", "small"];
    let drawings = values(text, "xlink:href")
        .into_iter()
        .filter_map(|reference| reference.split('#').nth(1));
    (
        tags(text)
            .into_iter()
            .filter(|tag| !inline.contains(tag))
            .collect(),
        drawings.collect(),
    )
}

#[test]
fn every_language_has_the_same_pages() {
    let mut wanted: BTreeSet<String> = ["index.html", "art.svg", "style.css"]
        .map(str::to_owned)
        .into();
    wanted.extend(
        LANGUAGES
            .iter()
            .flat_map(|language| PAGES.map(|page| format!("{language}/{page}"))),
    );
    assert_eq!(pack().into_keys().collect::<BTreeSet<_>>(), wanted);
}

#[test]
fn every_language_has_the_same_build_and_drawings() {
    let files = pack();
    for page in PAGES {
        let first = &files[&format!("en/{page}")];
        for language in LANGUAGES {
            let name = format!("{language}/{page}");
            assert_eq!(
                build(&files[&name]),
                build(first),
                "{name} is built otherwise than en/{page}"
            );
        }
    }
}

#[test]
fn every_page_is_fit() {
    let files = pack();
    let style_bytes = files["style.css"].len();
    for (name, text) in files.iter().filter(|(name, _)| is_page(name)) {
        assert_eq!(
            faults(name, text, style_bytes),
            Vec::<&str>::new(),
            "{name}"
        );
    }
}

#[test]
fn every_reference_leads_somewhere() {
    assert_eq!(dead_references(&pack()), Vec::<String>::new());
}

#[test]
fn every_language_can_be_reached_from_the_first_page_and_back() {
    let files = pack();
    for language in LANGUAGES {
        let door = format!("{language}/index.html");
        assert!(
            references(&files["index.html"]).contains(&door.as_str()),
            "no way to {door}"
        );
        for page in PAGES {
            let name = format!("{language}/{page}");
            assert!(
                references(&files[&name]).contains(&"../index.html"),
                "{name} has no way back"
            );
        }
        for page in &PAGES[1..] {
            assert!(
                references(&files[&door]).contains(page),
                "{door} does not lead to {page}"
            );
        }
    }
}

#[test]
fn the_drawings_are_light_wordless_and_all_used() {
    let files = pack();
    let art = &files["art.svg"];
    assert!(
        art.len() <= PAGE_BYTES_MAX,
        "the drawings weigh {} bytes",
        art.len()
    );
    assert!(
        !tags(art)
            .iter()
            .any(|tag| ["text", "script", "style", "image"].contains(tag)),
        "drawings are shapes only"
    );
    let used: BTreeSet<&str> = files
        .iter()
        .filter(|(name, _)| is_page(name))
        .flat_map(|(_, text)| build(text).1)
        .collect();
    assert_eq!(values(art, "id").into_iter().collect::<BTreeSet<_>>(), used);
}

#[test]
fn nothing_in_the_style_comes_from_elsewhere() {
    let files = pack();
    let style = &files["style.css"];
    assert!(
        !style.contains("url(") && !style.contains("@import"),
        "the style fetches something"
    );
    for side in [
        "margin-left",
        "margin-right",
        "padding-left",
        "padding-right",
        "text-align: left",
        "text-align: right",
    ] {
        assert!(
            !style.contains(side),
            "{side} does not turn with the direction of reading"
        );
    }
}

/// The negative control: each check finds the fault that was put in, and that one alone.
#[test]
fn a_broken_page_is_found() {
    let good = pack()["ar/safe-net.html"].clone();
    let broken = |from: &str, to: &str| {
        assert!(
            good.contains(from),
            "the control has nothing to break: {from}"
        );
        faults("ar/safe-net.html", &good.replacen(from, to, 1), 0)
    };
    assert_eq!(
        broken("dir=\"rtl\"", "dir=\"ltr\""),
        ["has the wrong lang or dir"]
    );
    assert_eq!(
        broken("<h2 id=\"aim\"", "<h4 id=\"aim\""),
        ["leaves out a level of headings"]
    );
    assert_eq!(
        broken("<h2 id=\"aim\"", "<h1 id=\"aim\""),
        ["needs one h1, first"]
    );
    assert_eq!(broken("id=\"try\"", "id=\"aim\""), ["names one id twice"]);
    assert_eq!(
        broken("</main>", "<script></script></main>"),
        ["holds script"]
    );
    assert_eq!(
        broken("<main ", "<main onclick=\"go()\" "),
        ["holds script"]
    );
    assert_eq!(
        broken("../style.css", "https://example.org/style.css"),
        ["refers to another place"]
    );
    assert_eq!(
        broken("aria-hidden=\"true\" ", ""),
        ["has a drawing that is read aloud"]
    );
    assert_eq!(
        faults("ar/safe-net.html", &good, PAGE_BYTES_MAX),
        ["is too heavy"]
    );

    let mut files = pack();
    files.insert(
        "ar/safe-net.html".to_owned(),
        good.replace("#rules\"", "#no-such-drawing\""),
    );
    assert_eq!(
        dead_references(&files),
        ["ar/safe-net.html: ../art.svg#no-such-drawing"]
    );
    assert_ne!(
        build(&files["ar/safe-net.html"]),
        build(&files["en/safe-net.html"])
    );
    files.remove("en/child.html");
    assert!(
        dead_references(&files)
            .iter()
            .any(|dead| dead == "en/index.html: child.html")
    );
}
