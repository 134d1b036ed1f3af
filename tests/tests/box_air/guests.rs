//! When the radio is full, and when one device wants it all; phones are addresses of the loopback network.

use std::io::{ErrorKind, Read};
use std::net::{IpAddr, TcpStream};
use std::time::{Duration, Instant};
use system_tests::world::http::{Answer, Connection, Request};
use system_tests::world::{RunningBox, World, big_folder, wait_until};

/// Six seats on the air, two of them for the kit's tablets.
const CONFIG: &str = "[air]\nkit = ['02:00:5e:10:00:01', '02:00:5e:10:00:02']\n";

fn phone(number: u8) -> IpAddr {
    IpAddr::from([127, 0, 0, number])
}

/// Who is there: tablets are 1 and 2, guests 10 and more.
fn there(world: &World, who: &[u8]) {
    let lines: Vec<String> = who
        .iter()
        .map(|number| format!("02:00:5e:10:00:{number:02x} -50 0 127.0.0.{number}"))
        .collect();
    world.sim().set("radio/stations", &lines.join("\n"));
}

fn ask(running: &RunningBox, from: u8, host: Option<&str>, path: &str) -> Answer {
    let request = Request::get(path).header("Accept-Language", "en");
    let request = host.map_or_else(|| request.clone(), |host| request.clone().host(host));
    let mut connection = Connection::from(phone(from), running.address()).unwrap();
    connection.send(&request).unwrap()
}

fn waits(running: &RunningBox, from: u8) -> bool {
    ask(running, from, None, "/")
        .text()
        .contains("All places are taken")
}

#[test]
fn guests_beyond_the_seats_wait_and_tablets_always_come_in() {
    let world = World::new();
    world.sim().set("radio/facts", "wlan0 limit=7");
    there(&world, &[10, 11, 12, 13]);
    let config = world.write("box.toml", CONFIG);
    let running = world.launch().on_air().config(&config).start();
    running.wait_for_status("four guests", |status| status["radio"]["clients"] == 4);
    assert!(!waits(&running, 13), "the control: four have seats");

    there(&world, &[10, 11, 12, 13, 14]);
    running.wait_for_status("one waits", |status| status["radio"]["waiting"] == 1);
    let page = ask(&running, 14, None, "/");
    assert_eq!((page.status, page.header("refresh").is_some()), (200, true));
    assert!(page.text().contains("You are next"), "{}", page.text());
    assert!(!waits(&running, 10));
    // No way round: no probe is satisfied, though it was before for others, and no lesson is given.
    for from in [10, 14] {
        let probe = ask(
            &running,
            from,
            Some("connectivitycheck.gstatic.com"),
            "/generate_204",
        );
        assert_eq!(probe.status, if from == 14 { 302 } else { 204 }, "{from}");
    }
    let search = ask(&running, 14, None, "/search?q=water");
    assert_eq!(
        (search.status, search.header("retry-after")),
        (503, Some("30"))
    );
    // The air is closed to more guests: tablets and those who are there.
    wait_until("a closed air", || {
        world.sim().read("radio/air").contains("only=7")
    });

    // A tablet comes; the reserved seat is its own, and nobody waits in it any more.
    there(&world, &[10, 11, 12, 13, 14, 1]);
    running.wait_for_status("a tablet", |status| {
        status["radio"]["waiting"] == 0 && status["radio"]["clients"] == 5
    });
    assert!(!waits(&running, 1));
    wait_until("the one who waited is put off", || {
        world.sim().read("radio/air").contains("only=6")
    });
    // Guests leave, and the one who waited comes in.
    there(&world, &[10, 1, 14]);
    running.wait_for_status("room", |status| status["radio"]["clients"] == 2);
    wait_until("an open air", || {
        world.sim().read("radio/air").contains("only=all")
    });
    running.wait_for_status("room", |status| status["radio"]["clients"] == 3);
    assert!(!waits(&running, 14));
    running.stop();

    // The control: without reserved seats all six are seated alike.
    there(&world, &[10, 11, 12, 13, 14, 15]);
    let running = world.launch().on_air().start();
    running.wait_for_status("six guests", |status| status["radio"]["clients"] == 6);
    assert!(!waits(&running, 15) && world.sim().read("radio/air").contains("only=all"));
    assert_eq!(running.status()["radio"]["refused"], 0);
    there(&world, &[10, 11, 12, 13, 14, 15, 16]);
    running.wait_for_status("the seventh is refused", |status| {
        status["radio"]["refused"] == 1
    });
    running.stop();
}

const LARGE: usize = 256 << 20;
/// The air: so many bytes in each millisecond, shared evenly by the connections that have something to send, as TCP does.
const LINK_PER_MS: usize = 3_000;
/// What a radio and its queue hold of each connection.
const IN_FLIGHT: usize = 16 * 1024;

/// A connection of `from` on which a large file comes.
fn download(running: &RunningBox, from: u8) -> TcpStream {
    let mut connection = Connection::narrow(phone(from), running.address(), IN_FLIGHT).unwrap();
    let request = Request::get("/large.bin").host(&running.pack_host("media"));
    connection.start(&request).unwrap();
    let stream = connection.into_stream();
    stream.set_nonblocking(true).unwrap();
    stream
}

/// At most `most` bytes of what has come.
fn take(stream: &mut TcpStream, most: usize) -> usize {
    let mut room = vec![0; most];
    match stream.read(&mut room) {
        Ok(0) => panic!("the box hung up"),
        Ok(read) => read,
        Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
        Err(error) => panic!("{error}"),
    }
}

/// Bytes that `greedy` downloads of one address and one of another get over the one link within `time`.
fn shares(running: &RunningBox, greedy: (u8, usize), modest: u8, time: Duration) -> (usize, usize) {
    let mut streams: Vec<TcpStream> = (0..greedy.1).map(|_| download(running, greedy.0)).collect();
    streams.push(download(running, modest));
    let mut got = vec![0; streams.len()];
    let began = Instant::now();
    let (mut spent, mut next) = (0, 0);
    while began.elapsed() < time {
        let elapsed = usize::try_from(began.elapsed().as_millis()).unwrap();
        let mut budget = (elapsed * LINK_PER_MS)
            .saturating_sub(spent)
            .min(20 * LINK_PER_MS);
        // Those who have something share what there is, packet by packet, in turn.
        let mut idle = 0;
        while budget > 0 && idle < streams.len() {
            let read = take(&mut streams[next], budget.min(1_460));
            (got[next], budget, spent) = (got[next] + read, budget - read, spent + read);
            idle = if read == 0 { idle + 1 } else { 0 };
            next = (next + 1) % streams.len();
        }
        // An idle link saves nothing up.
        spent = spent.max(elapsed * LINK_PER_MS);
        std::thread::sleep(Duration::from_millis(1));
    }
    let all: usize = got.iter().sum();
    let modest = got[greedy.1];
    (all - modest, modest)
}

/// Twelve downloads of one phone against one of another. The box's own address takes no turns: it is the control.
#[test]
fn a_phone_with_twelve_downloads_has_no_more_than_one_with_one() {
    let world = World::new();
    let folder = big_folder(&world, "media", 1, 16);
    // A hole: it costs no disk, and is read as any other file.
    let file = std::fs::File::create(folder.join("large.bin")).unwrap();
    file.set_len(LARGE as u64).unwrap();
    drop(file);
    world.import(&folder);
    let running = world.launch().start();
    let time = Duration::from_secs(6);
    let told = |(greedy, modest): (usize, usize)| {
        eprintln!("{greedy} bytes in twelve downloads, {modest} in one");
        greedy as f64 / modest as f64
    };
    let fair = told(shares(&running, (20, 12), 21, time));
    let unfair = told(shares(&running, (1, 12), 21, time));
    eprintln!("{fair:.2} to 1 in turns, {unfair:.2} to 1 without");
    assert!(fair < 3.0, "in turns {fair:.2}");
    assert!(
        unfair > 2.0 * fair,
        "the control: {unfair:.2} against {fair:.2}"
    );
    running.stop();
}
