//! The programs of e2fsprogs that make and mend an ext4 file system in a file: nothing of it needs root.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The folders beside `PATH` in which they lie where a user's `PATH` does not have them.
const MORE: [&str; 4] = [
    "/usr/sbin",
    "/sbin",
    "/usr/local/sbin",
    "/opt/homebrew/opt/e2fsprogs/sbin",
];

/// A program of e2fsprogs.
pub(super) struct Tool {
    name: &'static str,
    path: PathBuf,
}

impl Tool {
    /// Finds it.
    ///
    /// # Errors
    /// A line that says how to get it.
    pub(super) fn find(name: &'static str) -> Result<Self, String> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::env::split_paths(&path).chain(MORE.map(PathBuf::from));
        let found = folders
            .map(|folder| folder.join(name))
            .find(|file| file.is_file());
        found.map(|path| Self { name, path }).ok_or_else(|| {
            format!("the program {name} is missing, which makes the card's file system: install e2fsprogs (Debian: apt install e2fsprogs)")
        })
    }

    /// Runs it; `good` are the exit codes with which it did its work.
    fn run(&self, good: &[i32], set: &mut dyn FnMut(&mut Command)) -> Result<Output, String> {
        let mut command = command(&self.path);
        set(&mut command);
        let output = command.output();
        let output =
            output.map_err(|error| format!("{} cannot be started ({error})", self.name))?;
        if output
            .status
            .code()
            .is_some_and(|code| good.contains(&code))
        {
            return Ok(output);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said: Vec<&str> = said.split_whitespace().collect();
        Err(format!("{} failed: {}", self.name, said.join(" ")))
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "the desk's own programs; nothing of a box runs here"
)]
fn command(path: &Path) -> Command {
    let mut command = Command::new(path);
    // What they say is read here.
    command.env("LC_ALL", "C");
    command
}

/// Of the file system of data, the same on each card and as `mount-data` and the disk layouts make it.
pub(super) struct Making<'a> {
    pub(super) folder: &'a Path,
    pub(super) image: &'a Path,
    pub(super) bytes: u64,
}

const UUID: &str = "5c4001b0-0000-4000-8000-646174610000";
/// Small now, ready to grow to 2 TiB.
const EXTENDED: &str = "resize=536870912,lazy_itable_init=1,root_owner=900:900,hash_seed=5c4001b0-0000-4000-8000-646174610001";
/// User and group of the box's supervisor (`sysusers.conf`).
pub(super) const OWNER: u32 = 900;

/// Makes the file system with everything that is in a folder.
pub(super) fn make(mke2fs: &Tool, making: &Making<'_>) -> Result<(), String> {
    let file = File::create(making.image).and_then(|file| file.set_len(making.bytes));
    file.map_err(|error| format!("{} cannot be made ({error})", making.image.display()))?;
    let made = mke2fs.run(&[0], &mut |command| {
        command.args(["-q", "-F", "-t", "ext4", "-L", "data", "-U", UUID]);
        command.args([
            "-b", "4096", "-i", "16384", "-m", "0", "-J", "size=32", "-E", EXTENDED,
        ]);
        command.arg("-d").arg(making.folder).arg(making.image);
    });
    made.map(drop)
}

/// Gives everything in it to the box's supervisor. `paths` are those in the file system, from `/` on.
pub(super) fn hand_over(
    debugfs: &Tool,
    image: &Path,
    paths: &[String],
    orders: &Path,
) -> Result<(), String> {
    let mut text = String::new();
    for path in paths {
        for field in ["uid", "gid"] {
            text.push_str(&format!("set_inode_field \"{path}\" {field} {OWNER}\n"));
        }
    }
    let written = File::create(orders).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| format!("{} cannot be written ({error})", orders.display()))?;
    let done = debugfs.run(&[0], &mut |command| {
        command.arg("-w").arg("-f").arg(orders).arg(image);
    })?;
    // It ends with 0 whatever happened to an order, and says so; its own name and version come first.
    let said = String::from_utf8_lossy(&done.stderr);
    match said
        .lines()
        .find(|line| !line.starts_with("debugfs ") && !line.trim().is_empty())
    {
        None => Ok(()),
        Some(line) => Err(format!("debugfs failed: {line}")),
    }
}

/// The file system is sound.
pub(super) fn check(e2fsck: &Tool, image: &Path) -> Result<(), String> {
    let checked = e2fsck.run(&[0], &mut |command| {
        command.args(["-f", "-n"]).arg(image);
    });
    checked.map(drop)
}

/// Where the first block of a file stands, bytes from the file system's first.
pub(super) fn first_block(debugfs: &Tool, image: &Path, path: &str) -> Result<u64, String> {
    let told = debugfs.run(&[0], &mut |command| {
        command.arg("-R").arg(format!("blocks {path}")).arg(image);
    })?;
    let told = String::from_utf8_lossy(&told.stdout);
    let block: Option<u64> = told
        .split_whitespace()
        .next()
        .and_then(|word| word.parse().ok());
    block
        .filter(|block| *block > 0)
        .map(|block| block * super::ext4::BLOCK)
        .ok_or_else(|| format!("debugfs does not find {path} in {}", image.display()))
}
