//! A partition: what is on the medium, and what was written since the last sync.

use super::Draw;
use super::card::Cut;
use std::sync::Arc;

pub(crate) const SECTOR: usize = 512;
const PAGE: usize = 4096;

/// Bytes in pages that copies share.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pages {
    pages: Vec<Arc<[u8; PAGE]>>,
    length: usize,
}

impl Pages {
    fn of(length: usize, fill: u8) -> Self {
        let pages = (0..length.div_ceil(PAGE)).map(|_| Arc::new([fill; PAGE]));
        let pages = pages.collect();
        Self { pages, length }
    }

    pub(crate) const fn length(&self) -> usize {
        self.length
    }

    /// What is new is zeros.
    pub(crate) fn resize(&mut self, length: usize) {
        if length < self.length && !length.is_multiple_of(PAGE) {
            Arc::make_mut(&mut self.pages[length / PAGE])[length % PAGE..].fill(0);
        }
        self.pages
            .resize_with(length.div_ceil(PAGE), || Arc::new([0; PAGE]));
        self.length = length;
    }

    /// `false`: it goes beyond the end.
    pub(crate) fn read(&self, mut at: usize, mut into: &mut [u8]) -> bool {
        if at
            .checked_add(into.len())
            .is_none_or(|end| end > self.length)
        {
            return false;
        }
        while !into.is_empty() {
            let from = at % PAGE;
            let step = into.len().min(PAGE - from);
            let (now, rest) = into.split_at_mut(step);
            now.copy_from_slice(&self.pages[at / PAGE][from..from + step]);
            at += step;
            into = rest;
        }
        true
    }

    pub(crate) fn write(&mut self, mut at: usize, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let from = at % PAGE;
            let step = bytes.len().min(PAGE - from);
            let (now, rest) = bytes.split_at(step);
            Arc::make_mut(&mut self.pages[at / PAGE])[from..from + step].copy_from_slice(now);
            at += step;
            bytes = rest;
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Area {
    durable: Pages,
    current: Pages,
    pending: Vec<(usize, Arc<[u8]>)>,
}

impl Area {
    pub(crate) fn new(length: usize, fill: u8) -> Self {
        let pages = Pages::of(length, fill);
        Self {
            durable: pages.clone(),
            current: pages,
            pending: Vec::new(),
        }
    }

    pub(crate) const fn length(&self) -> usize {
        self.current.length()
    }

    /// `false`: it goes beyond the end.
    pub(crate) fn read(&self, at: u64, into: &mut [u8]) -> bool {
        usize::try_from(at).is_ok_and(|at| self.current.read(at, into))
    }

    pub(crate) fn write(&mut self, at: u64, bytes: &[u8]) -> bool {
        let Some(at) = self.place(at, bytes.len()) else {
            return false;
        };
        self.current.write(at, bytes);
        self.pending.push((at, bytes.into()));
        true
    }

    fn place(&self, at: u64, length: usize) -> Option<usize> {
        let at = usize::try_from(at).ok()?;
        (at.checked_add(length)? <= self.length()).then_some(at)
    }

    pub(crate) fn sync(&mut self) {
        self.durable = self.current.clone();
        self.pending.clear();
    }

    /// Pending writes are on the medium as the cut leaves them.
    pub(crate) fn cut(&mut self, cut: Cut, draw: &mut Draw) {
        let mut left = self.durable.clone();
        let pending = std::mem::take(&mut self.pending);
        match cut {
            Cut::Lost => {}
            Cut::Torn => {
                let whole = draw.below(pending.len() as u64 + 1) as usize;
                for (at, bytes) in &pending[..whole] {
                    left.write(*at, bytes);
                }
                if let Some((at, bytes)) = pending.get(whole) {
                    let sectors = draw.below(bytes.len().div_ceil(SECTOR) as u64 + 1) as usize;
                    left.write(*at, &bytes[..bytes.len().min(sectors * SECTOR)]);
                }
            }
            Cut::Reordered => {
                let of_eight = draw.below(9);
                for (at, bytes) in &pending {
                    for (sector, bytes) in bytes.chunks(SECTOR).enumerate() {
                        if draw.below(8) < of_eight {
                            left.write(at + sector * SECTOR, bytes);
                        }
                    }
                }
            }
        }
        self.current = left.clone();
        self.durable = left;
    }
}
