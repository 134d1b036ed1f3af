//! The cache of unpacked clusters, one for all packs, bounded in bytes.

use crate::formats::zim::ZimError;
use crate::formats::zim::archive::Archive;
use crate::formats::zim::cluster::{HELD_MAX, Offsets};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Unpackings that run at once; each may take a decoder's window of memory.
const GATES: usize = 2;

/// An unpacked cluster, perhaps only its beginning.
#[derive(Debug)]
pub(crate) struct Cluster {
    bytes: Box<[u8]>,
    offsets: Offsets,
}

impl Cluster {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The blob's place in `bytes`; `None` when it was not unpacked that far.
    fn blob(&self, blob: u32) -> Result<Option<Range<usize>>, ZimError> {
        let range = self.offsets.blob(blob)?;
        let (Ok(start), Ok(end)) = (usize::try_from(range.start), usize::try_from(range.end))
        else {
            return Ok(None);
        };
        Ok((end <= self.bytes.len()).then_some(start..end))
    }
}

/// A blob: its cluster and its place in it.
pub(crate) type Fetched = (Arc<Cluster>, Range<usize>);

type Key = (u64, u32);

#[derive(Debug, Default)]
struct Shelf {
    clusters: HashMap<Key, (Arc<Cluster>, u64)>,
    bytes: usize,
    /// Counts uses; the smallest count is the longest unused.
    tick: u64,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Clusters {
    capacity: usize,
    shelf: Mutex<Shelf>,
    gates: [Mutex<()>; GATES],
    serial: AtomicU64,
}

impl Clusters {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            shelf: Mutex::default(),
            gates: Default::default(),
            serial: AtomicU64::new(0),
        }
    }

    /// A number for an archive, never given twice.
    pub(crate) fn next_serial(&self) -> u64 {
        self.serial.fetch_add(1, Ordering::Relaxed)
    }

    /// Finds a blob, unpacking its cluster when it is not held.
    ///
    /// The first visitor of a cluster unpacks as far as its own blob; the next one who needs more unpacks all.
    pub(crate) fn fetch(
        &self,
        serial: u64,
        archive: &Archive,
        (cluster, blob): (u32, u32),
    ) -> Result<Fetched, ZimError> {
        let key = (serial, cluster);
        if let Some(found) = self.held(key, blob)? {
            return Ok(found);
        }
        // Visitors of the same cluster wait for the one who unpacks it.
        let gate = &self.gates[cluster as usize % GATES];
        let _unpacking = gate.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = self.held(key, blob)? {
            return Ok(found);
        }
        let mut stream = archive.cluster(cluster)?.stream()?;
        let range = stream.offsets.blob(blob)?;
        let total = stream.offsets.total()?;
        if total > HELD_MAX {
            // The import has unpacked such content: nothing leads here.
            return Err(ZimError::broken(format!(
                "cluster {cluster} is too large to be held"
            )));
        }
        let wanted = if self.knows(key) { total } else { range.end };
        let mut bytes = Vec::with_capacity(usize::try_from(wanted).unwrap_or(0));
        bytes.extend_from_slice(stream.table());
        stream.append(wanted - stream.position(), &mut bytes)?;
        let unpacked = Arc::new(Cluster {
            bytes: bytes.into_boxed_slice(),
            offsets: stream.offsets,
        });
        self.keep(key, &unpacked);
        match unpacked.blob(blob)? {
            Some(range) => Ok((unpacked, range)),
            None => Err(ZimError::broken(format!("cluster {cluster} is cut short"))),
        }
    }

    fn held(&self, key: Key, blob: u32) -> Result<Option<Fetched>, ZimError> {
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.tick += 1;
        let tick = shelf.tick;
        let Some((cluster, used)) = shelf.clusters.get_mut(&key) else {
            return Ok(None);
        };
        *used = tick;
        Ok(cluster
            .blob(blob)?
            .map(|range| (Arc::clone(cluster), range)))
    }

    fn knows(&self, key: Key) -> bool {
        self.shelf
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clusters
            .contains_key(&key)
    }

    fn keep(&self, key: Key, cluster: &Arc<Cluster>) {
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.tick += 1;
        let tick = shelf.tick;
        shelf.bytes += cluster.bytes.len();
        if let Some((old, _)) = shelf.clusters.insert(key, (Arc::clone(cluster), tick)) {
            shelf.bytes -= old.bytes.len();
        }
        while shelf.bytes > self.capacity && shelf.clusters.len() > 1 {
            let oldest = shelf
                .clusters
                .iter()
                .min_by_key(|(_, (_, used))| *used)
                .map(|(&key, _)| key);
            let Some(oldest) = oldest else { break };
            if let Some((gone, _)) = shelf.clusters.remove(&oldest) {
                shelf.bytes -= gone.bytes.len();
            }
        }
    }

    /// Drops what is held of a replaced or removed archive.
    pub(crate) fn forget(&self, serial: u64) {
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let mut freed = 0;
        shelf.clusters.retain(|key, (cluster, _)| {
            let keep = key.0 != serial;
            if !keep {
                freed += cluster.bytes.len();
            }
            keep
        });
        shelf.bytes -= freed;
    }
}
