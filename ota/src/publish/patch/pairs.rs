//! Which file was which: by its path, or by its path but for the numbers in it, as versions are.

use super::super::layout::Node;
use std::collections::HashMap;

/// For each of `new`, which of `old` it was.
pub(super) fn pairs(old: &[Node], new: &[Node]) -> Vec<Option<usize>> {
    let by_path: HashMap<&[u8], usize> = old
        .iter()
        .enumerate()
        .map(|(at, node)| (node.path.as_slice(), at))
        .collect();
    let mut by_name: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
    for (at, node) in old.iter().enumerate() {
        by_name
            .entry(without_numbers(&node.path))
            .or_default()
            .push(at);
    }
    let pair = |node: &Node| {
        by_path.get(node.path.as_slice()).copied().or_else(|| {
            let like = by_name.get(&without_numbers(&node.path))?;
            like.iter()
                .copied()
                .min_by_key(|&at| old[at].len().abs_diff(node.len()))
        })
    };
    new.iter().map(pair).collect()
}

/// The path with each number, dots within it too, as one `#`.
fn without_numbers(path: &[u8]) -> Vec<u8> {
    let mut name = Vec::with_capacity(path.len());
    for &byte in path {
        match byte {
            b'0'..=b'9' if name.last() != Some(&b'#') => name.push(b'#'),
            b'0'..=b'9' => {}
            _ => name.push(byte),
        }
    }
    while let Some(at) = name.windows(3).position(|three| three == b"#.#") {
        name.drain(at..at + 2);
    }
    name
}
