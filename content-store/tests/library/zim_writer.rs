//! A small writer of ZIM files, for what `zimwriterfs` would not write: old versions, every packing, lies.

use md5::{Digest, Md5};
use std::io::Write;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Packing {
    Plain,
    Xz,
    Zstd,
}

#[derive(Clone)]
pub(crate) enum Kind {
    Body { mime: u16, cluster: u32, blob: u32 },
    Redirect(u8, String),
}

#[derive(Clone)]
pub(crate) struct Item {
    pub(crate) namespace: u8,
    pub(crate) path: String,
    pub(crate) title: String,
    pub(crate) kind: Kind,
}

#[derive(Clone)]
pub(crate) struct Cluster {
    pub(crate) packing: Packing,
    pub(crate) wide: bool,
    pub(crate) blobs: Vec<Vec<u8>>,
}

/// What goes into the file; every number is computed when it is written.
#[derive(Clone)]
pub(crate) struct Zim {
    pub(crate) version: (u16, u16),
    pub(crate) mimes: Vec<String>,
    pub(crate) items: Vec<Item>,
    pub(crate) clusters: Vec<Cluster>,
    pub(crate) main: Option<(u8, String)>,
}

/// The namespace of pages: `C` since 6.1, `A` before.
pub(crate) fn pages_of(version: (u16, u16)) -> u8 {
    if version >= (6, 1) { b'C' } else { b'A' }
}

impl Zim {
    pub(crate) fn new(version: (u16, u16)) -> Self {
        Self {
            version,
            mimes: Vec::new(),
            items: Vec::new(),
            clusters: Vec::new(),
            main: None,
        }
    }

    /// A small school book: pages, a stylesheet, a picture, redirects, metadata.
    pub(crate) fn sample(version: (u16, u16), packing: Packing, wide: bool) -> Self {
        let mut zim = Self::new(version);
        let pages = pages_of(version);
        let pictures = if pages == b'C' { b'C' } else { b'I' };
        let text = zim.cluster(packing, wide);
        let media = zim.cluster(Packing::Plain, wide);
        let about = zim.cluster(Packing::Plain, false);
        for number in 0..20 {
            let body = format!(
                "<html><head><title>Page {number}</title></head><body><p>Lesson number {number} about word{number} \
                 and the sun.</p>{}</body></html>",
                "<p>filler</p>".repeat(number * 7)
            );
            zim.add(
                pages,
                &format!("page{number}.html"),
                &format!("Page {number}"),
                "text/html",
                text,
                body.as_bytes(),
            );
        }
        zim.add(pages, "style.css", "", "text/css", text, b"p { margin: 0 }");
        zim.add(
            pictures,
            "sun.png",
            "",
            "image/png",
            media,
            &[0x89, b'P', b'N', b'G', 1, 2, 3],
        );
        zim.redirect(pages, "home", (pages, "page0.html"));
        zim.redirect(pages, "old", (pages, "home"));
        zim.redirect(pages, "loop1", (pages, "loop2"));
        zim.redirect(pages, "loop2", (pages, "loop1"));
        for (name, value) in [
            ("Title", "A school book"),
            ("Language", "eng,fra"),
            ("Name", "school_book"),
            ("Description", "For classes."),
        ] {
            zim.add(b'M', name, "", "text/plain", about, value.as_bytes());
        }
        zim.main = Some((pages, "home".to_owned()));
        zim
    }

    pub(crate) fn cluster(&mut self, packing: Packing, wide: bool) -> u32 {
        self.clusters.push(Cluster {
            packing,
            wide,
            blobs: Vec::new(),
        });
        u32::try_from(self.clusters.len() - 1).unwrap()
    }

    pub(crate) fn add(
        &mut self,
        namespace: u8,
        path: &str,
        title: &str,
        mime: &str,
        cluster: u32,
        body: &[u8],
    ) {
        let place = self
            .mimes
            .iter()
            .position(|m| m == mime)
            .unwrap_or_else(|| {
                self.mimes.push(mime.to_owned());
                self.mimes.len() - 1
            });
        let blobs = &mut self.clusters[cluster as usize].blobs;
        blobs.push(body.to_vec());
        let blob = u32::try_from(blobs.len() - 1).unwrap();
        let kind = Kind::Body {
            mime: u16::try_from(place).unwrap(),
            cluster,
            blob,
        };
        self.items.push(Item {
            namespace,
            path: path.to_owned(),
            title: title.to_owned(),
            kind,
        });
    }

    pub(crate) fn redirect(&mut self, namespace: u8, path: &str, to: (u8, &str)) {
        let kind = Kind::Redirect(to.0, to.1.to_owned());
        self.items.push(Item {
            namespace,
            path: path.to_owned(),
            title: String::new(),
            kind,
        });
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut items = self.items.clone();
        items.sort_by(|a, b| (a.namespace, &a.path).cmp(&(b.namespace, &b.path)));
        let find = |namespace: u8, path: &str| {
            let at = items
                .iter()
                .position(|i| (i.namespace, i.path.as_str()) == (namespace, path));
            u32::try_from(at.unwrap()).unwrap()
        };
        let mut out = vec![0; 80];
        for mime in &self.mimes {
            out.extend(mime.bytes().chain([0]));
        }
        out.push(0);
        let path_pointers = out.len();
        out.resize(out.len() + items.len() * 8, 0);
        let title_pointers = out.len();
        let mut by_title: Vec<u32> = (0..u32::try_from(items.len()).unwrap()).collect();
        by_title.sort_by_key(|&i| {
            let item = &items[i as usize];
            (
                item.namespace,
                if item.title.is_empty() {
                    item.path.clone()
                } else {
                    item.title.clone()
                },
            )
        });
        out.extend(by_title.iter().flat_map(|i| i.to_le_bytes()));
        for (place, item) in items.iter().enumerate() {
            let at = out.len() as u64;
            out[path_pointers + place * 8..][..8].copy_from_slice(&at.to_le_bytes());
            match &item.kind {
                Kind::Body {
                    mime,
                    cluster,
                    blob,
                } => {
                    out.extend(mime.to_le_bytes());
                    out.extend([0, item.namespace, 0, 0, 0, 0]);
                    out.extend(cluster.to_le_bytes());
                    out.extend(blob.to_le_bytes());
                }
                Kind::Redirect(namespace, path) => {
                    out.extend([0xff, 0xff, 0, item.namespace, 0, 0, 0, 0]);
                    out.extend(find(*namespace, path).to_le_bytes());
                }
            }
            out.extend(
                item.path
                    .bytes()
                    .chain([0])
                    .chain(item.title.bytes())
                    .chain([0]),
            );
        }
        let cluster_pointers = out.len();
        out.resize(out.len() + self.clusters.len() * 8, 0);
        for (number, cluster) in self.clusters.iter().enumerate() {
            let at = out.len() as u64;
            out[cluster_pointers + number * 8..][..8].copy_from_slice(&at.to_le_bytes());
            out.extend(cluster.bytes());
        }
        let checksum = out.len() as u64;
        let main = self
            .main
            .as_ref()
            .map_or(u32::MAX, |(namespace, path)| find(*namespace, path));
        out[..4].copy_from_slice(&72_173_914_u32.to_le_bytes());
        out[4..6].copy_from_slice(&self.version.0.to_le_bytes());
        out[6..8].copy_from_slice(&self.version.1.to_le_bytes());
        out[8..24].copy_from_slice(b"school-box sampl");
        out[24..28].copy_from_slice(&u32::try_from(items.len()).unwrap().to_le_bytes());
        out[28..32].copy_from_slice(&u32::try_from(self.clusters.len()).unwrap().to_le_bytes());
        out[32..40].copy_from_slice(&(path_pointers as u64).to_le_bytes());
        out[40..48].copy_from_slice(&(title_pointers as u64).to_le_bytes());
        out[48..56].copy_from_slice(&(cluster_pointers as u64).to_le_bytes());
        out[56..64].copy_from_slice(&80_u64.to_le_bytes());
        out[64..68].copy_from_slice(&main.to_le_bytes());
        out[68..72].copy_from_slice(&u32::MAX.to_le_bytes());
        out[72..80].copy_from_slice(&checksum.to_le_bytes());
        let md5 = Md5::digest(&out);
        out.extend(md5);
        out
    }
}

impl Cluster {
    fn bytes(&self) -> Vec<u8> {
        let width = if self.wide { 8 } else { 4 };
        let mut at = (self.blobs.len() + 1) * width;
        let mut inner = Vec::new();
        for blob in self.blobs.iter().map(Vec::as_slice).chain([&[][..]]) {
            inner.extend_from_slice(&(at as u64).to_le_bytes()[..width]);
            at += blob.len();
        }
        inner.extend(self.blobs.concat());
        pack(self.packing, self.wide, &inner)
    }
}

/// A cluster around `inner`, whatever that says.
pub(crate) fn pack(packing: Packing, wide: bool, inner: &[u8]) -> Vec<u8> {
    let flag = if wide { 0x10 } else { 0 };
    let (code, body) = match packing {
        Packing::Plain => (1, inner.to_vec()),
        Packing::Zstd => (5, zstd::encode_all(inner, 3).unwrap()),
        Packing::Xz => {
            let mut writer =
                lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1))
                    .unwrap();
            writer.write_all(inner).unwrap();
            (4, writer.finish().unwrap())
        }
    };
    let mut out = vec![code | flag];
    out.extend(body);
    out
}

/// Gives a damaged file its right checksum again, so that more than the checksum is tried.
pub(crate) fn reseal(bytes: &mut [u8]) {
    let end = bytes.len() - 16;
    let md5 = Md5::digest(&bytes[..end]);
    bytes[end..].copy_from_slice(&md5);
}
