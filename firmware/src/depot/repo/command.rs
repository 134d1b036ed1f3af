//! A key behind a command: a token, a safe on another machine, a person with a pass phrase.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ota::publish::{SignError, Signer};
use ota::trust::PublicKey;
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::thread;

/// Bytes of a signature.
const SIGNATURE: usize = 64;
/// No answer is longer, bytes: hexadecimal digits and a line's end.
const ANSWER: u64 = 256;

/// The command gets the bytes to sign on its standard input and gives the signature on its standard output: 64 bytes, or these in hexadecimal or
/// base64. What it says on standard error, a question for a PIN, is the person's to see.
pub(super) struct Outside {
    public: PublicKey,
    line: String,
}

impl Outside {
    pub(super) fn new(public: PublicKey, line: &str) -> Self {
        Self {
            public,
            line: line.to_owned(),
        }
    }

    fn failed(&self, why: impl ToString) -> SignError {
        SignError::Signer(format!("{}: {}", self.line, why.to_string()))
    }

    fn answer(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let mut child = shell(&self.line)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| self.failed(error))?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let mut answer = Vec::new();
        let read = thread::scope(|scope| {
            // It may answer before it has read all, or read nothing: whether that was well its exit and its signature tell.
            scope.spawn(move || input.map(|mut input| input.write_all(message)));
            let read = output.map_or(Ok(0), |output| {
                output.take(ANSWER + 1).read_to_end(&mut answer)
            });
            if read.is_err() || answer.len() as u64 > ANSWER {
                // One that answers without end would be waited for without end.
                let _ = child.kill();
            }
            read
        });
        let ended = child.wait().map_err(|error| self.failed(error))?;
        read.map_err(|error| self.failed(error))?;
        if answer.len() as u64 > ANSWER {
            return Err(self.failed("it answered more than a signature"));
        }
        if ended.success() {
            Ok(answer)
        } else {
            Err(self.failed(format!("it ended with {ended}")))
        }
    }
}

impl Signer for Outside {
    fn public_key(&self) -> PublicKey {
        self.public.clone()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let answer = self.answer(message)?;
        let signature = signature(&answer).ok_or_else(|| {
            self.failed(
                "it answered no signature: 64 bytes are wanted, or these in hexadecimal or base64",
            )
        })?;
        if self.public.vouches(message, &signature) {
            Ok(signature)
        } else {
            Err(self.failed("its signature is not that of the public key given with it"))
        }
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "the person at the desk named this program; nothing of a box runs here"
)]
fn shell(line: &str) -> Command {
    let (shell, flag) = if cfg!(windows) {
        ("cmd", "/C")
    } else {
        ("sh", "-c")
    };
    let mut command = Command::new(shell);
    command.arg(flag).arg(line);
    command
}

fn signature(answer: &[u8]) -> Option<Vec<u8>> {
    if answer.len() == SIGNATURE {
        return Some(answer.to_vec());
    }
    let text = std::str::from_utf8(answer).ok()?.trim();
    let bytes = if text.len() == 2 * SIGNATURE {
        super::digest::from_hex(text)
    } else {
        STANDARD.decode(text).ok()
    };
    bytes.filter(|bytes| bytes.len() == SIGNATURE)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use ota::publish::Ed25519;

    #[test]
    fn a_signature_is_read_in_each_spelling() {
        let raw: Vec<u8> = (0..64).collect();
        let hex = crate::hex::hex(&raw);
        let spellings = [
            raw.clone(),
            format!("{hex}\n").into_bytes(),
            hex.to_uppercase().into_bytes(),
            format!("{}\n", STANDARD.encode(&raw)).into_bytes(),
        ];
        for spelling in spellings {
            assert_eq!(signature(&spelling), Some(raw.clone()));
        }
        for bad in [&b""[..], b"words", &raw[1..], &[0xff; 88]] {
            assert_eq!(signature(bad), None);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_command_that_fails_or_answers_wrongly_is_told_in_a_line() {
        let key = Ed25519::generate().unwrap().0;
        let message = vec![7; 1 << 20];
        let error = |line: &str| {
            let outside = Outside::new(key.public_key(), line);
            outside.sign(&message).unwrap_err().to_string()
        };
        let cases = [
            ("exit 3", "ended with exit status: 3"),
            ("true", "no signature"),
            ("cat", "more than a signature"),
            ("cat /dev/zero", "more than a signature"),
            ("head -c 64 /dev/zero", "not that of the public key"),
            ("/nowhere/sign 2>/dev/null", "exit status: 127"),
        ];
        for (line, says) in cases {
            let told = error(line);
            assert!(told.contains(says) && told.contains(line), "{line}: {told}");
        }
        // The control: a right one is taken.
        let good = crate::hex::hex(&key.sign(&message).unwrap());
        let outside = Outside::new(key.public_key(), &format!("cat >/dev/null; echo {good}"));
        assert!(outside.sign(&message).is_ok());
    }
}
