//! Boxes that start from cards of one profile.

use super::desk::Desk;
use std::fs;
use std::process::Command;
use system_tests::world::World;

/// What a box has drawn: its network's name and key, its number, the name of its records.
fn drawn(world: &World) -> [String; 4] {
    let identity = fs::read_to_string(world.data().join("air/identity")).unwrap();
    let value = |key: &str| {
        let line = identity.lines().find_map(|line| line.strip_prefix(key));
        line.unwrap().to_owned()
    };
    let number = fs::read_to_string(world.data().join("updates/box-id")).unwrap();
    let records = rusqlite::Connection::open(world.data().join("records/records.db")).unwrap();
    let store: [u8; 16] = records
        .query_row("SELECT value FROM meta WHERE key = 'store_id'", (), |row| {
            row.get(0)
        })
        .unwrap();
    let store = store.map(|byte| format!("{byte:02x}")).concat();
    [
        value("mark="),
        value("phrase="),
        number.trim().to_owned(),
        store,
    ]
}

#[test]
fn two_boxes_from_one_profile_serve_the_library_at_once_and_share_no_secret() {
    let Some(desk) = Desk::new("depot_card::boxes") else {
        return;
    };
    desk.written(&["--serial-from", "SB-0001", "a.img", "b.img"]);
    let cards = ["a.img", "b.img"].map(|card| {
        let world = World::new();
        desk.take_data(card, world.data());
        for own in ["air", "updates", "records", "power", "starter-wanted"] {
            assert!(!world.data().join(own).exists(), "{own} is on no card");
        }
        (card, world)
    });
    let mut all = Vec::new();
    for (place, (_, world)) in cards.iter().enumerate() {
        let running = world.launch().start();
        let page = running.get("/").expect(200).text();
        assert!(
            page.contains("Water and bread") && page.contains("The stars above"),
            "{page}"
        );
        let lesson = running.get_from("water", "/index.html").expect(200);
        assert!(lesson.text().contains("Water and bread"));
        let status = running.status();
        assert_eq!(status["serial"], format!("SB-000{}", place + 1));
        assert_eq!(status["utc_offset_min"], 480, "the profile's settings hold");
        assert_eq!(status["library"]["packs"], 2);
        running.stop();
        all.push(drawn(world));
    }
    let holds = |secret: &str| {
        let mut grep = Command::new("grep");
        grep.args(["-a", "-q", "-F", secret])
            .arg(desk.path("a.img"));
        grep.status().unwrap().success()
    };
    let [a, b] = &all[..] else {
        panic!("two boxes")
    };
    for (one, other) in a.iter().zip(b) {
        assert_ne!(one, other, "each draws its own");
        for secret in [one, other].into_iter().filter(|secret| secret.len() > 4) {
            assert!(!holds(secret), "{secret} is on the card");
        }
    }
    // Control: the same search finds what is there.
    assert!(holds("SB-0001"));
}
