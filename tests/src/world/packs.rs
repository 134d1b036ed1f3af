//! Material for the library.

use super::World;
use std::fmt::Write as _;
use std::path::PathBuf;

/// A small folder pack `NAME/` with two pages and a picture.
pub fn folder_pack(world: &World, name: &str) -> PathBuf {
    let page = |title: &str, text: &str| {
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\
             <body><h1>{title}</h1><p>{text}</p><a href=\"water.html\">Water</a></body></html>"
        )
    };
    world.write(
        &format!("{name}/water.html"),
        page("Clean water", "Boil the water, then let the kettle cool."),
    );
    world.write(
        &format!("{name}/picture.svg"),
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"/>",
    );
    let index = world.write(
        &format!("{name}/index.html"),
        page("A folder of lessons", "Lessons about the zebra crossing."),
    );
    index.parent().expect("the folder").to_owned()
}

/// A folder pack with `files` incompressible files of `bytes` each, beside its `index.html`.
pub fn big_folder(world: &World, name: &str, files: usize, bytes: usize) -> PathBuf {
    let mut list = String::new();
    let mut noise = Noise(0x9E37_79B9_7F4A_7C15);
    for number in 0..files {
        world.write(&format!("{name}/part{number}.bin"), noise.bytes(bytes));
        let _ = write!(
            list,
            "<li><a href=\"part{number}.bin\">Part {number}</a></li>"
        );
    }
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><title>Big</title></head><body><h1>Big</h1><ul>{list}</ul></body></html>"
    );
    let index = world.write(&format!("{name}/index.html"), page);
    index.parent().expect("the folder").to_owned()
}

/// Bytes that do not compress and are the same in every run (xorshift).
struct Noise(u64);

impl Noise {
    fn bytes(&mut self, len: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(len + 8);
        while bytes.len() < len {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            bytes.extend_from_slice(&self.0.to_le_bytes());
        }
        bytes.truncate(len);
        bytes
    }
}
