//! Who signs.

use crate::trust::PublicKey;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use spki::der::pem::LineEnding;
use spki::der::{Decode as _, Document};
use spki::{ObjectIdentifier, SubjectPublicKeyInfoRef};

/// What stands before the 32 bytes of the seed in PKCS#8, first version (RFC 8410 §7): the form that other programs read, too.
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
];
/// What stands before the 32 bytes of a public key in its SubjectPublicKeyInfo (RFC 8410 §4).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
/// id-Ed25519.
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const PRIVATE: &str = "PRIVATE KEY";
const PUBLIC: &str = "PUBLIC KEY";

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// What should be signed is no metadata.
    #[error("this is no metadata to sign: {0}")]
    NoMetadata(String),
    /// The key cannot be read.
    #[error("this is no ed25519 key in PKCS#8: {0}")]
    NoKey(String),
    /// The public half cannot be read.
    #[error("this is no public ed25519 key: {0}")]
    NoPublicKey(String),
    /// The system gives no random numbers to make a key of.
    #[error("no key can be made: the system gives no random numbers")]
    NoRandom,
    /// An external signer failed.
    #[error("the signer failed: {0}")]
    Signer(String),
}

/// A key that signs: in a file, on a token, behind a command.
pub trait Signer {
    /// Its public half.
    fn public_key(&self) -> PublicKey;

    /// Its signature over `message`.
    ///
    /// # Errors
    /// [`SignError::Signer`].
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// An ed25519 key in memory.
#[derive(Debug)]
pub struct Ed25519(Ed25519KeyPair);

impl Ed25519 {
    /// Makes a new key; its PKCS#8 form is to be kept where only its owner can read.
    ///
    /// # Errors
    /// [`SignError::NoRandom`].
    pub fn generate() -> Result<(Self, Vec<u8>), SignError> {
        let mut seed = [0; 32];
        SystemRandom::new()
            .fill(&mut seed)
            .map_err(|_| SignError::NoRandom)?;
        Ok((Self::from_seed(&seed)?, [&PKCS8[..], &seed].concat()))
    }

    /// From a file: PKCS#8 in PEM or DER.
    ///
    /// # Errors
    /// [`SignError::NoKey`].
    pub fn read(file: &[u8]) -> Result<Self, SignError> {
        match std::str::from_utf8(file) {
            Ok(text) if text.contains("-----BEGIN") => {
                let (label, document) = Document::from_pem(text.trim())
                    .map_err(|error| SignError::NoKey(error.to_string()))?;
                if label != PRIVATE {
                    return Err(SignError::NoKey(format!("it holds a {label}")));
                }
                Self::from_pkcs8(document.as_bytes())
            }
            Ok(_) | Err(_) => Self::from_pkcs8(file),
        }
    }

    /// Its public half as a file: SubjectPublicKeyInfo in PEM.
    #[must_use]
    pub fn public_pem(&self) -> String {
        pem(PUBLIC, &[&SPKI[..], self.0.public_key().as_ref()].concat())
    }

    /// From its PKCS#8 form.
    ///
    /// # Errors
    /// [`SignError::NoKey`].
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, SignError> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes);
        pair.map(Self)
            .map_err(|error| SignError::NoKey(error.to_string()))
    }

    /// From the 32 bytes of its seed. For tests, which need the same key each time.
    ///
    /// # Errors
    /// [`SignError::NoKey`].
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, SignError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed);
        pair.map(Self)
            .map_err(|error| SignError::NoKey(error.to_string()))
    }
}

/// A key's PKCS#8 form as a file in PEM.
#[must_use]
pub fn private_pem(pkcs8: &[u8]) -> String {
    pem(PRIVATE, pkcs8)
}

/// A public key from a file: SubjectPublicKeyInfo of an ed25519 key in PEM or DER.
///
/// # Errors
/// [`SignError::NoPublicKey`].
pub fn public_key(file: &[u8]) -> Result<PublicKey, SignError> {
    let no = |why: String| SignError::NoPublicKey(why);
    let der = match std::str::from_utf8(file) {
        Ok(text) if text.contains("-----BEGIN") => {
            let (label, document) =
                Document::from_pem(text.trim()).map_err(|error| no(error.to_string()))?;
            if label != PUBLIC {
                return Err(no(format!("it holds a {label}")));
            }
            document.as_bytes().to_vec()
        }
        Ok(_) | Err(_) => file.to_vec(),
    };
    let info = SubjectPublicKeyInfoRef::from_der(&der).map_err(|error| no(error.to_string()))?;
    let raw = info.subject_public_key.as_bytes();
    let raw: Option<[u8; 32]> = raw.and_then(|raw| raw.try_into().ok());
    match raw {
        Some(raw) if info.algorithm.oid == ED25519 => Ok(PublicKey::ed25519(&raw)),
        Some(_) | None => Err(no("it is of another kind".to_owned())),
    }
}

fn pem(label: &'static str, der: &[u8]) -> String {
    let document =
        Document::try_from(der).and_then(|document| document.to_pem(label, LineEnding::LF));
    // What is written here is DER of a few bytes.
    document.unwrap_or_default()
}

impl Signer for Ed25519 {
    fn public_key(&self) -> PublicKey {
        let mut raw = [0; 32];
        raw.copy_from_slice(self.0.public_key().as_ref());
        PublicKey::ed25519(&raw)
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        Ok(self.0.sign(message).as_ref().to_vec())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_from_its_files() {
        let (key, pkcs8) = Ed25519::generate().unwrap();
        for file in [pkcs8.clone(), private_pem(&pkcs8).into_bytes()] {
            let again = Ed25519::read(&file).unwrap();
            assert_eq!(again.public_key(), key.public_key());
            assert!(
                key.public_key()
                    .vouches(b"words", &again.sign(b"words").unwrap())
            );
        }
        assert_eq!(
            public_key(key.public_pem().as_bytes()).unwrap(),
            key.public_key()
        );
        let other = Ed25519::generate().unwrap().0;
        assert_ne!(other.public_key(), key.public_key());
    }

    #[test]
    fn each_half_is_refused_as_the_other() {
        let (key, pkcs8) = Ed25519::generate().unwrap();
        let (private, public) = (private_pem(&pkcs8), key.public_pem());
        let error = Ed25519::read(public.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("PUBLIC KEY"), "{error}");
        assert!(public_key(private.as_bytes()).is_err() && public_key(&pkcs8).is_err());
        assert!(Ed25519::read(b"").is_err() && public_key(b"").is_err());
    }

    /// `openssl genpkey -algorithm ed25519` and its `pkey -pubout`.
    #[test]
    fn keys_of_other_programs_are_read() {
        let private = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
        let public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
        let key = Ed25519::read(private.as_bytes()).unwrap();
        assert_eq!(public_key(public.as_bytes()).unwrap(), key.public_key());
        assert_eq!(key.public_pem(), public);
    }
}
