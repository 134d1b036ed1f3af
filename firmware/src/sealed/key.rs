//! The keys of a programme, as lines of text: one half seals and checks receipts, and stands in every box; the other opens and signs, and
//! stays at the programme's desk.
//!
//! `school-box-programme:1:` and `school-box-programme-secret:1:`, then base64 of 64 bytes (X25519, then Ed25519: the public keys, or what
//! the private ones are drawn from) and of four more that tell a slip of the hand.

use crate::hex::hex;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem, Serializable as _};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

const PUBLIC: &str = "school-box-programme:1:";
const SECRET: &str = "school-box-programme-secret:1:";
const HALF: usize = 32;
const CHECK: usize = 4;

/// Why a text is no key.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq)]
pub enum KeyError {
    /// Another kind of text.
    #[error(
        "it begins with `school-box-programme:1:` or, the private half, with `school-box-programme-secret:1:`"
    )]
    Kind,
    /// A letter is wrong or missing.
    #[error("a letter of it is wrong or missing; copy it again")]
    Damaged,
    /// The system has none to give.
    #[error("the system gives no random numbers")]
    Random,
}

/// The half that every box may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgrammeKey {
    seal: [u8; HALF],
    receipts: [u8; HALF],
}

impl ProgrammeKey {
    /// Which programme this is, in 16 letters and digits.
    #[must_use]
    pub fn id(&self) -> String {
        let digest = Sha256::digest([self.seal, self.receipts].concat());
        hex(&digest[..8])
    }

    pub(super) fn recipient(&self) -> Result<<X25519HkdfSha256 as Kem>::PublicKey, KeyError> {
        <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&self.seal).map_err(|_| KeyError::Damaged)
    }

    pub(super) const fn receipts(&self) -> &[u8; HALF] {
        &self.receipts
    }

    /// The demo programme's: anyone can have its private half, so it is for desks alone.
    #[must_use]
    pub fn demo() -> Option<Self> {
        ProgrammeSecret::demo().public().ok()
    }
}

impl fmt::Display for ProgrammeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&written(PUBLIC, &self.seal, &self.receipts))
    }
}

impl FromStr for ProgrammeKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (seal, receipts) = read(PUBLIC, text)?;
        let key = Self { seal, receipts };
        key.recipient().map(|_| key)
    }
}

/// The half that stays at the programme's desk.
#[derive(Clone, PartialEq, Eq)]
pub struct ProgrammeSecret {
    seal: [u8; HALF],
    receipts: [u8; HALF],
}

// A secret must not get into a log.
impl fmt::Debug for ProgrammeSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProgrammeSecret")
    }
}

impl ProgrammeSecret {
    /// A new one.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn draw() -> Result<Self, KeyError> {
        let mut halves = [[0; HALF]; 2];
        for half in &mut halves {
            let drawn = SystemRandom::new().fill(half);
            drawn.map_err(|_| KeyError::Random)?;
        }
        let [seal, receipts] = halves;
        Ok(Self { seal, receipts })
    }

    /// Of the demo programme: drawn from public words.
    #[must_use]
    pub fn demo() -> Self {
        Self {
            seal: Sha256::digest(b"school-box demo programme: seal").into(),
            receipts: Sha256::digest(b"school-box demo programme: receipts").into(),
        }
    }

    /// Its public half.
    ///
    /// # Errors
    /// [`KeyError::Damaged`], for bytes that no key can be drawn from.
    pub fn public(&self) -> Result<ProgrammeKey, KeyError> {
        let (_, seal) = X25519HkdfSha256::derive_keypair(&self.seal);
        let receipts = self.signer()?.public_key().as_ref().try_into();
        Ok(ProgrammeKey {
            seal: seal.to_bytes().into(),
            receipts: receipts.map_err(|_| KeyError::Damaged)?,
        })
    }

    pub(super) fn opener(&self) -> <X25519HkdfSha256 as Kem>::PrivateKey {
        X25519HkdfSha256::derive_keypair(&self.seal).0
    }

    pub(super) fn signer(&self) -> Result<Ed25519KeyPair, KeyError> {
        Ed25519KeyPair::from_seed_unchecked(&self.receipts).map_err(|_| KeyError::Damaged)
    }

    /// For its file, which only its owner may read.
    #[must_use]
    pub fn text(&self) -> String {
        written(SECRET, &self.seal, &self.receipts)
    }
}

impl FromStr for ProgrammeSecret {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (seal, receipts) = read(SECRET, text)?;
        Ok(Self { seal, receipts })
    }
}

fn check(kind: &str, halves: &[u8]) -> [u8; CHECK] {
    let digest = Sha256::new().chain_update(kind).chain_update(halves);
    let digest = digest.finalize();
    std::array::from_fn(|at| digest[at])
}

fn written(kind: &str, one: &[u8; HALF], other: &[u8; HALF]) -> String {
    let halves = [*one, *other].concat();
    let checked = [halves.as_slice(), &check(kind, &halves)].concat();
    format!("{kind}{}", URL_SAFE_NO_PAD.encode(checked))
}

/// The first line that is no remark.
fn read(kind: &str, text: &str) -> Result<([u8; HALF], [u8; HALF]), KeyError> {
    let mut lines = text.lines().map(str::trim);
    let line = lines
        .find(|line| !line.is_empty() && !line.starts_with('#'))
        .unwrap_or_default();
    let letters = line.strip_prefix(kind).ok_or(KeyError::Kind)?;
    let bytes = URL_SAFE_NO_PAD
        .decode(letters)
        .map_err(|_| KeyError::Damaged)?;
    let (one, rest) = bytes.split_first_chunk().ok_or(KeyError::Damaged)?;
    let (other, given) = rest.split_first_chunk().ok_or(KeyError::Damaged)?;
    if given != check(kind, &bytes[..2 * HALF]) {
        return Err(KeyError::Damaged);
    }
    Ok((*one, *other))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_every_slip_of_the_hand_is_told() {
        let secret = ProgrammeSecret::draw().unwrap();
        let public = secret.public().unwrap();
        assert_eq!(public.to_string().parse(), Ok(public.clone()));
        let file = format!("# keep it\n\n{}\n", secret.text());
        assert_eq!(file.parse::<ProgrammeSecret>().unwrap(), secret);
        assert_eq!(secret.text().parse::<ProgrammeKey>(), Err(KeyError::Kind));
        assert_eq!("".parse::<ProgrammeKey>(), Err(KeyError::Kind));
        let text = public.to_string();
        for place in PUBLIC.len()..text.len() {
            let mut wrong = text.clone().into_bytes();
            wrong[place] = if wrong[place] == b'A' { b'B' } else { b'A' };
            let wrong = String::from_utf8(wrong).unwrap();
            assert_eq!(wrong.parse::<ProgrammeKey>(), Err(KeyError::Damaged));
            let short = &text[..place];
            assert_eq!(short.parse::<ProgrammeKey>(), Err(KeyError::Damaged));
        }
        assert!(!format!("{secret:?}").contains(&secret.text()));
    }

    #[test]
    fn the_demo_programme_is_always_the_same() {
        let demo = ProgrammeKey::demo().unwrap();
        assert_eq!(demo, ProgrammeSecret::demo().public().unwrap());
        let line = "school-box-programme:1:lzLNndbDJ41Ezq17pao7LG7WWqMyzlJJG20lcFiiIXr4xKW_I9wllF_BAhFJx7PCWBIXxhK0m3-8Q15_8TSuXu5YHcc";
        assert_eq!(demo.to_string(), line);
    }
}
