//! The days.

use super::judge::{Lived, Row};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use system_tests::world::http::Request;
use system_tests::world::{RunningBox, SmallDisk, Tool, World, folder_pack, proc, statement};
use uuid::Uuid;

/// Seconds of a day.
const DAY_S: u64 = 86_400;
/// 2026-09-01, when the school year begins.
const FIRST_DAY_S: u64 = 1_788_220_800;
/// Data disk, MiB: so small that it can be filled.
const DISK_MIB: u64 = 192;
/// What a class asks for on a day.
const PAGES: usize = 30;
const STATEMENTS: usize = 8;

/// What life it is to be.
pub(crate) struct Wish {
    pub(crate) days: u32,
    /// How long a day takes.
    pub(crate) day: Duration,
    /// What a service has to suffer all the time.
    pub(crate) fault: Option<(&'static str, &'static str)>,
}

/// A box, day by day.
pub(crate) struct Life {
    world: World,
    disk: SmallDisk,
    running: Option<RunningBox>,
    tool: Tool,
    row: Row,
    lived: Lived,
    /// Written in the life of the process that runs, when the row began.
    written_before: u64,
}

/// What happens on a day beside lessons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    None,
    /// A morning of brown-outs.
    BrownOuts,
    /// The clock comes up with another time.
    Clock(u64),
    RadioHalts,
    RadioHeals,
    FullDisk,
    Stick,
    SilentSensor,
}

impl Trouble {
    /// Four weeks of troubles, then again.
    fn of(day: u32) -> Self {
        match day % 28 {
            3 | 16 | 17 => Self::BrownOuts,
            5 => Self::Clock(0),
            6 | 13 | 26 => Self::Clock(1),
            12 => Self::Clock(4_102_444_000),
            8 => Self::FullDisk,
            9 | 20 => Self::Stick,
            10 => Self::SilentSensor,
            21 => Self::RadioHalts,
            24 => Self::RadioHeals,
            _ => Self::None,
        }
    }
}

impl Life {
    /// `None`: this machine lacks what it needs, and that was said.
    pub(crate) fn live(wish: &Wish, test: &str) -> Option<Lived> {
        let disk = SmallDisk::ext4(test, DISK_MIB)?;
        let world = World::on(&disk);
        let speed = u128::from(DAY_S) * 1000 / wish.day.as_millis().max(1);
        world.sim().set("speed", &speed.to_string());
        world.import(&folder_pack(&world, "lessons"));
        let tool = world.tool("soak");
        let mut life = Self {
            world,
            disk,
            running: None,
            tool,
            row: Row::default(),
            lived: Lived::default(),
            written_before: 0,
        };
        life.begin(0, None);
        if let Some((service, fault)) = wish.fault {
            life.world.sim().fault(service, fault);
        }
        // A row a week; of a short life some more.
        let row_days = (wish.days / 6).clamp(1, 7);
        for day in 0..wish.days {
            let trouble = if wish.fault.is_some() {
                Trouble::None
            } else {
                Trouble::of(day)
            };
            life.day(day, trouble, wish.day);
            if (day + 1) % row_days == 0 {
                life.close_row(day + 1, row_days);
            }
        }
        Some(life.end(wish.days))
    }

    /// Starts the box with what its clock says on `day`.
    fn begin(&mut self, day: u32, clock: Option<u64>) {
        let right = FIRST_DAY_S + u64::from(day) * DAY_S + 7 * 3600;
        self.world
            .sim()
            .set("rtc", &clock.unwrap_or(right).to_string());
        self.running = Some(self.world.launch().on_air().start());
        self.row.starts += 1;
        self.written_before = 0;
    }

    fn running(&self) -> &RunningBox {
        self.running.as_ref().unwrap()
    }

    /// What the process wrote since the row began goes to the row, before it ends.
    fn settle_written(&mut self) {
        let written = proc::written_bytes(self.running().pid());
        self.row.written += written.saturating_sub(self.written_before);
        self.written_before = written;
    }

    fn kill(&mut self) {
        self.settle_written();
        self.running.take().unwrap().kill();
    }

    fn day(&mut self, day: u32, trouble: Trouble, takes: Duration) {
        let began = Instant::now();
        let sim = self.world.sim();
        sim.battery(13.4, 2.0);
        sim.set("charger/power_w", "35");
        let mut ballast = None;
        match trouble {
            Trouble::None => {}
            Trouble::BrownOuts => {
                for _ in 0..3 {
                    self.kill();
                    self.begin(day, None);
                    self.lesson(2, 1);
                }
            }
            Trouble::Clock(seconds) => {
                self.settle_written();
                self.running.take().unwrap().stop();
                self.begin(day, Some(seconds).filter(|seconds| *seconds != 1));
            }
            Trouble::RadioHalts => sim.set("radio/fault", "halted restart_daemon"),
            Trouble::RadioHeals => drop(fs::remove_file(sim.dir().join("radio/fault"))),
            Trouble::FullDisk => ballast = Some(self.disk.fill()),
            Trouble::Stick => stick(sim.dir(), true),
            Trouble::SilentSensor => sim.silence_battery(),
        }
        self.lesson(PAGES, STATEMENTS);
        self.wait(began, takes / 2);
        // Afternoon and night.
        if let Some(ballast) = ballast {
            fs::remove_file(ballast).unwrap();
        }
        stick(self.world.sim().dir(), false);
        let sim = self.world.sim();
        sim.battery(13.2, -0.6);
        sim.set("battery/temperature_c", "25");
        sim.set("charger/power_w", "0");
        self.wait(began, takes);
    }

    /// What is over of the day is waited for; the box must live on.
    fn wait(&mut self, began: Instant, takes: Duration) {
        while began.elapsed() < takes {
            std::thread::sleep(Duration::from_millis(20));
        }
        let ended = self.running.as_mut().unwrap().ended();
        assert!(
            ended.is_none(),
            "the box ended by itself: {ended:?}\n{}",
            self.running().log()
        );
    }

    /// A class at work. What a box that saves, or whose disk is full, refuses, is refused.
    fn lesson(&mut self, pages: usize, statements: usize) {
        const ASKED: [&str; 6] = [
            "/",
            "/search?q=water",
            "/status",
            "/api/v1/status",
            "/sun",
            "/healthz",
        ];
        for number in 0..pages {
            let answer = match number % 7 {
                6 => self
                    .running()
                    .try_send(&Request::get("/water.html").host("lessons.localhost")),
                other => self.running().try_send(&Request::get(ASKED[other])),
            };
            self.row.answered += u64::from(answer.is_ok_and(|answer| answer.status == 200));
        }
        for _ in 0..statements {
            let learned = statement(Uuid::new_v4());
            let request = Request::xapi("POST", "/xapi/statements", &self.tool, &learned);
            let stored = self.running().try_send(&request);
            let stored = u64::from(stored.is_ok_and(|answer| answer.status == 200));
            self.row.statements += stored;
            self.lived.acknowledged += stored;
        }
    }

    fn close_row(&mut self, day: u32, days: u32) {
        self.settle_written();
        let pid = self.running().pid();
        self.row = Row {
            day,
            days,
            memory: proc::anonymous_bytes(pid),
            descriptors: proc::open_files(pid),
            threads: proc::threads(pid),
            disk: bytes_in(self.world.data()),
            ..self.row
        };
        let row = std::mem::take(&mut self.row);
        eprintln!(
            "lived until day {day}: {} MiB, {} descriptors",
            row.memory >> 20,
            row.descriptors
        );
        self.lived.rows.push(row);
    }

    fn end(mut self, days: u32) -> Lived {
        if days > 0 {
            let count = self.running().status()["records"]["statements"].as_u64();
            self.lived.kept = count.unwrap_or(0);
        }
        self.world.sim().no_fault();
        self.running.take().unwrap().stop();
        let kept = fs::read(self.world.data().join("nightly.json")).unwrap_or_default();
        let kept: serde_json::Value = serde_json::from_slice(&kept).unwrap_or_default();
        self.lived.looks = kept["looks"].as_u64().unwrap_or(0);
        self.lived
    }
}

/// A strange stick is plugged in, or out.
fn stick(sim: &Path, plugged: bool) {
    let folder: PathBuf = sim.join("usb/strange");
    if plugged {
        fs::create_dir_all(folder.join("metadata")).unwrap();
        fs::write(
            folder.join("metadata/timestamp.json"),
            "{\"no\": \"repository\"}",
        )
        .unwrap();
    } else {
        let _ = fs::remove_dir_all(sim.join("usb"));
    }
}

fn bytes_in(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => bytes_in(&entry.path()),
            _ => entry.metadata().map_or(0, |found| found.len()),
        })
        .sum()
}
