//! Who signs.

use crate::trust::PublicKey;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// What should be signed is no metadata.
    #[error("this is no metadata to sign: {0}")]
    NoMetadata(String),
    /// The key cannot be read.
    #[error("this is no ed25519 key in PKCS#8: {0}")]
    NoKey(String),
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
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .map_err(|_| SignError::NoRandom)?;
        let bytes = document.as_ref().to_vec();
        Ok((Self::from_pkcs8(&bytes)?, bytes))
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
