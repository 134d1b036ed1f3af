//! Whole files that change together into one frame.
//!
//! The publisher does not know what a box has. But a new kernel comes with all its modules, a rebuilt program differs nearly everywhere, and a package
//! comes whole; while of a large file of data only a part may change.

use super::Run;
use crate::image::BLOCK;
use crate::publish::layout::{self, Node};
use std::collections::BTreeMap;

/// Blocks of a frame of code: 3 MiB. Whoever unpacks it has it in memory twice; 4 MiB, the most there may be, saves a
/// five-hundredth of the bytes.
const CODE: usize = 768;
/// Blocks of a frame of a large file of data: 256 KiB.
const DATA: usize = 64;
/// Blocks of a frame of small files of one folder: 64 KiB.
const SMALL: usize = 16;
/// Blocks of a frame of what belongs to no file: inodes, names, the ends of files. 1 MiB: one file that grows moves most of them.
const REST: usize = 256;

/// What a payload's blocks are packed as.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    /// Blocks of zeros, in order.
    pub(crate) zeros: Vec<Run>,
    /// The frames.
    pub(crate) frames: Vec<Group>,
}

/// Blocks that are packed together.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) runs: Vec<Run>,
    /// It may hold 64-bit ARM code.
    pub(crate) code: bool,
}

/// Groups the blocks of a payload.
pub(crate) fn group(payload: &[u8]) -> Groups {
    let mut free = Free::of(payload);
    let mut groups = Groups {
        zeros: runs(&free.zeros),
        frames: Vec::new(),
    };
    let nodes = layout::of(payload);
    let packages = packages(&nodes, payload);
    // Code of a package or folder, small files of a folder.
    let mut code: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let mut small: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for node in sorted(&nodes) {
        let blocks = free.take(node);
        let path = String::from_utf8_lossy(&node.path);
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if is_code(node, payload) {
            let kin = kin(&path, folder, &packages);
            code.entry(kin).or_default().extend(blocks);
        } else if blocks.len() < SMALL {
            small.entry(folder.to_owned()).or_default().extend(blocks);
        } else {
            groups.cut(&blocks, DATA, false);
        }
    }
    small.values().for_each(|b| groups.cut(b, SMALL, false));
    code.values().for_each(|b| groups.cut(b, CODE, true));
    let rest = free.rest();
    groups.cut(&rest, REST, false);
    groups
}

fn sorted(nodes: &[Node]) -> Vec<&Node> {
    let mut nodes: Vec<&Node> = nodes.iter().collect();
    nodes.sort_by(|a, b| a.path.cmp(&b.path));
    nodes
}

/// A program, a library, a kernel or a module of one.
fn is_code(node: &Node, payload: &[u8]) -> bool {
    let begin = node.content.iter().find(|extent| extent.len > 4);
    let begin = begin.and_then(|extent| payload.get(extent.at..extent.at + 4));
    !node.path.is_empty() && begin.is_some_and(|b| b == b"\x7fELF" || b.starts_with(b"MZ"))
}

/// What code of this path changes with: the kernel's modules all at once, the programs of a package, else those of a folder; alone in the folders where
/// all programs lie.
fn kin(path: &str, folder: &str, packages: &BTreeMap<String, String>) -> String {
    if let Some((before, _)) = path.split_once("lib/modules/") {
        return format!("{before}lib/modules");
    }
    if let Some(package) = packages.get(path) {
        return format!("package {package}");
    }
    let shared = matches!(
        folder.rsplit('/').next(),
        Some("bin" | "sbin" | "lib" | "boot")
    ) || folder.ends_with("-linux-gnu");
    let kin = if shared { path } else { folder };
    kin.to_owned()
}

/// The package of each file, where the image holds the lists of dpkg.
fn packages(nodes: &[Node], payload: &[u8]) -> BTreeMap<String, String> {
    let mut packages = BTreeMap::new();
    for node in nodes {
        let path = String::from_utf8_lossy(&node.path);
        let list = path.strip_prefix("var/lib/dpkg/info/");
        if let Some(package) = list.and_then(|name| name.strip_suffix(".list")) {
            let files = node.bytes(payload);
            for file in String::from_utf8_lossy(&files).lines() {
                packages.insert(file.trim_start_matches('/').to_owned(), package.to_owned());
            }
        }
    }
    packages
}

impl Groups {
    fn cut(&mut self, blocks: &[u64], at_most: usize, code: bool) {
        for blocks in blocks.chunks(at_most) {
            let runs = runs(blocks);
            self.frames.push(Group { runs, code });
        }
    }
}

fn runs(blocks: &[u64]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for block in blocks {
        match runs.last_mut() {
            Some((first, length)) if *first + *length == *block => *length += 1,
            _ => runs.push((*block, 1)),
        }
    }
    runs
}

/// Blocks that are in no frame yet.
struct Free {
    free: Vec<bool>,
    zeros: Vec<u64>,
}

impl Free {
    fn of(payload: &[u8]) -> Self {
        let blocks = payload.chunks(BLOCK);
        let free: Vec<bool> = blocks.map(|b| b.iter().any(|byte| *byte != 0)).collect();
        let zeros = (0..).zip(&free).filter(|(_, data)| !**data);
        Self {
            zeros: zeros.map(|(number, _)| number).collect(),
            free,
        }
    }

    /// The whole blocks of a file that are free, which they are no more; its last one with them where it reaches the end of the payload.
    fn take(&mut self, node: &Node) -> Vec<u64> {
        let mut taken = Vec::new();
        for extent in &node.content {
            let end = extent.at.saturating_add(extent.len);
            let whole = extent.at.div_ceil(BLOCK)..end.div_ceil(BLOCK);
            let last = whole.end.saturating_sub(1);
            for number in whole {
                // A tail beside an inode shares its block with others.
                let shared = number == last && end % BLOCK != 0 && extent.len < BLOCK;
                let free = self.free.get_mut(number).filter(|_| !shared);
                if free.is_some_and(std::mem::take) {
                    taken.push(number as u64);
                }
            }
        }
        taken
    }

    fn rest(&self) -> Vec<u64> {
        let free = (0..).zip(&self.free).filter(|(_, free)| **free);
        free.map(|(number, _)| number).collect()
    }
}
