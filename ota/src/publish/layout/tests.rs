use super::*;
use proptest::prelude::*;

fn put(image: &mut [u8], at: usize, bytes: &[u8]) {
    image[at..at + bytes.len()].copy_from_slice(bytes);
}

fn inode(image: &mut [u8], number: usize, mode: u16, layout: u16, size: u32, block: u32) {
    let at = number * 32;
    put(image, at, &(layout << 1).to_le_bytes());
    put(image, at + 4, &(mode << 12).to_le_bytes());
    put(image, at + 8, &size.to_le_bytes());
    put(image, at + 16, &block.to_le_bytes());
}

fn folder(names: &[(&str, u64)]) -> Vec<u8> {
    let mut entries = Vec::new();
    let mut text = Vec::new();
    for (name, number) in names {
        let at = names.len() * 12 + text.len();
        entries.extend(number.to_le_bytes());
        entries.extend((at as u16).to_le_bytes());
        entries.extend([0, 0]);
        text.extend(name.bytes());
    }
    [entries, text].concat()
}

/// Root with a folder, a file of a block and a tail, a file of whole blocks; a second name of the first.
fn erofs() -> Vec<u8> {
    let mut image = vec![0; 6 * 4096];
    put(&mut image, 1024, &0xE0F5_E1E2_u32.to_le_bytes());
    image[1024 + 12] = 12;
    put(&mut image, 1024 + 14, &64_u16.to_le_bytes());
    let long = "a-long-name".repeat(20);
    let root = folder(&[
        (".", 64),
        ("..", 64),
        ("etc", 80),
        (&long, 96),
        ("again", 112),
    ]);
    inode(&mut image, 64, 4, 2, root.len() as u32, 0);
    put(&mut image, 64 * 32 + 32, &root);
    let inner = folder(&[(".", 80), ("..", 64), ("whole", 112)]);
    inode(&mut image, 80, 4, 2, inner.len() as u32, 0);
    put(&mut image, 80 * 32 + 32, &inner);
    inode(&mut image, 96, 8, 2, 4096 + 100, 2);
    inode(&mut image, 112, 8, 0, 8192, 3);
    image
}

#[test]
fn the_files_of_an_erofs() {
    let image = erofs();
    let nodes = of(&image);
    let mut found: Vec<_> = nodes
        .iter()
        .map(|node| {
            let name = String::from_utf8_lossy(&node.path).into_owned();
            let content = node.content.iter().map(|part| (part.at, part.len));
            let content: Vec<_> = content.collect();
            (name, node.header.at, content)
        })
        .collect();
    found.sort();
    let long = format!("/{}", "a-long-name".repeat(20));
    assert_eq!(found.len(), 4, "{found:?}");
    assert_eq!(found[1].0, long);
    assert_eq!(found[1].2, [(2 * 4096, 4096), (96 * 32 + 32, 100)]);
    assert_eq!(found[2].0, "/again");
    assert_eq!(
        (found[2].1, found[2].2.as_slice()),
        (112 * 32, [(3 * 4096, 8192)].as_slice())
    );
    assert_eq!(found[3].0, "/etc");
}

#[test]
fn what_is_not_understood_is_one_file() {
    let whole_of = |image: &[u8]| of(image) == [whole(image)];
    assert!(whole_of(&[]));
    assert!(whole_of(&[7; 5000]));
    assert!(!whole_of(&erofs()));
    let changed = |at: usize, bytes: &[u8]| {
        let mut image = erofs();
        put(&mut image, at, bytes);
        image
    };
    // Compressed; a kind of layout that is unknown; a size beyond the end; two files in one place.
    assert!(whole_of(&changed(1024 + 80, &[1])));
    assert!(whole_of(&changed(96 * 32, &[1 << 1])));
    assert!(whole_of(&changed(112 * 32 + 8, &u32::MAX.to_le_bytes())));
    assert!(whole_of(&changed(112 * 32 + 16, &2_u32.to_le_bytes())));
    assert!(whole_of(&erofs()[..5 * 4096 - 1]));
    // A folder that holds its own parent is walked once.
    let circle = folder(&[(".", 80), ("up", 64)]);
    assert_eq!(of(&changed(80 * 32 + 32, &circle)).len(), 4);
}

/// A boot area with a file of three clusters in two places, and one in a folder.
fn fat() -> Vec<u8> {
    let mut image = vec![0; 64 * 512];
    put(&mut image, 11, &512_u16.to_le_bytes());
    put(&mut image, 13, &[1, 1, 0, 2, 16, 0]);
    put(&mut image, 22, &1_u16.to_le_bytes());
    put(&mut image, 54, b"FAT16   ");
    put(&mut image, 510, &[0x55, 0xAA]);
    for (cluster, next) in [(2, 3_u16), (3, 5), (5, 0xFFFF), (4, 0xFFFF), (6, 0xFFFF)] {
        put(&mut image, 512 + cluster * 2, &next.to_le_bytes());
    }
    let entry = |name: &[u8; 11], kind: u8, first: u16, size: u32| {
        let mut entry = [0; 32];
        entry[..11].copy_from_slice(name);
        entry[11] = kind;
        entry[26..28].copy_from_slice(&first.to_le_bytes());
        entry[28..].copy_from_slice(&size.to_le_bytes());
        entry
    };
    let root = 3 * 512;
    put(&mut image, root, &entry(b"KERNEL  IMG", 0, 2, 1100));
    put(
        &mut image,
        root + 32,
        &entry(b"BOOT       ", FOLDER_OF_FAT, 4, 0),
    );
    put(
        &mut image,
        4 * 512 + 2 * 512,
        &entry(b"A       TXT", 0, 6, 10),
    );
    image
}

const FOLDER_OF_FAT: u8 = 0x10;

#[test]
fn the_files_of_a_boot_area() {
    let nodes = of(&fat());
    let paths: Vec<&[u8]> = nodes.iter().map(|node| node.path.as_slice()).collect();
    let wanted: [&[u8]; 5] = [
        b"/tables",
        b"/",
        b"/KERNEL  IMG",
        b"/BOOT       /A       TXT",
        b"/BOOT       ",
    ];
    assert_eq!(paths, wanted);
    let data = 4 * 512;
    let kernel: Vec<_> = nodes[2]
        .content
        .iter()
        .map(|part| (part.at, part.len))
        .collect();
    assert_eq!(kernel, [(data, 1024), (data + 3 * 512, 76)]);
    // A chain that goes in a circle.
    let mut image = fat();
    put(&mut image, 512 + 2 * 2, &2_u16.to_le_bytes());
    put(&mut image, 3 * 512 + 28, &u32::MAX.to_le_bytes());
    assert_eq!(of(&image), [whole(&image)]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn garbled_images_hold_together_or_are_one_file(
        boot: bool,
        changes in prop::collection::vec((0_usize..4096 * 2, any::<u8>()), 1..20),
    ) {
        let mut image = if boot { fat() } else { erofs() };
        for (at, byte) in changes {
            image[at] = byte;
        }
        let nodes = of(&image);
        prop_assert!(apart(&nodes, image.len()));
        prop_assert!(!nodes.is_empty());
    }
}
