//! The booted image: `make test-image`. Each suite says what it proves and how it knows that it would notice.
//!
//! | suite | proves |
//! |---|---|
//! | `air` | the radio and its class, in the small guest: thirty devices come, the next is sent off; the air comes back after every fault |
//! | `air_boot` | the booted image is on the air by itself, below its sandbox; from power-on to the first beacon |
//! | `first_life` | first boot to first page, data grown; an ordinary reboot writes no boot choice; an empty battery switches off cleanly |
//! | `broken_slot` | a new system that panics, dies, never gets well or hangs is left for the old one, and people are told why |
//! | `power_cuts_at_start` | twenty cuts in a row before the box is well change nothing |
//! | `power_cuts_of_the_choice` | no cut while the boot choice is written leaves a disk that does not boot |
//! | `damaged_root` | one flipped bit in the running system: refused, the other slot takes over |
//! | `hung_system` | the hardware watchdog resets a machine that hangs |
//! | `guest_rig` | the small x86 guest: scripts come back with what they said, a hang or a death is told |
//! | `air_cell` | a cell by the box's own code: phones in, one too many refused, guests, power, each rung, what a country forbids |
//! | `radio_facts` | radios, the rules of countries, scans, power and stations as the kernel has them, beside `iw`; a kernel that does not follow is caught |
//! | `smbus` | the drivers of gauge and clock at chips of the kernel's own making: what they read, and every call they make |
//! | `stick` | a stick that comes is mounted to be read and nothing more, for the supervisor alone; pulled out, it is gone; a box's own disk is none |
//! | `update_over_http` | one whole update over a slow network with two power cuts; a server that lies; a release that never gets well is left |
//! | `console` | the technician's console on the serial line at 80x24: every page, the supervisor stopped, killed and masked; a paste; it comes back by itself |
//! | `lights` | the twelve states of the light panel, each by its real cause |
//! | `packed_card` | a card of `depot card write` serves its library from the first power-on, imports nothing, and grows |
//! | `bad_card` | a small card, lost or full data, an unreadable configuration, an unknown board: the box serves and says so |
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod air;
mod air_boot;
mod air_cell;
mod bad_card;
mod broken_slot;
mod console;
mod damaged_root;
mod first_life;
mod guest_rig;
mod hung_system;
mod lights;
mod packed_card;
mod power_cuts_at_start;
mod power_cuts_of_the_choice;
mod radio_facts;
mod smbus;
mod stick;
mod stick_records;
mod stored;
mod update_over_http;
