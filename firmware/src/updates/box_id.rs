//! The box's random number: staged roll-outs go by its hash, and so do the moments at which the box asks. It never leaves the box.

use super::FileError;
use super::folder::{self, Folder};
use crate::hex::hex;
use content_store::disk;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::Read;
use std::time::Duration;

const DIGITS: usize = 32;

/// The number of the box with this folder; drawn and kept at the first call.
///
/// # Errors
/// The disk: a number that is not kept would be another one each time.
pub(super) fn of(folder: &Folder) -> Result<String, FileError> {
    let path = folder.box_id();
    let known = folder::read(&path, 128).ok().flatten();
    let known = known.and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(id) = known.map(|text| text.trim().to_owned())
        && id.len() == DIGITS
        && id
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    {
        return Ok(id);
    }
    let mut drawn = [0; DIGITS / 2];
    let id = File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut drawn))
        .map(|()| hex(&drawn))
        .and_then(|id| disk::write_aside(&path, format!("{id}\n").as_bytes()).map(|()| id));
    id.map_err(|error| FileError::new("write", &path, error))
}

/// `every`, up to a tenth more or less by the box's number: a publisher's server does not hear all boxes at once.
#[must_use]
pub fn jitter(every: Duration, box_id: &str) -> Duration {
    let hash = Sha256::digest(box_id.as_bytes());
    let share = u32::from(u16::from_be_bytes([hash[0], hash[1]]));
    // 0.9 to 1.1 in steps of 0.2 / 65536.
    every / 10 * 9 + every / 5 * share / 65_536
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_drawn_once_and_again_where_it_is_garbled() {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::in_data(data.path());
        folder.make().unwrap();
        let first = of(&folder).unwrap();
        assert_eq!((first.len(), of(&folder).unwrap()), (32, first.clone()));
        std::fs::write(folder.box_id(), "x").unwrap();
        assert_ne!(of(&folder).unwrap(), first);
        let nowhere = Folder::in_data(&data.path().join("none"));
        assert!(of(&nowhere).unwrap_err().to_string().contains("box-id"));
    }

    #[test]
    fn boxes_ask_at_moments_of_their_own() {
        let six = Duration::from_secs(6 * 3600);
        let (mut least, mut most) = (six, six);
        for number in 0..200 {
            let every = jitter(six, &format!("{number:032x}"));
            (least, most) = (least.min(every), most.max(every));
        }
        assert!(
            least >= six / 10 * 9 && most <= six / 10 * 11,
            "{least:?} {most:?}"
        );
        assert!(most - least > six / 10, "they are spread");
    }
}
