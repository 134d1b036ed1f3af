//! What a patch from one payload to another costs, and what applying it takes.
//!
//! ```text
//! patch_figures BASE PAYLOAD               make it, apply it, compare; figures
//! patch_figures make BASE PAYLOAD PATCH
//! patch_figures apply BASE PATCH OUT       OUT may be /dev/null; what is made is hashed
//! ```

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "an example on a desk: it has files and a clock"
)]

use ota::delta::{DeltaError, ReadAt, apply_patch};
use ota::publish::{Figures, patch_with_figures};
use sha2::{Digest as _, Sha256};
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::time::Instant;

type Outcome<T> = Result<T, Box<dyn Error>>;

struct Stored(File);

impl ReadAt for Stored {
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.0.read_exact_at(into, at)
    }
}

fn make(base: &str, payload: &str, patch: &str) -> Outcome<Figures> {
    let (base, payload) = (fs::read(base)?, fs::read(payload)?);
    let started = Instant::now();
    let (bytes, figures) = patch_with_figures(&base, &payload, &mut |_| {})?;
    println!("made in {:.1} s", started.elapsed().as_secs_f32());
    fs::write(patch, bytes)?;
    Ok(figures)
}

fn apply(base: &str, patch: &str, out: &str) -> Outcome<String> {
    let length = fs::metadata(patch)?.len();
    let (mut base, mut patch) = (Stored(File::open(base)?), Stored(File::open(patch)?));
    let mut out = File::create(out)?;
    let mut hash = Sha256::new();
    apply_patch(length, &mut patch, &mut base, &mut |piece| {
        hash.update(piece);
        out.write_all(piece).map_err(DeltaError::Write)
    })?;
    let digits = hash.finalize();
    Ok(digits.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn peak() -> Outcome<String> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    Ok(line.unwrap_or("VmHWM: unknown").to_owned())
}

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["make", base, payload, patch] => println!("{:#?}", make(base, payload, patch)?),
        ["apply", base, patch, out] => {
            println!("{}", apply(base, patch, out)?);
            println!("{}", peak()?);
        }
        [base, payload] => {
            let patch = std::env::temp_dir().join(format!("patch-figures-{}", std::process::id()));
            let patch = patch
                .to_str()
                .ok_or("the folder for files has a strange name")?;
            println!("{:#?}", make(base, payload, patch)?);
            println!("patch {} bytes", fs::metadata(patch)?.len());
            let started = Instant::now();
            let made = apply(base, patch, "/dev/null")?;
            println!("applied in {:.2} s", started.elapsed().as_secs_f32());
            let wanted = Sha256::digest(fs::read(payload)?);
            let wanted: String = wanted.iter().map(|byte| format!("{byte:02x}")).collect();
            println!("{}", if made == wanted { "equal" } else { "NOT EQUAL" });
            fs::remove_file(patch)?;
        }
        _ => {
            return Err(
                "usage: patch_figures [make] BASE PAYLOAD [PATCH] | apply BASE PATCH OUT".into(),
            );
        }
    }
    Ok(())
}
