//! Two states of a box and a day of it, for the tests of whatever tells a state.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "numbers of one small day"
)]

use super::day::DayPlan;
use super::{
    Battery, Cell, Coming, LibraryState, Machine, Power, Radio, RadioState, RecordsState, Status,
    Storage, Update,
};
use crate::services::power::{DayStory, Lived};
use power_mgmt::plan::Occasion;
use power_mgmt::units::{StateOfCharge, WattHours, Watts};
use power_mgmt::{Advice, Ahead, ChargeStatus, LocalTime, PlanReason, PowerState};

/// A sunny morning.
pub(crate) fn sample() -> Status {
    Status {
        version: "0.1.0".to_owned(),
        box_id: "0123456789abcdef".to_owned(),
        board: "Simulated board".to_owned(),
        serial: Some("SB-PH-0042".to_owned()),
        uptime_s: 5_400,
        time: Some("2026-03-02T09:30:00Z".to_owned()),
        utc_offset_min: 120,
        battery: Battery {
            charge_percent: Some(62.4),
            charge_band_percent: Some([57.0, 67.5]),
            status: ChargeStatus::Charging,
            voltage_v: Some(13.41),
            current_a: Some(2.25),
            temperature_c: Some(24.5),
            solar_w: Some(41.3),
            sample_age_s: Some(1),
            stale: false,
            on_mains: false,
            capacity_ah: Some(18.64),
            health_percent: Some(93.2),
            distrust: None,
        },
        power: Power {
            state: PowerState::Full,
            reason: "battery_high".to_owned(),
            minutes_left: None,
            minutes_left_band: None,
            minutes_to_full: Some(190),
            storage_check: false,
            usb_charging: true,
            harvest_today_wh: None,
            harvest_expected_wh: None,
            plan: None,
            film: None,
            http_connections: 256,
        },
        radio: Radio {
            state: RadioState::On,
            clients: 12,
            network: "School-7F3A".to_owned(),
            cells: vec![Cell {
                interface: "wlan0".to_owned(),
                band_ghz: "2.4".to_owned(),
                channel: 6,
                dbm: 20,
                on_air: true,
                clients: 12,
                client_limit: 30,
                rung: None,
            }],
            client_limit: 30,
            leases: 14,
            ..Radio::default()
        },
        storage: Storage {
            total_bytes: 64_000_000_000,
            free_bytes: 21_500_000_000,
            reserve_bytes: 67_108_864,
            in_memory: false,
        },
        update: Update::idle(ota::Slot::A),
        library: LibraryState {
            packs: 3,
            bytes: 41_000_000_000,
        },
        records: RecordsState {
            statements: 1_204,
            last_write_age_s: Some(4),
            sealed_for: "0a1b2c3d4e5f6071".to_owned(),
            waiting: Some(204),
            last_stick: None,
        },
        machine: Machine {
            memory_total_bytes: 1_900_000_000,
            memory_available_bytes: 1_500_000_000,
        },
        degraded: Vec::new(),
        last_selftest: None,
        panel: Some(super::Panel {
            lights: "battery=green wifi=on lessons=on help=off".to_owned(),
            state: Some("well".to_owned()),
        }),
    }
}

/// The same box when its battery sensor has been silent for an hour and nobody trusts its clock.
pub(crate) fn silent() -> Status {
    let mut status = sample();
    status.time = None;
    status.battery.sample_age_s = Some(3_600);
    status.battery.stale = true;
    status.battery.charge_band_percent = Some([31.0, 88.0]);
    status.power.state = PowerState::Eco;
    status.power.reason = "silent".to_owned();
    status.power.minutes_to_full = None;
    status.power.minutes_left = Some(1_500);
    status.power.minutes_left_band = Some([600, 2_200]);
    status.power.usb_charging = false;
    status.degraded = vec!["the battery sensor is silent: see that its plug is in".to_owned()];
    status
}

/// The sunny morning with its plan: eco until 14:00 so that the evening class has light.
pub(crate) fn planned() -> Status {
    let mut status = sample();
    let story = story(at(0, 11 * 60 + 30));
    status.power.state = PowerState::Eco;
    status.power.usb_charging = false;
    status.power.harvest_today_wh = story.harvest_today.map(WattHours::get);
    status.power.harvest_expected_wh = Some([61.0, 97.5]);
    status.power.plan = DayPlan::of(&story, 0, None);
    status
}

/// The sunny morning with a system on its way: 3.1 of 6.4 MB are here.
pub(crate) fn updating() -> Status {
    let mut status = planned();
    status.update.release = "2026.11".to_owned();
    status.update.version = 11;
    status.update.coming = Some(coming());
    status.update.last_look = "updates.school.example: 2026.12 is newer".to_owned();
    status
}

/// Half fetched.
pub(crate) fn coming() -> Coming {
    Coming {
        release: "2026.12".to_owned(),
        version: 12,
        doing: "fetching".to_owned(),
        from: "https://updates.school.example".to_owned(),
        done_bytes: 3_100_000,
        of_bytes: 6_400_000,
        bytes_per_s: 42_500,
        reused_bytes: 298_000_000,
        waits_for: None,
    }
}

/// `day` days after Monday, the second of March 2026.
pub(crate) fn at(day: i64, minute: u16) -> LocalTime {
    let monday = LocalTime::from_civil(2026, 3, 2, 0, 0).map_or(0, LocalTime::day);
    LocalTime::new(monday + day, minute).unwrap_or_else(|| LocalTime::new(0, 0).unwrap())
}

/// A day of 60 W and 256 Wh with a cloud at noon yesterday, an hour switched off in the night, and the usual school week.
pub(crate) fn story(now: LocalTime) -> DayStory {
    let mut share: f64 = 0.5;
    let slot = |place: i64| {
        let minute = i64::from(now.minute()) / 10 * 10 + 10 * place;
        (
            at(minute.div_euclid(1440), minute.rem_euclid(1440) as u16),
            minute.rem_euclid(1440),
        )
    };
    let mut lived = Vec::new();
    for place in -144..0_i64 {
        let (from, minute) = slot(place);
        let (state, panel) = (
            state_at(minute),
            sun_at(minute)
                * if (720..780).contains(&minute) {
                    0.3
                } else {
                    1.0
                },
        );
        share = (share + (panel - draw(state)) / 6.0 / 256.0).clamp(0.1, 1.0);
        if !(120..180).contains(&minute) {
            let (charge, panel) = (StateOfCharge::new(share), Watts::new(panel));
            lived.push(Lived {
                from,
                state,
                charge,
                panel,
            });
        }
    }
    let mut ahead = Vec::new();
    for place in 0..144_i64 {
        let (from, minute) = slot(place);
        let state = if (minute as u16) < 14 * 60 && place < 60 {
            PowerState::Eco
        } else {
            state_at(minute)
        };
        let panel = 0.8 * sun_at(minute);
        share = (share + (panel - draw(state)) / 6.0 / 256.0).clamp(0.1, 1.0);
        let wide = 0.02 + 0.001 * place as f64;
        let charge = |off: f64| StateOfCharge::new(share + off).unwrap();
        let band = (charge(-wide), charge(wide));
        ahead.push(Ahead {
            from,
            state,
            panel: Watts::new(panel).unwrap(),
            charge: charge(0.0),
            band,
        });
    }
    DayStory {
        at: Some(now),
        clock_trusted: true,
        harvest_today: WattHours::new(41.5),
        harvest_expected: WattHours::new(79.25).zip(WattHours::new(18.25)),
        advice: Some(Advice {
            at: now,
            state: PowerState::Eco,
            until: Some(at(0, 14 * 60)),
            reason: PlanReason::SavesFor(Occasion {
                start: at(0, 18 * 60),
                evening: true,
                film: false,
            }),
            charge_tablets: false,
        }),
        lived,
        ahead,
        ..DayStory::default()
    }
}

fn state_at(minute: i64) -> PowerState {
    match minute / 60 {
        7..=16 => PowerState::Full,
        17..=20 => PowerState::Eco,
        _ => PowerState::Minimal,
    }
}

fn draw(state: PowerState) -> f64 {
    match state {
        PowerState::Full => 9.0,
        PowerState::Eco => 5.0,
        PowerState::Minimal => 2.5,
        PowerState::Off | PowerState::Storage => 0.05,
    }
}

/// W: half a sine from six to six.
fn sun_at(minute: i64) -> f64 {
    let hours = (minute - 360) as f64 / 60.0;
    (22.0 * (hours / 12.0 * std::f64::consts::PI).sin()).max(0.0)
}
