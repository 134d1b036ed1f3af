//! How a thread stands behind the others for processor and disk.

use nix::libc::{PRIO_PROCESS, SYS_gettid, SYS_ioprio_set, c_long, setpriority, syscall};

/// `nice` of the lowest rank.
const NICEST: i32 = 19;
/// `IOPRIO_WHO_PROCESS` and `IOPRIO_CLASS_IDLE` (`linux/ioprio.h`): the disk when nobody else wants it.
const WHO_PROCESS: c_long = 1;
const CLASS_IDLE: c_long = 3 << 13;

/// This thread works when no other thread wants processor or disk. Where the system does not let it, it works as the others do.
pub fn lowest() {
    #[allow(unsafe_code, reason = "calls that take numbers alone")]
    // SAFETY: none of them takes or keeps memory of ours.
    unsafe {
        let thread = u32::try_from(syscall(SYS_gettid)).unwrap_or(0);
        let _ = setpriority(PRIO_PROCESS, thread, NICEST);
        let _ = syscall(SYS_ioprio_set, WHO_PROCESS, 0 as c_long, CLASS_IDLE);
    }
}
