//! The parts of a system as the build of images leaves them, and whether they belong together.

use super::digest;
use super::making::Image;
use super::trouble::Trouble;
use ota::Part;
use ota::image::{BLOCK, BlockHash, TreeBuilder};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What a boot area's kernel arguments say of the root: `school_box.verity=BLOCKS:SALT:ROOTHASH`.
const VERITY: &[u8] = b"school_box.verity=";

/// The root that a boot area starts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Verity {
    blocks: u64,
    salt: String,
    root: String,
}

/// From the folder that a build left: the root's tree is that of its root hash, and the boot area starts that root.
pub(super) fn of_folder(folder: &Path) -> Result<Vec<(Part, Image)>, Trouble> {
    let boot = Image::read(&folder.join("boot-area.img"), "boot-area", None)?;
    let verity = named_root(&boot)?;
    let root = Image::read(&folder.join("root.img"), "root", Some(verity.salt.clone()))?;
    let path = folder.join("root.roothash");
    let told = fs::read_to_string(&path).map_err(Trouble::disk("read", &path))?;
    let told = told.trim();
    let refuse = |why: String| {
        Err(Trouble::Refused(format!(
            "{}: {why}; build it anew",
            folder.display()
        )))
    };
    if verity.root != told {
        return refuse(format!(
            "the boot area starts the root {}, and root.roothash says {told}",
            verity.root
        ));
    }
    let found = root_hash(&root)?;
    if found.to_string() != told {
        return refuse(format!(
            "root.img has the root hash {found}, and root.roothash says {told}"
        ));
    }
    if verity.blocks * BLOCK as u64 != root.bytes.len() as u64 {
        return refuse(format!(
            "the boot area starts a root of {} blocks, and root.img has {} bytes",
            verity.blocks,
            root.bytes.len()
        ));
    }
    Ok(vec![(Part::Boot, boot), (Part::Root, root)])
}

/// A root alone, for a board that has no boot area.
pub(super) fn of_root(file: &Path) -> Result<Vec<(Part, Image)>, Trouble> {
    let root = Image::read(file, "root", None)?;
    if root.bytes.is_empty() {
        return Err(Trouble::Refused(format!("{} is empty", file.display())));
    }
    Ok(vec![(Part::Root, root)])
}

fn root_hash(image: &Image) -> Result<BlockHash, Trouble> {
    let salt = digest::from_hex(&image.salt).unwrap_or_default();
    let mut builder = TreeBuilder::new(&salt);
    image
        .bytes
        .chunks(BLOCK)
        .for_each(|block| builder.push(block));
    let tree = builder.finish().map_err(|error| Trouble::Payload {
        path: image.path.clone(),
        source: error.into(),
    })?;
    Ok(tree.root())
}

/// The one root that a boot area names.
fn named_root(boot: &Image) -> Result<Verity, Trouble> {
    let found = verities(&boot.bytes);
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (Some(verity), None) => Ok(verity),
        (first, _) => Err(Trouble::Refused(format!(
            "{}: its kernel arguments name {} root file system (school_box.verity=BLOCKS:SALT:ROOTHASH); build it anew",
            boot.path.display(),
            if first.is_some() {
                "more than one"
            } else {
                "no"
            },
        ))),
    }
}

fn verities(bytes: &[u8]) -> BTreeSet<Verity> {
    let mut found = BTreeSet::new();
    let mut rest = bytes;
    while let Some(at) = find(rest, VERITY) {
        rest = rest.get(at + VERITY.len()..).unwrap_or_default();
        let allowed = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b':';
        let end = rest
            .iter()
            .take(200)
            .take_while(|byte| allowed(byte))
            .count();
        let text = rest
            .get(..end)
            .and_then(|text| std::str::from_utf8(text).ok());
        found.extend(text.and_then(verity));
    }
    found
}

fn verity(text: &str) -> Option<Verity> {
    let mut fields = text.split(':');
    let (blocks, salt, root) = (fields.next()?, fields.next()?, fields.next()?);
    let blocks: u64 = blocks.parse().ok().filter(|blocks| *blocks < 1 << 24)?;
    digest::from_hex(salt)?;
    BlockHash::parse(root)?;
    let verity = Verity {
        blocks,
        salt: salt.to_owned(),
        root: root.to_owned(),
    };
    fields.next().is_none().then_some(verity)
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    let first = *pattern.first()?;
    let mut from = 0;
    loop {
        let rest = bytes.get(from..)?;
        let at = from + rest.iter().position(|byte| *byte == first)?;
        if bytes.get(at..)?.starts_with(pattern) {
            return Some(at);
        }
        from = at + 1;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    /// A folder as the build leaves it.
    fn folder(boot: &str) -> (tempfile::TempDir, String) {
        let dir = tempfile::tempdir().unwrap();
        let bytes = [7; 3 * BLOCK];
        let mut builder = TreeBuilder::new(&[0xab, 0xcd]);
        bytes.chunks(BLOCK).for_each(|block| builder.push(block));
        let root = builder.finish().unwrap().root().to_string();
        let boot = boot.replace("@ROOT@", &root);
        let write = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
        write("root.img", &bytes);
        write("root.roothash", format!("{root}\n").as_bytes());
        let sectors = [
            &[0; 4096],
            format!("quiet {boot}\n").as_bytes(),
            &[0xff; 512],
        ]
        .concat();
        write("boot-area.img", &sectors);
        (dir, root)
    }

    fn refused(dir: &tempfile::TempDir) -> String {
        match of_folder(dir.path()) {
            Ok(_) => String::new(),
            Err(trouble) => trouble.to_string(),
        }
    }

    const GOOD: &str = "school_box.verity=3:abcd:@ROOT@";

    #[test]
    fn parts_that_belong_together_are_taken() {
        let (dir, _) = folder(GOOD);
        let parts = of_folder(dir.path()).unwrap();
        let salts: Vec<&str> = parts.iter().map(|(_, image)| image.salt.as_str()).collect();
        assert_eq!((salts[1], salts[0].len()), ("abcd", 64));
        assert_eq!(
            refused(&folder(&format!("{GOOD} school_box.verity {GOOD}")).0),
            ""
        );
    }

    #[test]
    fn parts_of_two_builds_are_refused() {
        let none = folder("school_box.verity=3:abcd:12").0;
        assert!(
            refused(&none).contains("name no root"),
            "{}",
            refused(&none)
        );
        let other = "0".repeat(64);
        let two = folder(&format!("{GOOD} school_box.verity=3:abcd:{other}")).0;
        assert!(refused(&two).contains("more than one"), "{}", refused(&two));
        let another = folder(&format!("school_box.verity=3:abcd:{other}")).0;
        assert!(refused(&another).contains("the boot area starts the root 0000"));
        let salted = folder("school_box.verity=3:abce:@ROOT@").0;
        assert!(refused(&salted).contains("root.img has the root hash"));
        let longer = folder("school_box.verity=4:abcd:@ROOT@").0;
        assert!(refused(&longer).contains("4 blocks"));
        let (changed, _) = folder(GOOD);
        fs::write(changed.path().join("root.img"), [8; 3 * BLOCK]).unwrap();
        assert!(refused(&changed).contains("root.img has the root hash"));
        fs::remove_file(changed.path().join("root.roothash")).unwrap();
        assert!(refused(&changed).contains("root.roothash"));
    }
}
