//! The box's network without a radio: `LinuxAir` in a namespace, devices at its cables.

use super::Namespace;
use crate::need::{self, Met};
use crate::world::{DEADLINE, wait_for};
use board_support::radio::{Air, AirPlan, AirSigns, LinuxAir, NetPlan};
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// What a DHCP client runs to take an address up; dhclient and udhcpc name their words differently.
const TAKE_UP: &str = "#!/bin/sh
address=${new_ip_address:-$ip} mask=${new_subnet_mask:-$subnet}
[ -n \"$address\" ] || exit 0
ip address replace \"$address/$mask\" dev \"$interface\"
";

/// A box whose network is served, and what it serves with.
#[derive(Debug)]
pub struct AirBox {
    network: Namespace,
    air: LinuxAir,
    folder: TempDir,
    plan: NetPlan,
    cables: u32,
    heard: Vec<String>,
}

impl AirBox {
    /// The box's own address.
    pub const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 73, 0, 1);
    /// Its name.
    pub const HOST: &str = "school.internal";
    /// What every device calls its end of the cable.
    pub const PORT: &str = "eth0";

    /// A box that serves nothing yet; `None` means that the caller has to return.
    #[must_use]
    pub fn new(test: &str) -> Met<Self> {
        need::program(test, "dnsmasq", "dnsmasq-base")?;
        let network = Namespace::new(test)?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let air = opened(folder.path());
        Some(Self {
            network,
            air,
            folder,
            plan: NetPlan {
                address: Self::ADDRESS,
                prefix: 20,
                host: Self::HOST.to_owned(),
                lease: Duration::from_hours(1),
                portal_api: None,
                cables: Vec::new(),
            },
            cables: 0,
            heard: Vec::new(),
        })
    }

    /// Its network.
    #[must_use]
    pub const fn network(&self) -> &Namespace {
        &self.network
    }

    /// What it shall serve, to change before [`AirBox::serve`].
    pub const fn plan(&mut self) -> &mut NetPlan {
        &mut self.plan
    }

    /// A new device at a new cable of the box.
    #[must_use]
    pub fn joined(&mut self, test: &str) -> Met<Namespace> {
        let device = Namespace::new(test)?;
        let cable = format!("lan{}", self.cables);
        self.cables += 1;
        self.network.cable(&cable, &device, Self::PORT);
        self.plan.cables.push(cable);
        Some(device)
    }

    /// Acts on the air, on a new thread of the box's network each time, as the service does.
    pub fn act<T: Send>(&mut self, act: impl FnOnce(&mut LinuxAir) -> T + Send) -> T {
        let air = &mut self.air;
        self.network.inside(|| act(air))
    }

    /// Serves the plan without a cell, and waits until names are answered.
    ///
    /// # Panics
    /// When it does not come to that.
    pub fn serve(&mut self) {
        let plan = AirPlan {
            cells: Vec::new(),
            net: self.plan.clone(),
        };
        self.act(|air| air.serve(&plan))
            .expect("the network is served");
        self.await_signs("names that are answered", |signs| {
            signs.names == board_support::radio::Daemon::Answers
        });
    }

    /// How it goes.
    pub fn signs(&mut self) -> AirSigns {
        let signs = self.act(Air::signs);
        self.heard.extend(signs.trouble.iter().cloned());
        signs
    }

    /// Every trouble that was told since this was asked before.
    pub fn heard(&mut self) -> Vec<String> {
        std::mem::take(&mut self.heard)
    }

    /// Waits until the signs are so, and hands them back.
    ///
    /// # Panics
    /// When they are not in time.
    pub fn await_signs(&mut self, what: &str, mut so: impl FnMut(&AirSigns) -> bool) -> AirSigns {
        let mut last = None;
        wait_for(what, DEADLINE, || {
            let signs = self.signs();
            let so = so(&signs);
            last = Some(signs);
            so.then(|| last.take()).flatten()
        })
    }

    /// The machine restarts: all is silent, the folder of the run is gone.
    ///
    /// # Panics
    /// When the folder cannot be removed.
    pub fn restart(&mut self) {
        self.act(Air::silence);
        self.lose_run();
    }

    /// The power is cut: nothing is written any more, and the folder of the run is gone.
    ///
    /// # Panics
    /// When dnsmasq is not there to be killed.
    pub fn power_cut(&mut self) {
        for id in self.daemons() {
            assert!(self.network.run("kill", &["-KILL", &id]).status.success());
        }
        self.lose_run();
    }

    fn lose_run(&mut self) {
        std::fs::remove_dir_all(self.run_folder()).expect("the folder of the run");
        self.air = opened(self.folder.path());
    }

    /// The numbers of the processes in its network: its daemons.
    #[must_use]
    pub fn daemons(&self) -> Vec<String> {
        let said = std::process::Command::new("ip")
            .args(["netns", "pids", self.network.name()])
            .output()
            .expect("ip");
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        text.split_whitespace().map(str::to_owned).collect()
    }

    /// What goes with a restart.
    #[must_use]
    pub fn run_folder(&self) -> PathBuf {
        self.folder.path().join("run")
    }

    /// What stays.
    #[must_use]
    pub fn data_folder(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A program for a DHCP client that gives the interface its address, and touches nothing else of the machine.
    ///
    /// # Panics
    /// When it cannot be written.
    #[must_use]
    pub fn take_up(&self) -> PathBuf {
        let path = self.folder.path().join("take-up");
        let mut file = std::fs::File::create(&path).expect("a script");
        file.write_all(TAKE_UP.as_bytes()).expect("a script");
        let runs = std::fs::Permissions::from_mode(0o755);
        file.set_permissions(runs).expect("a script");
        path
    }

    /// Runs ISC's client in the device, once; answers the address that it took up.
    ///
    /// # Panics
    /// When it gets none.
    pub fn dhclient(&self, device: &Namespace, arguments: &[&str]) -> IpAddr {
        let file = |name: &str| self.folder.path().join(format!("{}.{name}", device.name()));
        let mut command = device.command("dhclient");
        command
            .args(["-1", "-v", "-sf"])
            .arg(self.take_up())
            .arg("-lf")
            .arg(file("lease"))
            .arg("-pf")
            .arg(file("pid"))
            .args(arguments)
            .arg(Self::PORT);
        let said = command.output().expect("dhclient");
        assert!(
            said.status.success(),
            "{}",
            String::from_utf8_lossy(&said.stderr)
        );
        four(device)
    }

    /// Runs busybox's client in the device, once; answers the address that it took up.
    ///
    /// # Panics
    /// When it gets none.
    pub fn udhcpc(&self, device: &Namespace, arguments: &[&str]) -> IpAddr {
        let mut command = device.command("udhcpc");
        command
            .args(["-n", "-q", "-f", "-i", Self::PORT, "-s"])
            .arg(self.take_up())
            .args(arguments);
        let said = command.output().expect("udhcpc");
        assert!(
            said.status.success(),
            "{}",
            String::from_utf8_lossy(&said.stderr)
        );
        four(device)
    }
}

impl Drop for AirBox {
    fn drop(&mut self) {
        self.act(Air::silence);
    }
}

fn opened(folder: &Path) -> LinuxAir {
    LinuxAir::new(folder.join("run"), folder.join("data"))
}

fn four(device: &Namespace) -> IpAddr {
    let all = device.addresses(AirBox::PORT);
    let four = all.into_iter().find(IpAddr::is_ipv4);
    four.expect("an IPv4 address that was taken up")
}
