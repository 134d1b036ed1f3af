//! The voltage that a rested pack shows at each charge, and what current adds to it.

use crate::units::Celsius;

/// Charge (0..=1) and voltage at rest of the pack (V), rising in both.
///
/// Source: the low-rate open-circuit curve of a Prada2013 LiFePO₄ cell at 25 °C, simulated with
/// `PyBaMM`, times four; thinned from 201 points, denser where the curve bends.
const PACK_AT_REST: [(f64, f64); 41] = [
    (0.0, 10.0),
    (0.005, 10.2782),
    (0.01, 10.5175),
    (0.02, 10.9012),
    (0.03, 11.1874),
    (0.04, 11.4031),
    (0.05, 11.5692),
    (0.075, 11.8671),
    (0.1, 12.124),
    (0.125, 12.3813),
    (0.15, 12.566),
    (0.175, 12.6587),
    (0.2, 12.703),
    (0.225, 12.733),
    (0.25, 12.765),
    (0.3, 12.8549),
    (0.35, 12.9565),
    (0.4, 13.0232),
    (0.45, 13.0535),
    (0.5, 13.066),
    (0.55, 13.0719),
    (0.6, 13.0759),
    (0.65, 13.0808),
    (0.675, 13.0865),
    (0.7, 13.1004),
    (0.725, 13.1314),
    (0.75, 13.1788),
    (0.775, 13.2195),
    (0.8, 13.2405),
    (0.825, 13.2492),
    (0.85, 13.2529),
    (0.9, 13.2567),
    (0.95, 13.2651),
    (0.96, 13.2757),
    (0.97, 13.3041),
    (0.975, 13.3334),
    (0.98, 13.3821),
    (0.985, 13.4633),
    (0.99, 13.5985),
    (0.995, 13.824),
    (1.0, 14.2),
];

/// Half the distance between the voltage after charging and after discharging, V: 9 mV a cell,
/// the middle of the 8 to 12 mV that LiFePO₄ cells show.
const HYSTERESIS_V: f64 = 0.036;
/// Charge through the pack after which the hysteresis has turned by 63 %, as a share of the capacity.
const HYSTERESIS_TURNS_OVER: f64 = 0.02;
/// Wires, fuse and shunt, Ω: does not depend on temperature.
const WIRING_OHM: f64 = 0.012;
/// The four cells for a step of current, at 25 °C, Ω.
const PROMPT_OHM: f64 = 0.025;
/// What diffusion adds to that over some minutes, at 25 °C, Ω.
const SLOW_OHM: f64 = 0.020;
/// Activation energy over the gas constant, K: 35 kJ/mol, the middle of published values for cells.
const ACTIVATION_K: f64 = 4_200.0;
/// The voltage model's error at rest, V, one standard deviation: another maker's curve, age, the sensor.
const REST_ERROR_V: f64 = 0.045;
/// Share of the drop over the cells that the model may miss, one standard deviation.
const DROP_ERROR: f64 = 0.5;

/// Voltage at rest, V, of charge `z`; held constant outside 0..=1.
pub(super) fn at_rest(z: f64) -> f64 {
    let above = PACK_AT_REST.partition_point(|&(soc, _)| soc <= z);
    let lower = PACK_AT_REST.get(above.wrapping_sub(1));
    match (lower, PACK_AT_REST.get(above)) {
        (Some(&(z0, v0)), Some(&(z1, v1))) => v0 + (v1 - v0) * (z - z0) / (z1 - z0),
        (Some(&(_, v)), None) | (None, Some(&(_, v))) => v,
        (None, None) => 0.0,
    }
}

/// What one sample says about the voltage at rest.
#[derive(Debug, Clone, Copy)]
pub(super) struct RestVoltage {
    /// V.
    pub(super) volts: f64,
    /// One standard deviation, V.
    pub(super) sigma: f64,
}

/// Takes the drop over the pack's resistance and the hysteresis out of a terminal voltage.
///
/// `current` and `slow_current` (smoothed over minutes) in A; `hysteresis` −1 (after discharge) to 1.
pub(super) fn rest_voltage(
    terminal: f64,
    current: f64,
    slow_current: f64,
    temperature: Option<Celsius>,
    hysteresis: f64,
) -> RestVoltage {
    let kelvin = temperature.map_or(298.15, |t| t.get() + 273.15);
    let cold = libm::exp(ACTIVATION_K * (1.0 / kelvin - 1.0 / 298.15)).clamp(0.3, 8.0);
    let cells = cold * (PROMPT_OHM * current + SLOW_OHM * slow_current);
    let drop = WIRING_OHM * current + cells;
    RestVoltage {
        volts: terminal - drop - HYSTERESIS_V * hysteresis,
        sigma: libm::sqrt(REST_ERROR_V * REST_ERROR_V + DROP_ERROR * DROP_ERROR * drop * drop),
    }
}

/// The hysteresis after `moved` (share of the capacity, signed) has gone through the pack.
pub(super) fn hysteresis_after(before: f64, moved: f64) -> f64 {
    let turned = 1.0 - libm::exp(-libm::fabs(moved) / HYSTERESIS_TURNS_OVER);
    let towards = if moved > 0.0 { 1.0 } else { -1.0 };
    before + (towards - before) * turned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_rises_everywhere() {
        for pair in PACK_AT_REST.windows(2) {
            assert!(pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1, "{pair:?}");
        }
        assert_eq!(PACK_AT_REST[0].0, 0.0);
        assert_eq!(PACK_AT_REST[40].0, 1.0);
    }

    #[test]
    fn lookup_meets_the_points_and_holds_the_ends() {
        for (z, v) in PACK_AT_REST {
            assert!((at_rest(z) - v).abs() < 1e-12);
        }
        assert_eq!(at_rest(-0.1), 10.0);
        assert_eq!(at_rest(1.1), 14.2);
        assert!((at_rest(0.525) - (at_rest(0.5) + at_rest(0.55)) / 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_cold_pack_is_trusted_less_under_load() {
        let at = |c| rest_voltage(13.0, -2.0, -2.0, Celsius::new(c), 0.0);
        assert!(at(0.0).volts > at(25.0).volts);
        assert!(at(0.0).sigma > at(25.0).sigma);
        let idle = rest_voltage(13.0, 0.0, 0.0, None, 0.0);
        assert_eq!((idle.volts, idle.sigma), (13.0, REST_ERROR_V));
    }

    #[test]
    fn hysteresis_stays_within_its_loop() {
        let charged = hysteresis_after(0.0, 0.2);
        assert!(charged > 0.99 && charged <= 1.0);
        let turned = hysteresis_after(charged, -0.02);
        assert!(turned < charged && turned > -1.0);
        assert_eq!(hysteresis_after(0.3, 0.0), 0.3);
    }
}
