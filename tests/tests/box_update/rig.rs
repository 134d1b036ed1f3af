//! A school whose box runs version 12, and a publisher who has 13.

use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use system_tests::world::{Outcome, RunningBox, World, Zim, depot, school_box, wait_for};

/// As short as a box takes them.
pub(crate) const CONFIG: &str = "[update]\ntrial_hold_s = 20\ntrial_within_s = 60\n";
pub(crate) const LATER: Duration = Duration::from_secs(120);
pub(crate) const BOARD: &str = "school-box-sim";
const MIB: usize = 1 << 20;

/// Bytes without a pattern, the same for the same seed.
pub(crate) fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.flatten().take(bytes).collect()
}

/// A system of 4 MiB: a quarter of it is new in each version.
pub(crate) fn image(version: u64) -> Vec<u8> {
    let mut image = noise(1, 4 * MIB);
    let new = noise(1000 + version, MIB);
    image[MIB..2 * MIB].copy_from_slice(&new);
    image
}

/// Letters and digits without a pattern.
fn words(seed: u64, bytes: usize) -> String {
    let mut text = String::new();
    for byte in noise(seed, bytes / 2) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A book of 48 pages, 3 MB, of which a sixteenth is new in each version; its title names it.
pub(crate) fn book(title: &str, version: u64) -> Vec<u8> {
    let seed = title.bytes().map(u64::from).sum::<u64>() * 100;
    let zim = (0..48).fold(Zim::new(title, "eng"), |zim, number| {
        let edition = if number % 16 == 7 { version } else { 0 };
        let text = words(seed + number + 1000 * edition, 64_000);
        let name = format!("page{number}");
        zim.page(
            &name,
            &name,
            &format!("<p>Edition {edition}.</p><p>{text}</p>"),
        )
    });
    zim.bytes()
}

/// The publisher's desk.
pub(crate) struct Publisher {
    dir: tempfile::TempDir,
}

impl Publisher {
    pub(crate) fn new() -> Self {
        let publisher = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        publisher.run(&["keygen", "root.key"]);
        publisher.run(&["keygen", "online.key"]);
        publisher.run(&[
            "init",
            "repo",
            "--root-key",
            "root.key",
            "--key",
            "targets=online.key",
            "--key",
            "snapshot=online.key",
            "--key",
            "timestamp=online.key",
        ]);
        publisher
    }

    fn run(&self, arguments: &[&str]) {
        let mut command = Command::new(depot());
        command
            .arg("repo")
            .args(arguments)
            .current_dir(self.dir.path());
        Outcome::of(command).succeeded();
    }

    /// The parent of `metadata` and `targets`.
    pub(crate) fn repository(&self) -> PathBuf {
        self.dir.path().join("repo")
    }

    /// Whom a box is to believe at first.
    pub(crate) fn root(&self) -> PathBuf {
        self.repository().join("metadata/1.root.json")
    }

    pub(crate) fn add(&self, version: u64, board: &str, more: &[&str]) {
        let file = self.dir.path().join("root.img");
        fs::write(&file, image(version)).unwrap();
        let (number, name) = (version.to_string(), format!("2026.{version}"));
        let plain = [
            "add",
            "repo",
            "--root",
            "root.img",
            "--board",
            board,
            "--version",
            &number,
            "--name",
            &name,
        ];
        self.run(&[&plain, more].concat());
    }

    /// Offers a pack, `NAME.zim`.
    pub(crate) fn add_pack(&self, id: &str, version: u64, bytes: &[u8], more: &[&str]) {
        fs::write(self.dir.path().join("pack.zim"), bytes).unwrap();
        let number = version.to_string();
        let plain = [
            "add",
            "repo",
            "--pack",
            "pack.zim",
            "--id",
            id,
            "--version",
            &number,
        ];
        self.run(&[&plain, more].concat());
    }

    /// A copy of what is published now.
    pub(crate) fn copy_to(&self, to: &Path) {
        copy(&self.repository(), to);
    }
}

/// A folder and all below it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// A box that runs version 12 from slot A and believes this publisher.
pub(crate) fn school(publisher: &Publisher) -> World {
    settle(World::new(), publisher)
}

pub(crate) fn settle(world: World, publisher: &Publisher) -> World {
    let slots = world.sim().dir().join("slots");
    fs::create_dir_all(&slots).unwrap();
    fs::write(slots.join("a.img"), image(12)).unwrap();
    world.sim().set("slots/booted", "A");
    world
        .sim()
        .set("slots/a.release", "version=12\nname=2026.12");
    world.sim().set("boot.env", "gen=1\norder=A\ntries=");
    fs::copy(publisher.root(), world.sim().dir().join("update-root.json")).unwrap();
    world
}

pub(crate) fn start(world: &World) -> RunningBox {
    start_with(world, "")
}

/// With more lines in the table `[update]`, and other tables after it.
pub(crate) fn start_with(world: &World, more: &str) -> RunningBox {
    world
        .launch()
        .config(&world.write("box.toml", format!("{CONFIG}{more}")))
        .start()
}

fn board(world: &World) -> String {
    format!("sim:{}", world.sim().dir().display())
}

/// `school-box update offer`, to its end.
pub(crate) fn offer(world: &World, source: &str, more: &[&str]) -> Outcome {
    let board = board(world);
    let plain = ["update", "offer", source, "--board", &board];
    world.run(&[&plain, more].concat())
}

/// The same, and it goes on while the test does.
pub(crate) fn offering(world: &World, source: &str) -> Child {
    // Whoever runs the tests in the background of a shell has Ctrl-C ignored, and so have their children.
    Command::new("env")
        .arg("--default-signal=INT")
        .arg(school_box())
        .args([
            "update",
            "offer",
            source,
            "--board",
            &board(world),
            "--data",
        ])
        .arg(world.data())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

pub(crate) fn update_status(world: &World) -> Value {
    world
        .run(&["update", "status", "--json", "--board", &board(world)])
        .succeeded()
        .json()
}

/// What a restart of the machine does: the loader picks a slot and tells the kernel.
pub(crate) fn reboot(world: &World) -> String {
    let mut command = Command::new(school_box());
    command
        .arg("boot-select")
        .arg("--env")
        .arg(world.sim().dir().join("boot.env"));
    let slot = Outcome::of(command).succeeded().stdout.trim().to_owned();
    world.sim().set("slots/booted", &slot);
    slot
}

/// The first bytes of slot B's root are version 13.
pub(crate) fn has_thirteen(world: &World) -> bool {
    let b = fs::read(world.sim().dir().join("slots/b.img")).unwrap_or_default();
    b.starts_with(&image(13))
}

/// Slot A is as it was, and whatever the choice says, a good slot boots.
pub(crate) fn insist_that_it_boots(world: &World) {
    assert_eq!(
        fs::read(world.sim().dir().join("slots/a.img")).unwrap(),
        image(12)
    );
    let env = world.sim().read("boot.env");
    let order = env
        .lines()
        .find_map(|line| line.strip_prefix("order="))
        .unwrap_or_default();
    match order {
        "A" => {}
        "B A" => assert!(has_thirteen(world), "B is tried before it is whole: {env}"),
        other => panic!("an order of `{other}`"),
    }
}

/// What is coming, until `condition` holds of it.
pub(crate) fn wait_for_coming(
    running: &RunningBox,
    what: &str,
    condition: impl Fn(&Value) -> bool,
) -> Value {
    wait_for(what, LATER, || {
        let coming = running.status()["update"]["coming"].clone();
        condition(&coming).then_some(coming)
    })
}

pub(crate) fn is_doing(coming: &Value, doing: &str) -> bool {
    coming["doing"] == doing
}
