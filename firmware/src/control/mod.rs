//! How a verb asks the box that runs on the same data: a Unix socket `DATA/control.sock`.
//!
//! One request a connection, as a line of JSON; the answer is lines of JSON: any number of [`Line::Progress`] or [`Line::Update`], then
//! [`Line::Done`] or [`Line::Refused`]. The socket's mode admits the box's own user and root alone.
//! With no box running, the verb opens the data itself and [`carry_out()`]s the same request: one code, one writer.

mod ask;
mod carry_out;
mod counted;
mod past;

pub use ask::{AskError, Unanswered, answers, ask, ask_and_follow, ask_running};
pub use carry_out::carry_out;
pub(crate) use carry_out::{unkept, update};
pub(crate) use counted::counted;
pub use past::past;

use crate::erase::Erased;
use crate::outgoing::{Outgoing, ReceiptTold, StickTold};
use crate::selftest::{Outcome, Said, Wishes};
use crate::services::access_point::Device;
use crate::services::power::warehouse::StorageTold;
use crate::slots::UpdateWish;
use crate::status::{Status, Update};
use crate::updates::offer::{Offer, Offered};
use crate::welcome::Facts;
use board_support::BoardChoice;
use content_store::library::{PackId, PackSummary, VerifyReport};
use content_store::records::{Credential, RecordsReport};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::PathBuf;

/// A request longer than this is none of ours.
pub const LONGEST_REQUEST: u64 = 64 * 1024;

const NO_BOX: &str = "no box is running on this data; start one with `school-box run`";

/// The socket's name in the data folder.
pub const SOCKET: &str = "control.sock";

/// The socket by way of its opened folder: a socket's address may have 107 bytes, a data folder's path more.
#[must_use]
pub fn address_in(folder: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}/{SOCKET}", folder.as_raw_fd()))
}

/// What a person may ask of warehouse storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StorageWish {
    /// Into storage.
    Enter,
    /// Out of it.
    Leave,
}

/// What holds a hand-over up until somebody carries it to the programme; all of it may be given up in an emergency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldUp {
    /// Statements that are not known to have arrived there.
    pub statements: u64,
    /// A database that was damaged and put aside.
    pub damaged: Option<PathBuf>,
}

/// What a verb may ask.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Request {
    /// The state of the box.
    Status,
    /// Bytes that an import must leave free.
    ImportTerms,
    /// Take in what `import` staged.
    Adopt {
        /// The staged folder, under `DATA/incoming`.
        staged: PathBuf,
    },
    /// What is installed.
    LibraryList,
    /// Check every blob.
    LibraryVerify,
    /// Remove a pack.
    LibraryRemove {
        /// Which.
        id: PackId,
    },
    /// The system slots.
    Update {
        /// What is asked of them.
        wish: UpdateWish,
        /// The board, where no box runs: a running one knows its own.
        #[serde(skip)]
        board: BoardChoice,
    },
    /// Take a newer system from somewhere; the way there is told with [`Line::Update`].
    Offer {
        /// From where.
        offer: Offer,
        /// The board, where no box runs: a running one knows its own.
        #[serde(skip)]
        board: BoardChoice,
    },
    /// Warehouse storage.
    Storage {
        /// What is asked.
        wish: StorageWish,
        /// The board, where no box runs: a running one knows its own.
        #[serde(skip)]
        board: BoardChoice,
    },
    /// Try every part; the way there is told with [`Line::Selftest`].
    Selftest {
        /// How.
        wishes: Wishes,
        /// The board, where no box runs: a running one knows its own.
        #[serde(skip)]
        board: BoardChoice,
    },
    /// What the printed welcome tells, the network's key among it.
    Welcome,
    /// The devices on the air, without anything by which one could be known again.
    Devices,
    /// What happened and is not on the disk yet.
    Unwritten,
    /// Restart the machine.
    Restart,
    /// Do this once somebody has pressed the button: who asks over the technician's line has to stand at the box.
    AtTheBox {
        /// What.
        then: Box<Self>,
    },
    /// Forget everyone.
    Erase,
    /// What holds a hand-over up.
    HeldUp,
    /// The box goes to another school.
    HandOver {
        /// Give up what is not known to have arrived.
        without_receipts: bool,
    },
    /// What there is to carry to the programme.
    Outgoing,
    /// Seal a bundle.
    Seal {
        /// Which.
        number: u64,
    },
    /// A sealed bundle was carried, or will not be.
    LetGo {
        /// As [`Answer::Sealed`] named it.
        sealed: PathBuf,
    },
    /// What became of a stick that was plugged in for records.
    Stick {
        /// In numbers.
        told: StickTold,
    },
    /// Take a receipt in.
    Receipt {
        /// As it stands in its file.
        text: String,
    },
    /// Check the records.
    RecordsVerify,
    /// Make (or renew) a tool's credential.
    Credential {
        /// The tool's name.
        name: String,
    },
}

/// What a request brings.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "is", content = "value", rename_all = "snake_case")]
pub enum Answer {
    /// To [`Request::Status`].
    Status(Box<Status>),
    /// To [`Request::ImportTerms`].
    ImportTerms {
        /// Bytes.
        keep_free: u64,
    },
    /// To [`Request::Adopt`] and [`Request::LibraryRemove`].
    Pack(PackSummary),
    /// To [`Request::LibraryList`].
    Packs(Vec<PackSummary>),
    /// To [`Request::LibraryVerify`].
    Verified(VerifyReport),
    /// To [`Request::Erase`] and [`Request::HandOver`].
    Erased(Erased),
    /// To [`Request::Outgoing`].
    Outgoing(Outgoing),
    /// To [`Request::Seal`].
    Sealed(PathBuf),
    /// To [`Request::LetGo`] and [`Request::Stick`].
    Noted,
    /// To [`Request::Receipt`].
    Receipt(ReceiptTold),
    /// To [`Request::RecordsVerify`].
    RecordsVerified(RecordsReport),
    /// To [`Request::Credential`].
    Credential(Credential),
    /// To [`Request::Welcome`].
    Welcome(Facts),
    /// To [`Request::Devices`].
    Devices(Vec<Device>),
    /// To [`Request::Unwritten`]: each as the line that will keep it, the oldest first.
    Unwritten(Vec<String>),
    /// To [`Request::HeldUp`].
    HeldUp(HeldUp),
    /// To [`Request::Restart`].
    Restarts,
    /// To [`Request::Update`].
    Update(Box<Update>),
    /// To [`Request::Offer`].
    Offered(Box<Offered>),
    /// To [`Request::Storage`].
    Storage(Box<StorageTold>),
    /// To [`Request::Selftest`].
    Selftest(Box<Outcome>),
}

/// A line of the answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// Bytes done, bytes in all.
    Progress(u64, u64),
    /// How far an update is.
    Update(Box<Update>),
    /// How far a self-test is.
    Selftest(Said),
    /// It is done.
    Done(Answer),
    /// It could not be done: what, on what, and what to do.
    Refused(String),
}
