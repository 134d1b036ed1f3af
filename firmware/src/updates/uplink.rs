//! Whether there is a way out: a default route, or what a simulated board says.

use board_support::BoardChoice;
use std::path::{Path, PathBuf};

/// The kernel's tables of routes.
const ROUTES: &str = "/proc/net/route";
const ROUTES_6: &str = "/proc/net/ipv6_route";
/// `RTF_UP` and `RTF_REJECT` of linux/route.h.
const UP: u32 = 0x0001;
const REJECT: u32 = 0x0200;

/// The folder of a simulated board.
#[must_use]
pub fn sim_folder(board: &BoardChoice, data: &Path) -> Option<PathBuf> {
    match board {
        BoardChoice::Auto => None,
        BoardChoice::Sim => Some(data.join("sim")),
        BoardChoice::SimDir(dir) => Some(dir.clone()),
    }
}

/// Whether addresses can be tried. Reads small files.
#[must_use]
pub fn is_up(board: &BoardChoice, data: &Path) -> bool {
    let text = |path: &Path| {
        let bytes = super::folder::read(path, 1 << 20);
        String::from_utf8_lossy(&bytes.ok().flatten().unwrap_or_default()).into_owned()
    };
    match sim_folder(board, data) {
        Some(dir) => text(&dir.join("uplink")).trim() == "1",
        None => leads_out(&text(Path::new(ROUTES))) || leads_out_6(&text(Path::new(ROUTES_6))),
    }
}

/// `Iface Destination Gateway Flags RefCnt Use Metric Mask …`, numbers in hexadecimal.
fn leads_out(routes: &str) -> bool {
    routes.lines().skip(1).any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, destination, _, flags, _, _, _, mask, ..] = words.as_slice() else {
            return false;
        };
        let zero = |word: &str| u32::from_str_radix(word, 16) == Ok(0);
        zero(destination) && zero(mask) && usable(flags)
    })
}

/// `destination prefix source prefix next-hop metric refcnt use flags device`, numbers in hexadecimal.
fn leads_out_6(routes: &str) -> bool {
    routes.lines().any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [destination, "00", _, _, _, _, _, _, flags, device] = words.as_slice() else {
            return false;
        };
        destination.bytes().all(|byte| byte == b'0') && *device != "lo" && usable(flags)
    })
}

fn usable(flags: &str) -> bool {
    u32::from_str_radix(flags, 16).is_ok_and(|flags| flags & UP != 0 && flags & REJECT == 0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn only_a_default_route_that_is_up_leads_out() {
        let head =
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
        let way = "eth0\t00000000\t0102A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n";
        let own = "wlan0\t002AA8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
        assert!(leads_out(&format!("{head}{own}{way}")));
        assert!(!leads_out(&format!("{head}{own}")));
        assert!(!leads_out(&format!(
            "{head}{}",
            way.replace("0003", "0200")
        )));
        assert!(!leads_out(way), "the first line is the head");
        assert!(!leads_out(""));
        let zeros = "0".repeat(32);
        let six = |flags: &str, device: &str| {
            format!(
                "{zeros} 00 {zeros} 00 fe800000000000000000000000000001 00000400 00000001 00000000 {flags}     {device}\n"
            )
        };
        assert!(leads_out_6(&six("00000003", "eth0")));
        assert!(
            !leads_out_6(&six("00200200", "lo")),
            "what every machine has"
        );
        assert!(!leads_out_6("garbled"));
    }

    #[test]
    fn a_simulated_board_says_so_itself() {
        let dir = tempfile::tempdir().unwrap();
        let board = BoardChoice::SimDir(dir.path().to_owned());
        let seen = |text: &str| {
            std::fs::write(dir.path().join("uplink"), text).unwrap();
            is_up(&board, dir.path())
        };
        assert_eq!(["1\n", "0\n", ""].map(seen), [true, false, false]);
        std::fs::remove_file(dir.path().join("uplink")).unwrap();
        assert!(!is_up(&board, dir.path()));
    }
}
