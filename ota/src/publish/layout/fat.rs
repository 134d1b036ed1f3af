//! A FAT16 boot area (Microsoft, "FAT: General Overview of On-Disk Format", 1.03).

use super::{Extent, Node};

const SECTOR: usize = 512;
const ENTRY: usize = 32;
const LONG_NAME: u8 = 0x0F;
const VOLUME: u8 = 0x08;
const FOLDER: u8 = 0x10;
const UNUSED: u8 = 0xE5;
/// Folders within folders.
const DEPTH: usize = 16;

fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(usize::from(u16::from_le_bytes(bytes.try_into().ok()?)))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u16_at(bytes, at)? | u16_at(bytes, at.checked_add(2)?)? << 16)
}

/// The files, folders and tables; `None`: this is none, or it does not hold together.
pub(super) fn nodes(image: &[u8]) -> Option<Vec<Node>> {
    let fat16 = image.get(54..59)? == b"FAT16" && image.get(510..512)? == [0x55, 0xAA];
    if !fat16 || u16_at(image, 11)? != SECTOR {
        return None;
    }
    let reserved = u16_at(image, 14)? * SECTOR;
    let table = u16_at(image, 22)? * SECTOR;
    let root = Extent {
        at: reserved + usize::from(image[16]) * table,
        len: u16_at(image, 17)? * ENTRY,
    };
    let mut walk = Walk {
        image,
        table: Extent {
            at: reserved,
            len: table,
        },
        data: root.at + root.len,
        cluster: usize::from(image[13]) * SECTOR,
        nodes: vec![
            node(
                b"/tables",
                vec![Extent {
                    at: 0,
                    len: root.at,
                }],
            ),
            node(b"/", vec![root]),
        ],
        left: image.len() / SECTOR,
    };
    walk.folder(image.get(root.at..root.at + root.len)?, b"", DEPTH)?;
    Some(walk.nodes)
}

fn node(path: &[u8], content: Vec<Extent>) -> Node {
    Node {
        path: path.to_vec(),
        header: Extent { at: 0, len: 0 },
        content,
    }
}

struct Walk<'a> {
    image: &'a [u8],
    table: Extent,
    data: usize,
    cluster: usize,
    nodes: Vec<Node>,
    /// Clusters that can still belong to a file: what goes in a circle ends.
    left: usize,
}

impl Walk<'_> {
    fn folder(&mut self, entries: &[u8], path: &[u8], depth: usize) -> Option<()> {
        let mut long = Vec::new();
        for entry in entries
            .chunks_exact(ENTRY)
            .take_while(|entry| entry[0] != 0)
        {
            let kind = entry[11];
            if entry[0] != UNUSED && kind == LONG_NAME {
                // The parts of a long name come last first.
                let part: Vec<u8> = [1..11, 14..26, 28..32]
                    .into_iter()
                    .flat_map(|part| entry[part].to_vec())
                    .collect();
                long = [part, long].concat();
                continue;
            }
            let name = if long.is_empty() {
                entry[..11].to_vec()
            } else {
                std::mem::take(&mut long)
            };
            if entry[0] == UNUSED || entry[0] == b'.' || kind & VOLUME != 0 {
                continue;
            }
            let path = [path, b"/", &name].concat();
            let length = (kind & FOLDER == 0).then_some(u32_at(entry, 28)?);
            let content = self.chain(u16_at(entry, 26)?, length)?;
            let file = node(&path, content);
            if kind & FOLDER != 0 {
                let inner = file.bytes(self.image);
                self.folder(&inner, &path, depth.checked_sub(1)?)?;
            }
            self.nodes.push(file);
        }
        Some(())
    }

    /// Where the clusters from `first` on lie; of a file so many bytes of them.
    fn chain(&mut self, first: usize, length: Option<usize>) -> Option<Vec<Extent>> {
        let mut content: Vec<Extent> = Vec::new();
        let (mut cluster, mut rest) = (first, length.unwrap_or(usize::MAX));
        while (2..0xFFF0).contains(&cluster) && rest > 0 {
            self.left = self.left.checked_sub(1)?;
            let at = self.data + (cluster - 2) * self.cluster;
            let len = self.cluster.min(rest);
            if at + len > self.image.len() || cluster * 2 >= self.table.len {
                return None;
            }
            match content.last_mut() {
                Some(last) if last.at + last.len == at => last.len += len,
                _ => content.push(Extent { at, len }),
            }
            rest -= len;
            cluster = u16_at(self.image, self.table.at + cluster * 2)?;
        }
        (length.is_none() || rest == 0).then_some(content)
    }
}
