//! The open log that systemd hands over (`OpenFile=`): descriptors from 3 on, their names in `LISTEN_FDNAMES` (sd_listen_fds_with_names(3)).

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};

/// As the unit calls it.
const NAME: &str = "kernel-log";
/// Of the first descriptor (`SD_LISTEN_FDS_START`).
const FIRST: RawFd = 3;

static TAKEN: AtomicBool = AtomicBool::new(false);

/// The log, where the service was given one; once in the life of a process. Its daemons do not get it.
#[expect(
    clippy::disallowed_methods,
    reason = "systemd's word to this process, and no configuration"
)]
#[allow(
    unsafe_code,
    reason = "a descriptor that came with the process has no safe constructor"
)]
pub(in crate::radio) fn kernel_log() -> Option<OwnedFd> {
    let told = |name| std::env::var(name).unwrap_or_default();
    let descriptor = place(
        std::process::id(),
        &told("LISTEN_PID"),
        &told("LISTEN_FDS"),
        &told("LISTEN_FDNAMES"),
    )?;
    if TAKEN.swap(true, Ordering::SeqCst) {
        return None;
    }
    // SAFETY: systemd says that this descriptor is open and this process's, nothing else here takes it, and it is taken once.
    let log = unsafe { OwnedFd::from_raw_fd(descriptor) };
    fcntl(&log, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))
        .is_ok()
        .then_some(log)
}

/// Its number, if it is for this process at all.
fn place(own: u32, pid: &str, count: &str, names: &str) -> Option<RawFd> {
    let count: RawFd = count.parse().ok()?;
    (pid.parse() == Ok(own)).then_some(())?;
    let at = names.split(':').position(|name| name == NAME)?;
    let at = RawFd::try_from(at).ok().filter(|at| *at < count)?;
    FIRST.checked_add(at)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_log_is_the_descriptor_of_its_name_and_this_process() {
        let table = [
            ("42", "1", "kernel-log", Some(3)),
            ("42", "3", "http:kernel-log:x", Some(4)),
            ("41", "1", "kernel-log", None),
            ("42", "1", "http", None),
            ("42", "1", "http:kernel-log", None),
            ("42", "-1", "kernel-log", None),
            ("", "", "", None),
        ];
        for (pid, count, names, place) in table {
            assert_eq!(super::place(42, pid, count, names), place, "{names}");
        }
    }
}
