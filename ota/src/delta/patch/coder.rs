//! Binary arithmetic coding with odds that learn. One text describes a stream for both directions: what writes it also reads it.

/// The chance that a bit is 1, learned from the bits that came: quickly at first, then slowly.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Odds {
    one: u16,
    seen: u8,
}

/// After so many bits a chance moves by 1/(this + 1.5) of what it was wrong.
const SLOWEST: u8 = 60;
/// `65536 / (n + 1.5)`.
const STEP: [u32; SLOWEST as usize + 1] = steps();

const fn steps() -> [u32; SLOWEST as usize + 1] {
    let mut table = [0; SLOWEST as usize + 1];
    let mut n = 0;
    while n < table.len() {
        table[n] = (2 * 65536) / (2 * n as u32 + 3);
        n += 1;
    }
    table
}

impl Odds {
    /// Nothing is known.
    pub(crate) const EVEN: Self = Self {
        one: 1 << 15,
        seen: 0,
    };

    const fn learn(&mut self, bit: bool) {
        let target = if bit { 65535_i32 } else { 0 };
        let step = STEP[self.seen as usize] as i64;
        let one = self.one as i32;
        self.one = (one as i64 + (((target - one) as i64 * step) >> 16)) as u16;
        if self.seen < SLOWEST {
            self.seen += 1;
        }
    }

    /// Of 65536, never certain.
    const fn chance(self) -> u32 {
        let one = self.one as u32;
        if one < 24 {
            24
        } else if one > 65512 {
            65512
        } else {
            one
        }
    }
}

/// One direction of coding.
pub(crate) trait Bits {
    /// This writes (and `bit` says what), or reads (and `bit` is not looked at).
    const WRITES: bool;

    /// Codes a bit.
    fn bit(&mut self, odds: &mut Odds, bit: bool) -> bool;
}

/// Writes.
#[derive(Debug)]
pub(crate) struct Encoder {
    low: u32,
    high: u32,
    out: Vec<u8>,
}

impl Encoder {
    pub(crate) const fn new() -> Self {
        Self {
            low: 0,
            high: u32::MAX,
            out: Vec::new(),
        }
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        // As many bytes as tell the interval apart; the reader sees zeros after the end.
        self.out.extend_from_slice(&self.high.to_be_bytes());
        while self.out.last() == Some(&0) {
            self.out.pop();
        }
        self.out
    }
}

/// Where the interval is cut.
const fn cut(low: u32, high: u32, odds: Odds) -> u32 {
    low + (((high - low) as u64 * odds.chance() as u64) >> 16) as u32
}

impl Bits for Encoder {
    const WRITES: bool = true;

    fn bit(&mut self, odds: &mut Odds, bit: bool) -> bool {
        let mid = cut(self.low, self.high, *odds);
        if bit {
            self.high = mid;
        } else {
            self.low = mid + 1;
        }
        odds.learn(bit);
        while (self.low ^ self.high) >> 24 == 0 {
            self.out.push((self.high >> 24) as u8);
            self.low <<= 8;
            self.high = self.high << 8 | 255;
        }
        bit
    }
}

/// Where the bytes of a stream come from, one by one; zeros after the end.
pub(crate) trait Bytes {
    fn next_byte(&mut self) -> u8;
}

/// Reads.
#[derive(Debug)]
pub(crate) struct Decoder<B> {
    low: u32,
    high: u32,
    code: u32,
    bytes: B,
}

impl<B: Bytes> Decoder<B> {
    pub(crate) fn new(mut bytes: B) -> Self {
        let code = (0..4).fold(0, |code, _| code << 8 | u32::from(bytes.next_byte()));
        Self {
            low: 0,
            high: u32::MAX,
            code,
            bytes,
        }
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut B {
        &mut self.bytes
    }
}

impl<B: Bytes> Bits for Decoder<B> {
    const WRITES: bool = false;

    #[inline]
    fn bit(&mut self, odds: &mut Odds, _bit: bool) -> bool {
        let mid = cut(self.low, self.high, *odds);
        let bit = self.code <= mid;
        if bit {
            self.high = mid;
        } else {
            self.low = mid + 1;
        }
        odds.learn(bit);
        while (self.low ^ self.high) >> 24 == 0 {
            self.low <<= 8;
            self.high = self.high << 8 | 255;
            self.code = self.code << 8 | u32::from(self.bytes.next_byte());
        }
        bit
    }
}

/// A symbol of `BITS` bits, each bit by those before it.
pub(crate) fn symbol<B: Bits>(bits: &mut B, odds: &mut [Odds], width: u32, value: u32) -> u32 {
    let mut node = 1;
    for place in (0..width).rev() {
        let bit = bits.bit(&mut odds[node], value >> place & 1 == 1);
        node = node << 1 | usize::from(bit);
    }
    node as u32 - (1 << width)
}

/// Whole numbers of any size: first how many bits, then the upper ones by their own odds.
#[derive(Debug, Clone)]
pub(crate) struct Number {
    size: [Odds; 64],
    upper: Box<[[Odds; 8]; 64]>,
    lower: Box<[[Odds; 64]; 64]>,
}

impl Number {
    pub(crate) fn new() -> Self {
        Self {
            size: [Odds::EVEN; 64],
            upper: Box::new([[Odds::EVEN; 8]; 64]),
            lower: Box::new([[Odds::EVEN; 64]; 64]),
        }
    }

    /// Codes a number below 2^63 - 1; a garbled stream may yield any.
    pub(crate) fn code<B: Bits>(&mut self, bits: &mut B, value: u64) -> u64 {
        let more = value.saturating_add(1);
        let size = symbol(bits, &mut self.size, 6, 63 - more.leading_zeros()) as usize;
        let mut coded = 1_u64;
        let mut node = 1_usize;
        for place in (0..size).rev() {
            let bit = more >> place & 1 == 1;
            let odds = match node < 8 {
                true => &mut self.upper[size][node],
                false => &mut self.lower[size][place],
            };
            let bit = bits.bit(odds, bit);
            coded = coded << 1 | u64::from(bit);
            node = (node << 1 | usize::from(bit)).min(8);
        }
        coded - 1
    }

    /// Codes a number that may be negative.
    pub(crate) fn signed<B: Bits>(&mut self, bits: &mut B, value: i64) -> i64 {
        let folded = (value << 1 ^ value >> 63) as u64;
        let folded = self.code(bits, folded);
        (folded >> 1) as i64 ^ -((folded & 1) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    impl Bytes for std::vec::IntoIter<u8> {
        fn next_byte(&mut self) -> u8 {
            self.next().unwrap_or(0)
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_was_written_is_read(values in prop::collection::vec((any::<u64>(), 0_u32..63, any::<bool>()), 0..200)) {
            let values: Vec<(u64, i64, bool)> = values
                .into_iter()
                .map(|(value, size, bit)| (value >> (63 - size) >> 1, (value >> (63 - size) >> 1) as i64 / 2 - (1 << size >> 2), bit))
                .collect();
            let mut models = (Number::new(), Number::new(), Odds::EVEN);
            let mut encoder = Encoder::new();
            for &(number, signed, bit) in &values {
                models.0.code(&mut encoder, number);
                models.1.signed(&mut encoder, signed);
                encoder.bit(&mut models.2, bit);
            }
            let mut models = (Number::new(), Number::new(), Odds::EVEN);
            let mut decoder = Decoder::new(encoder.finish().into_iter());
            for (number, signed, bit) in values {
                prop_assert_eq!(models.0.code(&mut decoder, 0), number);
                prop_assert_eq!(models.1.signed(&mut decoder, 0), signed);
                prop_assert_eq!(decoder.bit(&mut models.2, false), bit);
            }
        }
    }

    #[test]
    fn what_is_always_the_same_costs_next_to_nothing() {
        let mut encoder = Encoder::new();
        let mut odds = Odds::EVEN;
        (0..100_000).for_each(|_| _ = encoder.bit(&mut odds, true));
        assert!(encoder.finish().len() < 40);
    }
}
