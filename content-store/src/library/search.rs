//! Search over every pack: each pack ranks its own pages, then the lists are merged.

use super::error::LibraryError;
use super::model::Hit;
use super::shared::Snapshot;
use super::words;

/// Deepest result that can be asked for; nobody on a phone reads further.
const DEPTH_MAX: usize = 500;

/// bm25 counts rarity within one pack, so scores of two packs cannot be compared as they are: in a pack of twenty pages nothing is rare.
/// Each pack's scores are taken relative to its best, and what the title says counts across packs.
pub(crate) fn search(
    snapshot: &Snapshot,
    query: &str,
    limit: usize,
    offset: usize,
) -> Result<Vec<Hit>, LibraryError> {
    let depth = offset.saturating_add(limit).min(DEPTH_MAX);
    let Some(expression) = words::match_expression(query) else {
        return Ok(Vec::new());
    };
    if depth <= offset {
        return Ok(Vec::new());
    }
    let mut ranked = Vec::new();
    let mut failure = None;
    for pack in snapshot.packs.values() {
        let matches = match pack.search(&expression, depth) {
            Ok(matches) => matches,
            Err(error) => {
                tracing::warn!(event = "library.search_failed", pack = %pack.summary().id, %error);
                failure = Some(error);
                continue;
            }
        };
        let best = matches
            .first()
            .map_or(1.0, |first| first.score.abs().max(f64::MIN_POSITIVE));
        for found in matches {
            let rank = 0.5 * (found.score.abs() / best) + found.title_fit(query);
            let summary = pack.summary();
            let hit = Hit {
                pack: summary.id.clone(),
                pack_title: summary.title.clone(),
                path: found.path,
                title: found.title,
                summary: found.summary,
            };
            ranked.push((rank, hit));
        }
    }
    if let (true, Some(error)) = (ranked.is_empty(), failure) {
        return Err(error);
    }
    // Stable: equal ranks keep the order of packs and of bm25.
    ranked.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    Ok(ranked
        .into_iter()
        .skip(offset)
        .take(limit)
        .map(|(_, hit)| hit)
        .collect())
}
