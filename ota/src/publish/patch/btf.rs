//! The types of a kernel or module (the kernel's `Documentation/bpf/btf.rst`): numbers that all change when one type is added, replaced by what they
//! name.

use super::elf;
use super::view::hash;

const HEAD: [u8; 8] = [0x9F, 0xEB, 1, 0, 24, 0, 0, 0];

/// The types of a file.
#[derive(Debug, Default)]
pub(super) struct Btf {
    /// For each type, by its number, what it is called and which kind it is.
    types: Vec<u32>,
    /// The names.
    names: Vec<u8>,
    /// Words of the file and what stands for them when it is compared.
    pub(super) words: Vec<(usize, u32)>,
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

/// What follows the three words of a type: parts of so many words each, and which of these are names and types.
const fn parts(kind: u32, many: usize) -> (usize, usize, &'static [usize], &'static [usize]) {
    match kind {
        1 | 14 | 17 => (1, 1, &[], &[]),
        3 => (1, 3, &[], &[0, 1]),
        4 | 5 => (many, 3, &[0], &[1]),
        6 => (many, 2, &[0], &[]),
        13 => (many, 2, &[0], &[1]),
        15 => (many, 3, &[], &[0]),
        19 => (many, 3, &[0], &[]),
        _ => (0, 0, &[], &[]),
    }
}

const fn third_is_type(kind: u32) -> bool {
    matches!(kind, 2 | 8..=14 | 17 | 18)
}

/// The types of a file, where it has some; `kernel` are those that a module's are added to.
pub(super) fn btf(file: &[u8], kernel: Option<&Btf>) -> Option<Btf> {
    let (at, base) = match elf::section(file, b".BTF") {
        Some((at, _)) => (at, kernel),
        None => (find(file)?, None),
    };
    let head = file.get(at..at.checked_add(24)?)?;
    if head[..8] != HEAD {
        return None;
    }
    let field = |field: usize| u32_at(head, field).map(|field| field as usize);
    let begin = at + 24 + field(8)?;
    let words = file.get(begin..begin.checked_add(field(12)?)?)?;
    let names = at + 24 + field(16)?;
    let names = file.get(names..names.checked_add(field(20)?)?)?;
    let mut btf = Btf {
        types: base.map_or_else(|| vec![0], |base| base.types.clone()),
        names: names.to_vec(),
        words: Vec::new(),
    };
    let records = records(words)?;
    for &record in &records {
        let kind = u32_at(words, record + 4)? >> 24;
        let name = btf.name(base, u32_at(words, record)?);
        btf.types.push(name ^ kind.wrapping_mul(0x9E37_79B1));
    }
    let mut meant = Vec::new();
    for &record in &records {
        btf.meant(words, record, base, &mut meant)?;
    }
    btf.words = meant
        .into_iter()
        .map(|(at, word)| (begin + at, word))
        .collect();
    Some(btf)
}

impl Btf {
    /// The name at this place of the names, those of the kernel before one's own.
    fn name(&self, base: Option<&Self>, at: u32) -> u32 {
        let before = base.map_or(0, |base| base.names.len());
        let bytes = match (at as usize).checked_sub(before) {
            Some(at) => self.names.get(at..),
            None => base.and_then(|base| base.names.get(at as usize..)),
        };
        let name = bytes.and_then(|bytes| bytes.split(|&byte| byte == 0).next());
        name.map_or(0, hash)
    }

    fn of_type(&self, number: u32) -> u32 {
        self.types.get(number as usize).copied().unwrap_or(0)
    }

    /// The words of a type that name something.
    fn meant(
        &self,
        words: &[u8],
        record: usize,
        base: Option<&Self>,
        meant: &mut Vec<(usize, u32)>,
    ) -> Option<()> {
        let info = u32_at(words, record + 4)?;
        let kind = info >> 24 & 31;
        meant.push((record, self.name(base, u32_at(words, record)?)));
        if third_is_type(kind) {
            meant.push((record + 8, self.of_type(u32_at(words, record + 8)?)));
        }
        let (count, size, named, typed) = parts(kind, (info & 0xFFFF) as usize);
        for part in (0..count).map(|part| record + 12 + part * size * 4) {
            for at in named.iter().map(|field| part + field * 4) {
                meant.push((at, self.name(base, u32_at(words, at)?)));
            }
            for at in typed.iter().map(|field| part + field * 4) {
                meant.push((at, self.of_type(u32_at(words, at)?)));
            }
        }
        Some(())
    }
}

/// Where the types begin in a file without sections.
fn find(file: &[u8]) -> Option<usize> {
    if file.get(56..60) != Some(b"ARM\x64") {
        return None;
    }
    let here = |at: &usize| {
        file[*at..].starts_with(&HEAD)
            && u32_at(file, at + 12).is_some_and(|length| length > 1 << 16)
    };
    (0..file.len()).step_by(4).find(here)
}

/// Where each type begins; `None` where they do not end with the section.
fn records(words: &[u8]) -> Option<Vec<usize>> {
    let mut records = Vec::new();
    let mut at = 0;
    while at < words.len() {
        records.push(at);
        let info = u32_at(words, at + 4)?;
        let (count, size, _, _) = parts(info >> 24 & 31, (info & 0xFFFF) as usize);
        at = at.checked_add(12 + count * size * 4)?;
    }
    (at == words.len()).then_some(records)
}
