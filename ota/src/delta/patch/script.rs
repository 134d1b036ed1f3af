//! What is copied from where: the control of a patch.

use super::coder::{Bits, Number, Odds, symbol};

/// Bytes of the base that the payload has too, perhaps with changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Copy {
    /// Where they lie in the base.
    pub(crate) src: u64,
    /// Where they come in the payload.
    pub(crate) dst: u64,
    /// How many; never 0.
    pub(crate) len: u32,
    /// The program they are of: a number in [`Script::programs`] and 1, or 0.
    pub(crate) program: u16,
    /// Instructions of ARM64: branches and addresses are foretold.
    pub(crate) code: bool,
}

impl Copy {
    pub(crate) const fn src_end(&self) -> u64 {
        self.src + self.len as u64
    }

    pub(crate) const fn dst_end(&self) -> u64 {
        self.dst + self.len as u64
    }
}

/// Where a part of a file is at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Segment {
    /// Address.
    pub(crate) address: u64,
    /// Place in the base or payload.
    pub(crate) at: u64,
    /// Bytes.
    pub(crate) len: u64,
}

/// The segments of a program, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Program {
    pub(crate) old: Vec<Segment>,
    pub(crate) new: Vec<Segment>,
}

/// A program of ours has two to four.
pub(crate) const SEGMENTS: usize = 8;

/// The control. What no copy covers is new.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Script {
    pub(crate) programs: Vec<Program>,
    /// In the order of the payload.
    pub(crate) copies: Vec<Copy>,
}

/// What a script may speak of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) base: u64,
    pub(crate) payload: u64,
    pub(crate) copies: u64,
    pub(crate) programs: u64,
}

/// The models of a script.
struct Model {
    same: [Odds; 4],
    source: [Number; 4],
    fresh: [Number; 4],
    len: [Number; 4],
    code: [Odds; 4],
    program: [[Odds; 4]; 4],
    number: Number,
    count: Number,
    place: [Number; 3],
}

const SAME: u32 = 0;
const NONE: u32 = 1;
const NEW: u32 = 2;
const OTHER: u32 = 3;

/// What the last copy leaves behind for the next.
#[derive(Clone, Copy)]
struct Before {
    copy: Copy,
    how: u32,
}

impl Model {
    fn new() -> Self {
        let numbers = || std::array::from_fn(|_| Number::new());
        Self {
            same: [Odds::EVEN; 4],
            source: numbers(),
            fresh: numbers(),
            len: numbers(),
            code: [Odds::EVEN; 4],
            program: [[Odds::EVEN; 4]; 4],
            number: Number::new(),
            count: Number::new(),
            place: std::array::from_fn(|_| Number::new()),
        }
    }

    fn copy<B: Bits>(
        &mut self,
        bits: &mut B,
        before: &mut Before,
        script: &mut Script,
        now: Copy,
    ) -> Option<Copy> {
        let last = before.copy;
        let program = self.program(bits, before, script, now)?;
        let context = usize::from(last.code) * 2 + usize::from(program == last.program);
        let code = bits.bit(&mut self.code[context], now.code);
        let context = usize::from(code) * 2 + usize::from(program == last.program);
        let fresh = self.fresh[context].code(bits, now.dst.wrapping_sub(last.dst_end()));
        let dst = last.dst_end().checked_add(fresh)?;
        let straight = last.src_end().wrapping_add(fresh);
        let context = (context & 2) | usize::from(fresh == 0);
        let moved = now.src.wrapping_sub(straight) as i64;
        let same = bits.bit(&mut self.same[context], moved == 0);
        let moved = match same {
            true => 0,
            false => self.source[context].signed(bits, moved),
        };
        let src = straight.wrapping_add_signed(moved);
        let context = (context & 2) | usize::from(same);
        let len = self.len[context].code(bits, u64::from(now.len).wrapping_sub(1));
        let len = u32::try_from(len).ok()?.checked_add(1)?;
        Some(Copy {
            src,
            dst,
            len,
            program,
            code,
        })
    }

    fn program<B: Bits>(
        &mut self,
        bits: &mut B,
        before: &mut Before,
        script: &mut Script,
        now: Copy,
    ) -> Option<u16> {
        let how = match now.program {
            program if program == before.copy.program => SAME,
            0 => NONE,
            program if usize::from(program) > script.programs.len() => NEW,
            _ => OTHER,
        };
        let how = symbol(bits, &mut self.program[before.how as usize], 2, how);
        before.how = how;
        let known = script.programs.len() as u64;
        match how {
            SAME => Some(before.copy.program),
            NONE => Some(0),
            NEW => {
                script.programs.push(Program::default());
                u16::try_from(known + 1).ok()
            }
            _ => {
                let back = self
                    .number
                    .code(bits, known.wrapping_sub(now.program.into()));
                let program = known.checked_sub(back)?;
                u16::try_from(program).ok().filter(|&program| program > 0)
            }
        }
    }

    fn segments<B: Bits>(
        &mut self,
        bits: &mut B,
        segments: &[Segment],
        near: u64,
    ) -> Option<Vec<Segment>> {
        let count = self.count.code(bits, segments.len() as u64);
        let count = usize::try_from(count)
            .ok()
            .filter(|&count| count <= SEGMENTS)?;
        let mut coded = Vec::new();
        let mut last = Segment {
            at: near,
            ..Segment::default()
        };
        for at in 0..count {
            let now = segments.get(at).copied().unwrap_or_default();
            last = self.segment(bits, last, now)?;
            coded.push(last);
        }
        Some(coded)
    }

    fn segment<B: Bits>(&mut self, bits: &mut B, last: Segment, now: Segment) -> Option<Segment> {
        let moved = now.at.wrapping_sub(last.at.wrapping_add(last.len)) as i64;
        let moved = self.place[0].signed(bits, moved);
        let place = last.at.wrapping_add(last.len).wrapping_add_signed(moved);
        let lead = now
            .address
            .wrapping_sub(last.address.wrapping_add(last.len)) as i64;
        let lead = self.place[1].signed(bits, lead);
        let address = last
            .address
            .wrapping_add(last.len)
            .wrapping_add_signed(lead);
        let len = self.place[2].code(bits, now.len);
        // No address is near the end of what 64 bits hold: sums do not overflow elsewhere.
        let far = [address, place, len].iter().any(|&place| place >= 1 << 62);
        (!far).then_some(Segment {
            address,
            at: place,
            len,
        })
    }
}

/// Codes a script: the one that is given, or, in reading, the one that comes back. `None`: it is garbled.
pub(crate) fn code<B: Bits>(bits: &mut B, given: &Script, bounds: Bounds) -> Option<Script> {
    let mut model = Model::new();
    let mut script = Script::default();
    let start = Copy {
        src: 0,
        dst: 0,
        len: 0,
        program: 0,
        code: false,
    };
    let mut before = Before {
        copy: start,
        how: NONE,
    };
    for at in 0..usize::try_from(bounds.copies).ok()? {
        let now = given.copies.get(at).copied().unwrap_or(start);
        let programs = script.programs.len();
        let copy = model.copy(bits, &mut before, &mut script, now)?;
        let in_base = copy
            .src
            .checked_add(copy.len.into())
            .is_some_and(|end| end <= bounds.base);
        let in_payload = copy
            .dst
            .checked_add(copy.len.into())
            .is_some_and(|end| end <= bounds.payload);
        if !in_base || !in_payload || script.programs.len() as u64 > bounds.programs {
            return None;
        }
        if script.programs.len() > programs {
            let told = given.programs.get(programs).cloned().unwrap_or_default();
            let old = model.segments(bits, &told.old, copy.src)?;
            let new = model.segments(bits, &told.new, copy.dst)?;
            script.programs[programs] = Program { old, new };
        }
        script.copies.push(copy);
        before.copy = copy;
    }
    Some(script)
}
