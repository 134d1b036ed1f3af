//! What readers see: the current snapshot of open packs, swapped whole by the writer.

use super::catalogue::Installed;
use super::clusters::Clusters;
use super::error::LibraryError;
use super::layout::Layout;
use super::model::{PackId, PackSummary};
use super::pack::Pack;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Unpacked clusters held for all packs together, bytes.
const CLUSTER_CACHE: usize = 8 << 20;

/// The library at one moment.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    /// Packs that can be served, by title.
    pub(crate) summaries: Arc<[PackSummary]>,
    pub(crate) packs: BTreeMap<PackId, Arc<Pack>>,
    /// Every line of the catalogue, those that cannot be opened too.
    pub(crate) installed: Vec<Installed>,
}

/// Shared by every handle and the writer.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) layout: Layout,
    clusters: Arc<Clusters>,
    current: RwLock<Arc<Snapshot>>,
    /// Steps until the simulated power cut; 0 is never.
    #[cfg(test)]
    pub(crate) cut_after: std::sync::atomic::AtomicU64,
    #[cfg(test)]
    pub(crate) commit_early: std::sync::atomic::AtomicBool,
}

impl Shared {
    pub(crate) fn new(layout: Layout) -> Self {
        Self {
            layout,
            clusters: Arc::new(Clusters::new(CLUSTER_CACHE)),
            current: RwLock::default(),
            #[cfg(test)]
            cut_after: std::sync::atomic::AtomicU64::new(0),
            #[cfg(test)]
            commit_early: std::sync::atomic::AtomicBool::new(false),
        }
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Opens a pack that is not installed yet, to see that it can be served.
    pub(crate) fn try_open(&self, pack: &Installed) -> Result<(), LibraryError> {
        Pack::open(
            &self.layout,
            pack.summary.clone(),
            pack.index,
            &self.clusters,
        )
        .map(drop)
    }

    /// Makes `installed` what readers see from now on. A pack that cannot be opened is left out and named in the log; `verify` names
    /// it too.
    pub(crate) fn publish(&self, installed: &[Installed]) {
        let before = self.snapshot();
        let mut packs = BTreeMap::new();
        for line in installed {
            let id = &line.summary.id;
            let kept = before
                .packs
                .get(id)
                .filter(|pack| pack.index_hash() == line.index);
            let opened = match kept {
                Some(pack) => Ok(Arc::clone(pack)),
                None => Pack::open(
                    &self.layout,
                    line.summary.clone(),
                    line.index,
                    &self.clusters,
                )
                .map(Arc::new),
            };
            match opened {
                Ok(pack) => drop(packs.insert(id.clone(), pack)),
                Err(error) => tracing::warn!(event = "library.pack_unreadable", pack = %id, %error),
            }
        }
        let mut summaries: Vec<_> = packs.values().map(|pack| pack.summary().clone()).collect();
        summaries.sort_by_cached_key(|summary| (summary.title.to_lowercase(), summary.id.clone()));
        let next = Snapshot {
            summaries: summaries.into(),
            packs,
            installed: installed.to_vec(),
        };
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
    }

    /// A point at which tests cut the power.
    #[cfg(not(test))]
    pub(crate) fn step(&self) -> Result<(), LibraryError> {
        Ok(())
    }

    /// Fails for good once the count given by the test has run out: from then on nothing of a change happens any more.
    #[cfg(test)]
    pub(crate) fn step(&self) -> Result<(), LibraryError> {
        use std::sync::atomic::Ordering::SeqCst;
        match self.cut_after.load(SeqCst) {
            0 => Ok(()),
            1 => Err(LibraryError::Stopped),
            n => {
                self.cut_after.store(n - 1, SeqCst);
                Ok(())
            }
        }
    }
}
