//! From matches to the script's copies.

use super::super::layout::{self, Extent, Node};
use super::btf::{Btf, btf};
use super::fill::filled;
use super::matches::{Match, matches};
use super::pairs::pairs;
use super::{program, view};
use crate::delta::patch::places::Places;
use crate::delta::patch::script::{Copy, Program, Script};

/// The script that makes `payload` of `base`.
pub(super) fn script(base: &[u8], payload: &[u8], told: &mut dyn FnMut(f32)) -> Script {
    let (old, new) = (layout::of(base), layout::of(payload));
    let mut making = Making {
        base,
        payload,
        script: Script::default(),
        kernels: [kernel(base, &old), kernel(payload, &new)],
    };
    let mut done = 0;
    for (node, was) in new.iter().zip(pairs(&old, &new)) {
        if let Some(was) = was.and_then(|at| old.get(at)) {
            making.node(was, node);
        }
        done += node.len() + node.header.len;
        told(done as f32 / payload.len().max(1) as f32 * 0.9);
    }
    making.finish()
}

struct Making<'a> {
    base: &'a [u8],
    payload: &'a [u8],
    script: Script,
    /// The types of the old and the new kernel.
    kernels: [Option<Btf>; 2],
}

/// The types of the kernel among these files.
fn kernel(payload: &[u8], nodes: &[Node]) -> Option<Btf> {
    let starts = |node: &&Node| {
        let first = node.content.first();
        first.is_some_and(|part| program::is_kernel(&payload[part.at..part.at + part.len]))
    };
    btf(&nodes.iter().find(starts)?.bytes(payload), None)
}

impl Making<'_> {
    fn node(&mut self, old: &Node, new: &Node) {
        if new.header.len == old.header.len {
            self.copy(old.header.at, new.header.at, new.header.len, 0, false);
        }
        let (was, is) = (old.bytes(self.base), new.bytes(self.payload));
        if was == is {
            let all = Match {
                src: 0,
                dst: 0,
                len: is.len(),
            };
            self.place(old, new, all, 0, false);
            return;
        }
        let arm64 = program::is_arm64(&was) && program::is_arm64(&is);
        let mut found = match arm64 {
            true => self.compared(&was, &is),
            false => matches(&was, &is),
        };
        let number = match arm64 {
            true => {
                whole_words(&mut found, was.len(), is.len());
                self.program(old, new, &was, &is)
            }
            false => 0,
        };
        for one in found {
            for (part, code) in parts(one, &is, arm64) {
                self.place(old, new, part, number, code);
            }
        }
    }

    /// The matches of two programs: first by what does not move, then by where things have moved to.
    fn compared(&self, was: &[u8], is: &[u8]) -> Vec<Match> {
        let [kernel_was, kernel_is] = &self.kernels;
        let mut before = view::of(was, kernel_was.as_ref());
        let after = view::of(is, kernel_is.as_ref());
        let found = matches(&before, &after);
        let whole = |file: &[u8]| {
            let all = [Extent {
                at: 0,
                len: file.len(),
            }];
            program::segments(file).map(|parts| program::placed(&parts, &all))
        };
        let (Some(old), Some(new)) = (whole(was), whole(is)) else {
            return found;
        };
        if old.is_empty() {
            return found;
        }
        let copies = found.iter().map(|one| Copy {
            src: one.src as u64,
            dst: one.dst as u64,
            len: one.len as u32,
            program: 1,
            code: false,
        });
        let script = Script {
            copies: copies.collect(),
            programs: vec![Program { old, new }],
        };
        view::moved(&mut before, was, &Places::new(&script));
        matches(&before, &after)
    }

    fn program(&mut self, old: &Node, new: &Node, was: &[u8], is: &[u8]) -> u16 {
        let (Some(was), Some(is)) = (program::segments(was), program::segments(is)) else {
            return 0;
        };
        let old = program::placed(&was, &old.content);
        let new = program::placed(&is, &new.content);
        if old.is_empty() || new.is_empty() || self.script.programs.len() >= 60_000 {
            return 0;
        }
        self.script.programs.push(Program { old, new });
        self.script.programs.len() as u16
    }

    /// A match within files, where these lie.
    fn place(&mut self, old: &Node, new: &Node, one: Match, program: u16, code: bool) {
        let mut done = 0;
        while done < one.len {
            let Some((src, before)) = at(&old.content, one.src + done) else {
                return;
            };
            let Some((dst, room)) = at(&new.content, one.dst + done) else {
                return;
            };
            let len = (one.len - done).min(before).min(room);
            self.copy(src, dst, len, program, code);
            done += len;
        }
    }

    fn copy(&mut self, src: usize, dst: usize, len: usize, program: u16, code: bool) {
        let most = u32::MAX as usize & !4095;
        let mut done = 0;
        while done < len {
            let part = (len - done).min(most);
            self.script.copies.push(Copy {
                src: (src + done) as u64,
                dst: (dst + done) as u64,
                len: part as u32,
                program,
                code,
            });
            done += part;
        }
    }

    fn finish(mut self) -> Script {
        self.script.copies.sort_unstable_by_key(|copy| copy.dst);
        let mut joined: Vec<Copy> = Vec::new();
        for copy in self.script.copies.drain(..) {
            match joined.last_mut() {
                Some(last) if goes_on(self.base, self.payload, last, &copy) => {
                    last.len = (copy.dst_end() - last.dst) as u32;
                }
                _ => joined.push(copy),
            }
        }
        let length = self.payload.len() as u64;
        let ends: Vec<u64> = joined
            .iter()
            .skip(1)
            .map(|copy| copy.dst)
            .chain([length])
            .collect();
        for (copy, end) in joined.iter_mut().zip(ends) {
            self_extend(self.base, self.payload, copy, end);
        }
        self.script.copies = joined;
        number_anew(&mut self.script);
        filled(self.base, self.payload, &mut self.script);
        self.script
    }
}

/// Programs are numbered as they come in the payload.
fn number_anew(script: &mut Script) {
    let mut numbers = vec![0_u16; script.programs.len() + 1];
    let mut programs = Vec::new();
    for copy in &mut script.copies {
        let number = usize::from(copy.program);
        if number == 0 {
            continue;
        }
        if numbers[number] == 0 {
            programs.push(script.programs[number - 1].clone());
            numbers[number] = programs.len() as u16;
        }
        copy.program = numbers[number];
    }
    script.programs = programs;
}

/// Whether `next` is the same stretch as `last`, with at most equal bytes between them.
fn goes_on(base: &[u8], payload: &[u8], last: &Copy, next: &Copy) -> bool {
    let gap = next.dst - last.dst_end();
    let same = (last.program, last.code) == (next.program, next.code)
        && next.src == last.src_end() + gap
        && next.dst_end() - last.dst < u32::MAX.into();
    same && equal(base, payload, last.src_end(), last.dst_end(), gap)
}

fn equal(base: &[u8], payload: &[u8], src: u64, dst: u64, len: u64) -> bool {
    let (src, dst, len) = (src as usize, dst as usize, len as usize);
    match (base.get(src..src + len), payload.get(dst..dst + len)) {
        (Some(was), Some(is)) => was == is,
        _ => false,
    }
}

/// A copy goes on up to `end` where all up to there is equal.
fn self_extend(base: &[u8], payload: &[u8], copy: &mut Copy, end: u64) {
    let gap = end - copy.dst_end();
    let fits = end - copy.dst < u32::MAX.into();
    if gap > 0 && fits && equal(base, payload, copy.src_end(), copy.dst_end(), gap) {
        copy.len += gap as u32;
    }
}

/// Where a place in a file lies, and how much of the file lies there from it on.
fn at(extents: &[Extent], place: usize) -> Option<(usize, usize)> {
    let mut begin = 0;
    for extent in extents {
        if place < begin + extent.len {
            return Some((extent.at + (place - begin), begin + extent.len - place));
        }
        begin += extent.len;
    }
    None
}

/// Moves the ends of matches to whole words where old and new agree about them.
fn whole_words(found: &mut [Match], old: usize, new: usize) {
    for at in 0..found.len() {
        let room = match at {
            0 => 0,
            _ => found[at - 1].dst + found[at - 1].len,
        };
        let next = found.get(at + 1).map_or(new, |next| next.dst);
        let one = &mut found[at];
        if one.src & 3 != one.dst & 3 {
            continue;
        }
        let lead = one.dst & 3;
        if one.dst - lead >= room && one.src >= lead {
            *one = Match {
                src: one.src - lead,
                dst: one.dst - lead,
                len: one.len + lead,
            };
        }
        let tail = (4 - ((one.dst + one.len) & 3)) & 3;
        if one.dst + one.len + tail <= next.max(one.dst + one.len)
            && one.src + one.len + tail <= old
        {
            one.len += tail;
        } else if next == one.dst + one.len && one.len > 4 {
            // The next one begins inside this word: it takes all of it.
            one.len -= (one.dst + one.len) & 3;
        }
    }
}

/// A match in parts that are code or not, judged by what they are in the new file.
fn parts(one: Match, new: &[u8], arm64: bool) -> Vec<(Match, bool)> {
    let mut parts: Vec<(Match, bool)> = Vec::new();
    let mut done = 0;
    while done < one.len {
        let dst = one.dst + done;
        let judged = dst - dst % program::JUDGED;
        let block = &new[judged..new.len().min(judged + program::JUDGED)];
        let len = (judged + program::JUDGED - dst).min(one.len - done);
        let aligned = one.src & 3 == 0 && one.dst & 3 == 0;
        let code = arm64 && aligned && program::is_code(block);
        match parts.last_mut() {
            Some((last, same)) if *same == code => last.len += len,
            _ => parts.push((
                Match {
                    src: one.src + done,
                    dst,
                    len,
                },
                code,
            )),
        }
        done += len;
    }
    parts
}
