//! How much of a parcel is here and right.

use super::Ask;
use crate::parcel::Parcels;
use sha2::{Digest as _, Sha256};
use std::io;

/// Read at once.
const STEP: usize = 32 * 1024;

/// A parcel as it stands: what is wrong in it is cut off already.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    /// The chunk that is not whole.
    pub(super) chunk: usize,
    /// Bytes of it that are here; nobody knows whether they are right.
    pub(super) within: u64,
    /// The hash of these, to be gone on with.
    pub(super) hash: Sha256,
    /// Bytes of all chunks that are not here.
    pub(super) missing: u64,
}

/// Reads the parcel from its beginning, where it is not known to be right, and cuts it after the last chunk that is right where one is wrong.
pub(super) fn look(parcels: &mut dyn Parcels, parcel: &str, asks: &[Ask]) -> io::Result<Standing> {
    let all: u64 = asks
        .iter()
        .fold(0, |sum: u64, ask| sum.saturating_add(ask.bytes));
    let here = parcels.length(parcel)?;
    let complete = Standing {
        chunk: asks.len(),
        within: 0,
        hash: Sha256::new(),
        missing: 0,
    };
    if here == all && parcels.is_remembered_right(parcel) {
        return Ok(complete);
    }
    let mut at = 0;
    for (chunk, ask) in asks.iter().enumerate() {
        let within = ask.bytes.min(here.saturating_sub(at));
        let hash = hash_of(parcels, parcel, at, within)?;
        let standing = |within, hash| Standing {
            chunk,
            within,
            hash,
            missing: all - at - within,
        };
        if within < ask.bytes {
            return Ok(standing(within, hash));
        }
        if !ask.is(&hash) {
            parcels.truncate(parcel, at)?;
            return Ok(standing(0, Sha256::new()));
        }
        at += ask.bytes;
    }
    if here > at {
        parcels.truncate(parcel, at)?;
    }
    parcels.remember_right(parcel, true);
    Ok(complete)
}

impl Ask {
    /// These are its bytes.
    pub(super) fn is(&self, hash: &Sha256) -> bool {
        let found = hash.clone().finalize();
        found.starts_with(&self.check)
    }
}

fn hash_of(parcels: &mut dyn Parcels, parcel: &str, at: u64, bytes: u64) -> io::Result<Sha256> {
    let mut hash = Sha256::new();
    let mut buffer = [0; STEP];
    let mut done = 0;
    while done < bytes {
        let step = usize::try_from(bytes - done).map_or(STEP, |left| left.min(STEP));
        let step = buffer.get_mut(..step).unwrap_or_default();
        parcels.read(parcel, at + done, step)?;
        hash.update(&*step);
        done += step.len() as u64;
    }
    Ok(hash)
}

/// The first `bytes` of a parcel.
pub(super) fn bytes_of(parcels: &mut dyn Parcels, parcel: &str, bytes: u64) -> io::Result<Vec<u8>> {
    let length = usize::try_from(bytes).map_err(|_| io::ErrorKind::OutOfMemory)?;
    let mut all = vec![0; length];
    parcels.read(parcel, 0, &mut all)?;
    Ok(all)
}
