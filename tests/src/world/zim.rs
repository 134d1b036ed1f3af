//! Writes small ZIM files, honest ones and lying ones (openZIM wiki, "ZIM file format": version 6.1, namespaces
//! `C` content, `M` metadata, `W` well known). Our own, so that a test can put any lie in any field.

use md5::{Digest, Md5};

/// Offsets of header fields, bytes, for tests that overwrite one.
pub mod field {
    /// `u32`: how many directory entries.
    pub const ENTRY_COUNT: usize = 24;
    /// `u32`: how many clusters.
    pub const CLUSTER_COUNT: usize = 28;
    /// `u64`: where the list of pointers to directory entries begins.
    pub const URL_POINTERS: usize = 32;
    /// `u64`: where the list of pointers to clusters begins.
    pub const CLUSTER_POINTERS: usize = 48;
    /// `u64`: where the list of types begins.
    pub const MIME_LIST: usize = 56;
    /// `u32`: index of the main page.
    pub const MAIN_PAGE: usize = 64;
    /// `u64`: where the checksum begins.
    pub const CHECKSUM: usize = 72;
}

const HEADER: usize = 80;
const REDIRECT: u16 = 0xffff;

/// What the cluster says about its compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Stored.
    None,
    /// Says zstd, holds what was stored.
    LyingZstd,
}

/// A ZIM file in the making: one cluster, a main page.
#[derive(Debug, Clone)]
pub struct Zim {
    entries: Vec<Entry>,
    compression: Compression,
}

#[derive(Debug, Clone)]
struct Entry {
    namespace: u8,
    path: String,
    title: String,
    mime: usize,
    body: Vec<u8>,
}

const MIMES: [&str; 3] = ["text/html", "text/plain", "image/png"];

impl Zim {
    /// With a title, a language (ISO 639-3, as ZIM files say it) and a main page `Main`.
    #[must_use]
    pub fn new(title: &str, language: &str) -> Self {
        let mut zim = Self {
            entries: Vec::new(),
            compression: Compression::None,
        };
        zim.metadata("Title", title);
        zim.metadata("Name", &title.to_lowercase().replace(' ', "_"));
        zim.metadata("Language", language);
        zim.metadata("Description", "A small book for tests");
        zim.page(
            "Main",
            title,
            "<p>The main page. <a href=\"Second\">Second</a></p>",
        )
    }

    /// Adds an HTML page.
    #[must_use]
    pub fn page(mut self, path: &str, title: &str, html: &str) -> Self {
        let body = format!(
            "<!doctype html><html><head><title>{title}</title></head><body><h1>{title}</h1>{html}</body></html>"
        );
        self.entries.push(Entry {
            namespace: b'C',
            path: path.into(),
            title: title.into(),
            mime: 0,
            body: body.into_bytes(),
        });
        self
    }

    /// Chooses what the cluster says about its compression.
    #[must_use]
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    fn metadata(&mut self, name: &str, value: &str) {
        self.entries.push(Entry {
            namespace: b'M',
            path: name.into(),
            title: String::new(),
            mime: 1,
            body: value.into(),
        });
    }

    /// The file.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut entries = self.entries.clone();
        entries.sort_by(|a, b| (a.namespace, &a.path).cmp(&(b.namespace, &b.path)));
        let main = entries
            .iter()
            .position(|entry| entry.path == "Main")
            .expect("a main page");
        let mut out = vec![0; HEADER];
        for mime in MIMES {
            out.extend(mime.bytes().chain([0]));
        }
        out.push(0);
        let mut pointers = Vec::new();
        for (number, entry) in entries.iter().enumerate() {
            pointers.push(out.len());
            directory_entry(&mut out, entry, number);
        }
        // The well-known redirect to the main page sorts last: `W` follows `C` and `M`.
        pointers.push(out.len());
        redirect(&mut out, main);
        let url_pointers = out.len();
        pointers
            .iter()
            .for_each(|pointer| out.extend(wide(*pointer)));
        let title_pointers = out.len();
        title_order(&entries).for_each(|number| out.extend(narrow(number)));
        let cluster_pointers = out.len();
        out.extend(wide(cluster_pointers + 8));
        cluster(&mut out, &entries, self.compression);
        let checksum = out.len();
        let places = [url_pointers, title_pointers, cluster_pointers, HEADER];
        header(&mut out, pointers.len(), &places, main, checksum);
        seal(out)
    }

    /// The file with `value` written over the header field at `offset`, and a checksum that agrees: a liar, not a
    /// victim.
    #[must_use]
    pub fn lying(&self, offset: usize, value: &[u8]) -> Vec<u8> {
        let mut bytes = self.bytes();
        bytes[offset..offset + value.len()].copy_from_slice(value);
        bytes.truncate(bytes.len() - 16);
        seal(bytes)
    }
}

fn narrow(value: usize) -> [u8; 4] {
    u32::try_from(value).expect("a small file").to_le_bytes()
}

fn wide(value: usize) -> [u8; 8] {
    (value as u64).to_le_bytes()
}

fn directory_entry(out: &mut Vec<u8>, entry: &Entry, blob: usize) {
    out.extend((entry.mime as u16).to_le_bytes());
    out.extend([0, entry.namespace]);
    out.extend(narrow(0)); // revision
    out.extend(narrow(0)); // cluster
    out.extend(narrow(blob));
    out.extend(entry.path.bytes().chain([0]));
    out.extend(entry.title.bytes().chain([0]));
}

fn redirect(out: &mut Vec<u8>, to: usize) {
    out.extend(REDIRECT.to_le_bytes());
    out.extend([0, b'W']);
    out.extend(narrow(0)); // revision
    out.extend(narrow(to));
    out.extend(b"mainPage\0\0");
}

fn title_order(entries: &[Entry]) -> impl Iterator<Item = usize> {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    let key = |entry: &Entry| {
        (
            entry.namespace,
            if entry.title.is_empty() {
                entry.path.clone()
            } else {
                entry.title.clone()
            },
        )
    };
    order.sort_by_key(|number| key(&entries[*number]));
    order.into_iter().chain([entries.len()])
}

fn cluster(out: &mut Vec<u8>, entries: &[Entry], compression: Compression) {
    out.push(match compression {
        Compression::None => 1,
        Compression::LyingZstd => 5,
    });
    let mut offset = (entries.len() + 1) * 4;
    for entry in entries {
        out.extend(narrow(offset));
        offset += entry.body.len();
    }
    out.extend(narrow(offset));
    entries.iter().for_each(|entry| out.extend(&entry.body));
}

fn header(out: &mut [u8], entry_count: usize, places: &[usize; 4], main: usize, checksum: usize) {
    let mut header = Vec::with_capacity(HEADER);
    header.extend(0x044D_495A_u32.to_le_bytes());
    header.extend(6_u16.to_le_bytes());
    header.extend(1_u16.to_le_bytes());
    header.extend([7; 16]); // uuid
    header.extend(narrow(entry_count));
    header.extend(narrow(1)); // clusters
    places.iter().for_each(|place| header.extend(wide(*place)));
    header.extend(narrow(main));
    header.extend(u32::MAX.to_le_bytes()); // no layout page
    header.extend(wide(checksum));
    out[..HEADER].copy_from_slice(&header);
}

fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let checksum = Md5::digest(&bytes);
    bytes.extend_from_slice(&checksum);
    bytes
}
