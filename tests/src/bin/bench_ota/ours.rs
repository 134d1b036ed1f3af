//! Ours.

use super::timed::{Cost, cheapest, run};
use super::{Pair, Way};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use system_tests::world::{self, RangeServer, World};

/// A repository of the simulated board's systems, made once.
fn repository(pair: &Pair, name: &str, saves: &str, systems: &[(&str, &Path)]) -> PathBuf {
    let done = pair.peers.join(name);
    if done.exists() {
        return done;
    }
    let part = pair.peers.join(format!("{name}.part"));
    let _ = fs::remove_dir_all(&part);
    let key = pair.peers.join("bench.key");
    if !key.exists() {
        depot(["repo".into(), "keygen".into(), key.clone().into_os_string()]);
    }
    let words = |words: &[&dyn AsRef<OsStr>]| -> Vec<OsString> {
        words.iter().map(|word| word.as_ref().to_owned()).collect()
    };
    depot(words(&[&"repo", &"init", &part, &"--root-key", &key]));
    for (version, system) in systems {
        eprintln!("publishing version {version} in {name}: this takes some minutes, once …");
        depot(words(&[
            &"repo",
            &"add",
            &part,
            &"--root",
            system,
            &"--board",
            &"school-box-sim",
            &"--version",
            version,
            &"--saves",
            &saves,
        ]));
    }
    fs::rename(&part, &done).expect("the repository");
    done
}

fn depot(arguments: impl IntoIterator<Item = OsString>) {
    run(world::depot(), arguments);
}

/// Installs what `repository` offers over HTTP on a box that runs `old`. What it costs, and the bytes that came.
fn install(repository: &Path, old: Option<&Path>, new: &Path) -> (Cost, u64) {
    let server = RangeServer::of(repository);
    let mut bytes = 0;
    let url = server.url();
    let cost = cheapest(|| {
        let before = server.given();
        let cost = offer(url.as_ref(), repository, old, new);
        bytes = server.given() - before;
        cost
    });
    (cost, bytes)
}

/// Every run begins with an empty slot and nothing fetched.
fn offer(source: &OsStr, repository: &Path, old: Option<&Path>, new: &Path) -> Cost {
    let world = World::new();
    let sim = world.sim().dir();
    fs::create_dir_all(sim.join("slots")).expect("a folder");
    fs::write(sim.join("slots/a.release"), "version=1\nname=old\n").expect("a file");
    if let Some(old) = old {
        fs::copy(old, sim.join("slots/a.img")).expect("the running system");
    }
    let root = repository.join("metadata/1.root.json");
    fs::copy(root, sim.join("update-root.json")).expect("the first root");
    let board = format!("sim:{}", sim.display());
    let how: [&OsStr; 7] = [
        "update".as_ref(),
        "offer".as_ref(),
        source,
        "--data".as_ref(),
        world.data().as_ref(),
        "--board".as_ref(),
        board.as_ref(),
    ];
    let (cost, _) = run(world::school_box(), how);
    let made = fs::File::open(sim.join("slots/b.img")).expect("the new system");
    insist_on(new, made);
    cost
}

/// What the box made begins with the new system.
fn insist_on(new: &Path, made: fs::File) {
    let mut wanted = BufReader::new(fs::File::open(new).expect("the new system"));
    let mut made = BufReader::new(made);
    loop {
        let block = wanted.fill_buf().expect("the new system").to_vec();
        if block.is_empty() {
            return;
        }
        let mut found = vec![0; block.len()];
        made.read_exact(&mut found).expect("as much as that");
        assert!(found == block, "the box made something else");
        wanted.consume(block.len());
    }
}

/// The publisher knew the old system.
pub(crate) fn known(pair: &Pair) -> Option<Way> {
    let systems = [("1", pair.old.as_path()), ("2", pair.new.as_path())];
    let repository = repository(pair, "known", "bytes", &systems);
    eprintln!("measuring the box from a known base …");
    let (cost, bytes) = install(&repository, Some(&pair.old), &pair.new);
    Some(Way {
        who: "school-box update offer, a patch".to_owned(),
        asked: "7.2 / 48 MB",
        bytes,
        cost,
    })
}

/// The publisher knew the new system alone.
pub(crate) fn unknown(pair: &Pair) -> Option<Way> {
    let repository = repository(pair, "unknown", "bytes", &[("2", &pair.new)]);
    eprintln!("measuring the box from an unknown base …");
    let (cost, bytes) = install(&repository, Some(&pair.old), &pair.new);
    Some(Way {
        who: "school-box update offer, frames".to_owned(),
        asked: "29 / 24 MB",
        bytes,
        cost,
    })
}

/// No base at all.
pub(crate) fn full(pair: &Pair) -> Option<Way> {
    let repository = repository(pair, "full", "work", &[("2", &pair.full)]);
    eprintln!("measuring the box without a base …");
    let server = RangeServer::of(&repository);
    offer(server.url().as_ref(), &repository, None, &pair.full);
    let bytes = server.given();
    // The peers read a file.
    let cost = cheapest(|| offer(repository.as_os_str(), &repository, None, &pair.full));
    Some(Way {
        who: "school-box update offer".to_owned(),
        asked: "SWUpdate / 24 MB",
        bytes,
        cost,
    })
}
