//! `school-box run`: the supervisor.

use super::Failure;
use crate::app::App;
use crate::config::Config;
use crate::diagnostics::live::LiveLine;
use crate::events::words::plain;
use crate::supervisor::next::runtime_folder;
use crate::supervisor::{Ended, Stop};
use crate::telemetry;
use board_support::BoardChoice;
use clap::Args;
use std::io::{self, IsTerminal};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Run the box until TERM: battery, library, records, web
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  school-box run --board sim --data /tmp/box --listen 127.0.0.1:8080 --no-radio",
    after_long_help = concat!(
        "Example:\n  school-box run --board sim --data /tmp/box --listen 127.0.0.1:8080 --no-radio\n\n",
        "The configuration, every key with its default:\n\n",
        include_str!("../config/manual.toml")
    )
)]
pub(super) struct Run {
    /// The configuration [default: DATA/config.toml, else /etc/school-box/config.toml, else built-in settings]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    data: super::DataFolder,
    /// Serve HTTP here instead of where the configuration says
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// The board: found from the device tree, the simulated sunny day, or a simulated board of files
    #[arg(long, value_name = "auto|sim|sim:DIR", default_value = "auto")]
    board: BoardChoice,
    /// Leave the access point off
    #[arg(long)]
    no_radio: bool,
}

impl Run {
    pub(super) fn run(self) -> Result<(), Failure> {
        let desk = io::stderr().is_terminal() && self.board != BoardChoice::Auto;
        let live = LiveLine::default();
        let events =
            telemetry::start(live.clone()).map_err(|error| Failure::NotDone(error.to_string()))?;
        let (mut config, degraded) = self.config()?;
        if self.board == BoardChoice::Sim {
            config.programme = config.programme.or_demo();
        }
        if let Some(listen) = self.listen {
            config.listen = listen;
        }
        // At a command line the person who gave an address hears that it is not to be had; a school never meets a box that will not start.
        let at_boot = telemetry::started_by_systemd() && self.listen.is_none();
        let app = App {
            listen_else: at_boot.then(|| Config::default().listen),
            config,
            data: self.data.data,
            board: self.board,
            no_radio: self.no_radio,
            degraded,
            runtime_folder: runtime_folder(std::env::var_os("RUNTIME_DIRECTORY")),
            live: desk.then_some(live),
            events,
        };
        match app.run() {
            Ok(Ended::Cleanly(Stop::Restart)) => Err(Failure::Restart(
                "restart the machine: a new system is tried, one on trial is not well, or the radio does not heal"
                    .to_owned(),
            )),
            Ok(Ended::Cleanly(Stop::Process | Stop::PowerOff)) => Ok(()),
            Ok(Ended::Escalated(reason)) => Err(Failure::NotDone(reason)),
            Err(error) => Err(Failure::NotDone(format!("{error:#}"))),
        }
    }

    /// A person at a command line is told of a bad file; a box that systemd starts must come up all the same.
    fn config(&self) -> Result<(Config, Vec<String>), Failure> {
        match Config::of_the_box(self.config.as_deref(), &self.data.data) {
            Ok(config) => Ok((config, Vec::new())),
            Err(error) if telemetry::started_by_systemd() => {
                let line = format!("{error}; the box runs on its built-in settings");
                // The file's own words may name somebody: the page of the state says them, the log does not.
                tracing::error!(problem = plain(&line), "config.refused");
                Ok((Config::default(), vec![line]))
            }
            Err(error) => Err(Failure::Usage(error.to_string())),
        }
    }
}
