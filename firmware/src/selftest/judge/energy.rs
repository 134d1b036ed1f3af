//! Battery and charger.

use crate::selftest::facts::{Mean, Power, Sample};
use crate::selftest::outcome::{PartName, Tried, Verdict};

/// Four cells in series: below, the pack's own protection has cut or is about to, above it is being harmed. V.
const VOLTAGE: (f64, f64) = (10.0, 15.0);
/// The sensor's range with the 5 milliohm shunt is four times this; no panel of the kit gives more. A.
const MOST_CURRENT_A: f64 = 40.0;
/// °C. Charging below freezing harms the cells, and so does more than 55 °C.
const TEMPERATURE: (f64, f64) = (-20.0, 60.0);
/// Less is about to be cut off, percent.
const NEARLY_EMPTY: f64 = 10.0;
/// Beyond what the panel gives, the battery is not charged by anything: then the sign is wrong. A.
const UNEXPLAINED_A: f64 = 0.3;
/// A change of load that is seen, A.
const SEEN_A: f64 = 0.05;
/// A change the wrong way that is no accident, A.
const WRONG_WAY_A: f64 = 0.1;
/// Means of fewer samples say nothing.
const SAMPLES: u32 = 3;

/// What a change of load did: the means while the box rested and while it worked hard.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(in crate::selftest) struct Load {
    /// At rest.
    pub(in crate::selftest) rest: Mean,
    /// At work.
    pub(in crate::selftest) work: Mean,
}

impl Load {
    /// How the current changed with the load, what the panel gave more or less taken away; `None` where too little was measured.
    fn change_a(&self) -> Option<f64> {
        let known = self.rest.count >= SAMPLES && self.work.count >= SAMPLES;
        let voltage = self.work.voltage_v.max(1.0);
        let panel = (self.work.solar_w - self.rest.solar_w) / voltage;
        known.then_some(self.work.current_a - self.rest.current_a - panel)
    }
}

/// The battery and its sensor.
pub(in crate::selftest) fn gauge(power: &Power, load: &Load) -> Tried {
    let tried = |verdict, measured| Tried::new(PartName::Gauge, verdict, measured);
    match power {
        Power::OnMains => tried(
            Verdict::not_tried("this board has no battery sensor: it stands on mains"),
            String::new(),
        ),
        Power::Silent(why) => tried(
            Verdict::failed(
                format!("the battery sensor is silent ({why})"),
                "see that the battery's plug and the sensor's cable are in",
            ),
            String::new(),
        ),
        Power::Measured(sample) => {
            let mut measured = told(sample);
            let verdict = believed(sample, load);
            if verdict == Verdict::Ok && load.change_a().is_some_and(|change| change <= -SEEN_A) {
                measured += ", falls under load";
            }
            tried(verdict, measured)
        }
    }
}

fn told(sample: &Sample) -> String {
    let mut told = format!("{:.2} V, {:+.2} A", sample.voltage_v, sample.current_a);
    if let Some(celsius) = sample.temperature_c {
        told += &format!(", {celsius:.0} C");
    }
    if let Some(charge) = sample.charge_percent {
        told += &format!(", {charge:.0} % charged");
    }
    if let Some(capacity) = sample.capacity_wh {
        told += &format!(" of {capacity:.0} Wh");
    }
    told
}

fn believed(sample: &Sample, load: &Load) -> Verdict {
    let cable = "see that shunt and sense wires are seated as the wiring sheet shows";
    if !(VOLTAGE.0..=VOLTAGE.1).contains(&sample.voltage_v) {
        return Verdict::failed(
            format!("{:.2} V is no voltage of this battery", sample.voltage_v),
            "see that the battery is the right one and its plug is in",
        );
    }
    if sample.current_a.abs() > MOST_CURRENT_A {
        return Verdict::failed(format!("{:.1} A cannot be", sample.current_a), cable);
    }
    if let Some(why) = &sample.distrust {
        return Verdict::failed(format!("the sensor is not believed: {why}"), cable);
    }
    if flows_the_wrong_way(sample, load) {
        return Verdict::failed(
            format!(
                "{:+.2} A into the battery, and the panel gives {:.1} W: the sensor reads the wrong way round",
                sample.current_a,
                sample.solar_w.unwrap_or(0.0)
            ),
            "swap the two wires of the shunt",
        );
    }
    if sample
        .temperature_c
        .is_some_and(|celsius| !(TEMPERATURE.0..=TEMPERATURE.1).contains(&celsius))
    {
        return Verdict::failed(
            "the battery's temperature cannot be or is dangerous",
            "bring the box into the shade or a warm room; else see to the sensor's cable",
        );
    }
    if sample
        .charge_percent
        .is_some_and(|charge| charge < NEARLY_EMPTY)
    {
        return Verdict::failed("the battery is nearly empty", "charge it, and test again");
    }
    Verdict::Ok
}

/// Only what a charger says can be held against it.
fn flows_the_wrong_way(sample: &Sample, load: &Load) -> bool {
    let Some(solar_w) = sample.solar_w else {
        return false;
    };
    let panel_a = solar_w / sample.voltage_v.max(1.0);
    let unexplained = sample.current_a - panel_a * 1.1;
    let rises_under_load = load.change_a().is_some_and(|change| change >= WRONG_WAY_A);
    unexplained > UNEXPLAINED_A || rises_under_load && unexplained > 0.0
}

/// The solar charger.
pub(in crate::selftest) fn charger(power: &Power) -> Tried {
    let tried = |verdict, measured| Tried::new(PartName::Charger, verdict, measured);
    let (solar_w, voltage_v) = match power {
        Power::OnMains => {
            return tried(Verdict::not_tried("the box stands on mains"), String::new());
        }
        // What the charger says is told by the sensor's sample.
        Power::Silent(_) => {
            return tried(
                Verdict::not_tried("the battery sensor is silent"),
                String::new(),
            );
        }
        Power::Measured(sample) => (sample.solar_w, sample.voltage_v),
    };
    let Some(solar_w) = solar_w else {
        return tried(
            Verdict::failed(
                "the solar charger does not speak",
                "see that its data cable is in the box and its own light is on",
            ),
            String::new(),
        );
    };
    let measured = if solar_w > 0.0 {
        format!("{solar_w:.1} W from the panel")
    } else {
        "it speaks; 0 W, as in the dark or when full".to_owned()
    };
    let verdict = if (0.0..=300.0).contains(&solar_w) {
        Verdict::Ok
    } else {
        Verdict::failed(
            format!("{solar_w:.0} W at {voltage_v:.1} V cannot be"),
            "see that the charger is one of the list",
        )
    };
    tried(verdict, measured)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Sample {
        Sample {
            voltage_v: 13.3,
            current_a: -0.4,
            temperature_c: Some(24.0),
            solar_w: Some(0.0),
            charge_percent: Some(87.0),
            capacity_wh: Some(250.0),
            distrust: None,
        }
    }

    fn load(rest_a: f64, work_a: f64, solar: (f64, f64)) -> Load {
        let mean = |current_a, solar_w| Mean {
            count: 5,
            voltage_v: 13.0,
            current_a,
            solar_w,
        };
        Load {
            rest: mean(rest_a, solar.0),
            work: mean(work_a, solar.1),
        }
    }

    #[test]
    fn the_whole_table() {
        let good = sample();
        let calm = Load::default();
        let mut table = String::new();
        let with = |change: fn(&mut Sample)| {
            let mut sample = sample();
            change(&mut sample);
            Power::Measured(sample)
        };
        for (name, power, load) in [
            ("good", Power::Measured(good.clone()), calm),
            (
                "load seen",
                Power::Measured(good.clone()),
                load(-0.4, -0.55, (0.0, 0.0)),
            ),
            (
                "a cloud goes, load seen",
                Power::Measured(good.clone()),
                load(-0.4, 0.8, (0.0, 19.5)),
            ),
            (
                "a cloud comes",
                Power::Measured(good),
                load(0.8, -0.4, (19.5, 0.0)),
            ),
            ("on mains", Power::OnMains, calm),
            (
                "silent",
                Power::Silent("no answer at 0x40".to_owned()),
                calm,
            ),
            ("no charger", with(|s| s.solar_w = None), calm),
            (
                "no charger, charging",
                with(|s| (s.solar_w, s.current_a) = (None, 1.0)),
                calm,
            ),
            (
                "sun",
                with(|s| (s.solar_w, s.current_a) = (Some(40.0), 2.6)),
                calm,
            ),
            ("wrong way", with(|s| s.current_a = 0.4), calm),
            ("a little, unexplained", with(|s| s.current_a = 0.2), calm),
            (
                "a little, and rises under load",
                with(|s| s.current_a = 0.2),
                load(0.05, 0.2, (0.0, 0.0)),
            ),
            (
                "rises under load in the sun",
                with(|s| (s.solar_w, s.current_a) = (Some(40.0), 2.6)),
                load(2.4, 2.6, (40.0, 40.0)),
            ),
            ("empty", with(|s| s.charge_percent = Some(4.0)), calm),
            (
                "charge not known",
                with(|s| (s.charge_percent, s.capacity_wh) = (None, None)),
                calm,
            ),
            ("no temperature", with(|s| s.temperature_c = None), calm),
            ("hot", with(|s| s.temperature_c = Some(71.0)), calm),
            ("3 cells", with(|s| s.voltage_v = 9.9), calm),
            ("lead at its end", with(|s| s.voltage_v = 15.1), calm),
            ("absurd current", with(|s| s.current_a = -5000.0), calm),
            (
                "distrusted",
                with(|s| s.distrust = Some("the current has not changed for an hour".to_owned())),
                calm,
            ),
            ("absurd panel", with(|s| s.solar_w = Some(5000.0)), calm),
        ] {
            for tried in [gauge(&power, &load), charger(&power)] {
                table += &format!(
                    "{name}: {} | {} | {:?}\n",
                    tried.part, tried.measured, tried.verdict
                );
            }
        }
        insta::assert_snapshot!(table);
    }
}
