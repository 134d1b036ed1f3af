//! Sizes, for people.

use ota::bundle::Payload;

/// What a payload costs, in a line.
pub(super) fn of_payload(name: &str, payload: &Payload) -> String {
    let mut line = format!(
        "  {name:<10} {:>9}; whole over the network {}",
        bytes(payload.seal.bytes),
        bytes(payload.frames.bytes)
    );
    for patch in &payload.patches {
        line.push_str(&format!(
            ", from {} {}",
            patch.from_version,
            bytes(patch.file.bytes)
        ));
    }
    line
}

/// Such as `74.9 MB`.
pub(super) fn bytes(count: u64) -> String {
    match count {
        0..10_000 => format!("{count} B"),
        10_000..1_000_000 => format!("{:.0} kB", count as f64 / 1e3),
        _ => format!("{:.1} MB", count as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_three_figures_or_so() {
        let cases = [
            (9_999, "9999 B"),
            (10_000, "10 kB"),
            (74_895_360, "74.9 MB"),
        ];
        for (count, says) in cases {
            assert_eq!(bytes(count), says);
        }
    }
}
