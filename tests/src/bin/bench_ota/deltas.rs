//! The peers that make a new image of an old one.

use super::timed::{cheapest, run};
use super::{Pair, Way};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn found(program: &str, missing: &mut Vec<String>) -> bool {
    let there = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok();
    if !there {
        missing.push(format!("{program}: it is not installed"));
    }
    there
}

/// What was prepared once, and is made by `make` where it is not there yet.
fn prepared(pair: &Pair, name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let done = pair.peers.join(name);
    if !done.exists() {
        eprintln!("preparing {name}: this takes some minutes, once …");
        let part = pair.peers.join(format!("{name}.part"));
        make(&part);
        fs::rename(&part, &done).expect("what was prepared");
    }
    done
}

fn words(words: &[&dyn AsRef<std::ffi::OsStr>]) -> Vec<OsString> {
    words.iter().map(|word| word.as_ref().to_owned()).collect()
}

fn insist_on_the_new_system(pair: &Pair, made: &Path) {
    let same = Command::new("cmp").arg(&pair.new).arg(made).status();
    assert!(
        same.is_ok_and(|status| status.success()),
        "a peer made something else"
    );
}

fn length(file: &Path) -> u64 {
    fs::metadata(file).expect("what was prepared").len()
}

/// `xdelta3` with its secondary compression, the whole base in its window.
pub(crate) fn xdelta3(pair: &Pair, missing: &mut Vec<String>) -> Option<Way> {
    if !found("xdelta3", missing) {
        return None;
    }
    let window = length(&pair.old).next_power_of_two().to_string();
    let delta = prepared(pair, "xdelta3", |part| {
        let how = ["-e", "-9", "-S", "lzma", "-B", &window, "-f", "-s"];
        let how: Vec<&dyn AsRef<std::ffi::OsStr>> = how.iter().map(|w| w as _).collect();
        run(
            "xdelta3",
            [words(&how), words(&[&pair.old, &pair.new, &part])].concat(),
        );
    });
    let out = pair.peers.join("out.img");
    eprintln!("measuring xdelta3 …");
    let cost = cheapest(|| {
        let how = words(&[&"-d", &"-f", &"-B", &window, &"-s", &pair.old, &delta, &out]);
        run("xdelta3", how).0
    });
    insist_on_the_new_system(pair, &out);
    Some(Way {
        who: "xdelta3 -9 -S lzma".to_owned(),
        asked: "",
        bytes: length(&delta),
        cost,
    })
}

/// `zstd --patch-from`.
pub(crate) fn zstd(pair: &Pair, missing: &mut Vec<String>) -> Option<Way> {
    if !found("zstd", missing) {
        return None;
    }
    let from = format!("--patch-from={}", pair.old.display());
    let delta = prepared(pair, "zstd", |part| {
        run(
            "zstd",
            words(&[&"-q", &"-19", &"--long=31", &from, &pair.new, &"-o", &part]),
        );
    });
    let out = pair.peers.join("out.img");
    eprintln!("measuring zstd --patch-from …");
    let how = words(&[
        &"-q",
        &"-d",
        &"-f",
        &"--long=31",
        &from,
        &delta,
        &"-o",
        &out,
    ]);
    let cost = cheapest(|| run("zstd", &how).0);
    insist_on_the_new_system(pair, &out);
    Some(Way {
        who: "zstd -19 --long=31 --patch-from".to_owned(),
        asked: "",
        bytes: length(&delta),
        cost,
    })
}

/// `casync` with chunks of 16 KiB.
pub(crate) fn casync(pair: &Pair, missing: &mut Vec<String>) -> Option<Way> {
    if !found("casync", missing) {
        return None;
    }
    let folder = prepared(pair, "casync", |part| {
        for (image, name) in [(&pair.old, "old"), (&pair.new, "new")] {
            let index = part.join(format!("{name}.caibx"));
            let store = format!("--store={}", part.join(format!("{name}.castr")).display());
            fs::create_dir_all(part).expect("a folder");
            run(
                "casync",
                words(&[&"make", &"--chunk-size=16384", &store, &index, image]),
            );
        }
    });
    let seed = pair.peers.join("casync-seed.img");
    fs::copy(&pair.old, &seed).expect("a seed");
    let out = pair.peers.join("out.img");
    let index = folder.join("new.caibx");
    eprintln!("measuring casync …");
    let how = words(&[
        &"extract",
        &format!("--store={}", folder.join("new.castr").display()),
        &format!("--seed={}", seed.display()),
        &index,
        &out,
    ]);
    let cost = cheapest(|| {
        let _ = fs::remove_file(&out);
        run("casync", &how).0
    });
    insist_on_the_new_system(pair, &out);
    Some(Way {
        who: "casync, chunks of 16 KiB".to_owned(),
        asked: "",
        bytes: length(&index) + chunks_not_in(&folder.join("new.castr"), &folder.join("old.castr")),
        cost,
    })
}

/// Bytes of the chunks of one store that another does not have.
fn chunks_not_in(store: &Path, other: &Path) -> u64 {
    let mut bytes = 0;
    for folder in fs::read_dir(store).expect("a store").map(Result::unwrap) {
        for chunk in fs::read_dir(folder.path()).expect("a folder of chunks") {
            let chunk = chunk.expect("a chunk");
            let same = other.join(folder.file_name()).join(chunk.file_name());
            if !same.exists() {
                bytes += chunk.metadata().expect("a chunk").len();
            }
        }
    }
    bytes
}

/// `bita` with chunks of 16 KiB.
pub(crate) fn bita(pair: &Pair, bita: Option<&Path>, missing: &mut Vec<String>) -> Option<Way> {
    let Some(bita) = bita else {
        missing.push("bita: it is not installed".to_owned());
        return None;
    };
    let archive = prepared(pair, "bita", |part| {
        let how = [
            "compress",
            "--avg-chunk-size",
            "16KiB",
            "--min-chunk-size",
            "4KiB",
            "--max-chunk-size",
            "64KiB",
            "--compression-level",
            "9",
            "-i",
        ];
        let how: Vec<&dyn AsRef<std::ffi::OsStr>> = how.iter().map(|w| w as _).collect();
        run(bita, [words(&how), words(&[&pair.new, &part])].concat());
    });
    let out = pair.peers.join("out.img");
    eprintln!("measuring bita …");
    let mut fetched = 0;
    let cost = cheapest(|| {
        let _ = fs::remove_file(&out);
        let (cost, said) = run(
            bita,
            words(&[&"clone", &"--seed", &pair.old, &archive, &out]),
        );
        fetched = fetched_by_bita(&said);
        cost
    });
    insist_on_the_new_system(pair, &out);
    Some(Way {
        who: "bita, chunks of 16 KiB".to_owned(),
        asked: "",
        bytes: fetched,
        cost,
    })
}

/// `using 37.0 MiB (38747232 bytes) from archive`; its index beside that is not counted, in its favour.
fn fetched_by_bita(said: &str) -> u64 {
    let line = said
        .lines()
        .find(|line| line.contains("Successfully cloned"));
    let line = line.unwrap_or_default();
    let bytes = line
        .split('(')
        .nth(1)
        .and_then(|rest| rest.split(' ').next());
    bytes
        .and_then(|bytes| bytes.parse().ok())
        .unwrap_or_else(|| panic!("bita says {said:?}"))
}
