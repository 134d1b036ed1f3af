//! Runs a check over many crash images.

use super::cut::Cut;
use super::lying::Recording;
use super::mounted::MountedImage;
use super::replay::Replayer;
use anyhow::{Context as _, Result};
use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

/// A cut after which something was not as promised.
#[derive(Debug)]
pub struct Failure {
    /// The cut.
    pub cut: Cut,
    /// What was wrong.
    pub error: anyhow::Error,
}

/// What a check of many cuts came to.
#[derive(Debug)]
pub struct Survey {
    /// Crash images that were made, mounted and checked.
    pub states: usize,
    /// Those of them that failed.
    pub failures: Vec<Failure>,
    /// How long it took.
    pub took: Duration,
}

impl fmt::Display for Survey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { states, failures, took } = self;
        write!(f, "{states} crash states, {} failed, {:.1} s", failures.len(), took.as_secs_f64())?;
        for Failure { cut, error } in failures.iter().take(5) {
            write!(f, "\n  {cut:?}: {error:#}")?;
        }
        Ok(())
    }
}

/// Mounts the image of every cut and gives it to `check`, read-write. An image that cannot be mounted is a
/// failure of that cut, too.
///
/// # Errors
/// When the rig itself fails.
pub fn survey(
    recording: &Recording,
    cuts: &[Cut],
    mut check: impl FnMut(&Path, Cut) -> Result<()>,
) -> Result<Survey> {
    let started = Instant::now();
    let mut replayer = Replayer::new(recording)?;
    let image = recording.scratch().join("crash.img");
    let folder = recording.scratch().join("crash");
    let mut failures = Vec::new();
    for &cut in cuts {
        replayer.image(cut, &image)?;
        let mounted = match MountedImage::mount(&image, &folder) {
            Ok(mounted) => mounted,
            Err(error) => {
                failures.push(Failure { cut, error });
                continue;
            }
        };
        if let Err(error) = check(mounted.folder(), cut) {
            failures.push(Failure { cut, error });
        }
        mounted.unmount().with_context(|| format!("after {cut:?} the check left files open"))?;
    }
    Ok(Survey { states: cuts.len(), failures, took: started.elapsed() })
}
