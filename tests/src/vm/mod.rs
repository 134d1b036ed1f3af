//! The booted image: the disk that `make image` made, in a virtual machine with the real boot loader, kernel and system.
//!
//! ```text
//!   Made ── what `make image` left: disk, boot loader, parts of a slot
//!     └─► Card: a copy of 8 GB that a test may fill, break, compare, cut the power of
//!           │    └── Bench: a folder both sides see: the simulated board, and commands for a shell inside
//!           └─► Launch ── boot() ──► Vm: serial line, HTTP, commands inside, power cuts
//! ```
//!
//! The image itself stays as it is shipped: what a test needs inside (the folder's mount, the shell, the simulated board in the
//! supervisor's arguments) rides in its initramfs, appended to that of a boot area, and is laid over the root in memory.
//!
//! | file | is |
//! |---|---|
//! | `made` | what `make image` made |
//! | `card` | the disk of one box: its partitions, slots and boot choice |
//! | `superblock` | what the file system on the data partition says of itself |
//! | `inside` | what is laid over a slot: units and scripts |
//! | `beacon` | from power-on to the first beacon |
//! | `bench` | the folder both sides see |
//! | `serial` | the log of the serial line |
//! | `launch`, `machine` | QEMU |
//! | `usb` | sticks that come and go |
//! | `guest` | another machine, x86 and without a disk: for chips and radios that are not there |

mod beacon;
mod bench;
mod card;
mod guest;
mod inside;
mod launch;
mod machine;
mod made;
mod serial;
mod superblock;
mod usb;

pub use beacon::FirstBeacon;
pub use bench::Bench;
pub use card::{Card, Part};
pub use guest::{Guest, RunningGuest, Said};
pub use inside::Inside;
pub use launch::Launch;
pub use machine::{BOOT, Vm};
pub use made::Made;
pub use serial::{Mark, Serial};
pub use superblock::Superblock;
