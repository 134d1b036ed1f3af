//! What each page says: lines of text, the most important first. Pure. Of a running box they are the lines of the technician's page
//! ([`crate::diagnostics::page`]); without one, what the disk says.

use super::records;
use super::seen::{OnDisk, Program, Seen};
use crate::diagnostics::page::{self, bytes};
use crate::services::access_point::Device;
use crate::slots::words;
use crate::status::{Radio, Status};
use crate::updates::told;

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Page {
    /// What needs help, and everything in brief.
    Box,
    /// Battery and plan.
    Battery,
    /// Radio and clients.
    Radio,
    /// Slots and updates.
    System,
    /// Storage and wear.
    Disk,
    /// The last 200 events.
    Events,
    /// The self-test.
    Test,
    /// The support bundle.
    Report,
    /// Records on their way out, and the hand-over.
    Records,
}

impl Page {
    /// In the order of their keys, from 1.
    pub(super) const ALL: [Self; 9] = [
        Self::Box,
        Self::Battery,
        Self::Radio,
        Self::System,
        Self::Disk,
        Self::Events,
        Self::Test,
        Self::Report,
        Self::Records,
    ];

    /// Its name on the screen.
    #[must_use]
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Box => "Box",
            Self::Battery => "Battery",
            Self::Radio => "Radio",
            Self::System => "System",
            Self::Disk => "Disk",
            Self::Events => "Events",
            Self::Test => "Test",
            Self::Report => "Report",
            Self::Records => "Records",
        }
    }

    /// Its command in the line mode.
    #[must_use]
    pub(super) const fn command(self) -> &'static str {
        match self {
            Self::Box => "box",
            Self::Battery => "battery",
            Self::Radio => "radio",
            Self::System => "system",
            Self::Disk => "disk",
            Self::Events => "events",
            Self::Test => "test",
            Self::Report => "report",
            Self::Records => "records",
        }
    }

    /// What it is about, for its title.
    #[must_use]
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Box => "The box",
            Self::Battery => "Battery and plan",
            Self::Radio => "Radio and clients",
            Self::System => "Slots and updates",
            Self::Disk => "Storage and wear",
            Self::Events => "Last events, newest first",
            Self::Test => "Self-test",
            Self::Report => "Support bundle",
            Self::Records => "Records out, and hand-over",
        }
    }
}

/// The lines of a page.
#[must_use]
pub(super) fn lines(page: Page, seen: &Seen) -> Vec<String> {
    let disk = seen.disk.as_ref();
    match page {
        Page::Box => of_the_box(seen),
        Page::Battery => battery(seen),
        Page::Radio => radio(seen),
        Page::System => system(seen),
        Page::Disk => storage(seen),
        Page::Events => events(seen),
        Page::Test => {
            let test = disk.map_or(&[][..], |disk| &disk.test);
            if test.is_empty() {
                return vec!["No self-test was made yet.".to_owned()];
            }
            test.to_vec()
        }
        Page::Report => report(seen),
        Page::Records => records::lines(seen),
    }
}

/// What is said in the place of what only the program knows.
pub(super) fn without_program(seen: &Seen) -> Vec<String> {
    match &seen.program {
        Program::Unknown => vec!["Looking ...".to_owned()],
        Program::Silent(why) => vec![format!("The box's program does not answer: {why}.")],
        Program::Gone(why) => vec![format!("The box's program is not running: {why}.")],
        Program::Runs(..) => Vec::new(),
    }
}

fn of_the_box(seen: &Seen) -> Vec<String> {
    let mut lines = without_program(seen);
    lines.extend(seen.silent_disk());
    if let Program::Runs(status, _) = &seen.program {
        lines.extend(restarted(seen.restarts));
        let help = page::help(status);
        if help.is_empty() {
            lines.push("Nothing needs help.".to_owned());
        } else {
            lines.push("Needs help:".to_owned());
            lines.extend(help);
        }
        lines.push(String::new());
        lines.extend(page::energy(status));
        lines.extend(page::air(status));
        lines.extend(page::stores(status));
        lines.extend(page::system(status));
        return lines;
    }
    if let Some(disk) = &seen.disk {
        lines.push(match disk.problems.is_empty() {
            true => "The start of the system found nothing wrong.".to_owned(),
            false => "The start of the system found:".to_owned(),
        });
        lines.extend(disk.problems.iter().map(|problem| format!("- {problem}")));
        lines.push(String::new());
        lines.extend(charge(disk));
        lines.extend(slots(seen));
        lines.extend(room(disk));
    }
    lines
}

fn restarted(times: u32) -> Option<String> {
    let times = match times {
        0 => return None,
        1 => "once".to_owned(),
        more => format!("{more} times"),
    };
    Some(format!(
        "The box's program was restarted {times} since the system started."
    ))
}

fn battery(seen: &Seen) -> Vec<String> {
    let mut lines = without_program(seen);
    if let Some(status) = seen.program.status() {
        lines.extend(page::energy(status));
        lines.extend(plan(status));
        return lines;
    }
    if let Some(disk) = &seen.disk {
        lines.extend(charge(disk));
        lines.extend(disk.storage.iter().cloned());
    }
    lines
}

fn charge(disk: &OnDisk) -> Option<String> {
    let charge = disk.charge_percent?;
    Some(format!(
        "Battery   {charge:.0} % when the program kept it last"
    ))
}

fn plan(status: &Status) -> Vec<String> {
    let Some(plan) = &status.power.plan else {
        return Vec::new();
    };
    let blocks = plan.blocks.iter();
    let hours = blocks.map(|block| format!("  from {}  {}", block.from, block.state));
    let head = match plan.clock_trusted {
        true => "The next 24 hours:",
        false => "The next 24 hours, by a clock that is not trusted:",
    };
    [String::new(), head.to_owned()]
        .into_iter()
        .chain(hours)
        .collect()
}

fn radio(seen: &Seen) -> Vec<String> {
    let Program::Runs(status, devices) = &seen.program else {
        let mut lines = without_program(seen);
        lines.push("The radio is off the air without it.".to_owned());
        return lines;
    };
    let mut lines = page::air(status);
    lines.extend(counted(&status.radio));
    lines.push(String::new());
    lines.extend(
        devices
            .iter()
            .zip(1..)
            .map(|(device, number)| client(number, device)),
    );
    if devices.is_empty() {
        lines.push("No client is on the air.".to_owned());
    }
    lines
}

fn counted(radio: &Radio) -> Vec<String> {
    let wait = match radio.waiting {
        1 => "1 waits".to_owned(),
        more => format!("{more} wait"),
    };
    let turned_away = match radio.refused {
        1 => "1 was".to_owned(),
        more => format!("{more} were"),
    };
    let lent = match radio.leases {
        1 => "1 address".to_owned(),
        more => format!("{more} addresses"),
    };
    let mut lines = vec![format!(
        "Clients   {} of {}, {wait} for a seat, {turned_away} turned away, {lent} lent",
        radio.clients, radio.client_limit
    )];
    lines.extend(radio.rival_dhcp.map(|_| {
        "Rival     another device on the network gives out addresses: unplug it".to_owned()
    }));
    lines.extend(
        radio
            .notice
            .iter()
            .map(|notice| format!("Notice    {notice}")),
    );
    lines
}

/// A client is a number: nothing of it is told by which it could be known again.
fn client(number: u32, device: &Device) -> String {
    let loud = device
        .dbm
        .map_or_else(|| "  ? dBm".to_owned(), |dbm| format!("{dbm:>3} dBm"));
    let rate = device.kbit_s.map_or_else(
        || "rate unknown".to_owned(),
        |rate| format!("{}.{} Mbit/s", rate / 1000, rate % 1000 / 100),
    );
    format!(
        "Client {number:>3}  {loud}  {rate}, on {}",
        device.interface
    )
}

fn system(seen: &Seen) -> Vec<String> {
    let mut lines = without_program(seen);
    lines.extend(slots(seen));
    if let Some(status) = seen.program.status() {
        lines.push(String::new());
        lines.extend(page::system(status));
    }
    lines
}

fn slots(seen: &Seen) -> Vec<String> {
    match seen.update() {
        Some(Ok(update)) => {
            let of_update = told::words(update);
            words(update).into_iter().chain(of_update).collect()
        }
        Some(Err(why)) => vec![format!("the slots cannot be read: {why}")],
        None => Vec::new(),
    }
}

fn storage(seen: &Seen) -> Vec<String> {
    let mut lines = without_program(seen);
    lines.extend(seen.silent_disk());
    if let Some(status) = seen.program.status() {
        lines.extend(page::stores(status));
        if status.storage.in_memory {
            lines.push("The data lie in memory: NOTHING IS KEPT. See to the card.".to_owned());
        }
    } else if let Some(disk) = &seen.disk {
        lines.extend(room(disk));
    }
    if let Some(disk) = &seen.disk {
        lines.push(String::new());
        lines.extend(disk.wear.iter().cloned());
        lines.extend(disk.problems.iter().cloned());
    }
    lines
}

fn room(disk: &OnDisk) -> Vec<String> {
    let room = disk
        .disk
        .map(|(total, free)| format!("Disk      {} free of {}", bytes(free), bytes(total)));
    let memory = disk.machine.as_ref().map(|machine| {
        format!(
            "Memory    {} free of {}",
            bytes(machine.memory_available_bytes),
            bytes(machine.memory_total_bytes)
        )
    });
    let missing = disk
        .disk
        .is_none()
        .then(|| "Disk      the data folder cannot be read: see to the card".to_owned());
    room.into_iter().chain(missing).chain(memory).collect()
}

/// The newest first, before them how old they may be.
fn events(seen: &Seen) -> Vec<String> {
    let mut lines: Vec<String> = seen.silent_disk().into_iter().collect();
    let Some(disk) = seen.disk.as_ref().filter(|disk| !disk.events.is_empty()) else {
        lines.push("No event has been kept yet.".to_owned());
        return lines;
    };
    let at = disk.written_up_to.as_ref();
    lines
        .extend(at.map(|at| format!("Written up to {at}; what came after it is not on the disk.")));
    lines.extend(disk.events.iter().rev().cloned());
    lines
}

fn report(seen: &Seen) -> Vec<String> {
    let mut lines: Vec<String> = [
        "A bundle for the programme's desk: events, versions, counters, health.",
        "No name, no learner, no address of a phone is in it; it is signed.",
        "",
        "By this line     l, then the command `bundle`: one line of JSON; its `base64`",
        "                 through `base64 -d` is the file `name`.",
        "By the network   the box's own address in a browser, then /report.sbr",
        "By a stick       FAT or exFAT with a folder `school-box-report`: in a minute",
        "At the desk      depot report show FILE",
    ]
    .map(str::to_owned)
    .to_vec();
    if seen.program.status().is_none() {
        lines.push(String::new());
        lines.extend(without_program(seen));
        lines.push("It can be made all the same.".to_owned());
    }
    lines
}
