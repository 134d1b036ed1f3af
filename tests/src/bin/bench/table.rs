//! The figures as people read them.

use std::fmt;

/// One line: what, what is asked, the box, and each peer with the box's ratio to it (below 1: the box needs less).
#[derive(Debug)]
pub(crate) struct Line {
    /// What is measured, with its unit.
    pub(crate) what: &'static str,
    /// What it must reach; empty where nothing is asked.
    pub(crate) asked: &'static str,
    /// The box.
    pub(crate) measured: f64,
    /// `kiwix-serve`, in the same run.
    pub(crate) kiwix: Option<f64>,
    /// `nginx`, in the same run.
    pub(crate) nginx: Option<f64>,
}

/// All lines, in order.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<Line>);

impl Table {
    /// Adds a line with its peers.
    pub(crate) fn add(&mut self, line: Line) {
        self.0.push(line);
    }

    /// Adds a line that no peer has.
    pub(crate) fn alone(&mut self, what: &'static str, asked: &'static str, measured: f64) {
        self.add(Line {
            what,
            asked,
            measured,
            kiwix: None,
            nginx: None,
        });
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let peer = |value: Option<f64>, own: f64| {
            let Some(value) = value else {
                return ("-".to_owned(), "-".to_owned());
            };
            (
                number(value),
                if value > 0.0 {
                    format!("{:.2}", own / value)
                } else {
                    "-".to_owned()
                },
            )
        };
        writeln!(
            f,
            "| {:<52} | {:>8} | {:>10} | {:>11} | {:>5} | {:>9} | {:>5} |",
            "what", "asked", "school-box", "kiwix-serve", "ratio", "nginx", "ratio"
        )?;
        writeln!(
            f,
            "|{:-<54}|{:->10}|{:->12}|{:->13}|{:->7}|{:->11}|{:->7}|",
            "", ":", ":", ":", ":", ":", ":"
        )?;
        for line in &self.0 {
            let (kiwix, to_kiwix) = peer(line.kiwix, line.measured);
            let (nginx, to_nginx) = peer(line.nginx, line.measured);
            writeln!(
                f,
                "| {:<52} | {:>8} | {:>10} | {:>11} | {:>5} | {:>9} | {:>5} |",
                line.what,
                line.asked,
                number(line.measured),
                kiwix,
                to_kiwix,
                nginx,
                to_nginx
            )?;
        }
        Ok(())
    }
}

/// Three digits that count.
fn number(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 || v == 0.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
