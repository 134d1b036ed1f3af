//! Where the sun stands and what a clear sky gives a tilted panel.
//!
//! Sources: declination and equation of time by J. W. Spencer, "Fourier series representation of
//! the position of the sun", Search 2 (1971) 172; clear-sky global irradiance by B. Haurwitz,
//! J. Meteorology 2 (1945) 154, in the form of M. Reno et al., SAND2012-2389, eq. 14; the share of
//! diffuse light under a clear sky by D. G. Erbs et al., Solar Energy 28 (1982) 293; an isotropic
//! sky and a ground of albedo 0.2 by B. Liu and R. Jordan, Solar Energy 7 (1963) 53.

use super::{LocalTime, SLOTS, Site};
use core::f64::consts::PI;

/// Share of diffuse light under a clear sky (Erbs et al., the limit for a high clearness index).
const DIFFUSE: f64 = 0.165;
/// Light that the ground reflects.
const ALBEDO: f64 = 0.2;
/// What is lost between the label of a panel and its terminals: heat, dirt, wires, mismatch.
const YIELD: f64 = 0.84;

/// The sun's path over one day at one place, as a panel of the site sees it.
#[derive(Debug, Clone, Copy)]
pub struct SunPath {
    sin_lat: f64,
    cos_lat: f64,
    /// Of the plane of a panel that looks at the equator: its latitude less its tilt.
    sin_plane: f64,
    cos_plane: f64,
    sky_view: f64,
    ground_view: f64,
    sin_decl: f64,
    cos_decl: f64,
    /// Minutes of local time at which the sun stands highest.
    noon_minute: f64,
    panel_w: f64,
}

impl SunPath {
    /// The path of `day` (since 1970-01-01); `shift_min` is what the clock of the box is ahead of the place's true local time, min.
    #[must_use]
    pub fn new(site: &Site, day: i64, shift_min: f64) -> Self {
        let (decl, equation) = spencer(LocalTime::day_of_year(day));
        let lat = site.latitude().to_radians();
        // The usual rule of installers: as steep as the latitude, but steep enough to shed rain.
        let tilt = site.latitude().abs().clamp(10.0, 70.0).to_radians();
        let plane = if lat < 0.0 { lat + tilt } else { lat - tilt };
        let offset = 4.0 * site.longitude() - 60.0 * site.utc_offset_hours();
        Self {
            sin_lat: libm::sin(lat),
            cos_lat: libm::cos(lat),
            sin_plane: libm::sin(plane),
            cos_plane: libm::cos(plane),
            sky_view: 0.5 * (1.0 + libm::cos(tilt)),
            ground_view: 0.5 * ALBEDO * (1.0 - libm::cos(tilt)),
            sin_decl: libm::sin(decl),
            cos_decl: libm::cos(decl),
            noon_minute: 720.0 - offset - equation + shift_min,
            panel_w: site.panel().get(),
        }
    }

    /// Cosine of the sun's zenith angle at a minute of the local day.
    #[must_use]
    pub fn cos_zenith(&self, minute: f64) -> f64 {
        let cos_hour = self.cos_hour(minute);
        self.sin_lat * self.sin_decl + self.cos_lat * self.cos_decl * cos_hour
    }

    /// How long the sun stands higher than that, as the sine of its height, min.
    pub(super) fn minutes_above(&self, sin_height: f64) -> f64 {
        let rise = sin_height - self.sin_lat * self.sin_decl;
        let cos_hour = rise / (self.cos_lat * self.cos_decl).max(1e-9);
        1440.0 / PI * libm::acos(cos_hour.clamp(-1.0, 1.0))
    }

    /// Cosine of the angle between the sun and the normal of the panel; negative behind it.
    #[must_use]
    pub fn cos_incidence(&self, minute: f64) -> f64 {
        self.sin_plane * self.sin_decl + self.cos_plane * self.cos_decl * self.cos_hour(minute)
    }

    /// Share of the sky, and of ground times its albedo, that the panel sees.
    #[must_use]
    pub const fn views(&self) -> (f64, f64) {
        (self.sky_view, self.ground_view)
    }

    fn cos_hour(&self, minute: f64) -> f64 {
        libm::cos((minute - self.noon_minute) / 720.0 * PI)
    }

    /// What the panel gives under a clear sky at a minute of the local day, W.
    pub(super) fn clear_w(&self, minute: f64) -> f64 {
        let cos_z = self.cos_zenith(minute);
        if cos_z <= 0.005 {
            return 0.0;
        }
        let ghi = 1098.0 * cos_z * libm::exp(-0.057 / cos_z);
        let incidence = self.cos_incidence(minute);
        // Near the horizon the quotient of two small numbers is no light.
        let beam = (1.0 - DIFFUSE) * ghi * (incidence.max(0.0) / cos_z.max(0.05));
        let plane = beam + ghi * (DIFFUSE * self.sky_view + self.ground_view);
        self.panel_w * YIELD * plane / 1000.0
    }

    /// Mean power of each ten minutes of the day, W.
    pub(super) fn clear_day(&self) -> [f64; SLOTS] {
        core::array::from_fn(|slot| {
            let start = (slot * 10) as f64;
            0.5 * (self.clear_w(start + 2.5) + self.clear_w(start + 7.5))
        })
    }

    /// Minutes of local time of the highest sun.
    pub(super) const fn noon_minute(&self) -> f64 {
        self.noon_minute
    }
}

/// Declination, rad, and equation of time, min.
fn spencer(day_of_year: f64) -> (f64, f64) {
    let g = 2.0 * PI * (day_of_year - 1.0) / 365.0;
    let (s1, c1) = (libm::sin(g), libm::cos(g));
    let (s2, c2) = (libm::sin(2.0 * g), libm::cos(2.0 * g));
    let (s3, c3) = (libm::sin(3.0 * g), libm::cos(3.0 * g));
    let decl = 0.006_918 - 0.399_912 * c1 + 0.070_257 * s1 - 0.006_758 * c2 + 0.000_907 * s2
        - 0.002_697 * c3
        + 0.001_48 * s3;
    let equation =
        229.18 * (0.000_075 + 0.001_868 * c1 - 0.032_077 * s1 - 0.014_615 * c2 - 0.040_849 * s2);
    (decl, equation)
}
