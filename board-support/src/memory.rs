//! How the allocator keeps what is free.

use nix::libc::{M_MMAP_THRESHOLD, mallopt};

/// What is larger, bytes, goes back to the kernel as soon as it is free. What the web server reads at once is smaller: that is kept.
const GIVEN_BACK: i32 = 1024 * 1024;

/// Buffers of some MiB, as an update takes them one after the other, are given back at once. Without a word glibc raises its threshold to the
/// largest that was freed, 32 MiB at most, and keeps holes of that size (`mallopt(3)`, `M_MMAP_THRESHOLD`); a box has 1 GB for everything.
pub fn give_back_large_buffers() {
    #[allow(
        unsafe_code,
        reason = "a call without memory of ours; before the program has another thread"
    )]
    // SAFETY: `mallopt` takes two numbers and keeps them.
    let taken = unsafe { mallopt(M_MMAP_THRESHOLD, GIVEN_BACK) };
    // It costs memory alone where it is not taken.
    let _ = taken;
}
