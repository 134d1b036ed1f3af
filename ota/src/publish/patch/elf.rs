//! The tables of an unlinked ELF file, a module: what they refer to, by name.

use super::view::hash;

const SYMBOLS: u32 = 2;
const RELOCATIONS: u32 = 4;
const ENTRY: usize = 24;

/// A table of an unlinked file.
#[derive(Debug)]
pub(super) enum Table {
    /// Entries of 24 bytes: place, kind and symbol, what is added.
    Relocations {
        at: usize,
        count: usize,
        /// By the number of a symbol.
        symbols: Vec<u32>,
    },
    /// Entries of 24 bytes: name, kind, section, value, size.
    Symbols {
        at: usize,
        /// By its number.
        names: Vec<u32>,
    },
}

fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(usize::from(u16::from_le_bytes(bytes.try_into().ok()?)))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(8)?)?;
    usize::try_from(u64::from_le_bytes(bytes.try_into().ok()?)).ok()
}

#[derive(Debug, Clone, Copy)]
struct Section {
    name: u32,
    kind: u32,
    at: usize,
    len: usize,
    link: usize,
}

/// The sections; none where it is no ELF file or holds together badly.
fn sections(file: &[u8]) -> Option<Vec<Section>> {
    if !file.starts_with(b"\x7FELF\x02\x01") {
        return None;
    }
    let (table, count) = (u64_at(file, 40)?, u16_at(file, 60)?);
    let section = |number: usize| {
        let at = table.checked_add(number * 64)?;
        let section = Section {
            name: u32_at(file, at)?,
            kind: u32_at(file, at + 4)?,
            at: u64_at(file, at + 24)?,
            len: u64_at(file, at + 32)?,
            link: u32_at(file, at + 40)? as usize,
        };
        let end = section.at.checked_add(section.len)?;
        (section.kind == NOBITS || end <= file.len()).then_some(section)
    };
    (0..count).map(section).collect()
}

const NOBITS: u32 = 8;

/// A name in a section of names.
fn name<'a>(file: &'a [u8], names: &Section, at: u32) -> Option<&'a [u8]> {
    let bytes = file
        .get(names.at..names.at + names.len)?
        .get(at as usize..)?;
    bytes.split(|&byte| byte == 0).next()
}

/// Where the section of this name lies.
pub(super) fn section(file: &[u8], wanted: &[u8]) -> Option<(usize, usize)> {
    let sections = sections(file)?;
    let names = sections.get(u16_at(file, 62)?)?;
    let found = sections
        .iter()
        .find(|section| name(file, names, section.name) == Some(wanted))?;
    Some((found.at, found.len))
}

/// The tables of an unlinked file; of others none.
pub(super) fn tables(file: &[u8]) -> Vec<Table> {
    const UNLINKED: usize = 1;
    match u16_at(file, 16) {
        Some(UNLINKED) => found(file).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn found(file: &[u8]) -> Option<Vec<Table>> {
    let sections = sections(file)?;
    let titles = sections.get(u16_at(file, 62)?)?;
    let symbols = sections.iter().find(|section| section.kind == SYMBOLS)?;
    let strings = sections.get(symbols.link)?;
    let names = (0..symbols.len / ENTRY).map(|number| {
        let at = symbols.at + number * ENTRY;
        let of = u32_at(file, at)?;
        match of {
            // A section stands for itself.
            0 => {
                let section = sections.get(u16_at(file, at + 6)?)?;
                name(file, titles, section.name).map(hash)
            }
            _ => name(file, strings, of).map(hash),
        }
    });
    let names: Vec<u32> = names.map(Option::unwrap_or_default).collect();
    let mut tables: Vec<Table> = sections
        .iter()
        .filter(|section| section.kind == RELOCATIONS)
        .map(|section| Table::Relocations {
            at: section.at,
            count: section.len / ENTRY,
            symbols: names.clone(),
        })
        .collect();
    tables.push(Table::Symbols {
        at: symbols.at,
        names,
    });
    Some(tables)
}
