//! What a running box stands on.

use super::address::bind;
use super::air::AirGround;
use super::updates::Updates;
use crate::clock::Clock;
use crate::config::Config;
use crate::report;
use crate::services::{Part, control};
use crate::slots::Slots;
use crate::stores::{Stores, StoresError};
use crate::supervisor::lives::Lives;
use crate::telemetry::chain;
use anyhow::Context as _;
use board_support::boot_control::fixed::OneSlot;
use board_support::{Board, BoardChoice};
use ota::BootControl;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::Duration;

/// A verb that works on the data while no box runs is done by then, and so is the stop of a box before this one; all but a long check,
/// which is told as in use.
const VERBS_TAKE_AT_MOST: Duration = Duration::from_secs(10);

/// What a running box stands on, opened before anything is served.
pub(super) struct Ground {
    pub(super) stores: Stores,
    pub(super) board: Board,
    pub(super) listener: TcpListener,
    pub(super) control: UnixListener,
    pub(super) slots: Part<Slots>,
    pub(super) updates: Updates,
    /// `None`: the box is not on the air.
    pub(super) air: Option<AirGround>,
    /// What was found wrong on the way: a line each.
    pub(super) faults: Vec<String>,
}

impl Ground {
    pub(super) fn open(
        data: &Path,
        config: &Config,
        choice: &BoardChoice,
        listen_else: Option<SocketAddr>,
    ) -> anyhow::Result<Self> {
        let stores = match Stores::open_patiently(data, config, VERBS_TAKE_AT_MOST) {
            Err(StoresError::InUse { .. }) if crate::control::answers(data) => anyhow::bail!(
                "a box already runs on {}; stop it, or give another folder with --data",
                data.display()
            ),
            opened => opened?,
        };
        if let Err(error) = Lives::begin(data, Clock::of_the_desk().since_boot()) {
            tracing::warn!(error = chain(&error), "lives.not_kept");
        }
        let mut board = Board::open(choice, data)?;
        let boot: Box<dyn BootControl> = Box::new(OneSlot::new(board.model.clone()));
        let boot = std::mem::replace(&mut board.boot, boot);
        let mut slots = Slots::look(boot, data);
        let unsettled = slots.settle().err();
        let keyless = report::key::open_or_make(data).err();
        let slots = Part::new(Box::new(slots));
        let updates = Updates::open(&stores, config, choice, &slots);
        let (listener, elsewhere) = bind(config.listen, listen_else)?;
        Ok(Self {
            board,
            slots,
            updates,
            faults: [unsettled, keyless, elsewhere].into_iter().flatten().collect(),
            listener,
            control: control::listen(stores.data())
                .with_context(|| format!("cannot make the socket for the verbs in {}; give a folder that this user may write with --data", data.display()))?,
            air: None,
            stores,
        })
    }

    /// The radios go from the board to their service, unless they are to be left alone.
    pub(super) fn take_up_the_air(&mut self, no_radio: bool) {
        let Some(air) = self.board.air.take().filter(|_| !no_radio) else {
            return;
        };
        match AirGround::open(air, self.stores.data()) {
            Ok(ground) => self.air = Some(ground),
            Err(line) => self.faults.push(line),
        }
    }
}
