//! The boot choice as text: three `key=value` lines, in this order, each always there.
//!
//! ```text
//! gen=7          counts the changes; wraps
//! order=B A      the slots that may boot, the one to take first; a retired slot is left out
//! tries=3        boots left to the first on its trial; empty when nothing is on trial
//! ```
//!
//! The names are those of the variables that a boot script keeps. There is one way to write a choice and no other is read, so damage
//! shows without a checksum, which a person with an editor could not renew.

use ota::{BootChoice, MAX_TRIES, Slot};

/// No true environment is longer.
pub const MAX_BYTES: usize = 64;

/// The text of a choice after so many changes.
#[must_use]
pub fn encode(generation: u32, choice: BootChoice) -> String {
    let (order, tries) = words(choice);
    format!("gen={generation}\norder={order}\ntries={tries}\n")
}

/// The values of `order` and `tries`.
pub(super) fn words(choice: BootChoice) -> (String, String) {
    match choice {
        BootChoice::Settled { first, spare: true } => {
            (format!("{first} {}", first.other()), String::new())
        }
        BootChoice::Settled {
            first,
            spare: false,
        } => (first.to_string(), String::new()),
        BootChoice::Trial { on, tries_left } => {
            (format!("{on} {}", on.other()), tries_left.to_string())
        }
    }
}

/// The choice that these values of `order` and `tries` mean.
pub(super) fn choice(order: &str, tries: &str) -> Result<BootChoice, &'static str> {
    let (first, spare) = match order {
        "A" => (Slot::A, false),
        "B" => (Slot::B, false),
        "A B" => (Slot::A, true),
        "B A" => (Slot::B, true),
        _ => return Err("its `order` is none of A, B, `A B` and `B A`"),
    };
    match (tries, spare) {
        ("", spare) => Ok(BootChoice::Settled { first, spare }),
        (_, false) => Err("it has tries but no slot to fall back to"),
        (tries, true) => match tries.parse() {
            Ok(tries_left) if tries_left <= MAX_TRIES && tries.len() == 1 => {
                Ok(BootChoice::Trial {
                    on: first,
                    tries_left,
                })
            }
            Ok(_) | Err(_) => Err("its `tries` are not 0 to 9"),
        },
    }
}

/// The count of changes and the choice that `bytes` hold.
///
/// # Errors
/// What is wrong, for a person, where the bytes are not exactly what [`encode`] writes.
pub fn decode(bytes: &[u8]) -> Result<(u32, BootChoice), &'static str> {
    if bytes.len() > MAX_BYTES {
        return Err("it is too long");
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no text")?;
    let mut lines = text.lines();
    let mut value = |key: &str| {
        lines
            .next()
            .and_then(|line| line.strip_prefix(key)?.strip_prefix('='))
    };
    let generation: u32 = value("gen")
        .and_then(|n| n.parse().ok())
        .ok_or("its first line is no `gen=NUMBER`")?;
    let order = value("order").ok_or("its second line is no `order=`")?;
    let tries = value("tries").ok_or("its third line is no `tries=`")?;
    let choice = choice(order, tries)?;
    if encode(generation, choice).as_bytes() == bytes {
        Ok((generation, choice))
    } else {
        Err("it holds more than the three lines, or not in the one way")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
pub(in crate::boot_control) mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_stands_in_the_file() {
        assert_eq!(encode(1, BootChoice::FACTORY), "gen=1\norder=A\ntries=\n");
        assert_eq!(
            encode(
                7,
                BootChoice::Trial {
                    on: Slot::B,
                    tries_left: 3
                }
            ),
            "gen=7\norder=B A\ntries=3\n"
        );
        assert_eq!(
            encode(
                8,
                BootChoice::Settled {
                    first: Slot::B,
                    spare: true
                }
            ),
            "gen=8\norder=B A\ntries=\n"
        );
    }

    #[test]
    fn damage_is_noticed() {
        let good = "gen=7\norder=B A\ntries=3\n";
        assert!(decode(good.as_bytes()).is_ok(), "the control");
        let bad: [&[u8]; 14] = [
            b"",
            b"gen=7\norder=B A\ntries=3",
            b"gen=7\norder=B A\n",
            b"gen=07\norder=B A\ntries=3\n",
            b"gen=+7\norder=B A\ntries=3\n",
            b"gen=7\norder=B\ntries=3\n",
            b"gen=7\norder=B B\ntries=3\n",
            b"gen=7\norder=B A\ntries=10\n",
            b"gen=7\norder=B A\ntries=-1\n",
            b"order=B A\ngen=7\ntries=3\n",
            b"gen=7\norder=B A\ntries=3\ntries=3\n",
            b"gen=7\r\norder=B A\r\ntries=3\r\n",
            b"\0\0\0\0\0\0\0\0",
            b"gen=4294967296\norder=B A\ntries=3\n",
        ];
        for bytes in bad {
            assert!(
                decode(bytes).is_err(),
                "{:?}",
                String::from_utf8_lossy(bytes)
            );
        }
        for cut in 0..good.len() {
            assert!(decode(&good.as_bytes()[..cut]).is_err(), "cut at {cut}");
        }
    }

    pub(in crate::boot_control) fn any_choice() -> impl Strategy<Value = BootChoice> {
        let slot = prop_oneof![Just(Slot::A), Just(Slot::B)];
        prop_oneof![
            (slot.clone(), any::<bool>())
                .prop_map(|(first, spare)| BootChoice::Settled { first, spare }),
            (slot, 0..=MAX_TRIES).prop_map(|(on, tries_left)| BootChoice::Trial { on, tries_left }),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_choice_reads_back_and_any_bytes_are_survived(generation: u32, choice in any_choice(), noise: Vec<u8>) {
            let text = encode(generation, choice);
            prop_assert!(text.len() <= MAX_BYTES);
            prop_assert_eq!(decode(text.as_bytes()).unwrap(), (generation, choice));
            let _ = decode(&noise);
        }
    }
}
