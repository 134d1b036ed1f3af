//! A receipt: the programme's word, signed, that a bundle has arrived and was opened. Who has a box believes it by the key that stands in the
//! box; who stole a stick can make none.

use super::bundle::{Contents, Head};
use super::key::{KeyError, ProgrammeKey, ProgrammeSecret};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

const FORMAT: &str = "school-box-receipt-1";

/// As JSON in a file of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    format: String,
    /// Of the store.
    pub store: String,
    /// Of the bundle.
    pub number: u64,
    /// In it.
    pub statements: u64,
    /// Of them.
    pub digest: String,
    /// Who signs.
    pub programme: String,
    /// Ed25519 over all the others, base64.
    signature: String,
}

/// Why a receipt is not believed.
#[derive(Debug, thiserror::Error, Clone, PartialEq, Eq)]
pub enum ReceiptError {
    /// Something else.
    #[error("it is no receipt")]
    NoReceipt,
    /// By another programme.
    #[error("the programme {programme} signed it, and this box's is {own}")]
    OtherProgramme {
        /// By whom it says it is.
        programme: String,
        /// Whom the box believes.
        own: String,
    },
    /// Not by whom it says.
    #[error("its signature is not the programme's")]
    Forged,
}

impl Receipt {
    /// Signs that the bundle of `head` with `contents` was opened.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn sign(
        head: &Head,
        contents: &Contents,
        secret: &ProgrammeSecret,
    ) -> Result<Self, KeyError> {
        let mut receipt = Self {
            format: FORMAT.to_owned(),
            store: head.store.clone(),
            number: head.number,
            statements: contents.statements,
            digest: contents.digest.clone(),
            programme: head.programme.clone(),
            signature: String::new(),
        };
        let signature = secret.signer()?.sign(receipt.signed().as_bytes());
        receipt.signature = URL_SAFE_NO_PAD.encode(signature.as_ref());
        Ok(receipt)
    }

    /// Reads one and believes it, if `key` signed it.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn believed(text: &str, key: &ProgrammeKey) -> Result<Self, ReceiptError> {
        let receipt: Self = serde_json::from_str(text).map_err(|_| ReceiptError::NoReceipt)?;
        if receipt.format != FORMAT {
            return Err(ReceiptError::NoReceipt);
        }
        let own = key.id();
        if receipt.programme != own {
            let programme = receipt.programme;
            return Err(ReceiptError::OtherProgramme { programme, own });
        }
        let signature = URL_SAFE_NO_PAD.decode(&receipt.signature);
        let signature = signature.map_err(|_| ReceiptError::Forged)?;
        UnparsedPublicKey::new(&ED25519, key.receipts())
            .verify(receipt.signed().as_bytes(), &signature)
            .map_err(|_| ReceiptError::Forged)?;
        Ok(receipt)
    }

    /// A field a line: none of them can hold a line feed that would make another of it, being quoted.
    fn signed(&self) -> String {
        let Self {
            format,
            store,
            number,
            statements,
            digest,
            programme,
            signature: _,
        } = self;
        format!("{format}\n{store:?}\n{number}\n{statements}\n{digest:?}\n{programme:?}\n")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_believed_as_it_was_signed_and_no_other() {
        let secret = ProgrammeSecret::draw().unwrap();
        let key = secret.public().unwrap();
        let store = "00112233-4455-4677-8899-aabbccddeeff".to_owned();
        let head = Head::new(store, 3, &key);
        let contents = Contents {
            statements: 12,
            digest: "ab".repeat(32),
            previous: None,
        };
        let receipt = Receipt::sign(&head, &contents, &secret).unwrap();
        let text = serde_json::to_string(&receipt).unwrap();
        assert_eq!(Receipt::believed(&text, &key), Ok(receipt));
        for (part, instead) in [
            ("\"number\":3", "\"number\":4"),
            ("\"statements\":12", "\"statements\":13"),
            ("abab", "abac"),
            ("0011", "1100"),
        ] {
            let forged = text.replacen(part, instead, 1);
            assert_ne!(forged, text);
            assert_eq!(Receipt::believed(&forged, &key), Err(ReceiptError::Forged));
        }
        // A thief signs with a key of his own.
        let thief = ProgrammeSecret::draw().unwrap();
        let forged = Receipt::sign(&head, &contents, &thief).unwrap();
        let text = serde_json::to_string(&forged).unwrap();
        assert_eq!(Receipt::believed(&text, &key), Err(ReceiptError::Forged));
        let other = thief.public().unwrap();
        let refused = Receipt::believed(&text, &other).unwrap_err();
        assert!(matches!(refused, ReceiptError::OtherProgramme { .. }));
        for none in ["", "{}", "[]", "null"] {
            assert_eq!(Receipt::believed(none, &key), Err(ReceiptError::NoReceipt));
        }
    }
}
