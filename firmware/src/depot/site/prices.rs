//! What can be bought, and for how much.
//!
//! ```toml
//! currency = "KES"
//! panels = [ { w = 50, price = 6500 }, { w = 100, price = 11000 } ]
//! batteries = [ { wh = 256, price = 21000 }, { wh = 512, price = 39000 } ]
//! ```

use super::study::Kit;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Assumed where nobody says: what small panels and `LiFePO4` packs with their protection cost in 2026, without freight and duty.
pub(super) const PANEL_PER_W: f64 = 0.80;
pub(super) const BATTERY_PER_WH: f64 = 0.40;
const CURRENCY: &str = "EUR";
const PANELS_W: [f64; 11] = [
    20.0, 30.0, 40.0, 60.0, 80.0, 100.0, 120.0, 160.0, 200.0, 300.0, 400.0,
];
const BATTERIES_WH: [f64; 9] = [
    128.0, 192.0, 256.0, 384.0, 512.0, 768.0, 1024.0, 1536.0, 2048.0,
];
/// No catalogue is longer, bytes, nor has more of one kind.
const LARGEST_FILE: u64 = 1 << 20;
const MOST: usize = 40;

/// A price list.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Catalogue {
    #[serde(default = "euro")]
    pub(super) currency: String,
    panels: Vec<Panel>,
    batteries: Vec<Battery>,
    /// Whether somebody gave these prices.
    #[serde(skip)]
    pub(super) assumed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Panel {
    w: f64,
    price: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Battery {
    wh: f64,
    price: f64,
}

/// A kit and what it costs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Offer {
    /// Panel and battery.
    #[serde(flatten)]
    pub(super) kit: Kit,
    /// In the catalogue's currency.
    pub(super) price: f64,
}

fn euro() -> String {
    CURRENCY.to_owned()
}

impl Catalogue {
    /// The usual sizes at so much a watt and a watt-hour.
    pub(super) fn usual(panel_per_w: Option<f64>, battery_per_wh: Option<f64>) -> Self {
        let (per_w, per_wh) = (
            panel_per_w.unwrap_or(PANEL_PER_W),
            battery_per_wh.unwrap_or(BATTERY_PER_WH),
        );
        Self {
            currency: euro(),
            panels: PANELS_W
                .map(|w| Panel {
                    w,
                    price: w * per_w,
                })
                .to_vec(),
            batteries: BATTERIES_WH
                .map(|wh| Battery {
                    wh,
                    price: wh * per_wh,
                })
                .to_vec(),
            assumed: panel_per_w.is_none() || battery_per_wh.is_none(),
        }
    }

    /// Reads a price list; what is wrong with it, in one line.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let file = path.display();
        let mut text = String::new();
        File::open(path)
            .and_then(|opened| opened.take(LARGEST_FILE + 1).read_to_string(&mut text))
            .map_err(|error| {
                format!("price list {file}: cannot be read ({error}); give a readable TOML file")
            })?;
        if text.len() as u64 > LARGEST_FILE {
            return Err(format!("price list {file}: it is larger than 1 MiB"));
        }
        Self::parse(&text).map_err(|why| format!("price list {file}: {why}"))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let catalogue: Self = toml::from_str(text).map_err(|error| {
            let words: Vec<&str> = error.message().split_whitespace().collect();
            words.join(" ")
        })?;
        for (name, count) in [
            ("panels", catalogue.panels.len()),
            ("batteries", catalogue.batteries.len()),
        ] {
            if !(1..=MOST).contains(&count) {
                return Err(format!("it has {count} {name}, allowed is 1 to {MOST}"));
            }
        }
        let within = |name: &str, value: f64, low: f64, high: f64| {
            let fine = (low..=high).contains(&value);
            fine.then_some(())
                .ok_or_else(|| format!("{name} is {value}, allowed is {low} to {high}"))
        };
        for panel in &catalogue.panels {
            within("w of a panel", panel.w, 1.0, 10_000.0)?;
            within("price of a panel", panel.price, 0.0, 1e12)?;
        }
        for battery in &catalogue.batteries {
            within("wh of a battery", battery.wh, 10.0, 100_000.0)?;
            within("price of a battery", battery.price, 0.0, 1e12)?;
        }
        if catalogue.currency.chars().count() > 8 {
            return Err("currency is longer than 8 letters".to_owned());
        }
        Ok(catalogue)
    }

    /// Every panel with every battery, the cheapest first.
    pub(super) fn offers(&self) -> Vec<Offer> {
        let mut offers: Vec<Offer> = self
            .panels
            .iter()
            .flat_map(|panel| {
                self.batteries.iter().map(|battery| Offer {
                    kit: Kit {
                        panel_w: panel.w,
                        battery_wh: battery.wh,
                    },
                    price: panel.price + battery.price,
                })
            })
            .collect();
        offers.sort_by(|a, b| a.price.total_cmp(&b.price));
        offers
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn offers_stand_in_the_order_of_their_price() {
        let offers = Catalogue::usual(None, Some(0.5)).offers();
        assert_eq!(offers.len(), PANELS_W.len() * BATTERIES_WH.len());
        assert!(offers.is_sorted_by(|a, b| a.price <= b.price));
        assert!((offers[0].price - (20.0 * PANEL_PER_W + 64.0)).abs() < 1e-9);
    }

    #[test]
    fn a_bad_list_is_refused_with_what_is_wrong() {
        let refusal = |text: &str| Catalogue::parse(text).unwrap_err();
        for (text, says) in [
            (
                "panels = []\nbatteries = [{ wh = 256, price = 1 }]",
                "it has 0 panels, allowed is 1 to 40",
            ),
            (
                "panels = [{ w = nan, price = 1 }]\nbatteries = [{ wh = 256, price = 1 }]",
                "w of a panel is NaN, allowed is 1 to 10000",
            ),
            (
                "panels = [{ w = 50, price = -1 }]\nbatteries = [{ wh = 256, price = 1 }]",
                "price of a panel is -1, allowed is 0 to 1000000000000",
            ),
            (
                "panels = [{ w = 50 }]\nbatteries = []",
                "missing field `price`",
            ),
        ] {
            assert_eq!(refusal(text), says);
        }
        assert!(refusal("panel = 1").contains("unknown field `panel`"));
        assert!(refusal("currency = 'doubloons of gold'\npanels = [{ w = 50, price = 1 }]\nbatteries = [{ wh = 256, price = 1 }]").contains("8 letters"));
    }
}
