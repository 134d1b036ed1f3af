//! Names that are planted in everything a box takes in, and looked for in everything it gives away, in every encoding.
//!
//! | file | is |
//! |---|---|
//! | `list` | two hundred of them, in Latin, Arabic and Cyrillic letters |
//! | `guise` | how a name may be disguised: encodings, normal forms, case |

mod guise;
mod list;

pub use guise::{Guise, guises};
pub use list::NAMES;

use std::collections::HashMap;

/// Looks for many names in many bytes.
#[derive(Debug)]
pub struct Search {
    guises: Vec<Guise>,
    /// By their first bytes.
    by_head: HashMap<[u8; 4], Vec<usize>>,
}

impl Search {
    /// For these names in all their guises.
    #[must_use]
    pub fn for_names(names: &[&str]) -> Self {
        let guises: Vec<Guise> = names.iter().flat_map(|name| guises(name)).collect();
        let mut by_head: HashMap<[u8; 4], Vec<usize>> = HashMap::new();
        for (number, guise) in guises.iter().enumerate() {
            if let Some(head) = guise.bytes.first_chunk::<4>() {
                by_head.entry(*head).or_default().push(number);
            }
        }
        Self { guises, by_head }
    }

    /// Each that is found in `bytes`, once.
    #[must_use]
    pub fn found_in(&self, bytes: &[u8]) -> Vec<&Guise> {
        let mut found: Vec<usize> = Vec::new();
        for at in 0..bytes.len().saturating_sub(3) {
            let head = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
            let candidates = self.by_head.get(&head).map_or(&[][..], Vec::as_slice);
            for number in candidates {
                if bytes[at..].starts_with(&self.guises[*number].bytes) && !found.contains(number) {
                    found.push(*number);
                }
            }
        }
        found
            .into_iter()
            .map(|number| &self.guises[number])
            .collect()
    }
}
