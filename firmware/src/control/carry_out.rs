//! What the requests do to the stores; the same whether a box runs or not.

use super::{Answer, HeldUp, Line, NO_BOX, Request, StorageWish};
use crate::air::Identity;
use crate::clock::Clock;
use crate::config::Config;
use crate::erase;
use crate::outgoing;
use crate::selftest::{self, Around, OwnBoard, Wishes};
use crate::services::Part;
use crate::services::power::warehouse::{StorageFile, StorageRecord, kept_capacity, told};
use crate::services::power::{last_known_charge, take_alarm};
use crate::slots::{Slots, UpdateWish};
use crate::stores::Stores;
use crate::telemetry::chain;
use crate::updates::in_place;
use crate::updates::offer::Offer;
use crate::updates::told::{Facts, remembered, told as tell};
use crate::updates::{Known, WorkParts};
use crate::welcome;
use board_support::release::Release;
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
    told: &mut dyn FnMut(&Line),
) -> Result<Answer, String> {
    let library = stores.library();
    let lost = |error| stores.library_error(&error);
    match request {
        Request::Status
        | Request::Devices
        | Request::Unwritten
        | Request::Restart
        | Request::Stick { .. }
        | Request::AtTheBox { .. } => Err(NO_BOX.to_owned()),
        Request::ImportTerms => Ok(Answer::ImportTerms {
            keep_free: stores.keep_free(),
        }),
        Request::Adopt { staged } => library.adopt(staged).map(Answer::Pack).map_err(lost),
        Request::LibraryList => Ok(Answer::Packs(library.packs().to_vec())),
        Request::LibraryVerify => library
            .verify(&mut |done, total| told(&Line::Progress(done, total)))
            .map(Answer::Verified)
            .map_err(lost),
        Request::LibraryRemove { id } => library.remove(id).map(Answer::Pack).map_err(lost),
        Request::Update { wish, board } => update(*wish, board, stores.data()),
        Request::Offer { offer, board } => take(stores, offer, board, told),
        Request::Storage { wish, board } => storage(*wish, board, stores.data()),
        Request::Selftest { wishes, board } => {
            let data = stores.data();
            let config = Config::of_the_box(None, data).unwrap_or_default();
            selftest(*wishes, (board, data, &config), Ok(stores.clone()), told)
        }
        Request::Welcome => on_the_sheet(stores.data()),
        Request::Erase => erase::everyone(stores).map(Answer::Erased),
        Request::HeldUp => held_up(stores).map(Answer::HeldUp),
        Request::HandOver { without_receipts } => {
            erase::handover::hand_over(stores, *without_receipts).map(Answer::Erased)
        }
        Request::Outgoing => outgoing::list(stores).map(Answer::Outgoing),
        Request::Seal { number } => outgoing::seal(stores, *number).map(Answer::Sealed),
        Request::LetGo { sealed } => {
            outgoing::let_go(stores.data(), sealed).map(|()| Answer::Noted)
        }
        Request::Receipt { text } => outgoing::take_receipt(stores, text).map(Answer::Receipt),
        Request::RecordsVerify => outgoing::verify(stores, &mut |done, total| {
            told(&Line::Progress(done, total))
        })
        .map(Answer::RecordsVerified),
        Request::Credential { name } => stores
            .records()
            .make_credential(name, Clock::of_the_desk().wall())
            .map(Answer::Credential)
            .map_err(|error| chain(&error)),
    }
}

/// As the hand-over itself will ask once more, in the moment of its commit.
fn held_up(stores: &Stores) -> Result<HeldUp, String> {
    let records = stores.records();
    Ok(HeldUp {
        statements: records.outstanding().map_err(|error| chain(&error))?,
        damaged: records.quarantined(),
    })
}

/// Every part of a board that no box drives.
pub(super) fn selftest(
    wishes: Wishes,
    (choice, data, config): (&BoardChoice, &Path, &Config),
    stores: Result<Stores, String>,
    told: &mut dyn FnMut(&Line),
) -> Result<Answer, String> {
    let mut board = Board::open(choice, data).map_err(|error| chain(&error))?;
    let clock = Clock::start(board.time_scale, board.rtc.read().ok().flatten());
    let around = Around {
        data,
        board: choice,
        stores,
        clock: &clock,
        time_scale: board.time_scale,
        model: board.model.clone(),
        release: Release::of(choice, data),
        keep_free: config.keep_free_bytes,
        in_memory: board.start.data_in_memory,
        serial: selftest::serial(choice, data),
    };
    let mut bench = OwnBoard::new(board, clock.clone(), &config.policy, data);
    let mut said = |said| told(&Line::Selftest(said));
    let outcome = selftest::run(&mut bench, &around, wishes, &mut said);
    // On a full disk the verdict is wanted most.
    if let Err(error) = selftest::keep(data, &outcome) {
        told(&Line::Selftest(selftest::Said::Ask(unkept(&error))));
    }
    if let Ok(stores) = around.stores {
        stores.records().close();
    }
    Ok(Answer::Selftest(Box::new(outcome)))
}

/// The test was made, and its result cannot be kept.
pub(crate) fn unkept(error: &std::io::Error) -> String {
    format!(
        "the result of the test cannot be kept in the data folder: {}; make room on the disk, and test again",
        chain(error)
    )
}

/// What the printed welcome tells of a box that does not run. The network's key is drawn here, if it was not yet.
fn on_the_sheet(data: &Path) -> Result<Answer, String> {
    let config = Config::of_the_box(None, data).unwrap_or_default();
    let identity = Identity::open_or_make(data).map_err(|error| chain(&error))?;
    let facts = welcome::Facts::of(&config.air, &identity, &config.host, config.listen.port());
    Ok(Answer::Welcome(facts))
}

/// What a person asks of the slots of `board`, whose box does not run.
pub(crate) fn update(wish: UpdateWish, board: &BoardChoice, data: &Path) -> Result<Answer, String> {
    let boot = boot_control::open(board, data).map_err(|error| chain(&error))?;
    let slots = Slots::look(boot, data).wish(wish)?;
    let known = Known::on(data);
    let facts = Facts {
        release: &Release::of(board, data),
        known: &known,
        state: &remembered(&known.ledger),
        progress: None,
        from: "",
        rate: 0,
        lack: None,
        last_look: "",
    };
    Ok(Answer::Update(Box::new(tell(slots, &facts))))
}

/// A newer system into the other slot, in the place of a box.
fn take(
    stores: &Stores,
    offer: &Offer,
    board: &BoardChoice,
    told: &mut dyn FnMut(&Line),
) -> Result<Answer, String> {
    let data = stores.data();
    let boot = boot_control::open(board, data).map_err(|error| chain(&error))?;
    let mut slots = Slots::look(boot, data);
    slots.settle()?;
    let parts = WorkParts {
        data: data.to_owned(),
        board: board.clone(),
        keep_free: stores.keep_free(),
        slots: Part::new(Box::new(slots)),
        release: Release::of(board, data),
        config: Config::of_the_box(None, data).unwrap_or_default().updates,
        stores: stores.clone(),
    };
    // A board whose parts cannot be opened has no clock to be trusted, and takes updates all the same.
    let rtc = Board::open(board, data).ok();
    let rtc = rtc.and_then(|mut board| board.rtc.read().ok().flatten());
    let clock = Clock::start(1, rtc);
    let offered = in_place::take(parts, offer, &clock, &mut |update| {
        told(&Line::Update(Box::new(update.clone())));
    })?;
    Ok(Answer::Offered(Box::new(offered)))
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
            let gauge = board.gauge.as_deref_mut();
            record = StorageRecord {
                capacity_wh: gauge.and_then(|gauge| kept_capacity(data, &policy, gauge)),
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
