//! What the rig needs from the machine.

use crate::need::{self, Met};
use std::path::Path;

const TOOLS: [(&str, &str); 7] = [
    ("qemu-storage-daemon", "qemu-system-common"),
    ("losetup", "mount"),
    ("mount", "mount"),
    ("umount", "mount"),
    ("mkfs.ext4", "e2fsprogs"),
    ("setpriv", "util-linux"),
    ("strace", "strace"),
];

/// Whether `test` can have a lying disk here; `None` (and a visible `SKIPPED: …`) when something is missing.
#[must_use]
pub fn usable(test: &str) -> Met<()> {
    need::root(test)?;
    for device in ["/dev/fuse", "/dev/loop-control"] {
        if !Path::new(device).exists() {
            return need::skip(
                test,
                &format!("no {device}"),
                "run where the kernel offers it",
            );
        }
    }
    TOOLS
        .iter()
        .try_for_each(|(name, package)| need::program(test, name, package).map(drop))
}

/// How many crash states a suite should try: `POWER_CUT_STATES` of the environment, or `usual`.
#[must_use]
pub fn states_wanted(usual: usize) -> usize {
    std::env::var("POWER_CUT_STATES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usual)
}
