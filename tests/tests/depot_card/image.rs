//! A small image of a system: the partitions of `yocto-layer/files/wic`, a few MiB each, with the data opened to the end.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

const MIB: u64 = 1 << 20;
const SECTOR: u64 = 512;
const ALIGN: u64 = 4 * MIB;
/// The highest sector that an MBR can name, as `open-data-end` has it.
const LAST: u64 = 0xffff_0000;
const EXTENDED: u8 = 0x0f;

/// Size in MiB, type, and whether something stands in it; data last.
const PARTITIONS: [(u64, u8, bool); 9] = [
    (2, 0x0c, true),
    (4, 0x0c, true),
    (4, 0x0c, false),
    (8, 0x83, true),
    (8, 0x83, false),
    (4, 0x83, true),
    (4, 0x83, false),
    (4, 0xda, true),
    (8, 0x83, true),
];

/// Where partition 5, the root of slot A, begins.
pub(crate) const ROOT_A: u64 = 16 * MIB;

/// Writes it.
pub(crate) fn write(path: &Path) {
    let mut disk = File::create(path).unwrap();
    let mut put = |at: u64, bytes: &[u8]| {
        disk.seek(SeekFrom::Start(at)).unwrap();
        disk.write_all(bytes).unwrap();
    };
    let (mut place, mut main) = (SECTOR, Vec::new());
    for (size, kind, full) in &PARTITIONS[..3] {
        let start = place.next_multiple_of(if main.is_empty() { MIB } else { ALIGN });
        main.push(entry(*kind, start, size * MIB));
        if *full {
            put(start, &content(start));
        }
        place = start + size * MIB;
    }
    let base = place.next_multiple_of(ALIGN);
    place = base;
    let mut links = Vec::new();
    for (size, kind, full) in &PARTITIONS[3..] {
        let start = (place + SECTOR).next_multiple_of(ALIGN);
        if *full {
            put(start, &content(start));
        }
        links.push((place, start, size * MIB, *kind));
        place = start + size * MIB;
    }
    assert_eq!(links[0].1, ROOT_A);
    for (number, (here, start, size, kind)) in links.iter().enumerate() {
        let next = links.get(number + 1);
        let size = if next.is_some() {
            *size
        } else {
            LAST * SECTOR - start
        };
        let mut entries = vec![entry(*kind, start - here, size)];
        entries.extend(
            next.map(|(there, from, long, _)| entry(EXTENDED, there - base, from + long - there)),
        );
        put(*here, &table(&entries));
    }
    main.push(entry(EXTENDED, base, LAST * SECTOR - base));
    put(0, &table(&main));
    disk.set_len(place).unwrap();
}

/// 1 MiB that is its own at each place.
fn content(at: u64) -> Vec<u8> {
    (0..MIB)
        .map(|n| ((n * 31 + at / 4096) % 251) as u8)
        .collect()
}

fn entry(kind: u8, start: u64, bytes: u64) -> Vec<u8> {
    let number = |bytes: u64| u32::try_from(bytes / SECTOR).unwrap().to_le_bytes();
    [
        &[0, 0xfe, 0xff, 0xff, kind, 0xfe, 0xff, 0xff],
        &number(start)[..],
        &number(bytes)[..],
    ]
    .concat()
}

fn table(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut sector = vec![0; 446];
    sector.extend(entries.concat());
    sector.resize(510, 0);
    sector.extend([0x55, 0xaa]);
    sector
}
