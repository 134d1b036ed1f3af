//! What people mistype, and what a broken file or a full disk does: one line, the right exit code, nothing half
//! installed, and the box serves on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fs::{self, File};
use std::path::Path;
use system_tests::world::http::Request;
use system_tests::world::zim::{Compression, field};
use system_tests::world::{SmallDisk, World, Zim, big_folder, folder_pack, statement};
use uuid::Uuid;

fn refused_config(text: &str) -> String {
    let world = World::new();
    let config = world.write("box.toml", text);
    let outcome = world.launch().config(&config).expect_end();
    outcome.refused(2).to_owned()
}

#[test]
fn a_bad_configuration_names_key_file_line_and_what_is_allowed() {
    for (text, parts) in [
        (
            "[web]\nlissten = 'x'\n",
            &["lissten", "line 2", "listen"][..],
        ),
        ("[wep]\n", &["wep", "line 1", "web"]),
        (
            "[web]\nlisten = 'here'\n",
            &["web.listen", "line 2", "0.0.0.0:80"],
        ),
        (
            "[web]\nhost = 'Mon Ecole'\n",
            &["web.host", "line 2", "school.internal"],
        ),
        (
            "[power]\neco_at_percent = 80\n",
            &["eco_at_percent", "full_at_percent", "line"],
        ),
        ("[power]\nfull_at_percent = 'much'\n", &["line 2"]),
        (
            "[storage]\nrecords_reserve_mib = 100\nkeep_free_mib = 50\n",
            &["records_reserve_mib", "keep_free_mib", "line 3"],
        ),
        (
            "[site]\nutc_offset_min = 9000\n",
            &["utc_offset_min", "line 2", "-720 to 840"],
        ),
        ("not = = toml", &["line 1"]),
    ] {
        let line = refused_config(text);
        assert!(line.contains("box.toml"), "{line}");
        for part in parts {
            assert!(line.contains(part), "{part} in: {line}");
        }
    }
}

#[test]
fn a_configuration_that_is_not_there_or_no_text_is_refused() {
    let world = World::new();
    let missing = world.path("nowhere.toml");
    let outcome = world.launch().config(&missing).expect_end();
    assert!(outcome.refused(2).contains("nowhere.toml"));
    let noise = world.write("noise.toml", [0xff, 0xfe, 0x00, 0x80]);
    assert!(
        world
            .launch()
            .config(&noise)
            .expect_end()
            .refused(2)
            .contains("noise.toml")
    );
    assert_eq!(world.run(&["no-such-verb"]).code, Some(2));
    assert_eq!(world.run(&["import"]).code, Some(2));
}

#[test]
fn an_address_that_is_taken_is_one_line() {
    let world = World::new();
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let sim = format!("sim:{}", world.sim().dir().display());
    let outcome = world.run(&["run", "--listen", &address, "--board", &sim, "--no-radio"]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(
        outcome.stderr.lines().last().unwrap().contains(&address),
        "{outcome:?}"
    );
}

fn book() -> Zim {
    let text = "<p>Rain falls on the mountain and runs to the sea.</p>".repeat(40);
    (0..30).fold(Zim::new("Small book", "eng"), |zim, number| {
        zim.page(&format!("P{number}"), &format!("Page {number}"), &text)
    })
}

/// Every file of the library and of the folder for imports: what an import may leave behind.
fn installed(world: &World) -> (String, Vec<String>) {
    let list = world.run(&["library", "list", "--json"]).succeeded().stdout;
    let mut left: Vec<String> = Vec::new();
    collect(&world.data().join("incoming"), &mut left);
    (list, left)
}

fn collect(dir: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        found.push(entry.path().display().to_string());
        collect(&entry.path(), found);
    }
}

fn bad_zims(world: &World) -> Vec<(&'static str, std::path::PathBuf)> {
    let whole = book().bytes();
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x40;
    let end = u64::try_from(whole.len()).unwrap();
    let mut bad: Vec<(&'static str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("one-byte", vec![b'Z']),
        ("noise", vec![0xA5; 4096]),
        ("header-only", whole[..80].to_vec()),
        ("half", whole[..whole.len() / 2].to_vec()),
        ("last-byte-missing", whole[..whole.len() - 1].to_vec()),
        ("flipped-bit", flipped),
        (
            "too-many-entries",
            book().lying(field::ENTRY_COUNT, &u32::MAX.to_le_bytes()),
        ),
        (
            "too-many-clusters",
            book().lying(field::CLUSTER_COUNT, &u32::MAX.to_le_bytes()),
        ),
        (
            "entries-beyond-the-end",
            book().lying(field::URL_POINTERS, &(end + 8).to_le_bytes()),
        ),
        (
            "entries-at-the-end-of-time",
            book().lying(field::URL_POINTERS, &u64::MAX.to_le_bytes()),
        ),
        (
            "clusters-in-the-header",
            book().lying(field::CLUSTER_POINTERS, &0_u64.to_le_bytes()),
        ),
        (
            "types-beyond-the-end",
            book().lying(field::MIME_LIST, &end.to_le_bytes()),
        ),
        (
            "checksum-in-the-header",
            book().lying(field::CHECKSUM, &4_u64.to_le_bytes()),
        ),
        (
            "lying-compression",
            book().compression(Compression::LyingZstd).bytes(),
        ),
    ];
    bad.push((
        "text",
        b"This is a book, but it is no ZIM file.\n".repeat(100),
    ));
    bad.into_iter()
        .map(|(name, bytes)| (name, world.write(&format!("{name}.zim"), bytes)))
        .collect()
}

/// With and without a running box: each bad file is one line and exit 1, and leaves nothing.
#[test]
fn bad_zim_files_are_refused_and_leave_nothing() {
    let world = World::new();
    world.import(&world.write("good.zim", book().bytes()));
    let before = installed(&world);
    let bad = bad_zims(&world);
    for (name, path) in &bad {
        let outcome = world.run(&["import", &path.display().to_string()]);
        let line = outcome.refused(1);
        assert!(line.contains(&format!("{name}.zim")), "{name}: {line}");
        assert_eq!(installed(&world), before, "{name} left something");
    }
    let running = world.start();
    for (name, path) in &bad {
        let outcome = world.run(&["import", &path.display().to_string()]);
        assert!(
            outcome.refused(1).contains(&format!("{name}.zim")),
            "{outcome:?}"
        );
        running.get("/healthz").expect(200);
    }
    assert_eq!(installed(&world), before);
    running.stop();
}

/// A file that says it is a terabyte costs neither memory nor time nor disk.
#[test]
fn a_huge_sparse_file_is_refused() {
    let world = World::new();
    let path = world.write("huge.zim", &book().bytes()[..80]);
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(1 << 40)
        .unwrap();
    let outcome = world.run(&["import", &path.display().to_string()]);
    assert!(outcome.refused(1).contains("huge.zim"), "{outcome:?}");
    assert_eq!(installed(&world).1, [""; 0]);
}

#[test]
fn folders_and_paths_that_are_no_pack_are_refused() {
    let world = World::new();
    fs::create_dir(world.path("bare")).unwrap();
    world.write("no-index/page.html", "<p>no index</p>");
    world.write("notes.xyz", "something else");
    for name in ["bare", "no-index", "notes.xyz", "nowhere", "nowhere.zim"] {
        let outcome = world.run(&["import", &world.path(name).display().to_string()]);
        let line = outcome.refused(1);
        assert!(line.contains(name), "{line}");
    }
    // A good one beside a bad one: all are looked at before the first is copied.
    let good = folder_pack(&world, "good").display().to_string();
    let bad = world.path("bare").display().to_string();
    assert_eq!(world.run(&["import", &good, &bad]).code, Some(1));
    assert_eq!(installed(&world).0.trim(), "[]");
}

#[test]
fn a_folder_with_a_link_out_of_it_brings_nothing_from_outside() {
    let world = World::new();
    let secret = world.write("secret.txt", "the secret of the machine");
    let folder = folder_pack(&world, "linked");
    std::os::unix::fs::symlink(&secret, folder.join("secret.html")).unwrap();
    std::os::unix::fs::symlink("/etc", folder.join("etc")).unwrap();
    let outcome = world.run(&["import", &folder.display().to_string()]);
    let running = world.start();
    for path in ["/secret.html", "/etc/passwd", "/etc/hostname"] {
        assert_eq!(
            running.get_from("linked", path).status,
            404,
            "{path}; the import said {outcome:?}"
        );
    }
    running.stop();
}

#[test]
fn verbs_on_what_is_not_there_say_so() {
    let world = World::new();
    for (arguments, code) in [
        (&["library", "remove", "nothing"][..], 1),
        (&["library", "remove", "No Pack!"], 2),
    ] {
        world.run(arguments).refused(code);
    }
    let nowhere = world.write("a-file", "not a folder");
    let outcome = world.run_in(&nowhere, &["library", "list"]);
    assert!(outcome.refused(1).contains("a-file"), "{outcome:?}");
    world.run(&["records", "credential", ""]).refused(1);
}

/// A full disk: imports are refused with the bytes that are missing, statements are taken from the reserve.
#[test]
fn a_full_disk_refuses_imports_and_still_takes_statements() {
    let Some(disk) = SmallDisk::mount("a_full_disk", 160) else {
        return;
    };
    let world = World::on(&disk);
    let tool = world.tool("quiz");
    let running = world.start();
    // Larger than what is free, the reserve left aside.
    let big = big_folder(&world, "big", 4, 32 << 20);
    let outcome = world.run(&["import", &big.display().to_string()]);
    let line = outcome.refused(1);
    assert!(
        line.split_whitespace()
            .any(|word| word.parse::<u64>().is_ok_and(|bytes| bytes > 1_000_000)),
        "bytes: {line}"
    );
    assert_eq!(installed(&world).1, [""; 0], "nothing half-installed");

    let ballast = disk.fill();
    let outcome = world.run(&[
        "import",
        &folder_pack(&world, "small").display().to_string(),
    ]);
    outcome.refused(1);
    for number in 0..200 {
        let answer = running.send(&Request::xapi(
            "POST",
            "/xapi/statements",
            &tool,
            &statement(Uuid::new_v4()),
        ));
        assert_eq!(
            answer.status,
            200,
            "statement {number} on a full disk: {}",
            answer.text()
        );
    }
    running.get("/").expect(200);
    running.get("/healthz").expect(200);
    let told = running.wait_for_status("a degraded box", |status| {
        status["degraded"].to_string().contains("full")
    });
    assert_eq!(told["records"]["statements"], 200);
    world
        .sim()
        .wait_for_panel("help: the disk", |panel| panel.contains("help=blink2"));
    running.stop();
    let running = world.start();
    assert_eq!(
        running.status()["records"]["statements"],
        200,
        "none is lost after a restart on a full disk"
    );
    fs::remove_file(ballast).unwrap();
    world.import(&folder_pack(&world, "small"));
    world
        .sim()
        .wait_for_panel("no cry for help", |panel| panel.contains("help=off"));
    running.stop();
}
