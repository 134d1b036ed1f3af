//! Offers and sources that lie.

use super::rig::Rig;
use ota::PackOffer;
use ota::fetch::{FetchError, Fetched};
use ota::install::pack::PackError;
use serde_json::{Value, json};

/// What may not be said, each with its word in the answer.
#[test]
fn an_offer_that_cannot_be_is_refused() {
    let offer = serde_json::to_value(&Rig::new(true).offer).unwrap();
    assert!(
        PackOffer::read(offer.to_string().as_bytes()).is_ok(),
        "the control"
    );
    let huge = json!(1_u64 << 63);
    let lies: [(&str, Value, &str); 15] = [
        ("/format", json!(2), "format 2"),
        ("/id", json!("../up"), "no version of a pack"),
        ("/id", json!(""), "no version of a pack"),
        ("/version", json!(0), "no version of a pack"),
        ("/file", json!("a\nb"), "name of its file"),
        (
            "/payload/seal/bytes",
            huge.clone(),
            "no box has so much room",
        ),
        (
            "/payload/seal/bytes",
            json!(u64::MAX),
            "no box has so much room",
        ),
        ("/payload/seal/bytes", json!(0), "empty"),
        ("/payload/seal/salt", json!("x"), "salt"),
        ("/payload/crown/bytes", huge.clone(), "cannot be so large"),
        ("/payload/blocks/bytes", huge.clone(), "cannot be so large"),
        ("/payload/frames/bytes", huge.clone(), "cannot be so large"),
        (
            "/payload/frames/location",
            json!("../../etc/passwd"),
            "no place of a file",
        ),
        (
            "/payload/patches/0/from_bytes",
            huge.clone(),
            "no base of a patch",
        ),
        ("/payload/patches/0/file/bytes", huge, "cannot be so large"),
    ];
    for (place, lie, words) in lies {
        let mut lying = offer.clone();
        *lying.pointer_mut(place).unwrap() = lie.clone();
        let refused = PackOffer::read(lying.to_string().as_bytes()).unwrap_err();
        let line = refused.to_string();
        assert!(
            line.contains(words) && line.lines().count() == 1,
            "{place} {lie}: {line}"
        );
    }
    for bytes in [&b""[..], b"{", b"[]", &vec![b' '; (1 << 20) + 1]] {
        assert!(PackOffer::read(bytes).is_err());
    }
}

/// A bit of any file turned over, files cut short: refused, and the good source goes on with what came.
#[test]
fn bytes_that_were_not_signed_for_are_refused_and_the_next_source_goes_on() {
    for patched in [true, false] {
        let names: Vec<String> = Rig::new(patched).shelf.targets.keys().cloned().collect();
        let mut refused = 0;
        for name in names {
            for cut_short in [false, true] {
                let mut rig = Rig::new(patched);
                rig.want().unwrap();
                let good = rig.shelf.clone();
                let bytes = rig.shelf.targets.get_mut(&name).unwrap();
                let middle = bytes.len() / 2;
                if cut_short {
                    bytes.truncate(middle);
                } else {
                    bytes[middle] ^= 1;
                }
                match rig.fetch(u64::MAX) {
                    // This way needs another file, or another part of it.
                    Ok(Fetched::All) => {}
                    Err(PackError::Fetch(FetchError::Wrong { .. })) => {
                        refused += 1;
                        rig.shelf = good;
                        assert_eq!(rig.fetch(u64::MAX).unwrap(), Fetched::All, "{name}");
                    }
                    other => panic!("{name}: {other:?}"),
                }
                assert_eq!(rig.build().unwrap(), Fetched::All);
                assert!(rig.disk.file() == rig.new, "{name}");
            }
        }
        assert!(refused >= 2, "{patched}: {refused}");
    }
}
