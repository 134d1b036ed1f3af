//! The booted image: `make test-image`. Each suite says what it proves and how it knows that it would notice.
//!
//! | suite | proves |
//! |---|---|
//! | `first_life` | first boot to first page, data grown; an ordinary reboot writes no boot choice; an empty battery switches off cleanly |
//! | `broken_slot` | a new system that panics, dies, never gets well or hangs is left for the old one, and people are told why |
//! | `power_cuts_at_start` | twenty cuts in a row before the box is well change nothing |
//! | `power_cuts_of_the_choice` | no cut while the boot choice is written leaves a disk that does not boot |
//! | `damaged_root` | one flipped bit in the running system: refused, the other slot takes over |
//! | `hung_system` | the hardware watchdog resets a machine that hangs |
//! | `guest_rig` | the small x86 guest: scripts come back with what they said, a hang or a death is told |
//! | `smbus` | the drivers of gauge and clock at chips of the kernel's own making: what they read, and every call they make |
//! | `bad_card` | a small card, lost or full data, an unreadable configuration, an unknown board: the box serves and says so |
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod bad_card;
mod broken_slot;
mod damaged_root;
mod first_life;
mod guest_rig;
mod hung_system;
mod power_cuts_at_start;
mod power_cuts_of_the_choice;
mod smbus;
mod stored;
