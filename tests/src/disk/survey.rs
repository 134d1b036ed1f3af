//! Runs a check over many crash images.

use super::cut::Cut;
use super::mounted::MountedImage;
use super::recording::Recording;
use super::replay::{Replayer, copy_sparse};
use anyhow::{Context as _, Result};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Failing images that `POWER_CUT_KEEP` keeps of one survey.
const KEPT: usize = 3;

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
        let Self {
            states,
            failures,
            took,
        } = self;
        write!(
            f,
            "{states} crash states, {} failed, {:.1} s",
            failures.len(),
            took.as_secs_f64()
        )?;
        for Failure { cut, error } in failures.iter().take(5) {
            write!(f, "\n  {cut:?}: {error:#}")?;
        }
        Ok(())
    }
}

/// Mounts the image of every cut and gives it to `check`, read-write. An image that cannot be mounted is a
/// failure of that cut, too.
///
/// Two recordings are never quite the same: with `POWER_CUT_KEEP=FOLDER` in the environment the first failing images
/// are kept there, as the cut left them, to be mounted and looked at.
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
    let mut failures: Vec<Failure> = Vec::new();
    for &cut in cuts {
        replayer.image(cut, &image)?;
        if let Err(error) = checked(&image, &folder, cut, &mut check)? {
            if failures.len() < KEPT
                && let Some(place) = std::env::var_os("POWER_CUT_KEEP").map(PathBuf::from)
            {
                replayer.image(cut, &image)?;
                let name = format!(
                    "cut-{}-{}-{}.img",
                    std::process::id(),
                    cut.at.0,
                    failures.len()
                );
                copy_sparse(&image, &place.join(name))?;
            }
            failures.push(Failure { cut, error });
        }
    }
    Ok(Survey {
        states: cuts.len(),
        failures,
        took: started.elapsed(),
    })
}

/// What the check says of one image. The outer error is the rig's.
fn checked(
    image: &Path,
    folder: &Path,
    cut: Cut,
    check: &mut impl FnMut(&Path, Cut) -> Result<()>,
) -> Result<Result<()>> {
    let mounted = match MountedImage::mount(image, folder) {
        Ok(mounted) => mounted,
        Err(error) => return Ok(Err(error)),
    };
    let verdict = check(mounted.folder(), cut);
    mounted
        .unmount()
        .with_context(|| format!("after {cut:?} the check left files open"))?;
    Ok(verdict)
}
