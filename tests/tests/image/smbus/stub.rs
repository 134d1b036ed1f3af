//! A chip as the kernel's `i2c-stub` keeps it: 256 words, one a register.
//!
//! A byte call sees the low half of its word, a word call the whole word (its low half goes over the wire first, which is the high one of a chip
//! that counts big endian), and a block call the low halves of as many words from its register on: a register of three bytes shares its words
//! with the two registers behind it. [`StubChip`] refuses values that cannot stand side by side.

use std::fmt::Write as _;

/// Which values stand in which registers of which chip.
#[derive(Debug, Clone)]
pub(crate) struct StubChip {
    pub(crate) address: u8,
    /// Low and high half of each word, where it was set.
    words: [[Option<u8>; 2]; 256],
}

impl StubChip {
    pub(crate) const fn at(address: u8) -> Self {
        Self {
            address,
            words: [[None; 2]; 256],
        }
    }

    /// A register of one byte.
    pub(crate) fn byte(mut self, register: u8, value: u8) -> Self {
        self.put(register, 0, value);
        self
    }

    /// A register of two bytes, read by a word call.
    pub(crate) fn word(mut self, register: u8, value: u16) -> Self {
        let [first, second] = value.to_be_bytes();
        self.put(register, 0, first);
        self.put(register, 1, second);
        self
    }

    /// A longer register, or several of one byte: read by a block call.
    pub(crate) fn block(mut self, register: u8, bytes: &[u8]) -> Self {
        for (offset, byte) in (0..).zip(bytes) {
            self.put(register + offset, 0, *byte);
        }
        self
    }

    fn put(&mut self, register: u8, half: usize, value: u8) {
        let place = &mut self.words[usize::from(register)][half];
        let there = place.replace(value);
        assert!(
            there.is_none_or(|there| there == value),
            "i2c-stub cannot hold {value:#04x} and {there:02x?} in register {register:#04x}"
        );
    }

    /// The script that sets them.
    pub(crate) fn script(&self, bus: u8) -> String {
        let mut script = String::new();
        for (register, [low, high]) in self.words.iter().enumerate() {
            if low.is_none() && high.is_none() {
                continue;
            }
            let word = u16::from_le_bytes([low.unwrap_or(0), high.unwrap_or(0)]);
            let address = self.address;
            writeln!(
                script,
                "i2cset -y {bus} {address:#04x} {register:#04x} {word:#06x} w"
            )
            .unwrap();
        }
        script
    }
}

/// All that such a chip holds.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Registers(Vec<u16>);

impl Registers {
    /// Out of what `i2cdump … w` prints: 32 lines of a register's number and eight words.
    pub(crate) fn of_dump(dump: &str) -> Self {
        let words: Vec<u16> = dump
            .lines()
            .filter_map(|line| line.split_once(": "))
            .flat_map(|(_, words)| words.split_whitespace())
            .map(|word| u16::from_str_radix(word, 16).expect("a word of a dump"))
            .collect();
        assert_eq!(words.len(), 256, "{dump}");
        Self(words)
    }

    /// As a chip that counts big endian means it.
    pub(crate) fn word(&self, register: u8) -> u16 {
        self.0[usize::from(register)].swap_bytes()
    }

    /// `N` registers of one byte, from this one on.
    pub(crate) fn bytes<const N: usize>(&self, register: u8) -> [u8; N] {
        std::array::from_fn(|offset| self.0[usize::from(register) + offset].to_le_bytes()[0])
    }

    /// Where they differ: register, before, now.
    pub(crate) fn differences(&self, now: &Self) -> Vec<(usize, u16, u16)> {
        let pairs = self.0.iter().zip(&now.0).enumerate();
        pairs
            .filter(|(_, (before, now))| before != now)
            .map(|(register, (before, now))| (register, before.swap_bytes(), now.swap_bytes()))
            .collect()
    }
}
