//! Script and changes, coded.

use super::super::payload::PublishError;
use crate::delta::patch::coder::Encoder;
use crate::delta::patch::head::Head;
use crate::delta::patch::places::Places;
use crate::delta::patch::script::{self, Bounds, Copy, Script};
use crate::delta::patch::words::{Stretch, Words};
use crate::image::PIECE;
use std::io::{self, Write as _};

/// What the bytes of a patch are spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Copies.
    pub copies: u64,
    /// Bytes of the script.
    pub script: u64,
    /// Bytes of changes in data.
    pub data: u64,
    /// Bytes of changes in code.
    pub code: u64,
    /// Bytes of what is new.
    pub fresh: u64,
    /// The same before it is compressed.
    pub fresh_plain: u64,
    /// What applying takes in memory.
    pub memory: u64,
}

impl Figures {
    const fn of(head: &Head, fresh_plain: usize) -> Self {
        Self {
            copies: head.copies,
            script: head.sections[0],
            data: head.sections[1],
            code: head.sections[2],
            fresh: head.sections[3],
            fresh_plain: fresh_plain as u64,
            memory: head.memory(),
        }
    }
}

/// As many as fit into half of what applying may take.
const COPIES: usize = 400_000;
/// No more than what is new, and no more than a box can spare.
const DICTIONARY: u64 = 8 << 20;

pub(super) fn patch(
    base: &[u8],
    payload: &[u8],
    script: &mut Script,
) -> Result<(Vec<u8>, Figures), PublishError> {
    fewer(script);
    let script = &*script;
    let bounds = Bounds {
        base: base.len() as u64,
        payload: payload.len() as u64,
        copies: script.copies.len() as u64,
        programs: script.programs.len() as u64,
    };
    let mut control = Encoder::new();
    let _ = script::code(&mut control, script, bounds);
    let control = control.finish();
    let (data, code) = changes(base, payload, script);
    let fresh = fresh(payload, script);
    let dictionary = (fresh.len() as u64)
        .clamp(4096, DICTIONARY)
        .next_power_of_two();
    let packed = packed(&fresh, dictionary as u32)
        .map_err(|error| PublishError::Write("the patch", error))?;
    let sections = [&control, &data, &code, &packed];
    let head = Head {
        base: bounds.base,
        payload: bounds.payload,
        copies: bounds.copies,
        programs: bounds.programs,
        dictionary,
        sections: sections.map(|section| section.len() as u64),
    };
    let figures = Figures::of(&head, fresh.len());
    let mut patch = head.bytes();
    for section in sections {
        patch.extend_from_slice(section);
    }
    Ok((patch, figures))
}

/// Leaves out the shortest copies until a box has memory for the rest.
fn fewer(script: &mut Script) {
    let mut shortest = 8;
    while script.copies.len() > COPIES {
        script.copies.retain(|copy| copy.len >= shortest);
        shortest *= 2;
    }
}

fn changes(base: &[u8], payload: &[u8], script: &Script) -> (Vec<u8>, Vec<u8>) {
    let places = Places::new(script);
    let mut words = Words::new(&places);
    let (mut data, mut code) = (Encoder::new(), Encoder::new());
    let mut piece = Vec::new();
    for copy in &script.copies {
        let bits = match copy.code {
            true => &mut code,
            false => &mut data,
        };
        for of in stretches(copy) {
            let len = (PIECE as u64 - of.dst % PIECE as u64).min(copy.dst_end() - of.dst) as usize;
            let (src, dst) = (of.src as usize, of.dst as usize);
            piece.clear();
            piece.extend_from_slice(&base[src..src + len]);
            words.turn(bits, of, &mut piece, Some(&payload[dst..dst + len]));
        }
    }
    (data.finish(), code.finish())
}

/// A copy as it falls to the pieces.
fn stretches(copy: &Copy) -> impl Iterator<Item = Stretch> {
    let copy = *copy;
    let first = copy.dst - copy.dst % PIECE as u64;
    (first..copy.dst_end()).step_by(PIECE).map(move |piece| {
        let dst = piece.max(copy.dst);
        Stretch {
            copy,
            src: copy.src + (dst - copy.dst),
            dst,
        }
    })
}

fn fresh(payload: &[u8], script: &Script) -> Vec<u8> {
    let mut fresh = Vec::new();
    let mut at = 0;
    for copy in &script.copies {
        fresh.extend_from_slice(&payload[at..copy.dst as usize]);
        at = copy.dst_end() as usize;
    }
    fresh.extend_from_slice(&payload[at..]);
    fresh
}

fn packed(bytes: &[u8], dictionary: u32) -> io::Result<Vec<u8>> {
    let mut options = lzma_rust2::Lzma2Options::with_preset(9);
    options.lzma_options.dict_size = dictionary;
    options.lzma_options.nice_len = 273;
    let mut writer = lzma_rust2::Lzma2Writer::new(Vec::new(), options);
    writer.write_all(bytes)?;
    writer.finish()
}
