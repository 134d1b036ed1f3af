//! Where a place of the base, or an address of a program in it, has gone to.

use super::script::{Program, Script, Segment};

/// How far behind a copy a place still moves with it.
const NEAR: u64 = 64 << 10;
/// Copies that begin before a place and are looked at.
const LOOK: usize = 6;

/// The copies by where they lie in the base.
pub(crate) struct Places<'a> {
    script: &'a Script,
    by_source: Vec<u32>,
    /// For each stretch of the base of 2^shift bytes, how many copies begin before it.
    before: Vec<u32>,
    shift: u32,
}

/// Stretches of the base, at most.
const STRETCHES: u64 = 1 << 17;

impl<'a> Places<'a> {
    pub(crate) fn new(script: &'a Script) -> Self {
        let mut by_source: Vec<u32> = (0..script.copies.len() as u32).collect();
        by_source.sort_unstable_by_key(|&at| (script.copies[at as usize].src, at));
        let last = by_source
            .last()
            .map_or(0, |&at| script.copies[at as usize].src);
        let shift = (0..64)
            .find(|shift| last >> shift < STRETCHES)
            .unwrap_or(63);
        let mut before = vec![0; (last >> shift) as usize + 2];
        for copy in &script.copies {
            before[(copy.src >> shift) as usize + 1] += 1;
        }
        let mut sum = 0;
        for count in &mut before {
            sum += *count;
            *count = sum;
        }
        Self {
            script,
            by_source,
            before,
            shift,
        }
    }

    /// Where the byte at `place` of the base lies in the payload, by the copies of this program or else by any.
    pub(crate) fn moved(&self, place: u64, program: u16) -> Option<u64> {
        let copies = &self.script.copies;
        let stretch = usize::try_from(place >> self.shift).unwrap_or(usize::MAX);
        let stretch = stretch.min(self.before.len() - 2);
        let from = self.before[stretch] as usize;
        let near = &self.by_source[from..self.before[stretch + 1] as usize];
        let after = from + near.partition_point(|&at| copies[at as usize].src <= place);
        let (mut other, mut near) = (None, None);
        for &at in self.by_source[after.saturating_sub(LOOK)..after]
            .iter()
            .rev()
        {
            let copy = &copies[at as usize];
            let to = copy.dst.wrapping_add(place - copy.src);
            match (place < copy.src_end(), copy.program == program) {
                (true, true) => return Some(to),
                (true, false) => other = other.or(Some(to)),
                (false, true) if place - copy.src_end() < NEAR => near = near.or(Some(to)),
                (false, _) => {}
            }
        }
        other.or(near)
    }

    /// The address in the new program of what had this address in the old one.
    pub(crate) fn address(&self, address: u64, number: u16) -> Option<u64> {
        let program = self.program(number)?;
        let in_segment = |s: &Segment| address >= s.address && address - s.address < s.len;
        let Some(at) = program.old.iter().position(in_segment) else {
            return beyond(program, address);
        };
        let old = program.old[at];
        let moved = self.moved(old.at + (address - old.address), number)?;
        // The same place may have several addresses: of the segment that is this one's fellow, if it is there.
        let fellow = program
            .new
            .get(at)
            .and_then(|new| address_of(std::slice::from_ref(new), moved));
        fellow.or_else(|| address_of(&program.new, moved))
    }

    /// A word that is an address, as it is now.
    pub(crate) fn absolute(&self, word: u32, program: u16) -> Option<u32> {
        self.address(word.into(), program).map(|new| new as u32)
    }

    /// A word at `src` that is a distance from itself, as it is at `dst`.
    pub(crate) fn relative(&self, word: u32, src: u64, dst: u64, program: u16) -> Option<u32> {
        self.program(program)?;
        let target = self
            .old_address(src, program)
            .wrapping_add_signed(i64::from(word as i32));
        let target = self.address(target, program)?;
        Some(target.wrapping_sub(self.new_address(dst, program)) as u32)
    }

    fn program(&self, number: u16) -> Option<&'a Program> {
        self.script
            .programs
            .get(usize::from(number).checked_sub(1)?)
    }

    /// The address of a place in the base; itself where there is no program.
    pub(crate) fn old_address(&self, place: u64, number: u16) -> u64 {
        self.program(number)
            .and_then(|program| address_of(&program.old, place))
            .unwrap_or(place)
    }

    /// The address of a place in the payload; itself where there is no program.
    pub(crate) fn new_address(&self, place: u64, number: u16) -> u64 {
        self.program(number)
            .and_then(|program| address_of(&program.new, place))
            .unwrap_or(place)
    }

    /// Where an address of the old program is now: by its segments, or as a mere place where it has none.
    pub(crate) fn target(&self, address: u64, number: u16) -> Option<u64> {
        match self.program(number) {
            Some(_) => self.address(address, number),
            None => self.moved(address, number),
        }
    }
}

fn address_of(segments: &[Segment], place: u64) -> Option<u64> {
    let of = |s: &&Segment| place >= s.at && place - s.at < s.len;
    segments.iter().find(of).map(|s| s.address + (place - s.at))
}

/// What lies behind the last segment (memory that begins as zeros) moves with its end.
fn beyond(program: &Program, address: u64) -> Option<u64> {
    let end = |segments: &[Segment]| segments.iter().map(|s| s.address + s.len).max();
    let (old, new) = (end(&program.old)?, end(&program.new)?);
    (address >= old && address - old < 1 << 32).then(|| new + (address - old))
}
