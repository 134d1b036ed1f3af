//! Each power state's plan bites, with the real binary: what the board is told, how fast a film comes, how many are served.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::io::ErrorKind;
use std::time::{Duration, Instant};
use system_tests::world::http::{Answer, Connection, Request};
use system_tests::world::{RunningBox, World, big_folder, wait_until};

/// `Eco` is wide, so that no finer point of the gauge matters here.
const POLICY: &str =
    "[power]\ndwell_s = 0\nfull_at_percent = 90\neco_at_percent = 22\nhysteresis_percent = 1\n";
/// Bytes a second that a film may have in `Eco`: 1,500 kbit/s.
const ECO_RATE: f64 = 187_500.0;
const FILM: usize = 24 << 20;
/// More than the sockets of both sides hold.
const LARGE: usize = 12 << 20;
/// Volts and amperes of a pack with some 17 %: little, but well above the reserve.
const LOW: (f64, f64) = (12.65, -0.1);
/// Seats in `Minimal`.
const SEATS: usize = 32;

const FULL: [&str; 11] = [
    "state=full",
    "radio=on",
    "http_connections=256",
    "usb_charging=on",
    "projector=on",
    "panel_full=on",
    "radio_dbm=20",
    "video_kbit_s=8000",
    "cpu=on_demand",
    "sync=open",
    "display=on",
];
const ECO: [&str; 11] = [
    "state=eco",
    "radio=on",
    "http_connections=128",
    "usb_charging=off",
    "projector=off",
    "panel_full=on",
    "radio_dbm=14",
    "video_kbit_s=1500",
    "cpu=on_demand",
    "sync=records",
    "display=off",
];
const MINIMAL: [&str; 11] = [
    "state=minimal",
    "radio=on",
    "http_connections=32",
    "usb_charging=off",
    "projector=off",
    "panel_full=off",
    "radio_dbm=8",
    "video_kbit_s=0",
    "cpu=lowest",
    "sync=closed",
    "display=off",
];

/// A box with a film, a song and a large file that is no film.
fn school(world: &World) -> RunningBox {
    let folder = big_folder(world, "media", 1, FILM);
    std::fs::rename(folder.join("part0.bin"), folder.join("film.mp4")).unwrap();
    world.write("media/song.mp3", b"la la la");
    world.write("media/large.bin", vec![7; LARGE]);
    world.import(&folder);
    world.sim().battery(14.2, 0.2);
    let config = world.write("box.toml", POLICY);
    let running = world.launch().config(&config).start();
    becomes(world, &FULL);
    running
}

/// Waits until the board was told exactly this.
fn becomes(world: &World, plan: &[&str]) {
    wait_until(plan[0], || world.sim().power().contains(plan[0]));
    assert_eq!(world.sim().power().lines().collect::<Vec<_>>(), plan);
}

fn ask(running: &RunningBox, file: &str, headers: &[(&str, &str)]) -> Answer {
    let host = running.pack_host("media");
    let request = headers
        .iter()
        .fold(Request::get(file).host(&host), |request, (name, value)| {
            request.header(name, value)
        });
    running.send(&request)
}

/// An answer that is read bit by bit.
struct Stream(Connection);

impl Stream {
    fn begin(running: &RunningBox, file: &str, headers: &[(&str, &str)]) -> Self {
        let mut connection =
            Connection::patient(running.address(), Duration::from_secs(3)).unwrap();
        let host = running.pack_host("media");
        let request = headers
            .iter()
            .fold(Request::get(file).host(&host), |request, (name, value)| {
                request.header(name, value)
            });
        connection.start(&request).unwrap();
        Self(connection)
    }

    /// What has come; `None` after three seconds of silence.
    fn read(&mut self) -> Option<usize> {
        let mut buffer = vec![0; 64 * 1024];
        match self.0.read_some(&mut buffer) {
            Ok(0) => panic!("the answer was cut"),
            Ok(read) => Some(read),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                None
            }
            Err(error) => panic!("the answer was cut: {error}"),
        }
    }

    fn skip(&mut self, mut bytes: usize) {
        while bytes > 0 {
            bytes = bytes.saturating_sub(self.read().expect("more of the answer"));
        }
    }

    /// Bytes a second over the next `bytes`.
    fn rate(&mut self, bytes: usize) -> f64 {
        let (began, mut read) = (Instant::now(), 0);
        while read < bytes {
            read += self.read().expect("more of the answer");
        }
        read as f64 / began.elapsed().as_secs_f64()
    }

    /// Reads on until `done`: whoever did not would find the sockets full of what came meanwhile.
    fn read_until(&mut self, done: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !done() {
            assert!(Instant::now() < deadline, "it never came");
            self.read();
        }
    }
}

#[test]
fn a_film_slows_down_waits_and_comes_back_with_the_sun() {
    let world = World::new();
    let running = school(&world);
    let (mut film, mut part) = (
        Stream::begin(&running, "/film.mp4", &[]),
        Stream::begin(&running, "/film.mp4", &[("Range", "bytes=1000-")]),
    );
    // Behind the head start. The control: the same file, the same reader, another plan.
    film.skip(4_200_000);
    let full = film.rate(1_500_000);
    assert!(full > 2.0 * ECO_RATE, "{full} bytes/s in full service");
    part.skip(1_000);

    world.sim().battery(13.0, -0.3);
    film.read_until(|| world.sim().power().contains("state=eco"));
    becomes(&world, &ECO);
    film.skip(150_000);
    let eco = film.rate(900_000);
    assert!(
        (eco / ECO_RATE - 1.0).abs() < 0.25,
        "{eco} bytes/s while saving, in an answer that was under way"
    );
    let mut again = Stream::begin(&running, "/film.mp4", &[("Range", "bytes=5000000-")]);
    let began = Instant::now();
    again.skip(1_900_000);
    let head_start = 1_900_000.0 / began.elapsed().as_secs_f64();
    assert!(
        head_start > 2.0 * ECO_RATE,
        "playing starts at once: {head_start}"
    );
    again.skip(200_000);
    let ranged = again.rate(400_000);
    assert!(
        (ranged / ECO_RATE - 1.0).abs() < 0.35,
        "{ranged} bytes/s of a range"
    );

    let tag = ask(&running, "/film.mp4", &[("Range", "bytes=0-0")])
        .expect(206)
        .header("etag")
        .unwrap()
        .to_owned();
    world.sim().battery(LOW.0, LOW.1);
    film.read_until(|| world.sim().power().contains("state=minimal"));
    becomes(&world, &MINIMAL);
    for (language, words) in [("en", "The box is saving its light"), ("ar", "يوفّر نوره")]
    {
        let page = ask(&running, "/film.mp4", &[("Accept-Language", language)]).expect(503);
        assert_eq!(page.header("retry-after"), Some("600"));
        assert!(page.text().contains(words), "{}", page.text());
    }
    ask(&running, "/film.mp4", &[("If-None-Match", &tag)]).expect(304);
    ask(&running, "/song.mp3", &[]).expect(200);
    // What was under way waits, three seconds of silence long, and is not cut.
    while film.read().is_some() {}

    world.sim().battery(14.2, 0.2);
    becomes(&world, &FULL);
    film.skip(1_000_000);
    ask(&running, "/film.mp4", &[("Range", "bytes=0-99")]).expect(206);
    running.stop();
}

#[test]
fn as_many_are_served_as_the_plan_says_and_none_is_cut() {
    let world = World::new();
    let running = school(&world);
    let begin = || Stream::begin(&running, "/large.bin", &[]);
    let is_served = |stream: &mut Stream| {
        let mut head = [0; 12];
        let mut read = 0;
        while read < head.len() {
            read += stream.0.read_some(&mut head[read..]).unwrap();
        }
        head == *b"HTTP/1.1 200"
    };
    let mut crowd: Vec<Stream> = (0..SEATS + 8).map(|_| begin()).collect();
    assert!(crowd.iter_mut().all(is_served), "there is room for all");

    world.sim().battery(LOW.0, LOW.1);
    becomes(&world, &MINIMAL);
    assert!(!is_served(&mut begin()), "all seats are taken");
    // Eight were asked to leave when their answer is whole; it becomes whole.
    for stream in &mut crowd {
        stream.skip(LARGE);
    }
    drop(crowd);
    wait_until("seats for those who come next", || {
        let mut crowd: Vec<Stream> = (0..SEATS + 8).map(|_| begin()).collect();
        let seated = crowd
            .iter_mut()
            .filter_map(|one| is_served(one).then_some(()));
        let seated = seated.count();
        assert!(seated <= SEATS, "{seated}");
        seated >= SEATS - 4
    });

    world.sim().battery(14.2, 0.2);
    becomes(&world, &FULL);
    let mut crowd: Vec<Stream> = (0..SEATS + 8).map(|_| begin()).collect();
    assert!(
        crowd.iter_mut().all(is_served),
        "there is room for all again"
    );
    running.stop();
}
