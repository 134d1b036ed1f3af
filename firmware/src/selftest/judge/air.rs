//! The radios.

use crate::selftest::facts::{Air, Cell};
use crate::selftest::outcome::{PartName, Tried, Verdict};

/// Fewer clients are no class.
const FEW: u16 = 10;

/// The access point.
pub(in crate::selftest) fn radio(air: &Air) -> Tried {
    let (verdict, measured) = match air {
        Air::LeftAlone(why) => (Verdict::not_tried(why.clone()), String::new()),
        Air::Starting => (
            Verdict::failed(
                "the radio was not on the air in time",
                "wait a minute and test again",
            ),
            String::new(),
        ),
        Air::Idle(radios) => (of_idle(radios), told(radios, "can serve")),
        Air::Serving { cells, trouble } => (of_serving(cells, trouble), told(cells, "on the air")),
    };
    Tried::new(PartName::Radio, verdict, measured)
}

fn of_idle(radios: &[Cell]) -> Verdict {
    if radios.is_empty() {
        return no_radio();
    }
    if radios.iter().all(|radio| !radio.good) {
        return Verdict::failed(
            "no radio of this box can be an access point",
            "plug in an adapter of the list",
        );
    }
    Verdict::Ok
}

fn no_radio() -> Verdict {
    Verdict::failed(
        "this box has no radio",
        "plug in the USB adapter, or see to the antenna board",
    )
}

fn of_serving(cells: &[Cell], trouble: &[String]) -> Verdict {
    if cells.is_empty() || cells.iter().any(|cell| !cell.good) {
        let silent: Vec<&str> = cells
            .iter()
            .filter(|cell| !cell.good)
            .map(|cell| cell.interface.as_str())
            .collect();
        let why = trouble.first().map_or("no word why", String::as_str);
        let what = match silent.as_slice() {
            [] => format!("nothing is on the air ({why})"),
            radios => format!("{} is not on the air ({why})", radios.join(", ")),
        };
        return Verdict::failed(
            what,
            "pull the adapter and plug it in again; else change it",
        );
    }
    Verdict::Ok
}

fn told(cells: &[Cell], can: &str) -> String {
    let good = cells.iter().filter(|cell| cell.good);
    let mut lines: Vec<String> = good
        .clone()
        .map(|cell| format!("{} {}", cell.interface, cell.on))
        .collect();
    if lines.is_empty() {
        return String::new();
    }
    let clients: u16 = good
        .map(|cell| cell.clients_at_most)
        .fold(0, u16::saturating_add);
    lines.push(format!("{clients} clients at most"));
    if clients < FEW {
        lines.push("too few for a class: add an adapter".to_owned());
    }
    format!("{can}: {}", lines.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table() {
        let cell = |good, most| Cell {
            interface: "wlan0".to_owned(),
            on: "channel 6".to_owned(),
            clients_at_most: most,
            good,
        };
        let serving = |cells: Vec<Cell>, trouble: &[&str]| Air::Serving {
            cells,
            trouble: trouble.iter().map(ToString::to_string).collect(),
        };
        let mut table = String::new();
        for air in [
            Air::LeftAlone("the radio is switched off (--no-radio)".to_owned()),
            Air::Starting,
            Air::Idle(Vec::new()),
            Air::Idle(vec![cell(false, 30)]),
            Air::Idle(vec![cell(true, 30), cell(false, 4)]),
            serving(Vec::new(), &["simulated: halted"]),
            serving(
                vec![cell(true, 30), cell(false, 8)],
                &["wlan0: firmware halted"],
            ),
            serving(vec![cell(true, 30), cell(true, 8)], &[]),
            serving(vec![cell(true, 8)], &[]),
        ] {
            let told = radio(&air);
            table += &format!("{air:?}: {} | {:?}\n", told.measured, told.verdict);
        }
        insta::assert_snapshot!(table);
    }
}
