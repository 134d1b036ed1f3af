//! What a teacher reads of an update, in a real browser at phone size: every step of one that is coming, in both directions of writing,
//! large, dark, without script, `axe-core`; the screenshots stay in `tests/output/screenshots`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use serde_json::{Value, json};
use std::io::{BufRead as _, Write as _};
use std::process::{Command, Stdio};
use system_tests::browser::{Browser, Findings, Visit};
use system_tests::world::{World, folder_pack};

fn insist_that_all_is_well(found: &[Findings]) {
    let faults: Vec<String> = found.iter().flat_map(Findings::faults).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A system on its way, at every step of it, as the page of the box's state tells it: the state of a running box, with words about an
/// update put in that a hostile publisher could have chosen.
#[test]
fn an_update_on_its_way() {
    let Some(browser) = Browser::find("portal in Chromium, updates") else {
        return;
    };
    let world = World::new();
    world.import(&folder_pack(&world, "lessons"));
    let running = world.start();
    let mut status = running.status();
    running.stop();
    let fetching = json!({
        "release": "2026.12", "version": 12, "doing": "fetching", "from": "https://updates.school.example",
        "done_bytes": 3_100_000, "of_bytes": 6_400_000, "bytes_per_s": 42_500, "reused_bytes": 298_000_000,
        "waits_for": null,
    });
    let with = |key: &str, value: Value| {
        let mut coming = fetching.clone();
        coming[key] = value;
        coming
    };
    let hostile = "\u{202e}<b>2026</b>".repeat(30);
    let steps = [
        ("fetching", fetching.clone(), ""),
        (
            "waiting",
            with("waits_for", json!("the sun: charge is below 40 %")),
            "",
        ),
        ("writing", with("doing", json!("writing")), ""),
        ("staged", with("doing", json!("staged")), ""),
        ("hostile", with("release", json!(hostile)), hostile.as_str()),
    ];
    let mut pages = Vec::new();
    for (name, coming, looked) in &steps {
        status["update"]["release"] = json!("2026.11");
        status["update"]["coming"] = coming.clone();
        status["update"]["last_look"] = json!(looked);
        for language in ["en", "ar"] {
            pages.push((
                format!("update-{name}-{language}"),
                language,
                rendered(&status, language),
            ));
        }
    }
    let served = Served::new(pages.iter().map(|(_, _, page)| page.clone()).collect());
    let look = |suffix: &str, change: &dyn Fn(Visit) -> Visit| {
        let visits: Vec<Visit> = pages
            .iter()
            .enumerate()
            .map(|(place, (name, language, _))| {
                let visit = Visit::phone(&format!("{name}{suffix}"), served.url(place));
                change(visit.language(language))
            })
            .collect();
        browser.visit(&visits)
    };
    let usual = look("", &|visit| visit);
    assert!(
        usual[0].text().contains("3.1 of 6.4 MB"),
        "{}",
        usual[0].text()
    );
    assert!(
        usual[1].text().contains("٣.١ من ٦.٤"),
        "{}",
        usual[1].text()
    );
    assert!(!usual[8].text().contains('\u{202e}'), "{}", usual[8].text());
    insist_that_all_is_well(&usual);
    insist_that_all_is_well(&look("-320-200", &|visit| {
        visit.width(320).text_percent(200)
    }));
    insist_that_all_is_well(&look("-dark", &Visit::dark));
    let scriptless = look("-no-script", &Visit::without_script);
    assert_eq!(scriptless[0].text(), usual[0].text());
    insist_that_all_is_well(&scriptless);
}

/// The page of the box's state for any state, by the example program of the firmware.
fn rendered(status: &Value, language: &str) -> String {
    let mut program = Command::new(system_tests::world::example("firmware", "status_page"))
        .arg(language)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    program
        .stdin
        .take()
        .unwrap()
        .write_all(status.to_string().as_bytes())
        .unwrap();
    let output = program.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// Pages by number, over HTTP: a browser measures what came from a file otherwise.
struct Served(std::net::SocketAddr);

impl Served {
    fn new(pages: Vec<String>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                // A browser that went away needs no page.
                let _ = answer(connection, &pages);
            }
        });
        Self(address)
    }

    fn url(&self, place: usize) -> String {
        format!("http://{}/{place}", self.0)
    }
}

fn answer(mut connection: std::net::TcpStream, pages: &[String]) -> std::io::Result<()> {
    let mut lines = std::io::BufReader::new(connection.try_clone()?).lines();
    let asked = lines.next().transpose()?.unwrap_or_default();
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let place = asked
        .split(['/', ' '])
        .nth(2)
        .and_then(|place| place.parse().ok());
    let page = place.and_then(|place: usize| pages.get(place));
    // The picture of the tab is not looked at.
    let (status, page) = page.map_or(("204 No Content", ""), |page| ("200 OK", page.as_str()));
    let length = page.len();
    write!(
        connection,
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{page}"
    )
}
