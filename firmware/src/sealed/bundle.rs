//! A bundle: statements sealed to one programme.
//!
//! ```text
//! {"format":…,"store":…,"number":…,"programme":…}⏎     open to read: no name, no school
//! 32 bytes                                             what the key was agreed on with (HPKE, RFC 9180)
//! pieces: kind (1 byte), length (4, highest first), sealed bytes
//!     kind 0   up to 64 KiB of statements, each ended by a line feed
//!     kind 1   the last: {"statements":…,"digest":…,"previous":…}
//! ```
//!
//! DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305, base mode; the first line is bound as `info`, a piece's kind as its associated
//! data, its place by the sequence of HPKE. So nothing can be left out, put elsewhere, or added. `digest` is SHA-256 over all statements with
//! their line feeds, `previous` that of the bundle before.

use super::key::{ProgrammeKey, ProgrammeSecret};
use crate::hex::hex;
use hpke::aead::{AeadCtxS, ChaCha20Poly1305};
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{
    Deserializable as _, Kem, OpModeR, OpModeS, Serializable as _, setup_receiver, setup_sender,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::io::{self, BufRead, Read, Write};

/// Bytes of statements in one piece at most.
const PIECE: usize = 64 * 1024;
const TAG: usize = 16;
const AGREED: usize = 32;
/// No first line is longer, bytes.
const LONGEST_HEAD: u64 = 1024;
const FORMAT: &str = "school-box-records-1";
const STATEMENTS: u8 = 0;
const LAST: u8 = 1;

type Sender = AeadCtxS<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    format: String,
    /// Of the store: a random UUID, another after everyone was forgotten.
    pub store: String,
    /// From 1.
    pub number: u64,
    /// [`ProgrammeKey::id`].
    pub programme: String,
}

impl Head {
    /// Of bundle `number` of `store`, for `key`.
    #[must_use]
    pub fn new(store: String, number: u64, key: &ProgrammeKey) -> Self {
        Self {
            format: FORMAT.to_owned(),
            store,
            number,
            programme: key.id(),
        }
    }

    fn line(&self) -> io::Result<Vec<u8>> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        Ok(line)
    }
}

/// The last piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// How many.
    pub statements: u64,
    /// Of them, in hexadecimal.
    pub digest: String,
    /// Of the bundle before; `None` for the first.
    pub previous: Option<String>,
}

/// Why a bundle does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Something else.
    #[error("it is no bundle of records")]
    NoBundle,
    /// For another key.
    #[error("it is sealed for the programme {programme}, and this is the key of {own}")]
    OtherProgramme {
        /// For whom.
        programme: String,
        /// Whose the key is.
        own: String,
    },
    /// Not as it was sealed.
    #[error("it is damaged or cut short")]
    Damaged,
    /// It cannot be read, or what is in it cannot be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Seals one bundle as its statements come; memory is bounded by a piece.
pub struct Sealer<W> {
    out: W,
    context: Sender,
    piece: Vec<u8>,
    digest: Sha256,
    statements: u64,
}

impl<W: Write> Sealer<W> {
    /// Begins.
    ///
    /// # Errors
    /// What `out` fails with, or a key that nothing can be sealed to.
    pub fn begin(mut out: W, head: &Head, to: &ProgrammeKey) -> io::Result<Self> {
        let line = head.line()?;
        let recipient = to.recipient().map_err(io::Error::other)?;
        let (agreed, context) = setup_sender::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &recipient,
            &line,
        )
        .map_err(refused)?;
        out.write_all(&line)?;
        out.write_all(&agreed.to_bytes())?;
        Ok(Self {
            out,
            context,
            piece: Vec::with_capacity(PIECE),
            digest: Sha256::new(),
            statements: 0,
        })
    }

    /// One statement: JSON on one line.
    ///
    /// # Errors
    /// What the output fails with.
    pub fn statement(&mut self, json: &str) -> io::Result<()> {
        self.statements += 1;
        for part in [json.as_bytes(), b"\n"] {
            self.digest.update(part);
            let mut rest = part;
            while !rest.is_empty() {
                let room = PIECE - self.piece.len();
                let (now, later) = rest.split_at(room.min(rest.len()));
                self.piece.extend_from_slice(now);
                rest = later;
                if self.piece.len() == PIECE {
                    self.close_piece()?;
                }
            }
        }
        Ok(())
    }

    /// Ends; `previous` is the digest of the bundle before.
    ///
    /// # Errors
    /// What the output fails with.
    pub fn finish(mut self, previous: Option<String>) -> io::Result<(W, Contents)> {
        if !self.piece.is_empty() {
            self.close_piece()?;
        }
        let contents = Contents {
            statements: self.statements,
            digest: hex(&self.digest.clone().finalize()),
            previous,
        };
        let last = serde_json::to_vec(&contents)?;
        self.put(LAST, &last)?;
        Ok((self.out, contents))
    }

    fn close_piece(&mut self) -> io::Result<()> {
        let mut piece = std::mem::take(&mut self.piece);
        self.put(STATEMENTS, &piece)?;
        piece.clear();
        self.piece = piece;
        Ok(())
    }

    fn put(&mut self, kind: u8, piece: &[u8]) -> io::Result<()> {
        let sealed = self.context.seal(piece, &[kind]).map_err(refused)?;
        let length = u32::try_from(sealed.len()).map_err(io::Error::other)?;
        self.out.write_all(&[kind])?;
        self.out.write_all(&length.to_be_bytes())?;
        self.out.write_all(&sealed)
    }
}

/// How long a bundle gets with so many bytes of statements.
///
/// # Errors
/// None that happens: what cannot be written as JSON.
pub fn length(head: &Head, contents: &Contents, bytes: u64) -> io::Result<u64> {
    let pieces = bytes.div_ceil(PIECE as u64) + 1;
    let fixed = head.line()?.len() + AGREED + serde_json::to_vec(contents)?.len();
    Ok(fixed as u64 + bytes + pieces * (1 + 4 + TAG) as u64)
}

/// Opens a bundle; `take` gets the statements piece by piece, before it is known that the bundle is whole: what it did with them is to be
/// believed only when this returns.
///
/// # Errors
/// [`OpenError`].
pub fn open(
    input: &mut impl BufRead,
    secret: &ProgrammeSecret,
    take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> Result<(Head, Contents), OpenError> {
    let (line, head) = read_head(input)?;
    let own = secret.public().map_err(io::Error::other)?.id();
    if head.programme != own {
        let programme = head.programme;
        return Err(OpenError::OtherProgramme { programme, own });
    }
    let mut agreed = [0; AGREED];
    exactly(input, &mut agreed)?;
    let agreed = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&agreed)
        .map_err(|_| OpenError::Damaged)?;
    let mut context = setup_receiver::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &secret.opener(),
        &agreed,
        &line,
    )
    .map_err(|_| OpenError::Damaged)?;
    let (mut digest, mut statements) = (Sha256::new(), 0);
    loop {
        let (kind, sealed) = read_piece(input)?;
        let piece = context
            .open(&sealed, &[kind])
            .map_err(|_| OpenError::Damaged)?;
        if kind == LAST {
            let contents: Contents =
                serde_json::from_slice(&piece).map_err(|_| OpenError::Damaged)?;
            let whole = contents.digest == hex(&digest.finalize())
                && contents.statements == statements
                && input.fill_buf()?.is_empty();
            return if whole {
                Ok((head, contents))
            } else {
                Err(OpenError::Damaged)
            };
        }
        digest.update(&piece);
        statements += piece.iter().filter(|byte| **byte == b'\n').count() as u64;
        take(&piece)?;
    }
}

/// The first line of a bundle.
///
/// # Errors
/// [`OpenError::NoBundle`], or what `input` fails with.
pub fn head(input: &mut impl BufRead) -> Result<Head, OpenError> {
    read_head(input).map(|(_, head)| head)
}

fn read_head(input: &mut impl BufRead) -> Result<(Vec<u8>, Head), OpenError> {
    let mut line = Vec::new();
    Read::take(&mut *input, LONGEST_HEAD).read_until(b'\n', &mut line)?;
    let head = line
        .ends_with(b"\n")
        .then(|| serde_json::from_slice::<Head>(&line).ok())
        .flatten()
        .filter(|head| head.format == FORMAT && super::is_store(&head.store));
    head.map(|head| (line, head)).ok_or(OpenError::NoBundle)
}

fn read_piece(input: &mut impl BufRead) -> Result<(u8, Vec<u8>), OpenError> {
    let mut begin = [0; 5];
    exactly(input, &mut begin)?;
    let [kind, length @ ..] = begin;
    let length = u32::from_be_bytes(length) as usize;
    if kind > LAST || !(TAG..=PIECE + TAG).contains(&length) {
        return Err(OpenError::Damaged);
    }
    let mut sealed = vec![0; length];
    exactly(input, &mut sealed)?;
    Ok((kind, sealed))
}

fn exactly(input: &mut impl BufRead, bytes: &mut [u8]) -> Result<(), OpenError> {
    input.read_exact(bytes).map_err(|error| {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return OpenError::Damaged;
        }
        OpenError::Io(error)
    })
}

fn refused(error: hpke::HpkeError) -> io::Error {
    io::Error::other(format!("it cannot be sealed: {error}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const STORE: &str = "00112233-4455-4677-8899-aabbccddeeff";

    fn sealed(statements: &[String], secret: &ProgrammeSecret) -> (Vec<u8>, Contents) {
        let key = secret.public().unwrap();
        let head = Head::new(STORE.to_owned(), 7, &key);
        let mut sealer = Sealer::begin(Vec::new(), &head, &key).unwrap();
        for json in statements {
            sealer.statement(json).unwrap();
        }
        let (bytes, contents) = sealer.finish(Some(hex(&[1; 32]))).unwrap();
        let plain: usize = statements.iter().map(|json| json.len() + 1).sum();
        let expected = length(&head, &contents, plain as u64).unwrap();
        assert_eq!(bytes.len() as u64, expected);
        (bytes, contents)
    }

    fn opened(bytes: &[u8], secret: &ProgrammeSecret) -> Result<(Vec<u8>, Contents), OpenError> {
        let mut plain = Vec::new();
        let (head, contents) = open(&mut &*bytes, secret, &mut |piece| {
            plain.extend_from_slice(piece);
            Ok(())
        })?;
        assert_eq!((head.store.as_str(), head.number), (STORE, 7));
        Ok((plain, contents))
    }

    fn statements(count: usize, length: usize) -> Vec<String> {
        let one = |number| format!("{{\"n\":{number},\"x\":\"{}\"}}", "Amihan".repeat(length));
        (0..count).map(one).collect()
    }

    #[test]
    fn what_was_sealed_is_opened_whatever_its_size() {
        let secret = ProgrammeSecret::draw().unwrap();
        for (count, length) in [(0, 0), (1, 1), (3, 40_000), (2_000, 20), (64, 170)] {
            let statements = statements(count, length);
            let (bytes, contents) = sealed(&statements, &secret);
            let (plain, told) = opened(&bytes, &secret).unwrap();
            assert_eq!(told, contents);
            assert_eq!(contents.statements, count as u64);
            let lines: String = statements.iter().map(|json| format!("{json}\n")).collect();
            assert!(plain == lines.as_bytes());
            assert!(!bytes.windows(6).any(|window| window == b"Amihan"));
        }
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_found() {
        let secret = ProgrammeSecret::draw().unwrap();
        let (bytes, _) = sealed(&statements(3, 5), &secret);
        for place in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[place] ^= 1 << (place % 8);
            assert!(opened(&flipped, &secret).is_err(), "byte {place}");
            assert!(opened(&bytes[..place], &secret).is_err(), "cut at {place}");
        }
        let more = [bytes.as_slice(), b"x"].concat();
        assert!(matches!(opened(&more, &secret), Err(OpenError::Damaged)));
    }

    #[test]
    fn pieces_do_not_change_places_and_none_is_left_out() {
        let secret = ProgrammeSecret::draw().unwrap();
        let (bytes, _) = sealed(&statements(40, 1_000), &secret);
        let head = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1 + AGREED;
        let piece = 5 + PIECE + TAG;
        let (one, two) = (head..head + piece, head + piece..head + 2 * piece);
        let swapped = [
            &bytes[..head],
            &bytes[two.clone()],
            &bytes[one.clone()],
            &bytes[two.end..],
        ]
        .concat();
        let without = [&bytes[..head], &bytes[two.start..]].concat();
        for changed in [swapped, without] {
            assert!(matches!(opened(&changed, &secret), Err(OpenError::Damaged)));
        }
    }

    #[test]
    fn another_key_and_another_file_are_told() {
        let (secret, other) = (ProgrammeSecret::draw().unwrap(), ProgrammeSecret::demo());
        let (bytes, _) = sealed(&statements(1, 1), &secret);
        let refused = opened(&bytes, &other).unwrap_err();
        assert!(matches!(refused, OpenError::OtherProgramme { .. }));
        for none in [
            b"".as_slice(),
            b"PK\x03\x04",
            b"{\"format\":\"x\"}\n",
            &[0; 4096],
        ] {
            assert!(matches!(opened(none, &secret), Err(OpenError::NoBundle)));
        }
    }
}
