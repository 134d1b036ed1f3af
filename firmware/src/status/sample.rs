//! Two states of a box, for the tests of whatever tells a state.

use super::{
    Battery, LibraryState, Machine, Power, Radio, RadioState, RecordsState, Status, Storage, Update,
};
use power_mgmt::{ChargeStatus, PowerState};

/// A sunny morning.
pub(crate) fn sample() -> Status {
    Status {
        version: "0.1.0".to_owned(),
        board: "Simulated board".to_owned(),
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
        },
        power: Power {
            state: PowerState::Full,
            reason: "battery_high".to_owned(),
            minutes_left: None,
            minutes_to_full: Some(190),
            http_connections: 256,
        },
        radio: Radio {
            state: RadioState::On,
            clients: 12,
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
        },
        machine: Machine {
            memory_total_bytes: 1_900_000_000,
            memory_available_bytes: 1_500_000_000,
        },
        degraded: Vec::new(),
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
    status.degraded = vec!["the battery sensor is silent: see that its plug is in".to_owned()];
    status
}
