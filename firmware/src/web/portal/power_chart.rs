//! The last and the next 24 hours as a drawing: charge, sun, states. Pure: a [`DayStory`] in, SVG out.
//!
//! Time runs the way the reader's language runs: from right to left in Arabic, with the past where a line begins. What was is drawn
//! solid, what is expected dashed, with the band of the charge as an area. A state is told by the height and the pattern of its
//! bar, its colour comes third. Ten-minute entries are condensed to half hours: 2 × 48 points, at most 8 kB.

use crate::services::power::DayStory;
use crate::status::day::minutes;
use crate::web::texts::Words;
use power_mgmt::PowerState;
use power_mgmt::policy::RESERVE_PERCENT;
use std::fmt::Write as _;

/// Half hours on each side of now.
const SIDE: usize = 48;
/// Width of half an hour in the drawing's units …
const STEP: f64 = 10.0 / 3.0;
/// … of which all are `LEFT + 2 * SIDE * STEP + LEFT` = 328: the width of a phone's column, so that text has the size of text.
const LEFT: f64 = 4.0;
const WIDTH: f64 = 328.0;
/// Where 0 % and the foot of the sun are, and the height of 100 %.
const GROUND: f64 = 164.0;
const HEIGHT: f64 = 136.0;
/// Height of the strongest sun …
const SUN_HEIGHT: f64 = 104.0;
/// … which is no weaker than this, W: a cloudy day must not look like a bright one.
const SUN_AT_LEAST: f64 = 20.0;
/// Where the bars of the states stand.
const FLOOR: f64 = 194.0;

/// Half an hour, as far as it is known.
#[derive(Debug, Clone, Copy, Default)]
struct Half {
    /// Percent at its end.
    charge: Option<f64>,
    /// Low and high end, percent.
    band: Option<(f64, f64)>,
    /// Sum and number of the powers of the panel, W.
    sun: (f64, u8),
    /// The highest state of it.
    state: Option<PowerState>,
}

impl Half {
    fn watts(&self) -> f64 {
        self.sun.0 / f64::from(self.sun.1.max(1))
    }

    fn take(&mut self, state: PowerState, charge: Option<f64>, watts: Option<f64>) {
        self.charge = charge.or(self.charge);
        self.state = self.state.max(Some(state));
        if let Some(watts) = watts {
            self.sun = (self.sun.0 + watts.max(0.0), self.sun.1.saturating_add(1));
        }
    }
}

/// The drawing; `None` before there is anything to draw. `told` is what it says to those who do not see it.
pub(crate) fn svg(story: &DayStory, words: &Words<'_>, told: &str) -> Option<String> {
    let now = minutes(story.at?) / 10 * 10;
    if story.lived.is_empty() && story.ahead.is_empty() {
        return None;
    }
    let halves = halves(story, now);
    let chart = Chart {
        halves,
        rtl: words.direction() == "rtl",
    };
    let mut svg = format!(
        "<svg class=\"day\" viewBox=\"0 0 {WIDTH} 218\" role=\"img\" aria-label=\"{}\">{PATTERNS}",
        escaped(told)
    );
    chart.scale(&mut svg, words);
    chart.hours(&mut svg, words, story.clock_trusted.then_some(now));
    chart.sun(&mut svg);
    chart.marks(&mut svg, words);
    chart.band(&mut svg);
    chart.charge(&mut svg);
    chart.states(&mut svg);
    svg.push_str("</svg>");
    Some(svg)
}

/// Stripes for saving, dots for little.
const PATTERNS: &str = "<defs><pattern id=\"pe\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><path class=\"pe\" d=\"M0 0h6v6H0z\"/><path d=\"M0 0v6\"/></pattern><pattern id=\"pm\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\"><path class=\"pm\" d=\"M0 0h5v5H0z\"/><path class=\"dot\" d=\"M1 1h2v2H1z\"/></pattern></defs>";

fn halves(story: &DayStory, now: i64) -> [Half; 2 * SIDE] {
    let mut halves = [Half::default(); 2 * SIDE];
    let place = |at: i64| usize::try_from((at - now + 1440).div_euclid(30)).ok();
    for lived in &story.lived {
        let place = place(minutes(lived.from)).filter(|place| *place < SIDE);
        if let Some(half) = place.and_then(|place| halves.get_mut(place)) {
            let charge = lived.charge.map(|charge| charge.percent());
            half.take(lived.state, charge, lived.panel.map(|panel| panel.get()));
        }
    }
    for ahead in &story.ahead {
        let place = place(minutes(ahead.from)).filter(|place| *place >= SIDE);
        if let Some(half) = place.and_then(|place| halves.get_mut(place)) {
            half.take(
                ahead.state,
                Some(ahead.charge.percent()),
                Some(ahead.panel.get()),
            );
            half.band = Some((ahead.band.0.percent(), ahead.band.1.percent()));
        }
    }
    halves
}

struct Chart {
    halves: [Half; 2 * SIDE],
    rtl: bool,
}

impl Chart {
    /// Horizontal place of a time, in half hours since the drawing's first.
    fn x(&self, halves: f64) -> f64 {
        let x = LEFT + halves * STEP;
        if self.rtl { WIDTH - x } else { x }
    }

    fn edge(&self, place: usize) -> f64 {
        self.x(half_hours(place))
    }

    /// Lines of 0, 50 and 100 %.
    fn scale(&self, svg: &mut String, words: &Words<'_>) {
        let (start, end) = (self.edge(0), self.edge(2 * SIDE));
        for percent in [0.0, 50.0, 100.0] {
            let _ = write!(
                svg,
                "<path class=\"grid\" d=\"M{} {}H{}\"/>",
                n(start),
                n(y(percent)),
                n(end)
            );
        }
        let full = escaped(&words.text("chart-full"));
        let _ = write!(
            svg,
            "<text class=\"at\" x=\"{}\" y=\"18\">{full}</text>",
            n(start)
        );
    }

    /// The reserve and now, over the sun.
    fn marks(&self, svg: &mut String, words: &Words<'_>) {
        let (start, end) = (self.edge(0), self.edge(2 * SIDE));
        let _ = write!(
            svg,
            "<path class=\"keep\" d=\"M{} {}H{}\"/>",
            n(start),
            n(y(RESERVE_PERCENT)),
            n(end)
        );
        let now = self.edge(SIDE);
        let _ = write!(
            svg,
            "<path class=\"now\" d=\"M{} 22V{FLOOR}\"/><text x=\"{}\" y=\"18\">{}</text>",
            n(now),
            n(now),
            escaped(&words.text("chart-now")),
        );
    }

    /// Every six hours: of the day where the clock is trusted, else from now.
    fn hours(&self, svg: &mut String, words: &Words<'_>, now: Option<i64>) {
        let first = now.map_or(0, |now| (-(now - 1440)).rem_euclid(360));
        for at in (first..=2880).step_by(360) {
            #[allow(clippy::cast_precision_loss, reason = "at most 2880")]
            let x = self.x(at as f64 / 30.0);
            if !(LEFT + 12.0..=WIDTH - LEFT - 12.0).contains(&x) {
                continue;
            }
            let label = match now {
                Some(now) => format!("{:02}", (now + at).rem_euclid(1440) / 60),
                None if at == 1440 => "0".to_owned(),
                None => format!("{:+}", (at - 1440) / 60),
            };
            let _ = write!(
                svg,
                "<path class=\"grid\" d=\"M{} {GROUND}v5\"/><text x=\"{}\" y=\"214\">{}</text>",
                n(x),
                n(x),
                words.digits(&label),
            );
        }
    }

    fn sun(&self, svg: &mut String) {
        let most = self
            .halves
            .iter()
            .map(Half::watts)
            .fold(SUN_AT_LEAST, f64::max);
        for (class, side) in [("got", 0..SIDE), ("may", SIDE..2 * SIDE)] {
            let mut path = String::new();
            let mut last = GROUND;
            for place in side.clone() {
                let top = GROUND - self.half(place).watts() / most * SUN_HEIGHT;
                if (top - last).abs() >= 0.1 {
                    let begin = if path.is_empty() {
                        format!("M{} {GROUND}", n(self.edge(place)))
                    } else {
                        format!("H{}", n(self.edge(place)))
                    };
                    let _ = write!(path, "{begin}V{}", n(top));
                    last = top;
                }
            }
            if !path.is_empty() {
                let _ = write!(
                    svg,
                    "<path class=\"{class}\" d=\"{path}H{}V{GROUND}z\"/>",
                    n(self.edge(side.end))
                );
            }
        }
    }

    fn half(&self, place: usize) -> Half {
        self.halves.get(place).copied().unwrap_or_default()
    }

    /// The charge now: where the dashed line begins.
    fn present(&self) -> Option<f64> {
        let past = self
            .halves
            .iter()
            .take(SIDE)
            .rev()
            .find_map(|half| half.charge);
        past.or_else(|| self.half(SIDE).charge)
    }

    fn band(&self, svg: &mut String) {
        let banded: Vec<(usize, (f64, f64))> = (SIDE..2 * SIDE)
            .filter_map(|place| Some((place + 1, self.half(place).band?)))
            .collect();
        let Some(present) = self.present().filter(|_| !banded.is_empty()) else {
            return;
        };
        let _ = write!(
            svg,
            "<path class=\"band\" d=\"M{} {}L",
            n(self.edge(SIDE)),
            n(y(present))
        );
        let low = banded.iter().map(|(place, (low, _))| (*place, *low));
        let high = banded
            .iter()
            .rev()
            .map(|(place, (_, high))| (*place, *high));
        for (place, percent) in low.chain(high) {
            let _ = write!(svg, "{} {} ", n(self.edge(place)), n(y(percent)));
        }
        let kept = svg.trim_end().len();
        svg.truncate(kept);
        svg.push_str("z\"/>");
    }

    fn charge(&self, svg: &mut String) {
        let mut past = String::new();
        let mut joined = false;
        for place in 0..SIDE {
            if let Some(percent) = self.half(place).charge {
                let begin = if joined { ' ' } else { 'M' };
                let _ = write!(past, "{begin}{} {}", n(self.edge(place + 1)), n(y(percent)));
            }
            joined = self.half(place).charge.is_some();
        }
        if !past.is_empty() {
            let _ = write!(svg, "<path class=\"was\" d=\"{past}\"/>");
        }
        let ahead: Vec<(usize, f64)> = (SIDE..2 * SIDE)
            .filter_map(|place| Some((place + 1, self.half(place).charge?)))
            .collect();
        if let Some(present) = self.present().filter(|_| !ahead.is_empty()) {
            let _ = write!(
                svg,
                "<path class=\"will\" d=\"M{} {}",
                n(self.edge(SIDE)),
                n(y(present))
            );
            for (place, percent) in ahead {
                let _ = write!(svg, " {} {}", n(self.edge(place)), n(y(percent)));
            }
            svg.push_str("\"/>");
        }
    }

    /// One path for each state; a box that told nothing was off.
    fn states(&self, svg: &mut String) {
        let known = |place: usize| self.half(place).state.unwrap_or(PowerState::Off);
        let end = self
            .halves
            .iter()
            .rposition(|half| half.state.is_some())
            .map_or(0, |last| last + 1)
            .max(SIDE);
        for (state, class, height) in BARS {
            let mut path = String::new();
            let mut place = 0;
            while place < end {
                let begin = place;
                while place < end && is_drawn_as(known(place), state) {
                    place += 1;
                }
                if place > begin {
                    let _ = write!(
                        path,
                        "M{} {FLOOR}V{}H{}V{FLOOR}z",
                        n(self.edge(begin)),
                        n(FLOOR - height),
                        n(self.edge(place))
                    );
                } else {
                    place += 1;
                }
            }
            if !path.is_empty() {
                let _ = write!(svg, "<path class=\"{class}\" d=\"{path}\"/>");
            }
        }
    }
}

/// States with the class and the height of their bars.
const BARS: [(PowerState, &str, f64); 4] = [
    (PowerState::Full, "sf", 20.0),
    (PowerState::Eco, "se", 14.0),
    (PowerState::Minimal, "sm", 8.0),
    (PowerState::Off, "so", 2.0),
];

fn is_drawn_as(state: PowerState, bar: PowerState) -> bool {
    state == bar || (state.is_power_off() && bar.is_power_off())
}

fn y(percent: f64) -> f64 {
    GROUND - percent.clamp(0.0, 100.0) / 100.0 * HEIGHT
}

fn half_hours(place: usize) -> f64 {
    f64::from(u32::try_from(place).unwrap_or(0))
}

/// With at most one decimal.
fn n(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0")
        .map_or_else(|| text.clone(), str::to_owned)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests;
