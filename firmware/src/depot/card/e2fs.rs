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

    /// Runs it.
    ///
    /// # Errors
    /// It cannot be started, or ends with anything but 0: a line with what it said.
    fn run(&self, set: &mut dyn FnMut(&mut Command)) -> Result<Output, String> {
        let mut command = command(&self.path);
        set(&mut command);
        let output = command.output();
        let output =
            output.map_err(|error| format!("{} cannot be started ({error})", self.name))?;
        if output.status.success() {
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
    let made = mke2fs.run(&mut |command| {
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
    carry_out(debugfs, image, &text, orders, true).map(drop)
}

/// Has `debugfs` carry out orders, a line each; answers what it says. `orders` is a file to put them in.
fn carry_out(
    debugfs: &Tool,
    image: &Path,
    text: &str,
    orders: &Path,
    writing: bool,
) -> Result<String, String> {
    let written = File::create(orders).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| format!("{} cannot be written ({error})", orders.display()))?;
    let done = debugfs.run(&mut |command| {
        command.args(writing.then_some("-w"));
        command.arg("-f").arg(orders).arg(image);
    })?;
    // It ends with 0 whatever happened to an order, and says so; its own name and version come first.
    let said = String::from_utf8_lossy(&done.stderr);
    match said
        .lines()
        .find(|line| !line.starts_with("debugfs ") && !line.trim().is_empty())
    {
        None => Ok(String::from_utf8_lossy(&done.stdout).into_owned()),
        Some(line) => Err(format!("debugfs failed: {line}")),
    }
}

/// A run of bytes: where it begins, and how long it is.
pub(super) type Run = (u64, u64);

/// Where the blocks of each of these files stand, from the file system's first, in the files' own order.
pub(super) fn runs(
    debugfs: &Tool,
    image: &Path,
    paths: &[String],
    orders: &Path,
) -> Result<Vec<Vec<Run>>, String> {
    let order = |path: &String| format!("dump_extents -l \"{path}\"\n");
    let text: String = paths.iter().map(order).collect();
    let said = carry_out(debugfs, image, &text, orders, false)?;
    let runs = runs_in(&said);
    match runs.len() == paths.len() {
        true => Ok(runs),
        false => Err(format!(
            "debugfs tells of {} files of {}: use e2fsprogs 1.46 or later",
            runs.len(),
            paths.len()
        )),
    }
}

/// Each order is repeated, then come a header and a line for each run: level, entry, first and last block in the file, first and last on the disk, count.
fn runs_in(said: &str) -> Vec<Vec<Run>> {
    let mut files: Vec<Vec<Run>> = Vec::new();
    for line in said.lines() {
        if line.starts_with("debugfs:") {
            files.push(Vec::new());
            continue;
        }
        let words = line.split(|c: char| !c.is_ascii_digit());
        let numbers: Vec<u64> = words.filter_map(|word| word.parse().ok()).collect();
        let (Some(file), [_, _, _, _, _, _, first, last, ..]) =
            (files.last_mut(), numbers.as_slice())
        else {
            continue;
        };
        if let Some(more) = last.checked_sub(*first) {
            file.push((first * super::ext4::BLOCK, (more + 1) * super::ext4::BLOCK));
        }
    }
    files
}

/// The file system is sound.
pub(super) fn check(e2fsck: &Tool, image: &Path) -> Result<(), String> {
    let checked = e2fsck.run(&mut |command| {
        command.args(["-f", "-n"]).arg(image);
    });
    checked.map(drop)
}

/// Where the first block of a file stands, bytes from the file system's first.
pub(super) fn first_block(debugfs: &Tool, image: &Path, path: &str) -> Result<u64, String> {
    let told = debugfs.run(&mut |command| {
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_fails_is_told_with_what_it_said() {
        let shell = Tool {
            name: "sh",
            path: "/bin/sh".into(),
        };
        let ran = |line: &str| {
            shell.run(&mut |command| {
                command.args(["-c", line]);
            })
        };
        for code in [1, 4] {
            let told = ran(&format!("echo no  room >&2; exit {code}")).unwrap_err();
            assert_eq!(told, "sh failed: no room");
        }
        // Control: what it says is no failure.
        assert!(ran("echo all is well >&2").is_ok());
    }

    #[test]
    fn what_debugfs_says_of_files_becomes_runs() {
        let said = "debugfs: dump_extents -l \"/a 7\"\n\
            Level Entries       Logical          Physical Length Flags\n \
            0/ 0   1/  2     0 -     1    9043 -    9044      2 \n \
            0/ 0   2/  2    12 -    13    9045 -    9045      1 Uninit\n\
            debugfs: dump_extents -l /empty\n\
            Level Entries       Logical          Physical Length Flags\n\
            debugfs: dump_extents -l /deep\n \
            1/ 1 340/340 111262 - 111500 1048576 - 1048814    239 \n";
        let block = super::super::ext4::BLOCK;
        assert_eq!(
            runs_in(said),
            [
                vec![(9043 * block, 2 * block), (9045 * block, block)],
                vec![],
                vec![(1_048_576 * block, 239 * block)],
            ]
        );
    }
}
