//! The boot choice as the Raspberry Pi's firmware reads it: `autoboot.txt`, one sector of 512 bytes, which is also all that the firmware
//! takes.
//!
//! ```text
//! [all]
//! tryboot_a_b=1
//! boot_partition=2        the slot of every ordinary boot: 2 is A, 3 is B
//! [tryboot]
//! boot_partition=3        the slot of the one boot that was asked for with `reboot "0 tryboot"`: always the other one
//! #gen=7                  comments to the firmware, the choice to us; decimal, as in a simulated board's `boot.env`
//! #order=B A
//! #tries=3
//! ####…                   to the end of the sector, and a line feed
//! ```
//!
//! The firmware's lines come first and their two digits stand at fixed places. So whatever prefix of a sector a cut write leaves, ordinary
//! boots take the slot they took before, or the one they were to take. As the file has one way to be written, a mixture is noticed.

use super::env_text;
use ota::{BootChoice, Slot};

/// Bytes of the file, and of the one write that changes it.
pub const BYTES: usize = 512;

/// The number of the partition that holds a slot's boot area.
const fn partition(slot: Slot) -> u8 {
    match slot {
        Slot::A => 2,
        Slot::B => 3,
    }
}

/// The slot of ordinary boots: during a trial, the one that is good.
const fn ordinary(choice: BootChoice) -> Slot {
    match choice {
        BootChoice::Settled { first, .. } => first,
        BootChoice::Trial { on, .. } => on.other(),
    }
}

/// The file that holds this choice.
#[must_use]
pub fn encode(generation: u32, choice: BootChoice) -> [u8; BYTES] {
    let slot = ordinary(choice);
    let mut text = format!(
        "[all]\ntryboot_a_b=1\nboot_partition={}\n[tryboot]\nboot_partition={}\n",
        partition(slot),
        partition(slot.other())
    );
    for line in env_text::encode(generation, choice).lines() {
        text.push('#');
        text.push_str(line);
        text.push('\n');
    }
    let mut file = [b'#'; BYTES];
    file[BYTES - 1] = b'\n';
    file[..text.len()].copy_from_slice(text.as_bytes());
    file
}

/// The count of changes and the choice that the file holds.
///
/// # Errors
/// What is wrong, for a person, where it is not exactly what [`encode`] writes.
pub fn decode(file: &[u8; BYTES]) -> Result<(u32, BootChoice), &'static str> {
    let text = std::str::from_utf8(file).map_err(|_| "it is no text")?;
    let ours: String = text
        .lines()
        .filter_map(|line| line.strip_prefix('#').filter(|line| !line.starts_with('#')))
        .flat_map(|line| [line, "\n"])
        .collect();
    let (generation, choice) = env_text::decode(ours.as_bytes())?;
    if encode(generation, choice) == *file {
        Ok((generation, choice))
    } else {
        Err("its lines contradict one another, or it is not written in the one way")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::super::env_text::tests::any_choice;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_stands_in_the_file() {
        let text = |choice| {
            let file = encode(1, choice);
            String::from_utf8(file.to_vec())
                .unwrap()
                .trim_end_matches(['#', '\n'])
                .to_owned()
        };
        insta::assert_snapshot!(format!(
            "a box from the depot:\n{}\n\nB on trial:\n{}\n\nB confirmed:\n{}",
            text(BootChoice::FACTORY),
            text(BootChoice::Trial {
                on: Slot::B,
                tries_left: 3
            }),
            text(BootChoice::Settled {
                first: Slot::B,
                spare: true
            })
        ));
    }

    /// What the firmware would take: the first `boot_partition` of each section.
    fn firmware(file: &[u8]) -> Option<(char, char)> {
        let text = std::str::from_utf8(file).ok()?;
        let (all, tryboot) = text
            .strip_prefix("[all]\ntryboot_a_b=1\n")?
            .split_once("[tryboot]\n")?;
        let digit = |section: &str| section.strip_prefix("boot_partition=")?.chars().next();
        Some((digit(all)?, digit(tryboot)?))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_choice_reads_back_and_another_byte_is_noticed(
            generation: u32, choice in any_choice(), at in 0..BYTES, byte: u8
        ) {
            let mut file = encode(generation, choice);
            prop_assert_eq!(decode(&file), Ok((generation, choice)));
            prop_assert!(file.len() == BYTES && file.is_ascii());
            let before = std::mem::replace(&mut file[at], byte);
            if byte != before {
                prop_assert_ne!(decode(&file), Ok((generation, choice)));
            }
        }

        /// However much of a change is written: the firmware finds its lines, and ordinary boots take the old or the new slot.
        #[test]
        fn a_torn_sector_boots_the_old_or_the_new_slot(
            generation: u32, old in any_choice(), new in any_choice(), through in 0..=BYTES
        ) {
            let before = encode(generation, old);
            let after = encode(generation.wrapping_add(1), new);
            let torn = [&after[..through], &before[through..]].concat();
            let (all, tryboot) = firmware(&torn).unwrap();
            let slots = [firmware(&before).unwrap().0, firmware(&after).unwrap().0];
            prop_assert!(slots.contains(&all) && ['2', '3'].contains(&tryboot));
            // What is read from it is either choice, or the old one under another count, or damage.
            if let Ok((_, choice)) = decode(&torn.try_into().unwrap()) {
                let allowed = firmware(&encode(0, choice)).unwrap().0;
                prop_assert!(slots.contains(&allowed));
            }
        }
    }
}
