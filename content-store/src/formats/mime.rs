//! Media types of files and of archive entries.

/// What is served when nobody knows better.
pub(crate) const UNKNOWN: &str = "application/octet-stream";

/// The media type of a file by its name; `head`, its first bytes, decide whether text is UTF-8 (an old page in another encoding names
/// that itself, and a wrong charset in the answer would overrule it).
pub(crate) fn of_file(path: &str, head: &[u8]) -> String {
    let extension = path
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension)
        .to_ascii_lowercase();
    let mime = match extension.as_str() {
        "js" | "mjs" => "text/javascript",
        "webmanifest" => "application/manifest+json",
        "vtt" => "text/vtt",
        "epub" => "application/epub+zip",
        "wasm" => "application/wasm",
        "xhtml" => "application/xhtml+xml",
        "ts" => "video/mp2t",
        _ => mime_guess::from_path(path).first_raw().unwrap_or(UNKNOWN),
    };
    if is_text(mime) && is_utf8_so_far(head) {
        format!("{mime}; charset=utf-8")
    } else {
        mime.to_owned()
    }
}

/// The media type of an archive's entry, fit for a header. Text in a ZIM is UTF-8.
pub(crate) fn of_archive(stored: &str) -> String {
    let sound = stored.is_ascii()
        && stored.bytes().all(|b| (0x20..0x7f).contains(&b))
        && stored.contains('/');
    if !sound {
        return UNKNOWN.to_owned();
    }
    let (essence, rest) = stored.split_once(';').unwrap_or((stored, ""));
    let essence = essence.trim();
    match rest.to_ascii_lowercase().contains("charset=") {
        true => stored.to_owned(),
        false if is_text(essence) => format!("{essence}; charset=utf-8"),
        false => essence.to_owned(),
    }
}

/// Types that are text underneath: they get a charset and, stored on their own, a compressed twin.
pub(crate) fn is_text(mime: &str) -> bool {
    let essence = mime.split(';').next().unwrap_or(mime).trim();
    essence.starts_with("text/")
        || essence.ends_with("+xml")
        || essence.ends_with("+json")
        || matches!(
            essence,
            "application/javascript"
                | "application/json"
                | "application/xml"
                | "application/x-javascript"
        )
}

/// Compressed twins help these too: tables and machine code without a packing of their own.
pub(crate) fn shrinks(mime: &str) -> bool {
    is_text(mime)
        || matches!(
            mime,
            "application/wasm"
                | "font/ttf"
                | "font/otf"
                | "application/x-font-ttf"
                | "image/bmp"
                | "image/x-icon"
        )
}

pub(crate) fn is_html(mime: &str) -> bool {
    let essence = mime.split(';').next().unwrap_or(mime).trim();
    matches!(essence, "text/html" | "application/xhtml+xml")
}

fn is_utf8_so_far(head: &[u8]) -> bool {
    match std::str::from_utf8(head) {
        Ok(_) => true,
        // Cut in the middle of a character
        Err(e) => e.error_len().is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::{of_archive, of_file};

    #[test]
    fn files() {
        for (path, mime) in [
            ("index.html", "text/html; charset=utf-8"),
            ("a/b.MJS", "text/javascript; charset=utf-8"),
            ("a.json", "application/json; charset=utf-8"),
            ("a.svg", "image/svg+xml; charset=utf-8"),
            (
                "app.webmanifest",
                "application/manifest+json; charset=utf-8",
            ),
            ("a.vtt", "text/vtt; charset=utf-8"),
            ("a.wasm", "application/wasm"),
            ("a.epub", "application/epub+zip"),
            ("a.pdf", "application/pdf"),
            ("a.mp3", "audio/mpeg"),
            ("a.mp4", "video/mp4"),
            ("a.woff2", "font/woff2"),
            ("a.webp", "image/webp"),
            ("README", "application/octet-stream"),
        ] {
            assert_eq!(of_file(path, b"plain"), mime, "{path}");
        }
        assert_eq!(of_file("old.html", b"caf\xe9 noir"), "text/html");
        assert_eq!(of_file("cut.html", b"caf\xc3"), "text/html; charset=utf-8");
    }

    #[test]
    fn archive_entries() {
        assert_eq!(of_archive("text/html"), "text/html; charset=utf-8");
        assert_eq!(of_archive("text/html;raw=true"), "text/html; charset=utf-8");
        assert_eq!(
            of_archive("text/css; charset=UTF-8"),
            "text/css; charset=UTF-8"
        );
        assert_eq!(of_archive("image/png"), "image/png");
        assert_eq!(
            of_archive("text/html\r\nset-cookie: a=b"),
            "application/octet-stream"
        );
        assert_eq!(of_archive(""), "application/octet-stream");
    }
}
