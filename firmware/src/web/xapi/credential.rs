//! The Authorization header of RFC 7617.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// User name and password; `None` for another scheme or what cannot be read.
pub(super) fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, rest) = header.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = STANDARD.decode(rest.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (username, password) = text.split_once(':')?;
    Some((username.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::basic;

    #[test]
    fn only_whole_basic_credentials_are_read() {
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(basic("Basic dG9vbDpzZWNyZXQ="), pair("tool", "secret"));
        assert_eq!(basic("basic  dG9vbDphOmI="), pair("tool", "a:b"));
        for bad in [
            "",
            "Basic",
            "Basic ?",
            "Basic dG9vbA==",
            "Bearer dG9vbDpzZWNyZXQ=",
            "Basic /w==",
        ] {
            assert_eq!(basic(bad), None, "{bad:?}");
        }
    }
}
