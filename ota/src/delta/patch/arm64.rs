//! The instructions of ARM64 that hold a distance (Arm Architecture Reference Manual, C4.1).

/// What an instruction's distance is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// None.
    Plain,
    /// B, BL: 26 bits of words.
    Branch,
    /// B.cond, CBZ, CBNZ, LDR of a literal: 19 bits of words.
    Short,
    /// TBZ, TBNZ: 14 bits of words.
    Test,
    /// ADR: 21 bits of bytes.
    Near,
    /// ADRP: 21 bits of pages.
    Page,
    /// ADD of an immediate, or a load or store with one: the lower 12 bits of an address whose page a register holds.
    Low,
}

/// By the upper byte.
const KINDS: [Kind; 256] = kinds();

const fn kinds() -> [Kind; 256] {
    let mut table = [Kind::Plain; 256];
    let mut top = 0;
    while top < 256 {
        let t = top as u8;
        table[top] = if t & 0x7C == 0x14 {
            Kind::Branch
        } else if t == 0x54 || t & 0x7E == 0x34 || t & 0x3B == 0x18 {
            Kind::Short
        } else if t & 0x7E == 0x36 {
            Kind::Test
        } else if t & 0x9F == 0x10 {
            Kind::Near
        } else if t & 0x9F == 0x90 {
            Kind::Page
        } else if t == 0x91 || t & 0x3B == 0x39 {
            Kind::Low
        } else {
            Kind::Plain
        };
        top += 1;
    }
    table
}

const fn sign(value: u32, bits: u32) -> i64 {
    ((value << (32 - bits)) as i32 >> (32 - bits)) as i64
}

/// An instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word(pub(crate) u32);

impl Word {
    #[inline]
    pub(crate) const fn kind(self) -> Kind {
        KINDS[(self.0 >> 24) as usize]
    }

    /// The register that is written, or that a load writes or a store reads.
    pub(crate) const fn target_register(self) -> usize {
        (self.0 & 31) as usize
    }

    /// The register that an address is taken from.
    pub(crate) const fn base_register(self) -> usize {
        (self.0 >> 5 & 31) as usize
    }

    /// The address it speaks of, at the address `pc`; of ADRP the begin of a page.
    pub(crate) const fn target(self, kind: Kind, pc: u64) -> Option<u64> {
        let w = self.0;
        match kind {
            Kind::Branch => Some(pc.wrapping_add_signed(sign(w & 0x03FF_FFFF, 26) * 4)),
            Kind::Short => Some(pc.wrapping_add_signed(sign(w >> 5 & 0x7_FFFF, 19) * 4)),
            Kind::Test => Some(pc.wrapping_add_signed(sign(w >> 5 & 0x3FFF, 14) * 4)),
            Kind::Near => Some(pc.wrapping_add_signed(sign(far_bits(w), 21))),
            Kind::Page => Some((pc & !0xFFF).wrapping_add_signed(sign(far_bits(w), 21) << 12)),
            Kind::Plain | Kind::Low => None,
        }
    }

    /// The same instruction speaking of `target`.
    pub(crate) const fn aimed(self, kind: Kind, pc: u64, target: u64) -> Self {
        let w = self.0;
        let far = target.wrapping_sub(pc);
        Self(match kind {
            Kind::Branch => w & 0xFC00_0000 | (far >> 2) as u32 & 0x03FF_FFFF,
            Kind::Short => w & 0xFF00_001F | ((far >> 2) as u32 & 0x7_FFFF) << 5,
            Kind::Test => w & 0xFFF8_001F | ((far >> 2) as u32 & 0x3FFF) << 5,
            Kind::Near => with_far_bits(w, far as u32),
            Kind::Page => with_far_bits(w, ((target >> 12).wrapping_sub(pc >> 12)) as u32),
            Kind::Plain | Kind::Low => w,
        })
    }

    /// How far a Low's immediate is shifted; `None` for an ADD that shifts it by 12.
    const fn scale(self) -> Option<u32> {
        let w = self.0;
        if w >> 24 == 0x91 {
            return if w >> 22 & 3 == 0 { Some(0) } else { None };
        }
        let wide = w >> 26 & 1 == 1 && w >> 23 & 1 == 1 && w >> 30 == 0;
        Some(if wide { 4 } else { w >> 30 })
    }

    /// The lower 12 bits of the address; `None` for what is more than these.
    pub(crate) fn low(self) -> Option<u64> {
        let low = u64::from(self.0 >> 10 & 0xFFF) << self.scale()?;
        (low < 4096).then_some(low)
    }

    /// The same with other lower 12 bits.
    pub(crate) fn with_low(self, low: u64) -> Self {
        let immediate = ((low & 0xFFF) >> self.scale().unwrap_or(0)) as u32;
        Self(self.0 & !(0xFFF << 10) | immediate << 10)
    }
}

const fn far_bits(w: u32) -> u32 {
    (w >> 5 & 0x7_FFFF) << 2 | w >> 29 & 3
}

const fn with_far_bits(w: u32, far: u32) -> u32 {
    w & 0x9F00_001F | (far >> 2 & 0x7_FFFF) << 5 | (far & 3) << 29
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// As `llvm-mc -triple=aarch64` assembles them at the address 0x1000.
    const KNOWN: [(u32, Kind, u64); 8] = [
        (0x9400_0001, Kind::Branch, 0x1004),
        (0x17FF_FFFF, Kind::Branch, 0xFFC),
        (0x5400_0040, Kind::Short, 0x1008),
        (0xB4FF_FFE0, Kind::Short, 0xFFC),
        (0x5800_0040, Kind::Short, 0x1008),
        (0x3600_0040, Kind::Test, 0x1008),
        (0x1000_0020, Kind::Near, 0x1004),
        (0xB000_0000, Kind::Page, 0x2000),
    ];

    #[test]
    fn where_instructions_aim() {
        for (word, kind, target) in KNOWN {
            assert_eq!(Word(word).kind(), kind, "{word:08x}");
            assert_eq!(Word(word).target(kind, 0x1000), Some(target), "{word:08x}");
            assert_eq!(Word(word).aimed(kind, 0x1000, target), Word(word));
        }
        // add x0, x0, #0x123; ldr x1, [x0, #8]; ldr q1, [x0, #16]; add x0, x0, #1, lsl #12
        let low = |word| (Word(word).kind(), Word(word).low());
        assert_eq!(low(0x9104_8C00), (Kind::Low, Some(0x123)));
        assert_eq!(low(0xF940_0401), (Kind::Low, Some(8)));
        assert_eq!(low(0x3DC0_0401), (Kind::Low, Some(16)));
        assert_eq!(low(0x9140_0400), (Kind::Low, None));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn aimed_at_its_own_target_an_instruction_stays(word: u32, pc in 0_u64..1 << 48) {
            let (word, pc) = (Word(word), pc & !3);
            if let Some(target) = word.target(word.kind(), pc) {
                prop_assert_eq!(word.aimed(word.kind(), pc, target), word);
            }
            if let Some(low) = word.low().filter(|_| word.kind() == Kind::Low) {
                prop_assert_eq!(word.with_low(low), word);
            }
        }
    }
}
