//! The publisher's half: metadata made and signed. Files and keys are the caller's.
//!
//! | file | holds |
//! |---|---|
//! | `metadata` | the four roles as values to be signed |
//! | `payload` | [`describe`]: a payload's seal, crown, block index and frames |
//! | `frames` | which blocks are compressed together, and how |
//! | `layout` | the files of an image and where they lie |
//! | `patch` | [`patch()`]: from one payload to another |
//! | `read` | [`Signed`]: a file of metadata read back |
//! | `signer` | [`Signer`]: who signs; [`Ed25519`]: with a key in a file |
//!
//! A file of metadata is made unsigned ([`metadata`]), signed by one or by several one after the other ([`sign`]), and stands then for ever: a
//! change is a new version.

mod frames;
mod layout;
pub mod metadata;
mod patch;
mod payload;
mod read;
mod signer;

pub use crate::packs::PackOffer;
pub use frames::Saving;
pub use metadata::{Entry, Holders, Offered, RootDraft};
pub use patch::{Figures, patch, patch_with_figures};
pub use payload::{Described, PublishError, describe, describe_for};
pub use read::{Signature, Signed};
pub use signer::{Ed25519, SignError, Signer, private_pem, public_key};

use crate::trust::{PublicKey, canonical, hex};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The name of a key: SHA-256 of its canonical form (TUF 1.0 §4.2).
#[must_use]
pub fn key_id(key: &PublicKey) -> String {
    use sha2::{Digest as _, Sha256};
    let canonical = canonical::bytes(&key.to_value()).unwrap_or_default();
    hex::of(&Sha256::digest(canonical))
}

/// Signs metadata: what `signed` says, and beside it the signature of each of `signers`.
///
/// # Errors
/// [`SignError`]: of a signer, or for a value that has no canonical form (a number that is no integer).
pub fn sign(signed: Value, signers: &[&dyn Signer]) -> Result<Vec<u8>, SignError> {
    let mut envelope = json!({ "signatures": [], "signed": signed });
    for signer in signers {
        add(&mut envelope, *signer)?;
    }
    Ok(written(&envelope))
}

/// Adds a signature to a file of metadata that others have signed, or nobody yet. A signature of the same key is replaced.
///
/// # Errors
/// As [`sign`]; [`SignError::NoMetadata`] for a file that is none.
pub fn countersign(file: &[u8], signer: &dyn Signer) -> Result<Vec<u8>, SignError> {
    let mut envelope: Value =
        serde_json::from_slice(file).map_err(|error| SignError::NoMetadata(error.to_string()))?;
    add(&mut envelope, signer)?;
    Ok(written(&envelope))
}

fn add(envelope: &mut Value, signer: &dyn Signer) -> Result<(), SignError> {
    let message = canonical::bytes(&envelope["signed"])
        .ok_or_else(|| SignError::NoMetadata("it holds a number that is no integer".to_owned()))?;
    let keyid = key_id(&signer.public_key());
    let sig = hex::of(&signer.sign(&message)?);
    let signatures = envelope["signatures"].as_array_mut();
    let signatures =
        signatures.ok_or_else(|| SignError::NoMetadata("it has no signatures".to_owned()))?;
    signatures.retain(|one| one["keyid"] != keyid.as_str());
    signatures.push(json!({ "keyid": keyid, "sig": sig }));
    Ok(())
}

fn written(envelope: &Value) -> Vec<u8> {
    // Canonical, so that equal metadata are equal files.
    canonical::bytes(envelope).unwrap_or_default()
}

fn keys_by_id<'a>(keys: impl Iterator<Item = &'a PublicKey>) -> BTreeMap<String, Value> {
    keys.map(|key| (key_id(key), key.to_value())).collect()
}
