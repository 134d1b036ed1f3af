//! What the boot area of a slot says that the root must be: the word of its boot arguments, which the kernel is told when the slot boots.

use super::fat::small_file;
use super::sectors::Disk;
use ota::image::{BlockHash, Seal};
use std::path::Path;

/// `BLOCKS:SALT:ROOTHASH` stands behind it.
const WORD: &str = "school_box.verity=";
/// Bytes of a block.
const BLOCK: u64 = 4096;
/// With U-Boot, and on a Pi.
const ARGUMENTS: [&[u8; 11]; 2] = [b"SLOT    ENV", b"CMDLINE TXT"];

/// The seal of the root, of the boot area at `path`; `None` where it is no boot area of ours.
pub(crate) fn seal_in(path: &Path) -> Option<Seal> {
    let disk = Disk::at(path);
    let mut texts = ARGUMENTS
        .iter()
        .filter_map(|name| small_file(&disk, name).ok());
    texts.find_map(|text| seal_of(&String::from_utf8_lossy(&text)))
}

/// The seal in a line of boot arguments. As with the kernel's own parameters, the last one holds.
pub(crate) fn seal_of(arguments: &str) -> Option<Seal> {
    let words = arguments.split_whitespace();
    let told = words
        .filter_map(|word| word.split_once(WORD).map(|(_, told)| told))
        .next_back()?;
    let mut fields = told.split(':');
    let blocks: u64 = fields.next()?.parse().ok()?;
    let (salt, root) = (fields.next()?, fields.next()?);
    Some(Seal {
        bytes: blocks.checked_mul(BLOCK).filter(|bytes| *bytes > 0)?,
        salt: salt.to_owned(),
        root: BlockHash::parse(root)?,
    })
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly, writes its own files and calls mkfs"
)]
mod tests {
    use super::*;
    use std::fs;
    use std::process::Command;

    #[test]
    fn the_word_of_the_boot_arguments() {
        let root = "ab".repeat(32);
        let seal = seal_of(&format!("quiet school_box.verity=3:00ff:{root} panic=5")).unwrap();
        assert_eq!((seal.bytes, seal.salt.as_str()), (12_288, "00ff"));
        assert_eq!(seal.root.to_string(), root);
        // As slot.env spells it, where the word is the first.
        assert!(seal_of(&format!("slot_args=school_box.verity=3:00ff:{root}")).is_some());
        for wrong in [
            "quiet".to_owned(),
            format!("school_box.verity=0:00:{root}"),
            "school_box.verity=3:00:short".to_owned(),
            "school_box.verity=3".to_owned(),
            format!("school_box.verity=x:00:{root}"),
        ] {
            assert_eq!(seal_of(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_boot_area_of_a_slot_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let area = dir.path().join("area.img");
        fs::File::create(&area).unwrap().set_len(40 << 20).unwrap();
        assert_eq!(seal_in(&area), None, "no file system");
        let tool = |program: &str, arguments: &[&str]| {
            Command::new(program)
                .args(arguments)
                .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
                .output()
                .is_ok_and(|done| done.status.success())
        };
        let area_text = area.to_str().unwrap();
        let arguments = dir.path().join("slot.env");
        let root = "0c".repeat(32);
        fs::write(
            &arguments,
            format!("slot_args=console=ttyAMA0 school_box.verity=9:ab:{root}\n"),
        )
        .unwrap();
        let made = tool("mkfs.fat", &["-F", "32", area_text])
            && tool(
                "mcopy",
                &["-i", area_text, arguments.to_str().unwrap(), "::slot.env"],
            );
        if !made {
            return crate::skip::skip(
                "boot_control::sealed",
                "mkfs.fat and mcopy",
                "apt-get install dosfstools mtools",
            );
        }
        assert_eq!(seal_in(&area).unwrap().bytes, 9 * 4096);
    }
}
