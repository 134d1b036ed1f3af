//! Lines and curves, drawn with a pen. Lengths are in the units of whoever draws.

/// How a circle's quarter is drawn as a cubic curve: 4/3 · tan(π/8).
const QUARTER: f64 = 0.552_284_749_8;

/// A step of the pen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// Lifted and put down there.
    Move(f64, f64),
    /// Straight there.
    Line(f64, f64),
    /// In a curve towards the first point, from the second, to the third.
    Curve([f64; 6]),
    /// Straight back to where it was put down.
    Close,
}

/// What a pen drew.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// A line through `points`.
    #[must_use]
    pub fn line(mut self, points: &[(f64, f64)]) -> Self {
        for (place, &(x, y)) in points.iter().enumerate() {
            self.0.push(match place {
                0 => Step::Move(x, y),
                _ => Step::Line(x, y),
            });
        }
        self
    }

    /// A curve from where the pen is.
    #[must_use]
    pub fn curve(mut self, towards: (f64, f64), from: (f64, f64), to: (f64, f64)) -> Self {
        let points = [towards.0, towards.1, from.0, from.1, to.0, to.1];
        self.0.push(Step::Curve(points));
        self
    }

    /// Straight from where the pen is.
    #[must_use]
    pub fn to(mut self, x: f64, y: f64) -> Self {
        self.0.push(Step::Line(x, y));
        self
    }

    /// Back to where the pen was put down.
    #[must_use]
    pub fn close(mut self) -> Self {
        self.0.push(Step::Close);
        self
    }

    /// A rectangle.
    #[must_use]
    pub fn rect(self, x: f64, y: f64, width: f64, height: f64) -> Self {
        let (right, low) = (x + width, y + height);
        self.line(&[(x, y), (right, y), (right, low), (x, low)])
            .close()
    }

    /// A rectangle with round corners of radius `r`.
    #[must_use]
    pub fn round(self, x: f64, y: f64, width: f64, height: f64, r: f64) -> Self {
        let (right, low, k) = (x + width, y + height, r * (1.0 - QUARTER));
        self.line(&[(x + r, y), (right - r, y)])
            .curve((right - k, y), (right, y + k), (right, y + r))
            .to(right, low - r)
            .curve((right, low - k), (right - k, low), (right - r, low))
            .to(x + r, low)
            .curve((x + k, low), (x, low - k), (x, low - r))
            .to(x, y + r)
            .curve((x, y + k), (x + k, y), (x + r, y))
            .close()
    }

    /// A circle.
    #[must_use]
    pub fn circle(self, x: f64, y: f64, r: f64) -> Self {
        self.round(x - r, y - r, 2.0 * r, 2.0 * r, r)
    }

    /// An arc of a circle, between two angles in degrees that are less than 180 apart: 0 points right, 90 down.
    #[must_use]
    pub fn arc(self, x: f64, y: f64, r: f64, from: f64, to: f64) -> Self {
        let at = |angle: f64| {
            let (sin, cos) = (libm::sin(angle.to_radians()), libm::cos(angle.to_radians()));
            (x + r * cos, y + r * sin, sin, cos)
        };
        let middle = f64::midpoint(from, to);
        let reach = r * 4.0 / 3.0 * libm::tan((middle - from).to_radians() / 4.0);
        let (start, half, end) = (at(from), at(middle), at(to));
        let ahead = |p: (f64, f64, f64, f64)| (p.0 - reach * p.2, p.1 + reach * p.3);
        let behind = |p: (f64, f64, f64, f64)| (p.0 + reach * p.2, p.1 - reach * p.3);
        self.line(&[(start.0, start.1)])
            .curve(ahead(start), behind(half), (half.0, half.1))
            .curve(ahead(half), behind(end), (end.0, end.1))
    }

    /// The same in a mirror that stands upright at half of `wide`.
    #[must_use]
    pub fn mirrored(&self, wide: f64) -> Self {
        let steps = self.0.iter().map(|step| match *step {
            Step::Move(x, y) => Step::Move(wide - x, y),
            Step::Line(x, y) => Step::Line(wide - x, y),
            Step::Curve([a, b, c, d, e, f]) => Step::Curve([wide - a, b, wide - c, d, wide - e, f]),
            Step::Close => Step::Close,
        });
        Self(steps.collect())
    }

    /// The same, `scale` times as large, its origin at `x`, `y`.
    #[must_use]
    pub fn placed(&self, x: f64, y: f64, scale: f64) -> Self {
        let (along, down) = (|v: f64| x + v * scale, |v: f64| y + v * scale);
        let steps = self.0.iter().map(|step| match *step {
            Step::Move(x, y) => Step::Move(along(x), down(y)),
            Step::Line(x, y) => Step::Line(along(x), down(y)),
            Step::Curve([a, b, c, d, e, f]) => {
                Step::Curve([along(a), down(b), along(c), down(d), along(e), down(f)])
            }
            Step::Close => Step::Close,
        });
        Self(steps.collect())
    }
}
