//! The first bytes of a patch.

use super::super::DeltaError;

/// `SBPATCH` and the version of the format.
const MAGIC: [u8; 8] = *b"SBPATCH\x01";
pub(crate) const HEAD: usize = 8 + 9 * 8;
/// What applying may take: the limit of an installation is 48 MB for the whole program.
const MEMORY: u64 = 32 << 20;
/// What applying takes beside copies and dictionary.
const FIXED: u64 = 8 << 20;
/// Of a copy, with its place in the order of the base.
const OF_A_COPY: u64 = 36;
/// Of a program.
const OF_A_PROGRAM: u64 = 1024;
/// A dictionary has at least so many bytes.
const SMALLEST: u64 = 4096;
/// No payload has more, nor a base: 64 GiB.
const LONGEST: u64 = 1 << 36;

/// What a patch is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Head {
    /// Bytes of the base that it looks at.
    pub(crate) base: u64,
    /// Bytes of what it makes.
    pub(crate) payload: u64,
    /// Copies in the script.
    pub(crate) copies: u64,
    /// Programs in it.
    pub(crate) programs: u64,
    /// Bytes of the dictionary of what is new.
    pub(crate) dictionary: u64,
    /// Bytes of the sections: script, changes of data, changes of code, what is new.
    pub(crate) sections: [u64; 4],
}

impl Head {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let fields = [
            self.base,
            self.payload,
            self.copies,
            self.programs,
            self.dictionary,
        ];
        let fields = fields.iter().chain(&self.sections);
        let mut bytes = MAGIC.to_vec();
        bytes.extend(fields.flat_map(|field| field.to_le_bytes()));
        bytes
    }

    /// Of a patch of `length` bytes.
    pub(crate) fn read(bytes: &[u8; HEAD], length: u64) -> Result<Self, DeltaError> {
        if bytes[..8] != MAGIC {
            return Err(garbled(
                "it does not begin as one, or is of another version",
            ));
        }
        let field = |at: usize| {
            let mut field = [0; 8];
            field.copy_from_slice(&bytes[8 + at * 8..16 + at * 8]);
            u64::from_le_bytes(field)
        };
        let head = Self {
            base: field(0),
            payload: field(1),
            copies: field(2),
            programs: field(3),
            dictionary: field(4),
            sections: std::array::from_fn(|at| field(5 + at)),
        };
        head.check(length).map(|()| head)
    }

    fn check(&self, length: u64) -> Result<(), DeltaError> {
        let sections = self.sections.iter();
        let end = sections.fold(HEAD as u64, |sum, &part| sum.saturating_add(part));
        if end != length {
            return Err(garbled("its parts are not as long as it says"));
        }
        if self.base > LONGEST || self.payload > LONGEST {
            return Err(garbled("no payload is so long"));
        }
        if self.dictionary < SMALLEST {
            return Err(garbled("its dictionary is too small"));
        }
        let memory = self.memory();
        match memory > MEMORY {
            true => Err(DeltaError::Memory {
                what: "the patch",
                bytes: memory,
            }),
            false => Ok(()),
        }
    }

    /// What applying takes.
    pub(crate) const fn memory(&self) -> u64 {
        let copies = self.copies.saturating_mul(OF_A_COPY);
        let programs = self.programs.saturating_mul(OF_A_PROGRAM);
        let lists = copies.saturating_add(programs);
        lists.saturating_add(self.dictionary).saturating_add(FIXED)
    }
}

pub(crate) fn garbled(why: &str) -> DeltaError {
    DeltaError::Garbled {
        what: "the patch".to_owned(),
        why: why.to_owned(),
    }
}
