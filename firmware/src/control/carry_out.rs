//! What the requests do to the stores; the same whether a box runs or not.

use super::{Answer, NO_BOX, Request, StorageWish};
use crate::clock::Clock;
use crate::config::Config;
use crate::services::power::warehouse::{StorageFile, StorageRecord, told};
use crate::services::power::{last_known_charge, take_alarm};
use crate::slots::{Slots, UpdateWish};
use crate::stores::Stores;
use crate::telemetry::chain;
use board_support::{Board, BoardChoice, boot_control};
use power_mgmt::storage::{CHECK_EVERY_S, Left};
use std::path::Path;

/// Does what `request` asks of the stores; blocks.
///
/// # Errors
/// One line for the person: what could not be done, on what, and why.
pub fn carry_out(
    stores: &Stores,
    request: &Request,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Answer, String> {
    let library = stores.library();
    let lost = |error| stores.library_error(&error);
    match request {
        Request::Status => Err(NO_BOX.to_owned()),
        Request::ImportTerms => Ok(Answer::ImportTerms {
            keep_free: stores.keep_free(),
        }),
        Request::Adopt { staged } => library.adopt(staged).map(Answer::Pack).map_err(lost),
        Request::LibraryList => Ok(Answer::Packs(library.packs().to_vec())),
        Request::LibraryVerify => library.verify(progress).map(Answer::Verified).map_err(lost),
        Request::LibraryRemove { id } => library.remove(id).map(Answer::Pack).map_err(lost),
        Request::Update { wish, board } => update(*wish, board, stores.data()),
        Request::Storage { wish, board } => storage(*wish, board, stores.data()),
        Request::Credential { name } => stores
            .records()
            .make_credential(name, Clock::of_the_desk().wall())
            .map(Answer::Credential)
            .map_err(|error| chain(&error)),
    }
}

/// What a person asks of the slots of `board`, whose box does not run.
pub(super) fn update(wish: UpdateWish, board: &BoardChoice, data: &Path) -> Result<Answer, String> {
    let boot = boot_control::open(board, data).map_err(|error| chain(&error))?;
    let update = Slots::look(boot, data).wish(wish)?;
    Ok(Answer::Update(Box::new(update)))
}

/// What a person asks of storage where no box runs: the record and the alarm; switching off is then the person's.
fn storage(wish: StorageWish, board: &BoardChoice, data: &Path) -> Result<Answer, String> {
    let mut board = Board::open(board, data).map_err(|error| chain(&error))?;
    let policy = Config::of_the_box(None, data).unwrap_or_default().policy;
    let rtc = board.rtc.read().map_err(|error| chain(&error))?;
    let now = Clock::start(1, rtc)
        .wall_trusted()
        .and_then(|now| u64::try_from(now.as_second()).ok());
    let file = StorageFile::in_data(data);
    let unwritten = |error| {
        format!(
            "the record of storage cannot be written: {}; make room on the disk, and try again",
            chain(&error)
        )
    };
    let known = file.load();
    let mut record = known.clone().unwrap_or_else(StorageRecord::in_use);
    let wake = match wish {
        StorageWish::Enter => {
            record = StorageRecord {
                entered_at: now,
                charge_percent: last_known_charge(data),
                ..StorageRecord::default()
            };
            file.save(&record).map_err(unwritten)?;
            let wake = set_alarm(&mut board, now);
            record.due = wake.as_ref().ok().copied();
            wake
        }
        StorageWish::Leave => {
            if record.stands() {
                record.leave(now, Left::Asked);
            }
            if let Some(wake) = &mut board.wake {
                wake.set(None).map_err(|error| chain(&error))?;
            }
            Err("the box is in use".to_owned())
        }
    };
    if known.as_ref() != Some(&record) && (known.is_some() || record.stands()) {
        file.save(&record).map_err(unwritten)?;
    }
    Ok(Answer::Storage(Box::new(told(
        &record, &policy, wake, false,
    ))))
}

fn set_alarm(board: &mut Board, now: Option<u64>) -> Result<u64, String> {
    let wake = (board.wake.as_mut())
        .ok_or_else(|| "this board has no alarm that could wake it".to_owned())?;
    let now = now.ok_or_else(|| "the clock has lost its time; see to its coin cell".to_owned())?;
    take_alarm(&mut **wake, now, now + CHECK_EVERY_S)
}
