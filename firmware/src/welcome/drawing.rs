//! The three drawings of the welcome and its small signs: a few black lines that need no language.
//!
//! A drawing is [`HIGH`] units high; its lines are [`PEN`] units wide, with round ends.

use super::path::Path;

/// Height of a drawing, in its units.
pub const HIGH: f64 = 100.0;
/// Width of its lines.
pub const PEN: f64 = 2.0;
/// Side of a small sign, in the same units.
pub const SIGN: f64 = 24.0;

/// What is within a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// What was there before.
    Nothing,
    /// The paper: it hides what was there before.
    Paper,
    /// Ink.
    Ink,
}

/// A line of the pen and what is within it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stroke {
    /// The line.
    pub path: Path,
    /// What is within it.
    pub fill: Fill,
}

/// A drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// Its width, in its units.
    pub wide: f64,
    /// Its lines, those behind first.
    pub strokes: Vec<Stroke>,
}

impl Drawing {
    /// Nothing yet, so `wide`.
    pub(crate) fn new(wide: f64) -> Self {
        Self {
            wide,
            strokes: Vec::new(),
        }
    }

    /// The same in a mirror, for who reads from right to left.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        let strokes = self.strokes.iter().map(|stroke| Stroke {
            path: stroke.path.mirrored(self.wide),
            fill: stroke.fill,
        });
        Self {
            wide: self.wide,
            strokes: strokes.collect(),
        }
    }

    /// With one line more.
    pub(crate) fn add(mut self, fill: Fill, path: Path) -> Self {
        self.strokes.push(Stroke { path, fill });
        self
    }

    /// With a line through `points`.
    pub(crate) fn line(self, points: &[(f64, f64)]) -> Self {
        self.add(Fill::Nothing, Path::default().line(points))
    }

    /// With a dot.
    pub(crate) fn dot(self, x: f64, y: f64, r: f64) -> Self {
        self.add(Fill::Ink, Path::default().circle(x, y, r))
    }

    /// Waves that go up from a point: what all phones show for a network without wires.
    pub(crate) fn waves(self, x: f64, y: f64, step: f64, count: u8) -> Self {
        (1..=count).fold(self, |drawing, place| {
            let r = step * f64::from(place);
            drawing.add(Fill::Nothing, Path::default().arc(x, y, r, 225.0, 315.0))
        })
    }

    /// What a QR code looks like from afar, in a square of side 36.
    fn code(self, x: f64, y: f64) -> Self {
        let corner = |drawing: Self, (x, y): (f64, f64)| {
            drawing
                .add(Fill::Paper, Path::default().rect(x, y, 12.0, 12.0))
                .add(Fill::Ink, Path::default().rect(x + 4.5, y + 4.5, 3.0, 3.0))
        };
        let corners = [(x, y), (x + 24.0, y), (x, y + 24.0)];
        let dots = [
            (18, 2),
            (18, 10),
            (2, 18),
            (10, 18),
            (18, 18),
            (26, 18),
            (34, 18),
        ];
        let more = [(18, 34), (26, 26), (34, 26), (26, 34), (18, 26), (34, 34)];
        let drawing = corners.into_iter().fold(self, corner);
        dots.into_iter()
            .chain(more)
            .fold(drawing, |drawing, (right, low)| {
                let (x, y) = (x + f64::from(right), y + f64::from(low));
                drawing.add(Fill::Ink, Path::default().rect(x - 1.5, y - 1.5, 3.0, 3.0))
            })
    }

    /// A phone, its screen towards us.
    fn phone(self, x: f64, y: f64, wide: f64, high: f64) -> Self {
        let middle = x + wide / 2.0;
        self.add(Fill::Paper, Path::default().round(x, y, wide, high, 7.0))
            .line(&[
                (middle - 4.0, y + high - 5.0),
                (middle + 4.0, y + high - 5.0),
            ])
    }

    /// A hand that points to the left; the tip of its finger is at `x`, `y`.
    fn pointing(self, x: f64, y: f64) -> Self {
        let at = |right: f64, low: f64| (x + right, y + low);
        let hand = Path::default()
            .line(&[at(24.0, -5.0), at(5.0, -5.0)])
            .curve(at(-1.7, -5.0), at(-1.7, 5.0), at(5.0, 5.0))
            .to(x + 20.0, y + 5.0)
            .curve(at(14.0, 5.0), at(14.0, 13.0), at(21.0, 13.0))
            .curve(at(15.5, 13.0), at(15.5, 21.0), at(23.0, 21.0))
            .curve(at(18.5, 21.0), at(18.5, 28.5), at(26.0, 28.5))
            .to(x + 38.0, y + 28.5)
            .curve(at(44.0, 28.5), at(46.0, 25.0), at(52.0, 24.0))
            .to(x + 52.0, y - 8.0)
            .curve(at(44.0, -9.0), at(36.0, -15.0), at(28.0, -14.5))
            .curve(at(21.0, -14.0), at(22.0, -7.0), at(33.0, -5.0));
        self.add(Fill::Paper, hand)
            .line(&[at(20.0, 5.0), at(31.0, 5.0)])
            .line(&[at(21.0, 13.0), at(31.0, 13.0)])
            .line(&[at(23.0, 21.0), at(31.0, 21.0)])
    }

    /// What a phone sees to the right of `x`, `y`: three dashed lines that part.
    fn looks_from(self, x: f64, y: f64) -> Self {
        let dashes = [(0.0, 7.0), (14.0, 21.0), (28.0, 35.0)];
        [-0.3, 0.0, 0.3].into_iter().fold(self, |drawing, slope| {
            let at = |right: f64| (x + right, y + slope * (right + 42.0));
            let dash = |drawing: Self, (from, to)| drawing.line(&[at(from), at(to)]);
            dashes.into_iter().fold(drawing, dash)
        })
    }

    /// The sun, with eight rays.
    fn sun(self, x: f64, y: f64) -> Self {
        (0..8_u8).fold(
            self.add(Fill::Paper, Path::default().circle(x, y, 9.0)),
            |drawing, ray| {
                let angle = f64::from(ray) * std::f64::consts::FRAC_PI_4;
                let (sin, cos) = (libm::sin(angle), libm::cos(angle));
                drawing.line(&[
                    (x + 13.0 * cos, y + 13.0 * sin),
                    (x + 18.0 * cos, y + 18.0 * sin),
                ])
            },
        )
    }
}

/// The drawings of the steps: the box is switched on, a phone reads the code, a child reads the page.
#[must_use]
pub fn steps() -> [Drawing; 3] {
    [switch_on(), join(), open()]
}

/// A finger on the button of the box; the sun feeds it.
fn switch_on() -> Drawing {
    let (x, y) = (104.0, 66.0);
    let sign = Path::default()
        .arc(x, y, 7.0, -55.0, 90.0)
        .arc(x, y, 7.0, 90.0, 235.0);
    Drawing::new(250.0)
        .sun(214.0, 22.0)
        // The panel and its cable.
        .line(&[(60.0, 94.0), (12.0, 94.0)])
        .line(&[(8.0, 94.0), (242.0, 94.0)])
        .add(
            Fill::Paper,
            Path::default()
                .line(&[(188.0, 52.0), (232.0, 52.0), (240.0, 82.0), (180.0, 82.0)])
                .close(),
        )
        .line(&[(184.0, 67.0), (236.0, 67.0)])
        .line(&[(202.6, 52.0), (200.0, 82.0)])
        .line(&[(217.4, 52.0), (220.0, 82.0)])
        .line(&[(210.0, 82.0), (210.0, 94.0)])
        // The box.
        .add(
            Fill::Paper,
            Path::default().round(30.0, 40.0, 96.0, 54.0, 7.0),
        )
        .add(
            Fill::Nothing,
            Path::default()
                .line(&[(62.0, 40.0), (62.0, 34.0)])
                .curve((62.0, 30.0), (64.0, 28.0), (68.0, 28.0))
                .to(88.0, 28.0)
                .curve((92.0, 28.0), (94.0, 30.0), (94.0, 34.0))
                .to(94.0, 40.0),
        )
        .line(&[(42.0, 40.0), (42.0, 22.0)])
        .waves(42.0, 20.0, 7.0, 2)
        .dot(46.0, 56.0, 3.0)
        .line(&[(44.0, 72.0), (64.0, 72.0)])
        .line(&[(44.0, 79.0), (64.0, 79.0)])
        .add(Fill::Paper, Path::default().circle(x, y, 15.0))
        .add(Fill::Nothing, sign)
        .line(&[(x, y - 9.0), (x, y - 2.0)])
        .pointing(117.0, 66.0)
}

/// A phone in a hand looks at the code beside it, and finds the network.
fn join() -> Drawing {
    let corner = |drawing: Drawing, (x, y, right, down): (f64, f64, f64, f64)| {
        drawing.line(&[(x, y + down), (x, y), (x + right, y)])
    };
    let corners = [
        (47.5, 15.5, 7.0, 7.0),
        (92.5, 15.5, -7.0, 7.0),
        (47.5, 60.5, 7.0, -7.0),
        (92.5, 60.5, -7.0, -7.0),
    ];
    let finger = |drawing: Drawing, y: f64| {
        drawing.add(Fill::Paper, Path::default().round(33.0, y, 15.0, 9.0, 4.5))
    };
    let arm = Path::default()
        .line(&[(34.0, 98.0)])
        .curve((30.0, 90.0), (30.0, 84.0), (36.0, 78.0))
        .to(102.0, 69.0)
        .curve((110.0, 76.0), (112.0, 88.0), (106.0, 98.0));
    let thumb = Path::default()
        .line(&[(106.0, 98.0)])
        .curve((112.0, 88.0), (110.0, 76.0), (103.0, 70.0))
        .curve((98.0, 66.5), (94.0, 65.0), (89.0, 63.5))
        .curve((82.0, 62.0), (80.5, 70.0), (86.0, 72.0))
        .curve((92.0, 74.0), (97.0, 78.0), (99.0, 86.0));
    let drawing = Drawing::new(160.0)
        .add(Fill::Paper, arm)
        .phone(42.0, 4.0, 56.0, 88.0)
        .code(52.0, 20.0);
    let drawing = corners.into_iter().fold(drawing, corner);
    let drawing = [48.0, 58.0, 68.0, 78.0].into_iter().fold(drawing, finger);
    drawing
        .add(Fill::Paper, thumb)
        .dot(69.0, 79.0, 1.0)
        .waves(69.0, 79.0, 5.0, 2)
        .looks_from(112.0, 40.0)
}

/// A child and the page.
fn open() -> Drawing {
    let page = |side: f64| {
        let x = |right: f64| 116.0 + side * right;
        Path::default()
            .line(&[(x(0.0), 40.0)])
            .curve((x(6.0), 34.0), (x(14.0), 34.0), (x(22.0), 37.0))
            .to(x(22.0), 60.0)
            .curve((x(14.0), 57.0), (x(6.0), 57.0), (x(0.0), 63.0))
            .close()
    };
    Drawing::new(196.0)
        .add(
            Fill::Paper,
            Path::default()
                .line(&[(10.0, 97.0)])
                .curve((10.0, 76.0), (22.0, 70.0), (36.0, 70.0))
                .curve((50.0, 70.0), (62.0, 76.0), (62.0, 97.0)),
        )
        .add(Fill::Paper, Path::default().circle(36.0, 44.0, 24.0))
        .add(
            Fill::Nothing,
            Path::default()
                .line(&[(14.0, 34.0)])
                .curve((24.0, 38.0), (36.0, 34.0), (42.0, 24.0))
                .curve((46.0, 31.0), (52.0, 34.0), (58.0, 35.0)),
        )
        .dot(28.0, 46.0, 1.5)
        .dot(45.0, 46.0, 1.5)
        .add(
            Fill::Nothing,
            Path::default().arc(36.5, 48.0, 11.0, 30.0, 150.0),
        )
        .phone(82.0, 6.0, 68.0, 90.0)
        .add(
            Fill::Nothing,
            Path::default().round(92.0, 15.0, 48.0, 10.0, 5.0),
        )
        .add(Fill::Paper, page(1.0))
        .add(Fill::Paper, page(-1.0))
        .line(&[(94.0, 73.0), (138.0, 73.0)])
        .line(&[(94.0, 81.0), (122.0, 81.0)])
        .looks_from(160.0, 40.0)
}

/// The sign beside the network's name.
#[must_use]
pub fn network_sign() -> Drawing {
    Drawing::new(SIGN)
        .dot(12.0, 19.0, 1.2)
        .waves(12.0, 20.0, 5.4, 3)
}

/// The sign beside its key.
#[must_use]
pub fn key_sign() -> Drawing {
    Drawing::new(SIGN)
        .add(Fill::Paper, Path::default().circle(7.0, 12.0, 5.0))
        .line(&[(12.0, 12.0), (23.0, 12.0), (23.0, 17.0)])
        .line(&[(18.0, 12.0), (18.0, 16.0)])
}

/// The sign beside the page's address.
#[must_use]
pub fn page_sign() -> Drawing {
    Drawing::new(SIGN)
        .add(
            Fill::Paper,
            Path::default().round(2.0, 3.0, 20.0, 18.0, 3.0),
        )
        .line(&[(2.0, 9.0), (22.0, 9.0)])
        .dot(6.0, 6.0, 0.6)
        .line(&[(7.0, 15.0), (17.0, 15.0)])
}
