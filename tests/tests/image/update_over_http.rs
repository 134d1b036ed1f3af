//! One real update over HTTP, as a box lives it: release 1 fetches release 2 from a slow server, loses its power while it fetches and again while it
//! writes the other slot, goes on by itself each time, tries the new system and keeps it; records and lessons are still there. Then release 3,
//! which never gets well: it is tried three times and left, and release 2 says why.
//!
//! Controls: a server that turns over bits, whose update is refused with the reason and activates nothing, and the same server once it is honest;
//! and the bytes that were fetched: the second time only what was missing, the third time none.

mod releases;

use crate::stored::Stored;
use ota::{BootChoice, Slot};
use releases::Releases;
use serde_json::Value;
use std::fs;
use std::time::Duration;
use system_tests::disk::{Cut, Keep, Position, Seed};
use system_tests::need;
use system_tests::vm::{BOOT, Bench, Card, Launch, Made, Vm};
use system_tests::world::{Manners, RangeServer};

/// As the virtual machine sees this one.
const HOST: &str = "10.0.2.2";
/// Slow enough to be cut in the middle, on a machine ten times as fast.
const SLOW: u64 = 256 * 1024;
/// Of what is fetched, before the first cut.
const FETCHED: u64 = 1 << 20;
const NO_TRIES: &str = "school-box: slot A has spent its tries, slot B boots in its place";
/// Places of a root that are looked at.
const SAMPLES: u64 = 32;
/// Left by release 3's last try, in the words of `rescue`.
const WHY: &str = "slot A was left: its supervisor failed on trial (exit-code)";

/// A box, its publisher, and the power line between.
struct Story<'a> {
    made: &'a Made,
    card: Card,
    bench: Bench,
    server: RangeServer,
    url: String,
    seed: Seed,
    cpu: Duration,
}

impl<'a> Story<'a> {
    fn of(made: &'a Made, releases: &Releases) -> Self {
        let server = RangeServer::of(&releases.with_two());
        let url = format!("http://{HOST}:{}/", server.port());
        let card = Card::fresh(made);
        card.put("boot-a", &releases.first_boot_area());
        card.put_in_data("root.json", &releases.root());
        let settings = format!(
            "[web]\nlisten = \"0.0.0.0:80\"\nhost = \"school.internal\"\n\n[update]\nsources = [\"{url}\"]\ntrust_root = \"/data/root.json\"\n"
        );
        card.put_in_data("config.toml", settings.as_bytes());
        Self {
            made,
            card,
            bench: Bench::new(),
            server,
            url,
            seed: Seed(5),
            cpu: Duration::ZERO,
        }
    }

    /// Switches the box on, lets it live, and cuts its power: of what was not flushed, some is lost and some is torn.
    fn live(&mut self, name: &str, life: impl FnOnce(&mut Vm<'_>, &Self)) {
        let mut vm = Launch::of(&self.card, name)
            .with_bench(&self.bench)
            .logged()
            .boot();
        life(&mut vm, self);
        self.cpu += vm.cpu_time();
        let recording = vm.pull_the_plug();
        let (late, seed) = (self.seed.below(5), Seed(self.seed.draw()));
        let at = Position(recording.end().0.saturating_sub(late));
        let keep = Keep::Torn(seed);
        self.card = Card::left_by(self.made, &recording, Cut { at, keep });
    }

    fn boot(&self, name: &str) -> Vm<'_> {
        Launch::of(&self.card, name).with_bench(&self.bench).boot()
    }
}

/// The state of updates, where the box answers.
fn update(vm: &Vm<'_>) -> Option<Value> {
    let status = vm.try_get("/api/v1/status").ok()?;
    (status.status == 200).then(|| status.json()["update"].clone())
}

/// Waits until `seen` finds what it looks for in the state of updates.
fn wait_until(vm: &mut Vm<'_>, what: &str, seen: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    vm.wait(what, BOOT, |vm| {
        let update = update(vm)?;
        if update != last {
            eprintln!("{what}: {} {}", update["state"], update["coming"]);
            last = update.clone();
        }
        seen(&update).then_some(update)
    })
}

fn is_staged(update: &Value) -> bool {
    let doing = &update["coming"]["doing"];
    doing == "restart" || update["state"] == "restart_needed"
}

#[test]
fn an_update_two_power_cuts_and_a_rollback() {
    let test = "image::update_over_http";
    let Some(made) = Made::found(test) else {
        return;
    };
    if need::program(test, "debugfs", "e2fsprogs").is_none() {
        return;
    }
    let Some(releases) = Releases::of(test, &made) else {
        return;
    };
    let mut story = Story::of(&made, &releases);
    let stored = cut_while_it_fetches(&mut story);
    let fetched = cut_while_it_writes(&mut story);

    let given = story.server.given();
    assert_eq!(given, fetched, "the power was off");
    let mut vm = story.boot("update-over-http-3");
    goes_on_without_a_network(&mut vm, &story);
    restart_into_the_trial(&mut vm);
    kept(&mut vm, &stored);

    story.server.serve(&releases.with_three());
    a_liar_activates_nothing(&mut vm, &story);
    tried_and_left(&mut vm, &story);
    kept_still(&vm, &stored);
    eprintln!("{:?} of CPU", story.cpu + vm.cpu_time());
}

/// The first cut: some of it is fetched.
fn cut_while_it_fetches(story: &mut Story<'_>) -> Stored {
    story.server.behave(Manners {
        bytes_per_second: SLOW,
        ..Manners::default()
    });
    let mut stored = None;
    story.live("update-over-http-1", |vm, story| {
        stored = Some(Stored::on(vm));
        vm.wait("a good part to be fetched", BOOT, |_| {
            (story.server.given() >= FETCHED).then_some(())
        });
        let told = wait_until(vm, "fetching", |update| {
            update["coming"]["doing"] == "fetching"
        });
        assert_eq!(
            (&told["version"], &told["coming"]["version"]),
            (&1.into(), &2.into()),
            "{told}"
        );
    });
    stored.unwrap()
}

/// The second: all of it is fetched, the other root is half written. What was given so far.
fn cut_while_it_writes(story: &mut Story<'_>) -> u64 {
    let before = story.server.given();
    story.server.behave(Manners::default());
    assert_eq!(written(&story.card), 0, "the other slot is empty");
    story.live("update-over-http-2", |vm, story| {
        vm.wait("the other root to be written", BOOT, |_| {
            (written(&story.card) >= SAMPLES / 4).then_some(())
        });
        assert!(written(&story.card) < SAMPLES, "it is whole already");
    });
    let again = story.server.given() - before;
    eprintln!("{before} bytes before the first cut, {again} after it");
    let (first, spare) = (Slot::A, false);
    let settled = BootChoice::Settled { first, spare };
    assert_eq!(story.card.choice().1, settled, "nothing but A can boot");
    story.server.given()
}

/// How many of [`SAMPLES`] places of the other root are not empty.
fn written(card: &Card) -> u64 {
    let root = fs::metadata(card.made().part("release-2/root.img")).unwrap();
    let step = root.len() / SAMPLES;
    let places = (0..SAMPLES).map(|number| number * step);
    let filled = places.filter(|at| {
        card.read("root-b", *at, 65_536)
            .iter()
            .any(|byte| *byte != 0)
    });
    filled.count() as u64
}

/// All that is needed is on the data disk.
fn goes_on_without_a_network(vm: &mut Vm<'_>, story: &Story<'_>) {
    let given = story.server.given();
    wait_until(vm, "on trial next", is_staged);
    let more = story.server.given() - given;
    assert!(more < 64 * 1024, "metadata at most, {more} bytes");
    let on = Slot::B;
    assert_eq!(
        story.card.choice().1,
        BootChoice::Trial { on, tries_left: 3 }
    );
}

fn restart_into_the_trial(vm: &mut Vm<'_>) {
    let mark = vm.serial().mark();
    vm.shell("systemctl --no-block reboot");
    vm.wait_for_serial(mark, "school-box: slot B boots on trial", BOOT);
    vm.wait_for_page();
    let told = wait_until(vm, "confirmed", |update| {
        update["slot"] == "b" && update["state"] == "idle"
    });
    assert_eq!(
        (&told["version"], &told["release"]),
        (&2.into(), &"test image, 1 later".into()),
        "{told}"
    );
    let verified = vm.shell("dmsetup status school-box-root");
    assert!(verified.trim().ends_with("verity V"), "{verified}");
    vm.shell("cat /dev/mapper/school-box-root >/dev/null");
}

fn kept(vm: &mut Vm<'_>, stored: &Stored) {
    let names = vm.shell("cat /etc/resolv.conf");
    assert!(
        names.contains("nameserver 10.0.2.3\n"),
        "as the lease says: {names}"
    );
    let floor = wait_until(vm, "the floor", |update| update["floor"] == 2);
    assert!(floor["coming"].is_null(), "{floor}");
    kept_still(vm, stored);
}

fn kept_still(vm: &Vm<'_>, stored: &Stored) {
    assert_eq!(stored.asked(vm, stored.id), 200, "what a learner did");
    let page = vm.try_get("/").unwrap().text();
    assert!(
        page.contains("//starter-pack.school.internal"),
        "the lessons: {page}"
    );
}

/// The control: bytes that nobody signed.
fn a_liar_activates_nothing(vm: &mut Vm<'_>, story: &Story<'_>) {
    let before = story.card.choice();
    story.server.behave(Manners {
        flip_every: 16 * 1024,
        ..Manners::default()
    });
    let said = vm.shell(&format!(
        "! school-box update offer {} --data /data 2>&1",
        story.url
    ));
    assert!(said.contains("not what was signed for"), "{said}");
    assert_eq!(story.card.choice(), before, "nothing is activated");
    let told = wait_until(vm, "the old state", |update| {
        update["slot"] == "b" && update["state"] == "idle"
    });
    assert!(!is_staged(&told), "{told}");
    story.server.behave(Manners::default());
}

/// The honest server, and a release that never gets well.
fn tried_and_left(vm: &mut Vm<'_>, story: &Story<'_>) {
    let mark = vm.serial().mark();
    vm.start(&format!(
        "school-box update offer {} --restart --data /data",
        story.url
    ));
    let left = vm.wait_for_serial(mark, NO_TRIES, BOOT * 2);
    vm.wait_for_page();
    let tried = vm
        .serial()
        .since(mark)
        .matches("school-box: slot A boots on trial")
        .count();
    assert_eq!(tried, 3, "each of its tries");
    let panics = vm
        .serial()
        .since(mark)
        .matches("Attempted to kill init")
        .count();
    assert!(panics >= 2, "the first two ended early: {panics}");
    vm.wait_for_serial(left, "school-box: slot B runs from", BOOT);
    let told = wait_until(vm, "why it was left", |update| {
        update["state"] == "fell_back"
    });
    assert_eq!(
        (&told["version"], &told["slots"]["a"]["is"]),
        (&2.into(), &"retired".into()),
        "{told}"
    );
    let status = vm.status();
    assert!(status["degraded"].to_string().contains(WHY), "{status}");
    let said = vm.shell("cat /data/updates/ledger.json");
    let ledger: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        (&ledger["attempts"]["count"], &ledger["floor"]),
        (&1.into(), &2.into()),
        "{ledger}"
    );
}
