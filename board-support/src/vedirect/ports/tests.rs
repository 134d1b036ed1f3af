use super::super::pulled::Cable;
use super::*;
use crate::boot_time::since_boot;

const CHARGER: &[(&str, &str)] = &[("PID", "0xA053"), ("PPV", "29"), ("CS", "3"), ("ERR", "0")];

fn ports(folder: &Path) -> Ports {
    Ports::new(&folder.join("usb-VictronEnergy*"))
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Listens at `now` and gives what was told, without the folder.
fn turn(ports: &mut Ports, now: u64) -> Vec<String> {
    ports.listen(secs(now));
    let told = ports.notices();
    told.iter()
        .map(|line| line.rsplit_once('/').unwrap().1.to_owned())
        .collect()
}

#[test]
fn a_cable_is_listened_to_told_when_it_falls_silent_and_when_it_speaks_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut ports = ports(folder.path());
    assert_eq!(turn(&mut ports, 0), Vec::<String>::new());
    assert!(!ports.any());

    let mut cable = Cable::plug(folder.path(), "usb-VictronEnergy_x");
    assert!(turn(&mut ports, 1).is_empty());
    assert!(ports.any());
    // The first block may be the rest of one; the second is whole.
    cable.say(CHARGER);
    assert!(turn(&mut ports, 2).is_empty() && ports.chargers(secs(2)).is_empty());
    cable.say(CHARGER);
    assert!(turn(&mut ports, 3).is_empty());
    assert_eq!(ports.chargers(secs(3))[0].solar.get(), 29.0);

    for now in 4..=8 {
        assert!(turn(&mut ports, now).is_empty(), "{now}");
    }
    insta::assert_debug_snapshot!(turn(&mut ports, 9), @r#"
    [
        "usb-VictronEnergy_x: the VE.Direct device says nothing: what the panel gives is not known; check both ends of the cable",
    ]
    "#);
    assert!(turn(&mut ports, 10).is_empty(), "once");
    cable.say(CHARGER);
    assert_eq!(turn(&mut ports, 11), ["usb-VictronEnergy_x: speaks again"]);
}

#[test]
fn a_pulled_cable_is_told_once_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut ports = ports(folder.path());
    let mut cable = Cable::plug(folder.path(), "usb-VictronEnergy_x");
    turn(&mut ports, 1);
    cable.say(CHARGER);
    cable.say(CHARGER);
    turn(&mut ports, 2);
    drop(cable);
    assert_eq!(
        turn(&mut ports, 3),
        ["usb-VictronEnergy_x: the VE.Direct cable was pulled: plug it in again"]
    );
    assert!(turn(&mut ports, 4).is_empty() && !ports.any());
    assert!(ports.chargers(secs(4)).is_empty());

    let mut cable = Cable::plug(folder.path(), "usb-VictronEnergy_x");
    assert!(turn(&mut ports, 20).is_empty());
    cable.say(CHARGER);
    cable.say(CHARGER);
    assert_eq!(turn(&mut ports, 21), ["usb-VictronEnergy_x: speaks again"]);
    assert_eq!(ports.chargers(secs(21)).len(), 1);
}

#[test]
fn the_far_end_going_away_is_a_pulled_cable_even_if_its_name_stays() {
    let folder = tempfile::tempdir().unwrap();
    let pty = nix::pty::openpty(None, None).unwrap();
    let line = nix::unistd::ttyname(&pty.slave).unwrap();
    std::os::unix::fs::symlink(line, folder.path().join("usb-VictronEnergy_y")).unwrap();
    let mut ports = ports(folder.path());
    assert!(turn(&mut ports, 1).is_empty());
    drop(pty);
    let told = turn(&mut ports, 2);
    assert!(
        told[0].contains("the VE.Direct line does not open"),
        "{told:?}"
    );
    assert!(turn(&mut ports, 3).is_empty(), "once");
}

#[test]
fn another_product_is_named_and_another_cable_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let mut inverter = Cable::plug(folder.path(), "usb-VictronEnergy_x");
    let mut other = Cable::plug(folder.path(), "usb-FTDI_console");
    let mut ports = ports(folder.path());
    turn(&mut ports, 1);
    let phoenix: &[_] = &[("PID", "0xA231"), ("V", "13000"), ("PPV", "29")];
    for cable in [&mut inverter, &mut other] {
        cable.say(phoenix);
        cable.say(phoenix);
    }
    insta::assert_debug_snapshot!(turn(&mut ports, 2), @r#"
    [
        "usb-VictronEnergy_x: VE.Direct product 0xa231 is no solar charger and no battery monitor: it is not listened to",
    ]
    "#);
    assert_eq!(ports.ports.len(), 1);
    assert!(ports.chargers(secs(2)).is_empty() && ports.monitor(secs(2)).is_none());
}

#[test]
fn what_came_in_a_long_pause_is_thrown_away() {
    let folder = tempfile::tempdir().unwrap();
    let mut cable = Cable::plug(folder.path(), "usb-VictronEnergy_x");
    let mut ports = ports(folder.path());
    turn(&mut ports, 1);
    for _ in 0..3 {
        cable.say(CHARGER);
    }
    // Control: after a short one it counts.
    ports.listen(secs(3));
    assert_eq!(ports.chargers(secs(3)).len(), 1);
    for _ in 0..3 {
        cable.say(CHARGER);
    }
    ports.listen(secs(60));
    assert!(ports.chargers(secs(60)).is_empty(), "a minute old, or not");
}

#[test]
fn who_floods_the_line_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut cable = Cable::plug(folder.path(), "usb-VictronEnergy_x");
    let mut ports = ports(folder.path());
    turn(&mut ports, 1);
    for now in 2..200 {
        cable.send(&[b'x'; 2000]);
        ports.listen(secs(now));
    }
    assert!(ports.chargers(secs(200)).is_empty());
    cable.send(b"\r\n");
    cable.say(CHARGER);
    cable.say(CHARGER);
    ports.listen(secs(201));
    assert_eq!(ports.chargers(secs(201)).len(), 1);
}

#[test]
fn a_monitor_is_waited_for_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let patience = Duration::from_millis(300);
    let began = since_boot();
    assert!(!ports(folder.path()).await_monitor(patience, since_boot));
    assert!(since_boot() - began < patience, "no cable, no wait");

    let mut cable = Cable::plug(folder.path(), "usb-VictronEnergy_x");
    let mut charger = ports(folder.path());
    charger.listen(since_boot());
    cable.say(CHARGER);
    cable.say(CHARGER);
    assert!(!charger.await_monitor(patience, since_boot));
    assert_eq!(charger.chargers(since_boot()).len(), 1);

    let mut monitor = ports(folder.path());
    monitor.listen(since_boot());
    let speaker = std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..3 {
                cable.say(&[("PID", "0xA389"), ("V", "13100"), ("I", "-400")]);
            }
        });
        monitor.await_monitor(Duration::from_secs(20), since_boot)
    });
    assert!(speaker);
}
