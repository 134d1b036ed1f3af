//! The four lights as a drawing: a sign for each, the light, and under it a line where it shines and a gap where it is dark. The panel is a thing,
//! so it is never mirrored: the battery light is the left one for whoever reads from right to left, too.

use super::timeline::SPAN_MS;
use super::{Seen, Sight};
use crate::welcome::drawing::{Drawing, Fill, PEN};
use crate::welcome::path::Path;

/// From one light to the next, and from the edge to the first's middle.
const STEP: f64 = 62.0;
/// Width of the drawing.
pub const WIDE: f64 = 4.0 * STEP;
/// Middle of the sign, and of the light, from above.
const SIGN_Y: f64 = 15.0;
const LIGHT_Y: f64 = 54.0;
/// Top of the line of time, its height and its width.
const TIME: (f64, f64, f64) = (84.0, 8.0, 52.0);

/// Middle of the light at `place`, 0 to 3.
#[must_use]
pub fn centre(place: usize) -> (f64, f64) {
    let x = (0..place.min(3)).fold(STEP / 2.0, |x, _| x + STEP);
    (x, LIGHT_Y)
}

/// The panel as it is seen.
#[must_use]
pub fn lights(sight: Sight) -> Drawing {
    let mut drawing = Drawing::new(WIDE);
    for (place, seen) in sight.into_iter().enumerate() {
        let (x, _) = centre(place);
        drawing = sign(drawing, place, x);
        drawing = light(drawing, seen, x);
        drawing = time(drawing, seen, x);
    }
    drawing
}

/// The pictogram over a light.
fn sign(drawing: Drawing, place: usize, x: f64) -> Drawing {
    let y = SIGN_Y;
    match place {
        0 => drawing
            .add(
                Fill::Paper,
                Path::default().round(x - 15.0, y - 8.0, 28.0, 16.0, 3.0),
            )
            .line(&[(x + 16.0, y - 3.0), (x + 16.0, y + 3.0)])
            .line(&[(x - 9.0, y - 3.0), (x - 9.0, y + 3.0)])
            .line(&[(x - 3.0, y - 3.0), (x - 3.0, y + 3.0)]),
        1 => drawing.dot(x, y + 8.0, 1.5).waves(x, y + 9.0, 6.0, 3),
        2 => {
            let page = |side: f64| {
                Path::default()
                    .line(&[(x, y - 7.0)])
                    .curve(
                        (x + side * 5.0, y - 11.0),
                        (x + side * 11.0, y - 11.0),
                        (x + side * 17.0, y - 9.0),
                    )
                    .to(x + side * 17.0, y + 7.0)
                    .curve(
                        (x + side * 11.0, y + 5.0),
                        (x + side * 5.0, y + 5.0),
                        (x, y + 9.0),
                    )
                    .close()
            };
            drawing
                .add(Fill::Paper, page(1.0))
                .add(Fill::Paper, page(-1.0))
        }
        _ => drawing
            .add(Fill::Paper, Path::default().circle(x, y, 11.0))
            .line(&[(x, y - 6.0), (x, y + 1.0)])
            .dot(x, y + 6.0, 1.0),
    }
}

/// The light: full with rays where it shines, an empty ring where it is dark, a dash where it says nothing.
fn light(drawing: Drawing, seen: Seen, x: f64) -> Drawing {
    let y = LIGHT_Y;
    match seen {
        Seen::Still | Seen::Free => drawing.line(&[(x - 6.0, y), (x + 6.0, y)]),
        Seen::Dark => drawing.add(Fill::Paper, Path::default().circle(x, y, 11.0)),
        Seen::Steady | Seen::Slow | Seen::Quick | Seen::Flashes(_) | Seen::Calm => (0..8_u8).fold(
            drawing.add(Fill::Ink, Path::default().circle(x, y, 10.0)),
            |drawing, ray| {
                let angle = f64::from(ray) * std::f64::consts::FRAC_PI_4;
                let (sin, cos) = (libm::sin(angle), libm::cos(angle));
                drawing.line(&[
                    (x + 15.0 * cos, y + 15.0 * sin),
                    (x + 20.0 * cos, y + 20.0 * sin),
                ])
            },
        ),
    }
}

/// The line of time, over its whole span.
fn time(drawing: Drawing, seen: Seen, x: f64) -> Drawing {
    let (top, high, wide) = TIME;
    if !seen.tells() {
        return drawing;
    }
    let left = x - wide / 2.0;
    let at = |ms: u16| left + wide * f64::from(ms) / f64::from(SPAN_MS);
    let base = top + high + 4.0;
    let drawing = drawing.line(&[(left, base), (left + wide, base)]);
    seen.lit_times()
        .into_iter()
        .fold(drawing, |drawing, (from, to)| {
            // The pen goes around, so what it goes around is smaller by its width.
            let (from, to) = (at(from) + PEN / 2.0, at(to) - PEN / 2.0);
            let bar = Path::default().rect(from, top, (to - from).max(0.1), high);
            drawing.add(Fill::Ink, bar)
        })
}
