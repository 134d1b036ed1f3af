//! How often one place of the program may speak: a burst, then a line every ten seconds; what was held back is counted and told. It holds for the
//! ring, the journal and the terminal alike. Pure but for the lock around it.

use super::bucket::Bucket;
use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

/// Lines at once.
pub const BURST: u32 = 30;
/// Then one in this time.
pub const THEN_EVERY: Duration = Duration::from_secs(10);

/// What one place has said.
#[derive(Debug)]
struct Place {
    name: String,
    bucket: Bucket,
    held_back: u64,
}

/// All places that ever spoke: as many as the program has.
#[derive(Debug)]
pub struct Limit<K> {
    places: HashMap<K, Place>,
}

impl<K> Default for Limit<K> {
    fn default() -> Self {
        Self {
            places: HashMap::new(),
        }
    }
}

impl<K: Eq + Hash> Limit<K> {
    /// Whether the place may say `name` at `now`.
    pub fn admits(&mut self, place: K, name: &str, now: Duration) -> bool {
        let place = self.places.entry(place).or_insert_with(|| Place {
            name: name.to_owned(),
            bucket: Bucket::new(BURST, THEN_EVERY),
            held_back: 0,
        });
        let admitted = place.bucket.take(1, now);
        if !admitted {
            place.held_back += 1;
        }
        admitted
    }

    /// How many more like each were held back since this was asked last.
    pub fn held_back(&mut self) -> Vec<(String, u64)> {
        let told = self.places.values_mut().filter(|place| place.held_back > 0);
        told.map(|place| (place.name.clone(), std::mem::take(&mut place.held_back)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_storms_silences_itself_alone_and_is_counted() {
        let mut limit = Limit::default();
        let at = Duration::from_millis;
        let said = (0..342).filter(|n| limit.admits("gauge", "power.gauge_failed", at(*n)));
        assert_eq!(said.count(), 30);
        assert!(limit.admits("radio", "air.halted", at(342)));
        assert_eq!(limit.held_back(), [("power.gauge_failed".to_owned(), 312)]);
        assert_eq!(limit.held_back(), []);
        assert!(limit.admits("gauge", "power.gauge_failed", at(10_400)));
        assert!(!limit.admits("gauge", "power.gauge_failed", at(10_401)));
    }
}
