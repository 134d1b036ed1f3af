//! Every verb works with a running box and without one, and says the same.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use serde_json::Value;
use system_tests::world::http::Request;
use system_tests::world::{World, Zim, folder_pack, statement};
use uuid::Uuid;

fn ids(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|pack| pack["id"].as_str().unwrap())
        .collect()
}

/// Import, list, verify, remove, on data that a box may or may not be serving.
fn tend_the_library(world: &World) {
    assert_eq!(
        ids(&world.run(&["library", "list", "--json"]).succeeded().json()),
        [""; 0]
    );
    let folder = folder_pack(world, "lessons");
    let zim = world.write(
        "book.zim",
        Zim::new("Small book", "eng")
            .page("Second", "Second", "<p>The second</p>")
            .bytes(),
    );
    world.import(&folder);
    world.import(&zim);
    let list = world.run(&["library", "list", "--json"]).succeeded().json();
    let both = ids(&list);
    assert_eq!(both.len(), 2, "{list}");
    assert!(both.contains(&"lessons"), "{list}");
    let book = *both.iter().find(|id| **id != "lessons").unwrap();
    assert!(
        world
            .run(&["library", "list"])
            .succeeded()
            .stdout
            .contains("Small book")
    );

    let report = world
        .run(&["library", "verify", "--json"])
        .succeeded()
        .json();
    assert_eq!(
        (&report["packs"], &report["faults"]),
        (&Value::from(2), &serde_json::json!([])),
        "{report}"
    );
    // The same again is no second pack.
    world.import(&folder);
    assert_eq!(
        world
            .run(&["library", "list", "--json"])
            .json()
            .as_array()
            .unwrap()
            .len(),
        2
    );

    world.run(&["library", "remove", book]).succeeded();
    assert_eq!(
        ids(&world.run(&["library", "list", "--json"]).json()),
        ["lessons"]
    );
    let refusal = world.run(&["library", "remove", book]);
    assert!(refusal.refused(1).contains(book), "{refusal:?}");
}

#[test]
fn the_library_is_tended_without_a_running_box() {
    tend_the_library(&World::new());
}

#[test]
fn the_library_is_tended_while_the_box_serves() {
    let world = World::new();
    let running = world.start();
    tend_the_library(&world);
    running.get_from("lessons", "/water.html").expect(200);
    assert_eq!(running.status()["library"]["packs"], 1);
    world.run(&["library", "remove", "lessons"]).succeeded();
    running.get_from("lessons", "/water.html").expect(404);
    running.stop();
}

#[test]
fn a_pack_of_a_zim_file_is_served() {
    let world = World::new();
    let book = Zim::new("Small book", "eng").page("Second", "Second", "<p>The second page</p>");
    world.import(&world.write("book.zim", book.bytes()));
    let list = world.run(&["library", "list", "--json"]).succeeded().json();
    let (id, home) = (
        list[0]["id"].as_str().unwrap(),
        list[0]["home"].as_str().unwrap(),
    );
    let running = world.start();
    let page = running.get_from(id, &format!("/{home}")).expect(200);
    assert!(page.text().contains("The main page"), "{}", page.text());
    let second = format!("/{}", home.replace("Main", "Second"));
    assert!(
        running
            .get_from(id, &second)
            .expect(200)
            .text()
            .contains("The second page")
    );
    running.stop();
}

#[test]
fn a_damaged_blob_is_found_by_verify() {
    let world = World::new();
    world.import(&folder_pack(&world, "lessons"));
    world.run(&["library", "verify"]).succeeded();
    let needle = b"let the kettle cool";
    let blob = files_under(&world.data().join("library"))
        .into_iter()
        .find(|path| {
            std::fs::read(path)
                .is_ok_and(|bytes| bytes.windows(needle.len()).any(|window| window == needle))
                && path
                    .extension()
                    .is_none_or(|extension| extension != "db" && extension != "db-wal")
        });
    let blob = blob.expect("the page's blob");
    let mut bytes = std::fs::read(&blob).unwrap();
    bytes[3] ^= 1;
    let mut permissions = std::fs::metadata(&blob).unwrap().permissions();
    #[allow(
        clippy::permissions_set_readonly_false,
        reason = "a file in a test's own folder"
    )]
    permissions.set_readonly(false);
    std::fs::set_permissions(&blob, permissions).unwrap();
    std::fs::write(&blob, bytes).unwrap();
    let outcome = world.run(&["library", "verify", "--json"]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert_eq!(
        outcome.json()["faults"].as_array().unwrap().len(),
        1,
        "{outcome:?}"
    );
}

fn files_under(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            files.extend(files_under(&entry.path()));
        } else {
            files.push(entry.path());
        }
    }
    files
}

#[test]
fn status_tells_the_running_box_and_says_when_there_is_none() {
    let world = World::new();
    let line = world.run(&["status"]);
    assert!(
        line.refused(1).contains("school-box run"),
        "what to do: {line:?}"
    );
    let running = world.start();
    running.wait_for_status("a first sample", |status| {
        !status["battery"]["voltage_v"].is_null()
    });
    let page = world.run(&["status"]).succeeded().stdout;
    assert!(
        page.lines().count() <= 24 && page.lines().all(|line| line.len() <= 80),
        "{page}"
    );
    assert!(page.contains("13.4"), "{page}");
    let (told, served) = (
        world.run(&["status", "--json"]).succeeded().json(),
        running.status(),
    );
    let keys = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(&told), keys(&served), "one state, two ways to it");
    running.stop();
}

#[test]
fn a_credential_is_made_with_and_without_a_running_box() {
    let world = World::new();
    let before = world.tool("quiz");
    let running = world.start();
    let during = world.tool("other-quiz");
    assert_ne!(before.password, during.password);
    for tool in [&before, &during] {
        running
            .send(&Request::xapi(
                "POST",
                "/xapi/statements",
                tool,
                &statement(Uuid::new_v4()),
            ))
            .expect(200);
    }
    let renewed = world.tool("quiz");
    running
        .send(&Request::xapi_get("/xapi/statements", &renewed))
        .expect(200);
    running
        .send(&Request::xapi_get("/xapi/statements", &before))
        .expect(401);
    running.stop();
}

#[test]
fn every_verb_has_help_with_an_example() {
    let world = World::new();
    for verb in [
        &["run"][..],
        &["import"],
        &["library", "list"],
        &["library", "verify"],
        &["library", "remove"],
        &["records", "credential"],
        &["status"],
        &["welcome"],
        &["update", "status"],
        &["update", "confirm"],
        &["update", "rollback"],
        &["boot-select"],
    ] {
        let mut arguments = verb.to_vec();
        arguments.push("--help");
        let help = world.run(&arguments).succeeded().stdout;
        assert!(
            help.contains(&format!("school-box {}", verb.join(" "))),
            "{verb:?}: {help}"
        );
        assert!(help.contains("Example:"), "{verb:?}: {help}");
    }
}

#[test]
fn a_second_box_on_the_same_data_is_refused() {
    let world = World::new();
    let running = world.start();
    let outcome = world.launch().expect_end();
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.contains("already runs"), "{outcome:?}");
    running.get("/healthz").expect(200);
    running.stop();
}
