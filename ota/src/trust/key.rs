//! Public keys and what they vouch for.

use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use spki::SubjectPublicKeyInfoRef;
use spki::der::{Decode as _, Document};

/// A key as metadata lists it. Keys of a type that is not known are carried and vouch for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    keytype: String,
    scheme: String,
    keyval: KeyValue,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KeyValue {
    /// Hexadecimal for ed25519, PEM (SubjectPublicKeyInfo) for the others.
    public: String,
}

impl PublicKey {
    /// Of an ed25519 key in raw bytes.
    #[must_use]
    pub fn ed25519(raw: &[u8; 32]) -> Self {
        Self {
            keytype: "ed25519".to_owned(),
            scheme: "ed25519".to_owned(),
            keyval: KeyValue {
                public: super::hex::of(raw),
            },
        }
    }

    /// As metadata lists it.
    pub(crate) fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Whether `signature` is this key's over `message`. A key that cannot be read vouches for nothing.
    #[must_use]
    pub fn vouches(&self, message: &[u8], signature: &[u8]) -> bool {
        let Some((algorithm, key)) = self.parsed() else {
            return false;
        };
        UnparsedPublicKey::new(algorithm, key)
            .verify(message, signature)
            .is_ok()
    }

    /// Two entries of the same key material are one voice, whatever they are called.
    pub(super) fn is_same_voice(&self, other: &Self) -> bool {
        self.keyval.public.trim() == other.keyval.public.trim()
    }

    fn parsed(&self) -> Option<(&'static dyn VerificationAlgorithm, Vec<u8>)> {
        let algorithm: &'static dyn VerificationAlgorithm =
            match (self.keytype.as_str(), self.scheme.as_str()) {
                ("ed25519", "ed25519") => {
                    return Some((&signature::ED25519, super::hex::parse(&self.keyval.public)?));
                }
                ("ecdsa" | "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256") => {
                    &signature::ECDSA_P256_SHA256_ASN1
                }
                ("ecdsa" | "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384") => {
                    &signature::ECDSA_P384_SHA384_ASN1
                }
                ("rsa", "rsassa-pss-sha256") => &signature::RSA_PSS_2048_8192_SHA256,
                ("rsa", "rsassa-pss-sha384") => &signature::RSA_PSS_2048_8192_SHA384,
                ("rsa", "rsassa-pss-sha512") => &signature::RSA_PSS_2048_8192_SHA512,
                ("rsa", "rsa-pkcs1v15-sha256") => &signature::RSA_PKCS1_2048_8192_SHA256,
                ("rsa", "rsa-pkcs1v15-sha384") => &signature::RSA_PKCS1_2048_8192_SHA384,
                ("rsa", "rsa-pkcs1v15-sha512") => &signature::RSA_PKCS1_2048_8192_SHA512,
                (_, _) => return None,
            };
        Some((algorithm, subject_public_key(&self.keyval.public)?))
    }
}

/// The key inside a PEM of a SubjectPublicKeyInfo: what `ring` takes.
fn subject_public_key(pem: &str) -> Option<Vec<u8>> {
    let (label, document) = Document::from_pem(pem).ok()?;
    if label != "PUBLIC KEY" {
        return None;
    }
    let info = SubjectPublicKeyInfoRef::from_der(document.as_bytes()).ok()?;
    info.subject_public_key.as_bytes().map(<[u8]>::to_vec)
}
