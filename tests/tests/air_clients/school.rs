//! A box that serves its network on a cable, and the devices at the same switch.

use serde_json::Value;
use std::process::{Child, Stdio};
use std::time::Duration;
use system_tests::lan::{Machine, Switch};
use system_tests::need::{Met, program};
use system_tests::world::{World, folder_pack, school_box, wait_for};

const FIREWALL: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../yocto-layer/recipes-core/school-box/files/nftables.conf"
);
/// A start of the box on a loaded machine, and what it waits for.
const START: Duration = Duration::from_secs(60);

pub(crate) struct School {
    switch: Switch,
    machine: Machine,
    world: World,
    running: Option<Child>,
}

impl School {
    /// A box in a machine of its own, below the image's firewall, serving; `None` means that the caller has to return: the test counts as skipped.
    pub(crate) fn opened(test: &str) -> Met<Self> {
        let switch = Switch::found(test)?;
        program(test, "dnsmasq", "dnsmasq-base")?;
        program(test, "nft", "nftables")?;
        program(test, "curl", "curl")?;
        let machine = switch.machine();
        let world = World::new();
        world.import(&folder_pack(&world, "lessons"));
        let config =
            "[web]\nlisten = \"[::]:80\"\nhost = \"school.internal\"\n[air]\ncables = [\"eth0\"]\n";
        world.write("data/config.toml", config);
        // A machine that started our image, slot A.
        let said = machine.shell(&format!(
            "mkdir -p /run/school-box-boot /run/school-box; echo A >/run/school-box-boot/slot; nft -f {FIREWALL}"
        ));
        assert_eq!(said.code, 0, "{said}");
        let mut school = Self {
            switch,
            machine,
            world,
            running: None,
        };
        school.start();
        Some(school)
    }

    fn start(&mut self) {
        let log = std::fs::File::create(self.world.path("box.log")).unwrap();
        let mut command = self.machine.command(school_box());
        command
            .args(["run", "--data"])
            .arg(self.world.data())
            .stdout(log.try_clone().unwrap())
            .stderr(Stdio::from(log));
        self.running = Some(command.spawn().unwrap());
        let box_ = &self.machine;
        wait_for("the box and its names", START, || {
            let said = box_.shell("curl -sf --max-time 5 http://127.0.0.1/healthz && dig +short +time=1 +tries=1 @10.48.0.1 school.internal");
            said.text.contains("10.48.0.1").then_some(())
        });
    }

    /// Ends it as systemd does, and starts it again.
    pub(crate) fn restart(&mut self) {
        self.machine.shell("pkill -TERM school-box");
        let mut running = self.running.take().unwrap();
        running.wait().unwrap();
        self.start();
    }

    /// A device at the switch, without an address.
    pub(crate) fn device(&self) -> Machine {
        self.switch.machine()
    }

    /// A device that has leased an address.
    pub(crate) fn leased_device(&self) -> Machine {
        let device = self.device();
        let said = device
            .shell("dhclient -1 -v -pf /run/dhclient.pid eth0 2>&1 && ip -4 -o addr show dev eth0");
        assert!(said.text.contains("10.48."), "{said}");
        device
    }

    /// The same box without the image's firewall.
    pub(crate) fn firewall_down(&mut self) {
        let said = self.machine.shell("nft flush ruleset");
        assert_eq!(said.code, 0, "{said}");
    }

    /// `radio` of the status.
    pub(crate) fn radio(&self) -> Value {
        let said = self
            .machine
            .shell("curl -sf http://127.0.0.1/api/v1/status");
        let status: Value = serde_json::from_str(&said.text).unwrap_or_else(|_| panic!("{said}"));
        status["radio"].clone()
    }

    /// Waits until `radio` is so.
    pub(crate) fn until(&self, what: &str, so: impl Fn(&Value) -> bool) {
        wait_for(what, Duration::from_secs(90), || {
            so(&self.radio()).then_some(())
        });
    }
}

impl Drop for School {
    fn drop(&mut self) {
        if let Some(running) = &mut self.running {
            let _ = running.kill();
            let _ = running.wait();
        }
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.world.path("box.log")).unwrap_or_default();
            eprintln!("the box's log:\n{log}");
        }
    }
}
