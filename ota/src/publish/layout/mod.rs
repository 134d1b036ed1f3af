//! Where the files of a payload lie, so that each can be compared with the one it was.
//!
//! | file | holds |
//! |---|---|
//! | `erofs` | an uncompressed EROFS: plain files and such with their tail beside the inode |
//! | `fat` | a FAT16 boot area |
//!
//! What is not understood, or does not hold together, is one file.

mod erofs;
mod fat;
#[cfg(test)]
mod tests;

/// A stretch of the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Where it begins.
    pub(crate) at: usize,
    /// Bytes.
    pub(crate) len: usize,
}

/// A file or a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// Its path, without the first `/`.
    pub(crate) path: Vec<u8>,
    /// What describes it: an inode; empty where there is none.
    pub(crate) header: Extent,
    /// Its bytes, in order; a folder's are its entries.
    pub(crate) content: Vec<Extent>,
}

impl Node {
    /// Its bytes, one after the other.
    pub(crate) fn bytes(&self, payload: &[u8]) -> Vec<u8> {
        let of = |extent: &Extent| payload.get(extent.at..extent.at + extent.len);
        let parts: Vec<&[u8]> = self.content.iter().filter_map(of).collect();
        parts.concat()
    }

    /// How many these are.
    pub(crate) fn len(&self) -> usize {
        self.content.iter().map(|extent| extent.len).sum()
    }
}

/// The files of a payload. No byte belongs to two of them.
pub(crate) fn of(payload: &[u8]) -> Vec<Node> {
    let nodes = erofs::nodes(payload).or_else(|| fat::nodes(payload));
    nodes
        .filter(|nodes| apart(nodes, payload.len()))
        .unwrap_or_else(|| vec![whole(payload)])
}

fn whole(payload: &[u8]) -> Node {
    let all = Extent {
        at: 0,
        len: payload.len(),
    };
    Node {
        path: Vec::new(),
        header: Extent { at: 0, len: 0 },
        content: vec![all],
    }
}

/// Whether no two stretches overlap and none reaches beyond the end.
fn apart(nodes: &[Node], length: usize) -> bool {
    let stretches = nodes
        .iter()
        .flat_map(|node| node.content.iter().chain([&node.header]));
    let mut stretches: Vec<Extent> = stretches.filter(|extent| extent.len > 0).copied().collect();
    stretches.sort_unstable_by_key(|extent| extent.at);
    let mut end = 0;
    stretches.iter().all(|extent| {
        let after = extent.at >= end;
        end = extent.at.saturating_add(extent.len);
        after && end <= length
    })
}
