//! Which role may speak for a path.

use super::metadata::{Delegated, Delegations, Signers, Succinct};
use super::{Role, hex};
use sha2::{Digest as _, Sha256};

/// A role that is trusted with a path, and by whose signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Speaker {
    pub(super) role: Role,
    pub(super) signers: Signers,
    /// What it does not offer, nobody after it may.
    pub(super) terminating: bool,
}

impl Delegations {
    /// Who may speak for `path`, in order.
    pub(super) fn speakers(&self, path: &str) -> Vec<Speaker> {
        let listed = self.roles.iter().flatten();
        let named = listed.filter(|role| role.covers(path)).map(|role| Speaker {
            role: Role::Delegated(role.name.clone()),
            signers: role.signers.clone(),
            terminating: role.terminating,
        });
        let bin = self
            .succinct_roles
            .iter()
            .filter_map(|bins| bins.speaker(path));
        named.chain(bin).collect()
    }
}

impl Delegated {
    fn covers(&self, path: &str) -> bool {
        if let Some(prefixes) = &self.path_hash_prefixes {
            let hash = path_hash(path);
            return prefixes
                .iter()
                .any(|prefix| hash.starts_with(&prefix.to_ascii_lowercase()));
        }
        self.paths
            .iter()
            .flatten()
            .any(|pattern| matches(pattern, path))
    }
}

impl Succinct {
    /// TAP 15: the first bits of the path's hash name the bin.
    fn speaker(&self, path: &str) -> Option<Speaker> {
        if !(1..=32).contains(&self.bit_length) {
            return None;
        }
        let hash: [u8; 32] = Sha256::digest(path.as_bytes()).into();
        let first = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
        let bin = first >> (32 - self.bit_length);
        let digits = (self.bit_length as usize).div_ceil(4);
        Some(Speaker {
            role: Role::Delegated(format!("{}-{bin:0digits$x}", self.name_prefix)),
            signers: self.signers.clone(),
            terminating: true,
        })
    }
}

fn path_hash(path: &str) -> String {
    hex::of(&Sha256::digest(path.as_bytes()))
}

/// Shell patterns, part by part: `*` and `?` do not reach over a `/`.
fn matches(pattern: &str, path: &str) -> bool {
    let (mut patterns, mut parts) = (pattern.split('/'), path.split('/'));
    loop {
        match (patterns.next(), parts.next()) {
            (None, None) => return true,
            (Some(pattern), Some(part)) => {
                let pattern: Vec<char> = pattern.chars().collect();
                let part: Vec<char> = part.chars().collect();
                if !part_matches(&pattern, &part) {
                    return false;
                }
            }
            (Some(_), None) | (None, Some(_)) => return false,
        }
    }
}

/// With one place to come back to, so that no pattern takes more than its length times the part's.
fn part_matches(pattern: &[char], part: &[char]) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while seen < part.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(one) if *one == '?' || *one == part[seen] => {
                at += 1;
                seen += 1;
            }
            Some(_) | None => match star {
                Some((star_at, taken)) => {
                    star = Some((star_at, taken + 1));
                    at = star_at + 1;
                    seen = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|one| *one == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_part_by_part() {
        let table = [
            ("*", "a", true),
            ("*", "a/b", false),
            ("a/*", "a/b", true),
            ("a/*", "a/b/c", false),
            ("a/*/c", "a/b/c", true),
            ("*.tgz", "foo.tgz", true),
            ("*.tgz", "tgz", false),
            ("f?o*", "foo", true),
            ("f?o*", "fo", false),
            ("**", "a", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("", "", true),
            ("é?", "éü", true),
        ];
        for (pattern, path, expected) in table {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_more_than_its_size() {
        let pattern = "a*".repeat(2_000) + "b";
        assert!(!matches(&pattern, &"a".repeat(4_000)));
    }

    #[test]
    fn bins_are_named_by_the_first_bits_of_the_hash() {
        let signers = Signers {
            keyids: Vec::new(),
            threshold: 1,
        };
        let bins = |bit_length| Succinct {
            signers: signers.clone(),
            bit_length,
            name_prefix: "bin".to_owned(),
        };
        let name = |bits| {
            bins(bits)
                .speaker("")
                .map(|speaker| speaker.role.name().to_owned())
        };
        // SHA-256 of nothing begins with e3b0c442.
        assert_eq!(name(1).as_deref(), Some("bin-1"));
        assert_eq!(name(4).as_deref(), Some("bin-e"));
        assert_eq!(name(5).as_deref(), Some("bin-1c"));
        assert_eq!(name(16).as_deref(), Some("bin-e3b0"));
        assert_eq!(name(32).as_deref(), Some("bin-e3b0c442"));
        assert_eq!((name(0), name(33)), (None, None));
    }
}
