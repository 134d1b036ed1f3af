//! Scores the battery gauge and the planner with the reference data's own programs, and prints two tables.
//!
//! ```text
//!   bench_power DATA PYTHON
//! ```
//!
//! `DATA` holds the reference data: `soc/` and `year/` (traces with their truth), `score/score_soc.py` and `score/score_year.py`. The gauge
//! and the planner run as the verbs that everyone has, `school-box gauge` and `school-box plan`; neither sees a truth file. Beside
//! the planner stand, in the same run, two policies that come with the data.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a program for the desk: it prints, and has nobody to hand an error to"
)]

use serde_json::Value;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use system_tests::world;

/// Traces and years that were kept aside while constants were chosen; see `power-mgmt/DESIGN.md` for how strictly.
const ASIDE: [&str; 5] = [
    "p02_school_bias_pos",
    "p07_gaps_nightoff",
    "p10_low247",
    "kyiv_2023",
    "siargao_2023",
];
/// The small panel on an aged pack.
const SCENARIO: [&str; 4] = ["--panel", "0.5", "--cap", "205"];
/// Thresholds with the timetable, and the energy-neutral average.
const PEERS: [&str; 2] = ["tiered_tt", "neutral"];

struct Scorer {
    data: PathBuf,
    python: PathBuf,
    work: tempfile::TempDir,
}

fn main() {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(data), Some(python)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: bench_power DATA PYTHON");
        std::process::exit(2);
    };
    let work = tempfile::tempdir().expect("a folder");
    let scorer = Scorer { data, python, work };
    scorer.gauge();
    scorer.planner();
}

impl Scorer {
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(&self.python);
        command
            .arg(self.data.join("score").join(name))
            // Perfect foresight is solved once; the data may lie where nothing can be written.
            .env("ORACLE_CACHE", self.work.path())
            .env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    fn gauge(&self) {
        let traces = self.data.join("soc");
        let (mut rows, started) = (0_usize, Instant::now());
        for trace in names(&traces, ".meas.csv.gz") {
            eprintln!("estimating {trace} …");
            rows += self.estimate(&traces, &trace);
        }
        let seconds = started.elapsed().as_secs_f64();
        let scores = self.work.path().join("scores.json");
        let mut command = self.program("score_soc.py");
        command
            .arg(&traces)
            .arg(self.work.path())
            .arg("--json")
            .arg(&scores);
        run(command.stdout(Stdio::null()));
        let text = fs::read_to_string(&scores).expect("scores");
        print_gauge(&serde_json::from_str(&text).expect("scores in JSON"));
        println!(
            "{:.1} µs of wall clock a sample, reading and writing included\n",
            seconds * 1e6 / f64::from(u32::try_from(rows).expect("some millions of rows"))
        );
    }

    /// Runs the gauge over one trace; how many rows it had.
    fn estimate(&self, traces: &Path, name: &str) -> usize {
        let mut unpacked = flate2::read::GzDecoder::new(
            File::open(traces.join(format!("{name}.meas.csv.gz"))).expect("a trace"),
        );
        let meas = self.work.path().join("meas.csv");
        std::io::copy(&mut unpacked, &mut File::create(&meas).expect("a file")).expect("a trace");
        let estimates = File::create(self.work.path().join(format!("{name}.est.csv")));
        run(Command::new(world::school_box())
            .arg("gauge")
            .stdin(File::open(&meas).expect("a trace"))
            .stdout(estimates.expect("a file")));
        fs::read_to_string(&meas).expect("a trace").lines().count() - 1
    }

    fn planner(&self) {
        println!(
            "| year, 30 W and 205 Wh | of perfect foresight, % | gauge noise 3 %, % | deep, brown-outs | {} | {} |\n|---|---:|---:|---:|---:|---:|",
            PEERS[0], PEERS[1]
        );
        let mut all: Vec<[f64; 2]> = Vec::new();
        for year in names(&self.data.join("year"), ".csv.gz") {
            eprintln!("planning {year} …");
            let plan = format!("{} plan", world::school_box().display());
            let exact = self.year(&year, &["--cmd", &plan]);
            let noisy = self.year(&year, &["--cmd", &plan, "--gauge-noise", "0.03"]);
            let peers = PEERS.map(|policy| share(&self.year(&year, &["--policy", policy])));
            let count = |key: &str| {
                let in_one = |run: &Value| run["policy"][key].as_u64().expect("a count");
                in_one(&exact) + in_one(&noisy)
            };
            all.push([share(&exact), share(&noisy)]);
            println!(
                "| {year}{} | {:.2} | {:.2} | {}, {} | {:.2} | {:.2} |",
                aside(&year),
                share(&exact),
                share(&noisy),
                count("deep_events"),
                count("brownouts"),
                peers[0],
                peers[1]
            );
        }
        let [exact, noisy] =
            [0, 1].map(|column| -> Vec<f64> { all.iter().map(|row| row[column]).collect() });
        println!(
            "| mean / worst (asked: 96.5 / 95; with noise 95) | {:.2} / {:.2} | {:.2} / {:.2} | | | |",
            mean(&exact),
            least(&exact),
            mean(&noisy),
            least(&noisy)
        );
    }

    fn year(&self, name: &str, policy: &[&str]) -> Value {
        let mut command = self.program("score_year.py");
        command
            .arg(self.data.join(format!("year/{name}.csv.gz")))
            .args(policy)
            .args(SCENARIO)
            .arg("--oracle");
        let output = command.output().expect("the scoring program starts");
        assert!(
            output.status.success(),
            "score_year.py {name}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).expect("a score in JSON")
    }
}

fn print_gauge(scores: &Value) {
    println!(
        "| trace | RMSE, % | over below 25 %, points | capacity, % | 95 % band covers, % |\n|---|---:|---:|---:|---:|"
    );
    let scores = scores.as_object().expect("a score for each trace");
    for (name, score) in scores {
        let cell = |key: &str, times: f64| {
            score[key]
                .as_f64()
                .map_or_else(String::new, |value| format!("{:.2}", value * times))
        };
        println!(
            "| {name}{} | {} | {} | {} | {} |",
            aside(name),
            cell("rmse", 1.0),
            cell("overest_low", 1.0),
            cell("capacity_err_pct", 1.0),
            cell("cover95", 100.0)
        );
    }
    let rmse: Vec<f64> = scores
        .values()
        .map(|score| score["rmse"].as_f64().expect("an error"))
        .collect();
    let over = scores
        .values()
        .filter_map(|score| score["overest_low"].as_f64());
    println!(
        "| mean / worst (asked: 1.5 / 3.5; over 4) | {:.2} / {:.2} | {:.2} | | |",
        mean(&rmse),
        rmse.iter().copied().fold(f64::MIN, f64::max),
        over.fold(f64::MIN, f64::max)
    );
}

fn aside(name: &str) -> &'static str {
    if ASIDE.contains(&name) {
        " (aside)"
    } else {
        ""
    }
}

fn share(run: &Value) -> f64 {
    run["percent_of_oracle"]
        .as_f64()
        .expect("a share of the oracle")
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / f64::from(u32::try_from(values.len()).expect("a few"))
}

fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::MAX, f64::min)
}

/// The files of a folder that end so, without that end, in order.
fn names(folder: &Path, ending: &str) -> Vec<String> {
    let files =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let name =
        |file: std::io::Result<fs::DirEntry>| file.expect("a file").file_name().into_string().ok();
    let mut names: Vec<String> = files
        .filter_map(|file| Some(name(file)?.strip_suffix(ending)?.to_owned()))
        .collect();
    names.sort();
    names
}

fn run(command: &mut Command) {
    let status = command.status().expect("the program starts");
    assert!(status.success(), "{command:?}: {status}");
}
