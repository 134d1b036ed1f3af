//! Keys on the command line: in a file, behind a command, or only their public half.

use super::command::Outside;
use super::duty::{Duty, Of};
use super::trouble::Trouble;
use ota::publish::{Ed25519, Holders, Signer, public_key};
use ota::trust::PublicKey;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf, absolute};
use std::str::FromStr;

/// Where a key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeyPlace {
    /// A private key, or the public half of somebody else's.
    File(PathBuf),
    /// A program that signs, and the public half of its key.
    Command { public: PathBuf, line: String },
}

impl KeyPlace {
    /// The same, whatever folder one is in.
    pub(super) fn absolute(&self) -> Self {
        let full = |path: &Path| absolute(path).unwrap_or_else(|_| path.to_owned());
        match self {
            Self::File(path) => Self::File(full(path)),
            Self::Command { public, line } => Self::Command {
                public: full(public),
                line: line.clone(),
            },
        }
    }

    fn open(&self) -> Result<Key, Trouble> {
        let read = |path: &Path| fs::read(path).map_err(Trouble::disk("read the key", path));
        match self {
            Self::File(path) => {
                let file = read(path)?;
                if let Ok(public) = public_key(&file) {
                    return Ok(Key {
                        public,
                        signer: None,
                    });
                }
                let key = Ed25519::read(&file).map_err(Trouble::file(path))?;
                Ok(Key {
                    public: key.public_key(),
                    signer: Some(Box::new(key)),
                })
            }
            Self::Command { public, line } => {
                let public = public_key(&read(public)?).map_err(Trouble::file(public))?;
                Ok(Key {
                    public: public.clone(),
                    signer: Some(Box::new(Outside::new(public, line))),
                })
            }
        }
    }
}

impl FromStr for KeyPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix("command:") {
            Some(rest) => match rest.split_once(':') {
                Some((public, line)) if !public.is_empty() && !line.trim().is_empty() => {
                    Ok(Self::Command {
                        public: public.into(),
                        line: line.to_owned(),
                    })
                }
                Some(_) | None => {
                    Err("a command is given as command:PUBLIC_KEY_FILE:COMMAND".to_owned())
                }
            },
            None if text.is_empty() => Err("give the file of a key".to_owned()),
            None => Ok(Self::File(text.into())),
        }
    }
}

impl fmt::Display for KeyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Command { public, line } => write!(f, "command:{}:{line}", public.display()),
        }
    }
}

/// A key, and its private half where that is at hand.
pub(super) struct Key {
    pub(super) public: PublicKey,
    signer: Option<Box<dyn Signer>>,
}

/// The keys that were given, each for a role.
#[derive(Default)]
pub(super) struct Keys(Vec<(Duty, Key)>);

impl Keys {
    /// Opens them.
    pub(super) fn open<'a>(
        places: impl IntoIterator<Item = &'a Of<KeyPlace>>,
    ) -> Result<Self, Trouble> {
        let open = |place: &Of<KeyPlace>| Ok((place.duty, place.value.open()?));
        Ok(Self(
            places
                .into_iter()
                .map(open)
                .collect::<Result<_, Trouble>>()?,
        ))
    }

    /// Who holds a role by what was given.
    pub(super) fn of(&self, duty: Duty) -> Vec<PublicKey> {
        let mut keys: Vec<PublicKey> = Vec::new();
        for (_, key) in self.0.iter().filter(|(of, _)| *of == duty) {
            if !keys.contains(&key.public) {
                keys.push(key.public.clone());
            }
        }
        keys
    }

    /// Who of these holders can sign here.
    pub(super) fn signers(&self, duty: Duty, holders: &[&Holders]) -> Vec<&dyn Signer> {
        let holds = |key: &Key| holders.iter().any(|of| of.keys.contains(&key.public));
        let of_duty = self.0.iter().filter(|(of, key)| *of == duty && holds(key));
        of_duty
            .filter_map(|(_, key)| key.signer.as_deref())
            .collect()
    }

    /// More keys.
    pub(super) fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// A key was given for a role that does not know it: most likely a mistake.
    pub(super) fn refuse_strangers(
        &self,
        places: &[Of<KeyPlace>],
        holders: impl Fn(Duty) -> Vec<Holders>,
    ) -> Result<(), Trouble> {
        for ((duty, key), place) in self.0.iter().zip(places) {
            let known = holders(*duty);
            if !known.iter().any(|of| of.keys.contains(&key.public)) {
                return Err(Trouble::Refused(format!(
                    "{} is none of the keys that sign {duty}: give another, or make it one with depot repo rotate --add-key",
                    place.value
                )));
            }
        }
        Ok(())
    }
}

/// The usual spelling of `--root-key`.
pub(super) fn of_root(places: &[KeyPlace]) -> Vec<Of<KeyPlace>> {
    let root = |value: &KeyPlace| Of {
        duty: Duty::Root,
        value: value.clone(),
    };
    places.iter().map(root).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_as_it_is_shown() {
        for text in ["a.key", "/b c/d.pub", "command:k.pub:sign --slot 9c:1"] {
            let place: KeyPlace = text.parse().unwrap();
            assert_eq!(place.to_string(), text);
        }
        for bad in [
            "",
            "command:",
            "command:k.pub",
            "command::x",
            "command:k.pub: ",
        ] {
            assert!(bad.parse::<KeyPlace>().is_err(), "{bad}");
        }
    }

    #[test]
    fn only_holders_sign_and_only_with_a_private_half() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = dir.path().join(name);
            fs::write(&path, bytes).unwrap();
            Of {
                duty: Duty::Targets,
                value: KeyPlace::File(path),
            }
        };
        let (a, pkcs8) = Ed25519::generate().unwrap();
        let (b, _) = Ed25519::generate().unwrap();
        let places = [
            file("a.key", &pkcs8),
            file("b.pub", b.public_pem().as_bytes()),
        ];
        let keys = Keys::open(&places).unwrap();
        let holders = |keys: &[&Ed25519]| Holders {
            keys: keys.iter().map(|key| key.public_key()).collect(),
            threshold: 1,
        };
        let signers = |duty, of: &Holders| keys.signers(duty, &[of]).len();
        assert_eq!(keys.of(Duty::Targets).len(), 2);
        assert_eq!(signers(Duty::Targets, &holders(&[&a, &b])), 1);
        assert_eq!(signers(Duty::Targets, &holders(&[&b])), 0);
        assert_eq!(signers(Duty::Root, &holders(&[&a])), 0);
        assert!(
            keys.refuse_strangers(&places, |_| vec![holders(&[&a])])
                .is_err()
        );
        assert!(
            keys.refuse_strangers(&places, |_| vec![holders(&[&a]), holders(&[&b])])
                .is_ok()
        );
    }
}
