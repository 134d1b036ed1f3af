//! A real browser: Debian's Chromium, driven by `tests/browser/visit.mjs` (playwright-core), which also runs `axe-core`
//! on each page and measures it as a reader's hand and eye would.

use crate::need::{self, Met};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// One page as one reader meets it. Pixels are CSS pixels.
#[derive(Debug, Clone)]
pub struct Visit {
    name: String,
    url: String,
    width: u32,
    height: u32,
    language: String,
    dark: bool,
    still: bool,
    script: bool,
    text_percent: u32,
    paper: Option<&'static str>,
}

impl Visit {
    /// On a phone of 360 × 740 at two device pixels a pixel, in English, in light, with script; `name` is the
    /// screenshot's.
    #[must_use]
    pub fn phone(name: &str, url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            url: url.into(),
            width: 360,
            height: 740,
            language: "en".into(),
            dark: false,
            still: false,
            script: true,
            text_percent: 100,
            paper: None,
        }
    }

    /// With another width of the window.
    #[must_use]
    pub fn width(mut self, width: u32) -> Self {
        self.width = width;
        self
    }

    /// With a browser set to this language (BCP 47).
    #[must_use]
    pub fn language(mut self, language: &str) -> Self {
        self.language = language.into();
        self
    }

    /// With the reader's wish for dark colours.
    #[must_use]
    pub fn dark(mut self) -> Self {
        self.dark = true;
        self
    }

    /// With the reader's wish that nothing moves.
    #[must_use]
    pub fn still(mut self) -> Self {
        self.still = true;
        self
    }

    /// With JavaScript switched off.
    #[must_use]
    pub fn without_script(mut self) -> Self {
        self.script = false;
        self
    }

    /// With the browser's text size set to this share of its default.
    #[must_use]
    pub fn text_percent(mut self, percent: u32) -> Self {
        self.text_percent = percent;
        self
    }

    /// Printed, too, on `A4` or `A5` with margins of 10 mm; see [`Self::pdf`].
    #[must_use]
    pub fn printed_on(mut self, paper: &'static str) -> Self {
        self.paper = Some(paper);
        self
    }

    /// The file that [`Self::printed_on`] leaves.
    #[must_use]
    pub fn pdf(&self) -> PathBuf {
        screenshots().join(format!("{}.pdf", self.name))
    }

    fn to_json(&self, screenshots: &Path) -> Value {
        json!({
            "name": self.name,
            "url": self.url,
            "width": self.width,
            "height": self.height,
            "language": self.language,
            "dark": self.dark,
            "still": self.still,
            "script": self.script,
            "textPercent": self.text_percent,
            "paper": self.paper,
            "pdf": self.pdf(),
            "screenshot": screenshots.join(format!("{}.png", self.name)),
        })
    }
}

fn screenshots() -> PathBuf {
    need::output_dir().join("screenshots")
}

/// Node, the driver with its packages, and Chromium.
#[derive(Debug)]
pub struct Browser {
    node: PathBuf,
    chromium: PathBuf,
    driver: PathBuf,
}

impl Browser {
    /// Finds what is needed; a lack is said and counted.
    #[must_use]
    pub fn find(test: &str) -> Met<Self> {
        let node = need::program(test, "node", "nodejs")?;
        let chromium = need::program(test, "chromium", "chromium")?;
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser");
        for package in ["playwright-core", "axe-core"] {
            if !dir.join("node_modules").join(package).is_dir() {
                return need::skip(
                    test,
                    &format!("no {package}"),
                    "npm ci --prefix tests/browser",
                );
            }
        }
        Some(Self {
            node,
            chromium,
            driver: dir.join("visit.mjs"),
        })
    }

    /// Makes every visit, keeps a screenshot of each under `tests/output/screenshots`, and answers what was found on
    /// each, in their order.
    ///
    /// # Panics
    /// When the driver fails.
    #[must_use]
    pub fn visit(&self, visits: &[Visit]) -> Vec<Findings> {
        let screenshots = screenshots();
        std::fs::create_dir_all(&screenshots).expect("tests/output/screenshots");
        let job = json!({
            "chromium": self.chromium,
            "visits": visits.iter().map(|visit| visit.to_json(&screenshots)).collect::<Vec<_>>(),
        });
        let mut driver = Command::new(&self.node)
            .arg(&self.driver)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node starts");
        driver
            .stdin
            .take()
            .expect("its input")
            .write_all(job.to_string().as_bytes())
            .expect("the job");
        let output = driver.wait_with_output().expect("the driver's answer");
        assert!(
            output.status.success(),
            "the browser's driver failed: {}",
            output.status
        );
        let answer: Vec<Value> = serde_json::from_slice(&output.stdout).expect("the driver's JSON");
        assert_eq!(answer.len(), visits.len(), "one finding a visit");
        answer.into_iter().map(Findings).collect()
    }
}

/// What was found on one page.
#[derive(Debug)]
pub struct Findings(Value);

impl Findings {
    /// The visit's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0["name"].as_str().unwrap_or_default()
    }

    /// The HTTP status of the page.
    #[must_use]
    pub fn status(&self) -> u64 {
        self.0["status"].as_u64().unwrap_or_default()
    }

    /// `lang` and `dir` of the page.
    #[must_use]
    pub fn language(&self) -> (&str, &str) {
        (
            self.0["lang"].as_str().unwrap_or_default(),
            self.0["dir"].as_str().unwrap_or_default(),
        )
    }

    /// The text that a reader sees.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0["text"].as_str().unwrap_or_default()
    }

    /// Size of the page's text, px.
    #[must_use]
    pub fn font_px(&self) -> f64 {
        self.0["fontPx"].as_f64().unwrap_or_default()
    }

    /// The colour behind the page, e.g. `rgb(251, 247, 239)`.
    #[must_use]
    pub fn background(&self) -> &str {
        self.0["background"].as_str().unwrap_or_default()
    }

    /// What moves on the page without end: the names of its animations.
    #[must_use]
    pub fn moving(&self) -> Vec<&str> {
        let moving = self.0["moving"].as_array();
        (moving.into_iter().flatten())
            .filter_map(Value::as_str)
            .collect()
    }

    /// What is wrong with the page, one line each: violations of `axe-core`, sideways scrolling, small or crowded
    /// targets, errors on the browser's console.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let faults = self.0["faults"].as_array().cloned().unwrap_or_default();
        faults
            .iter()
            .map(|fault| format!("{}: {}", self.name(), fault.as_str().unwrap_or_default()))
            .collect()
    }
}
