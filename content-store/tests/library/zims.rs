//! Sound archives of every version and packing.

use crate::rig::{Rig, body, entry, id, is_missing, redirect};
use crate::zim_writer::{Kind, Packing, Zim, pages_of};
use content_store::library::{Library, PackKind};
use std::fs;

fn check_sample(rig: &Rig, library: &Library, zim: &Zim) {
    let source = rig.source("file-name_2024-01.zim");
    fs::write(&source, zim.bytes()).unwrap();
    let summary = rig.import(library, &source);
    let pages = pages_of(zim.version);
    let served = |namespace: u8, path: &str| match pages {
        b'C' => path.to_owned(),
        _ => format!("{}/{path}", char::from(namespace)),
    };
    assert_eq!(summary.kind, PackKind::Zim);
    assert_eq!(summary.id, id("school-book"));
    assert_eq!(
        (summary.title.as_str(), summary.language.as_str()),
        ("A school book", "en")
    );
    assert_eq!(summary.description, "For classes.");
    assert_eq!(summary.home, served(pages, "page0.html"));
    assert_eq!(summary.pages, 20);
    let pack = library.pack(&summary.id).unwrap();
    assert_eq!(redirect(&pack, ""), summary.home);
    for item in &zim.items {
        let path = served(item.namespace, &item.path);
        match &item.kind {
            Kind::Body { .. } if item.namespace == b'M' => assert!(is_missing(&pack, &path)),
            Kind::Body { cluster, blob, .. } => {
                let bytes = &zim.clusters[*cluster as usize].blobs[*blob as usize];
                assert_eq!(&body(&pack, &path), bytes, "{path}");
            }
            Kind::Redirect(..) if item.path.starts_with("loop") => {
                assert!(is_missing(&pack, &path))
            }
            Kind::Redirect(..) => assert_eq!(redirect(&pack, &path), served(pages, "page0.html")),
        }
    }
    assert_eq!(
        entry(&pack, &served(pages, "page1.html")).mime,
        "text/html; charset=utf-8"
    );
    assert_eq!(
        entry(&pack, &served(pages, "style.css")).mime,
        "text/css; charset=utf-8"
    );
    assert!(is_missing(&pack, "no such page"));
    let hits = library.search("WORD7", 10, 0).unwrap();
    assert_eq!(hits.len(), 1);
    assert_eq!(
        (hits[0].path.clone(), hits[0].title.as_str()),
        (served(pages, "page7.html"), "Page 7")
    );
    assert!(hits[0].summary.starts_with("Lesson number 7 about word7"));
    assert!(library.verify(&mut |_, _| ()).unwrap().faults.is_empty());
}

#[test]
fn every_version_and_packing() {
    for version in [(5, 0), (6, 0), (6, 1)] {
        for packing in [Packing::Plain, Packing::Xz, Packing::Zstd] {
            for wide in [false, true] {
                let rig = Rig::new();
                check_sample(&rig, &rig.library(), &Zim::sample(version, packing, wide));
            }
        }
    }
}

#[test]
fn bodies_survive_a_restart_and_tags_tell_them_apart() {
    let rig = Rig::new();
    let source = rig.source("a.zim");
    fs::write(&source, Zim::sample((6, 1), Packing::Zstd, false).bytes()).unwrap();
    let summary = rig.import(&rig.library(), &source);
    let library = rig.library();
    assert_eq!(library.packs()[..], *std::slice::from_ref(&summary));
    let pack = library.pack(&summary.id).unwrap();
    let tags =
        ["page1.html", "page2.html", "style.css", "sun.png"].map(|path| entry(&pack, path).tag);
    let distinct: std::collections::BTreeSet<_> = tags.iter().collect();
    assert_eq!(distinct.len(), 4);
    assert!(tags.iter().all(|tag| tag.len() == 64));
    assert_eq!(tags[0], entry(&pack, "page1.html").tag);
}

#[test]
fn a_cluster_too_large_to_hold_is_unpacked_once() {
    let rig = Rig::new();
    let mut zim = Zim::new((6, 1));
    let cluster = zim.cluster(Packing::Zstd, true);
    let film: Vec<u8> = (0..6_000_000_u32).map(|i| (i % 251) as u8).collect();
    zim.add(b'C', "film.mp4", "", "video/mp4", cluster, &film);
    zim.add(
        b'C',
        "page.html",
        "",
        "text/html",
        cluster,
        b"<title>After the film</title><p>the end",
    );
    let source = rig.source("films.zim");
    fs::write(&source, zim.bytes()).unwrap();
    let library = rig.library();
    let summary = rig.import(&library, &source);
    assert_eq!(
        (summary.home.as_str(), summary.id.as_str()),
        ("page.html", "films")
    );
    let pack = library.pack(&summary.id).unwrap();
    assert!(body(&pack, "film.mp4") == film);
    let film_entry = entry(&pack, "film.mp4");
    for at in [5_000_000_usize, 17, 5_999_999] {
        let mut byte = [0];
        assert_eq!(film_entry.body.read_at(at as u64, &mut byte).unwrap(), 1);
        assert_eq!(byte[0], film[at]);
    }
    assert!(body(&pack, "page.html").ends_with(b"the end"));
    assert_eq!(entry(&pack, "film.mp4").tag, sha256(&film));
    assert_eq!(library.search("end", 10, 0).unwrap().len(), 1);
    drop(pack);
    library.remove(&summary.id).unwrap();
    library.settle().unwrap();
    assert!(rig.files().is_empty(), "{:?}", rig.files());
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn clusters_that_lie_upon_one_another_are_refused_before_they_fill_the_disk() {
    let rig = Rig::new();
    let mut zim = Zim::new((6, 1));
    // Nothing in it is read aloud, so that the test is quick.
    let page = format!("<p>word<!--{}", " ".repeat((4 << 20) - 20));
    let first = zim.cluster(Packing::Zstd, false);
    zim.add(b'C', "p0.html", "", "text/html", first, page.as_bytes());
    for number in 1..40 {
        let other = zim.cluster(Packing::Plain, false);
        zim.add(
            b'C',
            &format!("p{number:02}.html"),
            "",
            "text/html",
            other,
            b"",
        );
    }
    let mut bytes = zim.bytes();
    let table = usize::try_from(u64::from_le_bytes(bytes[48..56].try_into().unwrap())).unwrap();
    for number in 1..40 {
        bytes.copy_within(table..table + 8, table + number * 8);
    }
    crate::zim_writer::reseal(&mut bytes);
    let source = rig.source("same.zim");
    fs::write(&source, bytes).unwrap();
    let refused = crate::rig::line(&rig.stage(&source).unwrap_err());
    assert!(
        refused.contains("far more than what is packed"),
        "{refused}"
    );
}

#[test]
fn an_archive_that_unpacks_to_far_more_than_it_holds_is_refused() {
    let rig = Rig::new();
    let mut zim = Zim::new((6, 1));
    let zeros = vec![0; 90 << 20];
    let cluster = zim.cluster(Packing::Zstd, false);
    zim.add(b'C', "a.html", "", "text/html", cluster, b"<p>a");
    zim.add(b'C', "film.mp4", "", "video/mp4", cluster, &zeros);
    let source = rig.source("bomb.zim");
    fs::write(&source, zim.bytes()).unwrap();
    let refused = crate::rig::line(&rig.stage(&source).unwrap_err());
    assert!(
        refused.contains("far more than what is packed"),
        "{refused}"
    );
    assert!(rig.files().is_empty(), "{:?}", rig.files());
}

#[test]
fn search_reaches_over_packs_and_takes_any_text() {
    let rig = Rig::new();
    let library = rig.library();
    let source = rig.source("a.zim");
    fs::write(&source, Zim::sample((6, 1), Packing::Zstd, false).bytes()).unwrap();
    rig.import(&library, &source);
    let folder = rig.folder_of(
        "water",
        &[
            (
                "index.html",
                "<html lang=fr><title>Le cycle de l’eau</title><p>Le soleil chauffe la mer."
                    .as_bytes(),
            ),
            ("sun.html", b"<title>The sun</title><p>It warms the sea."),
            (
                "zh.html",
                "<title>水循环</title><p>太阳使海水变暖。".as_bytes(),
            ),
            (
                "ar.html",
                "<title>دورة الماء</title><p>تُسَخِّنُ الشمسُ البحر".as_bytes(),
            ),
        ],
    );
    rig.import(&library, &folder);
    let paths = |query: &str| {
        library
            .search(query, 3, 0)
            .unwrap()
            .into_iter()
            .map(|h| h.path)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        paths("the sun")[0],
        "sun.html",
        "a title beats twenty texts"
    );
    assert_eq!(paths("sun").len(), 3);
    assert_eq!(paths("cycle eau"), ["index.html"]);
    assert_eq!(paths("SOLEIL chau"), ["index.html"]);
    assert_eq!(paths("海水"), ["zh.html"]);
    assert_eq!(paths("水"), ["zh.html"]);
    assert_eq!(paths("تسخن"), ["ar.html"]);
    for odd in [
        "",
        "  ",
        "\"",
        "*",
        "a AND (",
        "title:",
        "NEAR(\"",
        "\0",
        "-",
        "'; DROP TABLE words; --",
        &"x".repeat(100_000),
    ] {
        library.search(odd, 10, 0).unwrap();
    }
    let all = library.search("lesson", 100, 0).unwrap();
    assert_eq!(all.len(), 20);
    let second_page = library.search("lesson", 5, 5).unwrap();
    assert_eq!(second_page[..], all[5..10]);
    assert!(library.search("lesson", 10, usize::MAX).unwrap().is_empty());
}
