//! What the desk remembers: where the keys are that sign every day, and for how long files are current. Never a key itself, and nothing of root.

use super::duty::{Duty, Expiry, Of};
use super::keys::{KeyPlace, Keys};
use super::place::Place;
use super::trouble::Trouble;
use super::{disk, disk::Step};
use ota::publish::SignError;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    #[serde(default)]
    keys: Vec<Remembered>,
    #[serde(default)]
    pub(super) expires_days: Expiry,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Remembered {
    role: Duty,
    key: String,
}

impl Settings {
    /// Those of a desk; usual ones where nothing was ever remembered.
    pub(super) fn read(place: &Place) -> Result<Self, Trouble> {
        let path = place.settings();
        let Some(bytes) = disk::read(&path)? else {
            return Ok(Self::default());
        };
        serde_json::from_slice(&bytes).map_err(|error| {
            Trouble::file(&path)(SignError::NoMetadata(format!("{error}; mend or remove it")))
        })
    }

    /// Where the keys of the roles are that are not root.
    pub(super) fn keys(&self) -> Vec<Of<KeyPlace>> {
        let place = |one: &Remembered| {
            let value = one.key.parse().ok()?;
            Some(Of {
                duty: one.role,
                value,
            })
        };
        self.keys.iter().filter_map(place).collect()
    }

    /// Remembers keys, except root's.
    pub(super) fn remember(&mut self, places: &[Of<KeyPlace>]) {
        for place in places.iter().filter(|place| place.duty != Duty::Root) {
            let one = Remembered {
                role: place.duty,
                key: place.value.absolute().to_string(),
            };
            if !self.keys.contains(&one) {
                self.keys.push(one);
            }
        }
    }

    /// Forgets keys that left: a private key is told from its public half by what they hold, not by their names.
    pub(super) fn forget(&mut self, left: &[Of<KeyPlace>]) {
        let Ok(gone) = Keys::open(left) else {
            return;
        };
        self.keys.retain(|one| {
            let place = one.key.parse().ok().map(|value| Of {
                duty: one.role,
                value,
            });
            let keys = place.and_then(|place| Keys::open([&place]).ok());
            let held = keys.map(|keys| keys.of(one.role)).unwrap_or_default();
            !held.iter().any(|key| gone.of(one.role).contains(key))
        });
    }

    pub(super) fn kept(&self, place: &Place) -> Step {
        Step::Write {
            to: place.settings(),
            // A value of ours has always a form.
            bytes: [
                &serde_json::to_vec_pretty(self).unwrap_or_default()[..],
                b"\n",
            ]
            .concat(),
        }
    }
}
