//! The key of the records: the port through which it is kept, and which of two keys a database is sealed with.
//!
//! Who destroys the key has erased everything that was sealed with it, at once and however much it was. So the key is the one
//! thing that must not be lost by accident, and a database is never begun before its key is on the disk.

use super::RecordsError;
use ring::hmac;
use std::fmt;
use std::io;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

/// The secret that the keys of sealing and of searching are drawn from.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordsKey([u8; KEY_BYTES]);

// A key must not get into a log.
impl fmt::Debug for RecordsKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordsKey")
    }
}

impl RecordsKey {
    /// From where it is kept.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// For where it is kept, and nowhere else.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    fn draw() -> Result<Self, RecordsError> {
        let mut bytes = [0; KEY_BYTES];
        getrandom::fill(&mut bytes).map_err(RecordsError::Random)?;
        Ok(Self(bytes))
    }

    /// What a database that is sealed with it says of it.
    pub(super) fn mark(&self) -> [u8; 16] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let tag = hmac::sign(&key, b"school-box records: which key");
        std::array::from_fn(|at| tag.as_ref()[at])
    }
}

/// What a [`KeyStore`] holds.
#[derive(Debug)]
pub enum KeyFound {
    /// Nothing was ever kept.
    None,
    /// The key.
    Key(RecordsKey),
    /// There was one, and it was destroyed: what it sealed is to be cleared away.
    Destroyed,
    /// Something is there that is no key any more.
    Damaged,
}

/// Where the key of the records lives. Every call blocks on the disk.
pub trait KeyStore: Send + Sync {
    /// What is there. Writes nothing but what a cut left half done.
    ///
    /// # Errors
    /// When it cannot be read: nobody knows then whether there is a key.
    fn find(&self) -> io::Result<KeyFound>;

    /// Keeps `key`. When it returns, no power cut takes it away; a cut before leaves it or what was there.
    ///
    /// # Errors
    /// When it is not known to be on the disk.
    fn keep(&self, key: &RecordsKey) -> io::Result<()>;

    /// Makes the key unreadable. When it returns, [`KeyStore::find`] says `Destroyed` for good, until another is kept; a cut before
    /// leaves the key whole, or that.
    ///
    /// # Errors
    /// When that is not known of the disk.
    fn destroy(&self) -> io::Result<()>;
}

/// The key for a database that says `sealed_by` of itself, a new one where nothing is sealed yet; `None` when what is sealed cannot be
/// opened with what is there.
pub(super) fn key_for(
    keys: &dyn KeyStore,
    sealed_by: Option<[u8; 16]>,
) -> Result<Option<RecordsKey>, RecordsError> {
    let found = keys.find().map_err(key_error("read"))?;
    match (found, sealed_by) {
        (KeyFound::Key(key), Some(mark)) => Ok((key.mark() == mark).then_some(key)),
        (_, Some(_)) => Ok(None),
        (KeyFound::Key(key), None) => Ok(Some(key)),
        (KeyFound::None | KeyFound::Destroyed | KeyFound::Damaged, None) => {
            let key = RecordsKey::draw()?;
            keys.keep(&key).map_err(key_error("keep"))?;
            Ok(Some(key))
        }
    }
}

pub(super) fn key_error(doing: &'static str) -> impl Fn(io::Error) -> RecordsError {
    move |source| RecordsError::Key { doing, source }
}
