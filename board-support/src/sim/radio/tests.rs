use super::*;
use crate::radio::{Mac, NetPlan, Permission, Security};
use std::fs;

const NAME: &str = "School-7F3A";

fn rig() -> (tempfile::TempDir, FileAir) {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("radio")).unwrap();
    let air = FileAir::new(dir.path());
    (dir, air)
}

fn put(dir: &tempfile::TempDir, name: &str, text: &str) {
    fs::write(dir.path().join("radio").join(name), text).unwrap();
}

fn plan(air: &mut FileAir, most: u16) -> AirPlan {
    let radio = air.radios().unwrap().remove(0);
    AirPlan {
        cells: vec![CellPlan {
            interface: radio.interface,
            name: NAME.to_owned(),
            security: Security::Wpa2("not to be shown".to_owned()),
            country: Country(*b"PH"),
            channel: radio.channels[5],
            dbm: 14,
            beacon_tu: 200,
            clients_at_most: most,
            only: None,
        }],
        net: NetPlan {
            address: [10, 48, 0, 1].into(),
            prefix: 22,
            host: "school.internal".to_owned(),
            lease: Duration::from_secs(3600),
            portal_api: None,
            cables: vec!["eth0".to_owned()],
        },
    }
}

#[test]
fn what_is_served_is_shown_without_its_phrase() {
    let (dir, mut air) = rig();
    let plan = plan(&mut air, 30);
    air.serve(&plan).unwrap();
    let shown = fs::read_to_string(dir.path().join("radio/air")).unwrap();
    assert_eq!(
        shown,
        "wlan0 lock=wpa2 country=PH band=2.4 channel=6 dbm=14 beacon_tu=200 clients=30 only=all name=School-7F3A\n\
         net address=10.48.0.1/22 host=school.internal lease_s=3600 cables=eth0\n"
    );
    air.silence();
    assert_eq!(
        fs::read_to_string(dir.path().join("radio/air")).unwrap(),
        ""
    );
}

#[test]
fn facts_are_lines_and_no_lines_are_no_radio() {
    let (dir, mut air) = rig();
    let plain = air.radios().unwrap();
    assert_eq!((plain.len(), plain[0].channels.len()), (1, 21));
    put(
        &dir,
        "facts",
        "wlan1 limit=10 bands=5 ap=no wpa3=yes radar=36 forbidden=40\n",
    );
    let radios = air.radios().unwrap();
    assert_eq!(
        (radios[0].clients_at_most, radios[0].access_point),
        (10, false)
    );
    let first: Vec<_> = radios[0]
        .channels
        .iter()
        .take(3)
        .map(|one| one.permission)
        .collect();
    assert_eq!(
        first,
        [Permission::Radar, Permission::Forbidden, Permission::Free]
    );
    put(&dir, "facts", "");
    assert_eq!(air.radios().unwrap(), []);
    put(&dir, "facts", "wlan0 limit\n");
    assert!(air.radios().unwrap_err().to_string().contains("facts"));
    put(&dir, "countries", "PH\n");
    assert!(air.follow(Country(*b"PH")).is_ok() && air.follow(Country(*b"XQ")).is_err());
}

#[test]
fn stations_are_seated_as_far_as_there_are_seats_and_who_is_not_taken_in_is_not_there() {
    let (dir, mut air) = rig();
    let mut plan = plan(&mut air, 1);
    put(
        &dir,
        "stations",
        "02:00:5e:10:00:01 -50 3 10.48.0.7,fd00::7\n02:00:5e:10:00:02 -60 9 10.48.0.8\n",
    );
    air.serve(&plan).unwrap();
    let signs = air.signs();
    let cell = &signs.cells[0];
    assert_eq!((cell.stations.len(), cell.refused, signs.leases), (1, 1, 1));
    assert_eq!(cell.stations[0].addresses.len(), 2);
    plan.cells[0].only = Some(vec![Mac([2, 0, 0x5e, 0x10, 0, 2])]);
    air.serve(&plan).unwrap();
    assert_eq!(
        air.signs().cells[0].stations[0].idle,
        Duration::from_secs(9)
    );
    put(&dir, "stations", "02:00:5e:10:00:01 loud\n");
    assert!(air.signs().trouble[0].contains("stations"));
    put(
        &dir,
        "heard",
        "02:00:00:00:00:09 2437 -70 The neighbour's\n",
    );
    assert_eq!(air.scan("wlan0").unwrap()[0].name, "The neighbour's");
}

#[test]
fn a_fault_is_healed_by_its_rung_or_a_higher_one_until_the_file_changes() {
    let (dir, mut air) = rig();
    let plan = plan(&mut air, 30);
    air.serve(&plan).unwrap();
    assert!(air.signs().cells[0].on_air, "the control");
    put(&dir, "fault", "gone interface_down_up\n");
    assert_eq!(air.signs().cells[0].daemon, Daemon::Gone);
    air.climb("wlan0", Rung::RestartDaemon).unwrap();
    assert_eq!(air.signs().cells[0].daemon, Daemon::Gone);
    air.climb("wlan0", Rung::ResetDevice).unwrap();
    assert_eq!(air.signs().cells[0].daemon, Daemon::Answers);
    put(&dir, "fault", "halted nothing\n");
    air.climb("wlan0", Rung::ResetDevice).unwrap();
    assert!(air.signs().cells[0].firmware_halted && !air.signs().cells[0].on_air);
    let rungs = fs::read_to_string(dir.path().join("radio/rungs")).unwrap();
    assert_eq!(
        rungs,
        "wlan0 restart_daemon\nwlan0 reset_device\nwlan0 reset_device\n"
    );
    put(&dir, "fault", "silent nothing wlan9\n");
    assert_eq!(
        air.signs().cells[0].daemon,
        Daemon::Answers,
        "another radio's"
    );
}
