//! An uncompressed EROFS image (the kernel's `fs/erofs/erofs_fs.h`).

use super::{Extent, Node};
use std::collections::BTreeSet;

const SUPERBLOCK: usize = 1024;
const MAGIC: u32 = 0xE0F5_E1E2;
const BLOCK: usize = 4096;
/// Inodes lie at multiples of this.
const SLOT: usize = 32;
/// No image of ours has more files.
const NODES: usize = 1 << 20;
/// Of the kernel.
const LONGEST_PATH: usize = 4096;
const ENTRY: usize = 12;
const FOLDER: u16 = 4;
const FILE: u16 = 8;
const LINK: u16 = 10;

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(8)?)?;
    Some(u64::from_le_bytes(bytes.try_into().ok()?))
}

/// The files and folders; `None`: this is no such image, or it does not hold together.
pub(super) fn nodes(image: &[u8]) -> Option<Vec<Node>> {
    if u32_at(image, SUPERBLOCK)? != MAGIC || image.get(SUPERBLOCK + 12) != Some(&12) {
        return None;
    }
    // Compression, chunks, further devices: none of ours.
    if u32_at(image, SUPERBLOCK + 80)? != 0 {
        return None;
    }
    let walk = Walk {
        image,
        inodes: usize::try_from(u32_at(image, SUPERBLOCK + 40)?)
            .ok()?
            .checked_mul(BLOCK)?,
    };
    walk.all(u16_at(image, SUPERBLOCK + 14)?.into())
}

struct Inode {
    kind: u16,
    node: Node,
}

struct Walk<'a> {
    image: &'a [u8],
    inodes: usize,
}

impl Walk<'_> {
    fn all(&self, root: u64) -> Option<Vec<Node>> {
        let mut seen = BTreeSet::from([root]);
        let mut waiting = vec![(root, Vec::new())];
        let mut nodes = Vec::new();
        let mut folders = 0_usize;
        while let Some((number, path)) = waiting.pop() {
            let inode = self.inode(number, path)?;
            if inode.kind == FOLDER {
                // Folders that lie in one another would take for ever.
                folders = folders.saturating_add(inode.node.len());
                if folders > self.image.len() || inode.node.path.len() > LONGEST_PATH {
                    return None;
                }
                for (child, name) in self.entries(&inode.node)? {
                    // A second name of the same file, or a folder that holds itself.
                    if !seen.insert(child) {
                        continue;
                    }
                    let path = [&inode.node.path, name.as_slice()].join(&b'/');
                    waiting.push((child, path));
                }
            }
            nodes.push(inode.node);
            if nodes.len() > NODES {
                return None;
            }
        }
        Some(nodes)
    }

    fn inode(&self, number: u64, path: Vec<u8>) -> Option<Inode> {
        let slot = usize::try_from(number).ok()?.checked_mul(SLOT)?;
        let at = slot.checked_add(self.inodes)?;
        let format = u16_at(self.image, at)?;
        let attributes = match usize::from(u16_at(self.image, at + 2)?) {
            0 => 0,
            count => 12 + 4 * (count - 1),
        };
        let kind = u16_at(self.image, at + 4)? >> 12;
        let (size, header) = match format & 1 {
            0 => (u32_at(self.image, at + 8)?.into(), 32),
            _ => (u64_at(self.image, at + 8)?, 64),
        };
        let size = usize::try_from(size).ok()?;
        let header = Extent {
            at,
            len: header + attributes,
        };
        let first = u32_at(self.image, at + 16)? as usize * BLOCK;
        let content = match (kind, format >> 1 & 7) {
            (FOLDER | FILE | LINK, 0) => vec![Extent {
                at: first,
                len: size,
            }],
            (FOLDER | FILE | LINK, 2) => beside(first, size, header),
            (FOLDER | FILE | LINK, _) => return None,
            _ => Vec::new(),
        };
        let content = content.into_iter().filter(|extent| extent.len > 0);
        let node = Node {
            path,
            header,
            content: content.collect(),
        };
        self.inside(&node).then_some(Inode { kind, node })
    }

    fn inside(&self, node: &Node) -> bool {
        node.content.iter().chain([&node.header]).all(|extent| {
            let end = extent.at.checked_add(extent.len);
            end.is_some_and(|end| end <= self.image.len())
        })
    }

    fn entries(&self, folder: &Node) -> Option<Vec<(u64, Vec<u8>)>> {
        let bytes = folder.bytes(self.image);
        let mut entries = Vec::new();
        for block in bytes.chunks(BLOCK) {
            let names = usize::from(u16_at(block, 8)?);
            let count = names / ENTRY;
            for at in 0..count {
                let begin = usize::from(u16_at(block, at * ENTRY + 8)?);
                let end = match at + 1 < count {
                    true => usize::from(u16_at(block, (at + 1) * ENTRY + 8)?),
                    false => block.len(),
                };
                let name = block.get(begin..end)?;
                let name = name.split(|&byte| byte == 0).next()?;
                if name != b"." && name != b".." {
                    entries.push((u64_at(block, at * ENTRY)?, name.to_vec()));
                }
            }
        }
        Some(entries)
    }
}

/// Whole blocks, and the tail behind the inode.
fn beside(first: usize, size: usize, header: Extent) -> Vec<Extent> {
    let tail = size % BLOCK;
    let blocks = Extent {
        at: first,
        len: size - tail,
    };
    let tail = Extent {
        at: header.at + header.len,
        len: tail,
    };
    match blocks.len {
        0 => vec![tail],
        _ => vec![blocks, tail],
    }
}
