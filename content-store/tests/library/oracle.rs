//! Against openZIM's own tools: what `zimwriterfs` writes we read as `zimdump` does, and what our writer writes they read.

use crate::rig::{Rig, body, redirect};
use crate::zim_writer::{Packing, Zim};
use std::fs;
use std::path::Path;
use std::process::Command;

fn has(tool: &str) -> bool {
    let found = Command::new(tool).arg("--version").output().is_ok();
    if !found {
        crate::skip::skip("oracle", &format!("no {tool}"), "apt-get install zim-tools");
    }
    found
}

fn run(tool: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(tool).args(arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success(),
        "{tool} {arguments:?}: {errors}{}",
        String::from_utf8_lossy(&output.stdout)
    );
    output.stdout
}

#[test]
fn what_zimwriterfs_writes() {
    if !has("zimwriterfs") || !has("zimdump") {
        return;
    }
    let rig = Rig::new();
    let pages: Vec<(String, String)> = (0..40)
        .map(|n| {
            let text = format!("lesson{n} ").repeat(n * 10);
            (
                format!("pages/p{n}.html"),
                format!(
                    "<html><head><title>Lesson {n}</title></head><body><p>{text}</p></body></html>"
                ),
            )
        })
        .collect();
    let mut files: Vec<(&str, &[u8])> = pages
        .iter()
        .map(|(p, b)| (p.as_str(), b.as_bytes()))
        .collect();
    let png = png_48();
    files.push(("index.html", b"<html><head><title>Start</title></head><body><a href='pages/p1.html'>one</a></body></html>"));
    files.push(("icon.png", &png));
    files.push(("style.css", b"body { color: black }"));
    let html = rig.folder_of("html", &files);
    let zim = rig.source("made.zim");
    let [html_path, zim_path] = [html.to_str().unwrap(), zim.to_str().unwrap()];
    run(
        "zimwriterfs",
        &[
            "--welcome=index.html",
            "--illustration=icon.png",
            "--language=fra",
            "--title=Made",
            "--name=made_fr",
            "--description=By the real tool",
            "--creator=us",
            "--publisher=us",
            html_path,
            zim_path,
        ],
    );
    let library = rig.library();
    let summary = rig.import(&library, &zim);
    assert_eq!(
        (
            summary.id.as_str(),
            summary.title.as_str(),
            summary.language.as_str()
        ),
        ("made-fr", "Made", "fr")
    );
    let pack = library.pack(&summary.id).unwrap();
    assert_eq!(redirect(&pack, ""), "index.html");
    for (path, bytes) in &files {
        let dumped = dump(&zim, path);
        assert_eq!(&body(&pack, path), &dumped, "{path}");
        assert_eq!(&dumped[..], *bytes, "{path}");
    }
    assert_eq!(
        library.search("lesson33", 5, 0).unwrap()[0].path,
        "pages/p33.html"
    );
    assert!(library.verify(&mut |_, _| ()).unwrap().faults.is_empty());
}

#[test]
fn what_our_writer_writes_is_a_zim() {
    if !has("zimdump") || !has("zimcheck") {
        return;
    }
    let rig = Rig::new();
    for version in [(5, 0), (6, 1)] {
        let path = rig.source("ours.zim");
        fs::write(&path, Zim::sample(version, Packing::Zstd, false).bytes()).unwrap();
        run(
            "zimcheck",
            &["--checksum", "--integrity", path.to_str().unwrap()],
        );
        let name = if version == (6, 1) {
            "page7.html"
        } else {
            "A/page7.html"
        };
        assert!(
            String::from_utf8(dump(&path, name))
                .unwrap()
                .contains("word7")
        );
    }
}

fn dump(zim: &Path, path: &str) -> Vec<u8> {
    run(
        "zimdump",
        &["show", &format!("--url={path}"), zim.to_str().unwrap()],
    )
}

/// The picture that the tool demands: 48 by 48 points, as small as can be.
fn png_48() -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind: &[u8; 4], data: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(kind);
        crc.update(data);
        png.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        png.extend(kind);
        png.extend(data);
        png.extend(crc.sum().to_be_bytes());
    };
    chunk(b"IHDR", &[0, 0, 0, 48, 0, 0, 0, 48, 8, 0, 0, 0, 0]);
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut packed, &[0; 49 * 48]).unwrap();
    chunk(b"IDAT", &packed.finish().unwrap());
    chunk(b"IEND", &[]);
    png
}
