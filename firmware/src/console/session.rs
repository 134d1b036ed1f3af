//! The console on a terminal: bytes in, screens out; the line mode on the same line. The thin shell around the pure parts.
//!
//! Nothing here waits for the line: what it does not take is sent later, and while something waits no screen is drawn. So a slow line drops
//! screens, and memory stays what it is.

use super::ask::ask;
use super::desk::{Desk, Wish};
use super::doing::Action;
use super::drawn::Drawn;
use super::ear::{Ear, Key, MOST_OF_A_COMMAND, MOST_OF_A_KEY};
use super::line::{self, Reply};
use super::look::{Look, Place, Presence};
use super::output::{Output, ascii};
use super::records::held_up;
use super::screen;
use super::seen::Seen;
use super::vt100::LARGEST;
use crate::clock::Clock;
use board_support::terminal::Terminal as Line;
use ratatui::layout::Size;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

/// At least so often it is looked whether something is to be shown.
const TURN: Duration = Duration::from_millis(250);
/// Bytes that are read in a turn at most.
const MOST_IN_A_TURN: usize = 64 * 1024;
const BUSY: &str = "one thing at a time: the box is still at the last";
/// Smaller than this is no screen: the line mode is.
const SMALLEST: Size = Size::new(12, 3);

/// How a session ended.
#[derive(Debug)]
pub enum Ended {
    /// The person left.
    Left,
    /// The line is gone.
    Lost(io::Error),
}

/// How the console is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Screen,
    Lines,
}

impl Mode {
    /// Bytes in one go that are believed.
    const fn most(self) -> usize {
        match self {
            Self::Screen => MOST_OF_A_KEY,
            Self::Lines => MOST_OF_A_COMMAND,
        }
    }
}

/// What is heard of an action.
#[derive(Debug)]
enum Done {
    /// How far it is.
    Goes(String),
    /// The support bundle.
    Bundle(Result<(String, Vec<u8>), String>),
    /// What came of it.
    Is(Action, Result<String, String>),
}

/// A console at work; it outlives the line it is on.
pub struct Console {
    place: Place,
    clock: Clock,
    presence: Presence,
    seen: Seen,
    looks: Receiver<Look>,
    done: (SyncSender<Done>, Receiver<Done>),
    desk: Desk,
    mode: Mode,
    /// The lines are spoken for want of room alone: nobody chose them.
    cramped: bool,
    typed: String,
    acting: bool,
}

impl Console {
    /// Begins to look at the box.
    ///
    /// # Errors
    /// When a thread cannot be made.
    pub fn new(place: Place, lines: bool, may_quit: bool) -> io::Result<Self> {
        let clock = Clock::of_the_desk();
        let presence = Presence::default();
        let (told, looks) = sync_channel(2);
        place.watch(&told, &presence)?;
        Ok(Self {
            seen: Seen {
                disk_at: clock.since_boot(),
                now: clock.since_boot(),
                ..Seen::default()
            },
            place,
            clock,
            presence,
            looks,
            done: sync_channel(8),
            desk: Desk::new(may_quit),
            mode: if lines { Mode::Lines } else { Mode::Screen },
            cramped: false,
            typed: String::new(),
            acting: false,
        })
    }

    /// Serves whoever is at the end of `line`.
    pub fn serve(&mut self, line: &mut Line) -> Ended {
        // Another cable, perhaps another person: at the first page, whatever room the last terminal had.
        self.desk = Desk::new(self.desk.may_quit);
        if self.cramped {
            self.mode = Mode::Screen;
        }
        let mut output = Output::new(self.clock.since_boot());
        let mut ear = Ear::new(self.mode.most());
        let mut drawn = Drawn::new(size_of(line));
        // What the start of the system said stays readable above.
        output.say(b"\r\n".repeat(usize::from(LARGEST.height)));
        self.enter(self.mode, &mut output, &mut drawn);
        loop {
            match self.turn(line, &mut ear, &mut output, &mut drawn) {
                Ok(false) => {}
                Ok(true) => {
                    let _ = line.write(b"\x1b[24;1H\r\n");
                    return Ended::Left;
                }
                Err(error) => return Ended::Lost(error),
            }
        }
    }

    fn turn(
        &mut self,
        line: &mut Line,
        ear: &mut Ear,
        output: &mut Output,
        drawn: &mut Drawn,
    ) -> io::Result<bool> {
        self.hear_looks(output);
        if output.is_sent() {
            self.fit(size_of(line), output, drawn);
        }
        if output.is_sent() && self.mode == Mode::Screen {
            let lines = screen::wrapped(self.desk.page, &self.seen, drawn.size).len();
            self.desk.handle_lines(lines);
            output.say(drawn.frame(&self.desk, &self.seen));
        }
        output.send(line, self.seen.now)?;
        let timeout = ear.poll_timeout().unwrap_or(TURN).min(TURN);
        line.wait(!output.is_sent(), timeout)?;
        self.seen.now = self.clock.since_boot();
        self.listen(&mut |bytes| line.read(bytes), ear)?;
        Ok(self.hear_keys(ear, output, drawn))
    }

    /// A terminal without room for a screen has the lines until it has grown. Whoever chose them, or is just typing, keeps them.
    fn fit(&mut self, said: Option<Size>, output: &mut Output, drawn: &mut Drawn) {
        if self.mode == Mode::Lines && !self.cramped {
            return;
        }
        drawn.fit(said);
        let has_room = drawn.size.width >= SMALLEST.width && drawn.size.height >= SMALLEST.height;
        match (self.mode, has_room) {
            (Mode::Screen, false) => {
                self.enter(Mode::Lines, output, drawn);
                self.cramped = true;
            }
            (Mode::Lines, true) if self.typed.is_empty() => {
                self.enter(Mode::Screen, output, drawn);
            }
            (Mode::Lines, false) if said.is_none() => output.say(drawn.ask_aside()),
            (Mode::Screen, true) | (Mode::Lines, _) => {}
        }
    }

    /// Believes what the mode of now believes: what comes first in a new one is already its own.
    fn listen(
        &self,
        read: &mut dyn FnMut(&mut [u8]) -> io::Result<usize>,
        ear: &mut Ear,
    ) -> io::Result<()> {
        ear.believe(self.mode.most());
        let mut bytes = [0; 4096];
        let mut taken = 0;
        while taken < MOST_IN_A_TURN {
            match read(&mut bytes)? {
                0 => break,
                read => {
                    ear.handle_bytes(&bytes[..read], self.seen.now);
                    taken += read;
                }
            }
        }
        ear.handle_time(self.seen.now);
        Ok(())
    }

    /// Whether the person left.
    fn hear_keys(&mut self, ear: &mut Ear, output: &mut Output, drawn: &mut Drawn) -> bool {
        if ear.poll_bell() {
            self.refuse_flood(output);
        }
        while let Some(key) = ear.poll_key() {
            if self.handle_key(key, output, drawn) {
                return true;
            }
            ear.believe(self.mode.most());
        }
        false
    }

    fn hear_looks(&mut self, output: &mut Output) {
        while let Ok(look) = self.looks.try_recv() {
            self.seen.take(look);
        }
        while let Ok(heard) = self.done.1.try_recv() {
            let (action, outcome) = match heard {
                Done::Goes(said) => {
                    if self.mode == Mode::Lines {
                        output.say(format!("# {}\r\n", ascii(&said)).into_bytes());
                    }
                    self.desk.handle_progress(said);
                    continue;
                }
                Done::Bundle(made) => {
                    self.acting = false;
                    if self.mode == Mode::Lines {
                        output.answer(&line::bundle(&made, &self.seen));
                    }
                    continue;
                }
                Done::Is(action, outcome) => (action, outcome),
            };
            self.acting = false;
            if self.mode == Mode::Lines {
                output.answer(&line::done(action, &outcome, &self.seen));
            }
            let (Ok(said) | Err(said)) = outcome;
            self.desk.handle_done(said);
        }
    }

    fn refuse_flood(&mut self, output: &mut Output) {
        output.say(b"\x07".to_vec());
        self.typed.clear();
        match self.mode {
            Mode::Lines => output.answer(&line::too_long(&self.seen)),
            Mode::Screen => {
                self.desk.notice = Some("Too much at once: nothing of it was done.".to_owned());
            }
        }
    }

    fn enter(&mut self, mode: Mode, output: &mut Output, drawn: &mut Drawn) {
        self.mode = mode;
        self.cramped = false;
        self.typed.clear();
        match mode {
            Mode::Screen => drawn.anew(),
            Mode::Lines => {
                output.say(b"\x1b[24;1H\r\nschool-box: line mode; help says what there is, screen goes back\r\n".to_vec());
            }
        }
    }

    /// Whether the person left.
    fn handle_key(&mut self, key: Key, output: &mut Output, drawn: &mut Drawn) -> bool {
        if let Key::At(columns, rows) = key {
            drawn.terminal_ends_at(columns, rows);
            return false;
        }
        // A terminal's answer comes by itself: nobody need be there for it.
        self.presence.note(self.seen.now);
        if self.mode == Mode::Lines {
            return self.handle_typed(key, output, drawn);
        }
        let room = screen::room(drawn.size);
        let lines = screen::wrapped(self.desk.page, &self.seen, drawn.size).len();
        self.desk.held_up = held_up(&self.seen);
        self.desk.handle_key(key, (lines, room), self.seen.now);
        match self.desk.poll_wish() {
            None => {}
            Some(Wish::Do(_)) if self.acting => self.desk.handle_done(BUSY.to_owned()),
            Some(Wish::Do(action)) => self.begin(action, output),
            Some(Wish::Redraw) => drawn.anew(),
            Some(Wish::LineMode) => self.enter(Mode::Lines, output, drawn),
            Some(Wish::Quit) => return true,
        }
        false
    }

    fn handle_typed(&mut self, key: Key, output: &mut Output, drawn: &mut Drawn) -> bool {
        match key {
            Key::Letter(letter) if self.typed.len() < line::LONGEST => {
                self.typed.push(letter);
                output.say(vec![u8::try_from(letter).unwrap_or(b'?')]);
            }
            Key::Back => {
                if self.typed.pop().is_some() {
                    output.say(b"\x08 \x08".to_vec());
                }
            }
            Key::Cancel => {
                self.typed.clear();
                output.say(b"\r\n".to_vec());
            }
            Key::Enter => {
                output.say(b"\r\n".to_vec());
                let command = std::mem::take(&mut self.typed);
                return self.obey(&command, output, drawn);
            }
            Key::Letter(_)
            | Key::Escape
            | Key::Redraw
            | Key::Next
            | Key::Previous
            | Key::Down
            | Key::Up
            | Key::At(..) => output.say(b"\x07".to_vec()),
        }
        false
    }

    fn obey(&mut self, command: &str, output: &mut Output, drawn: &mut Drawn) -> bool {
        match line::reply(command, &self.seen) {
            Reply::Nothing => {}
            Reply::Say(value) => output.answer(&value),
            Reply::Do(action) if self.acting => {
                let busy = Err(BUSY.to_owned());
                output.answer(&line::done(action, &busy, &self.seen));
            }
            Reply::Do(action) => self.begin(action, output),
            Reply::Bundle if self.acting => {
                output.answer(&line::bundle(&Err(BUSY.to_owned()), &self.seen));
            }
            Reply::Bundle => self.begin_bundle(),
            Reply::Screen => self.enter(Mode::Screen, output, drawn),
            Reply::Quit if self.desk.may_quit => return true,
            Reply::Quit => output.answer(&line::stays(&self.seen)),
        }
        false
    }

    /// It is gathered on a thread of its own: the disk may be slow.
    fn begin_bundle(&mut self) {
        let (place, told) = (self.place.clone(), self.done.0.clone());
        let state = self.seen.program.status().cloned();
        let gathering = std::thread::Builder::new().name("bundle".to_owned());
        let gathering = gathering.spawn(move || {
            let _ = told.send(Done::Bundle(place.bundle(state.as_ref())));
        });
        self.acting = gathering.is_ok();
    }

    /// The box is asked on a thread of its own; one at a time.
    fn begin(&mut self, action: Action, output: &mut Output) {
        if self.mode == Mode::Lines && self.seen.program.status().is_some() {
            output.say(format!("# {}\r\n", ascii(&action.press())).into_bytes());
        }
        let (data, told) = (self.place.data.clone(), self.done.0.clone());
        let asking = std::thread::Builder::new()
            .name("ask".to_owned())
            .spawn(move || {
                let outcome = ask(&data, action, &mut |said| {
                    let _ = told.send(Done::Goes(said));
                });
                let _ = told.send(Done::Is(action, outcome));
            });
        self.acting = true;
        if let Err(error) = asking {
            self.acting = false;
            self.desk
                .handle_done(format!("the box cannot be asked: {error}"));
        }
    }
}

fn size_of(line: &Line) -> Option<Size> {
    line.size().map(|(columns, rows)| Size::new(columns, rows))
}

#[cfg(test)]
mod tests;
