//! dnsmasq as a child: started, ended, brought back, without privileges.

use board_support::radio::{Air, AirPlan, Daemon};
use std::fs;
use std::path::Path;
use std::process::Command;
use system_tests::need;
use system_tests::net::AirBox;

fn kill(world: &AirBox, signal: &str) {
    for id in world.daemons() {
        let done = Command::new("kill").args([signal, &id]).status();
        assert!(done.is_ok_and(|status| status.success()));
    }
}

#[test]
fn a_dnsmasq_that_is_killed_or_stands_still_is_seen_and_comes_back() {
    const TEST: &str = "a_dnsmasq_that_is_killed_or_stands_still_is_seen_and_comes_back";
    let Some(mut world) = AirBox::new(TEST) else {
        return;
    };
    let _device = world.joined(TEST).unwrap();
    world.serve();
    let first = world.daemons();
    world.serve();
    assert_eq!(
        world.daemons(),
        first,
        "what is served as planned is left alone"
    );
    kill(&world, "-KILL");
    let signs = world.await_signs("its end", |signs| signs.names == Daemon::Gone);
    assert!(
        signs
            .trouble
            .iter()
            .any(|line| line.contains("dnsmasq has ended")),
        "{signs:?}"
    );
    world.serve();
    assert_ne!(world.daemons(), first);
    kill(&world, "-STOP");
    world.await_signs("its silence", |signs| signs.names == Daemon::Silent);
    world.act(Air::silence);
    assert_eq!(
        world.daemons(),
        Vec::<String>::new(),
        "also one that stands still is ended"
    );
    world.serve();
}

#[test]
fn a_hundred_restarts_of_the_network_leak_nothing() {
    const TEST: &str = "a_hundred_restarts_of_the_network_leak_nothing";
    let Some(mut world) = AirBox::new(TEST) else {
        return;
    };
    let _device = world.joined(TEST).unwrap();
    world.serve();
    let files = |world: &AirBox| fs::read_dir(world.run_folder()).unwrap().count();
    let before = files(&world);
    for _ in 0..100 {
        let plan = AirPlan {
            cells: Vec::new(),
            net: world.plan().clone(),
        };
        world
            .act(|air| {
                air.silence();
                air.serve(&plan)
            })
            .unwrap();
        assert_eq!(world.daemons().len(), 1);
    }
    world.await_signs("names", |signs| signs.names == Daemon::Answers);
    assert_eq!(files(&world), before);
    // The secret, and a list of leases that is empty: nobody joined.
    assert_eq!(fs::read_dir(world.data_folder()).unwrap().count(), 2);
}

/// As the unit starts the box: another user, three capabilities, none to be won. The test runs itself again so.
#[test]
fn the_network_is_served_without_root() {
    const TEST: &str = "the_network_is_served_without_root";
    const INSIDE: &str = "SCHOOL_BOX_TEST_AIR";
    if let Some(folder) = std::env::var_os(INSIDE) {
        return serve_here(Path::new(&folder));
    }
    let Some(world) = AirBox::new(TEST) else {
        return;
    };
    if need::program(TEST, "setpriv", "util-linux").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::chown(folder.path(), Some(1234), Some(1234)).unwrap();
    let capabilities = "-all,+net_admin,+net_raw,+net_bind_service";
    let mut command = world.network().command("setpriv");
    command
        .args([
            "--reuid=1234",
            "--regid=1234",
            "--clear-groups",
            "--no-new-privs",
        ])
        .args(["--inh-caps", capabilities, "--ambient-caps", capabilities])
        .args(["--bounding-set", capabilities])
        .arg(program_for(folder.path()))
        .args([
            "--exact",
            "daemon::the_network_is_served_without_root",
            "--nocapture",
        ])
        .env(INSIDE, folder.path());
    let said = command.output().unwrap();
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&said.stdout),
        String::from_utf8_lossy(&said.stderr)
    );
    assert!(said.status.success() && text.contains("1 passed"), "{text}");
    assert!(folder.path().join("served").exists(), "{text}");
}

/// A copy where another user may run it.
fn program_for(folder: &Path) -> std::path::PathBuf {
    let copy = folder.join("test");
    fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    copy
}

fn serve_here(folder: &Path) {
    assert!(!nix::unistd::geteuid().is_root());
    let mut air = board_support::radio::LinuxAir::new(folder.join("run"), folder.join("data"));
    let plan = AirPlan {
        cells: Vec::new(),
        net: board_support::radio::NetPlan {
            address: AirBox::ADDRESS,
            prefix: 20,
            host: AirBox::HOST.to_owned(),
            lease: std::time::Duration::from_hours(1),
            portal_api: None,
            cables: Vec::new(),
        },
    };
    air.serve(&plan).unwrap();
    system_tests::world::wait_until("names that are answered", || {
        air.signs().names == Daemon::Answers
    });
    air.silence();
    fs::write(folder.join("served"), "").unwrap();
}
