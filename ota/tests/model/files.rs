//! A file system: names and contents reach the medium apart from each other, each when it is synced or by chance.

use super::Draw;
use super::area::{Pages, SECTOR};
use super::card::Cut;
use std::collections::BTreeMap;
use std::sync::Arc;

type Inode = u64;

#[derive(Debug, Clone)]
enum Change {
    Write(usize, Arc<[u8]>),
    Truncate(usize),
}

#[derive(Debug, Clone)]
enum Naming {
    Link(String, Inode),
    Rename(String, String, Inode),
    Remove(String),
}

#[derive(Debug, Clone, Default)]
struct Content {
    durable: Pages,
    current: Pages,
    pending: Vec<Change>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Files {
    contents: BTreeMap<Inode, Content>,
    names: BTreeMap<String, Inode>,
    durable_names: BTreeMap<String, Inode>,
    pending: Vec<Naming>,
    last: Inode,
}

fn change(bytes: &mut Pages, change: &Change) {
    match change {
        Change::Write(at, new) => {
            let end = at + new.len();
            if bytes.length() < end {
                bytes.resize(end);
            }
            bytes.write(*at, new);
        }
        Change::Truncate(length) => bytes.resize((*length).min(bytes.length())),
    }
}

fn name(names: &mut BTreeMap<String, Inode>, naming: &Naming) {
    match naming {
        Naming::Link(to, inode) => {
            names.insert(to.clone(), *inode);
        }
        Naming::Rename(from, to, inode) => {
            names.remove(from);
            names.insert(to.clone(), *inode);
        }
        Naming::Remove(from) => {
            names.remove(from);
        }
    }
}

impl Content {
    fn change(&mut self, new: Change) {
        change(&mut self.current, &new);
        self.pending.push(new);
    }

    fn cut(&mut self, cut: Cut, draw: &mut Draw) {
        let mut left = self.durable.clone();
        let pending = std::mem::take(&mut self.pending);
        match cut {
            Cut::Lost => {}
            Cut::Torn => {
                let whole = draw.below(pending.len() as u64 + 1) as usize;
                for one in &pending[..whole] {
                    change(&mut left, one);
                }
                if let Some(Change::Write(at, bytes)) = pending.get(whole) {
                    let sectors = draw.below(bytes.len().div_ceil(SECTOR) as u64 + 1) as usize;
                    let torn = &bytes[..bytes.len().min(sectors * SECTOR)];
                    change(&mut left, &Change::Write(*at, torn.into()));
                }
            }
            Cut::Reordered => {
                let of_eight = draw.below(9);
                for one in &pending {
                    match one {
                        // The length may be there before the bytes are: the gap is zeros.
                        Change::Write(at, bytes) => {
                            for (sector, bytes) in bytes.chunks(SECTOR).enumerate() {
                                if draw.below(8) < of_eight {
                                    let at = at + sector * SECTOR;
                                    change(&mut left, &Change::Write(at, bytes.into()));
                                }
                            }
                        }
                        Change::Truncate(_) if draw.below(8) < of_eight => change(&mut left, one),
                        Change::Truncate(_) => {}
                    }
                }
            }
        }
        self.current = left.clone();
        self.durable = left;
    }
}

impl Files {
    fn current(&self, file: &str) -> Option<&Pages> {
        Some(&self.contents.get(self.names.get(file)?)?.current)
    }

    pub(crate) fn length(&self, file: &str) -> usize {
        self.current(file).map_or(0, Pages::length)
    }

    /// `false`: there is no such file, or it is shorter.
    pub(crate) fn read_at(&self, file: &str, at: usize, into: &mut [u8]) -> bool {
        self.current(file)
            .is_some_and(|content| content.read(at, into))
    }

    pub(crate) fn read(&self, file: &str) -> Option<Vec<u8>> {
        let content = self.current(file)?;
        let mut bytes = vec![0; content.length()];
        content.read(0, &mut bytes);
        Some(bytes)
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.names.keys().cloned().collect()
    }

    pub(crate) fn exists(&self, file: &str) -> bool {
        self.names.contains_key(file)
    }

    /// A new, empty file of this name.
    pub(crate) fn create(&mut self, file: &str) {
        self.last += 1;
        self.contents.insert(self.last, Content::default());
        self.names.insert(file.to_owned(), self.last);
        self.pending.push(Naming::Link(file.to_owned(), self.last));
    }

    pub(crate) fn append(&mut self, file: &str, bytes: &[u8]) {
        let content = self.content(file);
        let at = content.current.length();
        content.change(Change::Write(at, bytes.into()));
    }

    pub(crate) fn truncate(&mut self, file: &str, length: usize) {
        self.content(file).change(Change::Truncate(length));
    }

    /// Flips bits in a file, on the medium too: what a worn-out card does.
    pub(crate) fn rot(&mut self, file: &str, at: usize) {
        let content = self.content(file);
        let mut byte = [0];
        assert!(content.current.read(at, &mut byte), "{file} is shorter");
        content.current.write(at, &[byte[0] ^ 1]);
        content.durable = content.current.clone();
        content.pending.clear();
    }

    fn content(&mut self, file: &str) -> &mut Content {
        let inode = self.names[file];
        self.contents.get_mut(&inode).unwrap()
    }

    pub(crate) fn rename(&mut self, from: &str, to: &str) {
        let naming = Naming::Rename(from.to_owned(), to.to_owned(), self.names[from]);
        name(&mut self.names, &naming);
        self.pending.push(naming);
    }

    pub(crate) fn remove(&mut self, file: &str) {
        let naming = Naming::Remove(file.to_owned());
        name(&mut self.names, &naming);
        self.pending.push(naming);
    }

    pub(crate) fn sync(&mut self, file: &str) {
        let content = self.content(file);
        content.durable = content.current.clone();
        content.pending.clear();
    }

    /// The name of the file is not on the medium yet.
    pub(crate) fn is_named(&self, file: &str) -> bool {
        self.durable_names.get(file) == self.names.get(file)
    }

    pub(crate) fn sync_folder(&mut self) {
        self.durable_names = self.names.clone();
        self.pending.clear();
    }

    pub(crate) fn cut(&mut self, cut: Cut, draw: &mut Draw) {
        let mut names = self.durable_names.clone();
        let pending = std::mem::take(&mut self.pending);
        let kept = draw.below(pending.len() as u64 + 1) as usize;
        for (number, naming) in pending.iter().enumerate() {
            let is_kept = match cut {
                Cut::Lost => false,
                Cut::Torn => number < kept,
                Cut::Reordered => draw.below(2) == 0,
            };
            if is_kept {
                name(&mut names, naming);
            }
        }
        for content in self.contents.values_mut() {
            content.cut(cut, draw);
        }
        self.contents
            .retain(|inode, _| names.values().any(|named| named == inode));
        self.names = names.clone();
        self.durable_names = names;
    }
}
