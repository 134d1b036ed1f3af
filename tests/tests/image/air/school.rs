//! The real `school-box` with the class before it.

use super::class::Class;
use std::collections::BTreeMap;
use system_tests::vm::Guest;
use system_tests::world::school_box;

/// Of a lesson, so that a device has something to carry over the air.
const PART_BYTES: usize = 300_000;
/// Where the lesson's part is, as a device reaches it.
pub(crate) const PART: &str = "http://lessons.$HOST/part.bin";

/// A box in the guest.
pub(crate) struct School {
    pub(crate) class: Class,
}

/// What the box's process holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) descriptors: u32,
    pub(crate) threads: u32,
    pub(crate) children: u32,
    /// Its own memory, KiB.
    pub(crate) anonymous_kib: u32,
}

/// With the supervisor, `[air]` of its configuration, and a lesson to import.
pub(crate) fn supplied(guest: Guest, air: &str) -> Guest {
    let page = "<!doctype html><title>Lessons</title><p>Water.</p><a href=\"part.bin\">more</a>";
    let part: Vec<u8> = (0..PART_BYTES).map(|at| (at * 31 % 251) as u8).collect();
    guest
        .program(school_box())
        .file("etc/lessons/index.html", page.as_bytes())
        .file("etc/lessons/part.bin", &part)
        .file("etc/school-box/config.toml", config(air).as_bytes())
}

fn config(air: &str) -> String {
    format!(
        "[web]\nlisten = \"0.0.0.0:80\"\nhost = \"school.internal\"\n[air]\nnetwork = \"School\"\n{air}\n"
    )
}

impl School {
    /// The box started, with its lesson, on the air; the devices know its network.
    pub(crate) fn opened(guest: Guest, name: &str, devices: u8) -> Self {
        let mut school = Self {
            class: Class::boot(guest, name, devices),
        };
        school.start();
        let _ = school
            .class
            .run("school-box import /etc/lessons --data /data >/run/import.log 2>&1 || { cat /run/import.log; exit 1; }")
            .well();
        let mhz = school
            .number("iw dev wlan0 info | sed -n 's/.*channel [0-9]* (\\([0-9]*\\) MHz.*/\\1/p'");
        let _ = school.class.run(&format!("know_box {mhz}")).well();
        school
    }

    /// Starts the supervisor as our image does, and waits until it is on the air.
    pub(crate) fn start(&mut self) {
        let script = "start_box && until_within 60 on_air || { cat /run/box.log; status; exit 1; }";
        let _ = self.class.run(script).well();
    }

    /// Lets the supervisor end, and starts it with another `[air]`.
    pub(crate) fn restart_with(&mut self, air: &str) {
        let script = format!(
            "stop_box\ncat >/etc/school-box/config.toml <<'END'\n{}END",
            config(air)
        );
        let _ = self.class.run(&script).well();
        self.start();
    }

    /// `radio` of the status as programs read it.
    pub(crate) fn radio(&mut self) -> serde_json::Value {
        let said = self.class.run("status").well();
        let status: serde_json::Value = serde_json::from_str(&said).expect("the status");
        status["radio"].clone()
    }

    /// The box's log, for a failure.
    pub(crate) fn log(&mut self) -> String {
        self.class.run("tail -n 60 /run/box.log").text
    }

    pub(crate) fn held(&mut self) -> Held {
        let said = self.class.run("held").well();
        let rows: BTreeMap<&str, u32> = said
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(name, number)| (name, number.parse().expect("a number")))
            .collect();
        Held {
            descriptors: rows["descriptors"],
            threads: rows["threads"],
            children: rows["children"],
            anonymous_kib: rows["anonymous_kib"],
        }
    }

    fn number(&mut self, script: &str) -> u32 {
        let said = self.class.run(script).well();
        let number = said.trim().parse();
        number.unwrap_or_else(|_| panic!("no number: {said}"))
    }
}
