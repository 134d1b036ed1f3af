//! Who speaks on a VE.Direct line, and what it says.

use super::text::Block;
use power_mgmt::BatterySample;
use power_mgmt::units::{AmpHours, Amps, Celsius, Volts, WattHours, Watts};
use std::fmt;
use std::ops::RangeInclusive;

/// What kind of device a product number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A solar charger: it knows what the panel gives, and its own output, which is not the battery's current.
    Charger,
    /// A battery monitor with a shunt: it measures the battery.
    Monitor,
    /// An inverter, a mains charger, a converter, or one of after this was written.
    Other,
}

/// The product numbers of the white paper's table, by family.
const FAMILIES: [(RangeInclusive<u32>, Kind); 7] = [
    // BMV-700, BMV-702, BMV-700H.
    (0x0203..=0x0205, Kind::Monitor),
    // BlueSolar MPPT 70/15.
    (0x0300..=0x0300, Kind::Charger),
    // BlueSolar and SmartSolar MPPT, 75/10 to 250/100, every revision.
    (0xa040..=0xa07f, Kind::Charger),
    // BlueSolar and SmartSolar MPPT VE.Can and MPPT RS, which have a VE.Direct socket too.
    (0xa102..=0xa117, Kind::Charger),
    // BMV-712 Smart, BMV-710H Smart, BMV-712 Smart Rev2.
    (0xa381..=0xa383, Kind::Monitor),
    // SmartShunt 500 A, 1000 A, 2000 A.
    (0xa389..=0xa38b, Kind::Monitor),
    // SmartShunt IP65 of the same three.
    (0xc030..=0xc032, Kind::Monitor),
];

impl Kind {
    /// Of the number in the field `PID`.
    #[must_use]
    pub fn of_product(number: u32) -> Self {
        FAMILIES
            .iter()
            .find(|(numbers, _)| numbers.contains(&number))
            .map_or(Self::Other, |(_, kind)| *kind)
    }
}

/// What a charger does, from the field `CS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChargerState(pub i32);

impl fmt::Display for ChargerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            0 => "off",
            2 => "fault",
            3 => "bulk",
            4 => "absorption",
            5 => "float",
            6 => "storage",
            7 | 247 => "equalise",
            245 => "starting",
            252 => "external control",
            other => return write!(f, "state {other}"),
        })
    }
}

/// What is wrong with a charger, from the field `ERR`; 0 is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChargerFault(pub i32);

impl fmt::Display for ChargerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            2 => "battery voltage too high",
            3..=5 => "battery temperature sensor faulty",
            6..=8 => "battery voltage sensor faulty",
            14 => "battery too cold to charge",
            17 => "charger too hot",
            18 => "charger over-current",
            19 => "charger current reversed",
            20 => "bulk time limit exceeded",
            21 => "current sensor faulty",
            22 | 23 => "charger temperature sensor faulty",
            26 => "terminals overheated: check the screws",
            27 => "short circuit at the charger",
            28 => "converter fault",
            29 => "battery over-charge protection",
            33 => "panel voltage too high",
            34 => "panel current too high",
            38 | 39 => "panel switched off to protect the battery",
            65..=67 => "connection to another device lost",
            68 => "network set up wrongly",
            116 => "calibration lost",
            117 => "wrong firmware",
            119 => "settings lost: set it up anew",
            other => return write!(f, "fault {other}"),
        })
    }
}

/// A charger, a moment ago.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Charger {
    /// What it draws from the panel.
    pub solar: Watts,
    /// What it does.
    pub state: Option<ChargerState>,
    /// What is wrong with it; `None` where nothing is.
    pub fault: Option<ChargerFault>,
    /// What the panel gave today, by the charger's own day.
    pub yield_today: Option<WattHours>,
}

/// The device at the end of a line, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Device {
    product: Option<u32>,
    last: Block,
}

impl Device {
    /// A device may send its fields in several blocks. Its number stands in one of them and is kept.
    pub fn hear(&mut self, block: Block) {
        self.product = block.hex("PID").or(self.product);
        // A battery monitor's history says nothing of now.
        if block.get("V").is_some() || block.get("PPV").is_some() {
            self.last = block;
        }
    }

    /// Its number, once it said it.
    #[must_use]
    pub const fn product(&self) -> Option<u32> {
        self.product
    }

    /// What it is, once it said it.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.product.map(Kind::of_product)
    }

    /// What a solar charger says; `None` where it is none, or has not yet said what the panel gives.
    #[must_use]
    pub fn charger(&self) -> Option<Charger> {
        if self.kind() != Some(Kind::Charger) {
            return None;
        }
        let watts = self.last.number("PPV").filter(|watts| *watts >= 0)?;
        // Hundredths of a kWh.
        let day = self.last.number("H20").filter(|day| *day >= 0);
        Some(Charger {
            solar: Watts::new(f64::from(watts))?,
            state: self.last.number("CS").map(ChargerState),
            fault: self
                .last
                .number("ERR")
                .filter(|code| *code != 0)
                .map(ChargerFault),
            yield_today: day.and_then(|day| WattHours::new(f64::from(day) * 10.0)),
        })
    }

    /// What a battery monitor says; `None` where it is none, or has not yet said voltage and current. Its counter is the charge that it
    /// takes for consumed, which begins anew at 0 when the battery is full.
    #[must_use]
    pub fn monitor(&self) -> Option<BatterySample> {
        if self.kind() != Some(Kind::Monitor) {
            return None;
        }
        let milli = |label| Some(f64::from(self.last.number(label)?) / 1000.0);
        Some(BatterySample {
            voltage: Volts::new(milli("V")?)?,
            current: Amps::new(milli("I")?)?,
            temperature: self
                .last
                .number("T")
                .and_then(|celsius| Celsius::new(f64::from(celsius))),
            solar: None,
            counter: milli("CE").and_then(AmpHours::new),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::super::text::{Parser, framed};
    use super::*;

    fn device(blocks: &[&[(&str, &str)]]) -> Device {
        let mut parser = Parser::new();
        let mut device = Device::default();
        let first = b"\r\nChecksum\tx".to_vec();
        let sent = blocks.iter().flat_map(|fields| framed(fields));
        for byte in first.into_iter().chain(sent) {
            if let Some(block) = parser.push(byte) {
                device.hear(block.unwrap());
            }
        }
        device
    }

    #[test]
    fn products_by_family() {
        for number in [0x0300, 0xa040, 0xa053, 0xa054, 0xa075, 0xa102, 0xa117] {
            assert_eq!(Kind::of_product(number), Kind::Charger, "{number:#x}");
        }
        for number in [0x0203, 0x0205, 0xa381, 0xa389, 0xa38b, 0xc030] {
            assert_eq!(Kind::of_product(number), Kind::Monitor, "{number:#x}");
        }
        // A Phoenix inverter, a mains charger, a DC converter, nothing.
        for number in [0xa231, 0xa340, 0xa3f0, 0, u32::MAX] {
            assert_eq!(Kind::of_product(number), Kind::Other, "{number:#x}");
        }
    }

    #[test]
    fn a_charger_gives_the_panels_power_and_is_no_gauge() {
        let fields = [
            ("PID", "0xA053"),
            ("V", "13260"),
            ("I", "2100"),
            ("PPV", "29"),
            ("CS", "4"),
            ("ERR", "26"),
            ("H20", "15"),
        ];
        let charger = device(&[&fields]);
        let seen = charger.charger().unwrap();
        assert_eq!(seen.solar.get(), 29.0);
        assert_eq!(seen.yield_today.unwrap().get(), 150.0);
        assert_eq!(seen.state.unwrap().to_string(), "absorption");
        assert_eq!(
            seen.fault.unwrap().to_string(),
            "terminals overheated: check the screws"
        );
        assert_eq!(charger.monitor(), None, "its current is its output");
        let well = device(&[&[("PID", "0xA053"), ("PPV", "0"), ("ERR", "0")]]);
        assert_eq!(well.charger().unwrap().fault, None);
    }

    #[test]
    fn a_monitor_measures_the_battery_over_its_two_blocks() {
        let now: &[_] = &[
            ("PID", "0xA389"),
            ("V", "13260"),
            ("I", "-400"),
            ("CE", "-2350"),
            ("T", "24"),
        ];
        let history: &[_] = &[("H1", "-55000"), ("H7", "11000")];
        let monitor = device(&[now, history]);
        let sample = monitor.monitor().unwrap();
        assert_eq!((sample.voltage.get(), sample.current.get()), (13.26, -0.4));
        assert_eq!(sample.counter.unwrap().get(), -2.35);
        assert_eq!(sample.temperature.unwrap().get(), 24.0);
        assert_eq!(monitor.charger(), None);
        let bare = device(&[&[
            ("PID", "0x203"),
            ("V", "13260"),
            ("I", "0"),
            ("CE", "---"),
            ("T", "---"),
        ]]);
        let sample = bare.monitor().unwrap();
        assert!(sample.counter.is_none() && sample.temperature.is_none());
    }

    #[test]
    fn who_has_not_said_what_it_is_is_nobody_and_nonsense_is_no_value() {
        assert_eq!(device(&[&[("V", "13260"), ("PPV", "29")]]).charger(), None);
        for ppv in ["-1", "", "29W", "9999999999", "2.5"] {
            assert_eq!(
                device(&[&[("PID", "0xA053"), ("PPV", ppv)]]).charger(),
                None,
                "{ppv}"
            );
        }
        assert_eq!(
            device(&[&[("PID", "0xA389"), ("V", "13260")]]).monitor(),
            None
        );
        assert_eq!(
            device(&[&[("PID", "A389"), ("V", "1"), ("I", "1")]]).product(),
            None
        );
    }
}
