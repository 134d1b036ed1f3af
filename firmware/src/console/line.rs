//! The line mode, for scripts and for terminals that are no screen: a command a line, an answer a line, which is one JSON object. Pure.
//!
//! Every answer has `ok`, `command` and `program` (`running`, `silent`, `not_running`); `why` says why it does not run, and `error` what
//! was wrong with a command. What only the program knows is `null` without it. Of the events `written_up_to` is `null` where the program has
//! told those that are not on the disk yet; else it says when the last one was that is.

use super::doing::Action;
use super::pages::{self, Page};
use super::records::held_up;
use super::seen::{Program, Seen};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Events of an answer at most.
pub(super) const MOST_EVENTS: usize = 200;
/// Letters of a command at most; a longer one is refused, and nothing of it is kept.
pub(super) const LONGEST: usize = 120;

/// The command for the support bundle.
const BUNDLE: &str = "bundle";
/// Its bytes at most: some two minutes of a line at 115,200 baud.
const LARGEST_BUNDLE: usize = 1 << 20;

/// What follows a command.
#[derive(Debug, PartialEq)]
pub(super) enum Reply {
    /// Nothing was asked.
    Nothing,
    /// This.
    Say(Value),
    /// Ask the box for this, and tell what came of it.
    Do(Action),
    /// The support bundle.
    Bundle,
    /// Back to the screen.
    Screen,
    /// The person leaves.
    Quit,
}

/// What follows `command`.
#[must_use]
pub(super) fn reply(command: &str, seen: &Seen) -> Reply {
    if let Some(action) = Action::of_words(command) {
        // Before somebody is sent to the button for nothing.
        return match held_up(seen).filter(|_| action == Action::HandOver) {
            Some(why) => Reply::Say(failed(action.command(), seen, &why)),
            None => Reply::Do(action),
        };
    }
    let words: Vec<&str> = command.split_whitespace().collect();
    match words[..] {
        [] => Reply::Nothing,
        ["help" | "?"] => Reply::Say(answer("help", seen, json!({ "commands": commands() }))),
        [BUNDLE] => Reply::Bundle,
        ["screen"] => Reply::Screen,
        ["quit" | "exit"] => Reply::Quit,
        ["events", number] => match number.parse::<usize>() {
            Ok(most) if most <= MOST_EVENTS => Reply::Say(events(seen, most)),
            Ok(_) | Err(_) => refused(
                "events",
                seen,
                &format!("give a number from 0 to {MOST_EVENTS}"),
            ),
        },
        [word] => named(word, seen),
        [word, ..] => refused(word, seen, "too many words; `help` says what there is"),
    }
}

fn named(word: &str, seen: &Seen) -> Reply {
    let page = Page::ALL.into_iter().find(|page| page.command() == word);
    let action = Action::ALL
        .into_iter()
        .find(|action| action.command() == word);
    match (page, action) {
        (Some(Page::Events), _) => Reply::Say(events(seen, MOST_EVENTS)),
        (Some(page), _) => Reply::Say(answer(word, seen, data(page, seen))),
        (None, Some(action)) => Reply::Do(action),
        (None, None) => refused(word, seen, "no such command; `help` says what there is"),
    }
}

/// A command that was too long, or that came with more than one types.
#[must_use]
pub(super) fn too_long(seen: &Seen) -> Value {
    failed(
        "",
        seen,
        "too much at once: nothing of it was done; one command a line, and wait for its answer",
    )
}

/// Nobody leaves a serial line: the next who plugs a cable in finds the console there.
#[must_use]
pub(super) fn stays(seen: &Seen) -> Value {
    failed("quit", seen, "this line stays")
}

/// The support bundle, as its file's bytes; or why there is none.
#[must_use]
pub(super) fn bundle(made: &Result<(String, Vec<u8>), String>, seen: &Seen) -> Value {
    match made {
        Ok((name, bytes)) if bytes.len() <= LARGEST_BUNDLE => answer(
            BUNDLE,
            seen,
            json!({ "name": name, "bytes": bytes.len(), "base64": STANDARD.encode(bytes) }),
        ),
        Ok((_, bytes)) => {
            let why = format!(
                "it has {} bytes, too many for this line: take it to a stick with `school-box report --to`, or from the page of the box's state",
                bytes.len()
            );
            failed(BUNDLE, seen, &why)
        }
        Err(why) => failed(BUNDLE, seen, why),
    }
}

/// What came of an action.
#[must_use]
pub(super) fn done(action: Action, outcome: &Result<String, String>, seen: &Seen) -> Value {
    match outcome {
        Ok(said) => answer(action.command(), seen, json!({ "said": said })),
        Err(why) => failed(action.command(), seen, why),
    }
}

fn refused(command: &str, seen: &Seen, why: &str) -> Reply {
    let known: String = command
        .chars()
        .filter(char::is_ascii_graphic)
        .take(20)
        .collect();
    Reply::Say(failed(&known, seen, why))
}

fn failed(command: &str, seen: &Seen, why: &str) -> Value {
    let mut value = answer(command, seen, json!({ "error": why }));
    value["ok"] = Value::Bool(false);
    value
}

fn answer(command: &str, seen: &Seen, data: Value) -> Value {
    let mut value = json!({
        "ok": true,
        "command": command,
        "program": seen.program.word(),
        "restarts": seen.restarts,
    });
    if let Program::Silent(why) | Program::Gone(why) = &seen.program {
        value["why"] = Value::String(why.clone());
    }
    if let (Some(all), Value::Object(data)) = (value.as_object_mut(), data) {
        all.extend(data);
    }
    value
}

fn events(seen: &Seen, most: usize) -> Value {
    let disk = seen.disk.as_ref();
    let events = disk.map_or(&[][..], |disk| &disk.events);
    let last = &events[events.len().saturating_sub(most)..];
    let written_up_to = disk.and_then(|disk| disk.written_up_to.as_ref());
    let data = json!({ "events": last, "written_up_to": written_up_to });
    answer("events", seen, data)
}

fn data(page: Page, seen: &Seen) -> Value {
    let status = seen.program.status();
    let disk = seen.disk.as_ref();
    match page {
        Page::Box => json!({
            "version": status.map(|it| &it.version),
            "board": status.map(|it| &it.board),
            "uptime_s": status.map(|it| it.uptime_s),
            "time": status.and_then(|it| it.time.as_ref()),
            "needs_help": status.map(|it| &it.degraded),
            "start": disk.map(|it| &it.problems),
        }),
        Page::Battery => json!({
            "battery": status.map(|it| &it.battery),
            "power": status.map(|it| &it.power),
            "kept_charge_percent": disk.and_then(|it| it.charge_percent),
            "storage": disk.map(|it| &it.storage),
        }),
        Page::Radio => {
            let devices = match &seen.program {
                Program::Runs(_, devices) => Some(devices),
                Program::Unknown | Program::Silent(_) | Program::Gone(_) => None,
            };
            json!({ "radio": status.map(|it| &it.radio), "clients": devices })
        }
        Page::System => match seen.update() {
            Some(Ok(update)) => json!({ "update": update }),
            Some(Err(why)) => json!({ "update": null, "problem": why }),
            None => json!({ "update": null }),
        },
        Page::Disk => json!({
            "storage": status.map(|it| &it.storage),
            "library": status.map(|it| &it.library),
            "records": status.map(|it| &it.records),
            "machine": status.map(|it| &it.machine).or(disk.and_then(|it| it.machine.as_ref())),
            "disk_bytes": disk.and_then(|it| it.disk).map(|(total, free)| json!({ "total": total, "free": free })),
            "wear": disk.map(|it| &it.wear),
            "silent": seen.silent_disk(),
        }),
        Page::Records => json!({ "records": status.map(|it| &it.records) }),
        Page::Events | Page::Test | Page::Report => json!({ "lines": pages::lines(page, seen) }),
    }
}

fn commands() -> Value {
    let pages = Page::ALL.map(|page| {
        let about = match page {
            // A script appends what it reads.
            Page::Events => "Last events, oldest first; `events 5`: the last five",
            Page::Box
            | Page::Battery
            | Page::Radio
            | Page::System
            | Page::Disk
            | Page::Test
            | Page::Report
            | Page::Records => page.title(),
        };
        (page.command().to_owned(), Value::from(about))
    });
    let actions = Action::ALL.map(|action| {
        let question = match action.words() {
            Some(_) => "Forget everyone, for another school, once nothing waits for receipts.",
            None => action.question(),
        };
        let words = format!("{question} Press the box's button within 30 s.");
        (action.command().to_owned(), Value::from(words))
    });
    let others = [
        ("help", "These commands"),
        (
            BUNDLE,
            "The support bundle itself: `base64 -d` of `base64` is the file `name`",
        ),
        ("screen", "The screen"),
        ("quit", "Leave; a serial line stays"),
    ]
    .map(|(word, about)| (word.to_owned(), Value::from(about)));
    Value::Object(pages.into_iter().chain(actions).chain(others).collect())
}
