//! How a frame is packed. One byte in the index says it: the low half how, the high half what was done to the bytes before.

use super::records;
use crate::image::BLOCK;
use lzma_rust2::filter::StreamFilter;
use lzma_rust2::{DICT_SIZE_MIN, FilterConfig, Lzma2Reader};
use std::io::{self, Read};

/// Blocks of a frame at most: 4 MiB unpacked.
pub(crate) const FRAME_BLOCKS_AT_MOST: u64 = 1024;

/// How the bytes of a frame are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// As they are.
    Plain,
    /// A raw LZMA2 stream whose dictionary is the whole frame.
    Lzma2,
    /// A zstd frame.
    Zstd,
}

/// How a frame is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Method {
    pub(crate) packing: Packing,
    /// Tables of relocations were shortened, then the targets of jumps of 64-bit ARM code made absolute; the list of the tables is behind the bytes.
    pub(crate) code: bool,
}

impl Method {
    pub(crate) const PLAIN: Self = Self {
        packing: Packing::Plain,
        code: false,
    };

    pub(crate) const fn code(self) -> u8 {
        let packing = match self.packing {
            Packing::Plain => 0,
            Packing::Lzma2 => 1,
            Packing::Zstd => 2,
        };
        packing | if self.code { 0x10 } else { 0 }
    }

    pub(crate) const fn of(code: u8) -> Option<Self> {
        let packing = match code & 0x0f {
            0 => Packing::Plain,
            1 => Packing::Lzma2,
            2 => Packing::Zstd,
            _ => return None,
        };
        match code >> 4 {
            0 => Some(Self {
                packing,
                code: false,
            }),
            1 => Some(Self {
                packing,
                code: true,
            }),
            _ => None,
        }
    }

    /// What it unpacks may come bit by bit: [`Method::unpack_read`].
    pub(crate) fn reads(self) -> bool {
        self.packing == Packing::Lzma2
    }

    /// Unpacks to exactly `length` bytes, the whole of `into` then.
    ///
    /// # Errors
    /// Where `packed` does not unpack to so many. No more memory is taken than a frame of that length needs.
    pub(crate) fn unpack(self, packed: &[u8], length: usize, into: &mut Vec<u8>) -> io::Result<()> {
        let most = self.begin(length, into);
        match self.packing {
            Packing::Plain => into.extend_from_slice(packed.get(..most).unwrap_or(packed)),
            Packing::Lzma2 => return self.unpack_read(packed, length, into),
            Packing::Zstd => {
                zstd::bulk::Decompressor::new()?.decompress_to_buffer(packed, into)?;
            }
        }
        self.end(length, into)
    }

    /// As [`Method::unpack`], without all of `packed` in memory. Only LZMA2 is read so: zstd would keep a window of its own.
    pub(crate) fn unpack_read(
        self,
        packed: impl Read,
        length: usize,
        into: &mut Vec<u8>,
    ) -> io::Result<()> {
        let most = self.begin(length, into);
        let reader = Lzma2Reader::new(packed, dictionary(most - 1), None);
        reader.take(most as u64).read_to_end(into)?;
        self.end(length, into)
    }

    /// Makes room; the most bytes that are looked at: one more than there may be.
    fn begin(self, length: usize, into: &mut Vec<u8>) -> usize {
        let most = length + self.list_at_most(length) + 1;
        into.clear();
        into.reserve_exact(most);
        most
    }

    /// What was done to the bytes before they were packed is undone.
    fn end(self, length: usize, into: &mut Vec<u8>) -> io::Result<()> {
        if into.len() < length || into.len() > length + self.list_at_most(length) {
            return Err(bad("it unpacks to another length than it says"));
        }
        if self.code {
            let list = into.split_off(length);
            StreamFilter::new(&FilterConfig::new_bcj_arm64(0))?.decode(into);
            records::restore(into, &list).ok_or_else(|| bad("its tables are not where it says"))?;
        }
        Ok(())
    }

    fn list_at_most(self, length: usize) -> usize {
        if self.code {
            records::list_at_most(length)
        } else {
            0
        }
    }
}

/// Bytes of the dictionary for a stream that unpacks to so many: all of them, at most those of the largest frame.
pub(crate) fn dictionary(length: usize) -> u32 {
    let most = FRAME_BLOCKS_AT_MOST * BLOCK as u64;
    let length = u32::try_from(most.min(length as u64)).unwrap_or(u32::MAX);
    length.max(DICT_SIZE_MIN)
}

fn bad(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use lzma_rust2::{Lzma2Options, Lzma2Writer};
    use std::io::Write as _;

    fn lzma2(bytes: &[u8]) -> Vec<u8> {
        let mut writer = Lzma2Writer::new(Vec::new(), Lzma2Options::with_preset(1));
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        zstd::bulk::compress(bytes, 3).unwrap()
    }

    fn unpack(packing: Packing, code: bool, packed: &[u8], length: usize) -> io::Result<Vec<u8>> {
        let mut into = vec![7; 3];
        let done = Method { packing, code }.unpack(packed, length, &mut into);
        assert!(
            into.capacity() <= length + length / 8 + 64,
            "{}",
            into.capacity()
        );
        done.map(|()| into)
    }

    #[test]
    fn a_method_reads_back_what_it_says() {
        for code in 0..=u8::MAX {
            assert!(Method::of(code).is_none_or(|method| method.code() == code));
        }
        assert_eq!((0..=u8::MAX).filter_map(Method::of).count(), 6);
    }

    #[test]
    fn a_frame_unpacks_to_what_it_says_and_to_nothing_else() {
        let bytes = vec![0x5a; 8192];
        let packed = [
            (Packing::Plain, bytes.clone()),
            (Packing::Lzma2, lzma2(&bytes)),
            (Packing::Zstd, zstd(&bytes)),
        ];
        for (packing, packed) in packed {
            assert_eq!(unpack(packing, false, &packed, 8192).unwrap(), bytes);
            for length in [0, 4096, 8191, 8193, 12288] {
                assert!(
                    unpack(packing, false, &packed, length).is_err(),
                    "{packing:?} {length}"
                );
            }
            for length in 0..packed.len() - 1 {
                assert!(
                    unpack(packing, false, &packed[..length], 8192).is_err(),
                    "{packing:?} {length}"
                );
            }
        }
    }

    #[test]
    fn a_bomb_takes_no_more_memory_than_its_frame_says() {
        let bomb = vec![0; 16 << 20];
        assert!(unpack(Packing::Lzma2, false, &lzma2(&bomb), 4096).is_err());
        assert!(unpack(Packing::Lzma2, true, &lzma2(&bomb), 4096).is_err());
        assert!(unpack(Packing::Zstd, false, &zstd(&bomb), 4096).is_err());
    }

    #[test]
    fn no_flipped_bit_of_a_packed_frame_ends_in_a_panic() {
        let bytes: Vec<u8> = (0..4096_u32)
            .flat_map(|n| (n % 700).to_le_bytes())
            .collect();
        let bytes = bytes.get(..4096).unwrap();
        for (packing, packed) in [(Packing::Lzma2, lzma2(bytes)), (Packing::Zstd, zstd(bytes))] {
            for bit in 0..packed.len() * 8 {
                let mut packed = packed.clone();
                packed[bit / 8] ^= 1 << (bit % 8);
                let _ = unpack(packing, false, &packed, 4096);
                let _ = unpack(packing, true, &packed, 4096);
            }
        }
    }
}
