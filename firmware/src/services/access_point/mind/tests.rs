#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
use super::*;
use board_support::radio::{Channel, Daemon, Security};
use power_mgmt::PowerState;

fn settings(wanted: Wanted) -> Settings {
    Settings {
        wanted,
        name: "School-7F3A".to_owned(),
        phrase: "12345-12345-12345-12345".to_owned(),
        host: "school.internal".to_owned(),
        trouble: Vec::new(),
    }
}

fn radio(interface: &str) -> RadioFacts {
    let channels = [1, 6, 11].map(|number| Channel {
        band: Band::Two,
        number,
        mhz: 2407 + 5 * u16::from(number),
        dbm_at_most: 17,
        permission: Permission::Free,
    });
    RadioFacts {
        interface: interface.to_owned(),
        mac: Mac([2, 0, 0, 0, 0, 1]),
        driver: "brcmfmac".to_owned(),
        access_point: true,
        clients_at_most: 10,
        wpa3: false,
        channels: channels.to_vec(),
        country: None,
    }
}

/// An air in simulated time: it does what the mind asks, and remembers it.
struct Air {
    mind: Mind,
    now: Duration,
    state: PowerState,
    minute: Option<u16>,
    radios: Vec<RadioFacts>,
    /// It answers nothing.
    hangs: bool,
    /// A part of each plan fails.
    fails: bool,
    /// What the signs of each cell say.
    daemon: Daemon,
    stations: Vec<Station>,
    told: Vec<String>,
}

impl Air {
    fn new(wanted: Wanted) -> Self {
        Self {
            mind: Mind::new(settings(wanted), Duration::ZERO),
            now: Duration::ZERO,
            state: PowerState::Full,
            minute: None,
            radios: vec![radio("wlan0")],
            hangs: false,
            fails: false,
            daemon: Daemon::Answers,
            stations: Vec::new(),
            told: Vec::new(),
        }
    }

    /// Turns of a second each; what was asked in them but looks.
    fn live(&mut self, seconds: u64) -> Vec<String> {
        for _ in 0..seconds {
            self.now += Duration::from_secs(1);
            for _ in 0..20 {
                let moment = Moment {
                    now: self.now,
                    plan: LoadPlan::for_state(self.state),
                    minute: self.minute,
                };
                match self.mind.poll_action(&moment) {
                    Some(action) => self.act(action),
                    None => break,
                }
            }
        }
        std::mem::take(&mut self.told)
    }

    fn act(&mut self, action: Action) {
        let now = self.now;
        let hangs = self.hangs;
        match action {
            Action::Follow(country) => {
                self.told
                    .push(format!("follow {}", String::from_utf8_lossy(&country.0)));
                self.mind.handle_followed(Ok(()));
            }
            Action::AskRadios => {
                let radios = (!hangs).then(|| Ok(self.radios.clone()));
                self.mind.handle_radios(radios, now);
            }
            Action::Scan(interface) => {
                self.told.push(format!("scan {interface}"));
                self.mind
                    .handle_heard(&interface, (!hangs).then(|| Ok(Vec::new())), now);
            }
            Action::Serve(plan) => {
                let cells: Vec<String> = plan
                    .cells
                    .iter()
                    .map(|cell| {
                        format!("{} {} dBm {} TU", cell.interface, cell.dbm, cell.beacon_tu)
                    })
                    .collect();
                self.told.push(format!("serve [{}]", cells.join(", ")));
                let done = match self.fails {
                    true => Err("the cable eth0 cannot be taken".to_owned()),
                    false => Ok(()),
                };
                self.mind
                    .handle_served(*plan, (!hangs).then_some(done), now);
            }
            Action::AskSigns => {
                let signs = (!hangs).then(|| self.signs());
                self.mind.handle_signs(signs, now);
            }
            Action::Climb {
                interface, rung, ..
            } => {
                self.told
                    .push(format!("climb {interface} {}", rung.as_str()));
            }
        }
    }

    fn signs(&self) -> AirSigns {
        let cells = self.mind.served.iter().flat_map(|plan| &plan.cells);
        AirSigns {
            cells: cells
                .map(|cell| CellSigns {
                    interface: cell.interface.clone(),
                    daemon: self.daemon,
                    on_air: self.daemon == Daemon::Answers,
                    stations: self.stations.clone(),
                    frames_heard: None,
                    firmware_halted: false,
                    refused: 0,
                    trouble: None,
                })
                .collect(),
            names: Daemon::Answers,
            leases: 0,
            rival: None,
            trouble: Vec::new(),
        }
    }
}

fn someone() -> Station {
    Station {
        mac: Mac([2, 0, 0, 0, 0, 9]),
        dbm: None,
        kbit_s: None,
        idle: Duration::ZERO,
        addresses: Vec::new(),
    }
}

#[test]
fn from_start_to_air_and_through_the_states() {
    let mut air = Air::new(Wanted {
        country: Some(*b"PH"),
        ..Wanted::default()
    });
    assert_eq!(
        air.live(1),
        ["follow PH", "scan wlan0", "serve [wlan0 17 dBm 100 TU]"]
    );
    assert!(air.mind.serves());
    assert_eq!(air.live(60), [""; 0], "a well air is left alone");
    air.state = PowerState::Minimal;
    assert_eq!(air.live(2), ["serve [wlan0 8 dBm 300 TU]"]);
    air.state = PowerState::Off;
    assert_eq!(air.live(2), ["serve []"]);
    assert_eq!(air.mind.silence(), Some(Silence::Power));
    air.state = PowerState::Full;
    assert_eq!(air.live(2), ["serve [wlan0 17 dBm 100 TU]"]);
}

/// The cell itself is on the air: its guests have their seats, and it is healed.
#[test]
fn a_plan_of_which_a_part_fails_is_tried_again_and_the_rest_of_it_lives() {
    let mut air = Air::new(Wanted {
        kit: vec![[2, 0, 0, 0, 1, 1]],
        reserved_seats: 1,
        ..Wanted::default()
    });
    (air.fails, air.stations) = (true, vec![someone()]);
    let served = |told: Vec<String>| told.iter().filter(|one| one.starts_with("serve")).count();
    assert_eq!(served(air.live(21)), 5, "at once, and every five seconds");
    let plan = air.mind.served.as_ref().unwrap();
    assert_eq!(plan.cells[0].only, None, "there is room for guests");
    assert!(air.mind.trouble().iter().any(|line| line.contains("eth0")));
    air.daemon = Daemon::Gone;
    let told = air.live(2);
    assert!(
        told.contains(&"climb wlan0 restart_daemon".to_owned()),
        "{told:?}"
    );
    (air.daemon, air.fails) = (Daemon::Answers, false);
    air.live(6);
    assert_eq!(served(air.live(60)), 0, "taken whole, it is left alone");
    assert!(!air.mind.trouble().iter().any(|line| line.contains("eth0")));
}

/// Nothing heals what never was on the air: that would restart a machine that has no hostapd.
#[test]
fn what_never_came_on_the_air_is_told_and_not_healed() {
    let mut air = Air::new(Wanted::default());
    (air.fails, air.daemon) = (true, Daemon::Gone);
    let told = air.live(1200);
    assert!(!told.iter().any(|one| one.starts_with("climb")), "{told:?}");
    assert_eq!(air.mind.reboot_wish(), None);
}

#[test]
fn a_channel_that_somebody_fixed_needs_no_search() {
    let mut air = Air::new(Wanted {
        channel: Some(6),
        ..Wanted::default()
    });
    assert_eq!(air.live(1), ["serve [wlan0 17 dBm 100 TU]"]);
    assert_eq!(
        air.mind
            .survey
            .channel_of("wlan0")
            .map(|channel| channel.number),
        Some(6)
    );
}

#[test]
fn the_air_is_looked_over_at_night_and_never_while_anybody_is_there() {
    let mut air = Air::new(Wanted::default());
    air.live(1);
    air.minute = Some(3 * 60);
    let day = 21 * 3600;
    assert_eq!(air.live(day), ["scan wlan0"]);
    assert_eq!(air.live(600), [""; 0], "once");
    air.stations = vec![someone()];
    assert_eq!(air.live(day), [""; 0]);
    air.stations.clear();
    air.minute = Some(12 * 60);
    assert_eq!(air.live(3 * 3600), [""; 0], "not at noon");
    air.minute = None;
    assert_eq!(
        air.live(60),
        ["scan wlan0"],
        "nobody knows the hour: when nobody was there for long"
    );
}

#[test]
fn a_radio_that_is_plugged_in_serves_and_one_that_is_pulled_is_let_go() {
    let mut air = Air::new(Wanted::default());
    air.radios.clear();
    air.live(10);
    assert!(air.mind.trouble()[0].contains("there is no radio"));
    air.radios = vec![radio("wlan0")];
    assert_eq!(air.live(6), ["scan wlan0", "serve [wlan0 17 dBm 100 TU]"]);
    assert_eq!(air.mind.trouble(), [""; 0]);
    air.radios.push(radio("wlan1"));
    assert_eq!(
        air.live(31),
        [
            "scan wlan1",
            "serve [wlan0 17 dBm 100 TU, wlan1 17 dBm 100 TU]"
        ]
    );
    air.radios.remove(0);
    assert_eq!(air.live(31), ["serve [wlan1 17 dBm 100 TU]"]);
}

/// Signs that never come are a sign; the questions go on, and a restart is wished for after a minute.
#[test]
fn questions_that_hang_are_a_sign() {
    let mut air = Air::new(Wanted::default());
    air.live(1);
    air.hangs = true;
    air.live(30);
    assert!(!air.mind.serves() && air.mind.reboot_wish().is_none());
    assert!(air.mind.trouble()[0].contains("does not answer"));
    air.live(40);
    assert!(air.mind.reboot_wish().is_some());
    air.hangs = false;
    air.live(10);
    assert!(
        air.mind.serves() && air.mind.reboot_wish().is_none(),
        "it came back by itself"
    );
}

#[test]
fn a_daemon_that_stays_dead_ends_in_the_wish_for_a_restart() {
    let mut air = Air::new(Wanted::default());
    air.live(1);
    air.daemon = Daemon::Gone;
    let climbed = air.live(40);
    assert_eq!(
        climbed,
        [
            "climb wlan0 restart_daemon",
            "climb wlan0 interface_down_up",
            "climb wlan0 reset_device"
        ]
    );
    assert_eq!(
        air.mind.reboot_wish(),
        Some("radio wlan0 does not heal (daemon_gone)")
    );
    air.daemon = Daemon::Answers;
    air.live(2);
    assert_eq!(air.mind.reboot_wish(), None);
}

#[test]
fn the_key_is_in_the_plan_and_wpa3_only_where_the_radio_does_it_well() {
    let lock = |lock, wpa3| {
        let mut air = Air::new(Wanted {
            lock,
            ..Wanted::default()
        });
        air.radios[0].wpa3 = wpa3;
        air.live(1);
        air.mind.served.unwrap().cells.remove(0).security
    };
    use crate::config::air::Lock;
    let key = || "12345-12345-12345-12345".to_owned();
    assert_eq!(lock(Lock::Wpa2, true), Security::Wpa2(key()));
    assert_eq!(lock(Lock::Wpa3, true), Security::Wpa3AndWpa2(key()));
    assert_eq!(lock(Lock::Wpa3, false), Security::Wpa2(key()));
    assert_eq!(lock(Lock::Open, true), Security::Open);
}
