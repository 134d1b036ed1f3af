//! Truncated, empty, huge and lying archives: one line, nothing installed, never a panic.

use crate::rig::{Rig, line};
use crate::zim_writer::{Kind, Packing, Zim, reseal};
use content_store::formats::{self, ImportError};
use content_store::library::Lookup;
use proptest::prelude::*;
use std::fs;

/// Imports; answers the error's line. A file that is taken in must be readable or say why not, without a panic.
fn try_import(rig: &Rig, bytes: &[u8]) -> Option<String> {
    let source = rig.source("bad.zim");
    fs::write(&source, bytes).unwrap();
    let refused = |error: ImportError| {
        let line = line(&error);
        assert!(!line.contains('\n') && line.len() < 400, "{line}");
        Some(line)
    };
    let stage = match formats::plan(&source)
        .and_then(|plan| formats::stage(&plan, &rig.data(), 0, &mut |_| ()))
    {
        Ok(stage) => stage,
        Err(error) => {
            let left = rig
                .files()
                .into_iter()
                .filter(|name| name.starts_with("incoming"))
                .count();
            assert_eq!(
                left,
                0,
                "a damaged source leaves no stage: {}",
                line(&error)
            );
            return refused(error);
        }
    };
    let library = rig.library();
    let summary = library.adopt(&stage).unwrap();
    let pack = library.pack(&summary.id).unwrap();
    for path in [
        "page1.html",
        "A/page1.html",
        "style.css",
        "sun.png",
        "I/sun.png",
        "home",
        summary.home.as_str(),
    ] {
        if let Ok(Lookup::Found(entry)) = pack.lookup(path) {
            let mut byte = [0];
            let _ = entry.body.read_at(entry.len / 2, &mut byte);
        }
    }
    library.remove(&summary.id).unwrap();
    None
}

#[test]
fn cut_short_anywhere() {
    let whole = Zim::sample((6, 1), Packing::Zstd, false).bytes();
    let rig = Rig::new();
    for len in (0..whole.len())
        .step_by(64)
        .chain([1, 3, 4, 79, 80, 81, whole.len() - 1])
    {
        let error = try_import(&rig, &whole[..len])
            .unwrap_or_else(|| panic!("{len} of {} bytes were taken", whole.len()));
        let expected = match len {
            0 => "it is empty",
            1..=3 => "neither a ZIM file",
            _ => "it was cut short",
        };
        assert!(error.contains(expected), "{len}: {error}");
        if len >= 80 {
            assert!(
                error.contains(&format!("{} bytes long and has {len}", whole.len())),
                "{error}"
            );
        }
        // the same with a right length in the header: only the tables can tell
        if len > 120 {
            let mut lying = whole[..len].to_vec();
            lying[72..80].copy_from_slice(&(len as u64 - 16).to_le_bytes());
            reseal(&mut lying);
            try_import(&rig, &lying);
        }
    }
    assert!(rig.library().packs().is_empty());
}

#[test]
fn every_lie_in_the_header_is_named() {
    let whole = Zim::sample((6, 1), Packing::Zstd, false).bytes();
    let rig = Rig::new();
    let huge = u64::MAX - 7;
    for (at, value, says) in [
        (0, 0, "neither a ZIM"),
        (4, 4, "version 4"),
        (24, u64::from(u32::MAX), "entry list"),
        (28, u64::from(u32::MAX), "cluster list"),
        (32, huge, "entry list"),
        (32, 8, "entry list"),
        (48, huge, "cluster list"),
        (56, huge, "media type list"),
        (64, 77_777, "main page"),
        (72, huge, "checksum"),
        (72, 1 << 60, "cut short"),
        (72, 500, "follow its end"),
    ] {
        let mut lying = whole.clone();
        let width = match at {
            4 => 2,
            0 | 24 | 28 | 64 => 4,
            _ => 8,
        };
        lying[at..at + width].copy_from_slice(&u64::to_le_bytes(value)[..width]);
        reseal(&mut lying);
        let error = try_import(&rig, &lying).unwrap();
        assert!(error.contains(says), "{at}: {error}");
    }
    let mut flipped = whole.clone();
    let middle = whole.len() / 2;
    flipped[middle] ^= 1;
    assert!(try_import(&rig, &flipped).unwrap().contains("checksum"));
    assert_eq!(
        try_import(&rig, &whole),
        None,
        "and the sound one is taken: the checks are not what refuses"
    );
}

#[test]
fn lies_in_entries_and_clusters() {
    let rig = Rig::new();
    let lie = |change: &dyn Fn(&mut Zim)| {
        let mut zim = Zim::sample((6, 1), Packing::Zstd, false);
        change(&mut zim);
        try_import(&rig, &zim.bytes())
    };
    let set = |zim: &mut Zim, new: Kind| {
        zim.items
            .iter_mut()
            .find(|i| i.path == "page3.html")
            .unwrap()
            .kind = new
    };
    let says = |line: Option<String>, what: &str| {
        assert!(line.clone().is_some_and(|l| l.contains(what)), "{line:?}")
    };
    says(
        lie(&|z| {
            set(
                z,
                Kind::Body {
                    mime: 0,
                    cluster: 99,
                    blob: 0,
                },
            )
        }),
        "cluster 99 does not exist",
    );
    says(
        lie(&|z| {
            set(
                z,
                Kind::Body {
                    mime: 0,
                    cluster: 0,
                    blob: u32::MAX,
                },
            )
        }),
        "does not exist",
    );
    says(
        lie(&|z| {
            set(
                z,
                Kind::Body {
                    mime: 0x7777,
                    cluster: 0,
                    blob: 0,
                },
            )
        }),
        "media type",
    );
    says(
        lie(&|z| z.items[3].path = "x".repeat(5000)),
        "path or title",
    );
    // A table that claims half a million blobs, and one that claims terabytes.
    for inner in [
        u32::to_le_bytes(0x7fff_fffc).to_vec(),
        [&8_u32.to_le_bytes()[..], &u32::MAX.to_le_bytes()].concat(),
    ] {
        for packing in [Packing::Plain, Packing::Zstd, Packing::Xz] {
            let line = raw_cluster(&rig, &crate::zim_writer::pack(packing, false, &inner));
            assert!(line.contains("cluster 0"), "{line}");
        }
    }
    // Three blobs, of which the third begins before the second ends: many could name the same bytes.
    let table = [16_u32, 40, 20, 44].map(u32::to_le_bytes).concat();
    let overlapping = [&table[..], &[b'x'; 28]].concat();
    let line = raw_cluster(
        &rig,
        &crate::zim_writer::pack(Packing::Zstd, false, &overlapping),
    );
    assert!(line.contains("overlap"), "{line}");
    assert!(raw_cluster(&rig, &[5, 1, 2, 3]).contains("cluster 0"));
    assert!(raw_cluster(&rig, &[9, 1, 2, 3]).contains("unknown compression 9"));
    assert!(raw_cluster(&rig, &[2, 1, 2, 3]).contains("zlib"));
}

/// An archive of one page whose only cluster is these bytes.
fn raw_cluster(rig: &Rig, cluster: &[u8]) -> String {
    let mut zim = Zim::new((6, 1));
    let number = zim.cluster(Packing::Plain, false);
    zim.add(b'C', "a.html", "A", "text/html", number, b"");
    let mut bytes = zim.bytes();
    let at = usize::try_from(u64::from_le_bytes(bytes[48..56].try_into().unwrap())).unwrap() + 8;
    bytes.truncate(at);
    bytes.extend_from_slice(cluster);
    let end = bytes.len() as u64;
    bytes[72..80].copy_from_slice(&end.to_le_bytes());
    bytes.extend([0; 16]);
    reseal(&mut bytes);
    try_import(rig, &bytes).unwrap()
}

#[test]
fn a_bomb_costs_little() {
    // 2 GiB of zeros in some 60 kB: refused by its table, not unpacked.
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    let table = [&16_u64.to_le_bytes()[..], &(2_u64 << 30).to_le_bytes()].concat();
    std::io::Write::write_all(&mut encoder, &table).unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..64 {
        std::io::Write::write_all(&mut encoder, &zeros).unwrap();
    }
    let cluster = [&[0x15][..], &encoder.finish().unwrap()].concat();
    let line = raw_cluster(&Rig::new(), &cluster);
    assert!(line.contains("more than there can be"), "{line}");
}

#[test]
fn a_page_of_many_names_is_served_under_each_and_found_once() {
    let rig = Rig::new();
    let mut zim = Zim::sample((6, 1), Packing::Zstd, false);
    let body = |path: &str| zim.items.iter().find(|i| i.path == path).unwrap().clone();
    let page = body("page3.html");
    for number in 0..50 {
        let mut other = page.clone();
        other.path = format!("zz-other-name-{number:02}.html");
        zim.items.push(other);
    }
    let source = rig.source("names.zim");
    fs::write(&source, zim.bytes()).unwrap();
    let library = rig.library();
    let summary = rig.import(&library, &source);
    assert_eq!(summary.pages, 20);
    assert_eq!(library.search("word3", 100, 0).unwrap().len(), 1);
    let pack = library.pack(&summary.id).unwrap();
    assert_eq!(
        crate::rig::body(&pack, "zz-other-name-49.html"),
        crate::rig::body(&pack, "page3.html")
    );
}

#[test]
fn what_an_archive_says_of_itself_fits_on_a_line() {
    let rig = Rig::new();
    let mut zim = Zim::sample((6, 1), Packing::Zstd, false);
    let about = zim.cluster(Packing::Plain, false);
    zim.items.retain(|i| i.namespace != b'M');
    let long = "word ".repeat(700);
    for (name, value) in [
        ("Title", "\u{1b}]0;owned\u{7}\u{1b}[2JA\nbook\u{202e}"),
        ("Language", "en\"><script>"),
        ("Description", long.as_str()),
    ] {
        zim.add(b'M', name, "", "text/plain", about, value.as_bytes());
    }
    let source = rig.source("loud.zim");
    fs::write(&source, zim.bytes()).unwrap();
    let summary = rig.import(&rig.library(), &source);
    assert_eq!(summary.title, "]0;owned  [2JA book");
    assert_eq!(summary.language, "");
    assert!(summary.description.chars().count() <= 321);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bits_never_panic(
        flips in proptest::collection::vec((any::<proptest::sample::Index>(), 0_u8..8), 1..6),
        packing in prop_oneof![Just(Packing::Plain), Just(Packing::Xz), Just(Packing::Zstd)],
        old in any::<bool>(),
    ) {
        let mut bytes = Zim::sample(if old { (5, 0) } else { (6, 1) }, packing, false).bytes();
        for (at, bit) in flips {
            let at = at.index(bytes.len() - 16);
            bytes[at] ^= 1 << bit;
        }
        reseal(&mut bytes);
        let rig = Rig::new();
        try_import(&rig, &bytes);
        prop_assert!(rig.library().packs().is_empty());
    }
}
