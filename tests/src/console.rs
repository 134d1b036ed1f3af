//! The technician's console at the end of a pseudo-terminal, and a terminal that says what its screen shows.

use crate::world::{DEADLINE, World, school_box, wait_for};
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, poll};
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// A terminal: what was sent to it, and what its screen shows of that.
pub struct Terminal {
    screen: vt100::Parser,
    raw: Vec<u8>,
}

impl Terminal {
    /// Blank.
    ///
    /// # Panics
    /// Without a column or a row.
    #[must_use]
    pub fn new(columns: u16, rows: u16) -> Self {
        let number = |number| NonZeroU16::new(number).expect("a size");
        Self {
            screen: vt100::Parser::new(number(rows), number(columns), 0),
            raw: Vec::new(),
        }
    }

    /// Sends it bytes.
    pub fn show(&mut self, bytes: &[u8]) {
        self.raw.extend_from_slice(bytes);
        self.screen.process(bytes);
    }

    /// Its screen, a line each, without what is blank at a line's end.
    #[must_use]
    pub fn screen(&self) -> String {
        let (_, columns) = self.screen.screen().size();
        let rows = self.screen.screen().rows(0, columns.get());
        let rows: Vec<String> = rows.map(|row| row.trim_end().to_owned()).collect();
        rows.join("\n")
    }

    /// Everything it was sent.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }
}

/// A console at work, and the far end of its line.
pub struct Console {
    child: Child,
    far: File,
    heard: (Receiver<Vec<u8>>, JoinHandle<()>),
    terminal: Terminal,
    line: PathBuf,
}

/// A pseudo-terminal: the far end, its near end held open, and its name. No child inherits it: then it would never be let go.
fn line(columns: u16, rows: u16) -> (File, File, PathBuf) {
    let far = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC);
    let far = far.expect("a pseudo-terminal");
    grantpt(&far)
        .and_then(|()| unlockpt(&far))
        .expect("its near end");
    let name = PathBuf::from(ptsname_r(&far).expect("its name"));
    let near = File::options()
        .read(true)
        .write(true)
        .custom_flags(OFlag::O_NOCTTY.bits())
        .open(&name)
        .expect("its near end");
    if columns > 0 {
        resize(&name, columns, rows);
    }
    (File::from(OwnedFd::from(far)), near, name)
}

/// Tells a terminal line its size.
///
/// # Panics
/// When it takes none.
pub fn resize(line: &Path, columns: u16, rows: u16) {
    let (columns, rows) = (columns.to_string(), rows.to_string());
    let mut stty = Command::new("stty");
    let sizes = ["cols", columns.as_str(), "rows", rows.as_str()];
    let told = stty.arg("-F").arg(line).args(sizes).status();
    assert!(told.expect("stty").success(), "{line:?} takes no size");
}

/// What comes from a line is read at once, so that nothing is held up; until nobody hears of it any more.
fn listen(far: &File) -> (Receiver<Vec<u8>>, JoinHandle<()>) {
    let mut far = far.try_clone().expect("the far end");
    let (told, heard) = channel();
    let listening = std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        loop {
            let mut asked = [PollFd::new(far.as_fd(), PollFlags::POLLIN)];
            let there = poll(&mut asked, 50_u8).is_ok_and(|ready| ready > 0);
            let read = if there { far.read(&mut bytes) } else { Ok(0) };
            // An error: nobody has the near end open just now.
            let read = read.unwrap_or_else(|_| {
                std::thread::sleep(Duration::from_millis(20));
                0
            });
            if told.send(bytes[..read].to_vec()).is_err() {
                return;
            }
        }
    });
    (heard, listening)
}

impl Console {
    /// On a terminal of 80x24 that says so.
    #[must_use]
    pub fn start(world: &World) -> Self {
        Self::on(world, 80, 24, &[])
    }

    /// On a terminal of this size; 0x0 is a serial line, which says nothing of it.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn on(world: &World, columns: u16, rows: u16, options: &[&str]) -> Self {
        let (far, near, name) = line(columns, rows);
        let this = Self::at(world, &name, far, (columns.max(1), rows.max(1)), options);
        drop(near);
        this
    }

    /// On a line that is named otherwise than it is: one that can be put in its place later.
    ///
    /// # Panics
    /// As [`Console::on`].
    #[must_use]
    pub fn on_link(world: &World, link: &Path) -> Self {
        let (far, near, name) = line(80, 24);
        std::os::unix::fs::symlink(&name, link).expect("a link");
        let this = Self::at(world, link, far, (80, 24), &[]);
        drop(near);
        this
    }

    fn at(world: &World, name: &Path, far: File, size: (u16, u16), options: &[&str]) -> Self {
        let board = format!("sim:{}", world.sim().dir().display());
        let child = Command::new(school_box())
            .arg("console")
            .arg("--data")
            .arg(world.data())
            .args(["--board", &board, "--tty"])
            .arg(name)
            .args(options)
            .env_remove("NOTIFY_SOCKET")
            .env("TERM", "vt100")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the console starts");
        Self {
            heard: listen(&far),
            child,
            far,
            terminal: Terminal::new(size.0, size.1),
            line: name.to_owned(),
        }
    }

    /// The cable is pulled and another plugged in, where the console looks for its line.
    ///
    /// # Panics
    /// When there is no other line to be had.
    pub fn replug(&mut self) {
        let (far, near, name) = line(80, 24);
        std::fs::remove_file(&self.line).expect("the link");
        let (_, listening) = std::mem::replace(&mut self.heard, listen(&far));
        listening.join().expect("the old line is let go");
        self.far = far;
        self.terminal = Terminal::new(80, 24);
        std::os::unix::fs::symlink(&name, &self.line).expect("a link");
        // The console opens it while we still hold it.
        self.wait_for("School box");
        drop(near);
    }

    /// The name of its line.
    #[must_use]
    pub fn line(&self) -> &Path {
        &self.line
    }

    /// Its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Types.
    ///
    /// # Panics
    /// When the line takes nothing.
    pub fn send(&mut self, bytes: &[u8]) {
        self.far.write_all(bytes).expect("the line takes it");
    }

    /// Types one key, and leaves the line quiet behind it.
    pub fn press(&mut self, key: &str) {
        self.send(key.as_bytes());
        std::thread::sleep(Duration::from_millis(150));
    }

    /// What the terminal shows now.
    pub fn screen(&mut self) -> String {
        while let Ok(bytes) = self.heard.0.try_recv() {
            self.terminal.show(&bytes);
        }
        self.terminal.screen()
    }

    /// Everything that came over the line.
    pub fn raw(&mut self) -> Vec<u8> {
        self.screen();
        self.terminal.raw().to_vec()
    }

    /// Waits until the screen shows `words`; the screen then.
    ///
    /// # Panics
    /// When it does not, within [`DEADLINE`].
    pub fn wait_for(&mut self, words: &str) -> String {
        // A line that is too long goes on in the next: a sentence between two words, JSON anywhere.
        let one_line = |screen: &str| screen.split_whitespace().collect::<Vec<_>>().join(" ");
        self.wait_that(words, |screen| {
            screen.contains(words)
                || one_line(screen).contains(words)
                || screen.replace('\n', "").contains(words)
        })
    }

    /// Waits until the screen satisfies `condition`; the screen then.
    ///
    /// # Panics
    /// When it does not, within [`DEADLINE`].
    pub fn wait_that(&mut self, what: &str, condition: impl Fn(&str) -> bool) -> String {
        let mut last = String::new();
        let end = std::time::Instant::now() + DEADLINE;
        loop {
            let screen = self.screen();
            if condition(&screen) {
                return screen;
            }
            self.insist_that_it_lives();
            if screen != last {
                last = screen;
            }
            assert!(
                std::time::Instant::now() < end,
                "waited in vain for {what} on the screen:\n{last}"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// # Panics
    /// When it has ended.
    pub fn insist_that_it_lives(&mut self) {
        let ended = self.child.try_wait().expect("the state of the console");
        assert!(ended.is_none(), "the console ended: {ended:?}");
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it goes on.
    pub fn wait_for_end(&mut self) -> ExitStatus {
        wait_for("the end of the console", DEADLINE, || {
            self.child.try_wait().expect("the state of the console")
        })
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
