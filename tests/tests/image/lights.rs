//! The twelve states of the light panel in the booted image, each by its real cause: the battery's volts, a disk filled to the last block, a file
//! that somebody wrote, a radio that halts, a hanging service, the self-test, an empty battery. One machine, one story.
//!
//! Control: between two troubles the panel says that all is well; a state of the table that the story leaves out fails it.

use ota::Slot;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;
use system_tests::vm::{BOOT, Bench, Card, Inside, Launch, Made, Vm};
use system_tests::world::{Sim, Ticking};

/// The thresholds far apart, so that no finer point of the gauge matters here.
const CONFIG: &str =
    "[power]\ndwell_s = 0\nfull_at_percent = 90\neco_at_percent = 22\nhysteresis_percent = 1\n";
const ROOM: u64 = 512 << 20;
const SILENT: &str = "[air]\nnight_off = '00:00-23:59'\n";

#[test]
fn every_state_by_its_cause() {
    let Some(made) = Made::found("image::lights") else {
        return;
    };
    // Filled to the last block in a minute, and large enough for a self-test.
    let bytes = fs::metadata(made.disk()).expect("the image").len() + ROOM;
    let (card, bench) = (Card::of_size(&made, bytes), Bench::new());
    card.put_in_data("config.toml", CONFIG.as_bytes());
    card.lay_over(Slot::A, &Inside::bench());
    let sim = bench.sim();
    charged(sim);
    sim.watchdog();
    let _clock = Ticking::start(sim);
    let mut vm = Launch::of(&card, "lights").with_bench(&bench).boot();
    vm.wait_for_page();
    let names = vm.shell("school-box panel list --json");
    let names: Vec<Value> = serde_json::from_str(&names).expect("the table");
    let mut story = Story {
        vm,
        sim,
        told: BTreeSet::new(),
    };

    story.the_battery();
    story.parts_that_fail();
    story.the_disk();
    story.what_somebody_wrote();
    story.tests();
    story.hangs();
    eprintln!("lights: {:?} of CPU", story.vm.cpu_time());
    story.runs_empty();

    let all: BTreeSet<String> = (names.iter())
        .map(|row| row["state"].as_str().expect("a state").to_owned())
        .collect();
    assert_eq!(story.told, all, "no state is left out");
}

/// A battery in the sun.
fn charged(sim: &Sim) {
    sim.battery(14.2, 0.2);
    sim.set("battery/temperature_c", "25.0");
}

struct Story<'a> {
    vm: Vm<'a>,
    sim: &'a Sim,
    /// States that were on the panel.
    told: BTreeSet<String>,
}

impl Story<'_> {
    /// Waits for a state, which the box tells of itself with the lights that its board shows.
    fn reaches(&mut self, state: &str) {
        let sim = self.sim;
        self.vm
            .wait(&format!("the panel to tell {state}"), BOOT, |vm| {
                let panel = vm.try_get("/api/v1/status").ok()?.json()["panel"].clone();
                let same = panel["lights"] == sim.panel().as_str();
                (panel["state"] == state && same).then_some(())
            });
        eprintln!("{state}: {}", sim.panel());
        self.told.insert(state.to_owned());
    }

    fn the_battery(&mut self) {
        self.reaches("well");
        self.sim.battery(13.0, -0.3);
        self.reaches("saving");
        charged(self.sim);
        self.reaches("well");
    }

    fn parts_that_fail(&mut self) {
        self.sim.silence_battery();
        self.reaches("sensor");
        charged(self.sim);
        self.reaches("well");
        self.sim.set("radio/fault", "hang");
        self.reaches("radio");
        self.sim.set("radio/fault", "");
        self.reaches("well");
    }

    fn the_disk(&mut self) {
        self.vm.shell("! cat /dev/zero >/data/filler");
        self.reaches("disk");
        self.vm.shell("rm /data/filler");
        self.reaches("well");
    }

    /// A configuration that says to be silent, one that cannot be understood, and the first again.
    fn what_somebody_wrote(&mut self) {
        for (config, state) in [
            (&*format!("{CONFIG}{SILENT}"), "resting"),
            ("[web]\nlisen = 1\n", "look"),
            (CONFIG, "well"),
        ] {
            self.vm.shell(&format!(
                "cat >/data/config.toml <<'END'\n{config}END\nsystemctl restart school-box"
            ));
            self.reaches(state);
        }
    }

    fn tests(&mut self) {
        let said = self.tested();
        assert_eq!(said["ready"], true, "{said:#}");
        self.reaches("test-passed");
        // Whoever presses has seen it.
        self.sim.press(Duration::from_millis(500));
        self.reaches("well");
        self.sim.silence_battery();
        self.reaches("sensor");
        let said = self.tested();
        assert_eq!(said["ready"], false, "{said:#}");
        self.reaches("test-failed");
        charged(self.sim);
        self.sim.press(Duration::from_millis(500));
        self.reaches("well");
    }

    fn tested(&mut self) -> Value {
        let said = self
            .vm
            .shell("school-box selftest --unattended --json --data /data 2>/dev/null || true");
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
    }

    /// While the pages hang, the board alone tells.
    fn hangs(&mut self) {
        let sim = self.sim;
        sim.fault("web", "hang");
        let _ = self.vm.try_get("/healthz");
        self.vm.wait("the help light to stay on", BOOT, |_| {
            (sim.light("help") == "on").then_some(())
        });
        eprintln!("stuck: {}", sim.panel());
        self.told.insert("stuck".to_owned());
        sim.no_fault();
        self.reaches("well");
    }

    /// The last minutes of the battery, and its end.
    fn runs_empty(&mut self) {
        let sim = self.sim;
        sim.battery(12.2, -0.2);
        self.reaches("low");
        sim.battery(9.6, -0.5);
        let ended = self.vm.wait_for_end(BOOT);
        assert!(ended.success(), "{ended}");
        assert_eq!(sim.panel(), "battery=off wifi=off lessons=off help=off");
        self.told.insert("asleep".to_owned());
    }
}
