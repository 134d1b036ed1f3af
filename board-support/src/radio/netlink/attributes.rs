//! Attributes of netlink messages: read leniently, written to the letter.

use netlink_packet_core::{DefaultNla, Emitable as _, NLA_F_NESTED, NLA_HEADER_SIZE, NlasIterator};

/// Attributes one after the other, as they stand in a message. What is broken ends them: what stands before it still counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attributes<'a>(&'a [u8]);

impl<'a> Attributes<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Kind and value of each.
    pub(crate) fn iter(self) -> impl Iterator<Item = (u16, &'a [u8])> {
        NlasIterator::new(self.0).map_while(|attribute| {
            let attribute = attribute.ok()?;
            let (kind, end) = (attribute.kind(), usize::from(attribute.length()));
            Some((kind, attribute.into_inner().get(NLA_HEADER_SIZE..end)?))
        })
    }

    /// The first of that kind.
    pub(crate) fn get(self, kind: u16) -> Option<&'a [u8]> {
        self.iter()
            .find_map(|(its, value)| (its == kind).then_some(value))
    }

    pub(crate) fn has(self, kind: u16) -> bool {
        self.get(kind).is_some()
    }

    /// What stands within the first of that kind; nothing where there is none.
    pub(crate) fn within(self, kind: u16) -> Self {
        Self(self.get(kind).unwrap_or_default())
    }

    /// What stands within each attribute, whatever its kind: the kernel's arrays.
    pub(crate) fn each(self) -> impl Iterator<Item = (u16, Self)> {
        self.iter().map(|(kind, value)| (kind, Self(value)))
    }

    pub(crate) fn u8(self, kind: u16) -> Option<u8> {
        self.get(kind)?.first().copied()
    }

    pub(crate) fn u16(self, kind: u16) -> Option<u16> {
        self.array(kind).map(u16::from_ne_bytes)
    }

    pub(crate) fn u32(self, kind: u16) -> Option<u32> {
        self.array(kind).map(u32::from_ne_bytes)
    }

    pub(crate) fn i32(self, kind: u16) -> Option<i32> {
        self.array(kind).map(i32::from_ne_bytes)
    }

    pub(crate) fn u64(self, kind: u16) -> Option<u64> {
        self.array(kind).map(u64::from_ne_bytes)
    }

    /// The first `N` bytes of a value that has as many.
    pub(crate) fn array<const N: usize>(self, kind: u16) -> Option<[u8; N]> {
        self.get(kind)?.first_chunk().copied()
    }

    /// A text, up to its closing zero.
    pub(crate) fn text(self, kind: u16) -> Option<String> {
        let bytes = self.get(kind)?.split(|byte| *byte == 0).next()?;
        Some(String::from_utf8_lossy(bytes).into_owned())
    }
}

/// A message's payload as it grows: its fixed head, then attributes.
#[derive(Debug, Clone)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn after(head: &[u8]) -> Self {
        Self(head.to_vec())
    }

    /// `value` has at most 64 KiB.
    pub(crate) fn put(mut self, kind: u16, value: &[u8]) -> Self {
        let attribute = DefaultNla::new(kind, value.to_vec());
        let mut bytes = vec![0; attribute.buffer_len()];
        attribute.emit(&mut bytes);
        self.0.extend_from_slice(&bytes);
        self
    }

    pub(crate) fn u32(self, kind: u16, value: u32) -> Self {
        self.put(kind, &value.to_ne_bytes())
    }

    /// A text with its closing zero.
    pub(crate) fn text(self, kind: u16, text: &str) -> Self {
        let mut bytes = text.as_bytes().to_vec();
        bytes.push(0);
        self.put(kind, &bytes)
    }

    /// What `inner` grew into, as one attribute.
    pub(crate) fn nest(self, kind: u16, inner: impl FnOnce(Self) -> Self) -> Self {
        let inner = inner(Self(Vec::new()));
        self.put(kind | NLA_F_NESTED, &inner.0)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_written_is_read() {
        let written = Writer::after(&[])
            .text(1, "wlan0")
            .u32(2, 77)
            .nest(3, |inner| inner.put(1, &[9]).put(2, &[]));
        #[rustfmt::skip]
        let to_the_letter = [
            10, 0, 1, 0, b'w', b'l', b'a', b'n', b'0', 0, 0, 0,
            8, 0, 2, 0, 77, 0, 0, 0,
            16, 0, 3, 0x80, 5, 0, 1, 0, 9, 0, 0, 0, 4, 0, 2, 0,
        ];
        if cfg!(target_endian = "little") {
            assert_eq!(written.bytes(), to_the_letter);
        }
        let read = Attributes::new(written.bytes());
        assert_eq!(read.text(1).as_deref(), Some("wlan0"));
        assert_eq!(read.u32(2), Some(77));
        assert_eq!(read.within(3).u8(1), Some(9));
        assert!(read.within(3).has(2) && !read.has(4));
        assert_eq!(read.u64(2), None, "four bytes are no number of eight");
    }

    #[test]
    fn what_stands_before_a_broken_one_counts() {
        let mut bytes = Writer::after(&[]).u32(1, 5).bytes().to_vec();
        bytes.extend_from_slice(&[200, 0, 2, 0, 1]);
        let read = Attributes::new(&bytes);
        assert_eq!(read.u32(1), Some(5));
        assert_eq!(read.iter().count(), 1);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            for (kind, value) in Attributes::new(&bytes).each() {
                let _ = (value.u16(kind), value.text(kind), value.iter().count());
            }
        }
    }
}
