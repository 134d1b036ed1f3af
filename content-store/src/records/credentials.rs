//! Credentials of outside tools.
//!
//! A password is 26 random letters and digits, 130 bits: nobody guesses it, so its hash needs no salt and no slow
//! function (those protect what people choose), and checking one costs a microsecond and no disk.

use super::authority::Authority;
use super::job::Work;
use super::queue::lock;
use super::veil::Veil;
use super::{Records, RecordsError};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::PoisonError;

/// Crockford's base 32 in lower case: no letter looks like a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const PASSWORD_LETTERS: usize = 26;

/// An outside tool's credential; the password is shown once and only its hash is kept.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct Credential {
    /// For HTTP Basic authentication; follows from the tool's name.
    pub username: String,
    /// 26 letters and digits.
    pub password: String,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

impl Credential {
    /// A new password for the tool called `name`.
    pub(super) fn generate(name: &str) -> Result<Self, RecordsError> {
        let username = username(name).ok_or_else(|| RecordsError::BadName {
            name: name.to_owned(),
        })?;
        let mut random = [0; PASSWORD_LETTERS];
        getrandom::fill(&mut random).map_err(RecordsError::Random)?;
        // 32 divides 256: every letter is as likely as any other.
        let letter = |byte: &u8| char::from(ALPHABET[usize::from(byte % 32)]);
        Ok(Self {
            username,
            password: random.iter().map(letter).collect(),
        })
    }

    pub(super) fn hash(&self) -> [u8; 32] {
        hash(&self.password)
    }
}

impl Records {
    /// Makes (or renews: the old password ends) the credential of the tool called `name`.
    ///
    /// # Errors
    /// [`RecordsError::BadName`] for a name that cannot be one; otherwise as [`store`](Self::store).
    pub fn make_credential(&self, name: &str, now: Timestamp) -> Result<Credential, RecordsError> {
        let credential = Credential::generate(name)?;
        let hash = credential.hash();
        self.wait(|reply| {
            let (username, name) = (credential.username.clone(), name.to_owned());
            self.enqueue(
                now,
                Work::Credential {
                    username,
                    name,
                    hash,
                    reply,
                },
            );
        })?;
        let keyed = lock(&self.0.shared.face)
            .veil
            .username(&credential.username);
        let mut known = self.0.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(credential.username.clone(), &keyed, hash);
        Ok(credential)
    }

    /// Credentials that are damaged, or were changed by somebody without the key: nobody is let in by them.
    #[must_use]
    pub fn unreadable_credentials(&self) -> usize {
        let known = self.0.known.read().unwrap_or_else(PoisonError::into_inner);
        known.unreadable.len()
    }

    /// Who vouches for the statements of this credential; `None` when it is not one. Needs no disk.
    #[must_use]
    pub fn check_credential(&self, username: &str, password: &str) -> Option<Authority> {
        let known = self.0.known.read().unwrap_or_else(PoisonError::into_inner);
        known
            .check(username, password)
            .then(|| Authority::tool(self.store_id(), username))
    }
}

/// A name that is safe in a header as it is stays; any other becomes its safe letters and a piece of its hash, so that
/// two names never share a credential.
fn username(name: &str) -> Option<String> {
    let length = name.chars().count();
    if !(1..=100).contains(&length) || name.contains(|c: char| c.is_control() || c == ':') {
        return None;
    }
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.chars().all(safe) && length <= 64 {
        return Some(name.to_owned());
    }
    let kept: String = name
        .chars()
        .map(|c| if safe(c) { c } else { '-' })
        .take(40)
        .collect();
    let digest = hash(name);
    let piece: String = digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Some(format!("{}~{piece}", kept.trim_matches('-')))
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// The hashes of all passwords, by user name: a box has a handful.
#[derive(Default)]
pub(super) struct Known {
    hashes: HashMap<String, [u8; 32]>,
    /// Rows whose name does not open beside their hash, by their keyed names: damaged, or changed by somebody without the key.
    unreadable: HashSet<String>,
}

impl Known {
    /// One whose name does not open any more is not among them: its tool asks for another.
    pub(super) fn load(db: &rusqlite::Connection, veil: &Veil) -> rusqlite::Result<Self> {
        let name = if veil.is_drawn() {
            "sealed"
        } else {
            "username"
        };
        let sql = format!("SELECT username, {name}, password_hash FROM credentials");
        let mut rows = db.prepare(&sql)?;
        let mut rows = rows.query(())?;
        let mut known = Self::default();
        while let Some(row) = rows.next()? {
            let (keyed, hash): (String, Vec<u8>) = (row.get(0)?, row.get(2)?);
            let name = match hash.first_chunk::<32>() {
                Some(hash) => (veil.body(row, 1, veil.credential(&keyed, hash))?).zip(Some(*hash)),
                None => None,
            };
            match name {
                Some((name, hash)) => {
                    known.hashes.insert(name, hash);
                }
                None => {
                    known.unreadable.insert(keyed);
                }
            }
        }
        if !known.unreadable.is_empty() {
            let count = known.unreadable.len();
            tracing::error!(count, "records.credentials_unreadable");
        }
        Ok(known)
    }

    /// A credential that was made or renewed, and the keyed name of its row.
    fn insert(&mut self, username: String, keyed: &str, hash: [u8; 32]) {
        self.unreadable.remove(keyed);
        self.hashes.insert(username, hash);
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes as long for a wrong user name as for a wrong password.
    pub(super) fn check(&self, username: &str, password: &str) -> bool {
        let given = hash(password);
        let kept = self.hashes.get(username);
        let difference = given
            .iter()
            .zip(kept.unwrap_or(&[0; 32]))
            .fold(0, |all, (a, b)| all | (a ^ b));
        std::hint::black_box(difference) == 0 && kept.is_some()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is a test's verdict")]
mod tests {
    use super::*;

    #[test]
    fn names_never_share_a_username() {
        assert_eq!(username("tablet-app").unwrap(), "tablet-app");
        let (a, b) = (
            username("tablet app").unwrap(),
            username("tablet/app").unwrap(),
        );
        assert_ne!(a, b);
        assert!(a.starts_with("tablet-app~"), "{a}");
        assert!(username("مدرسة").unwrap().starts_with('~'));
        for bad in ["", "a:b", "a\nb", &"x".repeat(101)] {
            assert_eq!(username(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_password_is_checked_and_never_printed() {
        let credential = Credential::generate("tool").unwrap();
        assert_eq!(credential.password.len(), PASSWORD_LETTERS);
        let mut known = Known::default();
        known.insert(credential.username.clone(), "", credential.hash());
        assert!(known.check("tool", &credential.password));
        assert!(!known.check("tool", "wrong"));
        assert!(!known.check("other", &credential.password));
        assert!(!format!("{credential:?}").contains(&credential.password));
    }
}
