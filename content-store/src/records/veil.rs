//! What stands between the tables and who reads the disk: bodies are sealed, and what finds them is keyed.
//!
//! | column | on the disk |
//! |---|---|
//! | `sealed` of a statement, of a credential | ChaCha20-Poly1305 (RFC 8439): 12 random bytes, the text, 16 bytes of tag; bound to its row |
//! | `id`, `target`, `term`, `username` | HMAC-SHA-256, its first 16 bytes |
//! | `fingerprint` | HMAC-SHA-256 |
//! | `stored`, `happened`, `voiding`, `voided` | as they are: when something was learned, not who |
//!
//! Both keys come from the one secret by HKDF (RFC 5869). A key seals far fewer than 2³² rows, so that random nonces do not meet.
//! A database that an older program may still come back to is plain: [`Veil::NONE`].

use super::RecordsError;
use super::keys::RecordsKey;
use super::statement::Term;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::{hkdf, hmac};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use std::sync::Arc;

/// What a sealed text belongs to: it opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'a> {
    /// The row of `statements` with this `stored`.
    Statement(i64),
    /// The row of `credentials` with this keyed name and this hash of the password.
    Credential(&'a str, &'a [u8; 32]),
    /// The row of `credentials` with this keyed name, as programs of format 2 seal it: any hash may stand beside it.
    LooseCredential(&'a str),
}

impl Place<'_> {
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Statement(stored) => [b"s".as_slice(), &stored.to_be_bytes()].concat(),
            Self::Credential(username, hash) => {
                [b"h".as_slice(), hash, username.as_bytes()].concat()
            }
            Self::LooseCredential(username) => [b"c".as_slice(), username.as_bytes()].concat(),
        }
    }
}

struct Keys {
    seal: LessSafeKey,
    find: hmac::Key,
    mark: [u8; 16],
}

/// A cheap clone of the keys, or the lack of any.
#[derive(Clone)]
pub(super) struct Veil {
    keys: Option<Arc<Keys>>,
    /// Credentials are bound to their hash: no program of format 2 comes back.
    binds: bool,
}

impl Veil {
    /// Nothing is hidden.
    pub(super) const NONE: Self = Self {
        keys: None,
        binds: false,
    };

    pub(super) fn of(key: &RecordsKey) -> Result<Self, RecordsError> {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"school-box records 1");
        let secret = salt.extract(key.bytes());
        let drawn = |what: &[u8]| -> Result<[u8; 32], ring::error::Unspecified> {
            let mut bytes = [0; 32];
            secret
                .expand(&[what], hkdf::HKDF_SHA256)?
                .fill(&mut bytes)?;
            Ok(bytes)
        };
        let keys = || {
            Ok::<_, ring::error::Unspecified>(Keys {
                seal: LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &drawn(b"seal")?)?),
                find: hmac::Key::new(hmac::HMAC_SHA256, &drawn(b"find")?),
                mark: key.mark(),
            })
        };
        keys()
            .map(|keys| Self {
                keys: Some(Arc::new(keys)),
                binds: false,
            })
            .map_err(|_| RecordsError::Sealing)
    }

    /// As the database says of its credentials.
    pub(super) fn with_bound_credentials(self, binds: bool) -> Self {
        Self { binds, ..self }
    }

    /// Where the name of a credential is sealed.
    pub(super) const fn credential<'a>(&self, row: &'a str, hash: &'a [u8; 32]) -> Place<'a> {
        if self.binds {
            Place::Credential(row, hash)
        } else {
            Place::LooseCredential(row)
        }
    }

    /// The column of `statements` that holds the bodies.
    pub(super) const fn body_column(&self) -> &'static str {
        if self.is_drawn() { "sealed" } else { "body" }
    }

    pub(super) const fn is_drawn(&self) -> bool {
        self.keys.is_some()
    }

    /// The first 16 bytes stand for an id, a name, a search term.
    pub(super) fn keyed(&self, plain: &[u8; 16]) -> [u8; 16] {
        match &self.keys {
            None => *plain,
            Some(keys) => {
                let tag = hmac::sign(&keys.find, plain);
                std::array::from_fn(|at| tag.as_ref()[at])
            }
        }
    }

    pub(super) fn term(&self, term: &Term) -> Term {
        self.keyed(term)
    }

    pub(super) fn fingerprint(&self, plain: &[u8; 32]) -> [u8; 32] {
        match &self.keys {
            None => *plain,
            Some(keys) => {
                let tag = hmac::sign(&keys.find, plain);
                std::array::from_fn(|at| tag.as_ref()[at])
            }
        }
    }

    /// The key of a credential's row.
    pub(super) fn username(&self, username: &str) -> String {
        match &self.keys {
            None => username.to_owned(),
            Some(keys) => {
                let tag = hmac::sign(&keys.find, username.as_bytes());
                let first = tag.as_ref().iter().take(16);
                first.map(|byte| format!("{byte:02x}")).collect()
            }
        }
    }

    /// `None` where nothing is sealed.
    pub(super) fn seal(
        &self,
        place: Place<'_>,
        text: &str,
    ) -> Result<Option<Vec<u8>>, RecordsError> {
        let Some(keys) = &self.keys else {
            return Ok(None);
        };
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(RecordsError::Random)?;
        let mut sealed = text.as_bytes().to_vec();
        keys.seal
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.bytes()),
                &mut sealed,
            )
            .map_err(|_| RecordsError::Sealing)?;
        Ok(Some([nonce.as_slice(), &sealed].concat()))
    }

    /// The text in column `at`, which [`Veil::body_column`] named; `None` when it is not what was written.
    pub(super) fn body(
        &self,
        row: &Row<'_>,
        at: usize,
        place: Place<'_>,
    ) -> rusqlite::Result<Option<String>> {
        match (&self.keys, row.get_ref(at)?) {
            (None, _) => row.get(at).map(Some),
            (Some(keys), ValueRef::Blob(sealed)) => Ok(keys.open(place, sealed)),
            (Some(_), _) => Ok(None),
        }
    }

    /// Makes the functions that the tables' own change from plain to sealed is written with.
    pub(super) fn lend_to(&self, db: &Connection) -> rusqlite::Result<()> {
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
        let veil = self.clone();
        db.create_scalar_function("veil_mark", 0, flags, move |_: &Context<'_>| {
            Ok(veil.keys.as_ref().map(|keys| keys.mark.to_vec()))
        })?;
        let veil = self.clone();
        db.create_scalar_function("veil_keyed", 1, flags, move |given| {
            let plain: Option<Vec<u8>> = given.get(0)?;
            Ok(plain.map(|plain| veil.keyed_of_any_length(&plain)))
        })?;
        let veil = self.clone();
        db.create_scalar_function("veil_username", 1, flags, move |given| {
            Ok(veil.username(&given.get::<String>(0)?))
        })?;
        let veil = self.clone();
        db.create_scalar_function("veil_statement", 2, flags, move |given| {
            let place = Place::Statement(given.get(0)?);
            veil.sealed_for_sql(place, &given.get::<String>(1)?)
        })?;
        let veil = self.clone();
        db.create_scalar_function("veil_credential", 1, flags, move |given| {
            let username: String = given.get(0)?;
            veil.sealed_for_sql(Place::LooseCredential(&veil.username(&username)), &username)
        })?;
        let veil = self.clone();
        db.create_scalar_function("veil_bound", 3, flags, move |given| {
            let (row, hash): (String, [u8; 32]) = (given.get(0)?, given.get(1)?);
            let sealed: Option<Vec<u8>> = given.get(2)?;
            veil.bound_for_sql(&row, &hash, sealed)
        })
    }

    /// What does not open stays as it is, for it belongs to nobody.
    fn bound_for_sql(
        &self,
        row: &str,
        hash: &[u8; 32],
        sealed: Option<Vec<u8>>,
    ) -> rusqlite::Result<Option<Vec<u8>>> {
        let name = (self.keys.as_ref().zip(sealed.as_ref()))
            .and_then(|(keys, sealed)| keys.open(Place::LooseCredential(row), sealed));
        match name {
            Some(name) => self.sealed_for_sql(Place::Credential(row, hash), &name),
            None => Ok(sealed),
        }
    }

    fn keyed_of_any_length(&self, plain: &[u8]) -> Vec<u8> {
        if let Ok(plain) = plain.try_into() {
            return self.fingerprint(plain).to_vec();
        }
        match plain.try_into() {
            Ok(plain) => self.keyed(plain).to_vec(),
            Err(_) => plain.to_vec(),
        }
    }

    fn sealed_for_sql(&self, place: Place<'_>, text: &str) -> rusqlite::Result<Option<Vec<u8>>> {
        self.seal(place, text)
            .map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error)))
    }
}

impl Keys {
    fn open(&self, place: Place<'_>, sealed: &[u8]) -> Option<String> {
        let (nonce, text) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut text = text.to_vec();
        let length = self
            .seal
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(place.bytes()),
                &mut text,
            )
            .ok()?
            .len();
        text.truncate(length);
        String::from_utf8(text).ok()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is a test's verdict")]
mod tests {
    use super::*;

    fn veil(byte: u8) -> Veil {
        Veil::of(&RecordsKey::from_bytes([byte; 32])).unwrap()
    }

    fn open(veil: &Veil, place: Place<'_>, sealed: &[u8]) -> Option<String> {
        veil.keys.as_ref().unwrap().open(place, sealed)
    }

    #[test]
    fn a_text_opens_in_its_own_row_with_its_own_key_and_unchanged() {
        let (one, other) = (veil(1), veil(2));
        let at = Place::Statement(7);
        let sealed = one.seal(at, "Amina learned").unwrap().unwrap();
        assert_eq!(open(&one, at, &sealed).as_deref(), Some("Amina learned"));
        assert_eq!(open(&other, at, &sealed), None);
        assert_eq!(open(&one, Place::Statement(8), &sealed), None);
        for bit in 0..sealed.len() * 8 {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&one, at, &flipped), None, "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert_eq!(open(&one, at, &sealed[..length]), None, "{length} bytes");
        }
        assert_ne!(one.seal(at, "Amina learned").unwrap().unwrap(), sealed);
    }

    #[test]
    fn what_finds_a_row_says_nothing_without_the_key() {
        let (one, other) = (veil(1), veil(2));
        let id = [9; 16];
        assert_eq!(one.keyed(&id), one.keyed(&id));
        assert_ne!(one.keyed(&id), other.keyed(&id));
        assert_ne!(one.keyed(&id), id);
        assert_ne!(one.username("quiz"), "quiz");
        assert_eq!(Veil::NONE.keyed(&id), id);
        assert_eq!(Veil::NONE.username("quiz"), "quiz");
    }
}
